"""A case system that is down delays the note and never repeats the deed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.console import state_text
from robots.cli.town import Town
from robots.effects import Effect
from robots.queue.engine import RetryLater
from robots.queue.runs import find_run, list_runs
from robots.settings import Settings
from robots.store import Store
from robots.systems import once
from robots.task_files import LoadedTasks
from robots.worker.attempt import attempt_run
from robots.worker.waiting_note import WAITING_NOTE
from robots.worker.warm_browser import WarmBrowser
from tests.conftest import Finished
from tests.journey.judge import changes
from tests.journey.test_book_waste_pickup import workday

pytestmark = pytest.mark.browser
NOTE_FORM = "/anteckning"


@pytest.fixture
def book(carry_out: Callable[..., Finished], town: Town) -> Callable[[], tuple[dict[str, Any], Finished]]:
    def booking() -> tuple[dict[str, Any], Finished]:
        case = town.cases("missed_bin", "normal")[0]
        return case, carry_out(
            "book-waste-pickup", case_number=case["number"], facility=case["facility"], kind="Missat kärl",
            day=workday(-1).isoformat(), price=0,
        )  # fmt: skip

    return booking


@pytest.fixture
def try_note(settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks) -> Callable[[], str | None]:
    """One attempt at the note that waits: its outcome, or None when it asks for another."""

    def attempt() -> str | None:
        (waiting,) = list_runs(store, task=WAITING_NOTE.name)
        try:
            return attempt_run(settings, store, tasks, browser, waiting.id)
        except RetryLater:
            return None
        finally:
            browser.prepare()

    return attempt


def test_the_run_is_done_and_its_note_waits_for_the_case_system(
    town: Town, store: Store, book: Callable[[], tuple[dict[str, Any], Finished]], try_note: Callable[[], str | None]
) -> None:
    town.fault("case_management", "down", path=NOTE_FORM, times=1000)

    case, done = book()

    assert done.outcome == "done"
    assert state_text(done.run.state, done.run.note_waits).plain == "Klar, anteckning väntar"
    assert len(changes(town, case, "waste_collection")) == 1
    assert changes(town, case) == []
    assert [try_note() for _ in range(10)] == [None] * 10  # it outlasts every other run's number of attempts

    town.clear_faults()

    assert try_note() == "done"
    (note,) = changes(town, case)
    (order,) = changes(town, case, "waste_collection")
    assert order["facts"]["order"] in note["facts"]["text"]
    assert len(town.truth()) == 2
    assert find_run(store, done.run.id).note_waits is False


def test_a_note_that_was_sent_and_not_seen_is_looked_for_before_it_is_written_later(
    town: Town,
    book: Callable[[], tuple[dict[str, Any], Finished]],
    try_note: Callable[[], str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def goes_down_before_it_is_seen(performance: once._Performance, effect: Effect) -> str | None:
        if performance.once == "anteckning":
            town.fault("case_management", "down", path="/handelser", times=1000)
        return look_until_settled(performance, effect)

    look_until_settled = once._Performance._look_until_settled
    with monkeypatch.context() as patch:
        patch.setattr(once._Performance, "_look_until_settled", goes_down_before_it_is_seen)

        case, done = book()

    assert (done.outcome, done.run.note_waits) == ("done", True)
    assert len(changes(town, case)) == 1

    town.clear_faults()

    assert try_note() == "done"
    assert len(changes(town, case)) == 1


def test_control_a_note_that_may_not_wait_ends_with_a_person(
    town: Town, book: Callable[[], tuple[dict[str, Any], Finished]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once._Performance, "_may_wait", lambda *_: False)
    town.fault("case_management", "down", path=NOTE_FORM, times=1000)

    case, done = book()

    assert done.outcome == "handed_over"
    assert len(changes(town, case, "waste_collection")) == 1
