"""Konsumentärenden."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import PersonalNumber
from robots.systems import consumer_matters
from robots.systems.consumer_matters import ARN, NewMatter
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, citizen_of, none_found

KEY = "consumer_matters"
TEXT = "Hej!\nDu kan ångra ditt köp.\nSkriv till företaget."


def matter_of(town: Town, twist: str = "distance_sale") -> dict[str, Any]:
    """What the e-service has registered for the town's first case with this twist."""
    case = town.cases("consumer_advice", twist)[0]["number"]
    found: dict[str, Any] = town.act(KEY, "matters", reference=case)[0]
    return found


def number_of(town: Town, twist: str = "distance_sale") -> str:
    return str(matter_of(town, twist)["number"])


def new_matter(citizen: PersonalNumber) -> NewMatter:
    return NewMatter(citizen, "Fyndkajen Handel AB", "559981-4414", date.today() - timedelta(days=5), 1200,
                     "Distansavtal", "Ångerrätt", "Veta vilka rättigheter jag har",
                     "Vill ångra ett köp på nätet.")  # fmt: skip


def _classified(town: Town) -> str:
    """An open matter that somebody has classified and whose amount is worth a dispute."""
    found = town.act(KEY, "matters")
    return str(next(m["number"] for m in found if m["status"] == "Pågående" and m["amount"] > 1000))


def _find_no_matter(matters: consumer_matters.Reader, _town: Town) -> None:
    try:
        matters.matter("KV-1999-9999")
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a matter that nobody has registered")


def _trial_matter(town: Town) -> str:
    return str(town.act(KEY, "matters", reference="PROVÄRENDE")[0]["number"])


def _trial_letter(town: Town) -> str:
    return str(town.act(KEY, "letters", matter=_trial_matter(town))[0]["number"])


def naive(page: Page, town: Town) -> object:
    page.goto(f"{town.address}/konsument/arenden/{number_of(town)}/brev/nytt")
    page.locator("input[name=kanal]").first.check()
    page.locator("input[name=amne]").fill("Ditt köp")
    page.frame_locator("iframe").locator("body > p").first.wait_for()
    page.frame_locator("iframe").locator("body").press_sequentially("Du kan ångra ditt köp.")
    page.get_by_role("button", name="Förhandsgranska").click()
    page.get_by_role("button", name="Skicka").click()
    page.wait_for_load_state("networkidle")
    return ["Du kan ångra ditt köp."]


def naive_right(written: list[str], town: Town) -> bool:
    return [c["facts"]["text"] for c in town.truth(KEY, "letter_written")] == written


SYSTEM = SystemUnderTest(
    consumer_matters.Reader,
    (
        Reading(
            "matter",
            r"^/arenden/[^/]+$",
            "<h1>Ärende ",
            lambda matters, town: matters.matter(number_of(town)).company,
            lambda town: matter_of(town)["company"],
            _find_no_matter,
            "<h1>Ärendet finns inte",
        ),
        Reading(
            "find_matter",
            r"^/$",
            "<h1>Ärenden",
            lambda matters, town: matters.find_matter("PROVÄRENDE"),
            _trial_matter,
            lambda matters, town: matters.find_matter(UNKNOWN_MARK),
            "Inga ärenden matchar filtret.",
        ),
        Reading(
            "find_letter",
            r"^/brev$",
            "<h1>Brev",
            lambda matters, town: matters.find_letter("PROVUTSKICK"),
            _trial_letter,
            lambda matters, town: matters.find_letter(UNKNOWN_MARK),
            "Inga brev matchar filtret.",
        ),
    ),
    naive,
    "The letter editor opens with the last letter in it, mark-up and all: what is typed is added to somebody else's.",
    naive_right,
    consumer_matters.Writer,
    (
        Change(
            "send_letter",
            r"/brev/nytt$",
            r"/skicka$",
            "letter_written",
            number_of,
            lambda matters, town: matters.send_letter(number_of(town), "Ditt köp", TEXT, once=ONCE),
        ),
        Change(
            "register",
            r"/arenden/nytt$",
            r"/arenden/nytt$",
            "matter_registered",
            citizen_of,
            lambda matters, town: matters.register(new_matter(citizen_of(town)), once=ONCE),
        ),
        Change(
            "classify",
            r"/klassificera$",
            r"/klassificera$",
            "classified",
            number_of,
            lambda matters, town: matters.classify(
                number_of(town), "Distansavtal", "Ångerrätt", "Köpt på nätet", once=ONCE
            ),
        ),
        Change(
            "refer",
            r"/hanvisa$",
            r"/hanvisa$",
            "referred",
            _classified,
            lambda matters, town: matters.refer(_classified(town), ARN, "ARN prövar tvisten utan avgift.", once=ONCE),
        ),
    ),
)
