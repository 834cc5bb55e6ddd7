"""Alfrida's pages: the search, the person's file, an investigation, its letters and times, and the wizard.

The wizard saves its fields by itself, one by one, some time after they were filled in. «Sparat 10:42» in its head tells
when something was last saved; only the line below the fields tells that everything is, and only the list of
investigations that one has been registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from playwright.sync_api import Locator

from robots.errors import BusinessException, DryRunStop, PageNotRecognised, RecordLocked, SessionLost, SeveralMatches
from robots.fields import PersonalNumber
from robots.systems.beside import press_beside
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.mobility_service.model import (
    Application,
    FileRecord,
    InterviewTime,
    Investigation,
    Letter,
    LetterKind,
    MeetingForm,
    Papers,
    refusal,
)
from robots.systems.once import effect
from robots.systems.view import Row

SEARCH, FILE, NO_HIT = "Personsök", "Personakt", "Sökresultat"
NOBODY = "Ingen person hittades i Tallinge kommun."
NO_APPLICATIONS, NO_INVESTIGATIONS = "Inga e-ansökningar.", "Inga utredningar hittades."
NO_OWN_INVESTIGATIONS, NO_DRAFTS = "Inga utredningar finns för personen.", "Inga utkast finns för personen."
NO_LETTERS, NO_BOOKINGS, NO_TIMES = (
    "Inga brev hittades.", "Inga bokningar hittades.", "Inga lediga tider den här veckan.",
)  # fmt: skip
# What is there in every town hall's Alfrida, and must be found if anything is: the letter that the system itself sends,
# a booking that stands, and an investigation from the former system.
AUTOMATIC, STANDING, MIGRATED = "AUTOMATISKT", "STÅENDE", "MIGRERAD-0001"
SAVED = "Alla uppgifter är sparade."
UNSAVED = "Uppgifterna kunde inte sparas. Ladda om sidan."
STEPS = ("Steg 1 av 4: Ansökan", "Steg 2 av 4: Förflyttning", "Steg 3 av 4: Läkarintyg",
         "Steg 4 av 4: Granska och registrera")  # fmt: skip
NOT_PERSONAL = ("", "–", "Skyddad identitet", "Skyddad uppgift", "Inget skrivet")
# A page has one form, which nothing that a person reads names, and one box for what is wrong with it.
FORM, WRONG = ".blankett", "div.fel[role=alert]"


class Reader(Driver):
    """What a robot may look at."""

    login_fields = ("Användar-id", "Lösenord")
    login_refused = "Felaktigt användar-id eller lösenord."

    def file_of(self, personal_number: PersonalNumber) -> FileRecord:
        """The person's file. Raises ``BusinessException`` when there is nobody with that number."""
        self._open_file(personal_number)
        shown = self.facts("#person")  # a table without a name
        self._hide(shown["Namn"], shown["Adress"], shown["Telefon"], shown["Adress"].partition(",")[0])
        banners = " ".join(self.texts("p.skydd"))  # red bars, some of them without a role
        protected = "SKYDDADE PERSONUPPGIFTER" in banners or shown["Namn"] == "Skyddad identitet"
        home = shown["Folkbokförd i"]
        rows = self._rows("#utredningar", NO_OWN_INVESTIGATIONS)
        return FileRecord(
            number=shown["Akt"],
            personal_number=personal_number,
            protected=protected,
            deceased="AVLIDEN" in banners,
            resident=None if home == "Skyddad uppgift" else home == "Tallinge",
            applications=self._applications(),
            open_investigations=tuple(r["Ärendenummer"] for r in rows if not r["Status"].startswith("Avslutad")),
        )

    def papers_of(self, application: Application) -> dict[str, Document]:
        """The documents that are attached to an application, whole, by their titles."""
        return {title: self.fetch_pdf(address) for title, address in application.papers.items()}

    def investigation(self, number: str) -> Investigation:
        """The investigation as its page shows it. Raises ``BusinessException`` when there is none with that number."""
        there = f"Utredning {number}"
        if not self.open(f"/utredningar/{number}", heading=there, otherwise="Utredningen finns inte"):
            raise BusinessException(
                f"Utredningen {number} finns inte.", kind="Utredningen finns inte", todo="Kontrollera ärendenumret."
            )
        shown = self.facts("#arende")  # a table without a name
        self._hide(*self.texts("p.vemraden b"))
        return Investigation.shown(number, shown, self.texts("p.skydd, p.las"))

    def letters(self, number: str) -> tuple[Letter, ...]:
        """The investigation's letters, the first first."""
        return tuple(Letter.shown(row.cells) for row in self._letters_referring(number, ""))

    def free_times(self, number: str, first_day: date) -> tuple[InterviewTime, ...]:
        """The free times of the seven days from ``first_day``, the first first; empty where the page says so."""
        self._open_times(number, first_day)
        return tuple(InterviewTime.shown(words) for words in self._times_shown())

    # -- what has been done is found again by its mark ----------------------------------------------------------

    def find_investigation(self, mark: str) -> str | None:
        """The number of the investigation that carries the mark, concluded or not, in a fresh search."""
        self.open("/utredningar", heading="Utredningar", referens=mark, avslutade="ja")
        return self._only("Ärendenummer", mark, self._rows("#utredningar", NO_INVESTIGATIONS))

    def find_letter(self, number: str, mark: str) -> str | None:
        """The number of the letter in the investigation that carries the mark."""
        return self._only("Brev", mark, self._letters_referring(number, mark))

    def find_booking(self, mark: str) -> str | None:
        """The number of the booking that carries the mark."""
        self.open("/bokningar", heading="Bokningar", referens=mark)
        return self._only("Bokning", mark, self._rows("#bokningar", NO_BOOKINGS))

    def shows_investigations(self) -> bool:
        """Whether the search finds a concluded investigation that is known to be there."""
        return self.find_investigation(MIGRATED) is not None

    def shows_letters(self, number: str) -> bool:
        """Whether the search finds the letter that the system itself sends in every investigation."""
        return self.find_letter(number, AUTOMATIC) is not None

    def shows_bookings(self) -> bool:
        """Whether the search finds the booking that stands."""
        return self.find_booking(STANDING) is not None

    def _letters_referring(self, number: str, reference: str) -> list[Row]:
        self.open(f"/utredningar/{number}/brev", heading=f"Brev i {number}", referens=reference)
        self._hide(*self.texts("p.vemraden b"))
        return self._rows("#brev", NO_LETTERS)

    def _rows(self, css: str, absent: str) -> list[Row]:
        """The rows of the page's list. By CSS: no list has a name."""
        found = self.look(css, absent=absent, read="table")
        return found.said if found else []

    def _only(self, caption: str, mark: str, rows: list[Row]) -> str | None:
        for row in rows:
            if mark not in row["Referens"]:
                raise PageNotRecognised(f"{self.bench.title} visar {row['Referens']} vid sökning efter {mark}.")
        if len(rows) > 1:
            raise SeveralMatches(f"{len(rows)} rader på sidan «{self.title}» har {mark}.")
        return rows[0][caption] if rows else None

    # -- the way there ------------------------------------------------------------------------------------------

    def _open_file(self, personal_number: PersonalNumber) -> None:
        self.open("/personer", heading=SEARCH)
        self.fill({"Personnummer": personal_number}, within=FORM)
        self.click(self.button("Sök"))
        if not self._arrive(self, FILE, NO_HIT):
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")
        if self._arrived != (self, FILE):
            self.see(self.text(NOBODY))
            raise BusinessException(
                "Personen finns inte i färdtjänstsystemet.",
                kind="Personen finns inte i färdtjänstsystemet",
                todo="Kontrollera personnumret och om personen är folkbokförd i kommunen.",
            )
        if self.facts("#person")["Personnummer"] != personal_number:
            raise PageNotRecognised(f"{self.bench.title} visar någon annan än den som söktes.")

    def _applications(self) -> tuple[Application, ...]:
        cards = self.part("article.ansokan")
        there = self.see(cards.first, absent=self.text(NO_APPLICATIONS))
        return tuple(self._application(card) for card in cards.all()) if there else ()

    def _application(self, card: Locator) -> Application:
        shown = self.facts(card.locator("table"))
        self._hide(shown["Egna ord om hälsan"])
        links = dict(card.locator("a").evaluate_all("all => all.map(a => [a.textContent.trim(), a.href])"))
        number = self.read_text(card.locator("h3")).removeprefix("E-ansökan ")
        return Application.shown(number, shown, links)

    def _open_times(self, number: str, first_day: date) -> None:
        self.open(f"/utredningar/{number}/tider", heading=f"Boka intervju i {number}", fran=first_day.isoformat())
        self._demand_no_obstacle(number)

    def _times_shown(self) -> list[str]:
        found = self.look("fieldset.tider", absent=NO_TIMES)  # fetched by the page when it is there itself
        return self.texts("fieldset.tider label") if found else []

    def _demand_no_obstacle(self, number: str) -> None:
        """The form is there, or the system's own words for why it is not are raised."""
        self._hide(*self.texts("p.vemraden b"))
        obstacle = self.part("p.hinder")
        if self.sees(self.part(f"form{FORM}"), otherwise=obstacle):
            return
        words = self.read_text(obstacle)
        if "redigeras av" in words:
            raise RecordLocked(f"Utredning {number}: {words}")
        raise refusal(words)

    def _hide(self, *values: str) -> None:
        """Not to stand in any log or picture from here on."""
        self.bench.recorder.hide(*(v for v in values if v not in NOT_PERSONAL))


