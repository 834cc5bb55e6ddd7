"""The rules of sludge and missed bins as ordinary functions, at their edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from robots.systems.waste_collection import Order
from robots.tables import Tables
from tasks import book_waste_pickup as pickups
from tests.conftest import ROOT
from tests.unit.stops import kind_of

TABLES = Tables(ROOT / "config" / "tables")
SEASON = TABLES.year(pickups.SludgeSeason, 2026)
MONDAY, FACILITY = date(2026, 11, 23), "AN104024-5"


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
