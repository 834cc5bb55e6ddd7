"""What the family law section has on record: akter, what lies in them, notifications from parents, visiting times."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from robots.practice.town import Person

PATERNITY = "Faderskap/föräldraskap"
AKT_KINDS = (PATERNITY, "Vårdnad", "Umgänge", "Adoption")
OPEN, CLOSED = "Öppen", "Avslutad"
SIMPLIFIED, FULL = "Förenklad", "Utredning"
PROTOCOL_KINDS = ("S-protokoll", "MF-protokoll", "Ä-protokoll")
DRAFT, APPROVED = "Utkast", "Godkänt"
SUMMONS, REMINDER = "Kallelse", "Påminnelse"
BOOKED, MISSED, HELD = "Bokat", "Uteblivet", "Genomfört"
PARENT = "Förälder"
ROLES = (PARENT, "Barn", "Ombud", "Tolk")
HOURS = ("09:00", "10:30", "13:15", "14:45")
WAYS = ("E-tjänst", "Blankett")
OFFICER = "Berit Holm"
LOCK_MINUTES = 15
YES, NO = "Ja", "Nej"


def age_of(personal_number: str, today: date) -> int:
    """Whole years, of a coordination number too."""
    year, month, day = int(personal_number[:4]), int(personal_number[4:6]), int(personal_number[6:8]) % 60
    return today.year - year - ((today.month, today.day) < (month, day))


@dataclass
class Party:
    number: str
    role: str
    personal_number: str
    name: str


@dataclass
class Protocol:
    number: str
    kind: str
    status: str
    made: date
    by: str
    reported: date | None = None


@dataclass
class Visit:
    number: str
    day: date
    hour: str
    status: str


@dataclass
class Letter:
    number: str
    kind: str
    sent: date
    text: str


@dataclass
class Entry:
    """A line of the journal. ``record`` is what was made: an akt, a party, a visit, or the entry itself."""

    number: str
    akt: str
    day: date
    what: str
    text: str
    by: str
    reference: str
    record: str


@dataclass(frozen=True)
class Lock:
    by: str
    since: str
    until: float

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until


@dataclass
class Akt:
    """``marking`` is "" or what everybody must know before opening it: a protected person, or a warning."""

    number: str
    kind: str
    form: str
    case_number: str
    opened: date
    officer: str
    due: str
    status: str = OPEN
    marking: str = ""
    parties: list[Party] = field(default_factory=list)
    protocols: list[Protocol] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    lock: Lock | None = None

    @property
    def open(self) -> bool:
        return self.status == OPEN

    @property
    def parents(self) -> list[Party]:
        return [p for p in self.parties if p.role == PARENT]

    @property
    def reminders(self) -> int:
        return sum(letter.kind == REMINDER for letter in self.letters)

    def locked_for(self, user: str) -> Lock | None:
        """The lock of somebody else, while it holds."""
        return self.lock if self.lock and self.lock.by != user and not self.lock.over else None

    def take_lock(self, user: str) -> None:
        self.lock = Lock(user, time.strftime("%H.%M"), time.monotonic() + LOCK_MINUTES * 60)

    def let_go(self, user: str) -> None:
        if self.lock and self.lock.by == user:
            self.lock = None

    def let_days_pass(self, days: int) -> None:
        """As if everything in it were so many days older."""
        back = timedelta(days=days)
        for letter in self.letters:
            letter.sent -= back
        for visit in self.visits:
            visit.day -= back

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        told.pop("lock")
        return told | {"locked_by": self.lock.by if self.lock and not self.lock.over else ""}


@dataclass(frozen=True)
class Applicant:
    """A parent as a notification has it. Without ``person`` it is somebody who lives in another ``country``."""

    person: Person | None
    words: str = ""
    country: str = ""

    @property
    def protected(self) -> bool:
        return bool(self.person and self.person.protection)


@dataclass(frozen=True)
class Notification:
    """What two parents have sent in by the e-service (anmälan). ``child`` is its personal number once it is born."""

    number: str
    case_number: str
    received: date
    first: Applicant
    second: Applicant
    due: date | None
    child: str
    doubt: str = NO
    assisted: str = NO

    @property
    def protected(self) -> bool:
        return self.first.protected or self.second.protected
