"""Ekonomiskt bistånd."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import PersonalNumber
from robots.systems import income_support
from robots.systems.income_support import Proposal
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

KEY = "income_support"


def citizen(town: Town, errand: str = "support_reapplication", twist: str = "normal") -> PersonalNumber:
    return PersonalNumber(town.cases(errand, twist)[0]["citizen"])


def record(town: Town, errand: str = "support_reapplication", twist: str = "normal") -> dict[str, Any]:
    """The household's file, as the town has it."""
    told: dict[str, Any] = town.act(KEY, "file", citizen=citizen(town, errand, twist))
    return told


def month_of(town: Town) -> str:
    return str(town.ask("/town")["today"])[:7]


def proposal(town: Town, told: dict[str, Any]) -> Proposal:
    """What the month comes to when all is as it was applied for, reckoned by the town's own rule."""
    asked = told["applications"][-1]
    incomes = {row: (both[0], both[1]) for row, both in asked["incomes"].items()}
    result = town.act(KEY, "reckon", citizen=told["adults"][0], costs=asked["costs"], incomes=asked["incomes"])
    return Proposal(asked["costs"], incomes, result, "Allt är som förra månaden.")


def _find_no_file(support: income_support.Reader, _town: Town) -> None:
    try:
        support.file_of(PersonalNumber("19250103-9800"))
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a file that nobody has opened")


def _investigation(town: Town) -> str:
    return str(next(d["number"] for d in record(town)["documents"] if d["reference"] == "GRUND"))


def _draft_message(support: income_support.Writer, town: Town) -> str:
    file = support.file_of(citizen(town, "support_notice", "normal_granted"))
    return support.draft_message(file, month_of(town), "Beslut", "Vi har beslutat om din ansökan.", once=ONCE)


def _propose(support: income_support.Writer, town: Town) -> str:
    told = record(town)
    return support.propose(support.file_of(citizen(town)), month_of(town), proposal(town, told), once=ONCE)


def naive(page: Page, town: Town) -> object:
    number = record(town)["number"]
    page.goto(f"{town.address}/bistand/akt/{number}")
    page.keyboard.press("F6")
    page.get_by_text("Ändringsläge").wait_for()
    page.goto(f"{town.address}/bistand/akt/{number}/berakning/ny")
    for words, amount in (("Boendekostnad", 7000), ("Hushållsel", 400)):
        page.get_by_role("row").filter(has_text=words).locator("td").last.click()
        page.keyboard.type(str(amount))
        page.keyboard.press("Enter")
    page.keyboard.press("F8")
    page.get_by_role("row").filter(has_text="Bistånd").wait_for()
    return int(page.get_by_role("row").filter(has_text="Bistånd").locator("td").last.inner_text().replace(" ", ""))


def naive_right(reckoned: int, town: Town) -> bool:
    costs = {"Boendekostnad": 7000, "Hushållsel": 400}
    return bool(reckoned == town.act(KEY, "reckon", citizen=citizen(town), costs=costs, incomes={}))


SYSTEM = SystemUnderTest(
    income_support.Reader,
    (
        Reading(
            "file_of",
            r"^/akter$",
            "<h1>Akter",
            lambda support, town: support.file_of(citizen(town)).number,
            lambda town: record(town)["number"],
            _find_no_file,
            "Inga akter hittades.",
        ),
        Reading(
            "application",
            r"/ansokan$",
            "<h1>Ansökan ",
            lambda support, town: support.application(support.file_of(citizen(town)), month_of(town)).number,
            lambda town: record(town)["applications"][-1]["number"],
            lambda support, town: support.application(support.file_of(citizen(town)), "2020-01"),
            "Det finns ingen ansökan för månaden.",
        ),
        Reading(
            "find_document",
            r"^/handlingar$",
            "<h1>Handlingar",
            lambda support, town: support.find_document(support.file_of(citizen(town)), "GRUND"),
            _investigation,
            lambda support, town: support.find_document(support.file_of(citizen(town)), UNKNOWN_MARK),
            "Inga handlingar hittades.",
        ),
    ),
    naive,
    "A cell takes nothing before F2 has opened it: what is typed goes nowhere, and F8 reckons without it.",
    naive_right,
    income_support.Writer,
    (
        Change(
            "draft_message",
            r"/meddelande$",
            r"/meddelande$",
            "message_drafted",
            lambda town: str(record(town, "support_notice", "normal_granted")["number"]),
            _draft_message,
        ),
        Change(
            "propose",
            r"/granska$",
            r"/granska$",
            "proposal_made",
            lambda town: str(record(town)["number"]),
            _propose,
        ),
    ),
)
