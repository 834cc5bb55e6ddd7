"""The queue: how soon a run is begun, with years of finished ones behind it; and a batch of 5,000 rows.

Compared to procrastinate alone, on the same database, with a job that does nothing: what is dearer is what runs,
attempts, fences and seats cost.
"""

from __future__ import annotations

import itertools
import time
from statistics import median, quantiles

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.jobs import Job

from benchmarks.ground import own_ground
from benchmarks.pairs import Count, Figures, Pairs, alternate, timed
from benchmarks.queue_load import finished_runs
from benchmarks.queue_sides import EMPTY_JOB, NOTHING, working_queue
from robots.queue.batches import AskedRow, enqueue, open_batch
from robots.store import Store

BEHIND = (0, 200_000, 1_000_000)
ASKED = 200
ROWS = 5_000
DEAREST = 1.5
MOST_SLOWER = 1.2
_numbers = itertools.count(1)


def measure() -> Figures:
    told = Figures("queue: from a request to its attempt", "Compared to procrastinate alone with an empty job.")
    with own_ground() as (_, store):
        medians: list[float] = []
        have = 0
        for behind in BEHIND:
            finished_runs(store, have + 1, behind)
            have = behind
            with working_queue(store) as queue:
                mine, other = alternate(
                    lambda _: queue.ask_ours(),
                    lambda _: queue.ask_plain(),
                    rounds=ASKED, warm_up=20, words=f"queue, {behind:,} behind",
                )  # fmt: skip
            medians.append(median(mine))
            told.figures.append(Pairs(f"request to attempt, {behind:,} behind", mine, other, "costs", DEAREST))
            told.told.append(f"{behind:,} behind: p95 {_p95(mine):.1f} ms, procrastinate alone {_p95(other):.1f} ms")
        slower = medians[-1] / medians[0]
        words = f"{slower:.2f} ×"
        told.figures.append(Count("with the most behind, against none", slower, MOST_SLOWER, words))
        mine, other = alternate(
            lambda _: _batch(store), lambda _: _plain_batch(store), rounds=5, words="batch of 5,000"
        )  # fmt: skip
        told.figures.append(Pairs(f"a batch of {ROWS:,} rows in one transaction", mine, other, "costs"))
    return told


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] * 1000


def _batch(store: Store) -> float:
    number = next(_numbers)
    batch = open_batch(
        store, NOTHING, file_name=f"{number}.xlsx", sha256=str(number), sheet="Blad1", started_by="bench", dry_run=False
    )
    rows = [AskedRow(n, NOTHING.inputs.parse({"number": number * 1_000_000 + n})) for n in range(ROWS)]
    return timed(lambda: enqueue(store, NOTHING, batch, rows, robot="bench"))


def _plain_batch(store: Store) -> float:
    app = App(connector=SyncPsycopgConnector())
    jobs = [
        Job(id=None, queue="bench", task_name=EMPTY_JOB, priority=0, lock=None, queueing_lock=None, task_kwargs={})
        for _ in range(ROWS)
    ]
    with psycopg.connect(store.conninfo) as connection:
        started = time.perf_counter()
        app.job_manager.batch_defer_jobs(jobs, connection=connection)
        connection.commit()
        return time.perf_counter() - started
