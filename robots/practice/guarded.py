"""The way into a system: the login page, and the check that stands before every other page, in whichever frame it is.

The words, the templates and the names of the form's fields are each system's own; what is checked, and in which order,
is the same in all: no session leads to the login page and back to the page that was asked for; the role *read* may look
and not change; nothing behind the login is kept by a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from robots.practice.sessions import Session
from robots.practice.system import PracticeSystem


class GuardedSystem(PracticeSystem):
    """A system whose pages need a session, and whose changes need the role "journal".

    A subclass adds its pages in ``add_pages`` and says in ``refused`` and ``missing`` what it shows to somebody without
    the right and at an address that it does not have. Its login template gets ``notice``, ``error``, ``name`` (what was
    typed) and ``asked`` (the page to go on to), and posts ``name_field``, ``password_field`` and ``asked_field``.
    """

    cookie: ClassVar[str]
    name_field: ClassVar[str] = "anvandarnamn"
    password_field: ClassVar[str] = "losenord"
    asked_field: ClassVar[str] = "nasta"
    left: ClassVar[str] = "lamnat=ja"  # how the login page learns that somebody has just logged out
    login_template: ClassVar[str] = "login.html"
    ended_words: ClassVar[str] = "Du har blivit utloggad. Logga in igen."
    wrong_words: ClassVar[str] = "Fel användarnamn eller lösenord."
    left_words: ClassVar[str] = "Du har loggat ut."
    # Paths of routes, as they were added, that are a way of looking although they are posted to.
    looks: ClassVar[frozenset[str]] = frozenset()

    def add_routes(self) -> None:
        self.router.get("/logga-in", response_model=None)(self.login_page)
        self.router.post("/logga-in", response_model=None)(self.log_in)
        self.router.get("/logga-ut", response_model=None)(self.log_out)
        self.router.route_class = _guarded_route(self)
        self.add_pages()
        every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        self.router.api_route("/{rest:path}", methods=every, response_model=None)(self.unknown)

    def add_pages(self) -> None:
        raise NotImplementedError

    def missing(self, request: Request) -> Response:
        """What an address gets that the system does not have."""
        raise NotImplementedError

    def refused(self, request: Request) -> Response:
        """What somebody gets who may only look and has tried to change something."""
        raise NotImplementedError

    async def unknown(self, request: Request) -> Response:
        return self.missing(request)

    # Logging in and out

    def login_form(
        self, status: int = 200, *, notice: str = "", error: str = "", name: str = "", asked: str = ""
    ) -> Response:
        return self.page(self.login_template, status, notice=notice, error=error, name=name, asked=asked)

    async def login_page(self, request: Request) -> Response:
        left, _, word = self.left.partition("=")
        just_left = request.query_params.get(left) == word
        notice = self.left_words if just_left else self.ended_words if self.ended(request) else ""
        return self.login_form(notice=notice, asked=request.query_params.get(self.asked_field, ""))

    def ended(self, request: Request) -> bool:
        """Whether the visitor has a session that is no more."""
        token = request.cookies.get(self.cookie)
        return token is not None and self.sessions.get(token) is None

    async def log_in(self, request: Request) -> Response:
        form = await request.form()
        name, password, asked = (
            str(form.get(field, "")) for field in (self.name_field, self.password_field, self.asked_field)
        )
        session = self.sessions.log_in(self.world.users, name, password)
        if session is None:
            return self.login_form(401, error=self.wrong_words, name=name, asked=asked)
        self.sessions.end(request.cookies.get(self.cookie, ""))
        self.begin(session)
        # Only addresses of our own: a link in a mail must not be able to send the user elsewhere.
        inside = asked.startswith(f"{self.path}/") and "\\" not in asked and ".." not in asked
        answer = RedirectResponse(asked if inside else f"{self.path}/", 303)
        answer.set_cookie(self.cookie, session.token, path=self.path, httponly=True, samesite="lax")
        return answer

    async def log_out(self, request: Request) -> Response:
        self.sessions.end(request.cookies.get(self.cookie, ""))
        answer = RedirectResponse(f"{self.path}/logga-in?{self.left}", 303)
        answer.delete_cookie(self.cookie, path=self.path)
        return answer

    def to_login(self, request: Request) -> Response:
        """The login page, which remembers the page that was asked for."""
        told = {self.asked_field: self.page_asked_for(request)} | self.told_at_login(request)
        return RedirectResponse(f"{self.path}/logga-in?{urlencode(told)}", 303)

    def page_asked_for(self, request: Request) -> str:
        """A part of a list is not a page, and what was posted is not sent again: both lead to the first page."""
        if request.method != "GET" or request.url.path.endswith("/rows"):
            return f"{self.path}/"
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")

    def told_at_login(self, request: Request) -> dict[str, str]:  # noqa: ARG002  # for those that look at it
        """What else the login page gets in its address."""
        return {}

    # Behind the login

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page for the one who is logged in."""
        session = session_of(request)
        return self.page(template, status, user=session.user.display, may_journal=session.may_journal, **values)

    def go(self, address: str) -> Response:
        """After a POST, so that a reload does not send it again."""
        return RedirectResponse(self.path + address, 303)

    async def answer(self, request: Request, handler: Handler) -> Response:
        """A page for the one who is logged in."""
        return await handler(request)


def session_of(request: Request) -> Session:
    """The session of whoever asks for a page behind the login."""
    session = request.state.session
    assert isinstance(session, Session)
    return session


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def _guarded_route(system: GuardedSystem) -> type[APIRoute]:
    """The kind of route that all pages behind the login are."""

    class GuardedRoute(APIRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            # The page for unknown addresses would take the styles and scripts, whichever is added first.
            if scope["path"].startswith(f"{system.path}/static/"):
                return Match.NONE, {}
            return super().matches(scope)

        def get_route_handler(self) -> Handler:
            handler = super().get_route_handler()
            only_looks = self.path in system.looks

            async def guarded(request: Request) -> Response:
                session = system.sessions.get(request.cookies.get(system.cookie))
                if session is None:
                    return system.to_login(request)
                request.state.session = session
                if request.method not in ("GET", "HEAD") and not (session.may_journal or only_looks):
                    return system.refused(request)
                response = await system.answer(request, handler)
                response.headers.setdefault("Cache-Control", "no-store")
                return response

            return guarded

    return GuardedRoute
