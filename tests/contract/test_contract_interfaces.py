"""What holds for every system that is worked in without pages: its key, its rights, its silence. The judge is the town.

What a change must withstand is the same as for a page, and lies in ``test_contract_changes.py`` and ``…_crashes.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from robots.cli.town import LOOKER, Town
from robots.effects import Ledger
from robots.errors import EffectLost, EffectRefused, LoginFailed, SystemDown
from robots.systems.login import LoginSessions
from robots.systems.once import DRY_RUN_RECEIPT
from tests.contract.changes import (
    assert_made_once,
    each_change_without_pages,
    make,
    one_change_each_without_pages,
)
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems import INTERFACES, NOTHING, ONCE, Change, InterfaceUnderTest, Reading

pytestmark = pytest.mark.browser  # the bench of a run has a window, whether it is used or not
each_interface = pytest.mark.parametrize("system", INTERFACES, ids=lambda s: s.key)
each_reading = pytest.mark.parametrize(
    ("system", "reading"),
    [pytest.param(s, reading, id=f"{s.key}-{reading.name}") for s in INTERFACES for reading in s.readings],
)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, which must stand as before when the test is over."""
    yield town
    assert town.truth() == []


@pytest.fixture
def looker(bench_for: Benches) -> RunAtWork:
    """A run of the user who may look everywhere and change nothing."""
    return bench_for.new_run(LOOKER)


# -- reading --------------------------------------------------------------------------------------------------------


@each_reading
def test_reads_what_is_there_and_sees_absence(
    system: InterfaceUnderTest, reading: Reading, looker: RunAtWork, untouched: Town
) -> None:
    reader = looker.driver(system.reader)

    assert reading.some(reader, untouched) == reading.told(untouched) not in NOTHING
    assert reading.none(reader, untouched) in NOTHING


@each_reading
def test_a_system_that_is_down_says_for_how_long_and_is_read_when_it_is_open_again(
    system: InterfaceUnderTest, reading: Reading, looker: RunAtWork, untouched: Town
) -> None:
    reader = looker.driver(system.reader)
    untouched.fault(system.key, "down", seconds=7)

    with pytest.raises(SystemDown) as down:
        reading.some(reader, untouched)

    assert down.value.retry_after == 7
    assert reading.some(reader, untouched) == reading.told(untouched)


# -- the key --------------------------------------------------------------------------------------------------------


@pytest.fixture
def wrong_key(bench_for: Benches, system: InterfaceUnderTest) -> Iterator[None]:
    """Somebody has written the key wrong in the file of this robot and system."""
    path = bench_for.settings.secrets_dir / f"{LOOKER}.{system.key}"
    path.write_text("fel-nyckel", "utf-8")
    yield
    path.unlink()


def _refused_keys_after_four_reads(system: InterfaceUnderTest, bench_for: Benches, town: Town) -> int:
    for run in (bench_for.new_run(LOOKER), bench_for.new_run(LOOKER)):
        for _ in range(2):
            with pytest.raises(LoginFailed):
                system.readings[0].some(run.driver(system.reader), town)
            run.try_again()
    return int(next(s["failed_logins"] for s in town.ask("/systems") if s["key"] == system.key))


@each_interface
@pytest.mark.usefixtures("wrong_key")
def test_tries_a_wrong_password_once_in_all(system: InterfaceUnderTest, bench_for: Benches, untouched: Town) -> None:
    assert _refused_keys_after_four_reads(system, bench_for, untouched) == 1


@each_interface
@pytest.mark.usefixtures("wrong_key")
def test_control_tries_it_each_time_when_refusals_are_forgotten(
    system: InterfaceUnderTest, bench_for: Benches, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoginSessions, "demand_unrefused", lambda *_: None)

    assert _refused_keys_after_four_reads(system, bench_for, untouched) == 4


# -- changing -------------------------------------------------------------------------------------------------------


@each_change_without_pages
def test_a_user_without_the_right_is_refused(
    system: InterfaceUnderTest, change: Change, looker: RunAtWork, untouched: Town
) -> None:
    """As if ``config/access.toml`` were wrong: the system itself says no to the looker's key."""
    assert system.writer is not None

    with pytest.raises(EffectRefused):
        change.make(looker.attempt.systems.driver(system.writer), untouched)  # past the access check of ``run.driver``

    assert looker.effect_states() == {ONCE: "REFUSED"}


@each_change_without_pages
def test_a_dry_run_changes_nothing_and_tells_what_it_would_send(
    system: InterfaceUnderTest, change: Change, bench_for: Benches, untouched: Town
) -> None:
    assert system.writer is not None
    run = bench_for.new_run(bench_for.robot_for(system.writer), dry_run=True)

    assert make(run, system, change, untouched) == DRY_RUN_RECEIPT

    assert run.effect_states() == {ONCE: "INTENDED"}
    (form,) = [event.detail for event in run.events() if event.kind == "form"]
    assert (form["method"], form["bytes"] > 0, len(form["sha256"])) == (change.method, True, 64)


@each_change_without_pages
def test_a_change_that_a_closed_system_did_not_take_is_sent_again(
    system: InterfaceUnderTest, change: Change, run: RunAtWork, town: Town
) -> None:
    town.fault(system.key, "down", method=change.method, path=change.commit, seconds=1)

    receipt = make(run, system, change, town)

    assert [fault["hits"] for fault in town.ask("/faults")["set"]] == [1]
    assert_made_once(town, system, change, run, receipt)


@one_change_each_without_pages
def test_what_another_attempt_has_taken_over_is_not_sent(
    system: InterfaceUnderTest, change: Change, run: RunAtWork, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between arming and sending this process was paused, and somebody else goes on with the run."""
    arm = Ledger.arm

    def arm_and_lose(self: Ledger, *told: object) -> None:
        arm(self, *told)  # type: ignore[arg-type]  # handed on as it came
        run.die_and_try_again()

    monkeypatch.setattr(Ledger, "arm", arm_and_lose)

    with pytest.raises(EffectLost, match="av det här försöket"):
        make(run, system, change, untouched)
