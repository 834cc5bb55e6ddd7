"""What the family law section tells of an akt, of what lies in it, and of what parents have notified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from robots.errors import BusinessException, PageNotRecognised, RecordLocked
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.view import Row

# As the system writes them.
PATERNITY = "Faderskap/föräldraskap"
SIMPLIFIED = "Förenklad"
SUMMONS, REMINDER = "Kallelse", "Påminnelse"
S_PROTOCOL = "S-protokoll"
APPROVED, DRAFT = "Godkänt", "Utkast"
BOOKED, HELD = "Bokat", "Genomfört"
ADULT = 18
LOCKED = "är låst av"
# What the system says when a person has to go on, and the name that such handovers are counted under.
STOPS = MappingProxyType(
    {
        "öppen akt": "Akten finns redan",
        "under 18 år": "Minderårig förälder",
        "är gift": "Gift förälder",
        "samma adress": "Inte samma adress",
        "folkbokförda i Sverige": "Förälder bosatt utomlands",
        "vid tvekan": "Tvekan om föräldraskapet",
        "skyddade personuppgifter": "Skyddade personuppgifter",
        "redan bokad": "Tiden är upptagen",
        "Tre påminnelser": "Ingen kontakt efter tre påminnelser",
        "två veckor": "För tidigt att påminna",
        "inte godkänt": "Protokollet är inte godkänt",
        LOCKED: RecordLocked.kind,
    }
)

# What each list and each tab says when there is nothing in it.
ABSENT = {
    "Akter": "Inga akter hittades.", "Anmälningar": "Inga anmälningar hittades.",
    "Besökstider": "Inga lediga tider hittades.", "Händelser": "Inga händelser hittades.",
    "Översikt": "Inga parter.", "Protokoll": "Inga protokoll.", "Bokningar": "Inga bokningar.", "Brev": "Inga brev.",
}  # fmt: skip


@dataclass(frozen=True)
class Parent:
    """A parent of a notification, as the register of inhabitants has it. Who it is never shows when it is printed.

    ``personal_number`` and ``age`` are None, and ``address`` is "", for somebody who lives in another country than
    Sweden.
    """

    personal_number: PersonalNumber | None = field(repr=False)
    name: str = field(repr=False)
    age: int | None
    married: bool
    address: str = field(repr=False)
    country: str

    @property
    def minor(self) -> bool:
        return self.age is not None and self.age < ADULT

    @property
    def abroad(self) -> bool:
        return self.country != "Sverige"


@dataclass(frozen=True)
class Notification:
    """What two parents have notified (anmälan) and asked to confirm. The first one bears the child.

    ``due`` is the day the child is expected, None once it is born; then ``child`` is its number. ``parents`` is empty
    where somebody is protected: nothing else is told then.
    """

    number: str
    case_number: CaseNumber
    protected: bool
    parents: tuple[Parent, ...] = ()
    due: date | None = None
    child: PersonalNumber | None = field(default=None, repr=False)
    doubt: bool = False
    assisted: bool = False

    @property
    def same_address(self) -> bool:
        """Whether all parents are registered at one address."""
        return len({parent.address for parent in self.parents}) == 1 and self.parents[0].address != ""


@dataclass(frozen=True)
class Party:
    number: str
    role: str
    personal_number: PersonalNumber = field(repr=False)


@dataclass(frozen=True)
class Protocol:
    """``reported`` is the day on which it was reported to Skatteverket, None where it has not been."""

    number: str
    kind: str
    made: date
    status: str
    reported: date | None

    @property
    def approved(self) -> bool:
        return self.status == APPROVED


@dataclass(frozen=True)
class Visit:
    number: str
    at: datetime
    status: str

    @property
    def booked(self) -> bool:
        """Whether it is still to come, or has come without anybody noting how it went."""
        return self.status == BOOKED

    @property
    def held(self) -> bool:
        return self.status == HELD


@dataclass(frozen=True)
class Letter:
    number: str
    kind: str
    sent: date


@dataclass(frozen=True)
class Akt:
    """``form`` is "Förenklad" or "Utredning"; ``case_number`` what the akt itself has as its own reference."""

    number: str
    kind: str
    form: str
    case_number: str
    status: str
    parties: tuple[Party, ...]
    protocols: tuple[Protocol, ...]
    visits: tuple[Visit, ...]
    letters: tuple[Letter, ...]

    @property
    def reminders(self) -> int:
        return sum(letter.kind == REMINDER for letter in self.letters)

    @property
    def latest_letter(self) -> date | None:
        return max((letter.sent for letter in self.letters), default=None)


# What the pages' captions and rows mean.

Told = Mapping[str, str] | Row
Rows = Sequence[Row]


def notification_in(number: str, facts: Told, lines: Sequence[Told]) -> Notification:
    """``lines`` have a caption each, and what it is for the first parent and for the second."""
    told = [{line["Uppgift"]: line[which] for line in lines} for which in ("Förälder 1", "Förälder 2")]
    child = _unless(facts["Barnets personnummer"], "Barnet är inte fött")
    due = _day(facts["Beräknad födelse"], "Barnet är fött")
    return Notification(
        number, CaseNumber(facts["Vår beteckning"]), protected=False, parents=tuple(map(_parent, told)), due=due,
        child=PersonalNumber(child) if child else None, doubt=_yes(facts, "Tvekan om föräldraskapet"),
        assisted=_yes(facts, "Assisterad befruktning"),
    )  # fmt: skip


def akt_in(number: str, facts: Told, parties: Rows, *, protocols: Rows, visits: Rows, letters: Rows) -> Akt:
    """What the akt's tabs show."""
    return Akt(
        number, facts["Typ av akt"], facts["Handläggningsform"], facts["Vår beteckning"], facts["Status"],
        tuple(Party(r["Part"], r["Roll"], PersonalNumber(r["Personnummer"])) for r in parties),
        tuple(_draft_or_approved(r) for r in protocols),
        tuple(Visit(r["Bokning"], moment_in(r), r["Status"]) for r in visits),
        tuple(Letter(r["Brev"], r["Typ"], date.fromisoformat(r["Skickat"])) for r in letters),
    )  # fmt: skip


