"""A missed bin is fetched and an extra sludge emptying ordered, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import holidays
import pytest

from robots.cli.town import Town
from robots.errors import WrongInput
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, changes

pytestmark = pytest.mark.browser
Book = Callable[..., Finished]
FREE_DAYS = holidays.country_holidays("SE", include_sundays=True)


def workday(step: int) -> date:
    """The first workday after today (``step`` 1) or the last one before it (-1)."""
    day = date.today() + timedelta(days=step)
    while day.weekday() >= 5 or day in FREE_DAYS:
        day += timedelta(days=step)
    return day


@pytest.fixture
def book(carry_out: Callable[..., Finished]) -> Book:
    def booking(case: dict[str, Any], **changed: Any) -> Finished:
        missed = case["errand"] == "missed_bin"
        typed: dict[str, Any] = {
            "case_number": case["number"],
            "facility": case["facility"],
            "kind": "Missat kärl" if missed else "Extra slamtömning",
            "day": workday(-1 if missed else 1).isoformat(),
            "price": 0 if missed else 1245,
        }
        if not missed:
            typed |= {"hose_metres": 15, "light_lid": True, "free_way": True}
        return carry_out("book-waste-pickup", **(typed | changed))

    return booking


@pytest.mark.parametrize("errand", ["missed_bin", "extra_sludge"])
def test_books_once_and_notes_it(town: Town, book: Book, errand: str) -> None:
    case = town.cases(errand, "normal")[0]

    done = book(case)

    assert (done.outcome, done.run.reason) == ("done", "")
    (order,) = changes(town, case, "waste_collection")
    (note,) = changes(town, case)
    assert order["kind"] == "order_placed"
    assert order["facts"]["order"] in note["facts"]["text"]
    assert len(town.truth()) == 2
    assert town.mail() == []


@pytest.mark.parametrize(
    ("errand", "twist", "kind"),
    [
        ("missed_bin", "household_deviation", "Avvikelse vid hämtningen"),
        ("missed_bin", "already_booked", "Redan bokad"),
        ("missed_bin", "blocked", "Spärrad kund"),
        ("missed_bin", "wrong_customer", "Fel kund"),
        ("extra_sludge", "already_booked", "Redan bokad"),
        ("extra_sludge", "blocked", "Spärrad kund"),
        ("extra_sludge", "wrong_customer", "Fel kund"),
        ("extra_sludge", "dispens", "Dispens"),
        ("extra_sludge", "island", "Ö utan fast förbindelse"),
        ("extra_sludge", "protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, book: Book, errand: str, twist: str, kind: str) -> None:
    case = town.cases(errand, twist)[0]

    assert_handed_over(town, case, book(case), kind)


def test_a_price_that_was_not_read_out_stops_the_booking(town: Town, book: Book) -> None:
    case = town.cases("extra_sludge", "normal")[1]

    assert_handed_over(town, case, book(case, price=900), "Priset stämmer inte")


def test_sludge_without_answers_is_refused_before_anything_starts(town: Town, book: Book) -> None:
    case = town.cases("extra_sludge", "normal")[2]

    with pytest.raises(WrongInput, match="slanglängd"):
        book(case, light_lid=False)

    assert town.truth() == []
