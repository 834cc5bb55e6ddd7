"""A case system that is down, or a colleague in the case, delays what is told of the deed and never repeats it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.console import state_text
from robots.cli.town import Town
from robots.effects import Effect, Ledger
from robots.queue.engine import RetryLater
from robots.queue.runs import find_run, list_runs
from robots.settings import Settings
from robots.store import Store
from robots.systems import once
from robots.task_files import LoadedTasks
from robots.worker.attempt import attempt_run
from robots.worker.left_for_later import FINISH_IN_CASE
from robots.worker.warm_browser import WarmBrowser
from tests.conftest import Finished
from tests.in_this_process import in_this_process
from tests.journey.judge import CLOSED, assert_left_as, changes
from tests.journey.test_book_waste_pickup import workday

pytestmark = pytest.mark.browser
NOTE_FORM, BOTH_FORMS = "/anteckning", "/(anteckning|status)"
Book = Callable[[], Finished]
TryLeft = Callable[[], list[str | None]]


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As ever, or with so many attempts. How long a breaker keeps the runs waiting is another test's matter."""
    told = settings.systems["case_management"].model_copy(update={"failures_to_open": 0})
    monkeypatch.setitem(settings.systems, "case_management", told)
    return settings.model_copy(update={"attempts": getattr(request, "param", settings.attempts)})


@pytest.fixture
def case(town: Town) -> dict[str, Any]:
    return town.cases("missed_bin", "normal")[0]


@pytest.fixture
def book(carry_out: Callable[..., Finished], case: dict[str, Any]) -> Book:
    return lambda: carry_out(
        "book-waste-pickup", case_number=case["number"], facility=case["facility"], kind="Missat kärl",
        day=workday(-1).isoformat(), price=0,
    )  # fmt: skip


@pytest.fixture
def try_left(settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks) -> TryLeft:
    """One attempt at each thing that waits: its outcome, or None when it asks for another."""

    def attempt(run_id: int) -> str | None:
        try:
            return attempt_run(settings, store, tasks, browser, run_id, carry=in_this_process)
        except RetryLater:
            return None
        finally:
            browser.prepare()

    return lambda: [attempt(run.id) for run in list_runs(store, task=FINISH_IN_CASE.name) if not run.finished_at]


def hinder(town: Town, case: dict[str, Any], how: str) -> None:
    if how == "down":
        town.fault("case_management", "down", path=BOTH_FORMS, times=1000)
    else:
        town.act("case_management", "lock", case_number=case["number"], by="Anna Ek")


def free(town: Town, case: dict[str, Any]) -> None:
    town.clear_faults()
    town.act("case_management", "unlock", case_number=case["number"])


@pytest.mark.parametrize("settings", [1], indirect=True)
@pytest.mark.long
@pytest.mark.parametrize("how", ["down", "locked"])
def test_the_run_is_done_and_what_is_left_waits_for_the_case(
    town: Town,
    store: Store,
    case: dict[str, Any],
    book: Book,
    try_left: TryLeft,
    how: str,
) -> None:
    hinder(town, case, how)

    done = book()

    assert done.outcome == "done"
    assert state_text(done.run.state, done.run.waits).plain == "Klar, anteckning och status väntar"
    assert len(changes(town, case, "waste_collection")) == 1
    assert changes(town, case) == []
    assert [try_left() for _ in range(3)] == [[None, None]] * 3  # any other run has one attempt here

    free(town, case)

    assert try_left() == ["done", "done"]
    told = {change["kind"]: change for change in changes(town, case)}
    (order,) = changes(town, case, "waste_collection")
    assert order["facts"]["order"] in told["note_added"]["facts"]["text"]
    assert_left_as(town, [told["status_set"]], CLOSED)
    assert len(town.truth()) == 3
    assert find_run(store, done.run.id).waits is None


@pytest.mark.long
def test_a_note_that_was_sent_and_not_seen_is_looked_for_before_it_is_written_later(
    town: Town,
    case: dict[str, Any],
    book: Book,
    try_left: TryLeft,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def goes_down_before_it_is_seen(performance: once._Performance, effect: Effect) -> str | None:
        if performance.once == "anteckning":
            town.fault("case_management", "down", path="/handelser", times=1000)
        return look_until_settled(performance, effect)

    look_until_settled = once._Performance._look_until_settled
    with monkeypatch.context() as patch:
        patch.setattr(once._Performance, "_look_until_settled", goes_down_before_it_is_seen)

        done = book()

    assert (done.outcome, done.run.waits) == ("done", ["add_note"])
    assert [change["kind"] for change in changes(town, case)] == ["note_added", "status_set"]

    town.clear_faults()

    assert try_left() == ["done"]
    assert len(changes(town, case)) == 2


@pytest.mark.long
@pytest.mark.parametrize("settings", [1], indirect=True)
def test_what_a_person_must_finish_is_told_beside_what_is_done(town: Town, case: dict[str, Any], book: Book) -> None:
    town.fault("case_management", "label_renamed", path="/status$", old="Ny status", new="Annan status", times=1000)

    done = book()

    assert done.outcome == "handed_over"
    assert done.run.reason.startswith("Det som skulle göras är gjort. Kvar är «avslut»: ")
    assert [change["kind"] for change in town.truth()] == ["order_placed", "note_added", "handed_over"]


@pytest.mark.long
def test_control_a_note_that_may_not_wait_ends_with_a_person(
    town: Town, case: dict[str, Any], book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ledger, "has_made_something", lambda *_, **__: False)
    town.fault("case_management", "down", path=NOTE_FORM, times=1000)

    done = book()

    assert done.outcome == "handed_over"
    assert not done.run.reason.startswith("Det som skulle göras är gjort")
    assert len(changes(town, case, "waste_collection")) == 1


@pytest.mark.long
def test_what_somebody_has_closed_meanwhile_is_not_opened_again(
    town: Town, carry_out: Callable[..., Finished], try_left: TryLeft
) -> None:
    case = town.cases("support_reapplication", "normal")[0]
    hinder(town, case, "locked")
    done = carry_out("propose-income-support", case_number=case["number"])
    assert state_text(done.run.state, done.run.waits).plain == "Klar, anteckning, status och fördelning väntar"
    free(town, case)
    town.act("case_management", "put", case_number=case["number"], status=CLOSED)

    assert sorted(map(str, try_left())) == ["done", "handed_over", "handed_over"]
    assert [change["kind"] for change in changes(town, case)] == ["note_added"]
