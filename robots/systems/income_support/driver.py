"""Socio's pages: the search for a file, the file's tabs, the sheet that is worked in by keys, and the lock on it all.

The icons have no names; what they do, a function key does, and those are what the robot presses.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

from robots.errors import (
    BusinessException,
    EffectRefused,
    PageNotRecognised,
    ProtectedPerson,
    RagnhildError,
    RecordLocked,
    SessionLost,
    SeveralMatches,
    ValueNotKept,
)
from robots.fields import PersonalNumber
from robots.systems.driver import Driver
from robots.systems.grid import Grid
from robots.systems.income_support import model
from robots.systems.income_support.model import (
    GRANTED,
    Application,
    Calculation,
    Decision,
    File,
    Norms,
    Proposal,
    Reply,
)
from robots.systems.once import effect
from robots.systems.sheet import Sheet, press
from robots.systems.view import PlaywrightError, Row

LIST, HITS = "div[data-rows]", r"(\d+) post(?:er)?\b"  # the lists have no name that a person reads
INVESTIGATION = "GRUND"  # the reference of the closed document that every file has
PROTECTED = "SKYDDAD IDENTITET"
# The bar that tells the mode has no role, nor has the box with which the system answers a lock.
MODE, LOCK_BOX = ".lage", ".lasruta"
FOR_CHANGE, FOR_READING = "Ändringsläge – akten är låst av dig", "Läsläge"
OWN_LOCK = "låst av dig själv"
LOOK_AGAIN = 300  # milliseconds
SAVED = re.compile(r"^Handling H-\d+$")


class Reader(Driver):
    """What a robot may look at. Of a protected household it is nothing at all."""

    login_heading = "Inloggning"
    login_fields = ("Signatur", "Lösenord")
    login_refused = "Signaturen eller lösenordet är fel."

    def file_of(self, applicant: PersonalNumber) -> File:
        """The household's file. Raises ``BusinessException`` where there is none, several, or a protected one."""
        self.open("/akter", heading="Akter")
        grid = Grid(self, LIST, absent="Inga akter hittades.", total=HITS)
        asked: dict[str, str | bool] = {"Personnummer": applicant, "Aktnummer": "", "Visa även avslutade": False}
        rows = grid.search(asked, self.button("Sök"))
        self.bench.recorder.hide(*(row["Sökande"] for row in rows if row["Sökande"] != "Skyddad identitet"))
        if len(rows) != 1:
            raise BusinessException(
                "Den sökande har flera akter." if rows else "Den sökandes akt finns inte.",
                kind="Flera akter" if rows else "Akten finns inte",
                todo="Sök efter akten för hand och kontrollera personnumret med den sökande.",
            )
        number = rows[0]["Aktnummer"]
        grid.double_click(number)
        self.arrive(f"Akt {number}")
        return self._read_file(number, applicant)

    def application(self, file: File, month: str) -> Application | None:
        """The latest e-application for a month (``YYYY-MM``), None where the page says that there is none."""
        self._open_tab(file, "ansokan", f"Ansökan {month}", month)
        if self.look("table.ansokan", absent="Det finns ingen ansökan för månaden.") is None:
            return None
        shown = self.facts("table.ansokan")
        signed = {PersonalNumber(r["Personnummer"]): r["Undertecknad"] for r in self.table("table.underskrifter")}
        if set(signed) != set(file.adults):
            raise PageNotRecognised("Ansökan har andra sökande än akten.")
        unsigned = tuple(who for who, when in signed.items() if when == "Saknas")
        costs, incomes = self._costs("Belopp"), self._incomes()
        return model.application_in(month, shown, unsigned, members=self._members(), costs=costs, incomes=incomes)

    def replies(self, file: File, month: str) -> tuple[Reply, ...]:
        """What SSBTEK has answered of each applicant. Raises ``BusinessException`` where an answer is missing."""
        self._open_tab(file, "ssbtek", f"SSBTEK {month}", month)
        rows = Grid(self, LIST, absent="Det finns inga svar från SSBTEK för månaden.", total=HITS).rows()
        lacking = model.unanswered([row.cells for row in rows], file)
        if lacking:
            raise BusinessException(
                f"SSBTEK har inte svarat för hushållet: {lacking}.",
                kind="SSBTEK-svar saknas",
                todo="Ställ frågan i SSBTEK på nytt och gör beräkningen när svaren finns.",
            )
        return tuple(model.reply_in(row.cells) for row in rows)

    def last_calculation(self, file: File) -> Calculation | None:
        """The latest one, None where the page says that there has been none."""
        self._open_tab(file, "berakningar", "Beräkningar")
        if self.look("table.senaste", absent="Det finns ingen tidigare beräkning.") is None:
            return None
        shown = self.facts("table.senaste")
        return model.calculation_in(shown, self._members(), self._costs("Godkänt"), self._incomes())

    def decision(self, file: File, month: str) -> Decision | None:
        """What an official has decided for the month, None where the page says that nothing is decided."""
        self._open_tab(file, "beslut", f"Beslut {month}", month)
        if self.look("table.beslut", absent="Det finns inget beslut för månaden.") is None:
            return None
        shown = self.facts("table.beslut")
        return Decision(
            shown["Beslut"], shown["Utfall"], shown["Beslutsfattare"], date.fromisoformat(shown["Beslutsdatum"])
        )

    def norms(self, year: int) -> Norms:
        """The year's norms. Raises ``BusinessException`` where the year has not been put in."""
        self.open("/riksnorm", heading=f"Riksnorm {year}", ar=str(year))
        found = self.look("table.norm", absent="Riksnormen för året är inte inlagd.", read="table")
        if found is None:
            raise BusinessException(
                f"Riksnormen för {year} är inte inlagd i {self.bench.title}.",
                kind="Riksnorm saknas",
                todo="Be systemförvaltaren lägga in årets riksnorm. Räkna inte med förra årets.",
            )
        return Norms(year, {row["Post"]: model.kronor_in(row["Kronor per månad"]) for row in found.said})

    def find_document(self, file: File, mark: str) -> str | None:
        """The number of the proposal or message that carries the mark, closed or not, in a fresh search."""
        found = [row["Handling"] for row in self._documents(file, mark)]
        if len(found) > 1:
            raise SeveralMatches(f"Flera handlingar har {mark}: {', '.join(found)}.")
        return found[0] if found else None

    def shows_documents(self, file: File) -> bool:
        """Whether the search finds the document that every file has: the positive control of ``find_document``."""
        return bool(self._documents(file, INVESTIGATION))

    def _documents(self, file: File, reference: str) -> list[Row]:
        self.open("/handlingar", heading="Handlingar")
        grid = Grid(self, LIST, absent="Inga handlingar hittades.", total=HITS)
        asked: dict[str, str | bool] = {"Aktnummer": file.number, "Referens": reference, "Visa även avslutade": True}
        rows = grid.search(asked, self.button("Sök"))
        for row in rows:
            if row["Aktnummer"] != file.number or reference not in row["Referens"]:
                raise PageNotRecognised(f"{self.bench.title} visar annat än det som söktes: {row['Handling']}.")
        return rows

    def _open_tab(self, file: File, tab: str, heading: str, month: str = "") -> None:
        asked = {"manad": month} if month else {}
        self.open(f"/akt/{file.number}/{tab}", heading=f"{heading} – {file.number}", **asked)

    def _read_file(self, number: str, applicant: PersonalNumber) -> File:
        if self.look("table.oversikt", absent=PROTECTED) is None:
            raise ProtectedPerson("Hushållet har skyddade personuppgifter.")
        shown, people = self.facts("table.oversikt"), self.table("table.hushall")
        self.bench.recorder.hide(shown["Adress"], *(row["Namn"] for row in people))
        return model.file_in(number, applicant, shown, [row.cells for row in people])

    def _members(self) -> frozenset[PersonalNumber]:
        return frozenset(PersonalNumber(row["Personnummer"]) for row in self.table("table.hushall"))

    def _costs(self, column: str) -> dict[str, int]:
        return {row["Post"]: model.kronor_in(row[column]) for row in self.table("table.utgifter")}

    def _incomes(self) -> dict[str, tuple[int, int]]:
        rows = self.table("table.inkomster")
        return {row["Post"]: (model.kronor_in(row["Sökande"]), model.kronor_in(row["Medsökande"])) for row in rows}


