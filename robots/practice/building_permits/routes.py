"""Bygglov Castell: a frameset of a menu, a work area and a status line, whose pages post themselves back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from fastapi import HTTPException, Request
from fastapi.responses import Response

from robots.practice.building_permits.access import CastellSystem
from robots.practice.building_permits.new_event import NewEvent
from robots.practice.building_permits.records import Records, unknown_number
from robots.practice.building_permits.registers import REGISTERS, RegisterPage
from robots.practice.building_permits.state import (
    INCOMING,
    OUTGOING,
    START_CLEARANCE,
    SUPPORT,
    Document,
    Event,
    PermitCase,
)
from robots.practice.building_permits.viewstate import ViewStates
from robots.practice.pdf import drawing_pdf
from robots.practice.system import NewField

TABS = ("Översikt", "Händelser", "Handlingar", "Parter")


class BuildingPermits(CastellSystem):
    key = "building_permits"
    title = "Bygglov Castell"
    path = "/bygglov"
    session_minutes = 20
    folder = Path(__file__).parent
    name_field = "ctl00$Innehall$txtAnvandare"
    password_field = "ctl00$Innehall$txtLosenord"
    looks: ClassVar[frozenset[str]] = frozenset({"/Arende.aspx", *(r.page for r in REGISTERS)})
    reworded: ClassVar[dict[str, str]] = {"Händelseslag": "Slag av händelse", "Anteckning": "Beskrivning"}
    new_field = NewField(
        "ctl00$Innehall$ddlInkommet", "Inkommet via", "Ange hur händelsen har kommit in.",
        ("E-tjänst", "E-post", "Telefon", "Besök"),
    )  # fmt: skip

    records: Records
    new_event: NewEvent

    def add_pages(self) -> None:
        self.templates.globals.update(registers=REGISTERS, tabs=TABS)
        self.view_states = ViewStates()
        get, post = self.router.get, self.router.post
        get("/")(self.frameset)
        get("/Meny.aspx")(self.menu)
        get("/Start.aspx")(self.start)
        get("/Status.aspx")(self.status_line)
        for register in REGISTERS:
            RegisterPage(self, register)
        get("/Arende.aspx")(self.open_case)
        post("/Arende.aspx")(self.case_posted_back)
        get("/Handelsekort.aspx")(self.event_card)
        get("/Fil.aspx")(self.file)
        self.new_event = NewEvent(self)

    def reset(self) -> None:
        self.records = Records(self.world.town)
        self.new_event.drafts.clear()

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {
            "permit_of": self._permit_of, "permit": lambda number: self._case(number).as_json(),
            "permits_of_property": lambda property_id: [c.as_json() for c in self.records.of_property(property_id)],
            "lock": self._lock, "unlock": lambda number: self._lock(number, ""), "close": self._close,
            "write_as_colleague": self._write_as_colleague, "clear_start": self._clear_start,
            "set_session_minutes": self._set_session_minutes,
        }  # fmt: skip

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    # -- pages --------------------------------------------------------------------------------------------------

    async def frameset(self, request: Request) -> Response:
        return self.show(request, "frameset.html")

    async def menu(self, request: Request) -> Response:
        return self.show(request, "menu.html")

    async def start(self, request: Request) -> Response:
        running = [case for case in self.records.cases.values() if not case.closed]
        waiting = sum(case.supplement is not None for case in running)
        return self.show(request, "start.html", today=self.world.today, running=len(running), waiting=waiting)

    async def status_line(self, request: Request) -> Response:
        return self.show(request, "status.html", minutes=self.session_minutes)

    async def open_case(self, request: Request, dnr: str = "") -> Response:
        case = self.records.cases.get(dnr)
        if case is None:
            return self.missing(request, "Ärendet finns inte.")
        return self.opened(request, "case.html", {"flik": TABS[0]}, case=case, tab=TABS[0])

    async def case_posted_back(self, request: Request, dnr: str = "") -> Response:
        posted = await self.posted(request)
        case = self._case(dnr)
        if posted.clicked("btnNyHandelse"):
            return self.go(f"/Handelse.aspx?arende={quote(case.number)}")
        chosen = posted.argument.removeprefix("Flik$")
        tab = TABS[int(chosen)] if chosen in ("0", "1", "2", "3") else posted.state.values["flik"]
        return self.sent_back(request, posted, "case.html", {"flik": tab}, case=case, tab=tab)

    async def event_card(self, request: Request, nr: str = "", ny: str = "") -> Response:
        for case in self.records.cases.values():
            for event in case.events:
                if event.number == nr:
                    return self.show(request, "event.html", case=case, event=event, new=ny == "ja")
        return self.missing(request, "Händelsen finns inte.")

    async def file(self, request: Request, handling: str = "") -> Response:
        found = [(c, d) for c in self.records.cases.values() for d in c.documents if d.number == handling]
        if not found or found[0][1].secret:
            return self.missing(request, "Handlingen finns inte eller är belagd med sekretess.")
        return Response(_pdf(*found[0]), media_type="application/pdf", headers=_disposition(found[0][1]))

    # -- what colleagues do -------------------------------------------------------------------------------------

    def _case(self, number: str) -> PermitCase:
        case = self.records.cases.get(number)
        if case is None:
            raise HTTPException(404, f"no case {number!r}")
        return case

    def _permit_of(self, case: str) -> str:
        """The diarienummer that the citizen of one of the town's cases would name."""
        asked = self.world.town.cases[case]
        if asked.twist == "unknown_number":
            return unknown_number(self.world.town, asked)
        if case not in self.records.asked:
            raise HTTPException(404, f"{case} is about no permit")
        return self.records.asked[case].number

    def _lock(self, number: str, by: str) -> dict[str, Any]:
        self._case(number).lock = by
        return self._case(number).as_json()

    def _close(self, number: str) -> dict[str, Any]:
        self._case(number).closed = True
        return self._case(number).as_json()

    def _write_as_colleague(
        self, number: str, kind: str = "Inkommen skrivelse", reference: str = "", secret: bool = False
    ) -> dict[str, Any]:
        case = self._case(number)
        event = Event(
            self.records.next_event_number(), self.world.today, INCOMING, "Skrivelse", kind, "", kind, SUPPORT,
            reference, secret=secret,
        )  # fmt: skip
        case.events.append(event)
        case.version, case.changed_by = case.version + 1, SUPPORT
        return event.as_json()

    def _clear_start(self, number: str, on: str) -> dict[str, Any]:
        case = self._case(number)
        case.started = date.fromisoformat(on)
        case.events.append(
            Event(self.records.next_event_number(), case.started, OUTGOING, "Beslut", START_CLEARANCE, "Beviljat",
                  START_CLEARANCE, SUPPORT)
        )  # fmt: skip
        return case.as_json()

    def _set_session_minutes(self, minutes: float) -> None:
        self.sessions.minutes = minutes


def _pdf(case: PermitCase, document: Document) -> bytes:
    lines = (f"Fastighet: {case.home.designation}", f"Diarienummer: {case.number}", f"Kod: {document.code}",
             f"Datum: {document.on}", "Byggnadsnämnden i Tallinge kommun")  # fmt: skip
    return drawing_pdf(f"{document.number} {document.title}", lines, landscape=document.code in ("ARIT", "KRIT"))


def _disposition(document: Document) -> dict[str, str]:
    name = quote(f"{document.number} {document.title}.pdf")
    return {"Content-Disposition": f"attachment; filename=\"{document.number}.pdf\"; filename*=UTF-8''{name}"}
