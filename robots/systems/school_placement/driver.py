"""The school placement's one page: the menu's lists, the pupil's card, and the two forms that lead from it.

The page fetches what it shows, and shows it late. So each step waits for words that only the right answer has: a
count that repeats what was sought, the pupil's number, and the status of a row that is shown before it is saved.
"""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Locator

from robots.errors import (
    AccessDenied,
    BusinessException,
    EffectRefused,
    PageNotRecognised,
    ProtectedPerson,
    SessionLost,
    SeveralMatches,
    SystemDown,
)
from robots.fields import PersonalNumber
from robots.systems.driver import Driver
from robots.systems.once import effect
from robots.systems.school_placement.model import Choice, Guardian, Hit, Period, Pupil, Sibling
from robots.systems.view import Row
from robots.systems.virtual import VirtualList

START, PUPILS, CARD, PROTECTED = "Start", "Elever", "Elevkort", "Skyddade personuppgifter"
SIGNED_IN = "Inloggad som"  # said only by a shell that does not fetch itself anew
BOX, ROW = "[role=rowgroup]", "[role=row]"  # what scrolls; the row of captions stands outside it
NOTHING, NOT_SIGNED, NO_SCHOOL, NOT_IN_SCHOOL = "–", "Har inte signerat", "Ingen placering", "Går inte i skolan"
FINISHED_SCHOOL, PROTECTED_NAME, ALSO_FINISHED = "Går ut årskurs 9", "Skyddad identitet", ", även avslutade"
STATUSES = ("Registrerat", "Beslutat", "Återtaget")
LOST = "Systemet svarar inte."  # the page's own words, which tell nothing of what the system has done
MAY_NOT = "Du har läsbehörighet och kan inte ändra."
PLACES = ("Förstahandsval", "Andrahandsval", "Tredjehandsval")
CHOICE, NOTE, SIBLING, NO_REASON = "Skolval", "Anteckning", "Syskon på skolan", "Inget särskilt skäl"
# What the system says when a person has to act, and the name that such handovers are counted under.
STOPS = {
    "är stängt": "Utanför skolvalsperioden",
    "inte signerat": "Signatur saknas",
    "olika önskemål": "Vårdnadshavarna är oense",
    "redan ett skolval": "Skolval finns redan",
    "Eleven är folkbokförd i": "Inte folkbokförd i kommunen",
}


