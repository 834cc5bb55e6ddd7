"""The family law section's pages: lists in the frame Arbetsyta, and a window of its own for every card and form.

An akt's window has its tabs in the frame Innehåll; a form opened from there asks in a message box before it is sent,
tells in another that it has saved, and closes itself. While it is open nobody else can change the akt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime

from playwright.sync_api import Locator

from robots.errors import (
    BusinessException,
    EffectRefused,
    PageNotRecognised,
    ProtectedPerson,
    RecordLocked,
    SeveralMatches,
)
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.driver import Driver
from robots.systems.family_law.model import (
    ABSENT,
    LOCKED,
    PATERNITY,
    S_PROTOCOL,
    SIMPLIFIED,
    STOPS,
    Akt,
    Notification,
    akt_in,
    moment_in,
    notification_in,
)
from robots.systems.grid import Grid
from robots.systems.once import effect
from robots.systems.view import PlaywrightError, Row, View
from robots.systems.windows import opened_by

SHELL, WELCOME = "Treklöver Familjerätt", "Välkommen"
# The list and its search form have no name that a person reads. Words that are sought in the form only cannot bring
# names out of the list into an error's words.
HITS, LIST, SEARCH_FORM = r"av (\d+) träff", "div.hits", "form.search"
# Message boxes that belong to the work. The first comes by itself, a moment after the first page of a session.
TO_DO = "Du har bevakningar att gå igenom."
ASK_SAVE, ASK_SEND = "Vill du spara uppgifterna?", "Brevet skickas till parterna. Vill du fortsätta?"
SAVED = "Uppgifterna är sparade."
LEAVE_MS = 1000
KNOWN_RECORD = "REGISTERKONTROLL"  # the reference of a change in an akt that is closed


class Reader(Driver):
    """What a robot may look at."""

    login_heading = "Inloggning"
    login_fields = ("Identitet", "Lösenord")
    login_refused = "Inloggningen misslyckades. Kontrollera identitet och lösenord."

    def notification(self, case_number: CaseNumber) -> Notification | None:
        """What the parents have notified in this case, or None. Of somebody protected nothing is told but that."""
        return self.renewing_login(lambda: self._read_notification(case_number))

    def open_akter(self, parent: PersonalNumber) -> tuple[str, ...]:
        """The numbers of the open akter on paternity or parenthood in which somebody is a party."""
        rows = self.renewing_login(lambda: self._search("Akter", {"Personnummer": parent})[1])
        self._hide(rows, "Föräldrar")
        return tuple(row["Akt"] for row in rows if row["Typ av akt"] == PATERNITY)

    def akt(self, number: str) -> Akt:
        """The akt with what lies in it, locked by a colleague or not.

        Raises ``BusinessException`` when there is none with that number, and when it is marked with a warning or with
        a protected person.
        """
        return self.renewing_login(lambda: self._read_akt(number))

    def free_times(self, first: date, last: date) -> tuple[datetime, ...]:
        """When parents can come on a visit, on these days and between them. At most twenty are shown at once."""
        asked = {"Från": str(first), "Till": str(last)}
        rows = self.renewing_login(lambda: self._search("Besökstider", asked)[1])
        return tuple(moment_in(row) for row in rows)

    def find_change(self, mark: str) -> str | None:
        """The number of what the change with this mark has made, in an open akt or a closed one."""
        found = [row["Avser"] for row in self._changes(mark)]
        if len(found) > 1:
            raise SeveralMatches(f"Flera händelser har {mark}: {', '.join(found)}.")
        return found[0] if found else None

    def references(self, akt: str) -> dict[str, str]:
        """What has been made in an akt, and the akt itself: the number of each, and the reference it was made under."""
        asked: dict[str, str | bool] = {"Aktnummer": akt, "Visa även avslutade": True}
        rows = self.renewing_login(lambda: self._search("Händelser", asked)[1])
        if any(row["Akt"] != akt for row in rows):
            raise PageNotRecognised(f"{self.bench.title} visar händelser i en annan akt än {akt}.")
        return {row["Avser"]: row["Referens"] for row in rows}

    def shows_changes(self) -> bool:
        """Whether the search finds a change that is known to be there: the positive control of ``find_change``."""
        return bool(self._changes(KNOWN_RECORD))

    def _changes(self, reference: str) -> list[Row]:
        asked: dict[str, str | bool] = {"Referens": reference, "Visa även avslutade": True}
        rows = self.renewing_login(lambda: self._search("Händelser", asked)[1])
        for row in rows:
            if row["Referens"] != reference:
                raise PageNotRecognised(f"{self.bench.title} visar {row['Referens']} vid sökning efter {reference}.")
        return rows

    # -- the way there ------------------------------------------------------------------------------------------

    def _open_register(self, register: str) -> View:
        self.expect_dialog(TO_DO)
        self.open("/", heading=SHELL)
        work = self.inside("Arbetsyta")
        self.arrive(WELCOME, view=work)
        self.click(self.link(register))
        try:
            self.arrive(register, view=work)
        except PageNotRecognised:  # the box that comes by itself takes a click that it comes in the middle of
            self.click(self.link(register))
            self.arrive(register, view=work)
        return work

    def _search(self, register: str, wanted: Mapping[str, str | bool]) -> tuple[View, list[Row]]:
        """A fresh query in a list that has just been opened: the search fields that are not told are empty."""
        work = self._open_register(register)
        grid = Grid(work, LIST, absent=ABSENT[register], total=HITS)
        return work, grid.search(wanted, work.button("Sök"), within=SEARCH_FORM)

    @contextmanager
    def _window_of(self, number: str, *, to_change: bool = False) -> Iterator[View]:
        """The akt's window. One that a colleague has locked can be read, and not changed."""
        work, rows = self._search("Akter", {"Aktnummer": number, "Visa även avslutade": True})
        self._hide(rows, "Föräldrar")
        if not rows:
            raise BusinessException(f"Akten {number} finns inte.", kind="Akten finns inte", todo="Kontrollera numret.")
        (row,) = rows  # the number is the system's own
        _demand_unmarked(row)
        if row["Låst av"] and to_change:
            raise RecordLocked(f"Akten {number} {LOCKED} {row['Låst av']}.")
        if row["Låst av"]:
            self.expect_dialog(f"Akten {LOCKED} {row['Låst av']}. Du kan läsa men inte ändra.")
        with opened_by(self, work.link(number), heading=f"Akt {number}") as card:
            yield card

    def _turn_to(self, card: View, tab: str) -> View:
        self.click(card.link(tab))
        inner = card.inside("Innehåll")
        self.arrive(tab, view=inner)
        return inner

    def _table(self, card: View, tab: str) -> list[Row]:
        found = self._turn_to(card, tab).look("table", absent=ABSENT[tab], read="table")
        return found.said if found else []

    def _read_akt(self, number: str) -> Akt:
        with self._window_of(number) as card:
            parties = self._table(card, "Översikt")
            self._hide(parties, "Namn")
            facts = card.inside("Innehåll").facts("dl")
            protocols, visits = self._table(card, "Protokoll"), self._table(card, "Bokningar")
            letters = self._table(card, "Brev")
        return akt_in(number, facts, parties, protocols=protocols, visits=visits, letters=letters)

    def _read_notification(self, case_number: CaseNumber) -> Notification | None:
        work, rows = self._search("Anmälningar", {"Vår beteckning": case_number})
        if len(rows) > 1:
            raise SeveralMatches(f"{self.bench.title} har {len(rows)} anmälningar i ärende {case_number}.")
        if not rows:
            return None
        number = rows[0]["Anmälan"]
        if rows[0]["Märkning"]:  # whatever it says: in doubt somebody is protected
            return Notification(number, case_number, protected=True)
        self._hide(rows, "Förälder 1", "Förälder 2")
        with opened_by(self, work.link(number), heading=f"Anmälan {number}") as card:
            facts, lines = card.facts("dl"), card.table("table")
        told = notification_in(number, facts, lines)
        for parent in told.parents:
            self.bench.recorder.hide(parent.name, parent.address, parent.address.partition(",")[0])
        return told

    def _hide(self, rows: list[Row], *captions: str) -> None:
        """Names in a list are nobody's business from here on. Several may stand in one cell."""
        for words in (row[caption] for row in rows for caption in captions):
            self.bench.recorder.hide(*words.split(", "))


