"""Every system that the contract holds for. A new system joins the suite by one entry here.

The words and addresses below are the town's, written down once more on purpose: the faults rename and strike what a
person sees on the page, whatever the driver calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import holidays

from robots.cases import case_management
from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import CaseNumber, FacilityNumber, PersonalNumber, PropertyDesignation
from robots.systems import detail_plan_map, drawing_archive, population_register, waste_collection
from robots.systems.documents import Document
from robots.systems.driver import Driver

ONCE = "prov"
UNKNOWN_MARK = "R-000000000000"
NOTHING: tuple[Any, ...] = (None, [], ())  # what a look gives where the page says that there is nothing


@dataclass(frozen=True)
class Reading:
    """A look in a system.

    ``some`` finds something, and ``told`` is the same from the town itself; ``none`` looks where there is nothing.
    ``path`` is a regular expression for the page it is on, after the system's own prefix; ``heading`` is what
    recognises it, as its source has it; ``absence`` the words with which it says that there is nothing.
    """

    name: str
    path: str
    heading: str
    some: Callable[[Any, Town], Any]
    told: Callable[[Town], Any]
    none: Callable[[Any, Town], Any]
    absence: str


@dataclass(frozen=True)
class Change:
    """An effect. ``form`` and ``commit`` are regular expressions for the page it is filled in on and the request that
    makes it; ``kind`` and ``about`` are how the town counts it."""

    name: str
    form: str
    commit: str
    kind: str
    about: Callable[[Town], str]
    make: Callable[[Any, Town], str]


@dataclass(frozen=True)
class SystemUnderTest:
    """``writer`` is None where there is nothing that a robot may change."""

    reader: type[Driver]
    readings: tuple[Reading, ...]
    writer: type[Driver] | None = None
    changes: tuple[Change, ...] = ()

    @property
    def key(self) -> str:
        return self.reader.system


def _case(town: Town) -> CaseNumber:
    return CaseNumber(town.cases("drawings", "normal")[0]["number"])


def _citizen(town: Town) -> PersonalNumber:
    return PersonalNumber(town.cases("drawings", "normal")[0]["citizen"])


def _home(town: Town, errand: str = "drawings", twist: str = "normal") -> PropertyDesignation:
    return PropertyDesignation(town.cases(errand, twist)[0]["property_id"])


def _none_found(error: BusinessException) -> None:
    """A reader may also say "there is none" by asking a person, but only in these words."""
    assert "finns inte" in error.reason


# -- Ärendehantering ------------------------------------------------------------------------------------------------


def _read_missing_case(cases: case_management.Reader, _town: Town) -> None:
    try:
        cases.read(CaseNumber("KC-99120001-5"))
    except BusinessException as error:
        _none_found(error)
    else:
        raise AssertionError("read a case that nobody has registered")


def _registered(town: Town) -> str:
    events = town.act("case_management", "case", case_number=_case(town))["events"]
    return str(next(e["number"] for e in events if e["type"] == "Ärendet registrerades"))


_PDF = Document("plan.pdf", b"%PDF-1.7\n" + b"0" * 20_000 + b"\n%%EOF\n")

CASE_MANAGEMENT = SystemUnderTest(
    case_management.Reader,
    (
        Reading(
            "read",
            r"^/arende/[^/]+$",
            "<h1>Ärende ",
            lambda cases, town: cases.read(_case(town)).property_id,
            lambda town: town.cases("drawings", "normal")[0]["property_id"],
            _read_missing_case,
            "<h1>Ärendet finns inte",
        ),
        Reading(
            "find_event",
            r"^/arende/[^/]+/handelser$",
            "<h1>Händelser i ärende",
            lambda cases, town: cases.find_event(_case(town), "Ärendet registrerades"),
            _registered,
            lambda cases, town: cases.find_event(_case(town), UNKNOWN_MARK),
            "Inga händelser matchar sökningen.",
        ),
    ),
    case_management.Writer,
    (
        Change(
            "add_note",
            r"/anteckning$",
            r"/anteckning$",
            "note_added",
            _case,
            lambda cases, town: cases.add_note(_case(town), "Prov av anteckning.", once=ONCE),
        ),
        Change(
            "send_message",
            r"/meddelande$",
            r"/meddelande$",
            "message_sent",
            _case,
            lambda cases, town: cases.send_message(_case(town), "Prov", "Ett prov.", [_PDF], once=ONCE),
        ),
        Change(
            "hand_over",
            r"/fordela$",
            r"/fordela$",
            "handed_over",
            _case,
            lambda cases, town: cases.hand_over(_case(town), "Ett prov.", "Gör klart.", once=ONCE),
        ),
    ),
)

# -- Ritningsarkivet ------------------------------------------------------------------------------------------------

DRAWING_ARCHIVE = SystemUnderTest(
    drawing_archive.Reader,
    (
        Reading(
            "holdings",
            r"/traffar$",
            "<h1>Träfflista",
            lambda archive, town: sorted(d.number for d in archive.holdings(_home(town)).drawings),
            lambda town: sorted(d["number"] for d in town.ask(f"/properties/{_home(town)}")["drawings"]),
            lambda archive, town: list(archive.holdings(_home(town, twist="none_found")).drawings),
            "Inga ritningar hittades för sökningen.",
        ),
    ),
)

# -- Detaljplanekartan ----------------------------------------------------------------------------------------------


def _street(town: Town) -> str:
    return str(town.ask(f"/properties/{_home(town, 'detail_plan')}")["street"])


DETAIL_PLAN_MAP = SystemUnderTest(
    detail_plan_map.Reader,
    (
        Reading(
            "property",
            r"^/$",
            "<h1>Tallingekartan",
            lambda plans, town: [p.number for p in plans.property(_home(town, "detail_plan")).plans],
            lambda town: town.ask(f"/properties/{_home(town, 'detail_plan')}")["plans"],
            lambda plans, town: plans.property(_home(town, "detail_plan", "outside_plan")).plans,
            "Fastigheten ligger utanför detaljplanelagt område.",
        ),
        Reading(
            "find_address",
            r"^/$",
            "<h1>Tallingekartan",
            lambda plans, town: plans.find_address(_street(town)),
            lambda town: (_home(town, "detail_plan"),),
            lambda plans, _town: plans.find_address("Gatan som inte finns 1"),
            "Inga förslag för",
        ),
    ),
)

# -- Befolkningsregistret -------------------------------------------------------------------------------------------


def _look_up_nobody(register: population_register.Reader, town: Town) -> None:
    try:
        register.person(PersonalNumber("19250103-9800"), _case(town))
    except BusinessException as error:
        _none_found(error)
    else:
        raise AssertionError("found a person who has never been registered")


POPULATION_REGISTER = SystemUnderTest(
    population_register.Reader,
    (
        Reading(
            "person",
            r"^/$",
            "<h1>Personsökning",
            lambda register, town: register.person(_citizen(town), _case(town)).name,
            lambda town: town.ask(f"/people/{_citizen(town)}")["name"],
            _look_up_nobody,
            "Ingen person hittades i Tallinge kommun.",
        ),
    ),
)

# -- Renhållning och slam -------------------------------------------------------------------------------------------

SLUDGE_PRICE, SLUDGE_HOSE_METRES = 1245, 10


def _facility(town: Town, errand: str = "missed_bin") -> FacilityNumber:
    return FacilityNumber(town.cases(errand, "normal")[0]["facility"])


def _find_no_facility(waste: waste_collection.Reader, _town: Town) -> None:
    try:
        waste.facility(FacilityNumber("AN109999-3"))
    except BusinessException as error:
        _none_found(error)
    else:
        raise AssertionError("found a facility that nobody has built")


def _yearly_order(town: Town) -> str:
    orders = town.act("waste_collection", "orders", facility=_facility(town))
    return str(next(o["number"] for o in orders if o["reference"] == "ÅRSVIS"))


def _next_workday() -> date:
    free = holidays.country_holidays("SE", categories=("public", "de_facto"))
    day = date.today() + timedelta(days=1)
    while day.weekday() > 4 or day in free:
        day += timedelta(days=1)
    return day


WASTE_COLLECTION = SystemUnderTest(
    waste_collection.Reader,
    (
        Reading(
            "facility",
            r"^/anlaggningar$",
            "<h1>Anläggningar",
            lambda waste, town: waste.facility(_facility(town)).customer,
            lambda town: town.ask(f"/facilities/{_facility(town)}")["customer"],
            _find_no_facility,
            "Inga anläggningar hittades.",
        ),
        Reading(
            "find_order",
            r"^/bestallningar$",
            "<h1>Beställningar",
            lambda waste, town: waste.find_order(_facility(town), "ÅRSVIS"),
            _yearly_order,
            lambda waste, town: waste.find_order(_facility(town), UNKNOWN_MARK),
            "Inga beställningar hittades.",
        ),
    ),
    waste_collection.Writer,
    (
        Change(
            "order_missed_bin",
            r"/sammanfattning$",
            r"/sammanfattning$",
            "order_placed",
            _facility,
            lambda waste, town: waste.order_missed_bin(
                _facility(town), date.today() - timedelta(days=1), 0, "Ett prov.", once=ONCE
            ),
        ),
        Change(
            "order_sludge",
            r"/sammanfattning$",
            r"/sammanfattning$",
            "order_placed",
            lambda town: _facility(town, "extra_sludge"),
            lambda waste, town: waste.order_sludge(
                _facility(town, "extra_sludge"), _next_workday(), SLUDGE_PRICE, hose_metres=SLUDGE_HOSE_METRES,
                light_lid=True, free_way=True, message="Ett prov.", once=ONCE,
            ),
        ),
    ),
)  # fmt: skip

SYSTEMS = (CASE_MANAGEMENT, DRAWING_ARCHIVE, DETAIL_PLAN_MAP, POPULATION_REGISTER, WASTE_COLLECTION)
