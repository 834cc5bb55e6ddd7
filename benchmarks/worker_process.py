"""``python -m benchmarks.worker_process``: a worker as it runs in a municipality, told its settings on standard input.

It writes one line when its slots are ready and ends when its input is closed.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from robots.logs import set_up_logging
from robots.settings import Settings, load_settings
from robots.store import Store
from robots.store.connect import connect
from robots.worker.supervisor import Supervisor

ENDING_SECONDS = 30


@contextmanager
def running_worker(settings: Settings, store: Store) -> Iterator[psutil.Popen]:
    """A worker whose slots are ready. It may be killed meanwhile; else it is let end."""
    process = psutil.Popen(
        [sys.executable, "-m", "benchmarks.worker_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        told = {"settings": settings.model_dump(mode="json", exclude={"database_url"}), "database": store.url}
        process.stdin.write(json.dumps(told).encode() + b"\n")
        process.stdin.flush()
        if not process.stdout.readline():
            raise RuntimeError("the worker ended before its slots were ready")
        yield process
    finally:
        process.stdin.close()
        process.wait(ENDING_SECONDS)
        process.stdout.close()


def slot_of(worker: psutil.Popen) -> psutil.Process:
    """The one slot's process."""
    (slot,) = (child for child in worker.children() if "robots.worker.slot" in child.cmdline())
    return slot


async def _work(settings: Settings, store: Store) -> None:
    supervisor = Supervisor(settings, store)
    working = asyncio.create_task(supervisor.run())
    await supervisor.ready.wait()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    supervisor.stop()
    await working


def main() -> None:
    told = json.loads(sys.stdin.readline())
    settings = load_settings(**told["settings"])
    set_up_logging(settings, "worker")
    store = connect(told["database"])
    asyncio.run(_work(settings, store))
    store.close()


if __name__ == "__main__":
    main()
