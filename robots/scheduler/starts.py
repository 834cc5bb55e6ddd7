"""What becomes of a schedule's starts. One look is one transaction, and the schedule's row lets in one look at a time.

Every start that has come has a row: it is ``due`` until its runs are asked for (``started``), or it is ``missed``,
``skipped``, or ``asked`` about. So that nothing is started twice or lost, whoever looks, and however late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from robots.scheduler.history import pauses_of
from robots.scheduler.schedule import Schedule
from robots.scheduler.when import Start
from robots.store.schema import runs, schedules, start_runs, starts
from robots.workdays import Calendar

# A start that is seen later than this was missed: whoever should have made it was not running.
LATE = timedelta(seconds=60)
OPEN_STATES = ("queued", "running", "waiting_approval")
BY_CLOCK = "klockan"


class CannotStart(Exception):
    """What the schedule asks for cannot be asked for as things are; its words say what to mend."""


@dataclass(frozen=True)
class Fate:
    """What becomes of a start, and why."""

    start: Start
    state: str
    reason: str = ""


def fates(schedule: Schedule, found: Iterable[Start], now: datetime) -> list[Fate]:
    """What becomes of starts that have come, by the schedule's own rule for those that come too late."""
    ordered = sorted(found)
    late = [start for start in ordered if now - start.due > LATE]
    on_time = [Fate(start, "due") for start in ordered[len(late) :]]
    return late_fates(schedule, late, "Ingen schemaläggare var igång då.", another_comes=bool(on_time)) + on_time


def late_fates(schedule: Schedule, late: list[Start], why: str, *, another_comes: bool) -> list[Fate]:
    """By the schedule's rule, and ``why`` they are late. ``another_comes``: there is one on time as well."""
    states = {"skip": "missed", "ask": "asked", "run-all": "due", "run-once": "missed"}
    told = [Fate(start, states[schedule.missed], why) for start in late]
    if schedule.missed != "run-once" or not late:
        return told
    told = [Fate(start, "missed", f"{why} En senare start gäller i stället.") for start in late]
    return told if another_comes else [*told[:-1], Fate(late[-1], "due", why)]


def mark_started(connection: Connection, start: Row[Any], asked: list[int], now: datetime, *, by: str) -> None:
    """The start has been made, and these are its runs."""
    connection.execute(insert(start_runs), [{"start_id": start.id, "run_id": run_id} for run_id in asked])
    changed = {"state": "started", "waits_for": "", "by": by, "started_at": now}
    connection.execute(update(starts).where(starts.c.id == start.id).values(**changed))


class Look:
    """One look at one schedule, in an open transaction. ``ask`` asks for what a start wants, and tells the runs' ids.

    ``ask`` raises ``CannotStart``.
    """

    def __init__(
        self,
        connection: Connection,
        schedule: Schedule,
        calendar: Calendar,
        now: datetime,
        ask: Callable[[Schedule, Row[Any]], list[int]],
    ) -> None:
        self.connection = connection
        self.schedule = schedule
        self.calendar = calendar
        self.now = now
        self.ask = ask

    def look(self) -> None:
        """Note what has come since the last look, and start what may start."""
        self.note_new()
        for row in self._still_due(self._due()):
            try:
                self._start_if_possible(row)
            except CannotStart as error:  # what ails one ails all of them
                self._wait_for_mending(str(error))
                break

    def note_new(self) -> None:
        """A row for every start that has come, and how far it has been looked. A clock set back looks at nothing."""
        since = self.connection.execute(
            select(schedules.c.looked_until).where(schedules.c.name == self.schedule.name).with_for_update()
        ).scalar_one()
        if self.now <= since:
            return
        found = self.schedule.when.starts(since, self.now, self.calendar)
        paused = self._pause
        held = [start for start in found if paused and start.due >= paused.since]
        told = fates(self.schedule, [start for start in found if start not in held], self.now)
        if paused:
            told += [Fate(start, "skipped", f"Pausat av {paused.by}: {paused.reason}") for start in held]
        self._write(told)
        self.connection.execute(
            update(schedules).where(schedules.c.name == self.schedule.name).values(looked_until=self.now)
        )

    @cached_property
    def _pause(self) -> Row[Any] | None:
        return pauses_of(self.connection, [self.schedule.name]).get(self.schedule.name)

    def _write(self, told: list[Fate]) -> None:
        if told:
            self.connection.execute(
                insert(starts),
                [
                    {"schedule": self.schedule.name, "local_time": fate.start.local, "due_at": fate.start.due,
                     "state": fate.state, "reason": fate.reason, "by": BY_CLOCK}
                    for fate in told
                ],
            )  # fmt: skip

    def _due(self) -> list[Row[Any]]:
        due = starts.c.schedule == self.schedule.name, starts.c.state == "due"
        return list(self.connection.execute(select(starts).where(*due).order_by(starts.c.due_at)))

    def _still_due(self, due: list[Row[Any]]) -> list[Row[Any]]:
        """Without what could not be asked for in time, and was missed as well.

        It must not all start the moment it is mended.
        """
        late = [row for row in due if row.waits_for == "mending" and self.now - row.due_at > LATE]
        rows = {Start(row.due_at, row.local_time): row for row in late}
        gone = []
        for fate in late_fates(self.schedule, list(rows), "Gick inte att starta i tid.", another_comes=False):
            row = rows[fate.start]
            if fate.state != "due":
                self._change(row, state=fate.state, waits_for="", reason=f"{fate.reason} {row.reason}")
                gone.append(row.id)
        return [row for row in due if row.id not in gone]

    def _start_if_possible(self, row: Row[Any]) -> None:
        late = self.now - row.due_at > LATE
        if self._pause:
            return
        if late and not self.schedule.when.allows(self.now, self.calendar):
            self._wait(row, "hours", "Startar när schemats dagar och tider tillåter det.")
            return
        before = None if self.schedule.overlap == "parallel" else self._still_at_work()
        if before and self.schedule.overlap == "skip":
            self._change(row, state="skipped", waits_for="", reason=f"K-{before} från starten före pågår ännu.")
            return
        if before and self.schedule.overlap == "wait":
            self._wait(row, "previous", f"Väntar på K-{before} från starten före.")
            return
        mark_started(self.connection, row, self.ask(self.schedule, row), self.now, by=row.by)

    def _still_at_work(self) -> int | None:
        """A run of an earlier start that has not ended."""
        return self.connection.execute(
            select(func.min(runs.c.id))
            .join(start_runs, start_runs.c.run_id == runs.c.id)
            .join(starts, starts.c.id == start_runs.c.start_id)
            .where(starts.c.schedule == self.schedule.name, runs.c.state.in_(OPEN_STATES))
        ).scalar()

    def _wait_for_mending(self, words: str) -> None:
        all_due = starts.c.schedule == self.schedule.name, starts.c.state == "due", starts.c.reason != words
        self.connection.execute(update(starts).where(*all_due).values(waits_for="mending", reason=words))

    def _wait(self, row: Row[Any], what_for: str, words: str) -> None:
        if (row.waits_for, row.reason) != (what_for, words):
            self._change(row, waits_for=what_for, reason=words)

    def _change(self, row: Row[Any], **values: Any) -> None:
        self.connection.execute(update(starts).where(starts.c.id == row.id).values(**values))
