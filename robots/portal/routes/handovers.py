"""Handovers: the inbox, the page of one, and the steps that a person takes with it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy import Row

from robots.audit.reading import Wanted, noted
from robots.audit.writing import note_look
from robots.errors import WrongInput
from robots.portal import handover_steps as steps
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.handovers import (
    CLOSED_DAYS,
    FREE,
    MOST_LISTED,
    TAKEN,
    WITH_ROBOT,
    Filters,
    closed_handovers,
    find_handover,
    open_handovers,
    sorts_of,
)
from robots.portal.pages import page, words_of
from robots.portal.rights import May, Visitor
from robots.portal.run_page import case_page
from robots.portal.wording import marked as _
from robots.queue.run_record import RunRecord

router = APIRouter()
# Who handles them, and who sees afterwards how they were handled.
Seeing = Annotated[Visitor, needs(May.HANDLE, May.SEE_AUDIT)]
Handling = Annotated[Visitor, needs(May.HANDLE)]
WAYS = {
    "by_hand": _("Gjort för hand"), "not_needed": _("Behövdes inte"), "wrong": _("Fel person eller ärende"),
    "other": _("Annat"),
}  # fmt: skip
# What the audit calls the steps, as they are told on the page.
STEPS = {
    "handover_taken": _("tog den"), "handover_given_back": _("lämnade tillbaka den till teamet"),
    "handover_assigned": _("gav den till en kollega"), "handover_returned": _("lät roboten försöka igen"),
    "handover_closed": _("avslutade den"),
}  # fmt: skip


class Chosen(BaseModel):
    """Which handovers are listed, as the address says; ``ended`` is the one that was closed just now."""

    task: str = ""
    kind: str = ""
    case: str = ""
    closed: bool = False
    ended: int = 0


@router.get("/handovers")
def all_handovers(request: Request, visitor: Seeing, chosen: Annotated[Chosen, Query()]) -> Response:
    """Mine, my team's and what colleagues have taken; or the closed ones."""
    desk = desk_of(request)
    tasks = desk.tasks.by_name
    filters = Filters(chosen.task, chosen.kind, chosen.case.strip().upper())
    listed = (closed_handovers if chosen.closed else open_handovers)(desk.store, visitor, tasks, filters)
    return page(
        request, "handovers", visitor, chosen=chosen, tasks=tasks, sorts=sorts_of(desk.store, visitor, tasks),
        groups=[] if chosen.closed else _groups(visitor, listed), closed=listed if chosen.closed else [],
        is_cut=len(listed) == MOST_LISTED, most=MOST_LISTED, closed_days=CLOSED_DAYS, WAYS=WAYS,
    )  # fmt: skip


def _groups(visitor: Visitor, listed: list[Row[Any]]) -> list[tuple[str, str, list[Row[Any]]]]:
    """A key, a heading and what stands under it. Each handover stands in one group."""
    mine = [row for row in listed if row.standing == TAKEN and row.taken_by == visitor.name]
    others = [row for row in listed if row.standing == TAKEN and row.taken_by != visitor.name]
    return [
        ("mine", _("Mina"), mine), ("free", _("Ingen har tagit"), [row for row in listed if row.standing == FREE]),
        ("others", _("Kollegor har tagit"), others),
        ("robot", _("Roboten försöker igen"), [row for row in listed if row.standing == WITH_ROBOT]),
    ]  # fmt: skip


@router.get("/handovers/{run_id}")
def one_handover(request: Request, visitor: Seeing, run_id: int) -> Response:
    """That it was looked at is noted: it is a citizen's."""
    desk = desk_of(request)
    _found(desk, visitor, run_id)
    note_look(desk.store, visitor.name, run_id, "looked")
    return _shown(request, visitor, run_id)


