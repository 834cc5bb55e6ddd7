"""The API: a batch of rows that the program sends as JSON, and what has become of a batch row by row."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Row

from robots.errors import WrongInput
from robots.evidence.redaction import redact
from robots.portal.api.batch_models import (
    Batch,
    BatchRow,
    BatchRowList,
    CheckRows,
    ChosenRows,
    RowProblem,
    RowReceipt,
    RowsChecked,
    RowsFault,
    StartRows,
)
from robots.portal.api.faults import DESCRIPTIONS, NOT_ALONE, RESPONSES, Refused
from robots.portal.desk import desk_of
from robots.portal.doors.guards import needs
from robots.portal.request_keys import IDEMPOTENCY_KEY
from robots.portal.rights import May, Visitor
from robots.portal.routes.api_batches import BatchNumber, batch_of
from robots.portal.routes.api_runs import CREATED, Key, Starting
from robots.portal.routes.api_tasks import named_task
from robots.portal.row_batches import Looked, Wanted, look_at, note_taken, start_rows
from robots.portal.sheets import reached_batch
from robots.queue.batch_standing import rows_after

router = APIRouter(
    prefix="/api/v1", tags=["batches"], responses=RESPONSES, generate_unique_id_function=lambda route: route.name
)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Batch, "description": "The key has started it before."},
    422: {"model": RowsFault, "description": DESCRIPTIONS[422]},
}


@router.post("/tasks/{name}/check-rows")
def check_rows(request: Request, visitor: Starting, name: str, sent: CheckRows) -> RowsChecked:
    """What would start of these rows, and what is wrong, row by row. Starts nothing."""
    desk = desk_of(request)
    looked = look_at(desk, visitor, named_task(desk, name), sent.rows)
    return RowsChecked(
        good=looked.good, bad=len(looked.asked) - looked.good, doubled=looked.doubled, asked_before=looked.before,
        problems=_problems(looked),
    )  # fmt: skip


@router.post("/batches", status_code=CREATED, responses=_ANSWERS)
def start_row_batch(request: Request, answer: Response, visitor: Starting, key: Key, sent: StartRows) -> Batch:
    """Start a batch of these rows: 201 for a new one, 200 with the earlier one for the same key, 409 where the key has
    started something else. Where a row is wrong nothing is started (422), unless ``skip_wrong`` is told."""
    desk = desk_of(request)
    task = named_task(desk, sent.task)
    looked = look_at(desk, visitor, task, sent.rows)
    if looked.faults and not (sent.skip_wrong and looked.good):
        first = looked.faults[0]
        told = [each.model_dump() for each in _problems(looked)]
        raise Refused(422, _WRONG, f"rows.{first.row}.{first.field}".rstrip("."), first.expected, problems=told)
    wanted = Wanted(task, sent.rows, sent.name, sent.dry_run, sent.skip_wrong)
    try:
        made = start_rows(desk, visitor, wanted, looked, key=key)
    except WrongInput as error:
        if error.field != IDEMPOTENCY_KEY:
            raise
        raise Refused(409, error.expected, error.field) from error
    answer.status_code = CREATED if made.new else 200
    answer.headers["Location"] = f"/api/v1/batches/{made.id}"
    return batch_of(desk, reached_batch(desk, visitor, made.id))


@router.get("/batches/{number}/rows")
def read_rows(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_PERSONAL)], number: BatchNumber,
    chosen: Annotated[ChosenRows, Query()],
) -> BatchRowList:  # fmt: skip
    """What has become of each row so far, of a sheet or of rows that were sent. That it was read is noted."""
    desk, most, after = desk_of(request), chosen.limit, int(chosen.cursor or 0)
    reached_batch(desk, visitor, number)
    found = rows_after(desk.store, number, after, most + 1, visitor.reached(desk.tasks.by_name.values()))
    note_taken(desk, visitor, number, after + 1)
    cut = str(found[most - 1].row) if len(found) > most else None
    return BatchRowList(rows=[_row(row) for row in found[:most]], next=cut)


_WRONG = "Det är fel i en rad eller flera. Inget har startats."


def _problems(looked: Looked) -> list[RowProblem]:
    return [RowProblem(row=each.row, field=each.field, expected=each.expected) for each in looked.faults]


def _row(row: Row[Any]) -> BatchRow:
    """A run that somebody else has asked for, and that the visitor does not reach, is not told."""
    if row.run_id is None or not row.reached:
        error = NOT_ALONE if row.error is None else redact(row.error)
        return BatchRow(
            row=row.row, error=error, run=None, first_row=row.first_row, joined=row.run_id is not None, state=None,
            kind=None, reason=None, todo=None, seconds=None, receipts=[],
        )  # fmt: skip
    return BatchRow(
        row=row.row, error="", run=row.run_id, first_row=row.first_row, joined=bool(row.joined), state=row.state,
        kind=row.kind, reason=row.reason, todo=row.todo, seconds=None if row.seconds is None else float(row.seconds),
        receipts=[RowReceipt(effect=effect, receipt=receipt) for effect, receipt in row.receipts or ()],
    )  # fmt: skip
