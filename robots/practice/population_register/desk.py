"""What surrounds each of KIR's pages: the frame, and pages that are out of date."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse

from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.sessions import Session

Text = Annotated[str, Form()]


class Desk(GuardedSystem):
    """Whoever comes without a session is shown to the login page; everybody else gets pages inside KIR's frame."""

    cookie: ClassVar[str] = "KIRSESSION"
    name_field: ClassVar[str] = "anv"
    password_field: ClassVar[str] = "losen"
    left: ClassVar[str] = "utloggad=ja"

    def login_form(
        self, status: int = 200, *, notice: str = "", error: str = "", name: str = "", asked: str = ""
    ) -> Response:
        return self.show_to(None, "logga_in.html", status, notice=notice, error=error, name=name, asked=asked)

    def page_asked_for(self, request: Request) -> str:
        """An address alone: what was searched for is never in it."""
        return request.url.path if request.method == "GET" else f"{self.path}/"

    def missing(self, request: Request) -> Response:
        return self.show_to(session_of(request), "okand.html", 404)

    def refused(self, request: Request) -> Response:
        """Everything in a register is a look; what is posted elsewhere leads nowhere."""
        return self.missing(request)

    def stale(self, session: Session) -> Response:
        """For a result that has been shown already: going back to it, or reloading it, does not show it again."""
        return self.show_to(session, "inaktuell.html", 410)

    def show_to(self, session: Session | None, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page in KIR's frame. It is kept by no browser: the way back leads to the server."""
        answer = self.page(template, status, **self._frame(session), **values)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def maintenance_page(self) -> str:
        return self.templates.get_template("underhall.html").render(**self._frame(None))

    def _frame(self, session: Session | None) -> dict[str, Any]:
        return {"user": session.user if session else None, "notified": self.world.today - timedelta(days=1)}
