"""A missed bin is fetched and an extra sludge emptying ordered, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import WrongInput
from robots.practice.dates import urgent_days
from robots.workdays import workdays_after
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made, cut_short_at_the_note

pytestmark = pytest.mark.browser
Book = Callable[..., Finished]


def workday(step: int) -> date:
    """The first workday after today (``step`` 1) or the last one before it (-1)."""
    return workdays_after(date.today(), step)


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

    order, note = assert_made(town, done, "order_placed", "note_added")
    assert (order["about"], note["about"]) == (case["facility"], case["number"])
    assert order["order"] in note["text"]
    assert town.mail() == []


@pytest.mark.parametrize(
    ("errand", "twist", "kind"),
    [
        pytest.param("missed_bin", "household_deviation", "Avvikelse vid hämtningen", marks=pytest.mark.long),
        ("missed_bin", "already_booked", "Redan bokad"),
        ("missed_bin", "blocked", "Spärrad kund"),
        pytest.param("missed_bin", "wrong_customer", "Fel kund", marks=pytest.mark.long),
        pytest.param("extra_sludge", "already_booked", "Redan bokad", marks=pytest.mark.long),
        pytest.param("extra_sludge", "blocked", "Spärrad kund", marks=pytest.mark.long),
        pytest.param("extra_sludge", "wrong_customer", "Fel kund", marks=pytest.mark.long),
        ("extra_sludge", "dispens", "Dispens"),
        pytest.param("extra_sludge", "island", "Ö utan fast förbindelse", marks=pytest.mark.long),
        ("extra_sludge", "protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, book: Book, errand: str, twist: str, kind: str) -> None:
    case = town.cases(errand, twist)[0]

    assert_handed_over(town, case, book(case), kind)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["Extra slamtömning", "Akut slamtömning", "Planerad slamtömning"])
def test_sludge_is_not_fetched_where_no_tank_is(town: Town, book: Book, kind: str) -> None:
    case = town.cases("missed_bin", "normal")[0]
    asked = {"kind": kind, "day": workday(1).isoformat(), "price": 1245, "hose_metres": 15, "light_lid": True}

    done = book(case, **asked, free_way=True)

    assert_handed_over(town, case, done, "Ingen slamtank")
    stopped = [title.split(" {")[0] for sort, title in done.events if sort == "step_stopped"]
    assert stopped == ["Kontrollera anläggningen"], "by the task's own rule, long before the wizard has one"


def test_a_price_that_was_not_read_out_stops_the_booking(town: Town, book: Book) -> None:
    case = town.cases("extra_sludge", "normal")[1]

    assert_handed_over(town, case, book(case, price=900), "Priset stämmer inte")


def test_sludge_without_answers_is_refused_before_anything_starts(town: Town, book: Book) -> None:
    case = town.cases("extra_sludge", "normal")[2]

    with pytest.raises(WrongInput, match="slanglängd"):
        book(case, light_lid=False)

    assert town.truth() == []


@pytest.mark.long
def test_an_urgent_emptying_is_ordered_as_one(town: Town, book: Book) -> None:
    case = town.cases("extra_sludge", "normal")[0]
    first = urgent_days(date.today())[0].isoformat()

    done = book(case, kind="Akut slamtömning", day=first, price=2490, keep_ordinary=False)

    order, note = assert_made(town, done, "order_placed", "note_added")
    assert order["service"] == "Akut slamtömning"
    assert "Akut slamtömning beställd" in note["text"]
    assert "Ordinarie tömning utgår" in note["text"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "days", "handed_over_as"),
    [
        ("Planerad slamtömning", 12 * 7 - 1, "För nära i tiden"),
        ("Extra slamtömning", 30, "Dagen går inte att boka"),
        ("Akut slamtömning", 14, "Dagen går inte att boka"),
    ],
)
def test_a_day_that_a_robot_does_not_book(town: Town, book: Book, kind: str, days: int, handed_over_as: str) -> None:
    case = town.cases("extra_sludge", "normal")[0]
    day = date.today() + timedelta(days=days)
    if kind == "Planerad slamtömning" and 22 <= day.isocalendar().week <= 34:
        handed_over_as = "Stängda veckor"

    assert_handed_over(town, case, book(case, kind=kind, day=day.isoformat()), handed_over_as)


@pytest.mark.long
def test_what_has_been_emptied_three_times_a_year_goes_to_a_person(town: Town, book: Book) -> None:
    case, day = town.cases("extra_sludge", "normal")[0], workday(1).isoformat()
    for metres in (10, 11, 12):  # another answer makes it another request
        book(case, hose_metres=metres, day=day)
        town.act("waste_collection", "carry_out", order=town.truth("waste_collection")[-1]["facts"]["order"])
        town.act("case_management", "put", case_number=case["number"], status="Pågående")
    before = town.truth()
    assert [change["kind"] for change in before] == ["order_placed", "note_added", "status_set"] * 3

    done = book(case, hose_metres=13, day=day)

    assert (done.outcome, done.run.kind) == ("handed_over", "För många slamtömningar")
    assert [change["kind"] for change in town.truth()[len(before) :]] == ["handed_over"]


@pytest.mark.long
def test_one_complaint_for_a_facility_and_day(town: Town, book: Book) -> None:
    case = town.cases("missed_bin", "normal")[0]
    book(case)
    (order,) = town.truth("waste_collection")
    town.act("waste_collection", "carry_out", order=order["facts"]["order"])
    town.act("case_management", "put", case_number=case["number"], status="Pågående")

    done = book(case, hose_metres=1)

    assert (done.outcome, done.run.kind) == ("handed_over", "Redan anmält")
    assert [change["kind"] for change in town.truth()] == ["order_placed", "note_added", "status_set", "handed_over"]


@pytest.mark.long
@pytest.mark.parametrize("errand", ["missed_bin", "extra_sludge"])
def test_its_own_order_of_an_attempt_cut_short_is_not_taken_for_another_s(town: Town, book: Book, errand: str) -> None:
    case = town.cases(errand, "normal")[0]
    cut_short_at_the_note(town)
    book(case, most=1)
    assert [change["kind"] for change in town.truth()] == ["order_placed"]

    assert_made(town, book(case), "order_placed", "note_added")
