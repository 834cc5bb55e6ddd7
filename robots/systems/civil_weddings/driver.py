"""The wedding system's pages: the calendar with its cards, the two lists, and the card and forms of an application.

The calendar opens on the month and the place that its user looked at last. A card that has been dropped on a time
stands there although nothing is reserved: that is asked for in a box, and confirmed in a form within ten minutes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from playwright.sync_api import Locator

from robots.errors import (
    BusinessException,
    DryRunStop,
    EffectRefused,
    PageNotRecognised,
    ProtectedPerson,
    RecordLocked,
    SeveralMatches,
)
from robots.fields import PersonalNumber
from robots.systems.calendars import board, board_cell
from robots.systems.civil_weddings.model import NEW, RESERVED, Application, Slot
from robots.systems.drag import drag
from robots.systems.driver import Driver
from robots.systems.grid import Grid
from robots.systems.once import effect
from robots.systems.view import Row
from robots.systems.widgets import fact

CALENDAR, APPLICATIONS, HAPPENINGS = "Kalender", "Vigselärenden", "Händelser"
RESERVE, CONFIRM, NOTE = "Reservera tid", "Bekräfta bokning", "Ny anteckning"
NO_APPLICATIONS, NO_HAPPENINGS = "Inga vigselärenden hittades.", "Inga händelser hittades."
MISSING = "Sidan finns inte"
E_SERVICE = "E-TJÄNST"  # the reference of the first thing that happens to every application
# The calendar's boxes have no role and no names; they are bound together by their places.
TITLE = "[data-titel]"
BOARD = {"cells": "[data-ruta]", "columns": "[data-huvud]", "rows": "[data-kant]"}
TOTAL = r"Visar \d+ av (\d+)\."
FREE, OTHERS = "Ledig", re.compile(r"Stängt|Bokad .+|Reserverad till .+")
WEEKDAYS = ("mån", "tis", "ons", "tor", "fre", "lör", "sön")
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()
FACTS = "[data-fakta]"
# What the system says when a person has to decide, and the name that such handovers are counted under.
STOPS = {
    "inte längre ledig": "Tiden är tagen", "Vigselintyg": "Vigselintyget räcker inte",
    "Reservationen har gått ut": "Reservationen har gått ut",
}  # fmt: skip


class Reader(Driver):
    """What a robot may look at."""

    own_boxes = (RESERVE,)

    def application(self, number: str) -> Application:
        """The application as its card shows it. Raises ``BusinessException`` when there is none with that number."""
        if not self.open(f"/arenden/{number}", heading=f"Vigsel {number}", otherwise=MISSING):
            raise BusinessException(
                f"Vigselärendet {number} finns inte.",
                kind="Vigselärendet finns inte",
                todo="Kontrollera vigselnumret med paret.",
            )
        return self._read_card(number)

    def applications_of(self, citizen: PersonalNumber, *, finished: bool = False) -> tuple[str, ...]:
        """The numbers of the citizen's applications; those that are over (married, cancelled) with ``finished``."""
        asked: dict[str, str | bool]
        asked = {"Vigselnummer": "", "Personnummer": citizen, "Namn": "", "Visa även avslutade": finished}
        rows = self._search("/arenden", APPLICATIONS, NO_APPLICATIONS, asked)
        for row in rows:
            self.bench.recorder.hide(row["Part 1"], row["Part 2"])
            if citizen not in (row["Personnummer 1"], row["Personnummer 2"]):
                raise PageNotRecognised(f"{self.bench.title} visar någon annans ansökan än den som söktes.")
        return tuple(row["Vigselnummer"] for row in rows)

    def free_times(self, place: str, day: date) -> tuple[str, ...]:
        """The free half hours of the day, the first first; none where the calendar says of each why it is not free."""
        self._show_week(place, day)
        found = [cell for cell in board(self, **BOARD) if cell.column == _column(day)]
        for cell in found:
            if cell.words != FREE and not OTHERS.fullmatch(cell.words):
                raise PageNotRecognised(f"{self.bench.title} visar «{cell.words}» kl. {cell.row} den {day}.")
        if not found:
            raise PageNotRecognised(f"{self.bench.title} visar inte {day} i kalendern.")
        return tuple(cell.row for cell in found if cell.words == FREE)

    def find_happening(self, number: str, mark: str) -> str | None:
        """The number of what has happened to the application under the mark, in a fresh search."""
        found = [row["Nummer"] for row in self._happenings(number, mark)]
        if len(found) > 1:
            raise SeveralMatches(f"Flera händelser har {mark}: {', '.join(found)}.")
        return found[0] if found else None

    def shows_happenings(self, number: str) -> bool:
        """Whether the search finds what has happened to every application: the control of ``find_happening``."""
        return bool(self._happenings(number, E_SERVICE))

    def references(self, number: str) -> tuple[str, ...]:
        """The references under which something has happened to the application."""
        return tuple(row["Referens"] for row in self._happenings(number, ""))

    # -- the way there ----------------------------------------------------------------------------------------------

    def _happenings(self, number: str, reference: str) -> list[Row]:
        asked: dict[str, str | bool]
        asked = {"Vigselnummer": number, "Referens": reference, "Visa även avslutade": True}
        rows = self._search("/handelser", HAPPENINGS, NO_HAPPENINGS, asked)
        for row in rows:
            if row["Vigselnummer"] != number or reference not in row["Referens"]:
                raise PageNotRecognised(f"{self.bench.title} visar annat än det som söktes.")
        return rows

    def _search(self, path: str, heading: str, absent: str, asked: Mapping[str, str | bool]) -> list[Row]:
        self.open(path, heading=heading)
        return Grid(self, "[data-lista]", absent=absent, total=TOTAL).search(asked, self.button("Sök"))

    def _read_card(self, number: str) -> Application:
        # Two tables of facts stand beside each other, without names.
        shown = self.facts("main")
        self.bench.recorder.hide(fact(self, shown, "Part 1"), fact(self, shown, "Part 2"))
        found = Application.read(shown)
        self.bench.recorder.hide(*found.witnesses)
        if found.number != number:
            raise PageNotRecognised(f"{self.bench.title} visar en annan ansökan än {number}.")
        return found

    def _show_week(self, place: str, day: date) -> None:
        """The calendar's week with the day, in the place: from the month it opens on, arrow by arrow."""
        self.open("/kalender", heading=CALENDAR)
        shown = self._title()
        if shown.partition(" · ")[2] != place:
            self.fill({"Lokal": place})
        month, wanted = _month_in(shown), day.year * 12 + day.month - 1
        step, arrow = (1, '[title="Nästa"]') if month < wanted else (-1, '[title="Föregående"]')
        self._await_title(f"{_month_words(month)} · {place}")
        while month != wanted:
            # One click, and its effect is waited for: a second one too early skips a month.
            self.click(self.part(arrow))
            month += step
            self._await_title(f"{_month_words(month)} · {place}")
        year, week, weekday = day.isocalendar()
        self.click(board_cell(self, WEEKDAYS[weekday - 1], f"v. {week}", **BOARD))
        self._await_title(f"vecka {week}, {year} · {place}")

    def _title(self) -> str:
        found = self.look(TITLE)
        assert found is not None  # without words of absence it is there, or an error is
        return str(found.said)

    def _await_title(self, words: str) -> None:
        self.see(self.part(TITLE).filter(has_text=re.compile(rf"^\s*{re.escape(words)}\s*$")))


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_happening, control=Reader.shows_happenings)
    def add_note(self, number: str, text: str, *, once: str) -> None:
        """Write a note in the application."""
        self._demand_unlocked(self.application(number))
        self.open(f"/arenden/{number}/anteckning", heading=NOTE)
        self._demand_about(number)
        self.fill({"Anteckning": text, "Referens": once})
        self._commit(self.button("Spara"), number)

    @effect(found_by=Reader.find_happening, control=Reader.shows_happenings)
    def reserve(self, number: str, slot: Slot, *, once: str) -> None:
        """Reserve a time for ten minutes, by dragging the application's card to it.

        Raises ``BusinessException`` where a person has to decide: the couple is protected or wishes for a place of
        their own, the certificate does not last to that day, the application has a time already, or the time is taken.
        """
        application = self.application(number)
        _demand_bookable(application, slot)
        self._demand_unlocked(application)
        self._show_week(slot.place, slot.day)
        cell = board_cell(self, _column(slot.day), slot.time, **BOARD)
        if self.read_text(cell) != FREE:
            raise BusinessException(
                f"Tiden {slot} är inte ledig.", kind="Tiden är tagen", todo="Föreslå paret en annan tid."
            )
        drag(self, self.part("[data-kort]").filter(has_text=number), cell, landed=self.heading(RESERVE))
        self._demand_box(number, slot)
        self.fill({"Referens": once}, within="[role=dialog] form")
        self._commit(self.button("Reservera"), number)

    @effect(found_by=Reader.find_happening, control=Reader.shows_happenings)
    def confirm(self, number: str, slot: Slot, witnesses: Sequence[str], fee: int, *, once: str) -> None:
        """Confirm the booking of the time that is reserved, with at least two witnesses.

        ``fee`` is what the couple has been told, in kronor; with another one nothing is booked. The officiant is the
        one whom the system proposes. Raises ``BusinessException`` when the reservation has run out, when another time
        is reserved, or when the system does not accept the witnesses.
        """
        if len(witnesses) not in (2, 3):
            raise BusinessException(
                "En vigsel ska ha minst två vittnen, och systemet tar emot högst tre.",
                kind="Vittnen saknas",
                todo="Be paret om namnen på två vittnen.",
            )
        application = self.application(number)
        if self.bench.dry_run and application.status == NEW:
            raise DryRunStop(CONFIRM)  # the time was not reserved either, and without that there is no form
        if application.status != RESERVED or application.slot != slot:
            raise BusinessException(
                f"Vigseln {number} har inte tiden {slot} reserverad, utan: {application.slot or 'ingen tid'}.",
                kind="Reservationen har gått ut",
                todo="Reservera en tid på nytt, eller kontrollera den som är bokad.",
            )
        self._demand_unlocked(application)
        self.open(f"/arenden/{number}/bekrafta", heading=CONFIRM)
        self._demand_about(number, **{"Tid och plats": str(slot)})
        asked = self.facts(FACTS)["Avgift"]
        if asked != f"{fee} kr":
            raise BusinessException(
                f"{self.bench.title} tar {asked}, men {fee} kr är det som paret har fått veta.",
                kind="Avgiften stämmer inte",
                todo=f"Berätta för paret att vigseln kostar {asked}, och boka om det är i sin ordning.",
            )
        named = {f"Vittne {place}": name for place, name in enumerate(witnesses, 1)}
        self.fill({**named, "Referens": once})
        self._commit(self.button("Bekräfta"), number)

    # -- before and at the click ------------------------------------------------------------------------------------

    def _commit(self, button: Locator, number: str) -> None:
        refused = self.part("[role=alert]")
        try:
            self.commit(button, done=self.heading(f"Vigsel {number}"), refused=refused)
        except EffectRefused as error:
            error.kind = next((kind for said, kind in STOPS.items() if said in error.reason), error.kind)
            raise

    def _demand_unlocked(self, application: Application) -> None:
        if application.locked_by:
            raise RecordLocked(f"Vigselärendet {application.number} är öppet hos {application.locked_by}.")

    def _demand_about(self, number: str, **more: str) -> None:
        """The form is about this application, and what stands over it is what is meant."""
        shown = self.facts(FACTS)
        for caption, value in {"Vigselnummer": number, **more}.items():
            if shown.get(caption) != value:
                raise PageNotRecognised(f"Formuläret visar {caption} «{shown.get(caption)}» i stället för «{value}».")

    def _demand_box(self, number: str, slot: Slot) -> None:
        """The card was dropped where it was meant to: the box repeats the application and the time."""
        shown = self.facts("[role=dialog] dl")
        meant = {"Vigsel": number, "Dag": slot.day.isoformat(), "Tid": slot.time, "Lokal": slot.place}
        for caption, value in meant.items():
            if shown.get(caption) != value:
                raise PageNotRecognised(f"Rutan visar {caption} «{shown.get(caption)}» i stället för «{value}».")


