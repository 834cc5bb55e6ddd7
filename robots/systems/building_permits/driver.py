"""The permit system's pages: a menu that opens registers in the work area, a case's card, and the form of an event.

The pages post themselves back at every click, whole or in part, and hold their own state: each answer is waited for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from playwright.sync_api import Locator

from robots.errors import AccessDenied, BusinessException, EffectRefused, PageNotRecognised, SessionLost, SeveralMatches
from robots.fields import PropertyDesignation
from robots.systems.building_permits.model import (
    PROTECTED,
    START_NOTICE,
    Drawing,
    ListedCase,
    PermitCase,
    StartNotice,
    drawing_in,
    listed_case,
    names_and_addresses,
    permit_case,
    start_notices,
)
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.once import effect
from robots.systems.postbacks import choose, postback
from robots.systems.view import Row, View

Asked = Mapping[str, str | bool]
FRAMES = "Bygglov Castell"
CASES, EVENTS, DOCUMENTS = "Ärenden", "Händelser", "Handlingar"
ABSENT = {
    CASES: "Inga ärenden hittades.", EVENTS: "Inga händelser hittades.", DOCUMENTS: "Inga handlingar hittades.",
}  # fmt: skip
NUMBER, PROPERTY, REFERENCE = "Diarienummer", "Fastighet", "Vår referens"
FINISHED = "Visa även avslutade ärenden"
ARRIVAL = "ANKOMST"  # the reference of the event that every case begins with
NEW_EVENT, REVIEW = "Ny händelse", "Granska händelsen"
READ_ONLY = "Läsbehörighet: händelser kan inte registreras."
REGISTERED = re.compile(r"^Händelsen är registrerad\.$")
# What the system says when a person has to decide, and the name that such handovers are counted under.
STOPS = {
    "Startbesked saknas": "Startbesked saknas", "fyra veckor": "Fyra veckor efter kungörelsen", "låst": "Låst ärende",
    "avslutat": "Avslutat ärende", "har ändrats": "Ärendet har ändrats",
}  # fmt: skip


class Reader(Driver):
    """What a robot may look at."""

    _work: View | None = None  # the frame Arbetsyta, while the frames are open

    def case(self, number: str) -> PermitCase:
        """The case with this diarienummer, with its conditions and parties. Names are never told.

        Raises ``BusinessException`` when there is none with that number.
        """
        return self.renewing_login(lambda: self._read_case(number))

    def start_notices(self, number: str) -> tuple[StartNotice, ...]:
        """The notices that the work begins which the case has received, but for those that were taken back."""
        return self.renewing_login(lambda: self._read_start_notices(number))

    def cases_of(self, property_id: PropertyDesignation) -> tuple[ListedCase, ...]:
        """All cases of a property, finished ones too, the latest first."""
        asked: Asked = {NUMBER: "", PROPERTY: property_id, "Ärendestatus": "Alla", FINISHED: True}
        found = [listed_case(row) for row in self.renewing_login(lambda: self._search(CASES, asked))]
        self._demand_asked_for(property_id, [case.property_id for case in found])
        return tuple(found)

    def drawings_of(self, property_id: PropertyDesignation) -> tuple[Drawing, ...]:
        """All drawings of a property that have come in during the last ten years; older ones lie in the archive."""
        asked: Asked = {NUMBER: "", PROPERTY: property_id, "Handlingstyp": "Ritningar", FINISHED: True}
        rows = self.renewing_login(lambda: self._search(DOCUMENTS, asked))
        self._demand_asked_for(property_id, [row[PROPERTY] for row in rows])
        return tuple(drawing_in(row) for row in rows)

    def download(self, drawing: Drawing) -> Document:
        """The drawing's PDF, whole. A secret drawing has none."""
        if drawing.secret:
            raise PageNotRecognised(f"Ritning {drawing.number} är belagd med sekretess och lämnas inte ut.")
        return self.fetch_pdf(drawing.address)

    def find_event(self, number: str, mark: str) -> str | None:
        """The number of the case's event that carries the mark, in a fresh search that shows finished cases too."""
        found = [row["Händelsenr"] for row in self._events_referring(number, mark)]
        if len(found) > 1:
            raise SeveralMatches(f"Flera händelser har {mark}: {', '.join(found)}.")
        return found[0] if found else None

    def shows_events(self, number: str) -> bool:
        """Whether the search finds the event that every case begins with: the positive control of ``find_event``."""
        return bool(self._events_referring(number, ARRIVAL))

    def _events_referring(self, number: str, reference: str) -> list[Row]:
        asked: Asked = {NUMBER: number, REFERENCE: reference, FINISHED: True}
        rows = self.renewing_login(lambda: self._search(EVENTS, asked))
        self._demand_asked_for(number, [row[NUMBER] for row in rows])
        for row in rows:
            if reference not in row[REFERENCE]:
                raise PageNotRecognised(f"{self.bench.title} visar {row[REFERENCE]} vid sökning efter {reference}.")
        return rows

    # -- the way there ------------------------------------------------------------------------------------------

    def _read_case(self, number: str) -> PermitCase:
        work = self._open_case(number)
        protected = work.sees(work.text(PROTECTED), otherwise=work.text("Inga skyddade personuppgifter."))
        facts = work.facts("table[summary='Ärendet']") | work.facts("table[summary='Lov och besked']")
        conditions = work.look("table[summary='Villkor']", absent="Inga villkor finns.", read="table")
        supplement = work.look(
            "table[summary='Komplettering']", absent="Ingen öppen komplettering.", read="pairs"
        )  # fmt: skip
        self._go(work, work.link("Parter"), f"Ärende {number}")
        parties = work.table("table[summary='Ärendets parter']")
        self.bench.recorder.hide(*names_and_addresses(parties))
        return permit_case(
            facts, conditions.said if conditions else [], supplement.said if supplement else None, parties,
            protected=protected,
        )  # fmt: skip

    def _read_start_notices(self, number: str) -> tuple[StartNotice, ...]:
        work = self._open_case(number)
        self._go(work, work.link(EVENTS), f"Ärende {number}")
        return start_notices(work.table("table[summary='Ärendets händelser']"))

    def _open_case(self, number: str) -> View:
        """The card of the case, which the register leads to."""
        asked: Asked = {NUMBER: number, PROPERTY: "", "Ärendestatus": "Alla", FINISHED: True}
        found = [row[NUMBER] for row in self._search(CASES, asked)]
        self._demand_asked_for(number, found)
        if not found:
            raise BusinessException(
                f"Ärendet {number} finns inte.",
                kind="Ärendet finns inte",
                todo="Kontrollera diarienumret med den sökande.",
            )
        assert self._work is not None  # the search has just used it
        work = self._work
        # The list lies in a table of the page's own, so a row is one of the list's rows only by the list's name.
        row = work.part(f"table[summary='{CASES}'] tr", saying=number)
        self._go(work, work.link("Välj", within=row), f"Ärende {number}")
        return work

    def _search(self, register: str, wanted: Asked) -> list[Row]:
        """A fresh query in one of the menu's registers: its rows on all pages of the list, which repeats the query."""
        work = self._open_register(register)
        work.fill(wanted, within="fieldset")
        self._go(work, work.button("Sök"), register)
        said = "; ".join(f"{caption}: {value}" for caption, value in wanted.items() if isinstance(value, str) and value)
        rows: list[Row] = []
        while True:
            shown = work.look(f"table[summary='{register}']", absent=ABSENT[register], read="table")
            total = int(work.said(rf"Sökning: {re.escape(said)}\. Antal träffar: (\d+)\."))
            rows += shown.said if shown else []
            if len(rows) == total:
                return rows
            if not shown or len(rows) > total:
                raise PageNotRecognised(f"{self.bench.title} säger {total} träffar men visar {len(rows)}.")
            self._go(work, work.link("Nästa sida"), register)

    def _open_register(self, register: str) -> View:
        if self._work is None:
            self.open("/", heading=FRAMES)
            self._work = self.inside("Arbetsyta")
        menu = self.inside("Meny")
        postback(menu, menu.link(register), into=self._work)
        self.arrive(register, view=self._work)
        return self._work

    def _go(self, work: View, thing: Locator, heading: str) -> None:
        """A click that posts the page back, and the page with this heading as its answer."""
        postback(work, thing)
        self.arrive(heading, view=work)

    def _demand_asked_for(self, asked: str, shown: list[str]) -> None:
        for other in shown:
            if other != asked:
                raise PageNotRecognised(f"{self.bench.title} visar {other} vid sökning efter {asked}.")

    def begin_anew(self) -> None:
        """Only a frame showed the login; the frames, opened anew, lead to it and to a new session."""
        self._work = None


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_event, control=Reader.shows_events)
    def register_start(
        self, number: str, property_id: PropertyDesignation, starts: date, note: str, *, once: str
    ) -> None:
        """Register the notice that the work begins (anmälan om byggstart) on the day ``starts``.

        ``property_id`` is what the applicant says is built on. Raises ``BusinessException`` when the case is about
        another property, is locked or closed, or when the system does not accept the notice: without a start
        clearance, or within four weeks of the announcement under the older rules.
        """
        work = self.renewing_login(lambda: self._open_case(number))
        self._demand_property(work, number, property_id)
        self._open_form(work)
        work.fill({"Riktning": "Inkommande"})
        choose(work, "Händelsetyp", "Anmälan")
        choose(work, "Händelseslag", START_NOTICE)  # writes its own heading over what stood there
        typed = {
            "Utfall": "Mottagen", "Datum för byggstart": starts.isoformat(), "Rubrik": START_NOTICE,
            "Anteckning": note, REFERENCE: once,
        }  # fmt: skip
        work.fill(typed)
        postback(work, work.button("Fortsätt"))
        self._await(work, work.heading(REVIEW))
        self.arrive(REVIEW, view=work)
        typed |= {"Riktning": "Inkommande", "Händelseslag": START_NOTICE, NUMBER: number, PROPERTY: property_id}
        self._demand_review(work, typed)
        self.commit(
            work.button("Registrera"),
            done=work.frame.get_by_role("status").filter(has_text=REGISTERED),
            refused=work.part("[role=alert]"),
        )

    def _demand_property(self, work: View, number: str, property_id: PropertyDesignation) -> None:
        shown = work.facts("table[summary='Ärendet']")[PROPERTY]
        if shown != property_id:
            raise BusinessException(
                f"Ärendet {number} gäller {shown}, inte {property_id}.",
                kind="Fel fastighet",
                todo="Kontrollera diarienumret och fastigheten med den sökande.",
            )

    def _open_form(self, work: View) -> None:
        if not work.sees(work.button(NEW_EVENT), otherwise=work.text(READ_ONLY)):
            raise AccessDenied(f"{self.bench.title}: {self.bench.robot_user} har läsbehörighet.")
        self._go(work, work.button(NEW_EVENT), NEW_EVENT)
        self._await(work, work.button("Fortsätt"))

    def _await(self, work: View, thing: Locator) -> None:
        """The thing has come, or the system's own words for why it has not are raised."""
        alert, login = work.part("[role=alert]"), work.heading(self.login_heading)
        if work.sees(thing, otherwise=alert.or_(login)):
            return
        if not alert.count():
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")
        words = work.read_text(alert)
        raise EffectRefused(
            f"{self.bench.title} tar inte emot händelsen: {words}",
            kind=next((kind for said, kind in STOPS.items() if said in words), "Systemet nekade"),
            todo="Läs vad systemet säger och gör klart för hand.",
        )

    def _demand_review(self, work: View, typed: Mapping[str, str]) -> None:
        """The last page before the click repeats the case, the property and all that was typed."""
        shown = work.facts("table[summary='Händelsen']")
        for caption, value in typed.items():
            if shown.get(caption) != " ".join(value.split()):
                raise PageNotRecognised(f"Granskningen visar {caption} «{shown.get(caption)}» i stället för «{value}».")
