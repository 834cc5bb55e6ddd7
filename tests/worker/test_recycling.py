"""A slot is followed by another after a number of runs, or when it has grown, and somebody is ready meanwhile."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from robots.worker.slot_process import SlotProcess
from robots.worker.supervisor import Supervisor
from tests.worker.conftest import Bench, lives, wait_until, working

pytestmark = pytest.mark.browser
RUNS = 3


@pytest.mark.parametrize(
    ("module", "runs_of_each"),
    [
        ("tests.worker.quickly_grown", [1, 1, 1]),
        pytest.param("tests.worker.open_slots", [3], id="control"),
    ],
)
def test_a_slot_is_replaced_and_the_run_after_it_works(
    module: str, runs_of_each: list[int], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SlotProcess, "module", module)

    with working(bench.settings.model_copy(update={"slots": 1}), bench.store) as worker:
        slots = []
        for runs in runs_of_each:
            slots += [bench.ask_and_wait("behave", words=f"{module} {number}").pid for number in range(runs)]
            if len(slots) < RUNS:
                wait_for_another(worker, slots[-1])
        by_slot = {pid: slots.count(pid) for pid in slots}
        assert list(by_slot.values()) == runs_of_each
        wait_until(lambda: not any(lives(pid) for pid in by_slot if pid not in serving(worker)), "the end of the rest")

    assert bench.slot_folders() == []


@pytest.mark.parametrize(
    "goes_on", [pytest.param(True, id="guarded"), pytest.param(False, id="control", marks=pytest.mark.long)]
)
def test_somebody_is_ready_while_a_slot_is_replaced(
    goes_on: bool, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The successor is held up before it starts. In the control a worn slot leaves at once, and nobody is there."""
    begun, held = threading.Event(), threading.Event()
    start, answer = SlotProcess.start, SlotProcess._answer

    async def start_later(*told: Any) -> SlotProcess:
        begun.set()
        await asyncio.to_thread(held.wait)
        return await start(*told)

    async def leave_when_worn(slot: SlotProcess, *told: Any) -> dict[str, Any]:
        heard = await answer(slot, *told)
        return heard | {"last": heard["worn"]}

    monkeypatch.setattr(SlotProcess, "module", "tests.worker.short_lived")
    if not goes_on:
        monkeypatch.setattr(SlotProcess, "_answer", leave_when_worn)
    with working(bench.settings.model_copy(update={"slots": 1}), bench.store) as worker:
        monkeypatch.setattr(SlotProcess, "start", start_later)
        try:
            first, again = (bench.ask_and_wait("behave", words=words).pid for words in ("one", "two"))
            wait_until(begun.is_set, "the start of its successor")
            assert first == again
            assert [pid for pid in serving(worker) if lives(pid)] == ([first] if goes_on else [])
            if goes_on:
                assert bench.ask_and_wait("behave", words="meanwhile").pid == first
        finally:
            held.set()
        wait_for_another(worker, first)
        assert bench.ask_and_wait("behave", words="after").pid != first
        wait_until(lambda: not lives(first), "the end of the worn one")
    assert bench.slot_folders() == []


@pytest.mark.long
@pytest.mark.parametrize("seen", [True, False], ids=["guarded", "control"])
def test_a_worn_slot_that_has_a_last_run_is_ended_with_the_others(
    seen: bool, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control ends those alone that have a place."""
    held, start = threading.Event(), SlotProcess.start

    async def start_later(*told: Any) -> SlotProcess:
        await asyncio.to_thread(held.wait)
        return await start(*told)

    monkeypatch.setattr(SlotProcess, "module", "tests.worker.short_lived")
    with working(bench.settings.model_copy(update={"slots": 1}), bench.store) as worker:
        with monkeypatch.context() as patch:
            patch.setattr(SlotProcess, "start", start_later)
            try:
                worn = [bench.ask_and_wait("behave", words=words).pid for words in ("three", "four")][-1]
                run = bench.ask("misbehave", how="sleeps")
                wait_until(lambda: bench.has_noted(run), "its last run")
            finally:
                held.set()
            wait_for_another(worker, worn)
            assert lives(worn)
            if not seen:
                patch.setattr(Supervisor, "_all", property(lambda ended: list(ended._slots.values())))
            assert worker._worker
            asyncio.run_coroutine_threadsafe(worker.end_now(), worker._worker.get_loop()).result(60)
            assert lives(worn) is not seen
    bench.empty_queue()


def wait_for_another(worker: Supervisor, pid: int) -> None:
    wait_until(lambda: serving(worker) not in ([], [pid]), "its successor")


def serving(worker: Supervisor) -> list[int]:
    return [slot.pid for slot in worker._slots.values() if slot.alive]
