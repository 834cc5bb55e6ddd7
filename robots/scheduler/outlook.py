"""What a schedule will do: its next starts, and the days that it leaves out on the way there, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from robots.local_time import on_the_wall
from robots.scheduler.schedule import Schedule
from robots.scheduler.when import Planned
from robots.workdays import Calendar

# A schedule that does not start within so long does not start.
HORIZON = timedelta(days=2 * 366)
_STRIDE = timedelta(days=28)


def outlook(schedule: Schedule, calendar: Calendar, now: datetime, count: int) -> Iterator[Planned]:
    """The next ``count`` starts, and what is skipped before the last of them; fewer where there are no more."""
    after = on_the_wall(now)
    end = after + HORIZON
    while after < end:
        for planned in schedule.when.planned(after, after + _STRIDE, calendar):
            yield planned
            count -= not planned.skipped
            if not count:
                return
        after += _STRIDE
