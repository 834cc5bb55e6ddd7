"""Years of schedules on a clock that a test sets, with schedulers that are away, restarted, two, or have a wrong clock.

What should have started is reckoned here a second time, day by day in the plainest way, by nothing of the scheduler's.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection, func, select

from robots.scheduler.scheduler import Scheduler
from robots.store.schema import start_runs, starts
from tests.unit.timetable import Timetable

ZONE = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)
FREE = holidays.country_holidays("SE", years=range(2020, 2040), categories=("public", "de_facto"))
RED = holidays.country_holidays("SE", years=range(2020, 2040), categories=("public",))
NIGHTLY = "nightly"
# Who is away for days is late for the next time away: so much room is left at the end.
SPARE = 2
# Name, [when], and what it means for one day: the times at which it starts.
KINDS: dict[str, str] = {
    NIGHTLY: 'cron = "30 2 * * *"',
    "office": 'cron = "0 6 * * *"\ndays = "workdays"',
    "careful": 'cron = "0 6 * * *"\ndays = "workdays"\nnever = ["before-red", "squeeze"]',
    "black": 'cron = "15 12 * * *"\nnever = ["red"]',
    "often": 'every = "4 hours"\nhours = "06:00-22:00"',
    "fortnightly": 'every = "2 weeks"\nstarting = 2026-01-01\nat = ["05:30"]',
    "monthly": 'workday_of_month = 2\nat = ["07:15"]',
    "last": 'workday_of_month = -1\nat = ["16:00"]',
    "once": "on = [2026-10-25T02:30:00, 2027-03-28T02:30:00]",
}


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in FREE


def wanted_on(kind: str, day: date) -> list[time]:
    """What starts on a day."""
    before_red, squeezed = day + DAY in RED, works(day) and not works(day - DAY) and not works(day + DAY)
    month = [d for d in (day.replace(day=1) + n * DAY for n in range(31)) if d.month == day.month and works(d)]
    rules: dict[str, tuple[bool, list[str]]] = {
        NIGHTLY: (True, ["02:30"]),
        "office": (works(day), ["06:00"]),
        "careful": (works(day) and not before_red and not squeezed, ["06:00"]),
        "black": (day.weekday() != 6 and day not in RED, ["12:15"]),
        "often": (True, ["06:00", "10:00", "14:00", "18:00"]),
        "fortnightly": ((day - date(2026, 1, 1)).days % 14 == 0 and day >= date(2026, 1, 1), ["05:30"]),
        "monthly": (month[1] == day, ["07:15"]),
        "last": (month[-1] == day, ["16:00"]),
        "once": (day in (date(2026, 10, 25), date(2027, 3, 28)), ["02:30"]),
    }
    holds, times = rules[kind]
    return [time.fromisoformat(told) for told in times] if holds else []


def wanted(first: date, last: date) -> Counter[tuple[str, datetime]]:
    """Every start of every kind from the first day's noon until the last one's, by the time on the wall, once each."""
    found: Counter[tuple[str, datetime]] = Counter()
    noon = time(12)
    begin, end = datetime.combine(first, noon), datetime.combine(last, noon)
    day = first
    while day <= last:
        for kind in KINDS:
            locals_ = [datetime.combine(day, told) for told in wanted_on(kind, day)]
            found.update((kind, local) for local in locals_ if begin < local <= end)
        day += DAY
    return found


@dataclass
class Years:
    """A scheduler's life from one day's noon until another's."""

    timetable: Timetable
    seed: int
    restarts: int
    looks: int = 0
    away: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        for name, when in KINDS.items():
            rules = 'missed = "run-all"\noverlap = "parallel"\n'
            inputs = "[inputs]\nnumber = 1\n"
            self.timetable.write(f'title = "Prov"\ntask = "count"\n{rules}[when]\n{when}\n{inputs}', name)

    def live(self, first: date, last: date) -> None:
        """Looks every few hours, with exactly as many times away as asked for, of minutes or days."""
        now, end = _noon(first), _noon(last)
        gap = (end - now) / (self.restarts + SPARE)
        next_away = now + gap * self.chance.random()
        self._look(now)
        while now < end:
            now += timedelta(minutes=self.chance.uniform(60, 3600))
            if now > next_away and len(self.away) < self.restarts:
                back = now + timedelta(hours=self.chance.choice([0.05, 1, 5, 30, 80]))
                self.away.append((now, back))
                now, next_away = back, next_away + gap
            self._look(min(now, end))

    def _look(self, now: datetime) -> None:
        """Now and then by a second scheduler too, and now and then with a clock that is an hour slow."""
        if self.chance.random() < 0.1:
            self._look_at(now - timedelta(hours=1))
        for _ in range(1 + (self.chance.random() < 0.1)):
            self._look_at(now)

    def _look_at(self, now: datetime) -> None:
        self.looks += 1

        def clock(_: Connection) -> datetime:
            return now

        Scheduler(self.timetable.settings, self.timetable.store, now=clock).look_round()

    def started(self) -> Counter[tuple[str, datetime]]:
        """Every run that was asked for, by what it was asked for by."""
        counted = (
            select(starts.c.schedule, starts.c.local_time, func.count())
            .join(start_runs, start_runs.c.start_id == starts.c.id)
            .group_by(starts.c.schedule, starts.c.local_time)
        )
        with self.timetable.store.begin() as connection:
            return Counter({(row[0], row[1]): row[2] for row in connection.execute(counted)})

    def by_apscheduler(self, first: date, last: date) -> Counter[tuple[str, datetime]]:
        """The control: what APScheduler alone would have started every night, were it away at the same times."""
        trigger: Any = CronTrigger.from_crontab("30 2 * * *", timezone=ZONE)  # type: ignore[no-untyped-call]
        found: Counter[tuple[str, datetime]] = Counter()
        now, end = _noon(first), _noon(last)
        while (fires := trigger.get_next_fire_time(None, now.astimezone(ZONE))) and fires <= end:
            if not any(begin < fires.astimezone(UTC) < back for begin, back in self.away):
                found[NIGHTLY, datetime.combine(fires.date(), time(2, 30))] += 1
            now = fires.astimezone(UTC) + timedelta(seconds=1)
        return found


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZONE).astimezone(UTC)
