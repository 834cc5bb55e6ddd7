"""Starts of schedules in a database that was made of a backup: what came since then may have been made already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from robots.errors import ConfigurationError
from robots.scheduler.schedule import Schedule, parse_schedule
from robots.scheduler.scheduler import database_time
from robots.scheduler.starts import CannotStart, Look
from robots.store.schema import schedules, starts
from robots.workdays import Calendar


def ask_about_what_came(connection: Connection, *, calendar: Calendar, reason: str) -> int:
    """Let a person say what becomes of every start since the backup was made, and of those not made yet then.

    To be called in the transaction that fills the database.

    Whatever a schedule's own rule for missed starts: that is for times when nobody was there to make them, and somebody
    was. Returns how many starts are asked about. The schedules are those that the database knows of.
    """
    now = database_time(connection)
    for row in connection.execute(select(schedules).where(schedules.c.gone.is_(False))).all():
        try:
            schedule = parse_schedule(row.name, row.written, Path(f"{row.name}.toml"))
        except ConfigurationError:  # written for an older program: what it would have started cannot be known
            connection.execute(update(schedules).where(schedules.c.name == row.name).values(looked_until=now))
            continue
        asking = schedule.model_copy(update={"missed": "ask"})
        Look(connection, asking, calendar, now, _start_nothing).note_new()
    noted_here = starts.c.noted_at >= func.now()  # which is when this transaction began
    came = or_(starts.c.state == "due", (starts.c.state == "asked") & noted_here)
    asked = {"state": "asked", "waits_for": "", "reason": reason}
    return connection.execute(update(starts).where(came).values(asked)).rowcount


def _start_nothing(schedule: Schedule, _: Row[Any]) -> list[int]:
    raise CannotStart(f"{schedule.name} is only looked at")
