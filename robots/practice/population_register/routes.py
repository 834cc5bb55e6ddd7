"""The pages of KIR: a search, its hits, a person, a property's residents, and the log of who has looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from fastapi import Request, Response

from robots.practice.guarded import session_of
from robots.practice.personal_numbers import WrongNumberError, read_number
from robots.practice.population_register.desk import Desk, Text
from robots.practice.population_register.register import Register, line, marking
from robots.practice.population_register.state import (
    REASONS,
    FormPage,
    HitsPage,
    LookupLog,
    Pages,
    PersonPage,
    ResidentsPage,
    RevealPage,
    Why,
    read_why,
)
from robots.practice.sessions import Session
from robots.practice.system import NewField

MOST_HITS = 50
HITS_A_PAGE = 15
NO_PERSON = "Ingen person hittades i Tallinge kommun."
TOO_MANY = "För många träffar, förfina sökningen."
NO_PROPERTY = "Ingen fastighet med den beteckningen hittades i Tallinge kommun."


class PopulationRegister(Desk):
    """The register of inhabitants, which shows nothing to anybody who has not said why."""

    key = "population_register"
    title = "Kommuninvånarregistret KIR"
    path = "/kir"
    session_minutes = 15
    folder = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {"Orsak till sökningen": "Ändamål med sökningen", "Anteckning": "Kommentar"}
    new_field = NewField("uppdrag", "Uppdrag", "Du måste ange ditt uppdrag.")
    looks = frozenset({"/sok", "/skyddade/{page_id}", "/hushall/{designation:path}"})

    def add_pages(self) -> None:
        get, post = self.router.get, self.router.post
        get("/", response_model=None)(self.start)
        post("/sok", response_model=None)(self.search)
        get("/sok", response_model=None)(self.answer_gone)
        get("/traffar/{page_id}", response_model=None)(self.hits)
        get("/person/{page_id}", response_model=None)(self.person)
        get("/skyddade/{page_id}", response_model=None)(self.reveal_form)
        post("/skyddade/{page_id}", response_model=None)(self.reveal)
        get("/hushall/{designation:path}", response_model=None)(self.property_form)
        post("/hushall/{designation:path}", response_model=None)(self.ask_residents)
        get("/fastighet/{page_id}", response_model=None)(self.residents)
        get("/loggar", response_model=None)(self.own_lookups)

    def reset(self) -> None:
        self.register = Register(self.world.town)
        self.log = LookupLog()

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {"lookups": lambda: [asdict(entry) for entry in self.log.all]}

    # The search

    async def start(self, request: Request) -> Response:
        return self._search_page(session_of(request), {}, {})

    async def search(
        self,
        request: Request,
        *,
        sekv: Text = "",
        pnr: Text = "",
        namn: Text = "",
        adr: Text = "",
        orsak: Text = "",
        arende: Text = "",
        notering: Text = "",
        uppdrag: Text = "",
        sok_namn: Text = "",
        sok_pnr: Text = "",
    ) -> Response:
        session = session_of(request)
        if Pages.of(session).take(sekv, FormPage) is None:
            return self.stale(session)
        typed = {"pnr": pnr, "namn": namn, "adr": adr, "orsak": orsak, "arende": arende, "notering": notering,
                 "uppdrag": uppdrag}  # fmt: skip
        why, errors = self._read_why(typed)
        by_number = bool(sok_pnr) or (not sok_namn and bool(pnr.strip()))
        number = self._read_number(pnr, errors) if by_number else ""
        if not by_number:
            _check_name(namn, errors)
        if errors:
            return self._search_page(session, typed, errors)
        if by_number:
            return self._search_number(session, number, why, typed)
        return self._search_name(session, why, typed)

    async def answer_gone(self, request: Request) -> Response:
        """Whoever asks for the address of an answer without having posted a question."""
        return self.stale(session_of(request))

    def _read_why(self, typed: dict[str, str]) -> tuple[Why, dict[str, str]]:
        why, errors = read_why(typed["orsak"], typed["arende"], typed["notering"])
        if new := self.new_field_missing(typed["uppdrag"]):
            errors["uppdrag"] = new
        return why, errors

    def _read_number(self, typed: str, errors: dict[str, str]) -> str:
        if not typed.strip():
            errors["pnr"] = "Skriv ett personnummer."
            return ""
        try:
            return read_number(typed, self.world.today)
        except WrongNumberError as wrong:
            errors["pnr"] = str(wrong)
            return ""

    def _search_number(self, session: Session, number: str, why: Why, typed: dict[str, str]) -> Response:
        found = self.register.person(number)
        self._log(session, "Personnummer", number, why, "1 träff" if found else "Ingen träff")
        if found is None:
            return self._search_page(session, typed, {}, NO_PERSON)
        return self.go(f"/person/{Pages.of(session).issue(PersonPage(number, why))}")

    def _search_name(self, session: Session, why: Why, typed: dict[str, str]) -> Response:
        found = self.register.by_name(typed["namn"], typed["adr"])
        sought = ", ".join(" ".join(typed[field].split()) for field in ("namn", "adr") if typed[field].strip())
        few = len(found) <= MOST_HITS
        result = {0: "Ingen träff", 1: "1 träff"}.get(
            len(found), f"{len(found)} träffar" if few else "För många träffar"
        )
        self._log(session, "Namn", sought, why, result)
        if not found or not few:
            return self._search_page(session, typed, {}, TOO_MANY if found else NO_PERSON)
        hits = HitsPage(tuple(p.personal_number for p in found), why)
        return self.go(f"/traffar/{Pages.of(session).issue(hits)}")

    async def hits(self, request: Request, page_id: str) -> Response:
        session = session_of(request)
        pages = Pages.of(session)
        hits = pages.take(page_id, HitsPage)
        if hits is None:
            return self.stale(session)
        first = (hits.page - 1) * HITS_A_PAGE
        rows = []
        for number in hits.numbers[first : first + HITS_A_PAGE]:
            person = self.register.town.people[number]
            link = pages.issue(PersonPage(number, hits.why, listed=hits))
            rows.append((link, person, self.register.address(person), marking(person)))
        last_page = -(-len(hits.numbers) // HITS_A_PAGE)
        turns = {
            words: pages.issue(HitsPage(hits.numbers, hits.why, page))
            for words, page in (("Föregående", hits.page - 1), ("Nästa", hits.page + 1))
            if 1 <= page <= last_page
        }
        return self.show_to(
            session, "traffar.html", rows=rows, hits=hits, first=first, last_page=last_page, turns=turns
        )  # fmt: skip

    # One person

    async def person(self, request: Request, page_id: str) -> Response:
        session = session_of(request)
        pages = Pages.of(session)
        page = pages.take(page_id, PersonPage)
        if page is None:
            return self.stale(session)
        if page.listed:
            self._log(session, "Val i träfflista", page.number, page.why, "Visad")
        person = self.register.town.people[page.number]
        hidden = person.protection == "sekretessmarkering" and not page.revealed
        return self.show_to(
            session,
            "person.html",
            person=person,
            rows=self.register.rows(person, page.revealed),
            why=page.why,
            reveal=pages.issue(RevealPage(page.number, page.why)) if hidden else "",
            back=pages.issue(page.listed) if page.listed else "",
        )

    async def reveal_form(self, request: Request, page_id: str) -> Response:
        page = Pages.of(session_of(request)).take(page_id, RevealPage)
        return self._reveal_page(session_of(request), page, "")

    async def reveal(self, request: Request, page_id: str, orsak2: Text = "") -> Response:
        session = session_of(request)
        page = Pages.of(session).take(page_id, RevealPage)
        if page is None or not orsak2.strip():
            return self._reveal_page(session, page, "Du måste ange orsak till att skyddade uppgifter visas.")
        why = Why(page.why.reason, page.why.case_number, orsak2.strip())
        self._log(session, "Skyddade uppgifter", page.number, why, "Visad")
        shown = PersonPage(page.number, page.why, revealed=True)
        return self.go(f"/person/{Pages.of(session).issue(shown)}")

    def _reveal_page(self, session: Session, page: RevealPage | None, error: str) -> Response:
        if page is None:
            return self.stale(session)
        again = Pages.of(session).issue(page)
        return self.show_to(session, "skyddade.html", page_id=again, number=page.number, why=page.why, error=error)

    # One property

    async def property_form(self, request: Request, designation: str) -> Response:
        return self._property_page(session_of(request), designation, {"fastighet": designation}, {})

    async def ask_residents(
        self,
        request: Request,
        designation: str,
        *,
        sekv: Text = "",
        fastighet: Text = "",
        orsak: Text = "",
        arende: Text = "",
        notering: Text = "",
        uppdrag: Text = "",
    ) -> Response:
        session = session_of(request)
        if Pages.of(session).take(sekv, FormPage) is None:
            return self.stale(session)
        typed = {"fastighet": fastighet or designation, "orsak": orsak, "arende": arende, "notering": notering,
                 "uppdrag": uppdrag}  # fmt: skip
        why, errors = self._read_why(typed)
        if not typed["fastighet"].strip():
            errors["fastighet"] = "Skriv en fastighetsbeteckning."
        if errors:
            return self._property_page(session, designation, typed, errors)
        found = self.register.designation(typed["fastighet"])
        count = len(self.register.residents(found)) if found else 0
        result = f"{count} folkbokförda" if found else "Ingen träff"
        self._log(session, "Fastighet", found or typed["fastighet"].strip(), why, result)
        if found is None:
            return self._property_page(session, designation, typed, {}, NO_PROPERTY)
        return self.go(f"/fastighet/{Pages.of(session).issue(ResidentsPage(found, why))}")

    async def residents(self, request: Request, page_id: str) -> Response:
        session = session_of(request)
        page = Pages.of(session).take(page_id, ResidentsPage)
        if page is None:
            return self.stale(session)
        home = self.register.town.properties[page.designation]
        people = [(p, line(p)) for p in self.register.residents(page.designation)]
        return self.show_to(session, "fastighet.html", home=home, people=people, why=page.why)

    # The log

    async def own_lookups(self, request: Request) -> Response:
        session = session_of(request)
        return self.show_to(session, "loggar.html", lookups=self.log.of(session.user.name))

    def _log(self, session: Session, kind: str, sought: str, why: Why, result: str) -> None:
        at = f"{self.world.today} {datetime.now():%H:%M:%S}"  # the town's day, the clock of the house
        self.log.add(at, session.user.name, why, kind=kind, sought=sought, result=result)

    def _search_page(
        self, session: Session, typed: dict[str, str], errors: dict[str, str], notice: str = ""
    ) -> Response:
        sekv = Pages.of(session).issue(FormPage())
        return self.show_to(
            session, "start.html", typed=typed, errors=errors, notice=notice, reasons=REASONS, sekv=sekv
        )

    def _property_page(
        self, session: Session, designation: str, typed: dict[str, str], errors: dict[str, str], notice: str = ""
    ) -> Response:
        sekv = Pages.of(session).issue(FormPage())
        return self.show_to(
            session,
            "hushall.html",
            designation=designation,
            typed=typed,
            errors=errors,
            notice=notice,
            reasons=REASONS,
            sekv=sekv,
        )


def _check_name(name: str, errors: dict[str, str]) -> None:
    """An address alone is no search: that would list whole streets."""
    if not name.strip():
        errors["namn"] = "Skriv ett personnummer eller ett namn."
    elif sum(character.isalpha() for character in name) < 2:
        errors["namn"] = "Skriv minst två bokstäver i namnet."
