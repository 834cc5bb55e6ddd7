"""The clock that lets the scheduler look once a second. It only ticks: what is due the database says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from robots.scheduler.mornings import Mornings
from robots.scheduler.scheduler import Scheduler
from robots.store.signs import SCHEDULER, give_sign

LOOK_SECONDS = 1.0
MORNING_SECONDS = 30.0


@contextmanager
def ticking(scheduler: Scheduler) -> Iterator[None]:
    """Look once a second until the end of the block, in a thread of its own; a look under way is waited for."""
    mornings = Mornings(scheduler.settings, scheduler.store, now=scheduler.now)
    with each_in_its_time([(lambda: _look(scheduler), LOOK_SECONDS), (mornings.look, MORNING_SECONDS)]):
        yield


def _look(scheduler: Scheduler) -> None:
    scheduler.look_round()
    give_sign(scheduler.store, SCHEDULER)


@contextmanager
def each_in_its_time(looks: Sequence[tuple[Callable[[], None], float]]) -> Iterator[None]:
    """Each look every so many seconds, in a thread of its own, until the end of the block."""
    clock: Any = BackgroundScheduler(timezone="UTC")  # type: ignore[no-untyped-call]  # the library has no types
    for look, seconds in looks:
        clock.add_job(look, "interval", seconds=seconds, coalesce=True, max_instances=1)
    clock.start()
    try:
        yield
    finally:
        clock.shutdown(wait=True)
