"""A run's whole life in the database: asked for, tried, ended; and what people want to know about it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.effects import effect_key
from robots.errors import WrongInput
from robots.inputs import Values
from robots.queue.engine import PRIORITIES, defer
from robots.store import Store
from robots.store.processes import ProcessId
from robots.store.schema import attempts, effects, outcomes, run_events, runs
from robots.task import Task

Source = Literal["guide", "schedule", "batch"]
Ending = Literal["done", "handed_over", "failed", "cancelled"]


@dataclass(frozen=True)
class Submitted:
    """``new`` is False when the same request was made before; ``run_id`` is then the run of that time."""

    run_id: int
    new: bool


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``in_case`` tells whether the case has been handed to a person in the case system."""

    outcome: Ending
    kind: str = ""
    reason: str = ""
    todo: str = ""
    in_case: bool = False


@dataclass(frozen=True)
class Claimed:
    """What a slot needs to know of the run that it is to try now."""

    run_id: int
    attempt_id: int
    number: int
    task: str
    robot: str
    inputs: dict[str, Any]
    case_number: str | None
    dry_run: bool
    lost_before: int


class StillAtWork(Exception):
    """Another process holds an open attempt of the run and may be alive."""


def submit(
    store: Store, task: Task, values: Values, *, robot: str, source: Source, started_by: str, dry_run: bool = False
) -> Submitted:
    """Ask for a run: one row and one job in one transaction, or the run that the same request made before."""
    with store.begin() as connection:
        return submit_within(
            connection, task, values, robot=robot, source=source, started_by=started_by, dry_run=dry_run
        )


def request_key(task: Task, values: Values, *, apart: str = "") -> str:
    """What makes the same request twice one run, however it was asked for; ``apart`` sets a dry run apart."""
    return effect_key(task.name, values.subject, apart)


def submit_within(
    connection: Connection, task: Task, values: Values, *, robot: str, source: Source, started_by: str, dry_run: bool
) -> Submitted:
    """``submit`` as part of a larger transaction, such as a batch's."""
    # A dry run changes nothing, so each one is a request of its own.
    key = request_key(task, values, apart=secrets.token_hex(8) if dry_run else "")
    made = connection.execute(
        upsert(runs)
        .values(
            key=key, task=task.name, task_version=task.version, robot=robot, case_number=values.case_number,
            inputs=values.stored, source=source, started_by=started_by, dry_run=dry_run, priority=PRIORITIES[source],
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(runs.c.id)
    ).scalar()  # fmt: skip
    if made is None:
        return Submitted(connection.execute(select(runs.c.id).where(runs.c.key == key)).scalar_one(), new=False)
    job = defer(connection, run_id=made, key=key, lock=values.case_number, priority=PRIORITIES[source])
    connection.execute(update(runs).where(runs.c.id == made).values(job_id=job))
    return Submitted(made, new=True)


def claim(store: Store, run_id: int, me: ProcessId) -> Claimed | None:
    """Begin an attempt: from now on this process, and no other, may change anything for the run.

    None when the run has ended. Raises ``StillAtWork`` while an earlier attempt's process may be alive.
    """
    with store.begin() as connection:
        run = connection.execute(select(runs).where(runs.c.id == run_id).with_for_update()).one()
        if run.state not in ("queued", "running", "cancelled"):
            return None
        _close_lost_attempts(connection, run_id)
        if run.state == "cancelled":
            _write_cancelled(connection, run_id)
            return None
        number = run.attempts + 1
        attempt = connection.execute(
            upsert(attempts)
            .values(run_id=run_id, number=number, host=me.host, pid=me.pid, pid_started=me.started)
            .returning(attempts.c.id)
        ).scalar_one()
        lost = connection.execute(
            select(func.count()).where(attempts.c.run_id == run_id, attempts.c.ending == "lost")
        ).scalar_one()
        started = func.coalesce(runs.c.started_at, func.clock_timestamp())
        connection.execute(
            update(runs).where(runs.c.id == run_id).values(state="running", attempts=number, started_at=started)
        )
        return Claimed(
            run_id, attempt, number, run.task, run.robot, run.inputs, run.case_number, run.dry_run, lost
        )  # fmt: skip


def _close_lost_attempts(connection: Connection, run_id: int) -> None:
    for row in connection.execute(select(attempts).where(attempts.c.run_id == run_id, attempts.c.ended_at.is_(None))):
        if not ProcessId(row.host, row.pid, row.pid_started).certainly_dead:
            raise StillAtWork(f"attempt {row.number} of run {run_id} is at {row.host}:{row.pid}")
        connection.execute(
            update(attempts).where(attempts.c.id == row.id).values(ended_at=func.clock_timestamp(), ending="lost")
        )


def cancel(store: Store, run_id: int) -> bool:
    """Stop a run. True when it has ended by that, False when an attempt is at work.

    That attempt makes no further change: the ledger refuses to arm one. What it has made stands, and it writes the
    outcome. Raises ``WrongInput`` when there is no such run or it has ended.
    """
    find_run(store, run_id)
    with store.begin() as connection:
        changed = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.state.in_(("queued", "running", "waiting_approval")))
            .values(state="cancelled")
        )
        if changed.rowcount != 1:
            raise WrongInput("Körning", f"K-{run_id}", "Den är redan avslutad och går inte att avbryta.")
        try:
            _close_lost_attempts(connection, run_id)
        except StillAtWork:
            return False
        _write_cancelled(connection, run_id)
        return True


