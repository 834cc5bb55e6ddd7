"""One try of a run: begun by the one process that may change anything for it, ended for good or to be tried again.

Who owns a run is a row in the database, fenced by its number: the newest attempt, not ended, of a run that runs. An
attempt is taken over when its process is certainly dead. That is known on the same machine; of another machine it is
known that its worker has given no sign of life for longer than the lease, and then the ledger lets nothing be made
anew that a look in the system cannot show to be missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.audit.writing import note_robot
from robots.queue.seats import give_back, leave_line
from robots.store import Store
from robots.store.clock import seconds_since
from robots.store.processes import ProcessId
from robots.store.schema import attempts, outcomes, runs, workers

Ending = Literal["done", "handed_over", "failed", "cancelled"]
LEASE_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``in_case`` tells whether the case has been handed to a person in the case system.

    ``protected``: it met a protected person, and nothing that was typed is kept but the case's number.
    """

    outcome: Ending
    kind: str = ""
    reason: str = ""
    todo: str = ""
    in_case: bool = False
    protected: bool = False


@dataclass(frozen=True)
class Claimed:
    """What a slot needs to know of the run that it is to try now.

    ``number`` counts its attempts, ``tried`` those that count against it: not those that a person's stop cut short.
    ``again`` counts how often its changes are wanted once more, ``anew`` says that a person ordered it after another.
    ``takes_case``: nobody has the case yet, and the run is to take it before it does anything.
    ``unattended``: no guide waits for it with a citizen on the phone.
    ``broken`` says why a system that it needs has been left alone for so long that a person gets the case; "" if none.
    ``wary``: some system has failed lately, and it matters that one works.
    ``asks_first``: a person wants to look before the run changes anything; ``asked``: it has asked somebody already.
    ``traced``: somebody has asked for a full trace of it.
    ``lost_before`` is how many of them died with their process, ``lost_words`` what is known of the last of those.
    """

    run_id: int
    attempt_id: int
    number: int
    task: str
    robot: str
    inputs: dict[str, Any]
    case_number: str | None
    dry_run: bool
    lost_before: int
    lost_words: str = ""
    tried: int = 1
    again: int = 0
    anew: bool = False
    takes_case: bool = False
    unattended: bool = False
    broken: str = ""
    wary: bool = False
    asks_first: bool = False
    asked: bool = False
    traced: bool = False


class StillAtWork(Exception):
    """Another process holds an open attempt of the run and may be alive."""


def close_lost_attempts(connection: Connection, run_id: int, lease_seconds: float = LEASE_SECONDS) -> list[int]:
    """End the run's open attempts whose owners are gone. Raises ``StillAtWork`` when one may be alive.

    The run's row must be locked by the caller.
    """
    found = connection.execute(_open_attempts(lease_seconds).where(attempts.c.run_id == run_id)).all()
    for row in found:
        if not is_gone(row):
            raise StillAtWork(f"attempt {row.number} of run {run_id} is at {row.host}:{row.pid}")
    _close(connection, [row.id for row in found])
    return [row.id for row in found]


def runs_of_the_dead(connection: Connection, lease_seconds: float = LEASE_SECONDS) -> list[int]:
    """The runs with an open attempt whose owner is gone."""
    return sorted({row.run_id for row in connection.execute(_open_attempts(lease_seconds)) if is_gone(row)})


def _open_attempts(lease_seconds: float) -> Any:
    return (
        select(attempts, lease_over(lease_seconds))
        .outerjoin(workers, workers.c.id == attempts.c.worker_id)
        .where(attempts.c.ended_at.is_(None))
    )


def lease_over(lease_seconds: float) -> ColumnElement[bool]:
    """The column ``lease_over`` that ``is_gone`` wants: the worker has been silent for longer than this."""
    return (seconds_since(workers.c.seen_at) > lease_seconds).label("lease_over")


def is_gone(row: Row[Any]) -> bool:
    """Whether the process that the row names (a slot's or a worker's) is certainly no longer at work."""
    owner = ProcessId(row.host, row.pid, row.pid_started)
    # A process of this machine that is paused or slow is alive, however long it has been silent.
    return owner.certainly_dead or bool(not owner.on_this_machine and row.lease_over)


def _close(connection: Connection, attempt_ids: Sequence[int]) -> None:
    if attempt_ids:
        connection.execute(
            update(attempts)
            .where(attempts.c.id.in_(attempt_ids))
            .values(ended_at=func.clock_timestamp(), ending="lost")
        )
        give_back(connection, attempt_ids)


def _made_by(slot: ProcessId) -> ColumnElement[bool]:
    made_by = attempts.c
    return and_(made_by.host == slot.host, made_by.pid == slot.pid, made_by.pid_started == slot.started)


