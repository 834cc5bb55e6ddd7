"""A slot is replaced after a number of runs, or when it has grown; the runs after that do not notice."""

from __future__ import annotations

import pytest

from robots.worker.slot_process import SlotProcess
from tests.worker.conftest import Bench, lives, wait_until, working

pytestmark = pytest.mark.browser
RUNS = 3


@pytest.mark.parametrize(
    ("module", "runs_of_each"),
    [
        ("tests.worker.short_lived", [2, 1]),
        ("tests.worker.quickly_grown", [1, 1, 1]),
        pytest.param("tests.worker.open_slots", [3], id="control"),
    ],
)
def test_a_slot_is_replaced_and_the_run_after_it_works(
    module: str, runs_of_each: list[int], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SlotProcess, "module", module)

    with working(bench.settings.model_copy(update={"slots": 1}), bench.store) as worker:
        slots = [bench.ask_and_wait("behave", words=f"{module} {number}").pid for number in range(RUNS)]
        by_slot = {pid: slots.count(pid) for pid in slots}
        assert list(by_slot.values()) == runs_of_each
        alive = [slot.pid for slot in worker._slots.values()]
        wait_until(lambda: not any(lives(pid) for pid in by_slot if pid not in alive), "the end of the replaced")

    assert bench.slot_folders() == []
