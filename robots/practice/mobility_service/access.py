"""What every page of Alfrida shares: who looks, and what is said to those who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.guarded import GuardedSystem, session_of

if TYPE_CHECKING:
    from robots.practice.mobility_service.register import Register
    from robots.practice.mobility_service.state import Investigation

REFUSED = "Du har läsbehörighet och kan inte göra ändringar."
NO_DELEGATION = "Du saknar delegation att bedöma och besluta i färdtjänstärenden."


class AlfridaSystem(GuardedSystem):
    """Alfrida without its pages."""

    cookie: ClassVar[str] = "AlfridaSession"
    name_field: ClassVar[str] = "anvid"
    password_field: ClassVar[str] = "losen"
    wrong_words: ClassVar[str] = "Felaktigt användar-id eller lösenord."
    ended_words: ClassVar[str] = "Din session har avslutats. Logga in på nytt."
    left_words: ClassVar[str] = "Du är utloggad ur Alfrida."
    register: Register

    def missing(self, request: Request, heading: str = "Sidan finns inte") -> Response:
        return self.show(request, "message.html", 404, heading=heading, message="Kontrollera adressen eller numret.")

    def refused(self, request: Request, message: str = REFUSED) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas", message=message)

    def changeable(self, request: Request, number: str) -> Investigation | Response:
        """The investigation, if whoever asks may change it; otherwise the page that says why not."""
        found = self.register.investigations.get(number)
        if found is None:
            return self.missing(request, "Utredningen finns inte")
        return found if session_of(request).may_journal else self.refused(request)
