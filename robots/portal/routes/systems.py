"""The systems: whether each can be used now, its seats, how well proven its driver is, its morning check."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from robots.errors import WrongInput
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.machinery import LEVELS, WHAT, Refused, ShownSystem, demand_reason, systems_shown
from robots.portal.pages import page
from robots.portal.rights import May, Visitor
from robots.portal.wording import marked as _
from robots.queue.pauses import system_scope
from robots.worker.mornings import accept, latest, told

router = APIRouter()
NOT_FOUND = 404
MORNINGS = {
    "first": _("sedd första gången"), "same": _("som vanligt"), "changed": _("ändrad"),
    "missing": _("roboten hittar inte rätt"), "unreachable": _("gick inte att nå"),
}  # fmt: skip
# What a person may accept.
OTHERWISE = ("changed", "missing")


def shown(desk: Desk) -> list[ShownSystem]:
    return systems_shown(desk)


@router.get("/systems")
def all_systems(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)]) -> Response:
    desk = desk_of(request)
    seen: dict[str, set[str]] = {}
    for row in latest(desk.store):
        seen.setdefault(row.system, set()).add(row.state)
    mornings = {
        key: next((MORNINGS[state] for state in reversed(MORNINGS) if state in states), "")
        for key, states in seen.items()
    }
    return page(
        request, "systems", visitor, systems=shown(desk), LEVELS=LEVELS, mornings=mornings,
    )  # fmt: skip


@router.get("/systems/{key}")
def one_system(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)], key: str) -> Response:
    return system_page(request, visitor, key)


def system_page(request: Request, visitor: Visitor, key: str, refused: Refused | None = None) -> Response:
    desk = desk_of(request)
    found = next((each for each in shown(desk) if each.known.key == key), None)
    if found is None:
        raise HTTPException(NOT_FOUND)
    mornings = latest(desk.store, [key])
    return page(
        request, "system", visitor, status=422 if refused else 200, refused=refused, s=found, scope=system_scope(key),
        LEVELS=LEVELS, WHAT=WHAT, MORNINGS=MORNINGS, mornings=mornings, told=told,
        can_accept=any(row.state in OTHERWISE for row in mornings),
        robots={name: desk.settings.robots[name].title for name in found.known.robots if name in desk.settings.robots},
    )  # fmt: skip


@router.get("/systems/{key}/pictures/{place:int}", dependencies=[needs(May.SEE_MACHINERY)])
def morning_picture(request: Request, key: str, place: int) -> Response:
    """A page of the system as the latest morning check saw it, before anybody's data is on it."""
    desk = desk_of(request)
    row = next((row for row in latest(desk.store, [key.replace("\0", "")]) if row.place == place), None)
    if row is None or not row.picture:
        raise HTTPException(NOT_FOUND)
    evidence = desk.evidence_of(row.run_id)
    if not evidence.there(row.picture):
        raise HTTPException(NOT_FOUND)
    return Response(evidence.read(row.picture), media_type="image/jpeg")


@router.post("/systems/{key}/accept")
def accept_pages(
    request: Request, visitor: Annotated[Visitor, needs(May.CHANGE_MACHINERY)], key: str,
    reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """From now on the system's pages are as the latest check saw them."""
    desk = desk_of(request)
    if key not in desk.settings.systems:
        raise HTTPException(NOT_FOUND)
    try:
        why = demand_reason(visitor, reason)
        accept(desk.store, key, by=visitor.name, reason=why)
    except WrongInput as error:
        return system_page(request, visitor, key, Refused("accept", error.expected, reason))
    return RedirectResponse(f"/systems/{key}", 303)