class Writer(Reader):
    """What a robot may change. It proposes and drafts; what is decided, and sent, an official decides and sends."""

    @effect(found_by=Reader.find_document, control=Reader.shows_documents)
    def draft_message(
        self, file: File, month: str, title: str, text: str, *, once: str, channel: str = "Mina sidor"
    ) -> None:
        """Draft the message about a decision that an official has made, with how to appeal unless all was granted.

        ``channel`` is "Mina sidor", "Brev" or ``SMS``, which has no room for how to appeal and must not tell of it.
        Raises ``BusinessException`` where nothing is decided, and ``EffectRefused`` for a text with an amount in it.
        """
        with self._open_for_change(file):
            decision = self.decision(file, month)
            if decision is None or decision.outcome not in model.OUTCOMES:
                raise BusinessException(
                    f"Det finns inget beslut för {month}." if decision is None else "Beslutet går inte att tolka.",
                    kind="Inte beslutat" if decision is None else "Okänt beslut",
                    todo=f"Se efter i akt {file.number} hur långt handläggaren har kommit.",
                )
            self.open(f"/akt/{file.number}/meddelande", heading=f"Nytt meddelande – {file.number}")
            self._demand_lock()
            appeal = decision.outcome != GRANTED and channel != model.SMS
            self.fill({"Kanal": channel, "Rubrik": title, "Text": text, "Överklagandehänvisning": appeal})
            self.fill({"Referens": once})
            self._save("Spara utkast")

    @effect(found_by=Reader.find_document, control=Reader.shows_documents)
    def propose(self, file: File, month: str, proposal: Proposal, *, once: str) -> None:
        """Fill in the sheet, have it reckoned, and lay the proposal before the official.

        Raises ``BusinessException`` where the sheet comes to something else than the robot has reckoned, and
        ``EffectRefused`` with the system's words where it takes no proposal for the month.
        """
        with self._open_for_change(file):
            page = f"/akt/{file.number}/berakning/ny"
            begun = self.open(page, heading=f"Beräkning {month} – {file.number}", otherwise=f"Akt {file.number}")
            self._demand_lock()
            if not begun:
                raise self._refusal()
            self._fill_sheet(proposal)
            press(self, self.part("body"), "F9")
            self.arrive(f"Granska förslag {month} – {file.number}")
            self._demand_reviewed(proposal)
            self._look_up(proposal.code)
            self.fill({"Motivering": proposal.reasons, "Referens": once})
            self._save("Lägg förslag")

    def _fill_sheet(self, proposal: Proposal) -> None:
        Sheet(self, "table.utgifter", edit="F2").fill(proposal.cost_cells)
        Sheet(self, "table.inkomster", edit="F2").fill(proposal.income_cells)
        press(self, self.part("body"), "F8")
        if not self.sees(self.part("table.summor"), otherwise=self.part("[role=alert]")):
            raise self._refusal()
        self._demand_reckoned(proposal)

    def _demand_reckoned(self, proposal: Proposal) -> None:
        if model.kronor_in(self.facts("table.summor")["Bistånd"]) != proposal.result:
            raise BusinessException(
                f"{self.bench.title} räknar fram ett annat bistånd än roboten.",
                kind="Beräkningen stämmer inte",
                todo="Gör beräkningen för hand och meddela robotägaren.",
            )

    def _demand_reviewed(self, proposal: Proposal) -> None:
        """The last page before the click repeats every amount, and none that was not put in."""
        shown = {name: model.kronor_in(amount) for name, amount in self.facts("table.granskning").items()}
        if {name: amount for name, amount in shown.items() if name not in model.SUMS} != proposal.lines:
            raise PageNotRecognised("Granskningen visar andra belopp än de som fylldes i.")

    def _look_up(self, code: str) -> None:
        """F4 in a field that takes no typing, and the code in the box that it opens."""
        field = self.part("input[name=forslagskod]")  # nothing but the words beside it names the field
        press(self, field, "F4")
        box = self.frame.get_by_role("dialog", name="Uppslag", exact=True)
        self.double_click(box.get_by_role("cell", name=code, exact=True))
        if field.input_value() != code:
            raise ValueNotKept(f"Förslagskoden blev inte {code}.")

    def _save(self, words: str) -> None:
        saved = self.frame.get_by_role("heading", name=SAVED)
        self.commit(self.button(words), done=saved, refused=self.part("[role=alert]"))

    def _refusal(self) -> EffectRefused:
        return EffectRefused(
            f"{self.bench.title} tar inte emot förslaget: {self.read_text(self.part('[role=alert]'))}",
            kind="Systemet nekade",
            todo="Läs vad systemet säger och gör klart för hand.",
        )

    # -- the lock -----------------------------------------------------------------------------------------------

    @contextmanager
    def _open_for_change(self, file: File) -> Iterator[None]:
        """The file, locked for this session, and given back afterwards.

        It is kept while the answer to a click is still out: the system would refuse what comes late.
        """
        self._lock(file.number)
        try:
            yield
        finally:
            if not self._answer_is_out():
                with suppress(RagnhildError, PlaywrightError):  # what ended the work says more than this could
                    self.open(f"/akt/{file.number}", heading=f"Akt {file.number}")
                    press(self, self.part("body"), "F7")
                    self.arrive("Akter")

    def _answer_is_out(self) -> bool:
        making = self._committing
        return making is not None and making.clicked and not making.answered

    def _demand_lock(self) -> None:
        """A login that was renewed on the way is another session, and the lock stayed behind with the one before."""
        if (mode := self.read_text(self.part(MODE))) != FOR_CHANGE:
            raise SessionLost(f"{self.bench.title} har släppt akten: {mode}.")

    def _lock(self, number: str) -> None:
        """Raises ``RecordLocked`` while a colleague has the file, or a former session of the robot's own.

        Such a session is waited for a little: when it has ended, the system takes its locks away by itself.
        """
        opened, refused = self.part(MODE, saying=FOR_CHANGE), self.part(LOCK_BOX)
        login = self.heading(self.login_heading)
        deadline = time.monotonic() + self.timeout
        while True:
            self.open(f"/akt/{number}", heading=f"Akt {number}")
            if opened.count():
                return
            if (mode := self.read_text(self.part(MODE))) != FOR_READING:
                raise PageNotRecognised(f"{self.bench.title} visar akten så: {mode}.")
            press(self, self.part("body"), "F6")
            if self.sees(opened, otherwise=refused.or_(login)):
                return
            if login.count():
                raise SessionLost(f"{self.bench.title} loggade ut roboten.")
            words = self.read_text(refused)
            if OWN_LOCK not in words or time.monotonic() > deadline:
                raise RecordLocked(f"{self.bench.title}: {words}")
            self.page.wait_for_timeout(LOOK_AGAIN)  # nothing on the page tells when the lock is taken away
