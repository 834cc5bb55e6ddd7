"""What every page of Diariet shares: who looks, what is said to those who may not, which ärende or document it is."""

from __future__ import annotations

from typing import ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.guarded import GuardedSystem, Handler, session_of
from robots.practice.registry.state import CaseFile, Document, Register

REFUSED = "Din roll är Läsare. Du kan inte registrera eller ändra i diariet."


class TurnedAwayError(Exception):
    """The request goes no further; ``response`` is what the user gets instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Desk(GuardedSystem):
    """Diariet without its pages."""

    cookie: ClassVar[str] = "diarium_session"
    name_field: ClassVar[str] = "signatur"
    asked_field: ClassVar[str] = "vidare"
    ended_words: ClassVar[str] = "Din session i Diariet har upphört. Logga in igen."

    register: Register

    def message(self, request: Request, status: int, heading: str, text: str) -> Response:
        return self.show(request, "message.html", status, heading=heading, message=text)

    def missing(self, request: Request) -> Response:
        return self.message(request, 404, "Finns inte", "Det du söker finns inte i Diariet.")

    def refused(self, request: Request) -> Response:
        return self.message(request, 403, "Åtkomst nekad", REFUSED)

    async def answer(self, request: Request, handler: Handler) -> Response:
        try:
            return await handler(request)
        except TurnedAwayError as turned_away:
            return turned_away.response

    def me(self, request: Request) -> str:
        return session_of(request).user.display

    def demand_right(self, request: Request) -> None:
        if not session_of(request).may_journal:
            raise TurnedAwayError(self.refused(request))

    def case(self, request: Request, key: str) -> CaseFile:
        if key not in self.register.cases:
            raise TurnedAwayError(self.missing(request))
        return self.register.cases[key]

    def document(self, request: Request, key: str) -> Document:
        if key not in self.register.documents:
            raise TurnedAwayError(self.missing(request))
        return self.register.documents[key]

    def stop(self, request: Request, words: str) -> TurnedAwayError:
        """What is to be raised where a rule says no to opening a form or to what it was sent."""
        return TurnedAwayError(self.message(request, 409, "Går inte att göra", words))

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()
