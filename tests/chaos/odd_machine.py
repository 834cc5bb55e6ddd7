"""``python -m tests.chaos.odd_machine``: a worker that takes itself for another machine, or whose clock is set.

Its slots are what it is told, and as odd as it is when they call ``be_odd``.
"""

from __future__ import annotations

import datetime
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks import worker_process
from robots.queue.engine import RetryLater
from robots.settings import Settings
from robots.store import Store, processes
from robots.worker import supervisor

# The name of the machine; and a file that says by how many seconds its clock is wrong.
HOST, CLOCK = "RAGNHILD_ODD_HOST", "RAGNHILD_ODD_CLOCK"
# Set to anything: the worker believes its own clock, where it would ask the database.
BELIEVED = "RAGNHILD_ODD_BELIEVED"


@contextmanager
def odd_worker(settings: Settings, store: Store, *, slot: str, environment: dict[str, str]) -> Iterator[psutil.Popen]:
    """As ``running_worker``, on such a machine. At the end it is woken up if need be, and let end."""
    module = "tests.chaos.odd_machine"
    with worker_process.running_worker(settings, store, slot=slot, module=module, environment=environment) as process:
        try:
            yield process
        finally:
            wake(process)


def family_of(worker: psutil.Popen) -> list[psutil.Process]:
    """The worker and all that it has started."""
    return [psutil.Process(worker.pid), *worker.children(recursive=True)] if worker.is_running() else []


def wake(worker: psutil.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        for each in family_of(worker):
            with suppress(psutil.NoSuchProcess):
                each.resume()


def be_odd() -> None:
    """Let this process be on the machine that the environment says, with its clock."""
    if host := os.environ.get(HOST):
        vars(processes)["host_name"] = lambda: host
    if clock := os.environ.get(CLOCK):
        _set_clock(Path(clock))


def _set_clock(told: Path) -> None:
    """Every way that Python programs ask for the time of day; not those for how much time has passed."""

    def wrong_by() -> float:
        return float(told.read_text() or 0)

    real, real_time = datetime.datetime, time.time

    class Told(type):
        def __instancecheck__(cls, other: object) -> bool:
            return isinstance(other, real)

    class Datetime(datetime.datetime, metaclass=Told):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.now(tz) + datetime.timedelta(seconds=wrong_by())

        @classmethod
        def utcnow(cls) -> Any:
            return real.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=wrong_by())

    def wrong_time() -> float:
        return real_time() + wrong_by()

    vars(time)["time"] = wrong_time
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is real:
                setattr(module, name, Datetime)
            elif value is real_time:
                setattr(module, name, wrong_time)


def believe_own_clock() -> None:
    """The control: when a run is tried again is told by the worker's own clock."""

    async def later(_: supervisor.Supervisor, seconds: float) -> RetryLater:
        return RetryLater(seconds)

    setattr(supervisor.Supervisor, "_later", later)  # noqa: B010 - the type checker knows another one


def main() -> None:
    be_odd()
    if os.environ.get(BELIEVED):
        believe_own_clock()
    worker_process.main()


if __name__ == "__main__":
    main()
