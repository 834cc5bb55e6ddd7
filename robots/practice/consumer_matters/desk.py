"""What every page of Konsumentärenden shares: who looks, what is said to those who may not, which matter it is."""

from __future__ import annotations

from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.consumer_matters import rules
from robots.practice.consumer_matters.state import Matter, Register
from robots.practice.guarded import GuardedSystem, Handler, session_of
from robots.practice.sessions import Session

REFUSED = "Du har läsbehörighet och kan inte ändra något i Konsumentärenden."


class TurnedAwayError(Exception):
    """The request goes no further; ``response`` is what the user gets instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Desk(GuardedSystem):
    """Konsumentärenden without its pages."""

    cookie: ClassVar[str] = "konsument_sid"
    name_field: ClassVar[str] = "namn"
    asked_field: ClassVar[str] = "sida"
    left: ClassVar[str] = "utloggad=1"
    ended_words: ClassVar[str] = "Du var inaktiv för länge och har loggats ut."

    register: Register

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        said = session_of(request).memory.pop("said", "")
        return super().show(request, template, status, said=said, **values)

    def message(self, request: Request, status: int, heading: str, text: str) -> Response:
        return self.show(request, "message.html", status, heading=heading, message=text)

    def missing(self, request: Request) -> Response:
        return self.message(request, 404, "Sidan finns inte", "Adressen leder ingenstans i Konsumentärenden.")

    def refused(self, request: Request) -> Response:
        return self.message(request, 403, "Du får inte ändra", REFUSED)

    async def answer(self, request: Request, handler: Handler) -> Response:
        try:
            return await handler(request)
        except TurnedAwayError as turned_away:
            return turned_away.response

    def matter_of(self, request: Request, number: str) -> Matter:
        matter = self.register.matters.get(number)
        if matter is None:
            text = f"Det finns inget ärende med numret {number}."
            raise TurnedAwayError(self.message(request, 404, "Ärendet finns inte", text))
        return matter

    def changeable(self, request: Request, number: str) -> Matter:
        """The matter, for whoever may change it now; anybody else is told why not."""
        if not session_of(request).may_journal:
            raise TurnedAwayError(self.refused(request))
        matter = self.matter_of(request, number)
        if words := rules.obstacle(matter, self.me(request)):
            raise TurnedAwayError(self.message(request, 409, "Ärendet går inte att ändra", words))
        return matter

    def me(self, request: Request) -> str:
        return session_of(request).user.display

    def session(self, request: Request) -> Session:
        return session_of(request)

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()
