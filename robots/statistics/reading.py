"""The rows of a period: as few and as narrow as the figures need, straight from PostgreSQL into pandas."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select
from sqlalchemy.dialects import postgresql

from robots.local_time import ZONE
from robots.statistics.period import Period
from robots.store.schema import attempts, outcomes, runs
from robots.worker.looks import LOOKS, system_looked_at
from robots.worker.own_tasks import OWN_TASKS

_EARLIER = runs.alias("earlier")
_FIRST = runs.alias("first")
# A person who orders a run anew does so by hand; what the request came from is what its first run came from.
_SOURCE = (
    select(_FIRST.c.source).where(_FIRST.c.request == runs.c.request).order_by(_FIRST.c.id).limit(1).scalar_subquery()
)
_RETRIED = (
    select(_EARLIER.c.id).where(_EARLIER.c.id == runs.c.earlier_run, _EARLIER.c.again == runs.c.again).scalar_subquery()
)
_ATTEMPTS = (
    select(func.sum(func.extract("epoch", attempts.c.ended_at - attempts.c.started_at)))
    .where(attempts.c.run_id == runs.c.id)
    .scalar_subquery()
)
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "id": runs.c.id,
    # The run that this one tries anew. What is ordered once more (``again``) is new work, and has none.
    "retries": case((runs.c.earlier_run.is_not(None), _RETRIED)),
    "task": runs.c.task,
    "source": case((runs.c.earlier_run.is_not(None), _SOURCE), else_=runs.c.source),
    "outcome": outcomes.c.outcome,
    "kind": case((outcomes.c.outcome == "handed_over", outcomes.c.kind), else_=""),
    "asked": func.extract("epoch", runs.c.created_at),
    "ended": func.extract("epoch", outcomes.c.at),
    "whole": func.extract("epoch", outcomes.c.at - runs.c.created_at),
    "work": case(
        (runs.c.attempts > 1, _ATTEMPTS), else_=func.extract("epoch", outcomes.c.at - runs.c.started_at)
    ),
}  # fmt: skip
_WORDS = ("task", "source", "outcome", "kind")
_NUMBERS = {"id": "int64", "retries": "Int64", "asked": "float64", "ended": "float64", "whole": "float64",
            "work": "float64"}  # fmt: skip


def read_rows(connection: Connection, period: Period) -> pd.DataFrame:
    """One row for each run that ended in the period: what it was, how it ended, and when, in seconds.

    ``asked`` and ``ended`` are times by the clocks in Sweden. No case, no input and no person is read. Left out are dry
    runs, which change nothing, and the toolkit's own tasks, which are nobody's errand.
    """
    frame = _copied(connection, _rows_of(period, _ids_of(connection, period)))
    for column in ("asked", "ended"):
        moments = pd.to_datetime(frame[column], unit="s", utc=True)
        frame[column] = moments.dt.tz_convert(ZONE).dt.tz_localize(None)
    return frame


def _ended_in(period: Period) -> ColumnElement[bool]:
    return and_(outcomes.c.at >= period.begins, outcomes.c.at < period.ends)


def _ids_of(connection: Connection, period: Period) -> tuple[int, int]:
    """The first and last of the period's runs.

    They lie side by side in the table, which PostgreSQL cannot know: without being told it would go through all runs
    that there ever were, to find those of a month.
    """
    number = outcomes.c.run_id + 0  # as it is, PostgreSQL would look for the first one from the very first run on
    found = select(func.min(number), func.max(number)).where(_ended_in(period))
    first, last = connection.execute(found).one()
    return first or 0, last or 0


def _rows_of(period: Period, ids: tuple[int, int]) -> Select[Any]:
    named = [name for name in OWN_TASKS if not system_looked_at(name)]
    # A look into a system that has gone is a look all the same.
    looks = [runs.c.task.startswith(look, autoescape=True) for look in LOOKS]
    return (
        select(*(column.label(name) for name, column in _COLUMNS.items()))
        .select_from(outcomes)
        .join(runs, runs.c.id == outcomes.c.run_id)
        .where(_ended_in(period), runs.c.id.between(*ids))
        .where(~runs.c.dry_run, runs.c.task.not_in(named), ~or_(*looks))
    )


def _copied(connection: Connection, rows: Select[Any]) -> pd.DataFrame:
    """By COPY: a million rows made one by one in Python would take ten times as long and as much memory."""
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # others double every «%»
    statement = str(rows.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    driver: Any = connection.connection.driver_connection
    told = BytesIO()
    with driver.cursor() as cursor, cursor.copy(f"copy ({statement}) to stdout with (format csv)") as copy:
        for part in copy:
            told.write(part)
    told.seek(0)
    return pd.read_csv(
        told, names=list(_COLUMNS), dtype=_NUMBERS | dict.fromkeys(_WORDS, "category"),
        na_values={name: [""] for name in _NUMBERS}, keep_default_na=False,
    )  # fmt: skip
