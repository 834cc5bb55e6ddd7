"""What every page of Socio shares: who looks, whose file it is, and what is said to those who may not."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.income_support.locks import Locks
from robots.practice.income_support.records import Register
from robots.practice.income_support.state import File

REFUSED = "Du har läsbehörighet och kan inte ändra något."
PROTECTED = "Akten är skyddad. Den visas bara för handläggare med särskild behörighet."
NOT_LOCKED = "Akten är inte öppen för ändring av dig. Tryck F6 i akten."
NO_DELEGATION = "Du saknar delegation att fatta beslut. Lägg ett förslag till handläggaren."


class SocioSystem(GuardedSystem):
    """Socio without its pages."""

    cookie: ClassVar[str] = "socio_session"
    name_field: ClassVar[str] = "signatur"
    ended_words: ClassVar[str] = "Sessionen är avslutad. Logga in igen."
    wrong_words: ClassVar[str] = "Signaturen eller lösenordet är fel."

    register: Register
    locks: Locks
    norms_missing: set[int]

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page for the one who is logged in."""
        values.setdefault("error", "")
        return super().show(request, template, status, **values)

    def show_file(self, request: Request, template: str, file: File, status: int = 200, **values: Any) -> Response:
        """A page of a file, which says whether it is open for changes."""
        session = session_of(request)
        mine = session.may_journal and self.locks.has(file.number, session)
        month = values.pop("month", self.register.month)
        here = request.url.path.rpartition("/")[2]
        return self.show(request, template, status, file=file, mine=mine, month=month, here=here, **values)

    def file_asked_for(self, request: Request, number: str, *, hidden: bool = True) -> File | Response:
        """The file, or the page that stands in its place. ``hidden``: nothing of a protected one is shown."""
        file = self.register.files.get(number)
        if file is None:
            return self.missing(request, "Akten finns inte.")
        if file.protected and hidden:
            return self.show(request, "message.html", 403, heading="Skyddad akt", message=PROTECTED)
        return file

    def why_not_changed(self, request: Request, file: File) -> str:
        """Why this session may not change the file now, "" where it may."""
        return "" if self.locks.has(file.number, session_of(request)) else NOT_LOCKED

    def locked_words(self, file: File) -> str:
        """What stands in the way of whoever wants to open the file for changes."""
        held = self.locks.held(file.number)
        assert held is not None
        return f"Akten är låst av {held.display} sedan {held.since}."

    def missing(self, request: Request, what: str = "Sidan finns inte.") -> Response:
        return self.show(request, "message.html", 404, heading="Finns inte", message=what)

    def refused(self, request: Request) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas", message=REFUSED)


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H.%M}"