def _shown(
    request: Request, visitor: Visitor, run_id: int, *, status: int = 200, told: str = "",
    faults: dict[str, str] | None = None, typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """That it was looked at is noted: it is a citizen's."""
    desk = desk_of(request)
    row = _found(desk, visitor, run_id)
    note_look(desk.store, visitor.name, run_id, "looked")
    task = desk.tasks.by_name.get(row.task)
    leads = steps.leads(visitor, task)
    return page(
        request, "handover", visitor, status=status, handover=row, task=task,
        record=RunRecord.of(desk.store, run_id, task), told=told, faults=faults or {}, typed=typed or {},
        history=noted(desk.store, Wanted(about=f"K-{run_id}", did=STEPS))[::-1],
        team=steps.team_of(desk.store, task) if leads and task else [], leads=leads, WAYS=WAYS, STEPS=STEPS,
        is_own=row.standing == TAKEN and row.taken_by == visitor.name,
        case_page=case_page(desk.settings, row.case_number),
    )  # fmt: skip


def _found(desk: Desk, visitor: Visitor, run_id: int) -> Row[Any]:
    row = find_handover(desk.store, visitor, desk.tasks.by_name, run_id)
    if row is None:
        raise HTTPException(404)
    return row


def _otherwise(request: Request, visitor: Visitor, run_id: int, error: steps.StandsOtherwise) -> Response:
    return _shown(request, visitor, run_id, status=409, told=words_of(visitor, error.words, **error.values))


@router.post("/handovers/{run_id}/take")
def take(request: Request, visitor: Handling, run_id: int) -> Response:
    desk = desk_of(request)
    _found(desk, visitor, run_id)
    try:
        steps.take(desk.store, visitor, run_id)
    except steps.StandsOtherwise as error:
        return _otherwise(request, visitor, run_id, error)
    return RedirectResponse(f"/handovers/{run_id}", 303)


@router.post("/handovers/{run_id}/give-back")
def give_back(request: Request, visitor: Handling, run_id: int) -> Response:
    desk = desk_of(request)
    row = _found(desk, visitor, run_id)
    try:
        steps.give_back(desk.store, visitor, run_id, desk.tasks.by_name.get(row.task))
    except steps.StandsOtherwise as error:
        return _otherwise(request, visitor, run_id, error)
    return RedirectResponse("/handovers", 303)


@router.post("/handovers/{run_id}/assign")
def assign(
    request: Request, visitor: Annotated[Visitor, needs(May.ASSIGN)], run_id: int, to: Annotated[str, Form()] = ""
) -> Response:
    desk = desk_of(request)
    task = desk.tasks.by_name.get(_found(desk, visitor, run_id).task)
    if task is None or not steps.leads(visitor, task):
        raise HTTPException(404)  # to the visitor there is no such step
    try:
        steps.assign(desk.store, visitor, run_id, task, to)
    except steps.StandsOtherwise as error:
        return _otherwise(request, visitor, run_id, error)
    except WrongInput as error:
        return _shown(request, visitor, run_id, status=422, faults={"to": error.expected})
    return RedirectResponse(f"/handovers/{run_id}", 303)


@router.post("/handovers/{run_id}/return")
def send_back(request: Request, visitor: Handling, run_id: int, reason: Annotated[str, Form()] = "") -> Response:
    """To the robot; the new run is what the visitor wants to see then."""
    desk = desk_of(request)
    _found(desk, visitor, run_id)
    try:
        made = steps.send_back(desk.store, visitor, run_id, reason, answer_hours=desk.settings.answer_hours)
    except steps.StandsOtherwise as error:
        return _otherwise(request, visitor, run_id, error)
    except WrongInput as error:
        return _shown(
            request, visitor, run_id, status=422, faults={"reason": error.expected}, typed={"reason": reason}
        )  # fmt: skip
    return RedirectResponse(f"/runs/{made.run_id}", 303)


@router.post("/handovers/{run_id}/close")
def close(
    request: Request, visitor: Handling, run_id: int, way: Annotated[str, Form()] = "",
    done: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    desk = desk_of(request)
    _found(desk, visitor, run_id)
    try:
        steps.close(desk.store, visitor, run_id, way, done)
    except steps.StandsOtherwise as error:
        return _otherwise(request, visitor, run_id, error)
    except WrongInput as error:
        field = "way" if error.field == "Sätt" else "done"
        return _shown(request, visitor, run_id, status=422, faults={field: error.expected},
                      typed={"way": way, "done": done})  # fmt: skip
    return RedirectResponse(f"/handovers?ended={run_id}", 303)
