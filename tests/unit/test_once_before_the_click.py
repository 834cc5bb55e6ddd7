"""What stops an effect before it is armed: a lost session, another page, another owner, a cancelled run."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from robots.effects import Ledger, State
from robots.errors import (
    ApplicationException,
    NotSeen,
    RunCancelled,
)
from robots.store import Store
from robots.store.schema import runs
from robots.systems.once import effect
from tests.unit.benches import Practice
from tests.unit.bookings import Bookings, ledger_says
from tests.unit.pages import page
from tests.unit.runs import another_process, new_attempt

pytestmark = pytest.mark.browser

# -- sessions, owners, cancelled runs -----------------------------------------------------------------------------


def test_a_session_lost_before_the_click_is_one_more_try(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    driver = next_writer()
    times: list[int] = []

    def lose() -> None:
        times.append(1)
        if len(times) == 1:
            booking_system.log_everybody_out()
            driver.page.goto(driver.page.url)

    driver.before_commit = lose
    assert driver.book("en tunna", once="bokning") == "B-1"
    assert (len(times), len(booking_system.booked), ledger_says(store)) == (2, 1, (State.CONFIRMED, 1))


def test_one_that_is_lost_again_is_given_up_with_nothing_armed(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    driver = next_writer()

    def lose() -> None:
        booking_system.log_everybody_out()
        driver.page.goto(driver.page.url)

    driver.before_commit = lose
    with pytest.raises(ApplicationException, match="loggade ut roboten innan något sparades"):
        driver.book("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (0, (State.INTENDED, 0))


def test_a_page_that_has_changed_before_the_click_is_not_clicked(
    next_writer: Any, store: Store, booking_system: Bookings
) -> None:
    driver = next_writer()
    driver.before_commit = lambda: driver.page.evaluate("document.querySelector('h1').textContent = 'Annan kund'")
    with pytest.raises(ApplicationException, match="visar inte längre «Ny bokning» utan «Annan kund»"):
        driver.book("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (0, (State.INTENDED, 0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("b => b.remove()", "finns inte"), ("b => b.after(b.cloneNode(true))", "2 knappar"),
        ("b => { b.disabled = true; }", "går inte att trycka på"),
    ],
)  # fmt: skip
def test_a_button_that_is_not_the_one_is_not_clicked(
    next_writer: Any, store: Store, booking_system: Bookings, change: str, words: str
) -> None:
    driver = next_writer()
    driver.before_commit = lambda: driver.page.evaluate(f"({change})(document.querySelector('button'))")
    with pytest.raises(ApplicationException, match=words):
        driver.book("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (0, (State.INTENDED, 0))


def test_a_cancelled_run_clicks_nothing(next_writer: Any, store: Store, booking_system: Bookings) -> None:
    driver = next_writer()
    with store.begin() as connection:
        connection.execute(update(runs).values(state="cancelled"))
    with pytest.raises(RunCancelled):
        driver.book("en tunna", once="bokning")
    assert booking_system.asked == 0


def test_what_a_living_process_has_armed_is_left_to_it(
    next_writer: Any, store: Store, booking_system: Bookings, run_id: int
) -> None:
    driver = next_writer()
    with another_process() as owner:
        theirs = Ledger(
            store, run_id=run_id, attempt_id=new_attempt(store, run_id, owner), task="prov", case_number=None,
            subject=str(run_id),
        )  # fmt: skip
        theirs.arm(theirs.intend("prov", "book", "bokning"), "test")
        with pytest.raises(ApplicationException, match="kan fortfarande hålla på"):
            driver.book("en tunna", once="bokning")
    assert (booking_system.asked, ledger_says(store)) == (0, (State.ARMED, 1))
    assert next_writer().book("en tunna", once="bokning") == "B-1"  # it is dead, and nothing is there


def test_a_method_that_commits_nothing_is_a_fault_in_the_driver(next_writer: Any) -> None:
    with pytest.raises(RuntimeError, match="ended without a commit"):
        next_writer().forget_to_commit(once="glömd")
    with pytest.raises(RuntimeError, match="outside a method"):
        next_writer().commit(None)


def test_an_effect_must_have_a_name() -> None:
    with pytest.raises(TypeError, match="must take once="):

        @effect(found_by=None)
        def nameless(self: Practice) -> None:
            """Nothing."""


def test_before_it_is_armed_an_error_is_just_an_error(next_writer: Any, store: Store, booking_system: Bookings) -> None:
    booking_system.pages["/new"] = page("<h1>Ny bokning</h1>")
    with pytest.raises(NotSeen):
        next_writer().book("en tunna", once="bokning")
    assert ledger_says(store) == (State.INTENDED, 0)
