"""How a batch stands: its runs counted, and what has become of each of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from robots.store import Store
from robots.store.schema import batch_rows, batches, effects, outcomes, runs

ENDED = ("done", "handed_over", "failed", "cancelled")
# A condition on ``runs`` for those that whoever asks may be told of; None for all of them.
Reached = ColumnElement[bool] | None


@dataclass(frozen=True)
class Progress:
    """How the runs of a batch stand. ``seconds`` is the time a run has taken on average, None before the first."""

    states: dict[str, int]
    seconds: float | None

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def left(self) -> int:
        return sum(count for state, count in self.states.items() if state not in ENDED)

    def of(self, *states: str) -> int:
        return sum(self.states.get(state, 0) for state in states)


def progress_of(store: Store, batch_id: int) -> Progress:
    """How the batch's runs stand now; a run of several rows is counted once."""
    mine = select(batch_rows.c.run_id).where(batch_rows.c.batch_id == batch_id, batch_rows.c.run_id.is_not(None))
    taken = func.sum(func.extract("epoch", runs.c.finished_at - runs.c.started_at)).label("seconds")
    timed = func.count(runs.c.finished_at - runs.c.started_at).label("timed")
    with store.begin() as connection:
        rows = connection.execute(
            select(runs.c.state, func.count().label("runs"), taken, timed)
            .where(runs.c.id.in_(mine))
            .group_by(runs.c.state)
        ).all()
    times = sum(row.timed for row in rows)
    seconds = sum(float(row.seconds or 0) for row in rows)
    return Progress({row.state: row.runs for row in rows}, seconds / times if times else None)


def rows_of(
    store: Store, batch_id: int, numbers: Sequence[int], reached: Reached = None
) -> dict[int, Row[Any]]:  # fmt: skip
    """What has become of these rows of the sheet, by row number; of each what ``_rows`` tells."""
    with store.begin() as connection:
        wanted = _rows(batch_id, reached).where(batch_rows.c.row.in_(numbers))
        return {row.row: row for row in connection.execute(wanted)}


def rows_after(store: Store, batch_id: int, row: int, limit: int, reached: Reached = None) -> list[Row[Any]]:
    """What has become of the rows that follow upon this one, in their order; of each what ``_rows`` tells."""
    wanted = _rows(batch_id, reached).where(batch_rows.c.row > row).order_by(batch_rows.c.row).limit(limit)
    with store.begin() as connection:
        return list(connection.execute(wanted))


def _rows(batch_id: int, reached: Reached) -> Select[Any]:
    """``run_id``, ``first_row``, ``error``, ``reached`` (whether the rest may be told), ``state``, ``kind``,
    ``reason``, ``todo``, ``seconds``, ``inputs``, ``joined`` (asked for before this batch) and ``receipts`` (pairs of
    effect and receipt).
    """
    receipts = (
        select(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_array(effects.c.once, effects.c.receipt), effects.c.confirmed_at.asc()
                )
            )
        )
        .where(effects.c.run_id == runs.c.id, effects.c.state == "CONFIRMED", effects.c.receipt.is_not(None))
        .scalar_subquery()
    )
    return (
        select(
            batch_rows.c.row, batch_rows.c.run_id, batch_rows.c.first_row, batch_rows.c.error,
            (true() if reached is None else reached).label("reached"), runs.c.state, runs.c.inputs,
            outcomes.c.kind, outcomes.c.reason, outcomes.c.todo,
            func.extract("epoch", runs.c.finished_at - runs.c.started_at).label("seconds"),
            (runs.c.created_at < batches.c.created_at).label("joined"), receipts.label("receipts"),
        )
        .join(batches, batches.c.id == batch_rows.c.batch_id)
        .outerjoin(runs, runs.c.id == batch_rows.c.run_id)
        .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
        .where(batch_rows.c.batch_id == batch_id)
    )  # fmt: skip


def summary_of(store: Store, batch_id: int, reached: Reached = None) -> list[Row[Any]]:
    """What is reached of the batch by ``state`` and ``kind``: how many ``runs`` and ``rows``, and a run's average
    ``seconds``."""
    kind = func.coalesce(outcomes.c.kind, "")
    with store.begin() as connection:
        return list(
            connection.execute(
                select(
                    runs.c.state, kind.label("kind"), func.count(runs.c.id.distinct()).label("runs"),
                    func.count().label("rows"),
                    func.avg(func.extract("epoch", runs.c.finished_at - runs.c.started_at)).label("seconds"),
                )
                .select_from(batch_rows)
                .join(runs, runs.c.id == batch_rows.c.run_id)
                .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
                .where(batch_rows.c.batch_id == batch_id, true() if reached is None else reached)
                .group_by(runs.c.state, kind)
                .order_by(func.count().desc(), kind)
            )
        )  # fmt: skip
