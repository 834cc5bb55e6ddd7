"""What a building permit case is: its events, documents, parties and conditions, and how far it has come."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from robots.practice.town import Person, Property

# Applications that came in before this day follow the older rules; the committee announces their decisions itself.
NEW_RULES = date(2025, 12, 1)
FOUR_WEEKS = timedelta(days=28)
ARRIVAL = "ANKOMST"  # the reference of the event that every case begins with
SUPPORT = "Gun Bergman"  # the colleague who registered what was there before
INCOMING, OUTGOING, INTERNAL = "Inkommande", "Utgående", "Intern"
DIRECTIONS = (INCOMING, OUTGOING, INTERNAL)
START_NOTICE, START_CLEARANCE, FINAL_CLEARANCE = "Anmälan om byggstart", "Startbesked", "Slutbesked"
DECISION, NOTICE = "Beslut", "Anmälan"
KINDS = {
    NOTICE: (START_NOTICE, "Anmälan om kontrollansvarig", "Anmälan inkommen"),
    "Ansökan": ("Ansökan inkommen",),
    DECISION: ("Bygglov", START_CLEARANCE, FINAL_CLEARANCE),
    "Komplettering": ("Begäran om komplettering", "Komplettering inkommen"),
    "Skrivelse": ("Inkommen skrivelse", "Tjänsteanteckning"),
}
OUTCOMES = {NOTICE: ("Mottagen", "Återtagen"), DECISION: ("Beviljat", "Avslag")}
DRAWINGS = {"ARIT": "A-ritningar", "SITU": "Situationsplan", "KRIT": "K-ritningar"}
DOCUMENTS = {**DRAWINGS, "ANSO": "Ansökan", "BESL": "Beslut om bygglov", "STAB": "Startbesked", "SBES": "Slutbesked"}


@dataclass(frozen=True)
class Document:
    """A document (handling). ``code`` is one of ``DOCUMENTS``."""

    number: str
    code: str
    title: str
    on: date
    secret: bool = False


@dataclass(frozen=True)
class Event:
    """An event (händelse). ``starts`` is the day on which the work begins, for a notice of that."""

    number: str
    on: date
    direction: str
    type: str
    kind: str
    outcome: str
    title: str
    by: str
    reference: str = ""
    note: str = ""
    secret: bool = False
    starts: date | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"on": self.on.isoformat(), "starts": self.starts.isoformat() if self.starts else None}


@dataclass(frozen=True)
class Party:
    """``person`` is None for a firm, which has a ``firm`` instead."""

    role: str
    person: Person | None = None
    firm: str = ""

    @property
    def name(self) -> str:
        if self.person is None:
            return self.firm
        return "Skyddade personuppgifter" if self.person.protection else self.person.name

    @property
    def number(self) -> str:
        if self.person is None:
            return "–"
        return "Skyddat" if self.person.protection else self.person.personal_number

    @property
    def address(self) -> str:
        if self.person is None or self.person.protection:
            return "–"
        return f"{self.person.street}, {self.person.postcode} {self.person.municipality.upper()}"


@dataclass(frozen=True)
class Condition:
    """What must be done before the work begins (villkor)."""

    words: str
    met: bool


@dataclass(frozen=True)
class Supplement:
    """What the committee has asked the applicant to complete the application with, and until when."""

    words: str
    asked: date
    latest: date


@dataclass
class PermitCase:
    """A case (ärende). Days that have not come are None.

    ``announced`` is the day of kungörelse under the older rules, ``posted`` the day that the decision was put on the
    municipal notice board under the newer. ``consultation`` is the day of the technical consultation, and None where
    it has not been held; ``needs_consultation`` tells whether it must be. ``version`` grows when somebody changes the
    case, ``changed_by`` is the latest who did.
    """

    group: str
    type: str
    what: str
    home: Property
    arrived: date
    parties: tuple[Party, ...]
    official: str
    number: str = ""
    decided: date | None = None
    granted: bool = False
    announced: date | None = None
    posted: date | None = None
    started: date | None = None
    needs_consultation: bool = False
    consultation: date | None = None
    finished: date | None = None
    conditions: tuple[Condition, ...] = ()
    supplement: Supplement | None = None
    closed: bool = False
    lock: str = ""
    events: list[Event] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    version: int = 0
    changed_by: str = ""

    @property
    def stage(self) -> str:
        if self.closed:
            return "Avslutat"
        if self.finished:
            return "Slutbesked lämnat"
        if self.started:
            return "Startbesked lämnat"
        if self.decided:
            return "Beslut fattat"
        return "Väntar på komplettering" if self.supplement else "Under handläggning"

    @property
    def old_rules(self) -> bool:
        return self.arrived < NEW_RULES

    @property
    def protected(self) -> bool:
        return any(p.person is not None and p.person.protection for p in self.parties)

    @property
    def start_notice(self) -> Event | None:
        """The latest notice that the work begins, unless it was taken back."""
        found = [e for e in self.events if e.kind == START_NOTICE and e.outcome == "Mottagen"]
        return found[-1] if found else None

    @property
    def earliest_start(self) -> date | None:
        """Before this day the system takes no notice of work; None without a start clearance."""
        if self.started is None:
            return None
        if self.old_rules and self.announced:
            return max(self.started, self.announced + FOUR_WEEKS)
        return self.started

    def as_json(self) -> dict[str, Any]:
        def day(value: date | None) -> str | None:
            return value.isoformat() if value else None

        return {
            "number": self.number, "group": self.group, "type": self.type, "what": self.what, "stage": self.stage,
            "property_id": self.home.designation, "arrived": day(self.arrived), "decided": day(self.decided),
            "granted": self.granted,
            "announced": day(self.announced), "posted": day(self.posted), "started": day(self.started),
            "needs_consultation": self.needs_consultation, "consultation": day(self.consultation),
            "finished": day(self.finished), "closed": self.closed, "lock": self.lock, "protected": self.protected,
            "conditions": [asdict(c) for c in self.conditions],
            "supplement": self.supplement and {"words": self.supplement.words, "latest": day(self.supplement.latest)},
            "parties": [p.person.personal_number for p in self.parties if p.person],
            "events": [e.as_json() for e in self.events],
            "documents": [asdict(d) | {"on": day(d.on)} for d in self.documents],
        }  # fmt: skip
