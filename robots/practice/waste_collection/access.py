"""Who gets in: the login page, and the check that stands before every other page, whichever frame it is in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from robots.practice.sessions import Session
from robots.practice.system import PracticeSystem

COOKIE = "framtid_session"
REFUSED = "Du saknar behörighet att göra ändringar."
ENDED = "Du har blivit utloggad. Logga in igen."
WRONG = "Fel användarnamn eller lösenord."
LEFT = "Du har loggat ut."


class GuardedSystem(PracticeSystem):
    """A system whose pages need a session, and whose changes need the role "journal"."""

    def add_routes(self) -> None:
        self.router.get("/logga-in")(self.login_page)
        self.router.post("/logga-in")(self.log_in)
        self.router.get("/logga-ut")(self.log_out)
        self.router.route_class = _guarded_route(self)
        self.add_pages()
        self.router.api_route("/{rest:path}", methods=["GET", "POST"])(self.unknown)

    def add_pages(self) -> None:
        raise NotImplementedError

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page for the one who is logged in."""
        session: Session = request.state.session
        return self.page(template, status, user=session.user.display, may_journal=session.may_journal, **values)

    def missing(self, request: Request, what: str = "Sidan finns inte.") -> Response:
        return self.show(request, "message.html", 404, heading="Sidan hittades inte", message=what)

    def refused(self, request: Request) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas", message=REFUSED)

    def go(self, address: str) -> Response:
        """After a POST, so that a reload does not send it again."""
        return RedirectResponse(self.path + address, 303)

    async def unknown(self, request: Request) -> Response:
        return self.missing(request)

    async def login_page(self, request: Request, nasta: str = "", lamnat: str = "") -> Response:
        token = request.cookies.get(COOKIE)
        ended = token and self.sessions.get(token) is None
        notice = LEFT if lamnat else ENDED if ended else ""
        return self.page("login.html", notice=notice, error="", typed="", nasta=nasta)

    async def log_in(
        self,
        anvandarnamn: Annotated[str, Form()] = "",
        losenord: Annotated[str, Form()] = "",
        nasta: Annotated[str, Form()] = "",
    ) -> Response:
        session = self.sessions.log_in(self.world.users, anvandarnamn, losenord)
        if session is None:
            return self.page("login.html", 401, notice="", error=WRONG, typed=anvandarnamn, nasta=nasta)
        # Only addresses of our own: a link in a mail must not be able to send the user elsewhere.
        inside = nasta.startswith(self.path + "/")
        answer = RedirectResponse(nasta if inside else f"{self.path}/", 303)
        answer.set_cookie(COOKIE, session.token, path=self.path, httponly=True, samesite="lax")
        return answer

    async def log_out(self, request: Request) -> Response:
        self.sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(f"{self.path}/logga-in?lamnat=ja", 303)
        answer.delete_cookie(COOKIE, path=self.path)
        return answer

    def to_login(self, request: Request) -> Response:
        """The login page, which remembers the page that was asked for. A part of a list is not a page."""
        asked = request.url.path
        if asked.endswith("/rows"):
            asked = f"{self.path}/"
        elif request.url.query and request.method == "GET":
            asked += f"?{request.url.query}"
        return RedirectResponse(f"{self.path}/logga-in?{urlencode({'nasta': asked})}", 303)


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def _guarded_route(system: GuardedSystem) -> type[APIRoute]:
    """The kind of route that all pages behind the login are."""

    class GuardedRoute(APIRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            # Styles and scripts are mounted after the routes; the page for unknown addresses would take them.
            if scope["path"].startswith(f"{system.path}/static/"):
                return Match.NONE, {}
            return super().matches(scope)

        def get_route_handler(self) -> Handler:
            answer = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                session = system.sessions.get(request.cookies.get(COOKIE))
                if session is None:
                    return system.to_login(request)
                request.state.session = session
                if request.method == "POST" and not session.may_journal:
                    return system.refused(request)
                response = await answer(request)
                response.headers["Cache-Control"] = "no-store"
                return response

            return guarded

    return GuardedRoute
