"""Everything that Alfrida has on record, made from the town and its cases."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from robots.practice.dates import is_workday, next_workday
from robots.practice.mobility_service.state import (
    CONFIRMATION,
    DIFFICULTIES,
    DOCTOR,
    FIRST,
    MIND,
    MOBILITY,
    NO_CERTIFICATE,
    REMINDER,
    SERVICES,
    SIGHT,
    SPECIALIST,
    Application,
    Booking,
    Draft,
    File,
    Investigation,
    Letter,
    Paper,
    Time,
)  # fmt: skip
from robots.practice.pdf import drawing_pdf
from robots.practice.town import Case, Town

OFFICERS = ("Siv Malm", "Bo Ekdahl", "Rut Vikström")
CLOCKS = ("08:30", "10:00", "13:00", "14:30")
AUTOMATIC, STANDING, MIGRATED = "AUTOMATISKT", "STÅENDE", "MIGRERAD-0001"
OTHERS, FIRST_NUMBER, DAYS_OF_TIMES, TAKEN = 70, 1001, 28, 0.45
OUTCOMES = ("Bifall", "Bifall", "Avslag", "Återtagen")


class Register:
    """The files by personal number and by their own, the investigations in the order of their numbers, and the rest."""

    def __init__(self, town: Town) -> None:
        self.town, self.today = town, town.today
        self.random = random.Random(f"mobility {town.seed}")
        self.drafts: dict[str, Draft] = {}
        self.bookings: dict[str, Booking] = {}
        self.investigations: dict[str, Investigation] = {}
        self.letters_sent = 0
        cases = [c for c in town.cases.values() if c.errand in ("mobility_application", "mobility_supplement")]
        mine = {c.citizen for c in cases}
        people = [p for p in town.people.values() if p.municipality == "Tallinge" or p.personal_number in mine]
        self.by_person = {p.personal_number: File(f"A-{20001 + n}", p) for n, p in enumerate(people)}
        self.files = {file.number: file for file in self.by_person.values()}
        self.times = {time.id: time for time in self._times()}
        self._standing_booking()
        grown = [f for f in self.by_person.values() if f.person.phone and not f.protected and not f.person.deceased]
        others = self.random.sample([f for f in grown if f.person.personal_number not in mine], OTHERS)
        for place, file in enumerate(others):
            self._somebody_elses(file, place)
        for case in cases:
            self._of_case(case)

    # What was there

    def _times(self) -> list[Time]:
        days = (self.today + timedelta(days=n) for n in range(2, DAYS_OF_TIMES))
        found: list[Time] = []
        for day in filter(is_workday, days):
            for place, clock in enumerate(CLOCKS):
                taken = self.random.random() < TAKEN
                officer = OFFICERS[(day.toordinal() + place) % len(OFFICERS)]
                found.append(Time(f"T{len(found) + 1:03d}", day, clock, officer, f"rum {place + 1}", not taken, taken))
        return found

    def _standing_booking(self) -> None:
        day = next_workday(self.today + timedelta(days=1))
        words = f"{day} 12:30, {OFFICERS[0]}, telefon"
        self.bookings["B-5000"] = Booking("B-5000", "–", words, day, "Telefon", STANDING, OFFICERS[0])

    def _somebody_elses(self, file: File, place: int) -> None:
        received = self.today - timedelta(days=self.random.randint(30, 700) if place % 2 else 3 + place // 4)
        made = self.add(
            file, received, self.random.choice(SERVICES), self.random.choice(DIFFICULTIES), SPECIALIST,
            reference=MIGRATED if place == 1 else f"E-{3000 + place}", by=self.random.choice(OFFICERS),
        )  # fmt: skip
        if place % 2:
            made.outcome = self.random.choice(OUTCOMES)

    def _of_case(self, case: Case) -> None:
        file = self.by_person[case.citizen]
        if case.errand == "mobility_application":
            file.applications.append(self._application(case))
            if case.twist == "open_investigation_already":
                received = self.today - timedelta(days=12)
                self.add(file, received, SERVICES[0], MOBILITY, DOCTOR, reference="Telefon", by=OFFICERS[1])
            return
        ago = {"reminder_due": 30, "final_notice_due": 60, "supplement_came": 20}.get(case.twist, 4)
        made = self.add(
            file, self.today - timedelta(days=ago), SERVICES[0], MOBILITY, NO_CERTIFICATE,
            reference=f"E-{case.number[-6:]}", by=OFFICERS[2],
        )  # fmt: skip
        if ago > 4:
            due = 2 if case.twist == "supplement_came" else 25 - ago
            self._earlier_letter(made, FIRST, sent=2 - ago, due=due)
        if case.twist == "final_notice_due":
            self._earlier_letter(made, REMINDER, sent=-30, due=-4)
        if case.twist == "supplement_came":
            made.certificate_came = self.today - timedelta(days=2)
            made.papers.append(Paper("Läkarintyg", "lakarintyg.pdf", made.certificate_came))

    def _earlier_letter(self, investigation: Investigation, kind: str, *, sent: int, due: int) -> None:
        """``sent`` and ``due`` are days from today."""
        last = self.today + timedelta(days=due)
        while not is_workday(last):
            last -= timedelta(days=1)
        self.send(
            investigation, kind, last, "Vi saknar ett läkarintyg.", reference="Post", by=OFFICERS[2],
            on=self.today + timedelta(days=sent),
        )  # fmt: skip

    def _application(self, case: Case) -> Application:
        twist, number = case.twist, f"EA-{case.number[3:11]}"
        difficulty = self.random.choice((MOBILITY, SIGHT)) if twist == "normal" else MOBILITY
        if twist == "certificate_not_specialist":
            difficulty = self.random.choice((SIGHT, MIND))
        by = SPECIALIST if difficulty == SIGHT and twist == "normal" else DOCTOR
        if twist == "certificate_missing":
            by = NO_CERTIFICATE
        dated = None if by == NO_CERTIFICATE else case.created - timedelta(days=self.random.randint(5, 60))
        papers = [_pdf("Ansökan", number, case.created)]
        if dated:
            papers.append(_pdf("Läkarintyg", number, case.created))
        own = "Jag har haft mycket värk sedan i våras och vill berätta mer." if twist == "health_free_text" else ""
        return Application(
            number, case.created, SERVICES[0], difficulty, "Ja", by, dated, own, tuple(papers)
        )  # fmt: skip

    # What is added

    def add(
        self, file: File, received: date, service: str, difficulty: str, certificate_by: str, *, reference: str, by: str
    ) -> Investigation:
        number = f"FT-{received.year}-{FIRST_NUMBER + len(self.investigations)}"
        made = Investigation(number, file, received, service, difficulty, certificate_by,
                             OFFICERS[len(self.investigations) % 3], reference, by)  # fmt: skip
        self.investigations[number] = made
        self.send(made, CONFIRMATION, None, "Vi har tagit emot din ansökan.", reference=AUTOMATIC, by="Systemet",
                  on=received)  # fmt: skip
        return made

    def send(
        self, investigation: Investigation, kind: str, due: date | None, text: str, *, reference: str, by: str, on: date
    ) -> Letter:
        self.letters_sent += 1
        made = Letter(f"BR-{40000 + self.letters_sent}", kind, on, due, text, reference, by)
        investigation.letters.append(made)
        return made

    def book(self, investigation: Investigation, time: Time, form: str, *, reference: str, by: str) -> Booking:
        number = f"B-{5000 + len(self.bookings)}"
        made = Booking(number, investigation.number, time.words, time.day, form, reference, by)
        time.taken = True
        investigation.booking = self.bookings[number] = made
        return made

    # What is looked for

    def of_file(self, file: File) -> list[Investigation]:
        """The latest first."""
        return [i for i in reversed(self.investigations.values()) if i.file is file]

    def drafts_of(self, file: File) -> list[Draft]:
        return [d for d in self.drafts.values() if d.file is file]

    def free_times(self, first: date) -> list[Time]:
        """Those of the seven days from ``first``."""
        last = first + timedelta(days=6)
        return [t for t in self.times.values() if first <= t.day <= last and not t.taken]

    def watches(self) -> list[dict[str, Any]]:
        """What is watched: an answer to the latest letter of each investigation that lacks something."""
        found = []
        for one in self.investigations.values():
            if one.open and one.lacks_certificate and one.requests:
                letter = one.requests[-1]
                found.append({"due": letter.due, "number": one.number, "what": f"Svar på {letter.kind.lower()}",
                              "passed": letter.due is not None and letter.due < self.today})  # fmt: skip
        return sorted(found, key=lambda w: str(w["due"]))


def _pdf(title: str, number: str, day: date) -> Paper:
    content = drawing_pdf(f"{title} {number}", ("Färdtjänst, Tallinge kommun", str(day)), landscape=False)
    return Paper(title, f"{title} {number}.pdf", day, content)
