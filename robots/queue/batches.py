"""A batch: the runs asked for by one sheet of one Excel file, so that the same sheet again is the same batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, Text, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.audit.writing import note
from robots.inputs import Values
from robots.queue.engine import ANSWER_HOURS, PRIORITIES, order_in_queue, with_jobs
from robots.queue.runs import request_key
from robots.store import Store
from robots.store.schema import batch_rows, batches, runs
from robots.task import Task

# One transaction: a day's sheet as a rule, and short enough that a broken connection loses little.
CHUNK = 5000
# Chunks of all batches queue up behind this number: two that held each other's keys would wait for ever.
_CHUNK_LOCK = 0x52_41_47_4E


@dataclass(frozen=True)
class Batch:
    """``new`` is False when this sheet was given before; the rest then tells of that time.

    ``answer_hours`` is how soon the citizens are promised an answer.
    """

    id: int
    started_by: str
    created_at: datetime
    dry_run: bool
    new: bool
    answer_hours: float = ANSWER_HOURS


@dataclass(frozen=True)
class AskedRow:
    """One row of the sheet: its number there, and either its ``values`` or the ``error`` that keeps it from running."""

    number: int
    values: Values | None
    error: str = ""


@dataclass(frozen=True)
class Enqueued:
    """How many runs are new, how many were asked for before; how many rows repeat an earlier one or are wrong."""

    new: int
    joined: int
    doubled: int
    bad: int


def open_batch(
    store: Store, task: Task, *, file_name: str, sha256: str, sheet: str, started_by: str, dry_run: bool,
    answer_hours: float = ANSWER_HOURS,
) -> Batch:  # fmt: skip
    """The batch of this sheet, made now if the sheet has not been given before. A dry run is a new batch each time."""
    with store.begin() as connection:
        return open_batch_within(
            connection, task, file_name=file_name, sha256=sha256, sheet=sheet, started_by=started_by, dry_run=dry_run,
            answer_hours=answer_hours,
        )  # fmt: skip


def open_batch_within(
    connection: Connection, task: Task, *, file_name: str, sha256: str, sheet: str, started_by: str, dry_run: bool,
    answer_hours: float = ANSWER_HOURS,
) -> Batch:  # fmt: skip
    """As ``open_batch``, in a transaction that is open."""
    told = {"task": task.name, "file_sha256": sha256, "sheet": sheet, "dry_run": dry_run}
    made = connection.execute(
        upsert(batches)
        .values(**told, file_name=file_name, started_by=started_by)
        .on_conflict_do_nothing()
        .returning(batches)
    ).first()
    row = made or connection.execute(select(batches).filter_by(**told)).one()
    if made:
        note(connection, started_by, "batch_started", f"batch:{row.id}", task=task.name, dry_run=dry_run)
    return Batch(row.id, row.started_by, row.created_at, row.dry_run, made is not None, answer_hours)


def find_batch_within(connection: Connection, number: int, answer_hours: float = ANSWER_HOURS) -> Batch:
    """One that is there already."""
    row = connection.execute(select(batches).where(batches.c.id == number)).one()
    return Batch(row.id, row.started_by, row.created_at, row.dry_run, False, answer_hours)


def enqueue(store: Store, task: Task, batch: Batch, rows: Iterable[AskedRow], *, robot: str) -> Enqueued:
    """Ask for the run of every good row, a chunk a transaction, and remember every row.

    May be repeated, and taken up again after a crash in the middle: a row that has its run keeps it, and a request
    that was ever made before, in this batch or in any other way, is joined to its run.
    """
    new = 0
    left = iter(rows)
    while chunk := list(itertools.islice(left, CHUNK)):
        with store.begin() as connection:
            new += _enqueue_chunk(connection, task, batch, chunk, robot)
    with store.begin() as connection:
        _mark_doubled(connection, batch.id)
        counted = connection.execute(
            select(
                func.count(batch_rows.c.run_id.distinct()).label("runs"),
                func.count(batch_rows.c.first_row).label("doubled"),
                func.count(batch_rows.c.error).label("bad"),
            ).where(batch_rows.c.batch_id == batch.id)
        ).one()
    return Enqueued(new, counted.runs - new, counted.doubled, counted.bad)


def _enqueue_chunk(connection: Connection, task: Task, batch: Batch, chunk: list[AskedRow], robot: str) -> int:
    connection.execute(select(func.pg_advisory_xact_lock(_CHUNK_LOCK)))
    keys = {row.number: _key(task, row.values, batch) for row in chunk if row.values}
    wanted = {keys[row.number]: row.values for row in reversed(chunk) if row.values}  # the first of two rows counts
    in_order = dict.fromkeys(keys.values())
    known = _runs_of(connection, list(in_order))
    made = _make_runs(connection, task, batch, {k: wanted[k] for k in in_order if k not in known}, robot)
    if len(known) + len(made) < len(in_order):  # asked for by somebody else between the two statements
        known = _runs_of(connection, list(in_order))
    run_of = known | made
    written = upsert(batch_rows)
    connection.execute(
        written.on_conflict_do_update(
            index_elements=["batch_id", "row"],
            set_={"run_id": written.excluded.run_id, "error": written.excluded.error},
            where=batch_rows.c.run_id.is_(None),
        ),
        [
            {"batch_id": batch.id, "row": row.number, "run_id": run_of[keys[row.number]] if row.values else None,
             "error": None if row.values else row.error}
            for row in chunk
        ],
    )  # fmt: skip
    return len(made)


def _key(task: Task, values: Values, batch: Batch) -> str:
    """The run's key, the same as when a guide asks for it; a dry run has its own, once for each sheet."""
    return request_key(task, values, apart=f"bunt {batch.id}" if batch.dry_run else "")


