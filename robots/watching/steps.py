"""How long steps take, since this process began to look: each end of a step is counted once, from the step log."""

from __future__ import annotations

import inspect
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Float, cast, func, select

from robots.store.schema import run_events, runs
from robots.worker import own_tasks

BOUNDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
OTHER = "övriga"
# What is read at a time, however long nobody has looked.
MOST_AT_ONCE = 20_000


@dataclass
class Times:
    """How many steps took up to each of ``BOUNDS`` seconds, or longer (the last), and their seconds together."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


class StepTimes:
    """By task and step. A step is named only if its title stands in the task's file: no other may hold a person's."""

    def __init__(self, tasks_dir: Path) -> None:
        self._tasks_dir = tasks_dir
        self._after: int | None = None
        self._times: dict[tuple[str, str], Times] = {}

    def read(self, connection: Connection) -> Mapping[tuple[str, str], Times]:
        if self._after is None:
            self._after = connection.execute(select(func.max(run_events.c.id))).scalar() or 0
        seconds = cast(run_events.c.detail["seconds"].astext, Float).label("seconds")
        ended = connection.execute(
            select(run_events.c.id, runs.c.task, run_events.c.title, run_events.c.kind, seconds)
            .join(runs, runs.c.id == run_events.c.run_id)
            .where(run_events.c.id > self._after)
            .order_by(run_events.c.id)
            .limit(MOST_AT_ONCE)
        )
        for row in ended:
            self._after = row.id
            if row.kind == "step_done" and row.seconds is not None:
                self._count((row.task, self._named(row.task, row.title)), row.seconds)
        return self._times

    def _count(self, step: tuple[str, str], seconds: float) -> None:
        times = self._times.setdefault(step, Times())
        times.counts[bisect_left(BOUNDS, seconds)] += 1
        times.seconds += seconds

    def _named(self, task: str, title: str) -> str:
        own = own_tasks.OWN_TASKS.get(task)
        written = _written_in(Path(inspect.getfile(own.function)) if own else self._tasks_dir / f"{task}.py")
        return title if f'"{title}"' in written else OTHER


@cache
def _written_in(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""
