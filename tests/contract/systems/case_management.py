"""Ärendehantering Artina."""

from __future__ import annotations

from playwright.sync_api import Page

from robots.cases import case_management
from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import CaseNumber
from robots.systems.documents import Document
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, case_of, none_found


def _read_missing_case(cases: case_management.Reader, _town: Town) -> None:
    try:
        cases.read(CaseNumber("KC-99120001-5"))
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("read a case that nobody has registered")


def _registered(town: Town) -> str:
    events = town.act("case_management", "case", case_number=case_of(town))["events"]
    return str(next(e["number"] for e in events if e["type"] == "Ärendet registrerades"))


_PDF = Document("plan.pdf", b"%PDF-1.7\n" + b"0" * 20_000 + b"\n%%EOF\n")


def naive(page: Page, town: Town) -> object:
    page.goto(f"{town.address}/arenden/arende/{case_of(town)}/anteckning")
    page.get_by_label("Journalanteckning").check()
    page.get_by_role("textbox", name="Text").first.fill("Prov av anteckning.")
    page.get_by_role("button", name="Spara").first.click()
    page.wait_for_load_state("networkidle")
    return [case_of(town)]


def naive_right(noted: list[str], town: Town) -> bool:
    return [c["about"] for c in town.truth("case_management", "note_added")] == noted


SYSTEM = SystemUnderTest(
    case_management.Reader,
    (
        Reading(
            "read",
            r"^/arende/[^/]+$",
            "<h1>Ärende ",
            lambda cases, town: cases.read(case_of(town)).property_id,
            lambda town: town.cases("drawings", "normal")[0]["property_id"],
            _read_missing_case,
            "<h1>Ärendet finns inte",
        ),
        Reading(
            "find_event",
            r"^/arende/[^/]+/handelser$",
            "<h1>Händelser i ärende",
            lambda cases, town: cases.find_event(case_of(town), "Ärendet registrerades"),
            _registered,
            lambda cases, town: cases.find_event(case_of(town), UNKNOWN_MARK),
            "Inga händelser matchar sökningen.",
        ),
    ),
    naive,
    "Another form on the page, a slip to remember things by, has a button of the same name, and comes first.",
    naive_right,
    case_management.Writer,
    (
        Change(
            "add_note",
            r"/anteckning$",
            r"/anteckning$",
            "note_added",
            case_of,
            lambda cases, town: cases.add_note(case_of(town), "Prov av anteckning.", once=ONCE),
        ),
        Change(
            "send_message",
            r"/meddelande$",
            r"/meddelande$",
            "message_sent",
            case_of,
            lambda cases, town: cases.send_message(case_of(town), "Prov", "Ett prov.", [_PDF], once=ONCE),
        ),
        Change(
            "hand_over",
            r"/fordela$",
            r"/fordela$",
            "handed_over",
            case_of,
            lambda cases, town: cases.hand_over(case_of(town), "Ett prov.", "Gör klart.", once=ONCE),
        ),
    ),
)
