"""A slot by itself: how it is ended, what it leaves, and when it is replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from robots.worker import slot_process
from robots.worker.family import Family
from robots.worker.slot_folder import SlotFolder, home_of_slots, sweep
from robots.worker.slot_process import SlotDied, SlotProcess
from tests.worker.conftest import Bench, lives, wait_until

pytestmark = pytest.mark.browser


async def started(bench: Bench) -> SlotProcess:
    return await SlotProcess.start(0, bench.settings, bench.store)


def test_a_run_that_is_not_taken_up_is_not_waited_for_to_its_deadline(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_process, "SIGN_SECONDS", 1.0)

    async def give_it_a_run() -> None:
        slot = await started(bench)
        os.kill(slot.pid, signal.SIGSTOP)
        with pytest.raises(SlotDied, match="was not taken up in 1 s"):
            await slot.carry_out(bench.ask("behave", words="to one that hears nothing"), 600)
        assert not slot.alive
        assert not slot.folder.path.exists()

    asyncio.run(give_it_a_run())


def test_what_it_was_ended_for_first_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large process takes its time to go, and a deadline may pass meanwhile."""
    end_all = Family.end

    def end_slowly(family: Family) -> None:
        time.sleep(1.5)
        end_all(family)

    monkeypatch.setattr(slot_process, "SIGN_SECONDS", 0.5)
    monkeypatch.setattr(Family, "end", end_slowly)

    async def let_a_deadline_pass_meanwhile() -> None:
        slot = await started(bench)
        os.kill(slot.pid, signal.SIGSTOP)
        ending = asyncio.create_task(slot._end_for(SlotDied("too much memory")))
        with pytest.raises(SlotDied, match="too much memory"):
            await slot.carry_out(bench.ask("behave", words="to one that is being ended"), 600)
        await ending

    asyncio.run(let_a_deadline_pass_meanwhile())


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_nothing_is_left_of_a_slot_that_is_killed(guarded: bool, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control kills the process group alone: the child and the files are still there."""
    if not guarded:
        monkeypatch.setattr(Family, "end", lambda family: os.killpg(family._slot.pid, signal.SIGKILL))
        monkeypatch.setattr(SlotFolder, "remove", lambda folder: folder._lock.close())

    async def kill_in_mid_run() -> None:
        slot = await started(bench)
        run = bench.ask("misbehave", how="starts a deaf child")
        at_work = asyncio.create_task(slot.carry_out(run, 600))
        await asyncio.to_thread(wait_until, lambda: bench.has_noted(run, times=2), "the child")
        await slot.kill()
        with pytest.raises(SlotDied):
            await at_work
        left = bench.noted(bench.attempts(run)[0])
        assert left.nothing_left() is guarded
        assert any(map(lives, left.pids)) is not guarded
        assert left.folder.exists() is not guarded
        monkeypatch.undo()
        sweep(bench.settings.data_dir)
        wait_until(left.nothing_left, "the end of what the control has left")

    asyncio.run(kill_in_mid_run())


def test_a_killed_workers_slots_and_folders_are_swept_by_the_next(bench: Bench) -> None:
    """Also a child that has left the slot's session: nobody was there to end it."""
    bench.empty_queue()
    run = bench.ask("misbehave", how="starts a deaf child")
    told = {
        "DATA_DIR": str(bench.settings.data_dir), "TASKS_DIR": str(bench.settings.tasks_dir),
        "CONFIG_DIR": str(bench.settings.config_dir), "DATABASE_URL": bench.store.conninfo, "EVIDENCE": "steps",
    }  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.open_slots", "worker", "--slots", "1"],
        env=os.environ | {f"RAGNHILD_{name}": value for name, value in told.items()},
    )
    wait_until(lambda: bench.has_noted(run, times=2), "the child", 60)
    worker.kill()
    worker.wait()
    slot, left = bench.attempts(run)[0].pid, bench.noted(bench.attempts(run)[0])
    wait_until(lambda: not lives(slot), "the end of the slot, whose supervisor has gone")
    assert any(map(lives, left.pids)), "nothing is left, and the sweeping shows nothing"
    assert left.folder.exists()

    async def start_another() -> None:
        await (await started(bench)).stop()

    asyncio.run(start_another())

    assert left.nothing_left()
    assert bench.slot_folders() == []


def test_a_living_workers_slots_are_left_alone(bench: Bench) -> None:
    async def start_and_sweep() -> None:
        slot = await started(bench)
        sweep(bench.settings.data_dir)
        assert slot.alive
        assert slot.folder.path.is_dir()
        await slot.stop()
        assert not slot.folder.path.exists()

    asyncio.run(start_and_sweep())


def test_everything_that_is_temporary_lies_in_the_slots_folder(bench: Bench) -> None:
    async def look() -> None:
        slot = await started(bench)
        places = {each.environ().get("TMPDIR") for each in psutil.Process(slot.pid).children()}
        assert places == {str(slot.folder.path)}
        assert any("playwright" in each.name for each in slot.folder.path.iterdir())
        await slot.stop()

    asyncio.run(look())


def test_a_slot_without_a_place_for_its_files_is_not_started(bench: Bench) -> None:
    """And the supervisor, which is told so, tries again."""
    home = home_of_slots(bench.settings.data_dir)
    home.mkdir(exist_ok=True)
    home.rmdir()
    home.write_text("no folder")
    try:
        with pytest.raises(SlotDied, match="no place for its temporary files"):
            asyncio.run(started(bench))
    finally:
        home.unlink()
