"""What every page of Artina shares: the session, the shell around the page, logging in, and being turned away."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response

from robots.practice.case_management.dealings import Dealings
from robots.practice.case_management.state import INBOXES, VIEWS, CaseFile, Register
from robots.practice.guarded import GuardedSystem, Handler, session_of
from robots.practice.sessions import Session
from robots.practice.system import World

NO_RIGHT = "Du saknar behörighet att göra ändringar."


class TurnedAwayError(Exception):
    """The request goes no further; ``response`` is what the user gets instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Desk(GuardedSystem):
    """Artina without its pages."""

    cookie: ClassVar[str] = "artina_session"
    asked_field: ClassVar[str] = "till"
    left: ClassVar[str] = "ut=1"
    looks: ClassVar[frozenset[str]] = frozenset({"/driftinformation"})

    register: Register

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.dealings = Dealings(lambda: self.register, self.commit, world.smtp_port)

    def show_to(self, session: Session, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page within the shell: toolbar, inbox tree and the user's name."""
        me = session.user.display
        counts = {(inbox, view): len(self.register.view(inbox, view, me)) for inbox in INBOXES for view in VIEWS}
        shell = {"me": me, "may_journal": session.may_journal, "token": session.memory["token"], "inboxes": INBOXES,
                 "views": VIEWS, "counts": counts, "here": ("", "")}  # fmt: skip
        page = self.page(template, status, **(shell | values))
        page.headers["Cache-Control"] = "no-store"
        return page

    def notice(self, session: Session, status: int, heading: str, text: str) -> HTMLResponse:
        return self.show_to(session, "notice.html", status, heading=heading, text=text)

    def show_case(
        self, session: Session, template: str, case: CaseFile, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page about one case, with what was last done in it, said once."""
        flash = session.memory.get("flash", {}).pop(case.number, "")
        may_change = session.may_journal and case.lock is None
        return self.show_to(session, template, status, case=case, flash=flash, may_change=may_change, **values)

    def changer(self, request: Request, key: str) -> Session:
        """The session of a request that wants to change something, and may."""
        session = session_of(request)
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

    def begin(self, session: Session) -> None:
        session.memory.update(token=secrets.token_urlsafe(24), flash={}, information_read=False)

    def page_asked_for(self, request: Request) -> str:
        return request.url.path.removesuffix("/ta") + (f"?{request.url.query}" if request.url.query else "")

    def missing(self, request: Request) -> Response:
        return self.notice(session_of(request), 404, "Sidan finns inte", "Sidan du söker finns inte i Artina.")

    def refused(self, request: Request) -> Response:
        return self.notice(session_of(request), 403, "Behörighet saknas", NO_RIGHT)

    async def answer(self, request: Request, handler: Handler) -> Response:
        try:
            return await handler(request)
        except TurnedAwayError as turned_away:
            return turned_away.response
        except RequestValidationError:
            return HTMLResponse("<!doctype html><html lang=sv><h1>Formuläret kunde inte läsas</h1></html>", 422)

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()
