"""The cases as a case system holds them: status, inbox, handler, lock and everything that has happened in each.

Artina's and Easit GO's are of this kind alike. Each has its own; a municipality has one of the two.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from robots.practice.case_management.photos import street_photo
from robots.practice.town import TOWN, Case, Person, Town

INBOXES = {
    "kontaktcenter": "Kontaktcenter",
    "samhallsbyggnad": "Samhällsbyggnad",
    "renhallning": "Renhållning",
    "omsorg": "Omsorg",
    "utbildning": "Utbildning",
    "registrator": "Registrator",
}
VIEWS = {"att-fordela": "Att fördela", "mina": "Mina", "avslutade": "Avslutade", "alla": "Alla öppna"}
LANGUAGES = {"sv": "Svenska", "en": "Engelska", "ar": "Arabiska", "fi": "Finska", "so": "Somaliska", "pl": "Polska",
             "fa": "Persiska", "es": "Spanska", "tr": "Turkiska", "ti": "Tigrinska"}  # fmt: skip
NEW, ONGOING, WAITING, CLOSED = "Nytt", "Pågående", "Väntar på medborgaren", "Avslutat"
STATUSES = (ONGOING, WAITING, CLOSED)  # what a user can choose; nobody makes a case new again
NOTE_KINDS = ("Journalanteckning", "Intern anteckning")
SENT = "Meddelande skickat"  # the one kind of event whose files have left the case, and not come with it
CITIZEN = "Medborgaren"
HIDDEN = "Skyddad identitet"


@dataclass(frozen=True)
class Attachment:
    """A file that came with the case, or that a message carried, kept as it was. ``secret``: not for everybody."""

    number: str
    name: str
    content_type: str
    content: bytes
    secret: bool = False

    @property
    def size(self) -> str:
        kilobytes = len(self.content) / 1024
        return f"{kilobytes / 1024:.1f} MB".replace(".", ",") if kilobytes >= 1024 else f"{max(1, round(kilobytes))} kB"


@dataclass(frozen=True)
class Event:
    """One line of a case's history. ``facts`` are (label, value) as the page shows them."""

    number: str
    kind: str
    at: datetime
    by: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def searchable(self) -> str:
        """Everything the page shows of the event, as one line without upper case."""
        parts = [self.number, self.kind, f"{self.at:%Y-%m-%d %H:%M}", self.by, self.text]
        parts += [word for fact in self.facts for word in fact] + [a.name for a in self.attachments]
        return squeezed(" ".join(parts))


@dataclass(frozen=True)
class Lock:
    """A colleague has the case open for editing."""

    by: str
    since: str

    @property
    def words(self) -> str:
        return f"Ärendet är låst av {self.by} sedan {self.since}."


@dataclass
class CaseFile:
    """A case as it stands now. Events are kept oldest first."""

    case: Case
    citizen: Person
    created: datetime
    inbox: str
    status: str = NEW
    handler: str = ""
    lock: Lock | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def number(self) -> str:
        return self.case.number

    @property
    def closed(self) -> bool:
        return self.status == CLOSED

    @property
    def protected(self) -> bool:
        return bool(self.citizen.protection)

    @property
    def citizen_name(self) -> str:
        return HIDDEN if self.protected else self.citizen.name

    @property
    def address(self) -> str:
        return HIDDEN if self.protected else f"{self.citizen.street}, {self.citizen.postcode} {TOWN}"

    @property
    def email(self) -> str:
        return HIDDEN if self.protected else self.citizen.email

    @property
    def language(self) -> str:
        """As the guides say it: "Svenska (sv)"."""
        return f"{LANGUAGES[self.case.language]} ({self.case.language})"

    @property
    def phone(self) -> str:
        return HIDDEN if self.protected else self.citizen.phone

    @property
    def description(self) -> str:
        """The citizen's words; a protected citizen's own name and street must not stand there either."""
        text = self.case.description
        if self.protected:
            text = text.replace(self.citizen.name, HIDDEN).replace(self.citizen.street, HIDDEN)
        return text

    @property
    def attachments(self) -> list[Attachment]:
        return [a for event in reversed(self.events) for a in event.attachments]

    @property
    def received(self) -> list[Attachment]:
        """Those that came with the case, in the order that they came."""
        return [a for event in self.events if event.kind != SENT for a in event.attachments]

    @property
    def searchable(self) -> str:
        c = self.case
        parts = [c.number, c.title, self.description, c.citizen, c.citizen.replace("-", ""), c.property_id, c.facility]
        parts += [self.handler] + ([] if self.protected else [self.citizen.name, self.citizen.email])
        return squeezed(" ".join(parts))

    def find_events(self, wanted: str) -> list[Event]:
        """The events whose text holds ``wanted``, newest first."""
        needle = squeezed(wanted)
        return [event for event in reversed(self.events) if needle in event.searchable]


