"""What Alfrida keeps: person files, e-applications, investigations with letters and papers, interview times, drafts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

from robots.practice.dates import is_workday
from robots.practice.town import Person

CONFIRMATION, FIRST, REMINDER, FINAL = (
    "Bekräftelse på ansökan", "Begäran om komplettering", "Påminnelse", "Sista påminnelse",
)  # fmt: skip
KINDS = (FIRST, REMINDER, FINAL)
MOBILITY, SIGHT, MIND = "Rörelsenedsättning", "Synnedsättning", "Psykisk funktionsnedsättning"
DIFFICULTIES = (MOBILITY, SIGHT, MIND, "Annan")
DOCTOR, SPECIALIST, NO_CERTIFICATE = "Allmänläkare", "Specialistläkare", "Inget intyg"
SPECIALIST_FOR = (SIGHT, MIND)
SERVICES = ("Färdtjänst", "Riksfärdtjänst")
DAYS_TO_ASK, DAYS_TO_DECIDE = 10, 28


def workdays_on(day: date, count: int) -> date:
    """The day ``count`` workdays after ``day``."""
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


@dataclass(frozen=True)
class Paper:
    """A document in the file. ``content`` is None for those from before the town was made."""

    title: str
    name: str
    received: date
    content: bytes | None = field(default=None, repr=False)


@dataclass
class Application:
    """What a citizen has sent in the e-service. ``own_words`` is the free text on health, often "".

    ``registered_in`` is the number of the investigation that it has led to.
    """

    number: str
    received: date
    service: str
    difficulty: str
    lasting: str
    certificate_by: str
    certificate_date: date | None
    own_words: str
    papers: tuple[Paper, ...]
    registered_in: str = ""


@dataclass
class File:
    """A person's file (akt)."""

    number: str
    person: Person
    applications: list[Application] = field(default_factory=list)

    @property
    def protected(self) -> bool:
        return bool(self.person.protection)

    @property
    def name(self) -> str:
        return "Skyddad identitet" if self.protected else self.person.name

    @property
    def address(self) -> str:
        return "Skyddad uppgift" if self.protected else f"{self.person.street}, {self.person.postcode}"

    @property
    def phone(self) -> str:
        return "Skyddad uppgift" if self.protected else self.person.phone or "–"


@dataclass(frozen=True)
class Letter:
    """``due`` is the day an answer is wanted at the latest, None for a confirmation."""

    number: str
    kind: str
    sent: date
    due: date | None
    text: str
    reference: str
    by: str


@dataclass
class Time:
    """A time for an interview. ``offered`` is false for one that was taken before the town was made."""

    id: str
    day: date
    clock: str
    officer: str
    place: str
    offered: bool
    taken: bool

    @property
    def words(self) -> str:
        return f"{self.day} {self.clock}, {self.officer}, {self.place}"


@dataclass(frozen=True)
class Booking:
    number: str
    investigation: str
    time: str
    day: date
    form: str
    reference: str
    by: str


@dataclass
class Investigation:
    """An investigation (utredning). ``certificate_came`` is the day a certificate that was missing arrived."""

    number: str
    file: File
    received: date
    service: str
    difficulty: str
    certificate_by: str
    officer: str
    reference: str
    opened_by: str
    certificate_came: date | None = None
    outcome: str = ""
    locked_by: str = ""
    letters: list[Letter] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    booking: Booking | None = None

    @property
    def lacks_certificate(self) -> bool:
        return self.certificate_by == NO_CERTIFICATE and self.certificate_came is None

    @property
    def complete_since(self) -> date | None:
        return None if self.lacks_certificate else self.certificate_came or self.received

    @property
    def decide_before(self) -> date | None:
        return self.complete_since and self.complete_since + timedelta(days=DAYS_TO_DECIDE)

    @property
    def ask_before(self) -> date:
        """The latest day for the first letter about what is missing."""
        return workdays_on(self.received, DAYS_TO_ASK)

    @property
    def open(self) -> bool:
        return not self.outcome

    @property
    def requests(self) -> list[Letter]:
        """The letters that ask for something, the first first."""
        return [letter for letter in self.letters if letter.kind in KINDS]

    @property
    def status(self) -> str:
        if self.outcome:
            return f"Avslutad: {self.outcome}"
        if self.lacks_certificate:
            return "Väntar på komplettering" if self.requests else "Ofullständig ansökan"
        return "Intervju bokad" if self.booking else "Utreds"

    @property
    def obstacle(self) -> str:
        """Why nothing can be changed now, or ""."""
        if self.outcome:
            return "Utredningen är avslutad och kan inte ändras."
        if self.locked_by:
            return f"Utredningen redigeras av {self.locked_by}. Du kan bara läsa."
        return ""


@dataclass
class Draft:
    """A begun investigation. ``key`` is that of the form that began it, so that a form sent twice begins one."""

    file: File
    by: str
    reference: str
    key: str
    begun: str
    values: dict[str, str] = field(default_factory=dict)
    saved: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
