"""What it costs that a task runs in a process of its own: beside a slot that calls the task's function itself.

Two workers with a slot each, a database each and the same small page; a run is asked for here and there in turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

import psutil

from benchmarks.ground import READING_TASK, log_in_to_small_page, own_ground, submit_reading, wait_for
from benchmarks.pairs import Count, Figures, Pairs, alternate
from benchmarks.same_process import MODULE
from benchmarks.small_page import SmallPage, small_page
from benchmarks.worker_process import REAL_SLOT, running_worker

ROUNDS = 25
LATEST_SECONDS = 60
MEBIBYTE = 1024 * 1024


class Side:
    """One of the two workers. ``whole`` are the seconds from request to outcome, beside those to the first page."""

    def __init__(self, stack: ExitStack, page: SmallPage, slot: str) -> None:
        self._page = page
        self._settings, self._store = stack.enter_context(own_ground(READING_TASK, page=page.address))
        log_in_to_small_page(self._settings, self._store)
        self._worker = stack.enter_context(running_worker(self._settings, self._store, slot=slot))
        self.whole: list[float] = []

    def to_first_page(self, number: int) -> float:
        # The slot lays its next window and process ready after a run, and tells nobody when it has.
        time.sleep(1)
        started = time.perf_counter()
        run_id = submit_reading(self._settings, self._store, number)
        arrived = self._page.arrivals.get(timeout=LATEST_SECONDS)
        wait_for(self._store, [run_id])
        self.whole.append(time.perf_counter() - started)
        return arrived - started

    @property
    def memory(self) -> int:
        """Of the slot and all that it has started; pages that a copy shares with its template are its own here too."""
        return sum(each.memory_info().rss for each in psutil.Process(self._worker.pid).children(recursive=True))


def measure() -> Figures:
    told = Figures(
        "task_process: what a process of its own costs a task", "Compared to a slot that calls the function itself."
    )
    with small_page() as page, ExitStack() as stack:
        apart, together = Side(stack, page, REAL_SLOT), Side(stack, page, MODULE)
        sides: tuple[Callable[[int], float], ...] = (apart.to_first_page, together.to_first_page)
        ours, theirs = alternate(*sides, rounds=ROUNDS, warm_up=2, words="task_process")
        time.sleep(2)  # as above
        more = apart.memory - together.memory
        told.figures += [
            Pairs("request to first page action", ours, theirs, "costs"),
            Pairs("request to outcome", apart.whole[-ROUNDS:], together.whole[-ROUNDS:], "costs"),
            Count(
                "memory of a slot, more", more, None, f"{apart.memory / MEBIBYTE:.0f} MiB",
                f"{together.memory / MEBIBYTE:.0f} MiB (+{more / MEBIBYTE:.0f})",
            ),
        ]  # fmt: skip
    return told
