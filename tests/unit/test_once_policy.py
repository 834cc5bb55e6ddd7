"""What is said of one kind of change: by what it is found again, how late it may come, how often it may be sent."""

from __future__ import annotations

from typing import Any

import pytest

from robots.effects import State
from robots.errors import BusinessException, EffectUncertain, EffectUnverified
from robots.settings import EffectSettings
from robots.store import Store
from robots.systems.once import effects_of
from tests.unit.bookings import Bookings, Writer, ledger_says
from tests.unit.pages import Lost

pytestmark = pytest.mark.browser

# -- where the system has no field for the mark ---------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["", "fin", "rst"])
def test_a_change_is_found_by_what_it_is_about(
    next_writer: Any, store: Store, booking_system: Bookings, lost: Lost
) -> None:
    booking_system.lost = lost
    assert next_writer().book_unmarked("en tunna", once="bokning") == "B-1"
    assert next_writer().book_unmarked("en tunna", once="bokning") == "B-1"  # remembered
    assert (booking_system.booked, booking_system.asked) == (["en tunna"], 1)
    assert ledger_says(store) == (State.CONFIRMED, 1)


@pytest.mark.parametrize("before", [1, 2])
def test_what_was_there_before_is_somebody_elses(
    next_writer: Any, store: Store, booking_system: Bookings, before: int
) -> None:
    booking_system.booked += ["en tunna"] * before
    with pytest.raises(BusinessException, match="är redan gjort") as told:
        next_writer().book_unmarked("en tunna", once="bokning")
    assert told.value.kind == "Redan gjort av någon annan"
    assert (booking_system.asked, ledger_says(store)) == (0, (State.INTENDED, 0))


def test_control_without_saying_so_somebody_elses_booking_is_taken_for_ones_own(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    booking_system.booked.append("en tunna")
    assert next_writer().book_unmarked_as_own("en tunna", once="bokning") == "B-1"
    assert (booking_system.asked, ledger_says(store)) == (0, (State.CONFIRMED, 0))


def test_a_list_that_shows_nothing_to_anybody_lets_nothing_out(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    """By a business key it must be known before the click that nobody else has done it."""
    booking_system.booked.append("en tunna")
    booking_system.finds = False
    with pytest.raises(EffectUnverified, match="visar inte ens"):
        next_writer().book_unmarked("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (0, (State.INTENDED, 0))


# -- how often, how late --------------------------------------------------------------------------------------------


def test_what_a_driver_says_must_not_be_sent_anew_is_sent_once(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    booking_system.commits = False
    for _ in range(2):
        with pytest.raises(EffectUncertain, match="har skickats 1 gånger"):
            next_writer().book_one_time("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (1, (State.UNKNOWN, 1))


@pytest.mark.parametrize(("rearms", "sent"), [(0, 1), (1, 2), (9, 3)])
def test_a_municipality_says_how_often_and_three_times_is_the_most(
    next_writer: Any, booking_system: Bookings, rearms: int, sent: int
) -> None:
    booking_system.commits = False
    with pytest.raises(EffectUncertain):
        next_writer(effects={"book": EffectSettings(rearms=rearms)}).book("en tunna", once="bokning")
    assert booking_system.asked == sent


@pytest.mark.parametrize(
    ("name", "settle", "effects", "waits"),
    [
        ("book", 7.0, {}, 7.0),
        ("book_one_time", 7.0, {}, 0.1),
        ("book_one_time", 7.0, {"book_one_time": EffectSettings(settle_seconds=0.0)}, 0.0),
        ("book", 7.0, {"book_one_time": EffectSettings(settle_seconds=0.0)}, 7.0),
    ],
)
def test_how_late_is_the_municipalitys_word_else_the_drivers_else_the_systems(
    next_writer: Any, booking_system: Bookings, name: str, settle: float, effects: Any, waits: float
) -> None:
    """Told by the pause that is asked for when the search fails after the click."""
    writer = next_writer(settle=settle, effects=effects, timeout=3.0)  # what it waits for never comes
    writer.before_commit = lambda: booking_system.pages.pop("/list")
    with pytest.raises(EffectUnverified) as told:
        getattr(writer, name)("en tunna", once="bokning")
    assert told.value.settle == waits


def test_the_changes_of_a_driver_are_known_by_name() -> None:
    assert {"book", "text_message", "book_unmarked"} <= effects_of(Writer).keys()
    assert effects_of(Writer)["book_unmarked"].by_business_key
