"""The runs of ``test_bounds.py`` where no bound is near: nothing but the bounds ends them."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from robots.worker import slot_process
from tests.worker.conftest import Bench, lives, wait_until, working
from tests.worker.test_bounds import MEMORY_MB, RUN_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.long]
HANGING = ("sleeps", "takes no step", "takes step after step", "eats memory")


def test_control_without_bounds_they_go_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot_process, "ASK_SECONDS", 3600.0)
    bounds = {"step_minutes": 10.0, "run_minutes": 10.0, "slot_memory_mb": 50_000, "slots": len(HANGING) + 1}
    with working(bench.settings.model_copy(update=bounds), bench.store) as worker:
        naughty = [bench.ask("misbehave-once", how=how) for how in HANGING]
        wait_until(lambda: all(map(bench.has_noted, naughty)), "the naughty runs")
        busy = {bench.attempts(run)[0].pid for run in naughty}
        (resting,) = (slot.pid for slot in worker._slots.values() if slot.pid not in busy)
        os.kill(resting, signal.SIGSTOP)
        eater = psutil.Process(bench.attempts(naughty[-1])[0].pid)
        wait_until(lambda: largest_in(eater) > MEMORY_MB * 2**20, "so much memory that it would be too much")

        # As long as no deadline comes there is nothing to wait for but the time that the guarded ones had.
        time.sleep(RUN_SECONDS + 2 * slot_process.LOOK_SECONDS)

        for run in naughty:
            assert bench.run(run).state == "running"
            assert [each.ended_at for each in bench.attempts(run)] == [None]
        assert all(map(lives, [*busy, resting]))
    assert bench.slot_folders() == []


def largest_in(slot: psutil.Process) -> int:
    return max(each.memory_info().rss for each in slot.children(recursive=True))