def _demand_bookable(application: Application, slot: Slot) -> None:
    """What the system would let through, or refuse only at the end."""
    if application.protected:
        raise ProtectedPerson("Paret har skyddade personuppgifter.")
    if application.outside_premises:
        raise BusinessException(
            f"Paret i {application.number} vill gifta sig på en egen plats.",
            kind="Vigsel utanför kommunens lokaler",
            todo="Fråga vigselförrättarna om någon kan komma dit.",
        )
    if application.certificate_to is not None and application.certificate_to < slot.day:
        raise BusinessException(
            f"Vigselintyget gäller till {application.certificate_to}, men vigseln skulle vara {slot.day}.",
            kind="Vigselintyget räcker inte",
            todo="Be paret välja en tidigare dag eller göra en ny hindersprövning.",
        )
    if application.status != NEW:
        raise BusinessException(
            f"Vigseln {application.number} har redan en tid ({application.slot}).",
            kind="Har redan en tid",
            todo="Kontrollera bokningen med paret.",
        )


def _column(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day}/{day.month}"


def _month_in(title: str) -> int:
    """The month that the calendar's title names, counted from year 0."""
    told = re.fullmatch(rf"({'|'.join(MONTHS)}) (\d{{4}}) · .+", title)
    if told is None:
        raise PageNotRecognised(f"Kalendern har rubriken «{title}», som roboten inte förstår.")
    return int(told[2]) * 12 + MONTHS.index(told[1])


def _month_words(month: int) -> str:
    return f"{MONTHS[month % 12]} {month // 12}"
