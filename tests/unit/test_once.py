"""An effect happens once, whatever dies on the way: the judge is the list that the system itself keeps."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from robots.effects import State
from robots.errors import (
    EffectDuplicate,
    EffectRefused,
    EffectUncertain,
    EffectUnverified,
)
from robots.store import Store
from robots.store.schema import run_events
from robots.systems.once import DRY_RUN_RECEIPT
from tests.unit.bookings import Bookings, ledger_says
from tests.unit.pages import Answer, Asked, Lost

pytestmark = pytest.mark.browser

# -- the plain road -----------------------------------------------------------------------------------------------


def test_what_is_seen_in_a_new_search_is_confirmed(next_writer: Any, store: Store, booking_system: Bookings) -> None:
    assert next_writer().book("en tunna", once="bokning") == "B-1"
    assert ledger_says(store) == (State.CONFIRMED, 1)
    assert len(booking_system.booked) == 1
    assert booking_system.booked[0].startswith("R-")


def test_what_is_confirmed_is_not_done_again(next_writer: Any, booking_system: Bookings) -> None:
    next_writer().book("en tunna", once="bokning")
    asked = booking_system.asked
    assert next_writer().book("en tunna", once="bokning") == "B-1"
    assert (booking_system.asked, len(booking_system.booked)) == (asked, 1)
    assert next_writer().book("en tunna", once="en bokning till") == "B-2"  # control: another effect is another booking


def test_what_is_there_already_is_found_and_not_made(next_writer: Any, store: Store, booking_system: Bookings) -> None:
    driver = next_writer()
    booking_system.booked.append(driver.bench.ledger.intend("prov", "book", "bokning").mark)
    assert driver.book("en tunna", once="bokning") == "B-1"
    assert (ledger_says(store), booking_system.asked) == ((State.CONFIRMED, 0), 0)


def test_a_dry_run_stops_in_front_of_the_commit(next_writer: Any, store: Store, booking_system: Bookings) -> None:
    driver = next_writer(dry_run=True)
    assert driver.book("en tunna", once="bokning") == DRY_RUN_RECEIPT
    assert (booking_system.asked, ledger_says(store)) == (0, (State.INTENDED, 0))
    assert driver.page.get_by_label("Text").input_value() == "en tunna"  # the filled form is what is shown
    assert next_writer().book("en tunna", once="bokning") == "B-1"  # and the real run is not hindered


def test_what_a_dry_run_would_make_in_something_unsaved_is_told_without_a_form(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    driver = next_writer(dry_run=True)
    receipt = driver.book("en tunna", once="bokning")
    pages = driver.page.url

    assert driver.book(receipt, once="tillägg") == DRY_RUN_RECEIPT

    assert driver.page.url == pages, "nothing was opened: there is nothing to look for it in"
    driver.bench.recorder.flush()
    with store.begin() as connection:
        told = connection.execute(select(run_events.c.title).where(run_events.c.kind == "dry_run")).scalars().all()
    assert told == ["Skulle ha gjort: bokning", "Skulle ha gjort: tillägg"]
    assert next_writer().book(receipt, once="tillägg") == "B-1"  # control: in a real run it is a word like any other


def test_a_system_that_says_no_is_believed(next_writer: Any, store: Store, booking_system: Bookings) -> None:
    booking_system.refusal = "Spärrad kund"
    with pytest.raises(EffectRefused, match="sparade inte: Spärrad kund"):
        next_writer().book("en tunna", once="bokning")
    assert (ledger_says(store), booking_system.asked) == ((State.REFUSED, 1), 1)


# -- lost answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["fin", "rst", "partial"])
def test_a_lost_answer_is_looked_for_and_not_repeated(
    next_writer: Any, store: Store, booking_system: Bookings, lost: Lost
) -> None:
    booking_system.lost = lost
    assert next_writer().book("en tunna", once="bokning") == "B-1"
    assert (len(booking_system.booked), booking_system.asked, ledger_says(store)) == (1, 1, (State.CONFIRMED, 1))


def test_what_settled_without_coming_is_made_again_at_most_twice(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    booking_system.commits = False
    with pytest.raises(EffectUncertain, match="har skickats 3 gånger"):
        next_writer().book("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (3, (State.UNKNOWN, 3))
    with pytest.raises(EffectUncertain):
        next_writer().book("en tunna", once="bokning")
    assert booking_system.asked == 3


def test_it_is_not_made_again_before_the_system_has_settled(next_writer: Any, booking_system: Bookings) -> None:
    """The system commits late: what is not there yet may come."""
    booking_system.commits = False
    looks: list[str] = []

    def list_late(asked: Asked) -> Answer:
        looks.append(parse_qs(urlsplit(asked.path).query)["q"][0])
        if len(looks) == 3:  # one look before the click, one just after it, and now
            booking_system.booked.append(looks[0])
        return booking_system._list(asked)

    booking_system.pages["/list"] = list_late
    assert next_writer(settle=20.0).book("en tunna", once="bokning") == "B-1"
    assert (booking_system.asked, len(looks)) == (1, 3)


def test_a_list_that_shows_nothing_to_anybody_proves_nothing(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    driver = next_writer()
    booking_system.lost, booking_system.finds = "fin", False
    with pytest.raises(EffectUnverified, match="visar inte ens det som säkert finns") as told:
        driver.book("en tunna", once="bokning")
    assert (booking_system.asked, told.value.settle) == (1, 0.2)
    assert ledger_says(store)[0] is State.UNKNOWN
    booking_system.finds = True
    assert next_writer().book("en tunna", once="bokning") == "B-1"
    assert booking_system.asked == 1


def test_control_without_a_positive_control_such_a_list_makes_it_book_again(
    next_writer: Any, booking_system: Bookings
) -> None:
    booking_system.finds = False
    with pytest.raises(EffectUncertain):
        next_writer().book_without_control("en tunna", once="bokning")
    assert len(booking_system.booked) == 3


def test_two_hits_go_to_a_person(next_writer: Any, store: Store, booking_system: Bookings) -> None:
    driver = next_writer()
    mark = driver.bench.ledger.intend("prov", "book", "bokning").mark
    booking_system.booked += [mark, mark]
    with pytest.raises(EffectDuplicate, match="finns mer än en gång") as told:
        driver.book("en tunna", once="bokning")
    assert mark in str(told.value)
    assert (ledger_says(store)[0], booking_system.asked) == (State.DUPLICATE, 0)
    with pytest.raises(EffectDuplicate):
        next_writer().book("en tunna", once="bokning")


def test_the_search_that_fails_after_the_click_is_not_an_answer(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    driver = next_writer()

    def close() -> None:
        booking_system.pages["/list"] = Answer("stängt", 503)

    driver.before_commit = close
    with pytest.raises(EffectUnverified, match="svarar 503"):
        driver.book("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (1, (State.UNKNOWN, 1))


# -- what cannot be looked for ------------------------------------------------------------------------------------


def test_what_leaves_no_trace_is_done_when_it_was_answered(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    receipt = next_writer().text_message("hej", once="sms")
    assert receipt == booking_system.booked[0]
    assert ledger_says(store) == (State.CONFIRMED, 1)


@pytest.mark.parametrize("commits", [True, False])
def test_what_leaves_no_trace_is_never_made_a_second_time(
    next_writer: Any, store: Store, booking_system: Bookings, commits: bool
) -> None:
    booking_system.lost, booking_system.commits = "fin", commits
    for _ in range(3):
        with pytest.raises(EffectUncertain):
            next_writer().text_message("hej", once="sms")
    assert (booking_system.asked, ledger_says(store)[1]) == (1, 1)


def test_what_was_done_can_be_read_afterwards(next_writer: Any, store: Store) -> None:
    writer = next_writer()
    writer.book("en tunna", once="bokning")
    writer.bench.recorder.flush()
    with store.begin() as connection:
        rows = connection.execute(select(run_events).order_by(run_events.c.id)).all()
    assert [r.kind for r in rows] == ["login", "commit", "effect_confirmed"]
    assert rows[1].detail["sent"] == [{"path": "/book", "status": 200, "why": ""}]
