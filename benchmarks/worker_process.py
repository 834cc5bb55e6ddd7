"""``python -m benchmarks.worker_process``: a worker as it runs in a municipality, told its settings on standard input.

It writes one line when its slots are ready and ends when its input is closed. A test may give it slots of its own kind.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from robots.logs import set_up_logging
from robots.settings import Settings, load_settings
from robots.store import Store
from robots.store.connect import connect
from robots.worker.slot_process import SlotProcess
from robots.worker.supervisor import Supervisor

REAL_SLOT = SlotProcess.module
ENDING_SECONDS = 60


@contextmanager
def running_worker(
    settings: Settings, store: Store, *, slot: str = REAL_SLOT, module: str = "benchmarks.worker_process",
    environment: dict[str, str] | None = None,
) -> Iterator[psutil.Popen]:  # fmt: skip
    """A worker whose slots are ready. It may be killed meanwhile; else it is let end.

    ``slot`` is the module that a slot runs, ``module`` that of the worker itself, which ends in this one's ``main``;
    ``environment`` is what the worker's has besides this process's.
    """
    process = psutil.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=os.environ | (environment or {}),
    )  # fmt: skip
    try:
        told = {"slot": slot, "settings": settings.model_dump(mode="json", exclude={"database_url"})}
        process.stdin.write(json.dumps(told | {"database": store.url}).encode() + b"\n")
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
    (slot,) = (child for child in worker.children() if REAL_SLOT in child.cmdline())
    return slot


async def _work(settings: Settings, store: Store) -> None:
    supervisor = Supervisor(settings, store)
    working = asyncio.create_task(supervisor.run())
    ready = asyncio.create_task(supervisor.ready.wait())
    await asyncio.wait((working, ready), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        await working
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    supervisor.stop()
    await working


def main() -> None:
    told = json.loads(sys.stdin.readline())
    settings = load_settings(**told["settings"])
    SlotProcess.module = told["slot"]
    set_up_logging(settings, "worker")
    store = connect(told["database"])
    asyncio.run(_work(settings, store))
    store.close()


if __name__ == "__main__":
    main()
