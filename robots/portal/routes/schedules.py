"""The schedules: when each starts next, what became of its last starts, and what a person does about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from robots.errors import WrongInput
from robots.portal.desk import desk_of
from robots.portal.doors.guards import needs
from robots.portal.machinery import Refused, demand_reason
from robots.portal.pages import page, words_of
from robots.portal.rights import May, Visitor
from robots.portal.wording import marked as _
from robots.queue.pauses import schedule_scope
from robots.scheduler.by_hand import let_go, start_now
from robots.scheduler.history import latest_starts, pauses_of
from robots.scheduler.outlook import outlook
from robots.scheduler.scheduler import Scheduler

router = APIRouter()
NOT_FOUND = 404
NEXT, LATEST = 10, 20
STATES_OF_STARTS = {
    "due": _("väntar"), "started": _("startad"), "missed": _("missad"), "skipped": _("hoppades över"),
    "asked": _("väntar på svar"),
}  # fmt: skip


class Wanted(BaseModel):
    """A start by hand: now, or the one of ``at`` that was missed. ``seen`` is the latest when the page was shown."""

    reason: str = ""
    at: str = ""
    seen: str = ""


@router.get("/schedules")
def all_schedules(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)]) -> Response:
    """Each with its next start. What is wrong with a file is told here; its schedule goes on as it was."""
    scheduler = _scheduler(request)
    with scheduler.store.begin() as connection:
        known = scheduler.known(connection)
        calendar, fault = scheduler.calendar(connection)
        names, now = [each.name for each in known.schedules], scheduler.now(connection)
        following = {
            each.name: next((p for p in outlook(each, calendar, now, 1) if not p.skipped), None) if calendar else None
            for each in known.schedules
        }
        paused = pauses_of(connection, names)
        asked = latest_starts(connection, names, limit=1, states=("asked",))
        last = latest_starts(connection, names, limit=1)
    return page(
        request, "schedules", visitor, schedules=known.schedules, faults=known.faults, calendar_fault=fault,
        following=following, paused=paused, asked=asked, last=last, STATES_OF_STARTS=STATES_OF_STARTS,
        tasks=desk_of(request).tasks.by_name,
    )  # fmt: skip


@router.get("/schedules/{name}")
def one_schedule(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)], name: str) -> Response:
    return schedule_page(request, visitor, name)


def schedule_page(request: Request, visitor: Visitor, name: str, refused: Refused | None = None) -> Response:
    scheduler = _scheduler(request)
    with scheduler.store.begin() as connection:
        known = scheduler.known(connection)
        found = next((each for each in known.schedules if each.name == name), None)
        if found is None and name not in known.faults:
            raise HTTPException(NOT_FOUND)
        calendar, fault = scheduler.calendar(connection)
        planned = list(outlook(found, calendar, scheduler.now(connection), NEXT)) if found and calendar else []
        last = latest_starts(connection, [name], limit=LATEST)[name]
        asked = latest_starts(connection, [name], limit=LATEST, states=("asked",))[name]
        paused = pauses_of(connection, [name]).get(name)
    return page(
        request, "schedule", visitor, status=422 if refused else 200, refused=refused, schedule=found, name=name,
        fault=known.faults.get(name, "") or fault, planned=planned, last=last, asked=asked, paused=paused,
        scope=schedule_scope(name), STATES_OF_STARTS=STATES_OF_STARTS, tasks=desk_of(request).tasks.by_name,
    )  # fmt: skip


@router.post("/schedules/{name}/start")
def start(
    request: Request, visitor: Annotated[Visitor, needs(May.CHANGE_MACHINERY)], name: str,
    wanted: Annotated[Wanted, Form()],
) -> Response:  # fmt: skip
    """Made once, however often the button is pressed: a page from before the latest start starts nothing."""
    scheduler = _scheduler(request)
    try:
        why = demand_reason(visitor, wanted.reason)
        if not wanted.at and wanted.seen != _latest(scheduler, name):
            raise WrongInput("Schema", name, words_of(visitor, _("Schemat har startat sedan sidan visades. Se nedan.")))
        start_now(scheduler, name, by=visitor.name, at=_moment(wanted.at), reason=why)
    except WrongInput as error:
        return schedule_page(request, visitor, name, Refused(f"start:{wanted.at}", error.expected, wanted.reason))
    return RedirectResponse(f"/schedules/{name}", 303)


@router.post("/schedules/{name}/let-go")
def let_it_go(
    request: Request, visitor: Annotated[Visitor, needs(May.CHANGE_MACHINERY)], name: str,
    reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """None of the starts that the schedule asks about is made."""
    scheduler = _scheduler(request)
    try:
        why = demand_reason(visitor, reason)
        let_go(scheduler, name, by=visitor.name, reason=why)
    except WrongInput as error:
        return schedule_page(request, visitor, name, Refused("let-go", error.expected, reason))
    return RedirectResponse(f"/schedules/{name}", 303)


def _latest(scheduler: Scheduler, name: str) -> str:
    with scheduler.store.begin() as connection:
        rows = latest_starts(connection, [name], limit=1)[name]
    return str(rows[0].id) if rows else ""


def _moment(at: str) -> datetime | None:
    try:
        return datetime.fromisoformat(at) if at else None
    except ValueError:
        raise WrongInput("Starttid", at[:40], "Den starten finns inte.") from None


def _scheduler(request: Request) -> Scheduler:
    desk = desk_of(request)
    return Scheduler(desk.settings, desk.store, tasks=lambda: desk.tasks)
