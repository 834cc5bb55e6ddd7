"""The pages that only read: inboxes, search, the case card and its tabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from robots.practice.case_management.desk import Desk, TurnedAwayError
from robots.practice.case_management.state import CITIZEN, INBOXES, SENT, VIEWS, CaseFile
from robots.practice.guarded import session_of

CASES_A_PAGE = 20
EVENTS_A_PAGE = 10

Row = TypeVar("Row")


class Sheet(Generic[Row]):
    """One page of a list, and where the neighbouring pages are."""

    def __init__(self, rows: Sequence[Row], page: str, size: int, address: str, **query: str) -> None:
        self.total = len(rows)
        self.pages = max(1, -(-self.total // size))
        self.page = min(max(1, int(page) if page.isdecimal() and len(page) < 6 else 1), self.pages)
        self.rows = rows[(self.page - 1) * size : self.page * size]
        self._address = address
        self._query = {name: value for name, value in query.items() if value}

    def link(self, **changes: Any) -> str:
        """The address of this list with something changed, such as ``sida=2``."""
        return f"{self._address}?{urlencode(self._query | changes)}"


class ReadingPages(Desk):
    """What everybody with a login may look at."""

    async def start(self) -> Response:
        return RedirectResponse(f"{self.path}/inkorg/kontaktcenter/att-fordela", 303)

    async def inbox(self, request: Request, inbox: str, view: str) -> Response:
        session = session_of(request)
        self._check_node(request, inbox, view)
        return self.show_to(
            session, "inbox.html", heading=f"Inkorg {INBOXES[inbox]} – {VIEWS[view]}", here=(inbox, view),
            rows=f"{self.path}/inkorg/{inbox}/{view}/rows?{request.url.query}",
            unread=not session.memory["information_read"],
        )  # fmt: skip

    async def inbox_rows(
        self, request: Request, inbox: str, view: str, sida: str = "1", ordning: str = "nyast"
    ) -> Response:
        session = session_of(request)
        self._check_node(request, inbox, view)
        cases = self.register.view(inbox, view, session.user.display)
        address = f"{self.path}/inkorg/{inbox}/{view}"
        return self._case_rows(cases, "Inga ärenden i den här vyn.", address, sida, ordning)

    def _case_rows(
        self, cases: list[CaseFile], absent: str, address: str, sida: str, ordning: str, **query: str
    ) -> Response:
        newest_first = ordning != "aldst"
        cases.sort(key=lambda c: (c.created, c.number), reverse=newest_first)
        order = "nyast" if newest_first else "aldst"
        sheet = Sheet(cases, sida, CASES_A_PAGE, address, ordning=order, **query)
        return self.page("case_rows.html", sheet=sheet, absent=absent, newest_first=newest_first)

    def _check_node(self, request: Request, inbox: str, view: str) -> None:
        if inbox not in INBOXES or view not in VIEWS:
            raise TurnedAwayError(self.missing(request))

    async def information_read(self, request: Request, formularnyckel: Annotated[str, Form()] = "") -> Response:
        """The information box stays away for the rest of the session. Nothing of the municipality's has changed."""
        session = session_of(request)
        self.check_key(session, formularnyckel)
        session.memory["information_read"] = True
        return Response(status_code=204)

    async def search_page(
        self, request: Request, q: str = "", personnummer: str = "", inkorg: str = "", avslutade: str = ""
    ) -> Response:
        session = session_of(request)
        asked = "q" in request.query_params
        enough = len(q.strip()) >= 2 or personnummer.strip()
        error = "Skriv minst två tecken i Sökord." if asked and not enough else ""
        rows = f"{self.path}/sok/rows?{request.url.query}" if asked and not error else ""
        return self.show_to(
            session, "search.html", 422 if error else 200, q=q, citizen=personnummer, inbox=inkorg,
            also_closed=avslutade, rows=rows, error=error,
        )  # fmt: skip

    async def search_rows(
        self,
        request: Request,
        *,
        q: str = "",
        personnummer: str = "",
        inkorg: str = "",
        avslutade: str = "",
        sida: str = "1",
        ordning: str = "nyast",
    ) -> Response:
        session_of(request)
        cases = self.register.search(q, inkorg, bool(avslutade), personnummer.strip())
        absent = "Inga ärenden matchar sökningen."
        query = {"q": q, "personnummer": personnummer, "inkorg": inkorg, "avslutade": avslutade}
        return self._case_rows(cases, absent, f"{self.path}/sok", sida, ordning, **query)

    async def quick_search(self, request: Request, nummer: str = "") -> Response:
        """Opens the case. The number may be written in small letters, with blanks or without hyphens."""
        session = session_of(request)
        bare = re.sub(r"[\s\-–]", "", nummer).upper()
        for number in self.register.cases:
            if number.replace("-", "") == bare:
                return RedirectResponse(f"{self.path}/arende/{number}", 303)
        text = f"Inga träffar på ärendenummer {nummer.strip()}." if bare else "Skriv ett ärendenummer."
        return self.notice(session, 200, "Snabbsök", text)

    async def new_case(self, request: Request) -> Response:
        text = "Nya ärenden registreras i Snabbregistrering. Här kan du bara arbeta med ärenden som redan finns."
        return self.notice(session_of(request), 200, "Nytt ärende", text)

    async def card(self, request: Request, number: str) -> Response:
        session = session_of(request)
        return self.show_case(session, "card.html", self.case_of(session, number))

    async def events(self, request: Request, number: str, q: str = "") -> Response:
        session = session_of(request)
        case = self.case_of(session, number)
        rows = f"{self.path}/arende/{number}/handelser/rows?{request.url.query}"
        return self.show_case(session, "events.html", case, q=q, rows=rows)

    async def event_rows(self, request: Request, number: str, q: str = "", sida: str = "1") -> Response:
        case = self.case_of(session_of(request), number)
        address = f"{self.path}/arende/{number}/handelser"
        sheet = Sheet(case.find_events(q), sida, EVENTS_A_PAGE, address, q=q)
        return self.page("event_rows.html", sheet=sheet, case=case)

    async def attachments(self, request: Request, number: str) -> Response:
        session = session_of(request)
        return self.show_case(session, "attachments.html", self.case_of(session, number), sent=SENT, citizen=CITIZEN)

    async def download(self, request: Request, number: str, attachment: str) -> Response:
        case = self.case_of(session_of(request), number)
        for file in case.attachments:
            if file.number == attachment and not file.secret:
                disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
                return Response(file.content, media_type="application/octet-stream",
                                headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})  # fmt: skip
        return self.missing(request)

    async def related(self, request: Request, number: str) -> Response:
        session = session_of(request)
        case = self.case_of(session, number)
        return self.show_case(session, "related.html", case, others=self.register.on_property(case))
