"""Bygglov Castell."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import PropertyDesignation
from robots.systems import building_permits
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

KEY = "building_permits"


def _asked(town: Town) -> str:
    return str(town.cases("start_of_construction", "normal")[0]["number"])


def _permit(town: Town) -> dict[str, Any]:
    found: dict[str, Any] = town.act(KEY, "permit", number=_number(town))
    return found


def _number(town: Town) -> str:
    return str(town.act(KEY, "permit_of", case=_asked(town)))


def _home(town: Town) -> PropertyDesignation:
    return PropertyDesignation(_permit(town)["property_id"])


def _find_no_case(permits: building_permits.Reader, town: Town) -> None:
    try:
        permits.case(str(town.act(KEY, "permit_of", case=town.cases("permit_status", "unknown_number")[0]["number"])))
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a case that nobody has registered")


def naive(page: Page, town: Town) -> object:
    frames = {frame.name: frame for frame in page.frames}
    frames["Meny"].get_by_role("link", name="Ärenden").click()
    work = frames["Arbetsyta"]
    work.locator("input[name$=txtDiarienr]").fill(_number(town))
    work.get_by_role("button", name="Sök").click()
    return work.locator("table.grid td").nth(1).inner_text()


SYSTEM = SystemUnderTest(
    building_permits.Reader,
    (
        Reading(
            "case",
            r"^/Arende\.aspx$",
            '<h1 class="bar">Ärende ',
            lambda permits, town: permits.case(_number(town)).property_id,
            lambda town: _permit(town)["property_id"],
            _find_no_case,
            "Inga ärenden hittades.",
        ),
        Reading(
            "find_event",
            r"^/Handelser\.aspx$",
            '<h1 class="bar">Händelser',
            lambda permits, town: permits.find_event(_number(town), "ANKOMST"),
            lambda town: _permit(town)["events"][0]["number"],
            lambda permits, town: permits.find_event(_number(town), UNKNOWN_MARK),
            "Inga händelser hittades.",
        ),
    ),
    naive,
    "The page looks as before while it posts itself back: the list is read with the rows from before the search.",
    lambda shown, town: shown == _number(town),
    building_permits.Writer,
    (
        Change(
            "register_start",
            r"/Granska\.aspx$",
            r"/Granska\.aspx$",
            "event_registered",
            _number,
            lambda permits, town: permits.register_start(
                _number(town), _home(town), date.today() + timedelta(days=7), "Ett prov.", once=ONCE
            ),
        ),
    ),
)