def moment_in(row: Told) -> datetime:
    return datetime.fromisoformat(f"{row['Dag']}T{row['Tid']}")


def _parent(told: Told) -> Parent:
    number, address = _unless(told["Personnummer"], "Saknas"), _unless(told["Folkbokföringsadress"], "Ingen")
    age, status = _unless(told["Ålder"], "Okänd"), _unless(told["Civilstånd"], "Okänt")
    if status not in ("", "Gift", "Ogift"):
        raise PageNotRecognised(f"Anmälan visar civilståndet «{status}», som roboten inte förstår.")
    return Parent(
        PersonalNumber(number) if number else None, told["Namn"], int(age.removesuffix(" år")) if age else None,
        status == "Gift", address, told["Bosatt"],
    )  # fmt: skip


def _draft_or_approved(row: Told) -> Protocol:
    if row["Status"] not in (DRAFT, APPROVED):
        raise PageNotRecognised(f"Protokoll {row['Protokoll']} har en okänd status: «{row['Status']}».")
    made = date.fromisoformat(row["Upprättat"])
    reported = _day(row["Anmält till Skatteverket"], "Nej")
    return Protocol(row["Protokoll"], row["Typ"], made, row["Status"], reported)


def _day(value: str, absent: str) -> date | None:
    return None if value == absent else date.fromisoformat(value)


def _unless(value: str, absent: str) -> str:
    """The value, or "" where the page has its words of absence instead."""
    return "" if value == absent else value


def _yes(facts: Told, caption: str) -> bool:
    if facts[caption] not in ("Ja", "Nej"):
        raise PageNotRecognised(f"{caption}: «{facts[caption]}» är varken ja eller nej.")
    return facts[caption] == "Ja"


def time_was_taken(stop: BusinessException) -> bool:
    """Whether a time was not booked because somebody was quicker to it."""
    return stop.kind == STOPS["redan bokad"]
