"""Felanmälan: the map on which a place is pointed at, the list with its filters in the address, and a report's card.

The page is one, and shows a heading only when what stands below it has come; what is known of a place comes later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from playwright.sync_api import Locator

from robots.errors import BusinessException, NotSeen, PageNotRecognised, RecordLocked, SessionLost, SeveralMatches
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.fault_reports.model import Category, Nearby, Place, Report, Surroundings
from robots.systems.map_canvas import pin, spoken
from robots.systems.once import effect
from robots.systems.reach import expand
from robots.systems.view import Row
from robots.systems.widgets import cards, suggest

MAP, REPORTS = "Karta", "Anmälningar"
NO_ADDRESS, OUTSIDE = "Ingen adress hittades.", "Platsen ligger utanför Tallinge kommun."
NOTHING_NEAR = "Inga anmälningar inom 50 m de senaste 14 dagarna."
NO_REPORTS, NO_NOTES = "Inga anmälningar matchar filtret.", "Inga anteckningar hittades."
OWN_ROAD = {"Ja": True, "Nej": False}
METRES = r"\d[\d\s]*\d"
BORDERS = rf"(mellan N {METRES} och {METRES}, E {METRES} och {METRES})"
EXACT_METRES = 4  # how near the place the pin must stand: far within what counts as the same place
SHOWN_REFERENCE, FIRST_NOTE = "E-tjänst", "Mottagen"  # what is known to be there
NO_PICTURES = "Inga bilder"


class Reader(Driver):
    """What a robot may look at."""

    def place_at(self, address: str) -> Place:
        """Where exactly this street address lies. Raises ``BusinessException`` where the map does not know it."""
        return self.renewing_login(lambda: self._find_address(" ".join(address.split())))

    def around(self, place: Place) -> Surroundings:
        """Who looks after the road there, and what has been reported near by lately.

        Raises ``BusinessException`` where the place lies outside the municipality.
        """
        return self.renewing_login(lambda: self._stand_at(place))

    def nearby(self, place: Place) -> tuple[Nearby, ...]:
        """The reports that may be about the same fault, the nearest first; none where the page says so."""
        return self.around(place).nearby

    def report(self, number: str) -> Report:
        """The report as its card shows it. Raises ``BusinessException`` when there is none with that number."""
        self._open_card(number)
        shown = self.facts("dl[aria-label='Anmälan']")
        opened = self.texts("p[aria-label='Öppen hos']")
        pictures = shown["Bifogade bilder"]
        return Report(
            number, shown["Status"], Category(shown["Grupp"], shown["Kategori"]), _place(shown["Plats"]),
            shown["Vad som anmälts"], () if pictures == NO_PICTURES else tuple(pictures.split(", ")),
            shown["Jour"].removeprefix("–"), shown["Referens"].removeprefix("–"), date.fromisoformat(shown["Anmäld"]),
            opened[0].removeprefix("Öppen hos ") if opened else "",
        )  # fmt: skip

    def find_report(self, mark: str) -> str | None:
        """The number of the report that carries the mark, finished or not, in a fresh search."""
        found = self._reports(mark)
        if len(found) > 1:
            raise SeveralMatches(f"Flera anmälningar har {mark}: {', '.join(found)}.")
        return found[0] if found else None

    def shows_reports(self) -> bool:
        """Whether the search finds what came through the e-service: the positive control of ``find_report``."""
        return self._look_for(SHOWN_REFERENCE) > 0

    def find_note(self, number: str, mark: str) -> str | None:
        """The day of the note that carries the mark, in a fresh look at the report."""
        found = self._notes(number, mark)
        if len(found) > 1:
            raise SeveralMatches(f"Flera anteckningar i {number} har {mark}.")
        return f"{number} {found[0]['Datum']}" if found else None

    def shows_notes(self, number: str) -> bool:
        """Whether the note is shown that every report has: the positive control of ``find_note``."""
        return bool(self._notes(number, FIRST_NOTE))

    # -- lists and cards ----------------------------------------------------------------------------------------

    def _look_for(self, reference: str) -> int:
        """How many reports the list says that it has."""
        self.open("/anmalningar", heading=REPORTS, referens=reference, avslutade="ja")
        found = self.look("p[aria-label='Antal']", absent=NO_REPORTS)
        return int(found.said.split()[0]) if found else 0

    def _reports(self, mark: str) -> list[str]:
        count = self._look_for(mark)
        shown = [card.lines for card in cards(self, "main article")] if count else []
        if len(shown) != count:
            raise PageNotRecognised(f"{self.bench.title} visar {len(shown)} av {count} anmälningar.")
        for lines in shown:
            if mark not in lines[-1]:
                raise PageNotRecognised(f"{self.bench.title} visar «{lines[-1]}» vid sökning efter {mark}.")
        return [lines[0] for lines in shown]

    def _notes(self, number: str, text: str) -> list[Row]:
        self._open_card(number, anteckning=text)
        found = self.look("main table", absent=NO_NOTES, read="table")
        rows: list[Row] = found.said if found else []
        for row in rows:
            if text not in row["Anteckning"]:
                raise PageNotRecognised(f"{self.bench.title} visar andra anteckningar än de som har {text}.")
        return rows

    def _open_card(self, number: str, **query: str) -> None:
        path = f"/anmalningar/{number}"
        if not self.open(path, heading=f"Anmälan {number}", otherwise="Anmälan finns inte", **query):
            raise BusinessException(
                f"Anmälan {number} finns inte.",
                kind="Anmälan finns inte",
                todo="Kontrollera kvittensnumret med den som har anmält.",
            )

    # -- the map ------------------------------------------------------------------------------------------------

    def _find_address(self, address: str) -> Place:
        self.open("/karta", heading=MAP)
        try:
            picked = suggest(self, "Sök adress", address, absent=NO_ADDRESS)
        except NotSeen:
            self._demand_logged_in()
            raise
        if picked is None:
            raise BusinessException(
                f"Adressen {address} finns inte i kartan.",
                kind="Platsen är okänd",
                todo="Fråga den som anmäler var felet är, och sätt ut platsen för hand.",
            )
        return _place(self.said(rf"{re.escape(picked)}: (N {METRES} E {METRES})"))

    def _stand_at(self, place: Place) -> Surroundings:
        """Put the pin at the place, and wait for what the page knows of it."""
        self.open("/karta", heading=MAP)
        self._demand_inside(place)
        canvas = self.part("canvas")  # a picture has no other name than that it is one
        output = self.frame.get_by_role("status", name="Koordinater", exact=True)
        pin(self, canvas, place.east, place.north, read=spoken(output), within=EXACT_METRES, closer=self.button("+"))
        if not self._has_come(self.text("Väghållare"), self.text(OUTSIDE)):
            raise _outside()
        shown = self.facts("dl[aria-label='Platsen']")
        if shown["Kommunens väg"] not in OWN_ROAD:
            raise PageNotRecognised(f"{self.bench.title} visar Kommunens väg «{shown['Kommunens väg']}».")
        found = self.look("section table", absent=NOTHING_NEAR, read="table")
        rows: list[Row] = found.said if found else []
        return Surroundings(
            _place(self.read_text(output)), shown["Väghållare"], OWN_ROAD[shown["Kommunens väg"]],
            tuple(Nearby(r["Anmälan"], r["Kategori"], r["Status"], int(r["Meter"]), date.fromisoformat(r["Datum"]))
                  for r in rows),
        )  # fmt: skip

    def _demand_inside(self, place: Place) -> None:
        told = re.findall(METRES, self.said(BORDERS))
        south, north, west, east = (int(re.sub(r"\s", "", n)) for n in told)
        if not (south <= place.north <= north and west <= place.east <= east):
            raise _outside()

    def _has_come(self, thing: Locator, otherwise: Locator) -> bool:
        """Which of two things the page shows; ``SessionLost`` where it has gone to the login instead."""
        if self.sees(thing, otherwise=otherwise.or_(self.heading(self.login_heading))):
            return True
        self._demand_logged_in()
        return False

    def _demand_logged_in(self) -> None:
        if self.heading(self.login_heading).count():
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_note, control=Reader.shows_notes)
    def add_note(self, number: str, text: str, *, once: str) -> None:
        """Write a note in a report, such as that one more has seen the same fault.

        Raises ``RecordLocked`` while a colleague works in it, ``BusinessException`` when there is no such report.
        """
        about = self.report(number)
        if about.open_at:
            raise RecordLocked(f"Anmälan {number} är öppen hos {about.open_at}.")
        self.click(self.button("Ny anteckning"))
        self.see(self.form("Ny anteckning"))
        self.fill({"Anteckning": f"{text} [{once}]"}, within="form[aria-label='Ny anteckning']")
        self._send("Spara anteckning")

    @effect(found_by=Reader.find_report, control=Reader.shows_reports)
    def report_fault(
        self,
        place: Place | None,
        category: Category,
        description: str,
        *,
        once: str,
        photos: Sequence[Document] = (),
        duty_told: str = "",
    ) -> None:
        """Report a fault at the place, with photos on which, as a person has seen, nobody can be recognised.

        ``duty_told`` is who on duty (jour) has been told of a danger. Raises ``BusinessException`` without a place,
        for one outside the municipality, and for a danger that nobody on duty has been told of; ``EffectRefused``
        where somebody else looks after the road. What has been reported near by is for the caller to look at first.
        """
        if place is None:
            raise BusinessException(
                "Anmälan har ingen plats.",
                kind="Platsen är okänd",
                todo="Fråga den som anmäler var felet är.",
            )
        self.renewing_login(lambda: self._stand_at(place))
        self.click(self.button("Ny anmälan här"))
        form = "form[aria-label='Ny anmälan']"
        self.see(self.form("Ny anmälan"))
        self.click(expand(self, *category, css=f"{form} [role=tree]"))
        self.see(self.text(" › ".join(category)))
        self._demand_no_danger(duty_told)
        typed: dict[str, str | bool] = {"Beskrivning": description, "Extern referens": once}
        self.fill(typed | ({"Jouren informerad": duty_told} if duty_told else {}), within=form)
        if photos:
            self.attach_documents("Bilder", list(photos), within=form)
            self.fill({"Inga personer syns på bilderna": True}, within=form)
        self._send("Skicka anmälan")

    def _demand_no_danger(self, duty_told: str) -> None:
        """A danger is for the telephone, before anything else: the page asks who has been told of it."""
        if self.text("Jouren informerad").count() and not duty_told:
            raise BusinessException(
                "Felet är en fara för liv eller hälsa.",
                kind="Fara",
                todo="Ring jouren nu. Registrera sedan anmälan och skriv vem på jouren som fick veta.",
            )

    def _send(self, button: str) -> None:
        # All that the page says afterwards ends the wait: saved, no answer, or logged out. Only an alert is a no.
        said = self.part("p[role=status]").or_(self.heading(self.login_heading))
        self.commit(self.button(button), done=said, refused=self.frame.get_by_role("alert"))


def _place(words: str) -> Place:
    told = re.fullmatch(rf"N ({METRES}) E ({METRES})", " ".join(words.split()))
    if told is None:
        raise PageNotRecognised(f"«{words}» är ingen plats på kartan.")
    north, east = (int(re.sub(r"\s", "", n)) for n in told.groups())
    return Place(north, east)


def _outside() -> BusinessException:
    return BusinessException(
        "Platsen ligger utanför kommunen.",
        kind="Platsen ligger utanför kommunen",
        todo="Hänvisa den som anmäler till den kommun där felet är.",
    )