class Register:
    """All cases, and the numbers that events, receipts and files get. ``product`` is who registered the cases."""

    def __init__(self, town: Town, product: str) -> None:
        self.today = town.today
        self.cases: dict[str, CaseFile] = {}
        self._events = itertools.count(1)
        self._receipts = itertools.count(1)
        self._files = itertools.count(1)
        clock = random.Random(town.seed)
        for case in sorted(town.cases.values(), key=lambda c: (c.created, c.number)):
            created = datetime.combine(case.created, _arrival(clock, case.created == town.today))
            file = CaseFile(case, town.people[case.citizen], created, case.inbox)
            self.cases[case.number] = file
            sent_along = [self._photo(case)] if case.errand == "fault_report" else []
            self.record(
                file, "Ärendet registrerades", product, f"Inkom via {case.channel}.", attachments=sent_along, at=created
            )
        for place, number in enumerate(n for n, c in sorted(town.cases.items()) if c.errand == "other"):
            self._past(self.cases[number], place)

    def now(self) -> datetime:
        """The town's day and the wall's clock."""
        return datetime.combine(self.today, datetime.now().time())

    def record(
        self,
        case: CaseFile,
        kind: str,
        by: str,
        text: str = "",
        *,
        facts: Iterable[tuple[str, str]] = (),
        attachments: Iterable[Attachment] = (),
        at: datetime | None = None,
    ) -> Event:
        """Write an event last in the case's history. Facts without a value are left out."""
        kept = tuple((label, value) for label, value in facts if value)
        event = Event(f"H-{next(self._events):06d}", kind, at or self.now(), by, text, kept, tuple(attachments))
        case.events.append(event)
        return event

    def receipt(self) -> str:
        return f"M-{next(self._receipts):06d}"

    def keep_file(self, name: str, content_type: str, content: bytes, *, secret: bool = False) -> Attachment:
        return Attachment(f"B-{next(self._files):06d}", name, content_type, content, secret)

    def view(self, inbox: str, view: str, me: str) -> list[CaseFile]:
        """The cases of one node in the inbox tree; ``inbox`` and ``view`` are their names in addresses."""
        return [c for c in self.cases.values() if c.inbox == INBOXES[inbox] and _belongs(c, view, me)]

    def search(self, wanted: str, inbox: str, also_closed: bool, citizen: str = "") -> list[CaseFile]:
        """Cases that hold every word of ``wanted``; with ``citizen``, a personal number, those of just that citizen."""
        words = squeezed(wanted).split()
        return [
            c
            for c in self.cases.values()
            if (also_closed or not c.closed)
            and inbox in ("", c.inbox)
            and citizen in ("", c.case.citizen)
            and all(word in c.searchable for word in words)
        ]

    def on_property(self, case: CaseFile) -> list[CaseFile]:
        """The other cases about the same property."""
        return [c for c in self.cases.values() if c.case.property_id == case.case.property_id and c is not case]

    def _photo(self, case: Case) -> Attachment:
        return self.keep_file(f"IMG_{case.number[3:11]}.jpg", "image/jpeg", street_photo(case.number))

    def _past(self, case: CaseFile, place: int) -> None:
        """Some errands that no robot handles have already been worked on; a few are open at a colleague's."""
        if place % 40 == 39:
            case.lock = Lock("Anna Ek", "07:42")
        if place % 10 in (3, 7):
            case.handler, case.status = "Mikael Sund", ONGOING
            self.record(case, "Ärendet togs", case.handler, "Handläggare: Mikael Sund.", at=case.created)
            for turn in range(14 if place % 40 == 13 else 1):
                text = f"Ringde medborgaren, inget svar. Försök {turn + 1}."
                self.record(case, "Intern anteckning", case.handler, text, at=case.created)
        if place % 10 == 7:
            case.status = CLOSED
            self.record(case, "Status ändrad", case.handler, f"Från {ONGOING} till {CLOSED}.", at=case.created)


def described(case: CaseFile) -> dict[str, Any]:
    """The case as tests are told of it."""
    return {
        "status": case.status,
        "inbox": case.inbox,
        "handler": case.handler,
        "locked_by": case.lock.by if case.lock else "",
        "events": [
            {
                "number": event.number,
                "type": event.kind,
                "text": event.text,
                "by": event.by,
                "facts": dict(event.facts),
                "attachments": [a.name for a in event.attachments],
                "sha256": [hashlib.sha256(a.content).hexdigest() for a in event.attachments],
            }
            for event in case.events
        ],
    }


def squeezed(text: str) -> str:
    """Without regard to upper case and to how it is broken into lines."""
    return " ".join(text.casefold().split())


def _belongs(case: CaseFile, view: str, me: str) -> bool:
    if view == "avslutade":
        return case.closed
    if case.closed:
        return False
    return view == "alla" or case.handler == (me if view == "mina" else "")


def _arrival(clock: random.Random, today: bool) -> time:
    """Within office hours; today's cases came at the start of the day, so that few of them lie in the future."""
    return time(7 if today else clock.randrange(7, 17), clock.randrange(60))
