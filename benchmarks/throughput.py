"""How many runs of a task that does nothing a worker gets through, over 1, 2 and 4 slots.

Compared to procrastinate alone with an empty job, as many at once. What is dearer is what a run is: its attempt and
its seats, a fresh browser window, its step log, its report and its outcome.
"""

from __future__ import annotations

from statistics import median

from benchmarks.ground import for_runs_alone, own_ground, wait_for
from benchmarks.pairs import Figures, Pairs, alternate, timed
from benchmarks.queue_sides import NOTHING, Queue, working_queue
from benchmarks.worker_process import running_worker
from robots.queue.runs import submit
from robots.settings import Settings
from robots.store import Store

SLOTS = (1, 2, 4)
RUNS = 40
ROUNDS = 5


def measure() -> Figures:
    told = Figures(
        f"throughput: {RUNS} runs of a task that does nothing", "Compared to procrastinate alone with an empty job."
    )
    with own_ground(NOTHING.file.parent) as (settings, store):
        for slots in SLOTS:
            mine, other = _over(settings.model_copy(update={"slots": slots}), store)
            told.figures.append(Pairs(f"over {slots} slots" if slots > 1 else "over 1 slot", mine, other, "costs"))
            told.told.append(f"{slots} slots: {RUNS / median(mine):.1f} runs a second, {RUNS / median(other):.0f} jobs")
    return told


def _over(settings: Settings, store: Store) -> tuple[list[float], ...]:
    slots = settings.slot_count
    with running_worker(for_runs_alone(settings), store), working_queue(store, plain=True, at_once=slots) as queue:
        return alternate(
            lambda n: timed(lambda: _runs(store, slots * 1_000 + n)),
            lambda _: timed(lambda: _jobs(queue)),
            rounds=ROUNDS, words=f"throughput, {slots} slots",
        )  # fmt: skip


def _runs(store: Store, series: int) -> None:
    asked = [
        submit(
            store, NOTHING, NOTHING.inputs.parse({"number": series * RUNS + n}), robot="bench", source="guide",
            started_by="bench",
        )
        for n in range(RUNS)
    ]  # fmt: skip
    wait_for(store, [each.run_id for each in asked])


def _jobs(queue: Queue) -> None:
    for _ in range(RUNS):
        queue.defer_plain()
    for _ in range(RUNS):
        queue.begun()
