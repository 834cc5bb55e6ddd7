"""What became of a schedule's starts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from robots.queue.pauses import schedule_scope
from robots.store.schema import START_STATES, pauses, schedules, start_runs, starts


def latest_starts(
    connection: Connection, names: Collection[str], *, limit: int, states: tuple[str, ...] = START_STATES
) -> dict[str, list[Row[Any]]]:
    """Of each schedule so many, the newest first, each with the ids of its runs (``asked_for``)."""
    of_one = (
        select(starts)
        .where(starts.c.schedule == schedules.c.name, starts.c.state.in_(states))
        .order_by(starts.c.local_time.desc())  # by which the database has them in order
        .limit(limit)
        .lateral()
    )
    its_runs = select(func.array_agg(aggregate_order_by(start_runs.c.run_id, start_runs.c.run_id)))
    asked_for = its_runs.where(start_runs.c.start_id == of_one.c.id).scalar_subquery()
    wanted = (
        select(of_one, asked_for.label("asked_for"))
        .select_from(schedules.join(of_one, true()))
        .where(schedules.c.name.in_(names))
        .order_by(of_one.c.due_at.desc())
    )
    found: dict[str, list[Row[Any]]] = {name: [] for name in names}
    for row in connection.execute(wanted):
        found[row.schedule].append(row)
    return found


def pauses_of(connection: Connection, names: Collection[str]) -> dict[str, Row[Any]]:
    """Who has paused each schedule, since when and why; nothing of those that nobody has."""
    scopes = {schedule_scope(name): name for name in names}
    wanted = select(pauses).where(pauses.c.scope.in_(scopes))
    return {scopes[row.scope]: row for row in connection.execute(wanted)}
