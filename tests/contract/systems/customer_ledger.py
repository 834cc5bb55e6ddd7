"""Kundreskontran."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.fields import Ocr
from robots.systems import customer_ledger
from tests.contract.systems.kinds import Reading, SystemUnderTest


def asked_about(town: Town, twist: str = "normal") -> dict[str, Any]:
    """The OCR number that the first citizen with this twist has, and its invoice by the town."""
    case = town.cases("invoice_question", twist)[0]["number"]
    told: dict[str, Any] = town.act("customer_ledger", "asked_about", case=case)
    return told


def ocr_of(town: Town, twist: str = "normal") -> Ocr:
    return Ocr(asked_about(town, twist)["ocr"])


def _lines_of(town: Town) -> list[dict[str, Any]]:
    """All invoices of the one who asks: more than one portion of the list."""
    found: list[dict[str, Any]] = town.act(
        "customer_ledger", "invoices", person=asked_about(town)["invoice"]["customer"]
    )
    return found


def naive(page: Page, town: Town) -> object:
    page.get_by_text("Fakturor", exact=True).click()
    page.locator("input[name=ocr]").fill(ocr_of(town, "paid"))
    page.get_by_title("Sök").click()
    page.get_by_text("Inga fakturor hittades.").wait_for()
    return "Okänt OCR-nummer"


def naive_right(said: str, town: Town) -> bool:
    return (said == "Okänt OCR-nummer") == (asked_about(town, "paid")["invoice"] is None)


SYSTEM = SystemUnderTest(
    customer_ledger.Reader,
    (
        Reading(
            "invoice",
            r"^/$",
            "<h2>Fakturor",
            lambda ledger, town: ledger.invoice(ocr_of(town)).number,
            lambda town: asked_about(town)["invoice"]["number"],
            lambda ledger, town: ledger.invoice(ocr_of(town, "unknown_ocr")),
            "Inga fakturor hittades.",
        ),
        Reading(
            "invoices_of",
            r"^/$",
            "<h2>Fakturor",
            lambda ledger, town: sorted(
                line.number for line in ledger.invoices_of(asked_about(town)["invoice"]["customer_number"], closed=True)
            ),
            lambda town: sorted(line["number"] for line in _lines_of(town)),
            lambda ledger, _town: ledger.invoices_of("999999", closed=True),
            "Inga fakturor hittades.",
        ),
    ),
    naive,
    "The search hides what is paid: whoever does not tick the box tells the citizen that the invoice is unknown.",
    naive_right,
)
