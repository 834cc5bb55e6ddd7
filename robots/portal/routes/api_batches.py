"""The API: a task for every row of an Excel sheet. What is wrong with it first, then the batch, and its result."""

from __future__ import annotations

import io
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Row

from robots.errors import WrongInput
from robots.portal.api.batch_models import Batch, ChosenSheet, Sheet, SheetProblem, StartSheet
from robots.portal.api.faults import RESPONSES, Refused
from robots.portal.api.models import Number
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.request_keys import IDEMPOTENCY_KEY
from robots.portal.rights import May, Visitor
from robots.portal.routes.api_runs import KeyOrNone
from robots.portal.routes.api_tasks import named_task
from robots.portal.sheet_work import is_laid_now, laying_of
from robots.portal.sheets import EXCEL_TYPE, own_sheet, reached_batch, result_of, start_sheet, take_in, template_of
from robots.queue.batch_standing import progress_of

router = APIRouter(
    prefix="/api/v1", tags=["batches"], responses=RESPONSES, generate_unique_id_function=lambda route: route.name
)
Starting = Annotated[Visitor, needs(May.START)]
WORKBOOK = {EXCEL_TYPE: {"schema": {"type": "string", "format": "binary"}}}
_SENDS_WORKBOOK: dict[str, Any] = {"requestBody": {"required": True, "content": WORKBOOK}}
_IS_WORKBOOK: dict[int | str, dict[str, Any]] = {200: {"description": "An Excel workbook.", "content": WORKBOOK}}
_IS_ON_ITS_WAY: dict[int | str, dict[str, Any]] = {
    202: {"model": Batch, "description": "Rows are still on their way into the queue."}
}
SheetNumber = Annotated[Number, Path(description="As ``sheet``, where it was given.")]
BatchNumber = Annotated[Number, Path(description="As ``batch``, where it was started.")]


async def _sent(request: Request) -> bytes:
    """Read when the guard has let the visitor in."""
    return await request.body()


@router.get("/tasks/{name}/template", response_class=Response, responses=_IS_WORKBOOK)
def read_template(request: Request, _visitor: Starting, name: str) -> Response:
    """The Excel to fill in."""
    return Response(template_of(named_task(desk_of(request), name)), media_type=EXCEL_TYPE)


@router.post("/sheets", status_code=201, openapi_extra=_SENDS_WORKBOOK)
def give_sheet(
    request: Request, visitor: Starting, content: Annotated[bytes, Depends(_sent)],
    chosen: Annotated[ChosenSheet, Query()],
) -> Sheet:  # fmt: skip
    """Read a filled-in sheet, at most 10 MB: what would start, and what is wrong, row by row. Starts nothing."""
    desk = desk_of(request)
    wanted = named_task(desk, chosen.task)
    try:
        number = take_in(desk, visitor, wanted, io.BytesIO(content), name=chosen.file_name, sheet=chosen.sheet)
    except WrongInput as error:
        raise Refused(422, error.expected, "file") from error
    return _sheet(own_sheet(desk, visitor, number))


@router.get("/sheets/{number}")
def read_sheet(request: Request, visitor: Starting, number: SheetNumber) -> Sheet:
    """A sheet that the account has given."""
    return _sheet(own_sheet(desk_of(request), visitor, number))


@router.post("/sheets/{number}/start", response_model=Batch, responses=_IS_ON_ITS_WAY)
def start_batch(
    request: Request, visitor: Starting, number: SheetNumber, sent: StartSheet, key: KeyOrNone = ""
) -> Batch | Response:  # fmt: skip
    """Ask for the runs of the good rows. A sheet is one batch: sent once more it is the same, and goes on where it
    broke, so that no key is needed. 202 where rows of a large one are still on their way into the queue: ``Location``
    is the batch, which tells how far it has come."""
    desk = desk_of(request)
    row = own_sheet(desk, visitor, number)
    try:
        made = start_sheet(desk, visitor, row, dry_run=sent.dry_run, key=key)
    except WrongInput as error:
        raise Refused(409, error.expected, error.field if error.field == IDEMPOTENCY_KEY else "file") from error
    told = batch_of(desk, reached_batch(desk, visitor, made))
    if told.laying:
        return JSONResponse(told.model_dump(), 202, {"Location": f"/api/v1/batches/{made}"})
    return told


@router.get("/batches/{number}")
def read_batch(request: Request, visitor: Annotated[Visitor, needs(May.SEE_RUNS)], number: BatchNumber) -> Batch:
    """How far it has come."""
    desk = desk_of(request)
    return batch_of(desk, reached_batch(desk, visitor, number))


@router.get("/batches/{number}/result", response_class=Response, responses=_IS_WORKBOOK)
def read_result(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_PERSONAL)], number: BatchNumber
) -> Response:  # fmt: skip
    """The sheet with what became of each row. 409 where it is no longer kept: give the same file again."""
    desk = desk_of(request)
    address = desk.settings.portal_url or str(request.base_url)
    try:
        _, content = result_of(desk, visitor, reached_batch(desk, visitor, number), address.rstrip("/"))
    except WrongInput as error:
        raise Refused(409, error.expected) from error
    return Response(content, media_type=EXCEL_TYPE)


def _sheet(row: Row[Any]) -> Sheet:
    told = row.checked
    problems = [SheetProblem(**{name: each[name] for name in SheetProblem.model_fields}) for each in told["problems"]]
    return Sheet(
        sheet=row.id, task=row.task.replace("_", "-"), batch=row.batch_id, good=told["good"], bad=told["bad"],
        doubled=told["doubled_rows"], asked_before=told["asked_before"], problems=problems,
        unused=told["unused"], left_out=told["left_out"],
    )  # fmt: skip


def batch_of(desk: Desk, row: Row[Any]) -> Batch:
    laying = laying_of(desk.store, row.id)
    progress = progress_of(desk.store, row.id)
    return Batch(
        batch=row.id, task=row.task.replace("_", "-"), dry_run=row.dry_run, rows=row.asked_rows,
        laying=is_laid_now(laying), fault=laying.fault if laying else "", runs=progress.total,
        left=progress.left, done=progress.of("done"), handed_over=progress.of("handed_over"),
        failed=progress.of("failed", "cancelled"), waiting=progress.of("waiting_approval"),
    )  # fmt: skip
