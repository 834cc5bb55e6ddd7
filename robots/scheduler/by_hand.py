"""What a person does with a schedule: start it now, make a start that was missed after all, let one go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from robots.errors import WrongInput
from robots.local_time import on_the_wall
from robots.queue.pauses import schedule_scope, write_order
from robots.scheduler.schedule import Schedule
from robots.scheduler.scheduler import Scheduler
from robots.scheduler.starts import CannotStart, mark_started
from robots.store.schema import starts

# What may be made after all; what is due comes by itself, and what has started has started.
NOT_MADE = ("missed", "asked", "skipped")


def start_now(scheduler: Scheduler, name: str, *, by: str, at: datetime | None = None, reason: str = "") -> list[int]:
    """Ask for the schedule's runs now, whatever its rules say: as a start of its own, or as the one of ``at``.

    ``at`` is a time on the wall. Returns the runs' ids. Raises ``WrongInput`` for a schedule or a start that there is
    not, and when it cannot be asked for.
    """
    with scheduler.store.begin() as connection:
        schedule = scheduler.find(connection, name)
        row = (
            _made_now(connection, schedule, scheduler.now(connection), by) if at is None else _row(connection, name, at)
        )
        try:
            asked = scheduler.ask_in(connection)(schedule, row)
        except CannotStart as error:
            raise WrongInput("Schema", name, str(error)) from None
        mark_started(connection, row, asked, scheduler.now(connection), by=by)
        told = {"at": row.local_time.isoformat(" ", "minutes"), "runs": [f"K-{run}" for run in asked]}
        write_order(connection, "start now", schedule_scope(name), by, reason, **told)
    return asked


def let_go(scheduler: Scheduler, name: str, *, by: str, reason: str) -> int:
    """Make none of the starts that the schedule asks about. Returns how many they were."""
    with scheduler.store.begin() as connection:
        scheduler.find(connection, name)
        asked_about = starts.c.schedule == name, starts.c.state == "asked"
        words = f"{by} lät den vara: {reason}"
        gone = connection.execute(update(starts).where(*asked_about).values(state="skipped", reason=words)).rowcount
        if gone:
            write_order(connection, "let go", schedule_scope(name), by, reason, starts=gone)
    return gone


def note_what_came(scheduler: Scheduler, name: str) -> None:
    """Before a paused schedule is let go on: what has come until now was paused, also where nobody has looked."""
    with scheduler.store.begin() as connection:
        scheduler.look_in(connection, scheduler.find(connection, name)).note_new()


def _made_now(connection: Connection, schedule: Schedule, now: datetime, by: str) -> Row[Any]:
    values = {"schedule": schedule.name, "local_time": on_the_wall(now), "due_at": now, "state": "due", "by": by}
    return connection.execute(insert(starts).values(**values).returning(starts)).one()


def _row(connection: Connection, name: str, at: datetime) -> Row[Any]:
    wanted = select(starts).where(starts.c.schedule == name, starts.c.local_time == at).with_for_update()
    row = connection.execute(wanted).first()
    if row is None:
        raise WrongInput(
            "--at", f"{at:%Y-%m-%d %H:%M}", f"Schemat {name} har ingen start då. Se: ragnhild schedules {name}"
        )
    if row.state not in NOT_MADE:
        raise WrongInput("--at", f"{at:%Y-%m-%d %H:%M}", "Den starten är redan gjord, eller på väg.")
    return row