class Writer(Reader):
    """What a robot may change. It prepares: approving a protocol is an official's, and there is no way to it here."""

    @effect(found_by=Reader.find_change, control=Reader.shows_changes)
    def add_note(self, akt: str, text: str, *, once: str) -> None:
        """Write a note in the akt's journal."""
        with self._form(akt, "Journal", "Ny anteckning") as form:
            form.fill({"Text": text, "Referens": once})
            self._save(form)

    @effect(found_by=Reader.find_change, control=Reader.shows_changes)
    def open_akt(self, notification: Notification, *, once: str) -> None:
        """Open an akt for the simplified confirmation that two parents have asked for.

        Raises ``BusinessException`` where that is not for them by the system's own rules: one is a minor, married,
        protected or lives abroad, they have different addresses, there is doubt, or they have an akt already.
        """
        if notification.protected:
            raise ProtectedPerson("En av föräldrarna har skyddade personuppgifter.")
        first, second = (parent.personal_number or "" for parent in notification.parents)
        work = self._open_register("Akter")
        with self._form_window(work.button("Ny akt"), "Ny akt") as form:
            form.fill({
                "Typ av akt": PATERNITY, "Handläggningsform": SIMPLIFIED, "Förälder 1 (föder barnet)": first,
                "Förälder 2": second, "Beräknad födelse": str(notification.due or ""),
                "Barnets personnummer": notification.child or "",
                "Tvekan om föräldraskapet": "Ja" if notification.doubt else "Nej",
                "Assisterad befruktning": "Ja" if notification.assisted else "Nej",
                "Vår beteckning": notification.case_number, "Referens": once,
            })  # fmt: skip
            self._save(form)

    @effect(found_by=Reader.find_change, control=Reader.shows_changes)
    def add_party(self, akt: str, person: PersonalNumber, role: str, *, once: str) -> None:
        """Add a party: "Förälder", "Barn", "Ombud" or "Tolk"."""
        with self._form(akt, "Översikt", "Ny part") as form:
            form.fill({"Personnummer": person, "Roll": role, "Referens": once})
            self._save(form)

    @effect(found_by=Reader.find_change, control=Reader.shows_changes)
    def prepare_protocol(self, akt: str, *, once: str, kind: str = S_PROTOCOL) -> None:
        """Draw up a protocol as a draft, for an official to approve."""
        with self._form(akt, "Protokoll", "Nytt protokoll") as form:
            form.fill({"Typ av protokoll": kind, "Referens": once})
            self._save(form)

    @effect(found_by=Reader.find_change, control=Reader.shows_changes)
    def book_visit(self, akt: str, at: datetime, *, once: str) -> None:
        """Book a time for the parents' visit. Raises ``BusinessException`` when somebody else has taken it."""
        with self._form(akt, "Bokningar", "Ny bokning") as form:
            form.fill({"Datum": at.date(), "Klockslag": f"{at:%H:%M}", "Referens": once})
            self._save(form)

    @effect(found_by=Reader.find_change, control=Reader.shows_changes)
    def send_letter(self, akt: str, kind: str, text: str, *, once: str) -> None:
        """Send a summons or a reminder to the parties. The form lies in a frame of its window.

        Raises ``BusinessException`` for a reminder that comes too soon or after three.
        """
        with self._form(akt, "Brev", "Nytt brev", frame="Brevtext") as form:
            form.fill({"Typ av brev": kind, "Text": text, "Referens": once})
            self._save(form, asks=ASK_SEND)

    @effect(found_by=Reader.find_change, control=Reader.shows_changes)
    def note_reported(self, akt: str, protocol: str, on: date, *, once: str, way: str = "E-tjänst") -> None:
        """Note that an approved protocol has been reported to Skatteverket, "E-tjänst" or "Blankett".

        Raises ``BusinessException`` while no official has approved it.
        """
        with self._form(akt, "Protokoll", "Anmäl till Skatteverket", heading="Anmälan till Skatteverket") as form:
            form.fill({"Protokoll": protocol, "Anmält den": on, "Anmält genom": way, "Referens": once})
            self._save(form)

    # -- forms --------------------------------------------------------------------------------------------------

    @contextmanager
    def _form(self, akt: str, tab: str, button: str, *, heading: str = "", frame: str = "") -> Iterator[View]:
        """A form of the akt, opened from one of its tabs."""
        with self._window_of(akt, to_change=True) as card:
            opener = self._turn_to(card, tab).button(button)
            with self._form_window(opener, heading or button, frame) as form:
                form.said(rf"(Akt {re.escape(akt)})\b")
                yield form

    @contextmanager
    def _form_window(self, opener: Locator, heading: str, frame: str = "") -> Iterator[View]:
        """The window that is opened; it has the heading, and the frame in it, if there is one, has it too."""
        with opened_by(self, opener) as window:
            form = window
            try:
                self.arrive(heading, view=window)
                if frame:
                    form = window.inside(frame)
                    self.arrive(heading, view=form)
                yield form
            except PageNotRecognised as error:
                if LOCKED not in str(error):
                    raise
                raise RecordLocked(f"En kollega hann låsa akten. {error}") from error
            finally:
                self._leave(form)

    def _leave(self, form: View) -> None:
        """By the form's own button, unless it has saved: closed otherwise, it would leave the akt locked."""
        page, away = form.frame.page, form.button("Avbryt")
        with suppress(PlaywrightError):  # a box may lie over it; the lock is then over in a quarter of an hour
            if not page.is_closed() and away.count():
                with page.expect_event("close", timeout=LEAVE_MS):
                    away.click(timeout=LEAVE_MS)

    def _save(self, form: View, *, asks: str = ASK_SAVE) -> None:
        self.expect_dialog(asks)
        self.expect_dialog(SAVED)
        try:
            self.commit(form.button("Spara"), done=form.text(SAVED), refused=form.part("[role=alert]"))
        except EffectRefused as refused:
            refused.kind = next((kind for words, kind in STOPS.items() if words in refused.reason), refused.kind)
            raise


def _demand_unmarked(row: Row) -> None:
    """A box lies over what is in such an akt, for a person to read."""
    if row["Märkning"]:
        raise BusinessException(
            f"Akten {row['Akt']} är märkt: {row['Märkning']}.",
            kind="Märkt akt",
            todo="Läs märkningen och handlägg ärendet för hand.",
        )
