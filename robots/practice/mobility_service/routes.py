"""Alfrida Färdtjänst: the search, the person's file, the list of investigations, and the investigation's own page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from fastapi import Form, HTTPException, Request
from fastapi.responses import Response

from robots.practice.guarded import session_of
from robots.practice.mobility_service.access import NO_DELEGATION, AlfridaSystem
from robots.practice.mobility_service.letters import LetterPages
from robots.practice.mobility_service.register import OFFICERS, Register
from robots.practice.mobility_service.state import (
    DOCTOR,
    MOBILITY,
    NO_CERTIFICATE,
    SERVICES,
    Draft,
    Investigation,
    Paper,
)
from robots.practice.mobility_service.wizard import WizardPages
from robots.practice.personal_numbers import WrongNumberError, read_number
from robots.practice.system import NewField

ROWS_A_PAGE = 20


class MobilityService(AlfridaSystem):
    key = "mobility_service"
    title = "Alfrida Färdtjänst"
    path = "/fardtjanst"
    session_minutes = 30
    folder = Path(__file__).parent
    looks = frozenset({"/personer"})
    reworded: ClassVar[dict[str, str]] = {
        "Slag av svårighet": "Typ av svårighet",
        "Hjälpmedel": "Förflyttningshjälpmedel",
    }
    new_field = NewField(
        "aterkoppling",
        "Återkoppling",
        "Återkoppling: välj hur den sökande ska få besked.",
        ("Brev", "Telefon", "E-post"),
    )

    def add_pages(self) -> None:
        get = self.router.get
        get("/", response_model=None)(self.start)
        get("/personer", response_model=None)(self.search_form)
        self.router.post("/personer", response_model=None)(self.search)
        get("/akt/{number}", response_model=None)(self.file)
        get("/akt/{number}/handling/{application}/{place}", response_model=None)(self.application_paper)
        get("/utredningar", response_model=None)(self.investigations)
        get("/bokningar", response_model=None)(self.bookings)
        get("/bevakningar", response_model=None)(self.watches)
        get("/utredningar/{number}", response_model=None)(self.investigation)
        get("/utredningar/{number}/handling/{place}", response_model=None)(self.paper)
        get("/utredningar/{number}/beslut", response_model=None)(self.decision)
        self.router.post("/utredningar/{number}/beslut", response_model=None)(self.decision)
        LetterPages(self)
        WizardPages(self)

    def reset(self) -> None:
        self.register = Register(self.world.town)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        """``lock``, ``unlock``, ``open_another`` and ``write`` as a colleague at work; ``decide`` as one with
        delegation; ``take_time`` as one who books first; ``leave_draft`` as one who went home; ``certificate_came`` as
        the post; ``apply_for`` and ``apply_again`` as the citizen; ``tell_otherwise`` as registers that differ."""

        def investigations(person: str) -> list[dict[str, Any]]:
            found = self.register.of_file(self.register.by_person[person])
            return [{"number": i.number, "status": i.status, "reference": i.reference, "officer": i.officer,
                     "received": str(i.received), "ask_before": str(i.ask_before),
                     "papers": [p.title for p in i.papers],
                     "letters": [[x.number, x.kind, str(x.due), x.reference] for x in i.letters],
                     "booking": i.booking.number if i.booking else ""} for i in found]  # fmt: skip

        def drafts(person: str) -> list[dict[str, Any]]:
            found = self.register.drafts_of(self.register.by_person[person])
            return [{"id": d.id, "by": d.by, "reference": d.reference, "values": d.values} for d in found]

        def leave_draft(person: str, reference: str = "", by: str = OFFICERS[0], **values: str) -> str:
            file = self.register.by_person[person]
            made = Draft(file, by, reference, "", f"{self.world.today} 08:15", values, "08:20")
            self.register.drafts[made.id] = made
            return made.id

        def times() -> list[dict[str, Any]]:
            return [{"id": t.id, "words": t.words, "day": str(t.day), "offered": t.offered, "taken": t.taken}
                    for t in self.register.times.values()]  # fmt: skip

        def take_time(words: str) -> None:
            next(t for t in self.register.times.values() if t.words == words).taken = True

        def lock(number: str, by: str = OFFICERS[0]) -> None:
            self._one(number).locked_by = by

        def decide(number: str, outcome: str) -> None:
            self._one(number).outcome = outcome

        def certificate_came(number: str) -> None:
            one = self._one(number)
            one.certificate_came = self.world.today
            one.papers.append(Paper("Läkarintyg", "lakarintyg.pdf", self.world.today))

        def open_another(person: str) -> None:
            self.register.add(self.register.by_person[person], self.world.today, SERVICES[0], MOBILITY, DOCTOR,
                              reference="Telefon", by=OFFICERS[1])  # fmt: skip

        def write(number: str, kind: str, days_ago: int, answer_in: int | None) -> None:
            """A letter that somebody sent so many days ago, with so many to answer in; None for no such day."""
            sent = self.world.today - timedelta(days=days_ago)
            due = None if answer_in is None else sent + timedelta(days=answer_in)
            self.register.send(self._one(number), kind, due, "Vi saknar ett läkarintyg.", reference="Post",
                               by=OFFICERS[0], on=sent)  # fmt: skip

        def apply_for(person: str, service: str) -> None:
            applications = self.register.by_person[person].applications
            applications[-1] = replace(applications[-1], service=service)

        def apply_again(person: str, number: str) -> None:
            applications = self.register.by_person[person].applications
            applications.append(replace(applications[-1], number=number))

        def tell_otherwise(person: str, **changed: Any) -> None:
            file = self.register.by_person[person]
            file.person = replace(file.person, **changed)

        return {"investigations": investigations, "drafts": drafts, "leave_draft": leave_draft, "times": times,
                "take_time": take_time, "lock": lock, "unlock": lambda number: lock(number, ""), "decide": decide,
                "certificate_came": certificate_came, "open_another": open_another, "write": write,
                "apply_for": apply_for, "apply_again": apply_again, "tell_otherwise": tell_otherwise}  # fmt: skip

    def _one(self, number: str) -> Investigation:
        if number not in self.register.investigations:
            raise HTTPException(404, f"no investigation {number!r}")
        return self.register.investigations[number]

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    # Looking

    async def start(self, request: Request) -> Response:
        me = session_of(request).user.display
        drafts = [d for d in self.register.drafts.values() if d.by == me]
        passed = sum(w["passed"] for w in self.register.watches())
        new = sum(not a.registered_in for f in self.register.files.values() for a in f.applications)
        return self.show(request, "start.html", drafts=drafts, passed=passed, new=new)

    async def search_form(self, request: Request) -> Response:
        return self.show(request, "search.html", heading="Personsök", typed="", error="", nobody=False)

    async def search(self, request: Request, personnummer: str = Form("")) -> Response:
        """Posted, so that no personal number stands in an address."""
        try:
            number = read_number(personnummer, self.world.today)
        except WrongNumberError as wrong:
            return self.show(
                request, "search.html", 422, heading="Personsök", typed=personnummer, error=str(wrong), nobody=False
            )  # fmt: skip
        file = self.register.by_person.get(number)
        if file is None:
            return self.show(request, "search.html", heading="Sökresultat", typed=personnummer, error="", nobody=True)
        return self.go(f"/akt/{file.number}")

    async def file(self, request: Request, number: str) -> Response:
        file = self.register.files.get(number)
        if file is None:
            return self.missing(request, "Personakten finns inte")
        return self.show(
            request, "file.html", file=file, found=self.register.of_file(file),
            drafts=self.register.drafts_of(file), no_certificate=NO_CERTIFICATE,
        )  # fmt: skip

    async def application_paper(self, request: Request, number: str, application: str, place: int) -> Response:
        file = self.register.files.get(number)
        for one in file.applications if file else []:
            if one.number == application and 0 <= place < len(one.papers):
                return _pdf(one.papers[place])
        return self.missing(request, "Handlingen finns inte")

    async def investigations(
        self, request: Request, nummer: str = "", referens: str = "", avslutade: str = "", sida: int = 1
    ) -> Response:
        found = [
            i
            for i in reversed(self.register.investigations.values())
            if nummer.strip().upper() in i.number
            and referens.strip().lower() in i.reference.lower()
            and (i.open or avslutade == "ja")
        ]
        pages = max(1, -(-len(found) // ROWS_A_PAGE))
        page = min(max(sida, 1), pages)
        shown = found[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        asked = {"nummer": nummer, "referens": referens, "avslutade": avslutade}
        return self.show(request, "investigations.html", found=shown, total=len(found), number=page, pages=pages,
                         asked=asked)  # fmt: skip

    async def bookings(self, request: Request, referens: str = "") -> Response:
        found = [b for b in self.register.bookings.values() if referens.strip().lower() in b.reference.lower()]
        return self.show(request, "bookings.html", found=sorted(found, key=lambda b: b.time), referens=referens)

    async def watches(self, request: Request) -> Response:
        return self.show(request, "watches.html", found=self.register.watches())

    async def investigation(self, request: Request, number: str, registrerad: str = "", bokad: str = "") -> Response:
        one = self.register.investigations.get(number)
        if one is None:
            return self.missing(request, "Utredningen finns inte")
        notice = "Utredningen är registrerad." if registrerad else f"Intervjun är bokad ({bokad})." if bokad else ""
        return self.show(request, "investigation.html", one=one, notice=notice)

    async def paper(self, request: Request, number: str, place: int) -> Response:
        one = self.register.investigations.get(number)
        if one is None or not 0 <= place < len(one.papers) or one.papers[place].content is None:
            return self.missing(request, "Handlingen finns inte")
        return _pdf(one.papers[place])

    async def decision(self, request: Request, number: str) -> Response:
        """Nobody who logs in here with a robot's rights may assess: that needs a delegation, which no role has."""
        if number not in self.register.investigations:
            return self.missing(request, "Utredningen finns inte")
        return self.refused(request, NO_DELEGATION)


def _pdf(paper: Paper) -> Response:
    told = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(paper.name)}"}
    return Response(paper.content or b"", media_type="application/pdf", headers=told)
