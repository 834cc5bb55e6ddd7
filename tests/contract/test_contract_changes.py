"""What holds for every change that a driver can make: once, whatever is lost or dies on the way. The judge is the town.

The controls take a guard away and show in the town's own count that the same scenario then makes two.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from robots.cli.town import LOOKER, Town
from robots.errors import EffectDuplicate, PageNotRecognised, RagnhildError
from robots.store import Store
from robots.systems import driver as driver_module
from robots.systems import once
from robots.systems.card import card_of
from robots.systems.once import DRY_RUN_RECEIPT, effects_of
from tests.contract.changes import (
    AnySystem,
    assert_made_once,
    each_change,
    each_change_on_pages,
    make,
    one_change_each_on_pages,
)
from tests.contract.conftest import TIMEOUT_SECONDS, Benches, RunAtWork
from tests.contract.systems import EVERY, ONCE, WASTE_COLLECTION, Change, SystemUnderTest

pytestmark = pytest.mark.browser
each_system = pytest.mark.parametrize("system", EVERY, ids=lambda s: s.key)
# fin and rst drop the connection, partial cuts the answer short, 408 is an answer that browsers take as "send again".
LOST = ("fin", "rst", "partial", "408")
RESENT_BY_THE_BROWSER = ("fin", "rst", "408")


# -- what each level may do -----------------------------------------------------------------------------------------


@each_system
def test_a_reader_has_nothing_that_writes(system: AnySystem) -> None:
    assert effects_of(system.reader) == {}


@each_system
def test_every_change_of_a_writer_is_in_this_suite(system: AnySystem) -> None:
    made = effects_of(system.writer) if system.writer else {}

    assert made.keys() == {change.name for change in system.changes}


@each_change_on_pages
def test_a_user_without_the_right_finds_no_way_to_write(
    system: SystemUnderTest, change: Change, bench_for: Benches, town: Town
) -> None:
    """As if ``config/access.toml`` were wrong: the system itself gives the looker no form to send."""
    assert system.writer is not None
    run = bench_for.new_run(LOOKER)

    with pytest.raises(RagnhildError):
        change.make(run.attempt.systems.driver(system.writer), town)  # past the access check of ``run.driver``

    assert town.truth() == []
    assert set(run.effect_states().values()) == {"INTENDED"}


# -- once -----------------------------------------------------------------------------------------------------------


@each_change
def test_asked_for_again_it_is_made_once(system: AnySystem, change: Change, run: RunAtWork, town: Town) -> None:
    receipts = [make(run, system, change, town), make(run, system, change, town)]
    run.try_again()
    receipts.append(make(run, system, change, town))

    assert len(set(receipts)) == 1
    assert_made_once(town, system, change, run, receipts[0])


@each_change_on_pages
@pytest.mark.usefixtures("pictures")
def test_a_dry_run_changes_nothing_and_shows_the_form(
    system: SystemUnderTest, change: Change, bench_for: Benches, town: Town, store: Store
) -> None:
    assert system.writer is not None
    run = bench_for.new_run(bench_for.robot_for(system.writer), dry_run=True)

    assert make(run, system, change, town) == DRY_RUN_RECEIPT

    assert town.truth() == []
    assert run.effect_states() == {ONCE: "INTENDED"}
    told = [event for event in run.events() if event.title == f"Före: {ONCE}"]
    if card_of(system.reader).secrecy == "sekretess":
        assert ([event.kind for event in told], run.pictures()) == (["no_picture"], [])
        return
    shown = [event.detail["file"] for event in told]
    assert [path.name for path in run.pictures() if path.stat().st_size > 5000] == shown != []


@each_change_on_pages
@pytest.mark.parametrize("how", ["modal", "alert", "confirm"])
def test_stops_at_an_unexpected_box_with_nothing_changed(
    system: SystemUnderTest, change: Change, how: str, run: RunAtWork, town: Town
) -> None:
    town.fault(system.key, "dialog", how=how, path=change.form, method="GET")

    with pytest.raises(PageNotRecognised):
        make(run, system, change, town)

    assert town.truth() == []


# -- lost on the way ------------------------------------------------------------------------------------------------


@each_change
@pytest.mark.parametrize("how", LOST)
def test_an_answer_lost_after_the_change(
    system: AnySystem, change: Change, how: str, run: RunAtWork, town: Town
) -> None:
    town.fault(system.key, "answer_lost", how=how, method=change.method, path=change.commit)

    receipt = make(run, system, change, town)

    assert _hits(town) == [1]
    assert_made_once(town, system, change, run, receipt)


@each_change
@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_request_lost_before_the_change(
    system: AnySystem, change: Change, how: str, run: RunAtWork, town: Town
) -> None:
    town.fault(system.key, "answer_lost", how=how, method=change.method, path=change.commit, before_commit=True)

    receipt = make(run, system, change, town)

    assert _hits(town) == [1]
    assert_made_once(town, system, change, run, receipt)


@each_change_on_pages
def test_a_session_lost_right_before_the_change(
    system: SystemUnderTest, change: Change, run: RunAtWork, town: Town
) -> None:
    town.fault(system.key, "logged_out", method="POST", path=change.commit)

    receipt = make(run, system, change, town)

    assert _hits(town) == [1]
    assert_made_once(town, system, change, run, receipt)


@each_change_on_pages
def test_a_session_lost_in_front_of_the_form(
    system: SystemUnderTest, change: Change, run: RunAtWork, town: Town
) -> None:
    town.fault(system.key, "logged_out", method="GET", path=change.form)

    receipt = make(run, system, change, town)

    assert _hits(town) == [1]
    assert_made_once(town, system, change, run, receipt)


def _make_with_a_late_system(run: RunAtWork, system: SystemUnderTest, change: Change, town: Town) -> str:
    """The system works on with what it was sent, 2.5 s after nobody waits for its answer any more."""
    assert system.writer is not None
    bench = run.driver(system.writer).bench
    bench.settings = bench.settings.model_copy(update={"settle_seconds": 4.0})
    town.fault(system.key, "slow", method=change.method, path=change.commit, seconds=TIMEOUT_SECONDS + 2.5)
    return make(run, system, change, town)


@one_change_each_on_pages
def test_a_change_made_after_patience_has_ended(
    system: SystemUnderTest, change: Change, run: RunAtWork, town: Town
) -> None:
    receipt = _make_with_a_late_system(run, system, change, town)

    assert _hits(town) == [1]
    assert_made_once(town, system, change, run, receipt)


@pytest.mark.parametrize("system", [WASTE_COLLECTION], ids=lambda s: s.key)
def test_control_a_system_that_settles_from_the_click_is_sent_two(
    system: SystemUnderTest, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Renhållning, since the town's other forms are not read to their end when nobody waits any more."""
    monkeypatch.setattr(once._Performance, "_age", lambda self, effect: self.ledger.read(effect.key).age)

    with suppress(EffectDuplicate):  # both may be there already when it looks
        _make_with_a_late_system(run, system, system.changes[0], town)

    run.driver(system.reader).page.wait_for_timeout(3000)  # the town is still at work with the first one
    assert [c["kind"] for c in town.truth(system.key)] == ["order_placed"] * 2


def _hits(town: Town) -> list[int]:
    return [fault["hits"] for fault in town.ask("/faults")["set"]]


class StraightThrough:
    """The control: the browser sends by itself, as it would without the one-send transport."""

    stopped = None

    def __init__(self, *_: object) -> None:
        self.sent: list[Any] = []
        self.answered = False

    def __enter__(self) -> StraightThrough:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@one_change_each_on_pages
@pytest.mark.parametrize("how", RESENT_BY_THE_BROWSER)
def test_control_the_browser_itself_makes_two_of_a_lost_answer(
    system: SystemUnderTest, change: Change, how: str, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "OneSend", StraightThrough)
    town.fault(system.key, "answer_lost", how=how, method="POST", path=change.commit)

    with pytest.raises(EffectDuplicate):
        make(run, system, change, town)

    assert [c["kind"] for c in town.truth(system.key)] == [change.kind] * 2
    assert run.effect_states() == {ONCE: "DUPLICATE"}
