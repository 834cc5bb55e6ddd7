"""What becomes of runs in a database that was made of a backup: it does not know what was done after that was made.

What has ended stays as it is. What had not ended may have ended since, in the systems: it waits until a person has
looked it over. When it goes on, each change is looked for by its mark before it is made; a run that may make changes
which leave nothing to look for is a person's at once. Nobody who was at work in the backup is at work now.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.queue.pauses import EVERYTHING, pause_of, write_order
from robots.store.schema import attempts, batches, outcomes, pauses, runs, seat_waits, seats, workers

UNFINISHED = ("queued", "running", "waiting_approval")
KIND = "Återställd från säkerhetskopia"
# What was asked for after the backup had numbers that people have seen, and that evidence lies under: the next ones
# begin so far above that none is given twice.
NUMBERS_LEFT_OUT = 10_000


@dataclass(frozen=True)
class Held:
    """How many runs wait to be looked over, and which of them are a person's."""

    waiting: int
    given_to_person: list[int]


def hold_unfinished(
    connection: Connection, made_at: datetime, *, searchable: Collection[str], by: str, reason: str
) -> Held:
    """Let nothing go on by itself. ``searchable`` are the tasks all of whose changes can be looked for.

    ``made_at`` is when the backup was made, ``reason`` what whoever wonders about the pause gets to read.
    """
    _end_those_at_work(connection)
    for table in (runs, batches):
        _leave_numbers_out(connection, table)
    _pause_everything(connection, by, reason)
    write_order(connection, "restore", made_at.isoformat(" ", "seconds"), by, reason)
    unseeable = select(runs.c.id).where(runs.c.state.in_(UNFINISHED), runs.c.task.not_in(searchable))
    given = list(connection.execute(unseeable.order_by(runs.c.id)).scalars())
    _give_to_person(connection, given, reason)
    held = update(runs).where(runs.c.state.in_(("queued", "running")))
    waiting = connection.execute(held.values(state="queued", held_for=pause_of(connection, "", ()))).rowcount
    approvals = select(func.count()).where(runs.c.state == "waiting_approval")
    return Held(waiting + connection.execute(approvals).scalar_one(), given)


def _end_those_at_work(connection: Connection) -> None:
    """Workers, attempts and seats of then: their processes have nothing to do with this database."""
    ended: dict[str, Any] = {"ended_at": func.clock_timestamp()}
    connection.execute(update(workers).where(workers.c.ended_at.is_(None)).values(ended))
    # By a person's doing, not by a fault of the run's: it counts against nobody.
    of_then = update(attempts).where(attempts.c.ended_at.is_(None))
    connection.execute(of_then.values(ended | {"ending": "held", "error": f"{KIND}."}))
    returned = update(seats).where(seats.c.given_back_at.is_(None))
    connection.execute(returned.values(given_back_at=func.clock_timestamp()))
    connection.execute(delete(seat_waits))
    connection.execute(
        text(
            "select procrastinate_retry_job_v2(id, clock_timestamp(), null, null, null) from procrastinate_jobs"
            " where status = 'doing'"
        )
    )
    connection.execute(text("delete from procrastinate_workers"))


def _leave_numbers_out(connection: Connection, table: Table) -> None:
    beyond = func.coalesce(func.max(table.c.id), 0) + NUMBERS_LEFT_OUT
    connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), beyond)))


def _pause_everything(connection: Connection, by: str, reason: str) -> None:
    paused = upsert(pauses).values(scope=EVERYTHING, by=by, reason=reason, since=func.clock_timestamp())
    # One that held then already held for a reason of its own, which whoever lets it go must still get to read.
    both = {"by": by, "reason": paused.excluded.reason + " Var redan pausat: " + pauses.c.reason}
    connection.execute(paused.on_conflict_do_update(index_elements=["scope"], set_=both))


def _give_to_person(connection: Connection, run_ids: list[int], reason: str) -> None:
    if not run_ids:
        return
    words = f"{reason} Uppgiften kan göra ändringar som inte går att leta efter."
    todo = "Kontrollera i systemen om det redan är gjort. Är det inte det: ragnhild retry på körningen."
    told = [
        {"run_id": run_id, "outcome": "handed_over", "kind": KIND, "reason": words, "todo": todo} for run_id in run_ids
    ]
    connection.execute(insert(outcomes), told)
    ended = {"state": "handed_over", "finished_at": func.clock_timestamp(), "held_for": None}
    connection.execute(update(runs).where(runs.c.id.in_(run_ids)).values(ended))
