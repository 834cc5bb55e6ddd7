"""Excel: a task for every row of a sheet. The template, the sheet with its errors, the batch, and its result."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Row
from starlette.datastructures import FormData, UploadFile

from robots.errors import NotStarted, WrongInput
from robots.portal.desk import desk_of
from robots.portal.doors.bodies import MOST_SHEET_BYTES
from robots.portal.doors.guards import needs
from robots.portal.pages import page
from robots.portal.rights import May, Visitor
from robots.portal.sheet_work import is_laid_now, laying_of
from robots.portal.sheets import (
    EXCEL_TYPE,
    MOST_TOLD,
    batches_of,
    find_batch,
    own_sheet,
    reached_batch,
    result_of,
    rows_for_people,
    sheet_of,
    start_sheet,
    take_in,
    template_of,
)
from robots.portal.starting import reasons_against
from robots.portal.wording import marked as _
from robots.queue.batch_standing import Progress, progress_of, summary_of
from robots.task import Task

router = APIRouter()
Starting = Annotated[Visitor, needs(May.START)]
Seeing = Annotated[Visitor, needs(May.START, May.SEE_RUNS)]


@router.get("/excel")
def choose(request: Request, visitor: Starting, task: str = "") -> Response:
    """A task to choose, then its template and where to lay the sheet; and the batches so far."""
    return _chooser(request, visitor, desk_of(request).tasks.by_name.get(task.replace("-", "_")))


def _chooser(
    request: Request, visitor: Visitor, task: Task | None, *, status: int = 200, fault: str = "", sheet: str = ""
) -> Response:
    desk = desk_of(request)
    return page(
        request, "excel", visitor, status=status, tasks=desk.tasks.by_name, task=task, fault=fault, sheet=sheet,
        hindrance=reasons_against(desk.store, visitor, [task]).get(task.name, "") if task else "",
        batches=batches_of(desk, visitor), most_bytes=MOST_SHEET_BYTES,
    )  # fmt: skip


@router.get("/excel/templates/{task}")
def template(request: Request, visitor: Starting, task: str) -> Response:  # noqa: ARG001 - who asks is the guard's
    found = desk_of(request).tasks.by_name.get(task.replace("-", "_"))
    if found is None:
        raise HTTPException(404)
    return _workbook(template_of(found), f"{found.command}.xlsx")


async def _sent(request: Request) -> FormData:
    """Read when the guard has let the visitor in: a form that the route itself asked for is read before that."""
    return await request.form()


@router.post("/excel/sheets")
def give(request: Request, visitor: Starting, sent: Annotated[FormData, Depends(_sent)]) -> Response:
    """Read the sheet; what is wrong with it as a whole is told beside the form, and nothing is kept then."""
    desk = desk_of(request)
    task = desk.tasks.by_name.get(str(sent.get("task", "")).replace("-", "_"))
    if task is None:
        raise HTTPException(404)
    file, sheet = sent.get("file"), str(sent.get("sheet", ""))
    if not isinstance(file, UploadFile) or not file.filename:
        return _chooser(request, visitor, task, status=422, fault=_("Välj den ifyllda filen."), sheet=sheet)
    try:
        with file.file as content:
            number = take_in(desk, visitor, task, content, name=file.filename, sheet=sheet)
    except WrongInput as error:
        return _chooser(request, visitor, task, status=422, fault=error.expected, sheet=sheet)
    except NotStarted as error:
        return _chooser(request, visitor, task, status=409, fault=str(error), sheet=sheet)
    return RedirectResponse(f"/excel/sheets/{number}", 303)


@router.get("/excel/sheets/{number}")
def given(request: Request, visitor: Starting, number: int) -> Response:
    """What would start, and what is wrong, row by row."""
    desk = desk_of(request)
    return _given(request, visitor, own_sheet(desk, visitor, number))


def _given(request: Request, visitor: Visitor, row: Row[Any], *, status: int = 200, fault: str = "") -> Response:
    desk = desk_of(request)
    return page(
        request, "sheet", visitor, status=status, sheet=row, checked=row.checked, fault=fault, most=MOST_TOLD,
        task=desk.tasks.by_name.get(row.task),
        earlier=find_batch(desk, visitor, row.batch_id) if row.batch_id else None,
    )  # fmt: skip


@router.post("/excel/sheets/{number}/start")
def start(
    request: Request, visitor: Starting, number: int, trial: Annotated[bool, Form()] = False
) -> Response:  # fmt: skip
    desk = desk_of(request)
    row = own_sheet(desk, visitor, number)
    try:
        batch = start_sheet(desk, visitor, row, dry_run=trial)
    except WrongInput as error:
        return _given(request, visitor, row, status=422, fault=error.expected)
    except NotStarted as error:
        return _given(request, visitor, row, status=409, fault=str(error))
    return RedirectResponse(f"/excel/batches/{batch}", 303)


@router.get("/excel/batches/{number}")
def batch(request: Request, visitor: Seeing, number: int) -> Response:
    """How far it has come, and what waits for people."""
    desk = desk_of(request)
    found = reached_batch(desk, visitor, number)
    own = sheet_of(desk.store, number, visitor.name)
    checked = own.checked if own else {"good": 0, "bad": 0}
    progress, reached = progress_of(desk.store, number), visitor.reached(desk.tasks.by_name.values())
    laying = laying_of(desk.store, number)
    told = _told(progress, found, laying)
    summary = summary_of(desk.store, number, reached) if not (progress.left or told["laying"]) else []
    return page(
        request, "batch", visitor, batch=found, task=desk.tasks.by_name.get(found.task), progress=progress,
        told=told, summary=summary, laying=laying,
        hidden=0 if progress.left or told["laying"] else progress.total - sum(each.runs for each in summary),
        people=rows_for_people(desk.store, number, reached), own=own, kept=sheet_of(desk.store, number) is not None,
        missing=max(0, checked["good"] + checked["bad"] - found.asked_rows)
        if visitor.may(May.START) and not told["laying"] else 0,
    )  # fmt: skip


@router.get("/excel/batches/{number}/progress")
def progress(request: Request, visitor: Seeing, number: int) -> dict[str, Any]:
    """What a page that is open asks for each second."""
    desk = desk_of(request)
    laying = laying_of(desk.store, number)  # first: what has been laid since then is counted below
    return _told(progress_of(desk.store, number), reached_batch(desk, visitor, number), laying)


def _told(progress: Progress, batch: Row[Any], laying: Row[Any] | None) -> dict[str, Any]:
    """``laying``: rows are still on their way into the queue, ``rows`` so far."""
    return {
        "rows": batch.asked_rows, "laying": is_laid_now(laying),
        "total": progress.total, "ended": progress.total - progress.left, "left": progress.left,
        "done": progress.of("done"), "handed_over": progress.of("handed_over"),
        "failed": progress.of("failed", "cancelled"), "waiting": progress.of("waiting_approval"),
        "running": progress.of("running"),
    }  # fmt: skip


@router.get("/excel/batches/{number}/result")
def result(request: Request, visitor: Annotated[Visitor, needs(May.SEE_PERSONAL)], number: int) -> Response:
    """The sheet with what became of each row: what the citizens' cases say stands in it."""
    desk = desk_of(request)
    address = desk.settings.portal_url or str(request.base_url)
    name, content = result_of(desk, visitor, reached_batch(desk, visitor, number), address.rstrip("/"))
    return _workbook(content, name)


def _workbook(content: bytes, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=EXCEL_TYPE, headers={"Content-Disposition": disposition})