def asked_before(store: Store, keys: Sequence[str]) -> dict[str, int]:
    """Which of these requests (``request_key``) have been made, in whatever way, and the newest run of each."""
    found: dict[str, int] = {}
    with store.begin() as connection:
        for first in range(0, len(keys), CHUNK):
            found |= _runs_of(connection, list(keys[first : first + CHUNK]))
    return found


def _runs_of(connection: Connection, keys: list[str]) -> dict[str, int]:
    """The newest run of each request: what was ordered anew counts."""
    newest = func.max(runs.c.id).label("newest")
    found = connection.execute(
        select(runs.c.request, newest).where(runs.c.request.in_(keys)).group_by(runs.c.request)
    )  # fmt: skip
    return {row.request: row.newest for row in found}


def _make_runs(
    connection: Connection, task: Task, batch: Batch, wanted: dict[str, Values], robot: str
) -> dict[str, int]:
    """One row and one job for each, in the order of the sheet."""
    if not wanted:
        return {}
    # All rows in one value: a statement with thousands of values is slow to take apart, and slower than linearly.
    told = [
        {"number": number, "key": key, "case_number": values.case_number, "inputs": values.stored}
        for number, (key, values) in enumerate(wanted.items())
    ]
    typed = (column("number", Integer), column("key", Text), column("case_number", Text), column("inputs", JSONB))
    asked = func.jsonb_to_recordset(literal(told, JSONB)).table_valued(*typed).render_derived(with_types=True)
    columns = {
        "key": asked.c.key, "request": asked.c.key, "case_number": asked.c.case_number, "inputs": asked.c.inputs,
        "task": literal(task.name), "task_version": literal(task.version), "robot": literal(robot),
        "source": literal("batch"), "started_by": literal(batch.started_by), "dry_run": literal(batch.dry_run),
        "team": literal(task.owner), **order_in_queue(PRIORITIES["batch"], batch.answer_hours * 3600),
    }  # fmt: skip
    written = (
        upsert(runs)
        .from_select(list(columns), select(*columns.values()).order_by(asked.c.number))
        .on_conflict_do_nothing(index_elements=["key"])
    )
    return {row.key: row.id for row in connection.execute(with_jobs(written))}


def _mark_doubled(connection: Connection, batch_id: int) -> None:
    """Every later row that asks for the same run as an earlier one says which."""
    first = (
        select(batch_rows.c.run_id, func.min(batch_rows.c.row).label("row"))
        .where(batch_rows.c.batch_id == batch_id, batch_rows.c.run_id.is_not(None))
        .group_by(batch_rows.c.run_id)
        .having(func.count() > 1)
        .subquery()
    )
    connection.execute(
        update(batch_rows)
        .where(batch_rows.c.batch_id == batch_id, batch_rows.c.run_id == first.c.run_id)
        .where(batch_rows.c.row > first.c.row)
        .values(first_row=first.c.row)
    )
