"""In and out: logging in with a password, one's own choices, and logging out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from robots.errors import TooManyFailures, WrongInput
from robots.portal.desk import desk_of
from robots.portal.doors.accounts import account_with, checked, prefer, set_password
from robots.portal.doors.guards import COOKIE, needs, open_to_all, visitor_of
from robots.portal.doors.oidc import BEGIN, NAME, address_after
from robots.portal.doors.sessions import SESSION_HOURS, begin_session, end_session
from robots.portal.pages import page, words_of
from robots.portal.rights import Visitor
from robots.portal.wording import LANGUAGES
from robots.portal.wording import marked as _

router = APIRouter()
THEMES = ("auto", "light", "dark")


@router.get("/login", dependencies=[open_to_all()])
async def door(request: Request, to: str = "/") -> Response:
    if await visitor_of(request):
        return RedirectResponse(own_path(to), 303)
    return login_page(request, to=to)


@router.post("/login", dependencies=[open_to_all()])
def log_in(
    request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "/",
) -> Response:  # fmt: skip
    desk = desk_of(request)
    try:
        account, wrong = account_with(desk.store, name, password), _("Användarnamnet eller lösenordet stämmer inte.")
    except TooManyFailures as error:
        account, wrong = None, error.expected
    if account is None:
        return login_page(request, to=to, name=name, wrong=wrong, status=422, by_password=True)
    answer = RedirectResponse(own_path(to), 303)
    let_in(request, answer, begin_session(desk.store, account))
    return answer


def login_page(
    request: Request, *, to: str, name: str = "", wrong: str = "", status: int = 200, by_password: bool = False
) -> Response:
    """The municipality's own login first where there is one, and the form folded below it until it is used."""
    settings = desk_of(request).settings
    municipal = (settings.oidc_name or NAME) if settings.oidc_issuer else ""
    return page(
        request, "login", status=status, to=own_path(to), name=name, wrong=wrong, municipal=municipal,
        at=f"{BEGIN}?to={quote(own_path(to), safe='')}", folded=bool(municipal) and not by_password,
    )  # fmt: skip


def let_in(request: Request, answer: Response, token: str) -> None:
    """Give the browser its session."""
    answer.set_cookie(
        COOKIE, token, max_age=int(SESSION_HOURS * 3600), path="/", httponly=True, samesite="lax",
        secure=desk_of(request).is_encrypted,
    )  # fmt: skip


@router.post("/logout")
def log_out(request: Request, visitor: Annotated[Visitor, needs()]) -> Response:
    """Here, and where they came in by. The provider is told by a page of ours: a form may lead nowhere else."""
    desk = desk_of(request)
    proof = end_session(desk.store, request.cookies.get(COOKIE, ""), by=visitor.name)
    answer: Response = RedirectResponse("/login", 303)
    if there := address_after(desk.settings, proof):
        answer = page(request, "out", there=there)
        answer.headers["Refresh"] = f"0; url={there}"
    answer.delete_cookie(COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.get("/me")
def own_page(request: Request, visitor: Annotated[Visitor, needs()]) -> Response:
    return page(request, "me", visitor, wrong="", themes=THEMES)


@router.post("/me")
async def choose(
    request: Request, visitor: Annotated[Visitor, needs()], language: Annotated[str, Form()],
    theme: Annotated[str, Form()],
) -> Response:  # fmt: skip
    if language not in LANGUAGES or theme not in THEMES:
        raise WrongInput("Språk", language, f"Välj ett av {', '.join(LANGUAGES)} och ett av {', '.join(THEMES)}.")
    await run_in_threadpool(prefer, desk_of(request).store, visitor.account_id, language=language, theme=theme)
    return RedirectResponse("/me", 303)


@router.post("/me/password")
def new_password(
    request: Request, visitor: Annotated[Visitor, needs()], now: Annotated[str, Form()], wanted: Annotated[str, Form()]
) -> Response:
    """Every session of the account ends, this one too: whoever has the old password is out as well."""
    store = desk_of(request).store
    try:
        checked(wanted)
        known = account_with(store, visitor.name, now)
    except WrongInput as error:
        return page(request, "me", visitor, status=422, wrong=error.expected, themes=THEMES)
    if known is None:
        wrong = words_of(visitor, "Det nuvarande lösenordet stämmer inte.")
        return page(request, "me", visitor, status=422, wrong=wrong, themes=THEMES)
    set_password(store, visitor.name, wanted, by=visitor.name)
    return RedirectResponse("/login", 303)


def own_path(to: str) -> str:
    """A place of ours to go on to; anything else is the first page: nobody is led out of here by a link they trust."""
    safe = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if safe else "/"
