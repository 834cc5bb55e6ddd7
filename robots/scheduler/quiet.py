"""The schedules at which nothing has come: with hundreds of them, nearly all of them at nearly every look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from robots.scheduler.known import Known
from robots.scheduler.schedule import Schedule
from robots.store.schema import schedules, starts
from robots.workdays import Calendar


def pass_over_quiet(connection: Connection, known: Known, calendar: Calendar, now: datetime) -> list[Schedule]:
    """Those that want a look: something has come, or waits. The others have been looked at until now.

    To be called in the transaction that has taken note of them: nobody else looks at them meanwhile.
    """
    waiting = set(connection.execute(select(starts.c.schedule).where(starts.c.state == "due").distinct()).scalars())
    wanting: list[Schedule] = []
    quiet: list[Schedule] = []
    for schedule in known.schedules:
        since = known.looked_until.get(schedule.name)
        if since is None:  # another scheduler may have seen it a moment before, and have noted more than is known here
            continue
        came = schedule.name in waiting or (since < now and schedule.when.starts(since, now, calendar))
        (wanting if came else quiet).append(schedule)
    behind = schedules.c.name.in_([each.name for each in quiet]), schedules.c.looked_until < now
    connection.execute(update(schedules).where(*behind).values(looked_until=now))
    return wanting