def leave_last_words(store: Store, run_id: int, slot: ProcessId, words: str) -> None:
    """Why the slot was ended, for the run's next attempt and whoever reads its outcome.

    They become the error of the attempt that died with the slot, also when somebody has closed it already.
    """
    with store.begin() as connection:
        connection.execute(
            update(attempts)
            .where(_made_by(slot), attempts.c.run_id == run_id)
            .where(or_(attempts.c.ended_at.is_(None), attempts.c.ending == "lost"))
            .values(error=words)
        )


def cut_off(store: Store, run_id: int, slot: ProcessId, words: str) -> None:
    """The slot was ended by order of a person, in the middle of the run: that does not count against the run."""
    with store.begin() as connection:
        connection.execute(select(runs.c.id).where(runs.c.id == run_id).with_for_update())
        cut = connection.execute(
            update(attempts)
            .where(_made_by(slot), attempts.c.run_id == run_id, attempts.c.ended_at.is_(None))
            .values(ended_at=func.clock_timestamp(), ending="held", error=words)
            .returning(attempts.c.id)
        ).scalars()
        give_back(connection, list(cut))


def end_left_open(store: Store, slot: ProcessId) -> None:
    """End what this slot has open, and does not work on: the database went away before the slot was told of it."""
    with store.begin() as connection:
        left = connection.execute(
            update(attempts)
            .where(_made_by(slot), attempts.c.ended_at.is_(None))
            .values(ended_at=func.clock_timestamp(), ending="retry", error="Databasen svarade inte.")
            .returning(attempts.c.id)
        ).scalars()
        give_back(connection, list(left))


def write_cancelled(connection: Connection, run_id: int, reason: str = "Körningen avbröts av en person.") -> None:
    connection.execute(
        upsert(outcomes)
        .values(run_id=run_id, outcome="cancelled", kind="Avbruten", reason=reason)
        .on_conflict_do_nothing(index_elements=["run_id"])
    )
    ended = func.coalesce(runs.c.finished_at, func.clock_timestamp())
    connection.execute(
        update(runs).where(runs.c.id == run_id).values(finished_at=ended, held_for=None, held_until=None)
    )
    leave_line(connection, run_id)


def end_attempt(store: Store, claimed: Claimed, error: str, *, broke: bool = False, held: str = "") -> None:
    """The attempt ended and the run will be tried again.

    ``broke``: it counts like one whose process died. ``held``: a person has stopped the robots; it does not count.
    """
    with store.begin() as connection:
        close_attempt(connection, claimed, "lost" if broke else "held" if held else "retry", error)
        if held:
            connection.execute(
                update(runs)
                .where(runs.c.id == claimed.run_id, runs.c.state == "running")
                .values(state="queued", held_for=held)
            )


def finish(store: Store, claimed: Claimed, outcome: Outcome) -> None:
    """Write the run's one outcome, and its state, and the attempt's end, all or nothing."""
    with store.begin() as connection:
        connection.execute(
            upsert(outcomes)
            .values(
                run_id=claimed.run_id, outcome=outcome.outcome, kind=outcome.kind, reason=outcome.reason,
                todo=outcome.todo, in_case=outcome.in_case,
            )
            .on_conflict_do_nothing(index_elements=["run_id"])
        )  # fmt: skip
        if outcome.protected:
            forget_inputs(connection, claimed.run_id)
        told = connection.execute(select(outcomes.c.outcome).where(outcomes.c.run_id == claimed.run_id)).scalar_one()
        note_robot(connection, claimed.run_id, "ended", outcome=told, kind=outcome.kind)
        connection.execute(
            update(runs)
            .where(runs.c.id == claimed.run_id)
            .values(state=told, finished_at=func.coalesce(runs.c.finished_at, func.clock_timestamp()))
        )
        close_attempt(connection, claimed, outcome.outcome, outcome.reason)


def forget_inputs(connection: Connection, run_id: int) -> None:
    """What was typed may tell who and where somebody is: of the run, and of those of its request that have ended, only
    the case's number is kept."""
    same = select(runs.c.request).where(runs.c.id == run_id).scalar_subquery()
    connection.execute(
        update(runs)
        .where(runs.c.request == same, or_(runs.c.id == run_id, runs.c.finished_at.is_not(None)))
        .values(inputs=func.jsonb_strip_nulls(func.jsonb_build_object("case_number", runs.c.case_number)))
    )


def close_attempt(connection: Connection, claimed: Claimed, ending: str, error: str) -> bool:
    """End the attempt and give its seats back. False when somebody has ended it already."""
    ended = connection.execute(
        update(attempts)
        .where(attempts.c.id == claimed.attempt_id, attempts.c.ended_at.is_(None))
        .values(ended_at=func.clock_timestamp(), ending=ending, error=error)
    )
    give_back(connection, [claimed.attempt_id])
    return ended.rowcount == 1
