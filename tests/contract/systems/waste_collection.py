"""Renhållning och slam."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import FacilityNumber
from robots.systems import waste_collection
from robots.workdays import workdays_after
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

SLUDGE_PRICE, SLUDGE_HOSE_METRES = 1245, 10


def _facility(town: Town, errand: str = "missed_bin") -> FacilityNumber:
    return FacilityNumber(town.cases(errand, "normal")[0]["facility"])


def _find_no_facility(waste: waste_collection.Reader, _town: Town) -> None:
    try:
        waste.facility(FacilityNumber("AN109999-3"))
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a facility that nobody has built")


def _yearly_order(town: Town) -> str:
    orders = town.act("waste_collection", "orders", facility=_facility(town))
    return str(next(o["number"] for o in orders if o["reference"] == "ÅRSVIS"))


def _next_workday() -> date:
    return workdays_after(date.today(), 1)


def naive(page: Page, town: Town) -> object:
    page.get_by_role("link", name="Anläggningar").click()
    page.locator("input[name=anlnr]").fill(_facility(town))
    page.get_by_role("button", name="Sök").click()
    return page.get_by_role("row").filter(has_text=_facility(town)).locator("td").nth(4).inner_text()


SYSTEM = SystemUnderTest(
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
    naive,
    "Every list lies in a frame, and every card in a frame within that: the outermost page has none of the fields.",
    None,
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
