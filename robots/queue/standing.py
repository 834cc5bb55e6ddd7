"""Who is at work and on what: the workers, and each run that is in the middle of something."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, func, literal, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from robots.queue.pauses import write_order
from robots.store import Store
from robots.store.clock import seconds_since
from robots.store.processes import ProcessId
from robots.store.schema import attempts, effects, run_events, runs, workers

# Silent for longer than this, a worker is shown as such: it gives a sign of life every second.
SILENT_SECONDS = 10


def workers_now(store: Store) -> list[Row[Any]]:
    """The workers that have not ended, with ``silent`` in seconds and how many runs they have ``at_work``."""
    silent = seconds_since(workers.c.seen_at).label("silent")
    at_work = (
        select(func.count())
        .where(attempts.c.worker_id == workers.c.id, attempts.c.ended_at.is_(None))
        .scalar_subquery()
        .label("at_work")
    )
    with store.begin() as connection:
        return list(
            connection.execute(
                select(workers, silent, at_work).where(workers.c.ended_at.is_(None)).order_by(workers.c.id)
            )
        )


def runs_at_work(store: Store) -> list[Row[Any]]:
    """The runs with an open attempt: ``worker``, ``step`` that it is in, and the changes that ``hang``.

    A change hangs when it may have been made and has not been seen yet.
    """
    step = (
        select(run_events.c.title)
        .where(run_events.c.run_id == runs.c.id, run_events.c.kind == "step")
        .order_by(run_events.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    hang = (
        select(func.string_agg(effects.c.once, aggregate_order_by(literal(", "), effects.c.once)))
        .where(effects.c.run_id == runs.c.id, effects.c.state.in_(("ARMED", "UNKNOWN")))
        .scalar_subquery()
    )
    with store.begin() as connection:
        return list(
            connection.execute(
                select(
                    runs.c.id, runs.c.task, runs.c.case_number, attempts.c.started_at, workers.c.name.label("worker"),
                    func.coalesce(step, "").label("step"), func.coalesce(hang, "").label("hang"),
                )
                .join(attempts, and_(attempts.c.run_id == runs.c.id, attempts.c.ended_at.is_(None)))
                .outerjoin(workers, workers.c.id == attempts.c.worker_id)
                .order_by(runs.c.id)
            )
        )  # fmt: skip


def is_changing(store: Store, me: ProcessId) -> bool:
    """Whether a run of this worker is just changing something: what it has sent has not been seen made yet."""
    armed = (
        select(effects.c.key)
        .join(attempts, and_(attempts.c.id == effects.c.attempt_id, attempts.c.ended_at.is_(None)))
        .join(workers, workers.c.id == attempts.c.worker_id)
        .where(effects.c.state == "ARMED", workers.c.ended_at.is_(None))
        .where(workers.c.host == me.host, workers.c.pid == me.pid, workers.c.pid_started == me.started)
    )
    return store.ask(armed.limit(1)) is not None


def drain(store: Store, name: str, *, by: str, reason: str = "") -> list[int]:
    """Tell the workers of this name, or all of them, to take no new run and end. Returns their rows' numbers."""
    with store.begin() as connection:
        told = update(workers).where(workers.c.ended_at.is_(None)).values(draining=True).returning(workers.c.id)
        found = connection.execute(told.where(workers.c.name == name) if name else told).scalars().all()
        if found:
            write_order(connection, "drain", name or "everything", by, reason)
        return list(found)


def still_there(store: Store, worker_ids: list[int]) -> int:
    """How many of these workers have neither ended nor fallen silent."""
    with store.begin() as connection:
        return connection.execute(
            select(func.count()).where(
                workers.c.id.in_(worker_ids),
                workers.c.ended_at.is_(None),
                seconds_since(workers.c.seen_at) < SILENT_SECONDS,
            )
        ).scalar_one()
