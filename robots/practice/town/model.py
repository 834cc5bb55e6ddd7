"""What the town consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from robots.practice.names import ISLAND_QUARTERS, MUNICIPALITY
from robots.practice.town.schools import School


@dataclass(frozen=True)
class Person:
    """``protection`` is "", "sekretessmarkering" or "skyddad folkbokföring".

    ``language`` is the mother tongue as an ISO 639-1 code. ``municipality`` is where the person is registered; who is
    registered elsewhere has no property here. ``spouse`` is the personal number of the one the person is married to,
    ``partner`` that of the one it lives with without being married. Children have neither phone nor e-mail.
    """

    personal_number: str
    first_name: str
    last_name: str
    property_id: str
    street: str
    postcode: str
    phone: str
    email: str
    protection: str = ""
    deceased: bool = False
    language: str = "sv"
    municipality: str = MUNICIPALITY
    spouse: str = ""
    partner: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Child:
    """What the town knows of a person under 18 beside what it knows of every person.

    ``guardians`` are their personal numbers, one or two; they live where they are registered, which need not be where
    the child is. ``school_year`` is "F" or "1" to "9", "" before and after.
    """

    personal_number: str
    property_id: str
    guardians: tuple[str, ...]
    siblings: tuple[str, ...]
    school_year: str
    protection: str = ""


@dataclass(frozen=True)
class Family:
    """A household with children, or one that expects one, or a couple.

    ``kind`` is as the twists of errands name it. ``adults`` are the guardians or the couple, the first of them
    registered at ``property_id`` with the children. ``due`` is the day a child is expected.
    """

    number: str
    kind: str
    adults: tuple[str, ...]
    children: tuple[str, ...]
    property_id: str
    married: bool
    due: date | None = None


@dataclass(frozen=True)
class Drawing:
    """One drawing in the archive. ``kind`` is in Swedish, as the archive writes it; ``pages`` is its length.

    ``registered_under`` is the designation the archive knows it by, which is the older one for some.
    """

    number: str
    registered_under: str
    title: str
    kind: str
    year: int
    case_reference: str
    pages: int
    secret: bool = False


@dataclass(frozen=True)
class Plan:
    """A detail plan (detaljplan). ``status`` is "laga kraft", "antagen", "samråd" or "granskning"."""

    number: str
    name: str
    status: str
    final_on: date | None
    has_description: bool = True

    @property
    def final(self) -> bool:
        return self.status == "laga kraft"


@dataclass(frozen=True)
class Facility:
    """A waste facility (anläggning) on a property, and who pays for it.

    ``deviation`` is what the driver noted at the last pickup, or "". ``bin_day`` is 0 (Monday) to 4.
    ``sludge_month`` is the month of the ordinary emptying, None where there is no sludge tank.
    """

    number: str
    customer_number: int
    property_id: str
    customer: str
    bin_day: int
    odd_weeks: bool
    sludge_month: int | None
    hose_metres: int
    blocked: bool = False
    dispens: str = ""
    deviation: str = ""
    booked: str = ""


@dataclass(frozen=True)
class Property:
    """``kind`` is "villa", "fritidshus", "flerbostadshus", "skola" or "bank". ``x`` and ``y`` are metres east
    and north of the town's square. ``road_owner`` looks after the street outside."""

    designation: str
    quarter: str
    older_designation: str
    street: str
    postcode: str
    owner: str
    kind: str
    x: float
    y: float
    drawings: tuple[Drawing, ...] = ()
    plans: tuple[str, ...] = ()
    facility: str = ""
    road_owner: str = ""

    @property
    def island(self) -> bool:
        return self.quarter in ISLAND_QUARTERS


@dataclass(frozen=True)
class Case:
    """A citizen's matter as it arrived. ``inbox`` is where it waits, ``language`` the citizen's own.

    ``family`` is the number of the family it is about and ``children`` the personal numbers of its children, the
    eldest first; both are empty for an errand that asks for no family.
    """

    number: str
    errand: str
    twist: str
    title: str
    description: str
    citizen: str
    property_id: str
    facility: str
    inbox: str
    channel: str
    created: date
    language: str = "sv"
    family: str = ""
    children: tuple[str, ...] = ()


@dataclass(frozen=True)
class Town:
    seed: int
    today: date
    people: dict[str, Person]
    properties: dict[str, Property]
    plans: dict[str, Plan]
    facilities: dict[str, Facility]
    cases: dict[str, Case]
    children: dict[str, Child]
    families: dict[str, Family]
    schools: dict[str, School]
    by_older_designation: dict[str, str] = field(default_factory=dict)
