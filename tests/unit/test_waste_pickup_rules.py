"""The rules of sludge, missed bins and the next pickup as ordinary functions, at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from robots.fields import FacilityNumber, PersonalNumber, PropertyDesignation
from robots.systems.population_register import Person
from robots.systems.waste_collection import Facility, Order
from robots.tables import Tables
from tasks import book_waste_pickup as pickups
from tasks import tell_waste_pickup as telling
from tests.conftest import ROOT
from tests.unit.stops import kind_of

TABLES = Tables(ROOT / "config" / "tables")
SEASON = TABLES.year(pickups.SludgeSeason, 2026)
MONDAY, FACILITY = date(2026, 11, 23), "AN104024-5"
SUNDAY = MONDAY - timedelta(days=1)
CUSTOMER = PersonalNumber("19811118-9802")
PLACE = Facility(
    FacilityNumber(FACILITY), "40024", CUSTOMER, False, PropertyDesignation("EKBACKEN 3:14"), "Ekvägen 1", False, "",
    False, "", SUNDAY, MONDAY, MONDAY, 15,
)  # fmt: skip


def pickup(kind: str, day: date) -> pickups.Pickup:
    return pickups.Pickup.model_validate(
        {"kind": kind, "day": day, "hose_metres": 15, "light_lid": True, "free_way": True}
    )


def order(service: str, due: date, status: str = "Utförd") -> Order:
    return Order("7001234", service, due, status, "Telefon")


@pytest.mark.parametrize(
    ("kind", "day", "kind_of_stop"),
    [
        (pickups.EXTRA_SLUDGE, date(2026, 11, 27), ""),
        (pickups.EXTRA_SLUDGE, date(2026, 11, 30), "Dagen går inte att boka"),
        (pickups.EXTRA_SLUDGE, date(2026, 11, 22), "Dagen går inte att boka"),
        (pickups.URGENT_SLUDGE, MONDAY, ""),
        (pickups.URGENT_SLUDGE, date(2026, 11, 24), ""),
        (pickups.URGENT_SLUDGE, date(2026, 11, 25), "Dagen går inte att boka"),
        (pickups.PLANNED_SLUDGE, date(2027, 2, 14), "För nära i tiden"),
        (pickups.PLANNED_SLUDGE, date(2027, 2, 15), "Planerad slamtömning"),
        (pickups.PLANNED_SLUDGE, date(2027, 5, 30), "Planerad slamtömning"),
        (pickups.PLANNED_SLUDGE, date(2027, 5, 31), "Stängda veckor"),
        (pickups.PLANNED_SLUDGE, date(2027, 8, 29), "Stängda veckor"),
        (pickups.PLANNED_SLUDGE, date(2027, 8, 30), "Planerad slamtömning"),
    ],
)
def test_the_days_on_which_sludge_is_emptied(kind: str, day: date, kind_of_stop: str) -> None:
    assert kind_of(lambda: pickups.stop_if_not_in_season(pickup(kind, day), SEASON, MONDAY)) == kind_of_stop


def stopped_by_orders(kind: str, orders: list[Order]) -> str:
    return kind_of(lambda: pickups.stop_if_sludge_is_ordered_already(orders, FACILITY, pickup(kind, MONDAY), SEASON))


@pytest.mark.parametrize("kind", [pickups.EXTRA_SLUDGE, pickups.URGENT_SLUDGE, pickups.PLANNED_SLUDGE])
@pytest.mark.parametrize("waiting", ["Extra slamtömning", "Akut slamtömning"])
def test_a_tank_waits_for_one_emptying_at_a_time(kind: str, waiting: str) -> None:
    assert stopped_by_orders(kind, [order(waiting, MONDAY, "Planerad")]) == "Redan bokad"
    assert stopped_by_orders(kind, [order(waiting, MONDAY), order("Kärlkontroll", MONDAY, "Planerad")]) == ""


def test_the_fourth_emptying_of_a_year_is_a_person_s_unless_it_is_urgent() -> None:
    this_year = [order("Extra slamtömning", date(2026, month, 2)) for month in (1, 6, 12)]
    last_year = [order("Extra slamtömning", date(2025, 12, 30))]

    assert stopped_by_orders(pickups.EXTRA_SLUDGE, this_year[:2] + last_year) == ""
    assert stopped_by_orders(pickups.EXTRA_SLUDGE, this_year) == "För många slamtömningar"
    assert stopped_by_orders(pickups.URGENT_SLUDGE, this_year) == ""


@pytest.mark.parametrize(
    ("service", "due", "status", "kind_of_stop"),
    [
        ("Hämtning av missat kärl", MONDAY, "Registrerad", "Redan bokad"),
        ("Hämtning av missat kärl", date(2026, 1, 2), "Planerad", "Redan bokad"),
        ("Hämtning av missat kärl", MONDAY, "Utförd", "Redan anmält"),
        ("Hämtning av missat kärl", MONDAY - timedelta(days=1), "Utförd", ""),
        ("Kärlkontroll", MONDAY, "Planerad", ""),
    ],
)
def test_a_missed_bin_is_complained_of_once_a_day(service: str, due: date, status: str, kind_of_stop: str) -> None:
    orders = [order(service, due, status)]

    assert kind_of(lambda: pickups.stop_if_complained_already(orders, FACILITY, MONDAY)) == kind_of_stop


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_season_is_known_of_the_years_around_this_one(year: int) -> None:
    assert TABLES.year(pickups.SludgeSeason, year).source


@pytest.mark.parametrize(
    ("changed", "kind_of_stop"),
    [
        ({}, ""),
        ({"customer": PersonalNumber("19670510-9806")}, "Fel kund"),
        ({"protected": True}, "Skyddade personuppgifter"),
    ],
)
def test_only_the_customer_learns_when_a_lorry_comes(changed: dict[str, Any], kind_of_stop: str) -> None:
    asker = Person(CUSTOMER, "Alva Ek", "Ekvägen 1", None, "", False)

    assert kind_of(lambda: telling.stop_if_not_their_own(replace(PLACE, **changed), asker)) == kind_of_stop


@pytest.mark.parametrize(
    ("changed", "due", "kind_of_stop"),
    [
        ({}, MONDAY, ""),
        ({"next_ordinary_emptying": None}, MONDAY, ""),
        ({"next_pickup": SUNDAY}, MONDAY, "Hämtningen är försenad"),
        ({"next_ordinary_emptying": SUNDAY}, MONDAY, "Hämtningen är försenad"),
        ({}, SUNDAY, "Hämtningen är försenad"),
    ],
)
def test_today_is_told_and_yesterday_is_not(changed: dict[str, Any], due: date, kind_of_stop: str) -> None:
    place, ordered = replace(PLACE, **changed), [order("Hämtning av missat kärl", due, "Planerad")]

    assert kind_of(lambda: telling.stop_if_a_day_has_passed(place, ordered, MONDAY)) == kind_of_stop


@pytest.mark.parametrize(
    ("service", "kind_of_stop"),
    [
        ("Hämtning av missat kärl", ""),
        ("Extra slamtömning", "Slamtömning är beställd"),
        ("Akut slamtömning", "Slamtömning är beställd"),
    ],
)
def test_sludge_that_is_ordered_may_take_the_place_of_the_ordinary(service: str, kind_of_stop: str) -> None:
    ordered = [order(service, MONDAY, "Planerad")]

    assert kind_of(lambda: telling.stop_if_sludge_is_ordered(ordered, FACILITY)) == kind_of_stop
