"""The clock that lets the scheduler look once a second. It only ticks: what is due the database says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from robots.scheduler.scheduler import Scheduler

LOOK_SECONDS = 1.0


@contextmanager
def ticking(scheduler: Scheduler) -> Iterator[None]:
    """Look once a second until the end of the block, in a thread of its own; a look under way is waited for."""
    clock: Any = BackgroundScheduler(timezone="UTC")  # type: ignore[no-untyped-call]  # the library has no types
    clock.add_job(scheduler.look_round, "interval", seconds=LOOK_SECONDS, coalesce=True, max_instances=1)
    clock.start()
    try:
        yield
    finally:
        clock.shutdown(wait=True)
