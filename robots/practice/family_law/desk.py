"""What every page of Treklöver shares: who looks, what is said to those who may not, and what a page is opened in."""

from __future__ import annotations

from typing import ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.family_law.register import Register
from robots.practice.family_law.state import Akt
from robots.practice.guarded import GuardedSystem

REFUSED = "Du har läsbehörighet och kan inte ändra något."
NO_AKT = "Akten finns inte."


class Desk(GuardedSystem):
    """Treklöver without its records' pages."""

    cookie: ClassVar[str] = "treklover"
    name_field: ClassVar[str] = "ident"
    password_field: ClassVar[str] = "kod"
    asked_field: ClassVar[str] = "sida"
    left: ClassVar[str] = "avslut=1"
    ended_words: ClassVar[str] = "Din session har avslutats. Logga in på nytt."
    wrong_words: ClassVar[str] = "Inloggningen misslyckades. Kontrollera identitet och lösenord."
    left_words: ClassVar[str] = "Du är utloggad."

    register: Register

    def missing(self, request: Request, what: str = "Sidan finns inte.") -> Response:
        return self.show(request, "message.html", 404, heading="Hittades inte", message=what)

    def refused(self, request: Request, why: str = REFUSED) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas", message=why)

    def akt_of(self, number: str) -> Akt | None:
        return self.register.akter.get(number)

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()
