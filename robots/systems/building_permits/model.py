"""What the building permit system tells of a case and its drawings, and how its words are understood.

Words that are not known here are not understood, and raise ``PageNotRecognised``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from robots.errors import PageNotRecognised
from robots.fields import PersonalNumber, PropertyDesignation
from robots.systems.view import Row

PROTECTED = "En part i ärendet har skyddade personuppgifter."
HIDDEN_NAME = "Skyddade personuppgifter"
UNDECIDED = ("Under handläggning", "Väntar på komplettering")
STAGES = (*UNDECIDED, "Beslut fattat", "Startbesked lämnat", "Slutbesked lämnat", "Avslutat")
START_NOTICE = "Anmälan om byggstart"
ANNOUNCED, POSTED = "Kungjort", "Anslaget på anslagstavlan"


@dataclass(frozen=True)
class Party:
    """Somebody who is a party to the case. ``number`` is None for a firm, and for a person who is ``protected``."""

    role: str
    number: PersonalNumber | None
    protected: bool


@dataclass(frozen=True)
class Condition:
    """What must be done before the work begins (villkor)."""

    words: str
    met: bool


@dataclass(frozen=True)
class Supplement:
    """What the applicant is to complete the application with, since when it is waited for, and until when."""

    words: str
    asked: date
    latest: date


@dataclass(frozen=True)
class ListedCase:
    """A case as the register lists it."""

    number: str
    property_id: PropertyDesignation
    what: str
    arrived: date
    stage: str

    @property
    def undecided(self) -> bool:
        """Whether the application has yet to be decided on."""
        return self.stage in UNDECIDED


@dataclass(frozen=True)
class StartNotice:
    """A notice that the work begins (anmälan om byggstart). ``reference`` is "" where it was registered without one."""

    number: str
    reference: str


@dataclass(frozen=True)
class PermitCase:
    """A case (ärende) as its card shows it. A day is None where the card says that it has not come.

    ``announced`` is the day of kungörelse, which cases under the older rules have; ``posted`` the day that the
    decision was put on the municipal notice board, for cases under the newer. ``starts`` is the day on which somebody
    has already given notice that the work begins. ``supplement`` is what the applicant still has to send in.
    ``granted`` is False until the permit has been decided, and where the answer was no.
    ``protected``: the card says that a party has protected personal data.
    """

    number: str
    group: str
    type: str
    what: str
    property_id: PropertyDesignation
    arrived: date
    stage: str
    official: str
    lock: str
    decided: date | None
    granted: bool
    old_rules: bool
    announced: date | None
    posted: date | None
    needs_consultation: bool
    consultation: date | None
    start_clearance: date | None
    starts: date | None
    final_clearance: date | None
    conditions: tuple[Condition, ...]
    supplement: Supplement | None
    parties: tuple[Party, ...]
    protected: bool

    @property
    def closed(self) -> bool:
        """Whether the case is finished with, so that nothing more is registered in it."""
        return self.stage == STAGES[-1]

    @property
    def open_conditions(self) -> tuple[Condition, ...]:
        """The conditions that have not been met yet."""
        return tuple(condition for condition in self.conditions if not condition.met)

    def has_party(self, number: PersonalNumber) -> bool:
        """Whether this person is a party by number. A protected party is nobody's, since the card does not say."""
        return any(party.number == number for party in self.parties)


@dataclass(frozen=True)
class Drawing:
    """A drawing of the last ten years. ``secret``: not given out without an examination; ``address`` is then empty."""

    number: str
    code: str
    title: str
    on: date
    case: str
    secret: bool
    address: str


