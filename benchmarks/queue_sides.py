"""The queue from both sides: with our runs, their attempts and fences; and procrastinate alone with an empty job."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

from robots import Run, task
from robots.queue.attempts import Outcome, claim, finish
from robots.queue.engine import JOB
from robots.queue.runs import submit
from robots.store import Store
from robots.store.processes import this_process
from robots.task import Task

EMPTY_JOB = "bench.empty"
_numbers = itertools.count(1)


@task(title="Gör ingenting", owner="Benchmarks", saves_minutes=0)
def do_nothing(run: Run, number: int) -> None:
    """Gör ingenting."""


NOTHING: Task = do_nothing.__ragnhild_task__  # type: ignore[attr-defined]


class Queue:
    """A worker of the queue engine in a thread of its own, as a supervisor has one; ``begun`` tells when a run was."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.begun: SimpleQueue[float] = SimpleQueue()
        self._plain = psycopg.connect(store.conninfo, autocommit=True)
        self._app = App(connector=SyncPsycopgConnector())

    def ask_ours(self) -> float:
        """Seconds from asking for a run until its attempt has begun."""
        started = time.perf_counter()
        values = NOTHING.inputs.parse({"number": next(_numbers)})
        submit(self.store, NOTHING, values, robot="bench", source="guide", started_by="bench")
        return self.begun.get(timeout=60) - started

    def ask_plain(self) -> float:
        """Seconds from deferring an empty job until it runs."""
        started = time.perf_counter()
        self._app.configure_task(EMPTY_JOB, queue="bench", connection=self._plain).defer()
        return self.begun.get(timeout=60) - started

    def _carry_out(self, run_id: int) -> None:
        claimed = claim(self.store, run_id, this_process())
        self.begun.put(time.perf_counter())
        assert claimed is not None
        finish(self.store, claimed, Outcome("done"))

    async def work(self, ready: threading.Event, stop: asyncio.Event) -> None:
        app = App(connector=PsycopgConnector(conninfo=self.store.conninfo, min_size=1, max_size=4))

        async def run(run_id: int) -> None:
            await asyncio.to_thread(self._carry_out, run_id)

        async def empty() -> None:
            self.begun.put(time.perf_counter())

        app.task(name=JOB)(run)
        app.task(name=EMPTY_JOB)(empty)
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(concurrency=1, delete_jobs="never", install_signal_handlers=False)
            )
            ready.set()
            await stop.wait()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    def close(self) -> None:
        self._plain.close()


@contextmanager
def working_queue(store: Store) -> Iterator[Queue]:
    queue, ready = Queue(store), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(queue.work(ready, stop),))
    thread.start()
    try:
        assert ready.wait(30), "the queue's worker did not start"
        yield queue
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        queue.close()
