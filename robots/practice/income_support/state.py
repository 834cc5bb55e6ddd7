"""What Socio has on record: files, applications, replies, calculations, decisions and documents."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from robots.practice.income_support.norms import Sums
from robots.practice.town import Person

COSTS = ("Boendekostnad", "Hushållsel", "Hemförsäkring", "A-kassa och fackavgift", "Arbetsresor",
         "Läkarvård och medicin", "Övrigt")  # fmt: skip
INCOMES = ("Lön", "Barnbidrag", "Underhållsstöd", "Bostadsbidrag", "Föräldrapenning", "Sjukpenning",
           "Aktivitetsstöd", "Arbetslöshetsersättning", "Studiemedel", "Övrig inkomst")  # fmt: skip
SOURCES = ("Försäkringskassan", "A-kassan", "CSN", "Pensionsmyndigheten", "Skatteverket")
NO_PAYMENTS, NO_REPLY = "Inga utbetalningar", "Svar saknas"
GRANTED, PARTLY, REFUSED = "Bifall", "Delvis bifall", "Avslag"
CODES = (GRANTED, PARTLY, REFUSED)
PROPOSAL, MESSAGE, INVESTIGATION = "Förslag till beslut", "Meddelande till sökande", "Grundutredning"
OPEN_PROPOSAL, DRAFT, CLOSED = "Väntar på handläggare", "Utkast", "Avslutad"
INVESTIGATION_REFERENCE = "GRUND"
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()
OFFICIALS = ("Marit Sandell", "Jonas Frykman", "Leila Saber")


def month_words(month: str) -> str:
    """``2026-11`` as ``november 2026``."""
    return f"{MONTHS[int(month[5:]) - 1]} {month[:4]}"


def month_before(day: date) -> str:
    return f"{day.year - 1}-12" if day.month == 1 else f"{day.year}-{day.month - 1:02d}"


@dataclass
class Application:
    """An e-application. ``signatures`` are who signed it and when; ``complete`` is when nothing was missing any more.

    ``incomes`` are the applicant's and the co-applicant's, ``message`` what they write, "" for nothing.
    """

    number: str
    month: str
    received: datetime
    signatures: list[tuple[str, datetime]]
    complete: datetime | None
    members: list[str]
    costs: dict[str, int]
    incomes: dict[str, tuple[int, int]]
    earlier: str = ""
    message: str = ""


@dataclass
class Reply:
    person: str
    source: str
    benefit: str
    amount: int


@dataclass
class Calculation:
    number: str
    month: str
    members: list[str]
    costs: dict[str, int]
    incomes: dict[str, tuple[int, int]]
    sums: Sums
    status: str


@dataclass
class Decision:
    number: str
    month: str
    outcome: str
    official: str
    on: date


@dataclass
class Document:
    """What has been drawn up in a file. ``text`` is the proposal's reasons, or the message."""

    number: str
    file: str
    kind: str
    month: str
    status: str
    reference: str
    by: str
    on: date
    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass
class File:
    """A household's file (akt). ``adults`` are the applicant and, where there is one, the co-applicant."""

    number: str
    adults: list[Person]
    children: list[Person]
    official: str
    plan_until: date | None
    today: date
    closed: bool = False
    applications: list[Application] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    calculations: list[Calculation] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    @property
    def protected(self) -> bool:
        return any(p.protection for p in (*self.adults, *self.children))

    @property
    def members(self) -> list[Person]:
        return [*self.adults, *self.children]

    @property
    def ages(self) -> list[int]:
        """What the children turn in the year at hand; that is how the norms count."""
        return [self.today.year - int(child.personal_number[:4]) for child in self.children]

    @property
    def status(self) -> str:
        return CLOSED if self.closed else "Pågående"

    def role(self, personal_number: str) -> str:
        for role, person in zip(("Sökande", "Medsökande"), self.adults, strict=False):
            if person.personal_number == personal_number:
                return role
        return "Barn"

    def application(self, month: str) -> Application | None:
        """The latest one for the month."""
        return next((a for a in reversed(self.applications) if a.month == month), None)

    def decision(self, month: str) -> Decision | None:
        return next((d for d in reversed(self.decisions) if d.month == month), None)

    def as_json(self) -> dict[str, Any]:
        """For tests: with everybody by personal number."""
        told = asdict(self)
        told["adults"] = [p.personal_number for p in self.adults]
        told["children"] = [p.personal_number for p in self.children]
        return told | {"ages": self.ages, "protected": self.protected}
