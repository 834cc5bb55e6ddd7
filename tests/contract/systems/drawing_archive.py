"""Ritningsarkivet."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.systems import drawing_archive
from tests.contract.systems.kinds import Reading, SystemUnderTest, home_of


def _well_drawn(town: Town) -> dict[str, Any]:
    """A property with more drawings than a page of hits has room for."""
    homes = (town.ask(f"/properties/{case['property_id']}") for case in town.cases("drawings", "normal"))
    return next(home for home in homes if len(home["drawings"]) > 5)


def naive(page: Page, town: Town) -> object:
    page.locator("input[name=fastighet]").fill(_well_drawn(town)["designation"])
    page.get_by_role("button", name="Sök").click()
    return page.locator("#lista a[href*='/ritning/']:not([href$='/pdf'])").evaluate_all(
        "links => [...new Set(links.map(a => a.href.split('/').pop()))]"
    )


def naive_right(found: list[str], town: Town) -> bool:
    return sorted(found) == sorted(d["number"] for d in _well_drawn(town)["drawings"])


SYSTEM = SystemUnderTest(
    drawing_archive.Reader,
    (
        Reading(
            "holdings",
            r"/traffar$",
            "<h1>Träfflista",
            lambda archive, town: sorted(d.number for d in archive.holdings(home_of(town)).drawings),
            lambda town: sorted(d["number"] for d in town.ask(f"/properties/{home_of(town)}")["drawings"]),
            lambda archive, town: list(archive.holdings(home_of(town, twist="none_found")).drawings),
            "Inga ritningar hittades för sökningen.",
        ),
    ),
    naive,
    "A list of hits has pages: whoever reads the first one takes five drawings for all there are.",
    naive_right,
)
