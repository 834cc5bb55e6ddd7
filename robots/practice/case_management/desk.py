"""What every page of Artina shares: the session, the shell around the page, logging in, and being turned away."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from robots.practice.case_management.state import INBOXES, VIEWS, CaseFile, Register
from robots.practice.sessions import Session
from robots.practice.system import PracticeSystem

COOKIE = "artina_session"
NO_RIGHT = "Du saknar behörighet att göra ändringar."
LOGGED_OUT = "Du har blivit utloggad. Logga in igen."
WRONG_LOGIN = "Fel användarnamn eller lösenord."


class TurnedAwayError(Exception):
    """The request goes no further; ``response`` is what the user gets instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class ArtinaRoute(APIRoute):
    """Answers a request that was turned away, and leaves the static files to the server."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        # The page for unknown addresses would otherwise hide the static files, which are mounted after it.
        if "/static/" in scope["path"]:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_turn_away(request: Request) -> Response:
            try:
                return await handle(request)
            except TurnedAwayError as turned_away:
                return turned_away.response
            except RequestValidationError:
                return HTMLResponse("<!doctype html><html lang=sv><h1>Formuläret kunde inte läsas</h1></html>", 422)

        return handle_or_turn_away


class Desk(PracticeSystem):
    """Artina without its pages."""

    register: Register

    def show(self, session: Session, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page within the shell: toolbar, inbox tree and the user's name."""
        me = session.user.display
        counts = {(inbox, view): len(self.register.view(inbox, view, me)) for inbox in INBOXES for view in VIEWS}
        shell = {"me": me, "may_journal": session.may_journal, "token": session.memory["token"], "inboxes": INBOXES,
                 "views": VIEWS, "counts": counts, "here": ("", "")}  # fmt: skip
        page = self.page(template, status, **(shell | values))
        page.headers["Cache-Control"] = "no-store"
        return page

    def notice(self, session: Session, status: int, heading: str, text: str) -> HTMLResponse:
        return self.show(session, "notice.html", status, heading=heading, text=text)

    def show_case(
        self, session: Session, template: str, case: CaseFile, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page about one case, with what was last done in it, said once."""
        flash = session.memory.get("flash", {}).pop(case.number, "")
        may_change = session.may_journal and case.lock is None
        return self.show(session, template, status, case=case, flash=flash, may_change=may_change, **values)

    def signed_in(self, request: Request) -> Session:
        """The session of the request; whoever has none is sent to the login page."""
        session = self.sessions.get(request.cookies.get(COOKIE))
        if session is None:
            asked_for = request.url.path.removesuffix("/ta")
            if request.url.query:
                asked_for += f"?{request.url.query}"
            raise TurnedAwayError(RedirectResponse(f"{self.path}/logga-in?till={quote(asked_for)}", 303))
        return session

    def changer(self, request: Request, key: str) -> Session:
        """The session of a request that wants to change something, and may."""
        session = self.signed_in(request)
        if not session.may_journal:
            raise TurnedAwayError(self.notice(session, 403, "Behörighet saknas", NO_RIGHT))
        self.check_key(session, key)
        return session

    def check_key(self, session: Session, key: str) -> None:
        """Every form carries the session's own key, so that no other site can post in the user's name."""
        if not secrets.compare_digest(session.memory["token"].encode(), key.encode()):
            text = "Formuläret är inte giltigt. Ladda om sidan och försök igen."
            raise TurnedAwayError(self.notice(session, 403, "Formuläret är inte giltigt", text))

    def case_of(self, session: Session, number: str) -> CaseFile:
        case = self.register.cases.get(number)
        if case is None:
            text = f"Det finns inget ärende med nummer {number}."
            raise TurnedAwayError(self.notice(session, 404, "Ärendet finns inte", text))
        return case

    async def login_page(self, request: Request, till: str = "", ut: str = "") -> HTMLResponse:
        """A cookie without a session tells that a session has ended."""
        ended = COOKIE in request.cookies and self.sessions.get(request.cookies[COOKIE]) is None
        message = LOGGED_OUT if ended else "Du har loggat ut." if ut else ""
        return self.page("login.html", till=till, message=message, error="", name="")

    async def log_in(
        self,
        request: Request,
        anvandarnamn: Annotated[str, Form()] = "",
        losenord: Annotated[str, Form()] = "",
        till: Annotated[str, Form()] = "",
    ) -> Response:
        session = self.sessions.log_in(self.world.users, anvandarnamn, losenord)
        if session is None:
            return self.page("login.html", 401, till=till, message="", error=WRONG_LOGIN, name=anvandarnamn)
        self.sessions.end(request.cookies.get(COOKIE, ""))
        session.memory.update(token=secrets.token_urlsafe(24), flash={}, information_read=False)
        inside = till.startswith(f"{self.path}/") and "\\" not in till
        answer = RedirectResponse(till if inside else f"{self.path}/", 303)
        answer.set_cookie(COOKIE, session.token, path=self.path, httponly=True, samesite="lax")
        return answer

    async def log_out(self, request: Request) -> RedirectResponse:
        self.sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(f"{self.path}/logga-in?ut=1", 303)
        answer.delete_cookie(COOKIE, path=self.path)
        return answer

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()
