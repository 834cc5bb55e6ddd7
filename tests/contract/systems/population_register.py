"""Befolkningsregistret KIR."""

from __future__ import annotations

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import PersonalNumber
from robots.systems import population_register
from tests.contract.systems.kinds import Reading, SystemUnderTest, case_of, citizen_of, none_found


def _look_up_nobody(register: population_register.Reader, town: Town) -> None:
    try:
        register.person(PersonalNumber("19250103-9800"), case_of(town))
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a person who has never been registered")


def naive(page: Page, town: Town) -> object:
    page.locator("input[name=pnr]").fill(citizen_of(town))
    page.get_by_role("button", name="Sök").first.click()
    return page.get_by_role("heading", name="Personuppgifter").is_visible()


def naive_right(registered: bool, town: Town) -> bool:
    return bool(registered == (town.ask(f"/people/{citizen_of(town)}")["municipality"] == "Tallinge"))


SYSTEM = SystemUnderTest(
    population_register.Reader,
    (
        Reading(
            "person",
            r"^/$",
            "<h1>Personsökning",
            lambda register, town: register.person(citizen_of(town), case_of(town)).name,
            lambda town: town.ask(f"/people/{citizen_of(town)}")["name"],
            _look_up_nobody,
            "Ingen person hittades i Tallinge kommun.",
        ),
    ),
    naive,
    "Nothing is shown without a reason: the search form comes back, and its silence is taken for «not registered».",
    naive_right,
)
