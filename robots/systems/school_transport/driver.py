"""Skolskjuts: a pupil with the way to school, the lists with their search in the address, and the two forms.

The page is one, and shows a heading only when what stands below it has come; the way to school comes later, twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from playwright.sync_api import Locator

from robots.errors import (
    BusinessException,
    NotSeen,
    PageNotRecognised,
    ProtectedPerson,
    RecordLocked,
    SessionLost,
    SeveralMatches,
    ValueNotKept,
)
from robots.fields import PersonalNumber
from robots.systems.driver import Driver
from robots.systems.once import effect
from robots.systems.school_transport.model import BY_DISTANCE, WHOLE_TIME, Application, Pupil
from robots.systems.view import Row

PUPILS, APPLICATIONS, PROPOSALS = "Elev och skolväg", "Ansökningar", "Förslag"
NO_PUPIL, NO_APPLICATIONS, NO_PROPOSALS = (
    "Ingen elev hittades.", "Inga ansökningar hittades.", "Inga förslag hittades.",
)  # fmt: skip
PROTECTED, NOBODY = "Skyddade personuppgifter", "–"
WALKED, NO_WAY = "Längs gång- och cykelväg", "Vägen går inte att mäta. Eleven bor på en ö."
NO_APPLICATION_YET = "Ingen ansökan finns"
MUNICIPAL = "Kommunal grundskola"
GUARDIANS = {"På samma adress": False, "En vårdnadshavare": False, "På olika adresser": True}
HITS = r"(\d+) träff(?:ar)?\b"
START_REFERENCE = "STARTPOST"  # of the records that are there since the system was set up


class Reader(Driver):
    """What a robot may look at."""

    def pupil(self, pupil: PersonalNumber, school_year: str) -> Pupil:
        """The pupil in that school year, with the way to the nearest municipal school as the system has measured it.

        Raises ``BusinessException`` when there is no such pupil, and when its identity is protected: of that one
        nothing is told.
        """
        return self.renewing_login(lambda: self._read_pupil(pupil, school_year))

    def application(self, number: str) -> Application:
        """The application as its card shows it. Raises ``BusinessException`` when there is none with that number."""
        if not self.open(f"/ansokningar/{number}", heading=f"Ansökan {number}", otherwise="Ansökan finns inte"):
            raise BusinessException(
                f"Ansökan {number} finns inte.",
                kind="Ansökan finns inte",
                todo="Kontrollera ansökans nummer i Skolskjuts.",
            )
        shown = self.facts("section[aria-label='Ansökan'] dl")
        if shown["Elev"] not in (PROTECTED, NOBODY):
            self.bench.recorder.hide(shown["Elev"])
        locked = self.texts("p[aria-label='Lås']")
        return Application(
            number, PersonalNumber(shown["Elevens personnummer"]), shown["Läsår"], shown["Skola"], shown["Skäl"],
            shown["Boende"], _metres(shown["Avstånd"]), _metres(shown["Gräns"]), shown["Status"], shown["Referens"],
            locked[0].removeprefix("Låst av ") if locked else "",
        )  # fmt: skip

    def find_application(self, mark: str) -> str | None:
        """The number of the application that carries the mark, finished or not, in a fresh search."""
        rows = self._search("/ansokningar", APPLICATIONS, NO_APPLICATIONS, mark, avslutade="ja")
        return self._only(rows, "Ansökan", mark)

    def find_proposal(self, mark: str) -> str | None:
        """The number of the proposal that carries the mark, in a fresh search."""
        return self._only(self._search("/forslag", PROPOSALS, NO_PROPOSALS, mark), "Nummer", mark)

    def shows_applications(self) -> bool:
        """Whether the search finds the record that is known to be there: the control of ``find_application``."""
        return bool(self._search("/ansokningar", APPLICATIONS, NO_APPLICATIONS, START_REFERENCE, avslutade="ja"))

    def shows_proposals(self) -> bool:
        """As ``shows_applications``, of ``find_proposal``."""
        return bool(self._search("/forslag", PROPOSALS, NO_PROPOSALS, START_REFERENCE))

    def _search(self, path: str, heading: str, absent: str, reference: str, **more: str) -> list[Row]:
        self.open(path, heading=heading, referens=reference, **more)
        found = self.look("main table", absent=absent, read="table")
        rows: list[Row] = found.said if found else []
        for row in rows:
            if reference not in row["Referens"]:
                raise PageNotRecognised(f"{self.bench.title} visar {row['Referens']} vid sökning efter {reference}.")
        if rows and int(self.said(HITS)) != len(rows):
            raise PageNotRecognised(f"{self.bench.title} visar inte alla träffar på {reference}.")
        return rows

    def _only(self, rows: list[Row], caption: str, mark: str) -> str | None:
        if len(rows) > 1:
            numbers = ", ".join(row[caption] for row in rows)
            raise SeveralMatches(f"Flera poster har {mark}: {numbers}.")
        return rows[0][caption] if rows else None

    # -- the pupil ----------------------------------------------------------------------------------------------

    def _read_pupil(self, pupil: PersonalNumber, school_year: str) -> Pupil:
        self.open("/elever", heading=PUPILS)
        try:
            self.fill({"Elevens personnummer": pupil, "Läsår": school_year})
        except ValueNotKept:  # its own words have the number in them
            raise ValueNotKept(f"{self.bench.title} behöll inte det som fylldes i på sidan «{PUPILS}».") from None
        self.click(self.button("Hämta"))
        card, protected = self.frame.get_by_role("definition"), self.heading(PROTECTED)
        if not self._has_come(card.first, self.text(NO_PUPIL).or_(protected)):
            raise self._protected() if protected.count() else self._nobody()
        self._await_way()
        shown = self.facts("section[aria-label='Elev'] dl")
        self.bench.recorder.hide(shown["Elev"], shown["Folkbokföringsadress"],
                                 shown["Folkbokföringsadress"].partition(",")[0])  # fmt: skip
        if shown["Personnummer"] != pupil:
            raise PageNotRecognised(f"{self.bench.title} visar en annan elev än den som söktes.")
        return _pupil(pupil, school_year, shown)

    def _await_way(self) -> None:
        """The first distance that the page shows is the straight line, and not the answer."""
        if self._has_come(self.text(WALKED), self.text(NO_WAY).or_(self.text("Karttjänsten svarar inte"))):
            return
        if not self.text(NO_WAY).count():
            raise NotSeen(f"{self.bench.title}: karttjänsten svarar inte.")

    def _has_come(self, thing: Locator, otherwise: Locator) -> bool:
        """Which of two things the page shows; ``SessionLost`` where it has gone to the login instead."""
        login = self.heading(self.login_heading)
        if self.sees(thing, otherwise=otherwise.or_(login)):
            return True
        if login.count():
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")
        return False

    def _nobody(self) -> BusinessException:
        return BusinessException(
            "Eleven finns inte i Skolskjuts det läsåret.",
            kind="Eleven finns inte",
            todo="Kontrollera barnets personnummer, läsår och folkbokföring.",
        )

    def _protected(self) -> BusinessException:
        return ProtectedPerson("Eleven har skyddade personuppgifter.")


class Writer(Reader):
    """What a robot may change: it applies and proposes. It never decides."""

    @effect(found_by=Reader.find_application, control=Reader.shows_applications)
    def register_application(
        self,
        pupil: PersonalNumber,
        school_year: str,
        applicant: PersonalNumber,
        *,
        message: str,
        once: str,
        reason: str = BY_DISTANCE,
        residence: str = WHOLE_TIME,
    ) -> None:
        """Register an application for the pupil and the school year; ``applicant`` is a guardian.

        Raises ``BusinessException`` as ``pupil`` does, when there is one already, and when no way can be measured.
        """
        found = self.renewing_login(lambda: self._read_pupil(pupil, school_year))
        if found.applications:
            raise BusinessException(
                f"Det finns redan en ansökan för läsåret {school_year}: {', '.join(found.applications)}.",
                kind="Ansökan finns redan",
                todo="Läs ansökan i Skolskjuts och svara den sökande.",
            )
        if found.metres is None:
            raise BusinessException(
                "Vägen till skolan går inte att mäta.",
                kind="Vägen går inte att mäta",
                todo="Handläggare bedömer vägen till skolan.",
            )
        self.click(self.button("Ny ansökan"))
        form = "form[aria-label='Ny ansökan']"
        self.see(self.form("Ny ansökan"))
        self.fill(
            {"Sökandes personnummer": applicant, "Skäl": reason, "Boende": residence,
             "Meddelande från vårdnadshavaren": message, "Vår referens": once}, within=form,
        )  # fmt: skip
        self._send("Registrera ansökan")

    @effect(found_by=Reader.find_proposal, control=Reader.shows_proposals)
    def propose(self, application: str, outcome: str, motivation: str, *, once: str) -> None:
        """Propose a decision on the application; a person with delegation decides.

        Raises ``RecordLocked`` while a colleague has it open, ``BusinessException`` when there is no such application,
        and ``EffectRefused`` where the system wants an officer to look at it.
        """
        about = self.application(application)
        if about.locked_by:
            raise RecordLocked(f"Ansökan {application} är låst av {about.locked_by}.")
        self.click(self.button("Lämna förslag"))
        self.see(self.form("Nytt förslag"))
        typed = {"Förslag till beslut": outcome, "Motivering": motivation, "Vår referens": once}
        self.fill(typed, within="form[aria-label='Nytt förslag']")
        self._send("Spara förslag")

    def _send(self, button: str) -> None:
        # All that the page says afterwards ends the wait: saved, no answer, or logged out. Only an alert is a no.
        said = self.frame.get_by_role("status").or_(self.heading(self.login_heading))
        self.commit(self.button(button), done=said, refused=self.frame.get_by_role("alert"))


def _pupil(number: PersonalNumber, school_year: str, shown: Mapping[str, str]) -> Pupil:
    if shown["Vårdnadshavare"] not in GUARDIANS:
        raise PageNotRecognised(f"Elevens kort visar Vårdnadshavare «{shown['Vårdnadshavare']}».")
    standing = shown["Ansökan för läsåret"]
    return Pupil(
        number, school_year, shown["Årskurs"], "" if shown["Går i"] == MUNICIPAL else shown["Går i"],
        shown["Närmaste kommunala skola"], None if shown["Mätt"] == NO_WAY else _metres(shown["Avstånd"]),
        _metres(shown["Gräns"]), GUARDIANS[shown["Vårdnadshavare"]],
        () if standing == NO_APPLICATION_YET else tuple(standing.split(", ")),
    )  # fmt: skip


def _metres(words: str) -> int:
    told = re.fullmatch(r"([\d\s]+) m", words)
    if told is None:
        raise PageNotRecognised(f"«{words}» är inget avstånd i meter.")
    return int(re.sub(r"\s", "", told[1]))
