"""Ärendehantering Artina."""

from __future__ import annotations

from playwright.sync_api import Page

from robots.cases import case_management
from robots.cli.town import Town
from tests.contract.systems.case_systems import changes, readings
from tests.contract.systems.kinds import SystemUnderTest, case_of

FORMS = {
    "add_note": r"/anteckning$",
    "send_message": r"/meddelande$",
    "hand_over": r"/fordela$",
    "claim": r"^/arende/[^/]+$",
    "set_status": r"/status$",
}


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
    readings(
        "case_management",
        {
            "read": (r"^/arende/[^/]+$", "<h1>Ärende ", "<h1>Ärendet finns inte"),
            "find_event": (
                r"^/arende/[^/]+/handelser$", "<h1>Händelser i ärende", "Inga händelser matchar sökningen."
            ),
            "find": (r"^/sok$", "<h1>Sök ärenden", "Inga ärenden matchar sökningen."),
            "attachments_of": (
                r"^/arende/[^/]+/bilagor$", "<h1>Bilagor i ärende", "Inga bilagor i ärendet."
            ),
            "inbox": (r"^/inkorg/omsorg/alla$", "<h1>Inkorg Omsorg", "Inga ärenden i den här vyn."),
        },
    ),
    naive,
    "Another form on the page, a slip to remember things by, has a button of the same name, and comes first.",
    naive_right,
    case_management.Writer,
    changes(FORMS, FORMS | {"claim": r"/ta$"}),
)  # fmt: skip