def _write_cancelled(connection: Connection, run_id: int) -> None:
    connection.execute(
        upsert(outcomes)
        .values(run_id=run_id, outcome="cancelled", kind="Avbruten", reason="Körningen avbröts av en person.")
        .on_conflict_do_nothing(index_elements=["run_id"])
    )
    ended = func.coalesce(runs.c.finished_at, func.clock_timestamp())
    connection.execute(update(runs).where(runs.c.id == run_id).values(finished_at=ended))


def end_attempt(store: Store, claimed: Claimed, error: str, *, broke: bool = False) -> None:
    """The attempt failed and the run will be tried again. ``broke``: it counts like one whose process died."""
    with store.begin() as connection:
        _end_attempt(connection, claimed, "lost" if broke else "retry", error)


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
        told = connection.execute(select(outcomes.c.outcome).where(outcomes.c.run_id == claimed.run_id)).scalar_one()
        connection.execute(
            update(runs)
            .where(runs.c.id == claimed.run_id)
            .values(state=told, finished_at=func.coalesce(runs.c.finished_at, func.clock_timestamp()))
        )
        _end_attempt(connection, claimed, outcome.outcome, outcome.reason)


def _end_attempt(connection: Connection, claimed: Claimed, ending: str, error: str) -> None:
    connection.execute(
        update(attempts)
        .where(attempts.c.id == claimed.attempt_id, attempts.c.ended_at.is_(None))
        .values(ended_at=func.clock_timestamp(), ending=ending, error=error)
    )


_LISTED = (
    select(
        runs, outcomes.c.outcome, outcomes.c.kind, outcomes.c.reason, outcomes.c.todo, outcomes.c.in_case,
        func.extract("epoch", runs.c.finished_at - runs.c.started_at).label("seconds"),
    )
    .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
)  # fmt: skip


def find_run(store: Store, run_id: int) -> Row[Any]:
    """The run with its outcome. Raises ``WrongInput`` when there is none."""
    with store.begin() as connection:
        row = connection.execute(_LISTED.where(runs.c.id == run_id)).first()
    if row is None:
        raise WrongInput("Körning", f"K-{run_id}", "Det finns ingen körning med det numret. Se «ragnhild runs».")
    return row


def list_runs(
    store: Store, *, states: Sequence[str] = (), task: str = "", case_number: str = "", limit: int = 50
) -> list[Row[Any]]:
    """The newest runs first."""
    wanted = _LISTED.order_by(runs.c.id.desc()).limit(limit)
    if states:
        wanted = wanted.where(runs.c.state.in_(states))
    if task:
        wanted = wanted.where(runs.c.task == task)
    if case_number:
        wanted = wanted.where(runs.c.case_number == case_number)
    with store.begin() as connection:
        return list(connection.execute(wanted))


def runs_by_id(store: Store, ids: Sequence[int]) -> dict[int, Row[Any]]:
    with store.begin() as connection:
        return {row.id: row for row in connection.execute(_LISTED.where(runs.c.id.in_(ids)))}


def effects_of(store: Store, run_id: int) -> list[Row[Any]]:
    with store.begin() as connection:
        return list(
            connection.execute(select(effects).where(effects.c.run_id == run_id).order_by(effects.c.created_at))
        )


def events_of(store: Store, run_id: int, after: int = 0) -> list[Row[Any]]:
    """The step log from event number ``after`` on."""
    with store.begin() as connection:
        return list(
            connection.execute(
                select(run_events)
                .where(run_events.c.run_id == run_id, run_events.c.id > after)
                .order_by(run_events.c.id)
            )
        )


def worker_alive(store: Store, within_seconds: float = 5.0) -> bool:
    """Whether a worker, on any machine, has given a sign of life to the queue engine this lately."""
    seen = text(
        "select exists (select 1 from procrastinate_workers"
        " where last_heartbeat > clock_timestamp() - make_interval(secs => :seconds))"
    )
    with store.begin() as connection:
        return bool(connection.execute(seen, {"seconds": within_seconds}).scalar())


def latest_state(store: Store, run_id: int) -> tuple[str, datetime | None]:
    with store.begin() as connection:
        row = connection.execute(select(runs.c.state, runs.c.finished_at).where(runs.c.id == run_id)).one()
    return row.state, row.finished_at
