"""What every page of Renhållning Framtid shares: who looks, and what is said to those who may not."""

from __future__ import annotations

from typing import ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.guarded import GuardedSystem

REFUSED = "Du saknar behörighet att göra ändringar."


class FramtidSystem(GuardedSystem):
    """Renhållning Framtid without its registers."""

    cookie: ClassVar[str] = "framtid_session"

    def missing(self, request: Request, what: str = "Sidan finns inte.") -> Response:
        return self.show(request, "message.html", 404, heading="Sidan hittades inte", message=what)

    def refused(self, request: Request) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas", message=REFUSED)
