"""The queue from both sides: with our runs, their attempts and fences; and procrastinate alone with an empty job.

``python -m benchmarks.queue_sides`` is the worker, a process of its own as in a municipality: told the database on
standard input, it writes a line with the time whenever a run's attempt, or the empty job, has begun. Told so, it is
procrastinate alone, and takes no run.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

from benchmarks.empty_task.do_nothing import do_nothing
from robots.queue.attempts import Outcome, finish
from robots.queue.claims import claim
from robots.queue.engine import JOB
from robots.queue.runs import submit
from robots.store import Store
from robots.store.connect import connect
from robots.store.processes import this_process
from robots.task import Task
from robots.worker.supervisor import HEARTBEAT_SECONDS, STALLED_SECONDS

EMPTY_JOB = "bench.empty"
_numbers = itertools.count(1)


NOTHING: Task = do_nothing.__ragnhild_task__  # type: ignore[attr-defined]
PLAIN_QUEUE = "bench"
# Having ended a piece of work the engine looks for more, and for a moment hears of nothing new.
_REST_SECONDS = 0.003
_LAST_JOB = "select status::text from procrastinate_jobs order by id desc limit 1"


class Queue:
    """Whoever asks. The clock is the machine's, the same for asker and worker."""

    def __init__(self, store: Store, worker: subprocess.Popen[str]) -> None:
        self.store = store
        self._worker = worker
        self._plain = psycopg.connect(store.conninfo, autocommit=True)
        self._app = App(connector=SyncPsycopgConnector())

    def ask_ours(self) -> float:
        """Seconds from asking for a run until its attempt has begun."""
        started = time.monotonic()
        values = NOTHING.inputs.parse({"number": next(_numbers)})
        submit(self.store, NOTHING, values, robot="bench", source="guide", started_by="bench")
        return self._begun_and_over() - started

    def ask_plain(self) -> float:
        """Seconds from deferring an empty job until it runs."""
        started = time.monotonic()
        self.defer_plain()
        return self._begun_and_over() - started

    def _begun_and_over(self) -> float:
        """When it began; returns when the worker is at rest again, so that what comes next does not wait for this."""
        began = self.begun()
        while self._plain.execute(_LAST_JOB).fetchone() != ("succeeded",):
            pass
        time.sleep(_REST_SECONDS)
        return began

    def defer_plain(self) -> None:
        self._app.configure_task(EMPTY_JOB, queue=PLAIN_QUEUE, connection=self._plain).defer()

    def begun(self) -> float:
        """When the next one has begun."""
        assert self._worker.stdout
        return float(self._worker.stdout.readline())

    def close(self) -> None:
        self._plain.close()

    def kill(self) -> None:
        """SIGKILL for the worker."""
        self._worker.kill()


@contextmanager
def working_queue(store: Store, *, plain: bool = False, at_once: int = 1) -> Iterator[Queue]:
    """A worker that is ready: of both kinds, or (``plain``) of procrastinate's empty jobs alone."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.queue_sides"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdin
        assert worker.stdout
        worker.stdin.write(json.dumps({"database": store.url, "plain": plain, "at_once": at_once}) + "\n")
        worker.stdin.flush()
        assert worker.stdout.readline() == "ready\n", "the queue's worker did not start"
        queue = Queue(store, worker)
        try:
            yield queue
        finally:
            queue.close()
            worker.stdin.close()


def _tell_the_time() -> None:
    sys.stdout.write(f"{time.monotonic()}\n")  # in one piece: two threads may do it at the same moment
    sys.stdout.flush()


async def _work(store: Store, *, plain: bool, at_once: int) -> None:
    app = App(connector=PsycopgConnector(conninfo=store.conninfo, min_size=1, max_size=4))

    # Both block, as a robot's work does, so the engine runs both in a thread.
    def run(run_id: int) -> None:
        claimed = claim(store, run_id, this_process())
        _tell_the_time()
        assert claimed is not None
        finish(store, claimed, Outcome("done"))

    app.task(name=JOB)(run)
    app.task(name=EMPTY_JOB)(_tell_the_time)
    async with app.open_async():
        # A sign of life as often as our workers give theirs, which would take this one for dead otherwise.
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[PLAIN_QUEUE] if plain else None,  # type: ignore[arg-type]  # None is documented: all queues
                concurrency=at_once,
                delete_jobs="never",
                install_signal_handlers=False,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
            )
        )
        print("ready", flush=True)
        told_to_end = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        await asyncio.wait((working, told_to_end), return_when=asyncio.FIRST_COMPLETED)
        if not told_to_end.done():
            os._exit(1)  # whoever waits for it must not wait for ever
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def main() -> None:
    logging.getLogger("procrastinate").setLevel(logging.ERROR)  # it advises against an app in a main module
    told = json.loads(sys.stdin.readline())
    store = connect(told["database"])
    asyncio.run(_work(store, plain=told["plain"], at_once=told["at_once"]))
    store.close()


if __name__ == "__main__":
    main()
