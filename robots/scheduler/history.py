"""What became of a schedule's starts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, Row, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from robots.queue.pauses import schedule_scope
from robots.store import Store
from robots.store.schema import pauses, start_runs, starts


def latest_starts(store: Store, name: str, *, limit: int, states: tuple[str, ...] = ()) -> list[Row[Any]]:
    """The newest first, each with the ids of its runs (``asked_for``)."""
    runs = func.array_agg(aggregate_order_by(start_runs.c.run_id, start_runs.c.run_id), type_=ARRAY(BigInteger))
    wanted = (
        select(starts, runs.filter(start_runs.c.run_id.is_not(None)).label("asked_for"))
        .outerjoin(start_runs, start_runs.c.start_id == starts.c.id)
        .where(starts.c.schedule == name)
        .group_by(starts.c.id)
        .order_by(starts.c.due_at.desc())
        .limit(limit)
    )
    if states:
        wanted = wanted.where(starts.c.state.in_(states))
    with store.begin() as connection:
        return list(connection.execute(wanted))


def pause_of(connection: Connection, name: str) -> Row[Any] | None:
    """Who has paused the schedule, since when and why; None where nobody has."""
    return connection.execute(select(pauses).where(pauses.c.scope == schedule_scope(name))).first()
