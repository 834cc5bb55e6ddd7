"""The way into KIR and what surrounds each of its pages: logging in, the frame, and pages that are out of date."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from robots.practice.sessions import Session
from robots.practice.system import PracticeSystem

Text = Annotated[str, Form()]
Handler = Callable[..., Awaitable[Response]]

COOKIE = "KIRSESSION"


class Desk(PracticeSystem):
    """Whoever comes without a session is shown to the login page; everybody else gets pages inside KIR's frame."""

    def add_login_routes(self) -> None:
        self.add("/logga-in", self.login_page)
        self.add("/logga-in", self.log_in, "POST")
        self.add("/logga-ut", self.log_out)
        # The server mounts static files after these routes, so the page for unknown addresses would hide them.
        self.add("/static/style.css", self.stylesheet)

    def add(self, path: str, handler: Handler, *methods: str) -> None:
        """A page that is open to all."""
        self.router.add_api_route(path, handler, methods=list(methods or ("GET",)), response_model=None)

    def add_guarded(self, path: str, handler: Handler, *methods: str) -> None:
        """A page for those who are logged in; the handler finds its session with ``session_of``."""

        @functools.wraps(handler)
        async def answer(request: Request, **values: Any) -> Response:
            session = self.sessions.get(request.cookies.get(COOKIE))
            if session is None:
                wanted = request.url.path if request.method == "GET" else f"{self.path}/"
                return self.go(f"/logga-in?{urlencode({'nasta': wanted})}")
            request.state.session = session
            return await handler(request, **values)

        self.add(path, answer, *methods)

    async def login_page(self, request: Request, nasta: str = "", utloggad: str = "") -> Response:
        token = request.cookies.get(COOKIE)
        ended = token is not None and self.sessions.get(token) is None
        notice = "Du har loggat ut." if utloggad else "Du har blivit utloggad. Logga in igen." if ended else ""
        return self.show(None, "logga_in.html", nasta=nasta, notice=notice, name="", wrong=False)

    async def log_in(self, anv: Text = "", losen: Text = "", nasta: Text = "") -> Response:
        session = self.sessions.log_in(self.world.users, anv, losen)
        if session is None:
            notice = "Fel användarnamn eller lösenord."
            return self.show(None, "logga_in.html", 401, nasta=nasta, notice=notice, name=anv, wrong=True)
        inside = nasta.startswith(f"{self.path}/")  # nobody is sent on to another site
        answer = self.go(nasta.removeprefix(self.path) if inside else "/")
        answer.set_cookie(COOKIE, session.token, path=self.path, httponly=True, samesite="lax")
        return answer

    async def log_out(self, request: Request) -> Response:
        self.sessions.end(request.cookies.get(COOKIE, ""))
        answer = self.go("/logga-in?utloggad=ja")
        answer.delete_cookie(COOKIE, path=self.path)
        return answer

    async def stylesheet(self) -> Response:
        return FileResponse(self.folder / "static" / "style.css")

    async def unknown(self, request: Request) -> Response:
        return self.show(session_of(request), "okand.html", 404)

    def stale(self, session: Session) -> Response:
        """For a result that has been shown already: going back to it, or reloading it, does not show it again."""
        return self.show(session, "inaktuell.html", 410)

    def show(self, session: Session | None, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page in KIR's frame. It is kept by no browser: the way back leads to the server."""
        answer = self.page(template, status, **self._frame(session), **values)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def maintenance_page(self) -> str:
        return self.templates.get_template("underhall.html").render(**self._frame(None))

    def go(self, where: str) -> RedirectResponse:
        return RedirectResponse(self.path + where, 303)

    def _frame(self, session: Session | None) -> dict[str, Any]:
        return {"user": session.user if session else None, "notified": self.world.today - timedelta(days=1)}


def session_of(request: Request) -> Session:
    """The session of whoever asks for a guarded page."""
    session = request.state.session
    assert isinstance(session, Session)
    return session
