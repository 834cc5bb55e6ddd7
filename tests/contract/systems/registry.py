"""Diariet."""

from __future__ import annotations

from datetime import date
from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.systems import registry
from robots.systems.documents import Document
from robots.systems.registry import NO_SECRECY
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

KEY = "registry"
SOCIAL = "SN Socialnämnden"
PDF = Document("skrivelse.pdf", b"%PDF-1.7\n" + b"0" * 20_000 + b"\n%%EOF\n")


def title_of(town: Town, twist: str = "normal") -> str:
    """What the document that the town's first case with this twist is about is called."""
    return f"Skrivelse om {town.cases('registry_request', twist)[0]['property_id']}"


def document_of(town: Town, twist: str = "normal") -> dict[str, Any]:
    found: dict[str, Any] = town.act(KEY, "documents", title=title_of(town, twist))[0]
    return found


def dnr_of(town: Town, twist: str = "normal") -> str:
    return str(document_of(town, twist)["case"])


def number_of(town: Town, twist: str = "normal") -> str:
    return str(document_of(town, twist)["number"])


def forgotten(town: Town) -> str:
    """What a run of the robot Gunvor has checked out and never given back."""
    found = town.act(KEY, "documents", title="Utkast till policy")
    return str(found[0]["number"])


def _find_no_case(archive: registry.Reader, _town: Town) -> None:
    try:
        archive.case("KS-1999/9999")
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found an ärende that nobody has opened")


def naive(page: Page, town: Town) -> object:
    page.locator("select[name=vad]").select_option("Handlingar")
    page.locator("input[name=text]").fill(title_of(town, "closed_case"))
    page.get_by_role("button", name="Sök").click()
    page.wait_for_load_state("networkidle")
    return page.locator(".hits").get_by_role("cell", name=title_of(town, "closed_case"), exact=True).count()


def naive_right(found: int, town: Town) -> bool:
    return found == len(town.act(KEY, "documents", title=title_of(town, "closed_case")))


SYSTEM = SystemUnderTest(
    registry.Reader,
    (
        Reading(
            "case",
            r"^/$",
            "<h1>Ärende ",
            lambda archive, town: archive.case(dnr_of(town)).documents[0].number,
            number_of,
            _find_no_case,
            "Inga ärenden hittades.",
        ),
        Reading(
            "find_document",
            r"^/$",
            "<h1>Diariet",
            lambda archive, town: archive.find_document("PROVHANDLING"),
            lambda town: town.act(KEY, "documents", mark="PROVHANDLING")[0]["number"],
            lambda archive, town: archive.find_document(UNKNOWN_MARK),
            "Inga handlingar hittades.",
        ),
    ),
    naive,
    "A search hides what lies in closed ärenden unless it is told otherwise: «none found» is not «none there».",
    naive_right,
    registry.Writer,
    (
        Change(
            "open_case",
            r"/nytt-arende$",
            r"/nytt-arende$",
            "case_opened",
            lambda _town: "SN",
            lambda archive, _town: archive.open_case(SOCIAL, "Begäran om handling", once=ONCE),
        ),
        Change(
            "register_document",
            r"/ny-handling$",
            r"/ny-handling$",
            "document_registered",
            dnr_of,
            lambda archive, town: archive.register_document(
                dnr_of(town),
                "Begäran om handling",
                "En medborgare",
                date.today(),
                secrecy=NO_SECRECY,
                file=PDF,
                once=ONCE,
            ),
        ),
        Change(
            "check_out",
            r"/checka-ut$",
            r"/checka-ut$",
            "checked_out",
            number_of,
            lambda archive, town: archive.check_out(number_of(town), "Rättar sidnumren", once=ONCE),
        ),
        Change(
            "check_in",
            r"/checka-in$",
            r"/checka-in$",
            "checked_in",
            forgotten,
            lambda archive, town: archive.check_in(forgotten(town), PDF, "Sidnumren rättade", once=ONCE),
        ),
    ),
)