class Writer(Reader):
    """What a robot may change. It has no way to assess or decide, and the system gives it none."""

    @effect(found_by=Reader.find_letter, control=Reader.shows_letters)
    def send_letter(self, number: str, kind: LetterKind, due: date, text: str, *, once: str) -> None:
        """Send a letter about what is missing; the system watches the day on which the answer is due.

        Raises ``EffectRefused`` in the system's words when nothing is missing, when the person is protected, when it is
        not yet time for a reminder, or when the day does not suit; ``RecordLocked`` while a colleague is at work.
        """
        self.open(f"/utredningar/{number}/brev/nytt", heading=f"Nytt brev i {number}")
        self._demand_no_obstacle(number)
        self.see(self.text("Ingen mall är inlagd."))
        self.fill({"Brevtyp": kind}, within=FORM)
        # The template comes late, and takes the place of whatever stands in the fields then.
        self.see(self.text(f"Mallen för {kind.lower()} är inlagd."))
        self.fill({"Svar senast": due, "Brevtext": text, "Referens": once}, within=FORM)
        self.commit(self.button("Skicka brev"), done=self.heading(f"Brev i {number}"), refused=self.part(WRONG))

    @effect(found_by=Reader.find_booking, control=Reader.shows_bookings)
    def book_interview(self, number: str, time: InterviewTime, form: MeetingForm, *, once: str) -> None:
        """Book a time out of ``free_times``.

        Raises ``BusinessException`` of the kind «Tiden är upptagen» when it is free no more, ``EffectRefused`` when
        somebody takes it in the same moment or when the application is not complete.
        """
        self._open_times(number, time.day)
        if time.words not in self._times_shown():
            raise BusinessException(
                f"Tiden {time.day} {time.clock} är inte längre ledig.",
                kind="Tiden är upptagen",
                todo="Välj en annan tid tillsammans med den sökande.",
            )
        self.fill({"Ledig tid": time.words, "Mötesform": form, "Referens": once}, within=FORM)
        self._commit("Boka tiden")

    @effect(found_by=Reader.find_investigation, control=Reader.shows_investigations)
    def open_investigation(
        self, person: PersonalNumber, application: Application, papers: Papers, *, interpreter: bool | None, once: str
    ) -> None:
        """Register an investigation with the application and the certificate, as ``papers_of`` has fetched them.

        ``interpreter``: whether one is needed, None where nobody has said. Raises ``BusinessException`` for a person
        who is protected, dead or registered elsewhere, who has an open investigation, or whose draft a colleague has
        begun; ``EffectRefused`` for a certificate that the system does not accept.
        """
        record = self.file_of(person)
        if record.obstacle:
            raise BusinessException(f"{record.obstacle}.", kind=record.obstacle, todo="Handlägg ansökan för hand.")
        self._begin(record.number, once)
        answers = application.answers(interpreter)
        for step, on in zip(answers, STEPS[1:], strict=True):
            self._fill_step(step, on)
        self._demand_summary({"Personnummer": person, "Referens": once}, *answers)
        for title, document in papers.items():
            self.attach_documents(f"Fil: {title.lower()}", [document], within=FORM)
        try:
            self._commit("Registrera utredning")
        except DryRunStop:
            self._remove_draft(record.number, once)
            raise

    def _remove_draft(self, file: str, mark: str) -> None:
        """A dry run leaves nothing behind."""
        self.open(f"/akt/{file}/ny-utredning", heading="Ny utredning")
        press_beside(self, mark, "Ta bort")
        self.see(self.text(NO_DRAFTS))

    def _begin(self, file: str, mark: str) -> None:
        """The wizard's first step: of the draft that an earlier attempt has left, or of the only one there is."""
        self.open(f"/akt/{file}/ny-utredning", heading="Ny utredning")
        drafts = self._rows("#utkast", NO_DRAFTS)
        mine = [draft for draft in drafts if draft["Referens"] == mark]
        if len(mine) > 1:
            raise SeveralMatches(f"Flera utkast i akt {file} har {mark}.")
        if len(drafts) > len(mine):
            raise BusinessException(
                "Någon har redan påbörjat en utredning för personen.",
                kind="Påbörjat utkast",
                todo="Gör klart utkastet eller ta bort det, och starta sedan roboten igen.",
            )
        if mine:
            self.click(self.link("Fortsätt", within=self.row(mark)))
        else:
            self.fill({"Referens": mark}, within=FORM)
            self.click(self.button("Börja"))
        self._await_step(STEPS[0])

    def _fill_step(self, answers: Mapping[str, str], following: str) -> None:
        self._await(self.text(SAVED))  # before its script is awake the page saves nothing
        self.fill(answers, within=FORM)
        self._await(self.text(SAVED))
        self.click(self.button("Nästa"))
        self._await_step(following)

    def _await_step(self, heading: str) -> None:
        self._await(self.heading(heading))
        self.arrive(heading)

    def _await(self, wanted: Locator) -> None:
        """The wizard shows what is wanted, or its own words for why it does not are raised."""
        wrong, login = self.part(f"{WRONG}, p.laget[role=alert]"), self.heading(self.login_heading)
        if self.sees(wanted, otherwise=wrong.or_(login)):
            return
        if login.count():
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")
        words = self.read_text(wrong)
        raise PageNotRecognised(f"{self.bench.title}: {words}") if words == UNSAVED else refusal(words)

    def _demand_summary(self, *filled_in: Mapping[str, str]) -> None:
        """The last page repeats what the system has saved of the draft: all that was filled in."""
        shown = self.facts("#granska")
        for caption, value in ((c, v) for part in filled_in for c, v in part.items()):
            if shown.get(caption) != (value or "–"):
                raise PageNotRecognised(f"Utkastet har inte kvar det som roboten fyllde i vid {caption}.")

    def _commit(self, button: str) -> None:
        self.commit(self.button(button), done=self.frame.get_by_role("status"), refused=self.part(WRONG))
