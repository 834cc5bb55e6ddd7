"""Vigselbokningen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.fields import PersonalNumber
from robots.systems import civil_weddings
from robots.systems.civil_weddings import Slot
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest

KEY = "civil_weddings"
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()


def application_of(town: Town, twist: str = "normal") -> dict[str, Any]:
    """The application of the first couple with this twist, by the town."""
    case = town.cases("wedding_booking", twist)[0]["number"]
    told: dict[str, Any] = town.act(KEY, "application_of", case=case)
    return told


def number_of(town: Town, twist: str = "normal") -> str:
    return str(application_of(town, twist)["number"])


def wish_of(town: Town, twist: str = "normal") -> Slot:
    wish = application_of(town, twist)["wish"]
    return Slot(date.fromisoformat(wish["day"]), wish["time"], wish["place"])


def held(town: Town, twist: str = "normal") -> Slot:
    """The time that the couple wishes for, which a colleague has reserved if nobody had."""
    town.act(KEY, "hold", number=number_of(town, twist))
    return wish_of(town, twist)


def _arrived(town: Town) -> str:
    happenings = town.act(KEY, "happenings", number=number_of(town))
    return str(next(h["number"] for h in happenings if h["reference"] == "E-TJÄNST"))


def _day_before_any_wedding(town: Town) -> date:
    """Nobody is married on a Monday."""
    day = wish_of(town).day
    return day - timedelta(days=day.weekday())


def naive(page: Page, town: Town) -> object:
    wish, today = wish_of(town), date.today()
    page.get_by_role("link", name="Kalender", exact=True).click()
    page.locator("select").select_option(wish.place)
    for month in range(today.year * 12 + today.month, wish.day.year * 12 + wish.day.month):
        page.get_by_title("Nästa").click()
        page.get_by_text(f"{MONTHS[month % 12]} {month // 12} · {wish.place}").wait_for()
    page.locator(f".dag:not(.utom)[data-visa='{wish.day}']").click()
    cell = page.locator(f"[data-dag='{wish.day}'][data-tid='{wish.time}']")
    page.locator(".kort").filter(has_text=number_of(town)).drag_to(cell)
    return cell.filter(has_text=number_of(town)).is_visible()


def naive_right(booked: bool, town: Town) -> bool:
    return booked == (town.truth(KEY) != [])


SYSTEM = SystemUnderTest(
    civil_weddings.Reader,
    (
        Reading(
            "applications_of",
            r"^/arenden$",
            "<h1>Vigselärenden",
            lambda weddings, town: weddings.applications_of(PersonalNumber(application_of(town)["couple"][1])),
            lambda town: (number_of(town),),
            lambda weddings, _town: weddings.applications_of(PersonalNumber("19250103-9800")),
            "Inga vigselärenden hittades.",
        ),
        Reading(
            "free_times",
            r"^/kalender$",
            "<h1>Kalender",
            lambda weddings, town: list(weddings.free_times(wish_of(town).place, wish_of(town).day)),
            lambda town: town.act(KEY, "free", place=wish_of(town).place, day=str(wish_of(town).day)),
            lambda weddings, town: weddings.free_times(wish_of(town).place, _day_before_any_wedding(town)),
            "Stängt",
        ),
        Reading(
            "find_happening",
            r"^/handelser$",
            "<h1>Händelser",
            lambda weddings, town: weddings.find_happening(number_of(town), "E-TJÄNST"),
            _arrived,
            lambda weddings, town: weddings.find_happening(number_of(town), UNKNOWN_MARK),
            "Inga händelser hittades.",
        ),
    ),
    naive,
    "A card that is dropped on a time stands there at once: whoever does not answer the box has reserved nothing.",
    naive_right,
    civil_weddings.Writer,
    (
        Change(
            "add_note",
            r"/anteckning$",
            r"/anteckning$",
            "note_added",
            number_of,
            lambda weddings, town: weddings.add_note(number_of(town), "Ett prov.", once=ONCE),
        ),
        Change(
            "reserve",
            r"^/kalender$",
            r"^/reservation$",
            "slot_reserved",
            number_of,
            lambda weddings, town: weddings.reserve(number_of(town), wish_of(town), once=ONCE),
        ),
        Change(
            "confirm",
            r"/bekrafta$",
            r"/bekrafta$",
            "wedding_booked",
            number_of,
            lambda weddings, town: weddings.confirm(
                number_of(town), held(town), ("Vera Tall", "Ivar Strand"), 0, once=ONCE
            ),
        ),
    ),
)
