"""What the robots have handed over: whose it is, how it stands, and what became of it.

A handover is a run that was handed over or failed, and was no dry run. It is open until a person closes it, or until a
later run of the same request is done. One that was handed over once more goes on as that later run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)

from robots.portal.rights import Visitor
from robots.queue.orders import AT_WORK
from robots.store import Store
from robots.store.clock import seconds_since, span
from robots.store.schema import accounts, handover_work, outcomes, runs
from robots.task import Task

Tasks = Mapping[str, Task]
# What is listed at once; the oldest promise is first, and the filters reach the rest.
MOST_LISTED = 200
CLOSED_DAYS = 90
# What took longer than that to close is found by its number.
ASKED_DAYS = 365
# A later run that has come to one of these takes the handover over, or has done it.
ENDINGS = ("done", "handed_over", "failed")
# How a handover stands.
FREE, TAKEN, WITH_ROBOT, CLOSED, BY_ROBOT, WENT_ON = "free", "taken", "with_robot", "closed", "by_robot", "went_on"
IS_HANDOVER = and_(runs.c.state.in_(["handed_over", "failed"]), ~runs.c.dry_run)
# Spelled out as in the index that finds these few among all that ever were handed over.
_UNSETTLED: ColumnElement[bool] = literal_column(
    "outcomes.outcome in ('handed_over', 'failed') and not outcomes.settled", Boolean
)


@dataclass(frozen=True)
class Filters:
    """Which handovers are listed; "" is all."""

    task: str = ""
    kind: str = ""
    case_number: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        told = ((runs.c.task, self.task), (outcomes.c.kind, self.kind), (runs.c.case_number, self.case_number))
        return [column == value for column, value in told if value]


_later = runs.alias("later")
# What the same request has come to since: done if it ever was, else the newest that no person stopped.
_since = (
    select(_later.c.id, _later.c.state, _later.c.finished_at)
    .where(_later.c.request == runs.c.request, _later.c.id > runs.c.id, _later.c.state != "cancelled")
    .order_by((_later.c.state == "done").desc(), _later.c.id.desc())
    .limit(1)
    .lateral("since")
)
_STANDING = case(
    (handover_work.c.closed_at.is_not(None), literal(CLOSED)),
    (_since.c.state == "done", literal(BY_ROBOT)),
    (_since.c.state.in_(AT_WORK), literal(WITH_ROBOT)),
    (_since.c.state.is_not(None), literal(WENT_ON)),
    (handover_work.c.taken_by.is_not(None), literal(TAKEN)),
    else_=literal(FREE),
)
_IS_OPEN = and_(
    _UNSETTLED, handover_work.c.closed_at.is_(None), or_(_since.c.state.is_(None), _since.c.state.in_(AT_WORK))
)  # fmt: skip
_SETTLE = (
    update(outcomes)
    .where(_UNSETTLED, outcomes.c.run_id == runs.c.id, ~runs.c.dry_run)
    .where(
        select(_later.c.id)
        .where(_later.c.request == runs.c.request, _later.c.id > runs.c.id, _later.c.state.in_(ENDINGS))
        .exists()
    )
    .values(settled=True)
)
_tried = runs.alias("tried")
# What the citizen was promised at first: a run that is tried anew has a promise of its own.
_PROMISED = (
    select(func.min(_tried.c.deadline_at))
    .where(_tried.c.request == runs.c.request, _tried.c.again == runs.c.again, _tried.c.id <= runs.c.id)
    .scalar_subquery()
)
_taker, _closer = accounts.alias("taker"), accounts.alias("closer")
_ENDED = func.coalesce(handover_work.c.closed_at, _since.c.finished_at)


def _joined() -> FromClause:
    return (
        runs.join(outcomes, outcomes.c.run_id == runs.c.id)
        .outerjoin(handover_work, handover_work.c.run_id == runs.c.id)
        .outerjoin(_since, true())
    )


def _listed() -> Select[Any]:
    promised = _PROMISED.label("promised_at")
    return (
        select(
            runs, outcomes.c.kind, outcomes.c.reason, outcomes.c.todo, outcomes.c.at.label("handed_over_at"),
            handover_work.c.taken_by, handover_work.c.taken_at, handover_work.c.closed_by, handover_work.c.way,
            handover_work.c.done, _STANDING.label("standing"), _since.c.id.label("since_run"),
            _since.c.state.label("since_state"), _ENDED.label("ended_at"), promised,
            (func.clock_timestamp() > _PROMISED).label("late"), seconds_since(outcomes.c.at).label("age_seconds"),
            func.coalesce(_taker.c.shown_name, handover_work.c.taken_by).label("taker"),
            func.coalesce(_closer.c.shown_name, handover_work.c.closed_by).label("closer"),
        )
        .select_from(
            _joined()
            .outerjoin(_taker, _taker.c.name == handover_work.c.taken_by)
            .outerjoin(_closer, _closer.c.name == handover_work.c.closed_by)
        )
        .where(IS_HANDOVER)
    )  # fmt: skip


def _reached(visitor: Visitor, tasks: Collection[Task]) -> list[ColumnElement[bool]]:
    reached = visitor.reached(tasks)
    return [] if reached is None else [reached]


def open_handovers(store: Store, visitor: Visitor, tasks: Tasks, filters: Filters = Filters()) -> list[Row[Any]]:
    """Those that the visitor reaches and nobody has closed, the oldest promise first; ``standing`` says how each is.

    What later runs have gone on with is put aside, so that the next look, and the count on every page, pass it by.
    """
    wanted = (
        _listed()
        .where(_IS_OPEN, *_reached(visitor, tasks.values()), *filters.conditions())
        .order_by("promised_at", runs.c.id)
        .limit(MOST_LISTED)
    )
    with store.begin() as connection:
        connection.execute(_SETTLE)
        return list(connection.execute(wanted))


def closed_handovers(store: Store, visitor: Visitor, tasks: Tasks, filters: Filters = Filters()) -> list[Row[Any]]:
    """Those that a person or a later run has ended in the last ``CLOSED_DAYS``, the newest first."""
    wanted = (
        _listed()
        .where(_STANDING.in_([CLOSED, BY_ROBOT]), seconds_since(_ENDED) < CLOSED_DAYS * 86400)
        .where(runs.c.created_at > func.clock_timestamp() - span(ASKED_DAYS * 86400.0))
        .where(*_reached(visitor, tasks.values()), *filters.conditions())
        .order_by(_ENDED.desc(), runs.c.id.desc())
        .limit(MOST_LISTED)
    )
    with store.begin() as connection:
        return list(connection.execute(wanted))


def sorts_of(store: Store, visitor: Visitor, tasks: Tasks) -> list[Row[Any]]:
    """``task``, ``kind`` and their ``count`` among the open ones: what can be filtered by."""
    wanted = (
        select(runs.c.task, outcomes.c.kind, func.count().label("count"))
        .select_from(_joined())
        .where(IS_HANDOVER, _IS_OPEN, *_reached(visitor, tasks.values()))
        .group_by(runs.c.task, outcomes.c.kind)
        .order_by(outcomes.c.kind)
    )
    with store.begin() as connection:
        return list(connection.execute(wanted))


def count_waiting(store: Store, visitor: Visitor, tasks: Tasks) -> int:
    """How many wait for the visitor: their own, and those that nobody has taken. One question, by the index."""
    work = handover_work.c
    went_on = (
        select(_later.c.id)
        .where(_later.c.request == runs.c.request, _later.c.id > runs.c.id, _later.c.state != "cancelled")
        .exists()
    )
    wanted = (
        select(func.count())
        .select_from(
            outcomes.join(runs, runs.c.id == outcomes.c.run_id).outerjoin(handover_work, work.run_id == runs.c.id)
        )
        .where(_UNSETTLED, ~runs.c.dry_run, or_(work.taken_by.is_(None), work.taken_by == visitor.name))
        .where(~went_on, *_reached(visitor, tasks.values()))
    )
    with store.begin() as connection:
        return int(connection.execute(wanted).scalar_one())


def find_handover(store: Store, visitor: Visitor, tasks: Tasks, run_id: int) -> Row[Any] | None:
    """The handover of this run; None when it is none, or not one that the visitor reaches."""
    with store.begin() as connection:
        row = handover_within(connection, run_id)
    return row if row is not None and visitor.reaches(row, tasks) else None


def handover_within(connection: Connection, run_id: int) -> Row[Any] | None:
    """As it stands now, whoever asks; in a transaction that is open."""
    return connection.execute(_listed().where(runs.c.id == run_id)).first()
