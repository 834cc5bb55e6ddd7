"""The register's pages: the search with its reason, and the answer, which can be opened once only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

from robots.errors import BusinessException, PageNotRecognised, ProtectedPerson, SessionLost, SystemDown, ValueNotKept
from robots.fields import CaseNumber, PersonalNumber, PropertyDesignation
from robots.systems.driver import Driver
from robots.systems.population_register.model import Person, Protection
from robots.systems.view import PlaywrightError
from robots.systems.widgets import fact

SEARCH, ANSWER = "Personsökning", "Personuppgifter"
REASON = "Ärende hos kontaktcenter"
NOBODY = "Ingen person hittades i Tallinge kommun."
NOT_SHOWN, FORWARDING = "Skyddad uppgift", "Skatteverket, Förmedlingsuppdrag"
HIDDEN_BANNER = "SKYDDAD FOLKBOKFÖRING"
NO_GUARDIANS, PROTECTED_GUARDIAN = "Inga vårdnadshavare är registrerade.", "Skyddade personuppgifter"
GUARDIAN = re.compile(rf"\d{{8}}-\d{{4}}|{PROTECTED_GUARDIAN}")

Shown = Mapping[str, str | list[str]]


class Reader(Driver):
    """What a robot may look at; in a register that is all.

    Until an answer has been read nobody knows whether the person is protected, so no page of the register is left
    open where a picture could be taken of it: the window is empty when a method ends, however it ends.
    """

    def person(self, personal_number: PersonalNumber, case_number: CaseNumber) -> Person:
        """The person, looked up on behalf of the case. Of a protected person only the protection is told.

        Raises ``BusinessException`` when nobody in the register has that number.
        """
        try:
            try:
                return self._look_up(personal_number, case_number)
            except SessionLost:
                # An answer cannot be opened again: a new search, from the page that renews the login, once.
                return self._look_up(personal_number, case_number)
        finally:
            self._leave()

    def check_applicant(self, citizen: PersonalNumber | None, case_number: CaseNumber) -> Person:
        """The person that a case is about, when a robot may go on with it.

        Raises ``BusinessException``, with nothing in it that tells who the person is, when the case has no known
        citizen, and when the citizen is not in the register, is protected, or is dead.
        """
        if citizen is None:
            raise BusinessException(
                "Ärendet har ingen känd sökande.",
                kind="Ärendet har ingen sökande",
                todo="Ta reda på vem ärendet gäller och lägg in personnumret i ärendet.",
            )
        person = self.person(citizen, case_number)
        if person.protection:
            raise ProtectedPerson("Den sökande har skyddade personuppgifter.")
        if person.deceased:
            raise BusinessException(
                "Den sökande är avliden enligt befolkningsregistret.",
                kind="Den sökande är avliden",
                todo="Kontrollera personnumret i ärendet och vem som nu företräder den sökande.",
            )
        return person

    def check_child(
        self, child: PersonalNumber, citizen: PersonalNumber | None, case_number: CaseNumber
    ) -> tuple[Person, Person]:
        """The child that a case's citizen asks for, and the citizen, when a robot may go on with it.

        Raises ``BusinessException``, with nothing in it that tells who the child is, when the child is not registered
        in the municipality, is protected or dead, or has a guardian who is protected; as ``check_applicant`` does of
        the citizen; and when the citizen is not the child's guardian.
        """
        try:
            found = self.person(child, case_number)
        except BusinessException:  # that of a number which nobody here has
            raise BusinessException(
                "Barnet är inte folkbokfört i kommunen.",
                kind="Inte folkbokförd i kommunen",
                todo="Kontrollera barnets personnummer, och om familjen har flyttat in nyligen.",
            ) from None
        if found.protection or None in found.guardians:
            raise ProtectedPerson("Barnet eller en vårdnadshavare har skyddade personuppgifter.")
        if found.deceased:
            raise BusinessException(
                "Barnet är avlidet enligt befolkningsregistret.",
                kind="Barnet är avlidet",
                todo="Kontrollera barnets personnummer innan någon kontaktas.",
            )
        applicant = self.check_applicant(citizen, case_number)
        if applicant.personal_number not in found.guardians:
            raise BusinessException(
                "Den sökande är inte barnets vårdnadshavare enligt befolkningsregistret.",
                kind="Den sökande är inte vårdnadshavare",
                todo="Kontrollera barnets personnummer och om den sökande får företräda barnet.",
            )
        return found, applicant

    def _look_up(self, number: PersonalNumber, case_number: CaseNumber) -> Person:
        self.open("/", heading=SEARCH)
        self._fill_in(number, case_number)
        self.bench.recorder.note_look_up(self.system, f"{REASON} {case_number}")
        if not self._ask():
            self._explain_no_answer()
        return self._read(number, case_number)

    def _fill_in(self, number: PersonalNumber, case_number: CaseNumber) -> None:
        try:
            self.fill({"Orsak till sökningen": REASON, "Ärendenummer": case_number, "Personnummer": number})
        except ValueNotKept:  # its own words have the value in them
            raise ValueNotKept(f"{self.bench.title} behöll inte det som fylldes i på sidan «{self.title}».") from None

    def _ask(self) -> bool:
        """Search. True when a person is shown, False when the search came back.

        The page before is waited out, since it has the same heading as a search that came back.
        """
        # By its name in the form: the search by name has a button «Sök» too.
        button = self.part("input[name=sok_pnr]")
        try:
            with self.page.expect_navigation(wait_until="domcontentloaded", timeout=self.timeout * 1000) as answer:
                self.click(button)
        except PlaywrightError as error:
            raise self._explained(error) from error
        if answer.value is not None and answer.value.status >= 500:
            raise SystemDown(f"{self.bench.title} svarar {answer.value.status}.")
        if not self._arrive(self, ANSWER, SEARCH):
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")
        return self._arrived == (self, ANSWER)

    def _explain_no_answer(self) -> NoReturn:
        """The search came back with the register's words that there is nobody, or with what it did not accept."""
        remarks = self.frame.locator("td.fel", has_text=re.compile(r"\S"))  # the red words beside a field
        if self.sees(self.text(NOBODY), otherwise=remarks):
            raise BusinessException(
                "Personen finns inte i befolkningsregistret.",
                kind="Personen finns inte i registret",
                todo="Kontrollera personnumret i ärendet med den sökande.",
            )
        words = "; ".join(remarks.all_inner_texts())
        raise PageNotRecognised(f"{self.bench.title} tog inte emot sökningen: {words}")

    def _read(self, number: PersonalNumber, case_number: CaseNumber) -> Person:
        self.said(rf"Angiven orsak: ({REASON}\. Ärendenummer: {case_number})\.")
        banners = self.texts("div.sekretess, div.avliden")  # red bars without a role
        shown = self.pairs("dl")
        self._hide(shown)
        caption = "Samordningsnummer" if number.is_coordination_number else "Personnummer"
        if fact(self, shown, caption) != number:
            raise PageNotRecognised(f"{self.bench.title} visar någon annan än den som söktes.")
        name, address = fact(self, shown, "Namn"), fact(self, shown, "Folkbokföringsadress")
        home = fact(self, shown, "Fastighet")
        deceased = "Avliden" in shown or "Avliden" in banners
        protection = _protection([b for b in banners if b != "Avliden"], address, home)
        if protection:
            return Person(number, "", "", None, protection, deceased)
        return Person(number, name, address, PropertyDesignation(home), "", deceased, self._guardians(shown))

    def _guardians(self, shown: Shown) -> tuple[PersonalNumber | None, ...]:
        """Those of a child; the page of a grown-up, and of who is dead, has no such caption."""
        if "Vårdnadshavare" not in shown:
            return ()
        lines = fact(self, shown, "Vårdnadshavare")
        found = GUARDIAN.findall(lines)
        if not found and lines != NO_GUARDIANS:
            raise PageNotRecognised(f"{self.bench.title} visar vårdnadshavare på ett sätt som roboten inte förstår.")
        return tuple(None if words == PROTECTED_GUARDIAN else PersonalNumber(words) for words in found)

    def _hide(self, shown: Shown) -> None:
        """Name and address must not stand in any log or picture from here on, whoever else shows them."""
        for caption in ("Namn", "Folkbokföringsadress"):
            value = shown.get(caption, [])
            for words in [value] if isinstance(value, str) else value:
                if words != NOT_SHOWN and not words.startswith(FORWARDING):
                    # Other systems show the street without the postal address.
                    self.bench.recorder.hide(words, words.partition(",")[0])

    def _leave(self) -> None:
        with suppress(PlaywrightError):
            self.page.goto("about:blank")
        self._arrived = None


def _protection(banners: list[str], address: str, home: str) -> Protection:
    """In doubt a person is protected: the banner is one sign of it, and what is not shown is another."""
    if HIDDEN_BANNER in banners or address.startswith(FORWARDING):
        return "skyddad folkbokföring"
    return "sekretessmarkering" if banners or NOT_SHOWN in f"{address} {home}" else ""
