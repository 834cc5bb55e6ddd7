"""What every page of Renhållning Framtid shares: who looks, and what is said to those who may not."""

from __future__ import annotations

from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.guarded import GuardedSystem, session_of

REFUSED = "Du saknar behörighet att göra ändringar."


class FramtidSystem(GuardedSystem):
    """Renhållning Framtid without its registers."""

    cookie: ClassVar[str] = "framtid_session"

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page for the one who is logged in."""
        session = session_of(request)
        return self.page(template, status, user=session.user.display, may_journal=session.may_journal, **values)

    def missing(self, request: Request, what: str = "Sidan finns inte.") -> Response:
        return self.show(request, "message.html", 404, heading="Sidan hittades inte", message=what)

    def refused(self, request: Request) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas", message=REFUSED)
