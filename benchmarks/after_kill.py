"""From kill -9 of a slot in the middle of a run until that run is done, in the slot that took its place.

Compared to procrastinate alone: its worker killed and started anew at once, until the next empty job runs. It leaves
the killed job to somebody else; ours is the killed run itself, begun again from the top with a new browser.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from statistics import median

import psutil

from benchmarks.ground import READING_TASK, for_runs_alone, log_in_to_small_page, own_ground, submit_reading, wait_for
from benchmarks.pairs import Count, Figures, Pairs, alternate
from benchmarks.queue_sides import working_queue
from benchmarks.small_page import SmallPage, small_page
from benchmarks.worker_process import running_worker, slot_of
from robots.queue.runs import runs_by_id
from robots.settings import Settings
from robots.store import Store

ROUNDS = 12
LATEST_SECONDS = 60
MEDIAN_SECONDS, MOST_SECONDS = 3.0, 5.0


def measure() -> Figures:
    told = Figures(
        "after_kill: from kill -9 of a slot to its run done", "Compared to procrastinate's worker killed and restarted."
    )
    with small_page() as page, own_ground(READING_TASK, page=page.address) as (settings, store), ExitStack() as plain:
        log_in_to_small_page(settings, store)
        queue = plain.enter_context(working_queue(store, plain=True))

        def restarted(_: int) -> float:
            nonlocal queue
            queue.kill()
            started = time.monotonic()
            queue = plain.enter_context(working_queue(store, plain=True))
            queue.defer_plain()
            return queue.begun() - started

        with running_worker(for_runs_alone(settings), store) as worker:
            mine, other = alternate(
                lambda n: _killed(settings, store, page, worker, n), restarted, rounds=ROUNDS, words="after_kill"
            )
    half, most = median(mine), max(mine)
    told.figures += [
        Pairs("kill -9 to the run done", mine, other, "costs"),
        Count("the same, median", half, MEDIAN_SECONDS, f"{half:.2f} s", limit_words=f"≤ {MEDIAN_SECONDS:g} s"),
        Count("the same, longest", most, MOST_SECONDS, f"{most:.2f} s", limit_words=f"≤ {MOST_SECONDS:g} s"),
    ]
    return told


def _killed(settings: Settings, store: Store, page: SmallPage, worker: psutil.Popen, number: int) -> float:
    time.sleep(1)  # nothing tells when a slot has laid its next window ready
    while not page.arrivals.empty():
        page.arrivals.get()
    slot = slot_of(worker)
    run_id = submit_reading(settings, store, number)
    page.arrivals.get(timeout=LATEST_SECONDS)  # it is in the middle of its only page
    slot.kill()
    started = time.monotonic()
    assert runs_by_id(store, [run_id])[run_id].finished_at is None, "the run was done before it could be killed"
    wait_for(store, [run_id], LATEST_SECONDS)
    assert runs_by_id(store, [run_id])[run_id].attempts > 1
    return time.monotonic() - started
