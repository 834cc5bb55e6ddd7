"""Detaljplanekartan."""

from __future__ import annotations

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.systems import detail_plan_map
from tests.contract.systems.kinds import Reading, SystemUnderTest, home_of


def _street(town: Town) -> str:
    return str(town.ask(f"/properties/{home_of(town, 'detail_plan')}")["street"])


def naive(page: Page, town: Town) -> object:
    page.get_by_label("Sök fastighet eller adress").fill(home_of(town, "detail_plan"))
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    return page.locator(".plan-number").all_inner_texts()


def naive_right(plans: list[str], town: Town) -> bool:
    return bool(plans == town.ask(f"/properties/{home_of(town, 'detail_plan')}")["plans"])


SYSTEM = SystemUnderTest(
    detail_plan_map.Reader,
    (
        Reading(
            "property",
            r"^/$",
            "<h1>Tallingekartan",
            lambda plans, town: [p.number for p in plans.property(home_of(town, "detail_plan")).plans],
            lambda town: town.ask(f"/properties/{home_of(town, 'detail_plan')}")["plans"],
            lambda plans, town: plans.property(home_of(town, "detail_plan", "outside_plan")).plans,
            "Fastigheten ligger utanför detaljplanelagt område.",
        ),
        Reading(
            "find_address",
            r"^/$",
            "<h1>Tallingekartan",
            lambda plans, town: plans.find_address(_street(town)),
            lambda town: (home_of(town, "detail_plan"),),
            lambda plans, _town: plans.find_address("Gatan som inte finns 1"),
            "Inga förslag för",
        ),
    ),
    naive,
    "A map is one page: the search answers late and with suggestions, and Enter before they are there chooses none.",
    naive_right,
)
