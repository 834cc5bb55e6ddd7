"""Memory of a slot with all its processes, at rest and after 200 runs; and whether any of them is left behind."""

from __future__ import annotations

import os
import signal
import time

import psutil

from benchmarks.ground import READING_TASK, log_in_to_small_page, own_ground, submit_reading, wait_for
from benchmarks.pairs import Count, Figures
from benchmarks.small_page import small_page
from benchmarks.worker_process import running_worker, slot_of

RUNS = 200
WARM_RUNS = 20
MOST_GROWTH = 0.10
GONE_SECONDS = 5.0
LATEST_SECONDS = 300
MEBIBYTE = 1024 * 1024


def measure() -> Figures:
    told = Figures(
        "memory: a slot and what it leaves behind", "A slot is its Python, its Playwright driver and its browser."
    )
    with small_page() as page, own_ground(READING_TASK, page=page.address) as (settings, store):
        log_in_to_small_page(settings, store)
        with running_worker(settings, store) as worker:
            slot = slot_of(worker)
            new = _resident(slot)
            runs = [submit_reading(settings, store, number) for number in range(WARM_RUNS)]
            wait_for(store, runs, LATEST_SECONDS)
            at_rest = _resident(slot)
            runs = [submit_reading(settings, store, WARM_RUNS + number) for number in range(RUNS)]
            wait_for(store, runs, LATEST_SECONDS)
            after = _resident(slot)
            assert slot.is_running(), "the slot was replaced meanwhile"
            family = _family(worker)
        left_after_stop = _left(family, GONE_SECONDS)
        with running_worker(settings, store) as worker:
            family = _family(worker)
            assert len(family) > 3, "a slot has more processes than that"
            os.kill(worker.pid, signal.SIGKILL)
            started = time.perf_counter()
            left_after_kill = _left(family, GONE_SECONDS)
            seconds = time.perf_counter() - started
    told.figures += [
        Count("slot, new", new, None, f"{new / MEBIBYTE:.0f} MiB"),
        Count(f"slot, after {WARM_RUNS} runs and at rest", at_rest, None, f"{at_rest / MEBIBYTE:.0f} MiB"),
        Count(
            f"slot, after {RUNS} runs more", after / at_rest - 1, MOST_GROWTH, f"{after / MEBIBYTE:.0f} MiB",
            f"{at_rest / MEBIBYTE:.0f} MiB ({after / at_rest - 1:+.1%})", f"≤ {MOST_GROWTH:+.0%}",
        ),
        Count("processes left after the worker was stopped", left_after_stop, 0, str(left_after_stop)),
        Count(
            f"processes left {GONE_SECONDS:g} s after kill -9 of the supervisor", left_after_kill, 0,
            str(left_after_kill), note=f"all {len(family)} ended within {seconds:.1f} s" if not left_after_kill else "",
        ),
    ]  # fmt: skip
    return told


def _resident(slot: psutil.Process) -> int:
    """Bytes in use by the slot and all that it started, when it has had time to lay its next window ready.

    Pages that processes share are counted once for each of them, so the sum is above what the machine gives out.
    """
    time.sleep(3)  # nothing tells when a browser has closed its last window and opened the next
    return sum(process.memory_info().rss for process in [slot, *slot.children(recursive=True)])


def _family(worker: psutil.Popen) -> list[psutil.Process]:
    return [psutil.Process(worker.pid), *worker.children(recursive=True)]


def _left(family: list[psutil.Process], seconds: float) -> int:
    _, alive = psutil.wait_procs(family, timeout=seconds)
    left = [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    for process in left:  # counted; nothing of ours is to stay on the machine all the same
        process.kill()
    return len(left)