class Reader(Driver):
    """What a robot may look at."""

    def pupil(self, number: PersonalNumber) -> Pupil:
        """The pupil as the card shows it.

        Raises ``BusinessException`` when nobody in the register has that number, and, with nothing in it that tells
        who it is, when the pupil's identity is protected.
        """
        return self.renewing_login(lambda: self._read_card(number))

    def pupils(self, sought: str) -> tuple[Hit, ...]:
        """Everybody whose name or personal number contains the words."""
        rows = self.renewing_login(lambda: self._search_pupils(sought).rows())
        hits = tuple(
            Hit(PersonalNumber(r["Personnummer"]), r["Namn"], _unless(NO_SCHOOL, _unless(NOTHING, r["Skola"])),
                r["Namn"] == PROTECTED_NAME)
            for r in rows
        )  # fmt: skip
        self.bench.recorder.hide(*(hit.name for hit in hits if not hit.protected))
        return hits

    def periods(self) -> tuple[Period, ...]:
        """The system's calendar of the school year that is chosen for now."""
        rows = self.renewing_login(self._read_periods)
        return tuple(
            Period(r["Årskurser"], date.fromisoformat(r["Öppnar"]), date.fromisoformat(r["Stänger"]),
                   _one_of(r["Läge"], ("Stängd", "Öppen")) == "Öppen", _unless(NOTHING, r["Anmärkning"]))
            for r in rows
        )  # fmt: skip

    def find_choice(self, pupil: PersonalNumber, mark: str) -> str | None:
        """The number of the school choice that carries the mark, decided or not, in a fresh search."""
        return self._find_event(pupil, CHOICE, mark)

    def find_note(self, pupil: PersonalNumber, mark: str) -> str | None:
        """The number of the note that carries the mark, in a fresh search."""
        return self._find_event(pupil, NOTE, mark)

    def shows_events(self, pupil: PersonalNumber) -> bool:
        """Whether the search finds the placement that every pupil has: the control of those two."""
        return bool(self.renewing_login(lambda: self._search_events(pupil)))

    def _find_event(self, pupil: PersonalNumber, kind: str, mark: str) -> str | None:
        found = []
        for row in self.renewing_login(lambda: self._search_events(mark)):
            if row["Extern referens"] != mark or row["Elev"] != pupil or row["Typ"] != kind:
                raise PageNotRecognised(f"{self.bench.title} visar annat än det som söktes med {mark}.")
            found.append(row["Nummer"])
        if len(found) > 1:
            raise SeveralMatches(f"Flera händelser har {mark}: {', '.join(found)}.")
        return found[0] if found else None

    # -- the way there ------------------------------------------------------------------------------------------

    def _open_shell(self, path: str, heading: str) -> None:
        """The shell that stays: the first after a login fetches itself anew while one works in it."""
        self.open(path, heading=heading)
        self._await(self.text_containing(SIGNED_IN))

    def _open_view(self, name: str) -> None:
        self._open_shell("/", START)
        self.click(self.link(name))
        self.arrive(name)

    def _search_pupils(self, sought: str) -> VirtualList:
        self._open_shell("/elever", PUPILS)  # a part of its own
        return self._search("Sök elev", sought, "elever", r"elev(?:er)?")

    def _search_events(self, sought: str) -> list[Row]:
        """Also those that are finished, or a choice that somebody has decided would look as if it had never been."""
        self._open_view("Händelser")
        self._await_count("händelser", "händelser?")
        self.fill({"Visa även avslutade": True})
        return self._search("Sök händelse", sought, "händelser", "händelser?", ALSO_FINISHED).rows()

    def _search(self, field: str, sought: str, words: str, counted: str, also: str = "") -> VirtualList:
        """What the list has for the words. The page's count repeats them, and so tells whose answer it shows.

        The whole list is waited for first: its answer could otherwise come after that to the search, and be shown.
        """
        self._await_count(words, counted, also)
        self.fill({field: sought})
        none = self._await_count(words, counted, also, f" för ”{sought}”")
        return VirtualList(self, BOX, row=ROW, absent=none, total=rf"(\d+) {counted} för ")

    def _await_count(self, words: str, counted: str, also: str = "", told: str = "") -> str:
        """Until the page has counted what was sought, or says that there is none; gives the words of that."""
        count = re.compile(rf"^\d+ {counted}{re.escape(told + also)}$")
        none = f"Inga {words} hittades{told or ' för ””'}{also}."
        self._await(self.frame.locator("p").filter(has_text=count).or_(self.text(none)))
        return none

    def _read_periods(self) -> list[Row]:
        self._open_view("Skolvalsperioder")
        self._await(self.part("table"))
        return self.table("table")

    def _read_card(self, number: PersonalNumber) -> Pupil:
        row = self._search_pupils(number).find(number)
        if row is None:
            raise BusinessException(
                "Eleven finns inte i skolregistret.",
                kind="Eleven finns inte",
                todo="Kontrollera elevens personnummer, och om eleven har flyttat in nyligen.",
            )
        self.click(row)
        self._await_card()
        return self._pupil_shown(number)

    def _await_card(self) -> None:
        """The card has its contents, or the page says why it has none."""
        protected = self.heading(PROTECTED)
        self._await(protected.or_(self.frame.get_by_role("region", name="Elevuppgifter")))
        if protected.count():
            raise ProtectedPerson("Eleven har skyddade personuppgifter.")
        self.arrive(CARD)

    def _pupil_shown(self, number: PersonalNumber) -> Pupil:
        shown = self.facts("dl")
        address = shown["Folkbokföringsadress"]
        self.bench.recorder.hide(shown["Namn"], address, address.partition(",")[0])
        if shown["Personnummer"] != number:
            raise PageNotRecognised(f"{self.bench.title} visar någon annan än den som söktes.")
        guardians = tuple(_guardian(row) for row in self._rows_of("Vårdnadshavare"))
        siblings = tuple(
            Sibling(r["Namn"], _unless(NOTHING, r["Årskurs"]), _unless(NO_SCHOOL, r["Skola"]))
            for r in self._rows_of("Syskon", "Inga syskon i skolregistret.")
        )
        self.bench.recorder.hide(*(g.name for g in guardians), *(s.name for s in siblings))
        choices = tuple(_choice(row) for row in self._rows_of(CHOICE, "Inget skolval är registrerat."))
        return Pupil(
            number, shown["Namn"], shown["Folkbokförd i"], _unless(NOT_IN_SCHOOL, shown["Årskurs nu"]),
            _unless(FINISHED_SCHOOL, shown["Årskurs till hösten"]), _unless(NO_SCHOOL, shown["Nuvarande skola"]),
            guardians, siblings, choices,
        )  # fmt: skip

    def _rows_of(self, name: str, absent: str = "") -> list[Row]:
        found = self.look(f'table[aria-label="{name}"]', absent=absent, read="table")
        return found.said if found else []

    def _await(self, thing: Locator) -> Locator:
        """The thing, once the page shows it; the login in its place is a lost session."""
        if self.sees(thing, otherwise=self.heading(self.login_heading)):
            return thing
        raise SessionLost(f"{self.bench.title} loggade ut roboten.")


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_note, control=Reader.shows_events)
    def add_note(self, pupil: PersonalNumber, text: str, *, once: str) -> None:
        """Write a note on the pupil's card."""
        self._open_form(pupil, "Ny anteckning", "Ny anteckning")
        self.fill({"Anteckning": text, "Extern referens": once})
        self._save("Spara anteckning", once, "Sparad")

    @effect(found_by=Reader.find_choice, control=Reader.shows_events)
    def record_choice(self, pupil: PersonalNumber, schools: tuple[str, ...], sibling: bool, *, once: str) -> None:
        """Register the schools that all guardians have signed, the dearest first; ``sibling`` is the reason for it.

        Raises ``BusinessException`` when these are not the schools that the guardians have signed together, and when
        the system will not have a choice now: outside the period, a signature missing, another choice at work.
        """
        shown = self._open_form(pupil, "Registrera skolval", CHOICE)
        if shown.wishes != schools:
            raise BusinessException(
                "Vårdnadshavarna har inte gemensamt signerat de skolor som skulle registreras.",
                kind="Önskemålen stämmer inte",
                todo="Jämför ärendet med önskemålen på elevkortet och kontakta vårdnadshavarna.",
            )
        wished = dict(zip(PLACES, schools, strict=False))
        self.fill({**wished, "Skäl": SIBLING if sibling else NO_REASON, "Extern referens": once})
        self._save("Spara skolval", once, "Registrerat")

    def _open_form(self, number: PersonalNumber, title: str, form: str) -> Pupil:
        """A form of the pupil's, ready to be filled in, or the system's words for why there is none."""
        pupil = self._read_card(number)
        button = self.button(title)
        if not self.sees(button, otherwise=self.text(MAY_NOT)):
            raise AccessDenied(f"{self.bench.title} låter inte {self.bench.robot_user} ändra något.")
        self.click(button)
        self.arrive(title)
        self._await(self.form(form).or_(self.part("[role=alert]")))
        words = " ".join(self.texts("[role=alert]"))
        if LOST in words:
            raise SystemDown(f"{self.bench.title} svarar inte.")
        if words:
            raise EffectRefused(
                f"{self.bench.title} tar inte emot ändringen: {words}",
                kind=next((kind for said, kind in STOPS.items() if said in words), "Systemet nekade"),
                todo="Läs vad systemet säger och gör klart för hand.",
            )
        self.said(rf"({number})")  # the form repeats whose it is
        return pupil

    def _save(self, button: str, mark: str, status: str) -> None:
        """Until the row with the mark has come with its own status: «Sparar…» is not saved."""
        saved = self.row(mark).filter(has=self.frame.get_by_role("cell", name=status, exact=True))
        refused = self.part("[role=alert]").filter(visible=True, has_not_text=LOST)
        self.commit(self.button(button), done=saved, refused=refused)


def _guardian(row: Row) -> Guardian:
    signed = row["Signerat"]
    wishes = tuple(row[f"Önskemål {place}"] for place in (1, 2, 3))
    return Guardian(
        PersonalNumber(row["Personnummer"]), row["Namn"],
        None if signed == NOT_SIGNED else date.fromisoformat(signed), tuple(w for w in wishes if w != NOTHING),
    )  # fmt: skip


def _choice(row: Row) -> Choice:
    schools = tuple(row[f"Val {place}"] for place in (1, 2, 3))
    return Choice(
        row["Nummer"], tuple(s for s in schools if s != NOTHING),
        _one_of(row["Skäl"], (NO_REASON, SIBLING)) == SIBLING, _one_of(row["Status"], STATUSES),
        _unless(NOTHING, row["Extern referens"]),
    )  # fmt: skip


def _one_of(said: str, known: tuple[str, ...]) -> str:
    if said not in known:
        raise PageNotRecognised(f"Skolplaceringen säger «{said}», som roboten inte förstår.")
    return said


def _unless(absent: str, said: str) -> str:
    """What is said, or "" where it is the page's word for nothing."""
    return "" if said == absent else said