def permit_case(
    facts: Mapping[str, str],
    conditions: Sequence[Row],
    supplement: Mapping[str, str] | None,
    parties: Sequence[Row],
    *,
    protected: bool,
) -> PermitCase:
    """The case that the card's tables tell of."""
    told = [_party(row) for row in parties]
    old_rules = ANNOUNCED in facts
    consultation = _known(facts, "Tekniskt samråd", r"Hållet (.+)|Ska hållas|Krävs inte")
    return PermitCase(
        number=facts["Diarienummer"],
        group=facts["Ärendegrupp"],
        type=facts["Ärendetyp"],
        what=facts["Ärendemening"],
        property_id=PropertyDesignation(facts["Fastighet"]),
        arrived=date.fromisoformat(facts["Ankomstdatum"]),
        stage=_stage(facts["Ärendestatus"]),
        official=facts["Handläggare"],
        lock=_known(facts, "Lås", r"Låst av (.+)|Inte låst")[1] or "",
        decided=_day(facts, "Beslut om lov", "Inget beslut"),
        granted=_known(facts, "Lovets utfall", "Beviljat|Avslag|Inget utfall")[0] == "Beviljat",
        old_rules=old_rules,
        announced=_day(facts, ANNOUNCED, "Inte kungjort") if old_rules else None,
        posted=None if old_rules else _day(facts, POSTED, "Inte anslaget"),
        needs_consultation=consultation[0] != "Krävs inte",
        consultation=date.fromisoformat(consultation[1]) if consultation[1] else None,
        start_clearance=_day(facts, "Startbesked", "Inget startbesked"),
        starts=_day(facts, "Anmäld byggstart", "Inte anmäld"),
        final_clearance=_day(facts, "Slutbesked", "Inget slutbesked"),
        conditions=tuple(_condition(row) for row in conditions),
        supplement=_supplement(supplement) if supplement else None,
        parties=tuple(told),
        protected=protected or any(party.protected for party in told),
    )


def listed_case(row: Row) -> ListedCase:
    """A row of the register of cases."""
    return ListedCase(
        row["Diarienummer"], PropertyDesignation(row["Fastighet"]), row["Ärendemening"],
        date.fromisoformat(row["Inkom"]), _stage(row["Ärendestatus"]),
    )  # fmt: skip


def drawing_in(row: Row) -> Drawing:
    """A row of the register of documents. A file that is neither there nor said to be secret is not understood."""
    secret = row["Fil"] == "Sekretess"
    if not secret and "Hämta" not in row.links:
        raise PageNotRecognised(f"Handling {row['Handlingsnr']} har varken fil eller sekretess: «{row['Fil']}».")
    return Drawing(
        row["Handlingsnr"], row["Kod"], row["Benämning"], date.fromisoformat(row["Datum"]), row["Diarienummer"],
        secret, "" if secret else row.links["Hämta"],
    )  # fmt: skip


def start_notices(events: Sequence[Row]) -> tuple[StartNotice, ...]:
    """Those of the case's events that give notice that the work begins; one that was taken back is none."""
    received = [row for row in events if (row["Slag"], row["Utfall"]) == (START_NOTICE, "Mottagen")]
    return tuple(StartNotice(row["Händelsenr"], row["Vår referens"].removeprefix("–")) for row in received)


def names_and_addresses(parties: Sequence[Row]) -> list[str]:
    """What the card says of the parties that must not stand in the evidence."""
    told = [said for row in parties for said in (row["Namn"], row["Adress"], row["Adress"].partition(",")[0])]
    return [said for said in told if said not in ("–", HIDDEN_NAME)]


def _party(row: Row) -> Party:
    said = row["Personnummer"]
    protected = said == "Skyddat"
    number = None if protected or said == "–" else PersonalNumber(said)
    return Party(row["Roll"], number, protected)


def _condition(row: Row) -> Condition:
    if row["Läge"] not in ("Uppfyllt", "Öppet"):
        raise PageNotRecognised(f"Villkoret «{row['Villkor']}» har läget «{row['Läge']}», som roboten inte förstår.")
    return Condition(row["Villkor"], row["Läge"] == "Uppfyllt")


def _supplement(told: Mapping[str, str]) -> Supplement:
    asked, latest = date.fromisoformat(told["Begärd"]), date.fromisoformat(told["Svar senast"])
    return Supplement(told["Ska kompletteras med"], asked, latest)


def _stage(words: str) -> str:
    if words not in STAGES:
        raise PageNotRecognised(f"Ärendet har en okänd status: «{words}».")
    return words


def _day(facts: Mapping[str, str], caption: str, absent: str) -> date | None:
    """The day at a caption, or None where the card says in words that it has not come."""
    told = _known(facts, caption, rf"(\d{{4}}-\d\d-\d\d)|{re.escape(absent)}")
    return date.fromisoformat(told[1]) if told[1] else None


def _known(facts: Mapping[str, str], caption: str, pattern: str) -> re.Match[str]:
    told = re.fullmatch(pattern, facts[caption])
    if told is None:
        raise PageNotRecognised(f"Ärendet visar {caption} «{facts[caption]}», som roboten inte förstår.")
    return told
