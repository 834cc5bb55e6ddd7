"""The API: handovers, and the steps that a person takes with them from a system of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlalchemy import Row

from robots.audit.writing import note_look
from robots.errors import WrongInput
from robots.portal import handover_steps as steps
from robots.portal.api.faults import NOT_USABLE, RESPONSES, Refused
from robots.portal.api.models import Again, ChosenHandovers, Close, Handover, HandoverList, RunLine
from robots.portal.api.told import handover_of, run_line
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.handovers import MOST_LISTED, Filters, closed_handovers, find_handover, open_handovers
from robots.portal.pages import words_of
from robots.portal.request_keys import IDEMPOTENCY_KEY
from robots.portal.rights import May, Visitor
from robots.portal.routes.api_runs import CREATED, KeyOrNone, RunId
from robots.queue.runs import find_run

router = APIRouter(
    prefix="/api/v1", tags=["handovers"], responses=RESPONSES, generate_unique_id_function=lambda route: route.name
)
Seeing = Annotated[Visitor, needs(May.HANDLE, May.SEE_AUDIT)]
Handling = Annotated[Visitor, needs(May.HANDLE)]
T = TypeVar("T")
_RETURNED_BEFORE: dict[int | str, dict[str, Any]] = {200: {"model": RunLine, "description": "The key has done it."}}


@router.get("/handovers")
def list_handovers(
    request: Request, visitor: Seeing, chosen: Annotated[ChosenHandovers, Query()]
) -> HandoverList:  # fmt: skip
    """The open ones, the nearest promise first, or the closed ones, the newest first. At most 200; filter for more."""
    desk = desk_of(request)
    wanted = (chosen.task.replace("-", "_"), chosen.kind, chosen.case.strip().upper())
    filters = Filters(*(each.replace("\0", "") for each in wanted))
    listed = (closed_handovers if chosen.closed else open_handovers)(
        desk.store, visitor, desk.tasks.by_name, filters
    )  # fmt: skip
    told = [handover_of(desk, visitor, row) for row in listed]
    return HandoverList(handovers=told, is_cut=len(listed) == MOST_LISTED)


@router.get("/handovers/{run_id}")
def read_handover(request: Request, visitor: Seeing, run_id: RunId) -> Handover:
    """One handover; its inputs and changes are those of the run. That it was read is noted."""
    desk = desk_of(request)
    row = _found(desk, visitor, run_id)
    note_look(desk.store, visitor.name, run_id, "looked")
    return handover_of(desk, visitor, row)


@router.post("/handovers/{run_id}/take")
def take_handover(request: Request, visitor: Handling, run_id: RunId) -> Handover:
    """It is the account's from now on; 409 where a colleague was first."""
    store = desk_of(request).store
    return _stepped(request, visitor, run_id, lambda: steps.take(store, visitor, run_id))


@router.post("/handovers/{run_id}/give-back")
def give_handover_back(request: Request, visitor: Handling, run_id: RunId) -> Handover:
    """It is the team's again."""
    desk = desk_of(request)
    task = desk.tasks.by_name.get(_found(desk, visitor, run_id).task)
    return _stepped(request, visitor, run_id, lambda: steps.give_back(desk.store, visitor, run_id, task))


@router.post("/handovers/{run_id}/close")
def close_handover(request: Request, visitor: Handling, run_id: RunId, sent: Close) -> Handover:
    """A person has finished it, and says how."""
    store = desk_of(request).store
    return _stepped(request, visitor, run_id, lambda: steps.close(store, visitor, run_id, sent.way, sent.done))


@router.post("/handovers/{run_id}/return", status_code=CREATED, responses=_RETURNED_BEFORE)
def return_to_robot(
    request: Request, answer: Response, visitor: Handling, run_id: RunId, sent: Again, *, key: KeyOrNone = ""
) -> RunLine:  # fmt: skip
    """Let the robot try once more, now that what stood in its way is mended: the run in which it does."""
    desk = desk_of(request)
    _found(desk, visitor, run_id)
    hours = desk.settings.answer_hours
    made = _step(
        visitor, lambda: steps.send_back(desk.store, visitor, run_id, sent.reason, key=key, answer_hours=hours)
    )  # fmt: skip
    answer.status_code = CREATED if made.new else 200
    return run_line(desk, visitor, find_run(desk.store, made.run_id))


def _stepped(request: Request, visitor: Visitor, run_id: int, step: Callable[[], None]) -> Handover:
    desk = desk_of(request)
    _found(desk, visitor, run_id)
    _step(visitor, step)
    return handover_of(desk, visitor, _found(desk, visitor, run_id))


def _step(visitor: Visitor, step: Callable[[], T]) -> T:
    try:
        return step()
    except steps.StandsOtherwise as error:
        raise Refused(409, words_of(visitor, error.words, **error.values)) from error
    except WrongInput as error:
        field = {"Skäl": "reason", "Gjort": "done", "Sätt": "way"}.get(error.field)
        if field is None:
            raise Refused(409, error.expected, error.field if error.field == IDEMPOTENCY_KEY else "") from error
        raise Refused(422, NOT_USABLE, field, error.expected) from error


def _found(desk: Desk, visitor: Visitor, run_id: int) -> Row[Any]:
    row = find_handover(desk.store, visitor, desk.tasks.by_name, run_id)
    if row is None:
        raise HTTPException(404)
    return row
