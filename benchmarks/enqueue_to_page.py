"""From a request to the first page action: a warm slot of a running worker, beside a new process with a new browser.

Ours begins when a run is submitted and goes through the database, the queue, the supervisor and the slot; the other
begins when the process is started. Both end when the first page is asked for, at the server that has it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from queue import SimpleQueue

from benchmarks.ground import READING_TASK, log_in_to_small_page, own_ground, submit_reading, wait_for
from benchmarks.pairs import Figures, Pairs, alternate
from benchmarks.small_page import small_page
from benchmarks.worker_process import running_worker

ROUNDS = 15
LATEST_SECONDS = 60
REQUIRED, AIM = 6, 10


def measure() -> Figures:
    told = Figures(
        "enqueue_to_page: from a request to the first page action",
        "Compared to a new Python process that imports Playwright and starts a new browser, context and page.",
    )
    with small_page() as page, own_ground(READING_TASK, page=page.address) as (settings, store):
        log_in_to_small_page(settings, store)
        with running_worker(settings, store):

            def ours(number: int) -> float:
                # The slot lays its next window ready after a run, and tells nobody when it has.
                time.sleep(1)
                started = time.perf_counter()
                run_id = submit_reading(settings, store, number)
                arrived = page.arrivals.get(timeout=LATEST_SECONDS)
                wait_for(store, [run_id])
                return arrived - started

            def new_process(_number: int) -> float:
                started = time.perf_counter()
                process = subprocess.Popen([sys.executable, "-m", "benchmarks.raw_process", f"{page.address}/sida"])
                arrived = page.arrivals.get(timeout=LATEST_SECONDS)
                process.wait(LATEST_SECONDS)
                _empty(page.arrivals)
                return arrived - started

            mine, other = alternate(ours, new_process, rounds=ROUNDS, warm_up=2, words="enqueue_to_page")
    pairs = Pairs("request to first page action", mine, other, "sooner", REQUIRED)
    told.figures.append(pairs)
    told.told.append(f"the aim is {AIM} times: {'reached' if pairs.ratio >= AIM else 'not reached'}")
    return told


def _empty(arrivals: SimpleQueue[float]) -> None:
    while not arrivals.empty():
        arrivals.get()
