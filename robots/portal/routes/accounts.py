"""The accounts: who has one, with which roles and teams, their passwords, and the keys of programs."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy import Row
from starlette.exceptions import HTTPException

from robots.errors import WrongInput
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.accounts import add_account, all_accounts, change_account, checked_name, set_password
from robots.portal.doors.guards import needs
from robots.portal.doors.sessions import end_key, keys_of, new_key
from robots.portal.machinery import Refused
from robots.portal.pages import page, words_of
from robots.portal.rights import ALL_TEAMS, May, Role, Visitor
from robots.portal.wording import marked as _

router = APIRouter()
NOT_FOUND = 404
LONGEST_NAME = 100
Keeper = Annotated[Visitor, needs(May.CHANGE_ACCOUNTS)]
Text = Annotated[str, Form()]


class Typed(BaseModel):
    """The form of an account."""

    name: str = ""
    shown_name: str = ""
    roles: list[str] = []
    teams: list[str] = []


@router.get("/accounts")
def accounts(request: Request, visitor: Keeper) -> Response:
    return _listing(request, visitor)


@router.post("/accounts")
def add(request: Request, visitor: Keeper, typed: Annotated[Typed, Form()]) -> Response:
    """With a password that holds once, and is shown once: on the account's page that answers."""
    desk = desk_of(request)
    password = once()
    try:
        _check(visitor, desk, typed, ())
        kept = checked_name(typed.name)
        add_account(
            desk.store, kept, typed.shown_name, roles=[Role(role) for role in typed.roles], teams=typed.teams,
            by=visitor.name, password=password, must_change=True,
        )  # fmt: skip
    except WrongInput as error:
        return _listing(request, visitor, Refused(error.field, error.expected), typed)
    return _one(request, visitor, kept, password=password)


@router.get("/accounts/{name}")
def account(request: Request, visitor: Keeper, name: str) -> Response:
    return _one(request, visitor, name)


@router.post("/accounts/{name}")
def change(request: Request, visitor: Keeper, name: str, typed: Annotated[Typed, Form()]) -> Response:
    """What is changed holds at once: whoever is logged in with the account logs in anew."""
    desk = desk_of(request)
    had = _row(desk, name)
    try:
        _check(visitor, desk, typed, had.teams)
        change_account(
            desk.store, name, by=visitor.name, roles=sorted(set(typed.roles)), teams=sorted(set(typed.teams)),
            shown_name=typed.shown_name.strip() or name,
        )  # fmt: skip
    except WrongInput as error:
        return _one(request, visitor, name, Refused("change", error.expected))
    return RedirectResponse(f"/accounts/{name}", 303)


@router.post("/accounts/{name}/active")
def close_or_open(request: Request, visitor: Keeper, name: str, active: Text = "") -> Response:
    """A closed account's sessions and keys end; it stays in the list, for what was done with it stays done."""
    desk = desk_of(request)
    _row(desk, name)
    try:
        change_account(desk.store, name, by=visitor.name, active=active == "yes")
    except WrongInput as error:
        return _one(request, visitor, name, Refused("active", error.expected))
    return RedirectResponse(f"/accounts/{name}", 303)


@router.post("/accounts/{name}/password")
def password_once(request: Request, visitor: Keeper, name: str) -> Response:
    """A password that is shown this once, and that its owner has to change before anything else."""
    desk = desk_of(request)
    _row(desk, name)
    password = once()
    try:
        set_password(desk.store, name, password, by=visitor.name, must_change=True)
    except WrongInput as error:
        return _one(request, visitor, name, Refused("active", error.expected))
    return _one(request, visitor, name, password=password)


@router.post("/accounts/{name}/keys")
def make_key(request: Request, visitor: Keeper, name: str, key_name: Text = "") -> Response:
    desk = desk_of(request)
    row = _row(desk, name)
    told = " ".join(key_name.replace("\0", "").split())
    if not told or len(told) > LONGEST_NAME:
        words = words_of(visitor, _("Skriv vad nyckeln är till för, med högst 100 tecken."))
        return _one(request, visitor, name, Refused("key", words, key_name))
    if not row.active:
        return _one(request, visitor, name, Refused("key", words_of(visitor, _("Kontot är stängt.")), key_name))
    return _one(request, visitor, name, key=new_key(desk.store, row.id, told, by=visitor.name))


@router.post("/accounts/{name}/keys/{number:int}/end")
def stop_key(request: Request, visitor: Keeper, name: str, number: int) -> Response:
    desk = desk_of(request)
    if not end_key(desk.store, _row(desk, name).id, number, by=visitor.name):
        raise HTTPException(NOT_FOUND)
    return RedirectResponse(f"/accounts/{name}", 303)


def once() -> str:
    """Long enough to be nobody's guess, and readable over a telephone."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _each in range(4)) for _group in range(4))


def _check(visitor: Visitor, desk: Desk, typed: Typed, had: Collection[str]) -> None:
    if len(typed.shown_name) > LONGEST_NAME or not typed.shown_name.isprintable():
        raise WrongInput("Namn", "…", words_of(visitor, _("Skriv namnet med högst 100 tecken.")))
    if not typed.roles or set(typed.roles) - set(Role):
        raise WrongInput("Roll", "", words_of(visitor, _("Välj minst en roll.")))
    if set(typed.teams) - set(_teams(desk, had)):
        raise WrongInput("Grupp", "", words_of(visitor, _("Välj bland grupperna i listan.")))


def _listing(
    request: Request, visitor: Visitor, refused: Refused | None = None, typed: Typed | None = None
) -> Response:
    desk = desk_of(request)
    return page(
        request, "accounts", visitor, status=422 if refused else 200, refused=refused, typed=typed or Typed(),
        accounts=all_accounts(desk.store), roles=list(Role), teams=_teams(desk),
    )  # fmt: skip


def _one(
    request: Request, visitor: Visitor, name: str, refused: Refused | None = None, *, password: str = "", key: str = ""
) -> Response:
    desk = desk_of(request)
    row = _row(desk, name)
    return page(
        request, "account", visitor, status=422 if refused else 200, refused=refused, a=row, password=password, key=key,
        roles=list(Role), teams=_teams(desk, row.teams), keys=keys_of(desk.store, row.id),
    )  # fmt: skip


def _row(desk: Desk, name: str) -> Row[Any]:
    found = next((row for row in all_accounts(desk.store) if row.name == name), None)
    if found is None:
        raise HTTPException(NOT_FOUND)
    return found


def _teams(desk: Desk, had: Collection[str] = ()) -> list[str]:
    """The owners of tasks; what an account has stays choosable also when no task has that owner any more."""
    return [ALL_TEAMS, *sorted({task.owner for task in desk.tasks.by_name.values()} | set(had) - {ALL_TEAMS})]
