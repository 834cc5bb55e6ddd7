"""Felanmälan."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.systems import fault_reports
from robots.systems.fault_reports import Category, Place
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest

KEY, ERRAND = "fault_reports", "fault_report"
GRAFFITI = Category("Klotter och skräp", "Klotter")


def _home(town: Town, twist: str = "normal") -> Any:
    return town.ask(f"/properties/{town.cases(ERRAND, twist)[0]['property_id']}")


def _place(town: Town, twist: str = "normal") -> Place:
    found = town.act(KEY, "place", property_id=_home(town, twist)["designation"])
    return Place(found["n"], found["e"])


def _near(town: Town) -> list[str]:
    place = _place(town, "duplicate")
    return [str(number) for number in town.act(KEY, "near", n=place.north, e=place.east)]


def _number(town: Town) -> str:
    return _near(town)[0]


def _sent(town: Town) -> tuple[str, str]:
    """The one report that has come by letter, and its reference."""
    return next((str(r["nr"]), str(r["referens"])) for r in town.act(KEY, "reports") if r["referens"] != "E-tjänst")


def _report(town: Town, number: str) -> Any:
    return next(r for r in town.act(KEY, "reports") if r["nr"] == number)


def naive(page: Page, town: Town) -> object:
    page.get_by_role("link", name="Karta", exact=True).click()
    page.get_by_role("combobox").fill(_home(town, "other_road_owner")["street"])
    page.keyboard.press("Enter")
    page.locator("canvas").click()
    return page.locator("dt:has-text('Väghållare') + dd").inner_text()


def naive_right(owner: str, town: Town) -> bool:
    return bool(owner == _home(town, "other_road_owner")["road_owner"])


SYSTEM = SystemUnderTest(
    fault_reports.Reader,
    (
        Reading(
            "nearby",
            r"^/karta$",
            "<h1>Karta",
            lambda reader, town: [near.number for near in reader.nearby(_place(town, "duplicate"))],
            _near,
            lambda reader, town: reader.nearby(_place(town)),
            "Inga anmälningar inom 50 m de senaste 14 dagarna.",
        ),
        Reading(
            "find_report",
            r"^/anmalningar$",
            "<h1>Anmälningar",
            lambda reader, town: reader.find_report(_sent(town)[1]),
            lambda town: _sent(town)[0],
            lambda reader, _town: reader.find_report(UNKNOWN_MARK),
            "Inga anmälningar matchar filtret.",
        ),
        Reading(
            "find_note",
            r"^/anmalningar/FA-",
            "<h1>Anmälan",
            lambda reader, town: reader.find_note(_number(town), "Mottagen"),
            lambda town: f"{_number(town)} {_report(town, _number(town))['datum']}",
            lambda reader, town: reader.find_note(_number(town), UNKNOWN_MARK),
            "Inga anteckningar hittades.",
        ),
    ),
    naive,
    "The search answers late and the map flies late: whoever clicks before it has come points at another place.",
    naive_right,
    fault_reports.Writer,
    (
        Change(
            "add_note",
            r"^/anmalningar/FA-",
            r"/anteckningar$",
            "note_added",
            _number,
            lambda writer, town: writer.add_note(_number(town), "En till har sett det.", once=ONCE),
        ),
        Change(
            "report_fault",
            r"^/karta$",
            r"^/api/anmalningar$",
            "fault_reported",
            lambda _town: GRAFFITI.leaf,
            lambda writer, town: writer.report_fault(_place(town), GRAFFITI, "Klotter på elskåpet.", once=ONCE),
        ),
    ),
)
