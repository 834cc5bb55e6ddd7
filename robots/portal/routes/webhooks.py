"""Webhooks: which programs are called about runs, whether the calls arrive, and what an admin does about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy import Row

from robots.errors import WrongInput
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.accounts import all_accounts
from robots.portal.doors.guards import needs
from robots.portal.machinery import Refused, demand_reason
from robots.portal.pages import page
from robots.portal.rights import May, Role, Visitor
from robots.portal.wording import marked as _
from robots.telling.subscriptions import (
    Made,
    all_subscriptions,
    ask_for_test,
    calls_of,
    end_subscription,
    find_subscription,
    pause_subscription,
    subscribe,
)

router = APIRouter(prefix="/machinery/webhooks")
Keeper = Annotated[Visitor, needs(May.CHANGE_MACHINERY)]
Reason = Annotated[str, Form()]
LATEST = 50
EVENTS = {
    "run_ended": _("En körning är avslutad"), "handover": _("En körning är överlämnad"),
    "approval_asked": _("En körning väntar på svar"),
}  # fmt: skip
CALLS = EVENTS | {"test": _("Prov")}
SENDING = {
    "waiting": _("väntar"), "sending": _("skickas"), "sent": _("framme"), "given_up": _("kom inte fram"),
}  # fmt: skip


class Typed(BaseModel):
    """The form of a new one; ``whose`` is ``team:Bygg`` or ``account:etjanst``."""

    url: str = ""
    whose: str = ""
    events: list[str] = []


@router.get("")
def webhooks(request: Request, visitor: Keeper) -> Response:
    return _listing(request, visitor)


@router.post("")
def make(request: Request, visitor: Keeper, typed: Annotated[Typed, Form()]) -> Response:
    """With a secret that is shown once: on the webhook's page that answers."""
    desk = desk_of(request)
    try:
        made = _made(desk, visitor, typed)
    except WrongInput as error:
        return _listing(request, visitor, Refused(error.field, error.expected), typed)
    return _one(request, visitor, made.id, secret=made.secret)


@router.get("/{number:int}")
def webhook(request: Request, visitor: Keeper, number: int) -> Response:
    """One of them, with its latest calls."""
    return _one(request, visitor, number)


@router.post("/{number:int}/test")
def test(request: Request, visitor: Keeper, number: int) -> Response:
    _found(desk_of(request), number)
    ask_for_test(desk_of(request).store, number, by=visitor.name)
    return RedirectResponse(f"/machinery/webhooks/{number}", 303)


@router.post("/{number:int}/pause")
def pause(request: Request, visitor: Keeper, number: int, reason: Reason = "") -> Response:
    return _ordered(request, visitor, number, "pause", reason, order=pause_subscription)


@router.post("/{number:int}/resume")
def resume(request: Request, visitor: Keeper, number: int, reason: Reason = "") -> Response:
    return _ordered(request, visitor, number, "resume", reason, order=partial(pause_subscription, paused=False))


@router.post("/{number:int}/end")
def end(request: Request, visitor: Keeper, number: int, reason: Reason = "") -> Response:
    """What is still to be called about is not called about."""
    return _ordered(request, visitor, number, "end", reason, order=end_subscription)


def _ordered(
    request: Request, visitor: Visitor, number: int, at: str, reason: str, *, order: Callable[..., object]
) -> Response:  # fmt: skip
    """Carry it out, and go to the webhook, or to the list when it is gone; ``at`` is the form that wants a reason."""
    desk = desk_of(request)
    _found(desk, number)
    try:
        told = demand_reason(visitor, reason)
    except WrongInput as error:
        return _one(request, visitor, number, Refused(at, error.expected, reason))
    order(desk.store, number, by=visitor.name, reason=told)
    return RedirectResponse("/machinery/webhooks" if at == "end" else f"/machinery/webhooks/{number}", 303)


def _made(desk: Desk, visitor: Visitor, typed: Typed) -> Made:
    """Raises ``WrongInput`` with the name of the field of the form."""
    kind, _colon, name = typed.whose.partition(":")
    programs = _programs(desk)
    if typed.whose not in {*(f"team:{team}" for team in _teams(desk)), *(f"account:{each}" for each in programs)}:
        raise WrongInput("whose", "", _("Välj vems körningar det gäller."))
    if not typed.events or set(typed.events) - set(EVENTS):
        raise WrongInput("events", "", _("Välj minst en händelse."))
    whose: dict[str, Any] = {"team": name} if kind == "team" else {"account_id": programs[name]}
    return subscribe(desk.store, desk.settings, typed.url.strip(), typed.events, by=visitor.name, **whose)


def _listing(
    request: Request, visitor: Visitor, refused: Refused | None = None, typed: Typed | None = None
) -> Response:
    desk = desk_of(request)
    return page(
        request, "webhooks", visitor, status=422 if refused else 200, refused=refused, typed=typed or Typed(),
        rows=all_subscriptions(desk.store), teams=_teams(desk), programs=list(_programs(desk)), EVENTS=EVENTS,
        hosts=desk.settings.webhook_hosts,
    )  # fmt: skip


def _one(
    request: Request, visitor: Visitor, number: int, refused: Refused | None = None, *, secret: str = ""
) -> Response:  # fmt: skip
    desk = desk_of(request)
    return page(
        request, "webhook", visitor, status=422 if refused else 200, refused=refused, hook=_found(desk, number),
        secret=secret, calls=calls_of(desk.store, number, LATEST), CALLS=CALLS, SENDING=SENDING, most=LATEST,
    )  # fmt: skip


def _found(desk: Desk, number: int) -> Row[Any]:
    row = find_subscription(desk.store, number)
    if row is None:
        raise HTTPException(404)
    return row


def _teams(desk: Desk) -> list[str]:
    return sorted({task.owner for task in desk.tasks.by_name.values()})


def _programs(desk: Desk) -> dict[str, int]:
    """The numbers of the accounts of programs, by name."""
    rows = all_accounts(desk.store)
    return {row.name: row.id for row in rows if row.active and Role.API in row.roles}
