"""Batches that a program asks for row by row: looked at as a sheet is, all of it before anything starts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from robots.audit.writing import note
from robots.portal.desk import Desk
from robots.portal.forms import faults_of
from robots.portal.request_keys import digest_of, known, remember
from robots.portal.rights import Visitor
from robots.portal.sheets import MOST_TOLD
from robots.portal.starting import demand_start
from robots.queue.batches import AskedRow, Batch, asked_before, enqueue, find_batch_within, open_batch_within
from robots.queue.runs import request_key
from robots.task import Task

# A chunk of the queue's, and about the megabyte that a request may be.
MOST_ROWS = 5000
# In place of a sheet's title, which no sheet has.
NO_SHEET = ""
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row, by its number from 1; ``field`` is "" for what is wrong between several."""

    row: int
    field: str
    expected: str


@dataclass(frozen=True)
class Looked:
    """The rows as they can be asked for. ``doubled`` ask for the same as one above, ``before`` for what was asked for
    earlier; ``faults`` are those of the first wrong rows."""

    asked: tuple[AskedRow, ...]
    faults: tuple[Fault, ...]
    doubled: int
    before: int

    @property
    def good(self) -> int:
        return sum(row.values is not None for row in self.asked)


@dataclass(frozen=True)
class Wanted:
    """``skip_wrong`` starts the good rows, and keeps of the others what is wrong with them."""

    task: Task
    rows: Rows
    name: str
    dry_run: bool
    skip_wrong: bool


def look_at(desk: Desk, visitor: Visitor, task: Task, rows: Rows) -> Looked:
    """Every row, as the form's fields are looked at."""
    asked: list[AskedRow] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows, start=1):
        wrong = faults_of(visitor, task, row)
        faults += [Fault(number, field, words) for field, words in wrong.items()][: MOST_TOLD - len(faults)]
        told = " ".join(f"{field}: {words}" if field else words for field, words in wrong.items())
        asked.append(AskedRow(number, None if wrong else task.inputs.parse(row), told))
    keys = [request_key(task, row.values) for row in asked if row.values is not None]
    different = list(dict.fromkeys(keys))
    before = asked_before(desk.store, different)
    return Looked(tuple(asked), tuple(faults), len(keys) - len(different), len(before))


def start_rows(desk: Desk, visitor: Visitor, wanted: Wanted, looked: Looked, *, key: str) -> Batch:
    """Ask for the runs of the good rows. The same ``key`` is the same batch, and goes on where it broke.

    Raises ``WrongInput`` as ``request_keys.known``, and as ``starting.demand_start``.
    """
    robot = demand_start(desk, visitor, wanted.task)
    digest = digest_of("rows", wanted.task.name, wanted.rows, wanted.name, wanted.dry_run, wanted.skip_wrong)
    hours = desk.settings.answer_hours
    with desk.store.begin() as connection:
        if row := known(connection, visitor, key, digest):
            batch = find_batch_within(connection, row.batch_id, hours)
        else:
            # What a sheet's file is to others these rows are to whoever sends them, also when the key is forgotten.
            told = hashlib.sha256(f"{visitor.account_id} {key} {digest}".encode()).hexdigest()
            batch = open_batch_within(
                connection, wanted.task, file_name=wanted.name, sha256=told, sheet=NO_SHEET, started_by=visitor.name,
                dry_run=wanted.dry_run, answer_hours=hours,
            )  # fmt: skip
            remember(connection, visitor, key, digest, batch_id=batch.id)
    enqueue(desk.store, wanted.task, batch, looked.asked, robot=robot)
    return batch


def note_taken(desk: Desk, visitor: Visitor, batch: int, first: int) -> None:
    """That what became of the rows from this one on was read: what the citizens' cases say stands in it."""
    with desk.store.begin() as connection:
        note(connection, visitor.name, "result_taken", f"batch:{batch}", row=first)
