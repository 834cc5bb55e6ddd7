"""Claiming a run: the one process that gets it begins an attempt, with all the seats that it needs, or it waits.

What decides is read in one trip, without a lock; the attempt is begun by a statement that does nothing when the run is
no longer as it was read, and then it is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    ScalarSelect,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from robots.queue.attempts import LEASE_SECONDS, Claimed, close_lost_attempts, write_cancelled
from robots.queue.engine import RetryLater
from robots.queue.pauses import pause_of
from robots.queue.seats import Chosen, Need, choose, leave_line, occupy
from robots.store import Store
from robots.store.processes import ProcessId
from robots.store.schema import attempts, pauses, runs, seat_waits

# A run that waits for a seat or for what is paused is woken when that is over; this is only how long it would sleep.
HELD_SECONDS = 3600.0


class Held(RetryLater):
    """The run waits for a seat, or for what a person has paused; it is woken when that is over."""

    def __init__(self, words: str) -> None:
        super().__init__(HELD_SECONDS, words)


def claim(
    store: Store,
    run_id: int,
    me: ProcessId,
    *,
    worker_id: int | None = None,
    needs: Callable[[str, str], Sequence[Need]] = lambda task, robot: (),  # noqa: ARG005 - nothing is limited
    lease_seconds: float = LEASE_SECONDS,
) -> Claimed | None:
    """Begin an attempt, with its seats: from now on this process, and no other, may change anything for the run.

    ``needs`` tells, for a task and a robot, what it needs a seat in. None when the run has ended. Raises
    ``StillAtWork`` while an earlier attempt's process may be alive, ``Held`` when it is not the run's time.
    """
    while True:
        run = _standing(store, run_id)
        if run.state not in ("queued", "running", "cancelled"):
            return None
        if run.open_attempts or run.state == "cancelled":
            with store.begin() as connection:
                _clear_the_way(connection, run_id, lease_seconds)
            if run.state == "cancelled":
                return None
            continue
        wanted = needs(run.task, run.robot)
        if not run.pauses and not any(need.limited for need in wanted):
            attempt = store.ask(_begun(run, me, worker_id))
        else:
            with store.begin() as connection:
                held, chosen = _may_begin(connection, run, wanted)
                attempt = None if held else connection.execute(_begun(run, me, worker_id)).first()
                if attempt is not None:
                    occupy(connection, chosen, attempt.id)
            if held:
                raise Held(held)
        if attempt is not None:
            return Claimed(
                run.id, attempt.id, run.attempts + 1, run.task, run.robot, run.inputs, run.case_number, run.dry_run,
                run.lost, run.lost_words or "", run.counted + 1, run.again, run.earlier_run is not None,
            )  # fmt: skip
        # Somebody else has begun it, or a person has stopped it, since it was read.


def _standing(store: Store, run_id: int) -> Row[Any]:
    run = store.ask(_STANDING.where(runs.c.id == run_id))
    if run is None:
        raise LookupError(f"there is no run {run_id}")
    return run


def _clear_the_way(connection: Connection, run_id: int, lease_seconds: float) -> None:
    """End what dead owners left, and a cancelled run for good."""
    # Locked first and read after that: a read that waited for the lock would see the attempts as they were before.
    state = connection.execute(select(runs.c.state).where(runs.c.id == run_id).with_for_update()).scalar_one()
    close_lost_attempts(connection, run_id, lease_seconds)
    if state == "cancelled":
        write_cancelled(connection, run_id)


def _may_begin(connection: Connection, run: Row[Any], needs: Sequence[Need]) -> tuple[str, Chosen]:
    """Why the run must wait, which is noted in its row, or its seats, kept for it until the end of the transaction."""
    held, chosen = pause_of(connection, run.task, [need.system for need in needs]) if run.pauses else "", Chosen()
    if held:
        leave_line(connection, run.id)
    else:
        chosen = choose(connection, run, needs, line=run.line)
        held = chosen.lacking
    if held:
        connection.execute(update(runs).where(*_still_as(run)).values(state="queued", held_for=held))
    return held, chosen


def _still_as(run: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    """Nobody has begun the run, or ended it, since it was read: each attempt counts itself in the run's row."""
    return runs.c.id == run.id, runs.c.state == run.state, runs.c.attempts == run.attempts


def _count_of(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(attempts.c.run_id == runs.c.id, *conditions).scalar_subquery()


# Everything that decides about a run, in one trip.
_STANDING = select(
    runs,
    _count_of(attempts.c.ended_at.is_(None)).label("open_attempts"),
    _count_of(attempts.c.ending == "lost").label("lost"),
    _count_of(attempts.c.ending != "held").label("counted"),
    select(attempts.c.error)
    .where(attempts.c.run_id == runs.c.id, attempts.c.ending == "lost")
    .order_by(attempts.c.number.desc())
    .limit(1)
    .scalar_subquery()
    .label("lost_words"),
    select(func.count()).select_from(pauses).scalar_subquery().label("pauses"),
    exists().select_from(seat_waits).label("line"),
)


def _begun(run: Row[Any], me: ProcessId, worker_id: int | None) -> Executable:
    """The statement that begins an attempt (``id``), if the run is still as it was read."""
    still = select(runs.c.id).where(*_still_as(run)).with_for_update().cte("still")
    made = {
        "number": run.attempts + 1,
        "host": me.host,
        "pid": me.pid,
        "pid_started": me.started,
        "worker_id": worker_id,
    }
    begun = (
        insert(attempts)
        .from_select(["run_id", *made], select(still.c.id, *(literal(v, attempts.c[k].type) for k, v in made.items())))
        .returning(attempts.c.id, attempts.c.run_id)
        .cte("begun")
    )
    return (
        update(runs)
        .where(runs.c.id == begun.c.run_id)
        .values(
            state="running", attempts=run.attempts + 1, held_for=None,
            started_at=func.coalesce(runs.c.started_at, func.clock_timestamp()),
        )
        .returning(begun.c.id)
    )  # fmt: skip
