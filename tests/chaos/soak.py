"""Ten thousand runs on one worker: what it holds of memory, handles, processes, threads and files must stay as it was.

``python -m tests.chaos soak --runs 10000``. Real slots with real Chromium; the task opens a small page, tells two steps
and keeps a picture. After every so many runs the worker is let come to rest and looked at. What it holds in the first
tenth of the looks, after some that it warms up in, is compared with the last tenth. Slots are replaced meanwhile, as
they are in a municipality; the supervisor never is.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import func, select, text

from benchmarks.ground import log_in_to_small_page, own_ground, submit_reading
from benchmarks.small_page import small_page
from benchmarks.worker_process import running_worker
from robots.queue.runs import runs_by_id
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from robots.worker.slot import RUNS_PER_SLOT as REAL_RUNS_PER_SLOT
from tests.chaos.leaking_slots import LEAK, LEAKS, RUNS_PER_SLOT
from tests.chaos.table import Row, at_most, none, some, told
from tests.chaos.vitals import Observer, Vitals

TASK = Path(__file__).parent / "soak_task"
SLOT = "tests.chaos.leaking_slots"
RUNS = 10_000
# Looks at the worker in the whole soak, and how many of them it warms up in.
LOOKS, WARM_LOOKS = 100, 6
# A control needs no more to be seen; a slot that has lost many more pages is replaced for its memory.
CONTROL_RUNS, CONTROL_LOOKS = 40, 10
MOST_GROWTH = 10.0
# What is kept for later use is taken up one by one when two need it at the same moment, until there is enough; so much
# may that be, however many the runs are. Whatever is lost in every run, or with every slot, is far more.
SLACK = {
    "database connections": 2, "file handles of the supervisor": 2, "threads of the supervisor": 2,
    "file handles of a browser": 3, "threads of a browser": 3,
}  # fmt: skip
FEWEST_COMPARED = 3
SECONDS_A_RUN = 10.0


@dataclass
class Soak:
    """What was done and seen. ``doing`` is the most rows in that state at any look, at work or at rest."""

    runs: int
    slots: int
    looks: list[Vitals] = field(default_factory=list)
    done: int = 0
    doing: int = 0
    slots_used: int = 0
    seconds: float = 0.0

    def compared(self, kind: str, what: str) -> tuple[float, float]:
        """The median of the first tenth of the looks after the warm-up, and of the last."""
        warm = self.looks[WARM_LOOKS if len(self.looks) >= LOOKS else FEWEST_COMPARED :]
        tenth = max(FEWEST_COMPARED, len(warm) // 10)
        values = [getattr(look, kind)[what] for look in warm]
        return median(values[:tenth]), median(values[-tenth:])


def soak(number: int, *, slots: int, looks: int, runs_per_slot: int = REAL_RUNS_PER_SLOT, leak: str = "") -> Soak:
    """So many runs on ground of its own. ``leak`` is what every run loses: the control."""
    made = Soak(number, slots)
    environment = {RUNS_PER_SLOT: str(runs_per_slot), LEAK: leak}
    with (
        small_page() as page,
        own_ground(TASK, page=page.address) as (told, store),
        TemporaryDirectory(prefix="ragnhild-soak-") as temp,
    ):
        settings = told.model_copy(update={"slots": slots})
        log_in_to_small_page(settings, store)
        with running_worker(settings, store, slot=SLOT, environment=environment | {"TMPDIR": temp}) as worker:
            began = time.monotonic()
            observer = Observer(worker, settings, store, Path(temp), slot=SLOT)
            for look in range(looks):
                first, after = number * look // looks, number * (look + 1) // looks
                _let_run(made, settings, store, range(first, after))
                made.looks.append(observer.at_rest())
            made.seconds = time.monotonic() - began
        made.done, made.slots_used = _counted(store)
    return made


def _let_run(made: Soak, settings: Settings, store: Store, numbers: Sequence[int]) -> None:
    """Ask for runs and wait for all of them. Raises ``TimeoutError`` when they do not end."""
    asked = [submit_reading(settings, store, number) for number in numbers]
    deadline = time.monotonic() + SECONDS_A_RUN * len(asked) + 60
    unfinished = select(func.count()).where(runs.c.id.in_(asked), runs.c.finished_at.is_(None))
    doing = text("select count(*) from procrastinate_jobs where status = 'doing'")
    while True:
        with store.begin() as connection:
            left = connection.execute(unfinished).scalar_one()
            made.doing = max(made.doing, connection.execute(doing).scalar_one())
        if not left:
            return
        if time.monotonic() > deadline:
            stuck = [f"run {row.id}: {row.state}" for row in runs_by_id(store, asked).values() if not row.finished_at]
            raise TimeoutError(f"{len(stuck)} runs do not end: {stuck[:10]}")
        time.sleep(0.05)  # the runs are other processes'; the database tells when asked


def _counted(store: Store) -> tuple[int, int]:
    """How many runs are done, and how many slots they had."""
    with store.begin() as connection:
        done = connection.execute(text("select count(*) from outcomes where outcome = 'done'")).scalar_one()
        used = connection.execute(text("select count(distinct pid) from attempts")).scalar_one()
    return done, used


def grown(made: Soak) -> list[str]:
    """What is not flat."""
    return [row.what for row in flatness(made) if not row.met]


def flatness(made: Soak) -> list[Row]:
    """A row for everything that was counted."""
    found = []
    for part in made.looks[0].memory:
        first, last = made.compared("memory", part)
        growth = 100 * (last / first - 1)
        found.append(at_most(f"memory of {part}: {first:.0f} → {last:.0f} MiB", growth, MOST_GROWTH, " %"))
    for what in made.looks[0].counts:
        first, last = made.compared("counts", what)
        slack = SLACK.get(what, 0)
        wanted = f"≤ + {slack}" if slack else "no growth"
        found.append(Row(what, f"{first:g} → {last:g}", wanted, "NO" if last > first + slack else "yes"))
    return found


def rows_of(made: Soak) -> list[Row]:
    browser = [look.memory["a browser"] for look in made.looks]
    return [
        told(f"runs on one worker with {made.slots} slots, each {made.runs / made.seconds:.1f} a second", made.runs),
        none("    not done", made.runs - made.done, among=made.runs),
        told("    slots, one after another", made.slots_used),
        at_most("rows in doing at once, at any moment", made.doing, made.slots),
        *flatness(made),
        told("    memory of a browser at any look, least and most", f"{min(browser):.0f}, {max(browser):.0f} MiB"),
    ]


def rows_of_control(made: Soak, leak: str) -> list[Row]:
    found = grown(made)
    return [some(f"control, {leak} lost in every run, seen as: {', '.join(found) or 'not seen'}", len(found))]


def rows(arguments: Sequence[str]) -> list[Row]:
    """The long form and its controls."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--looks", type=int, default=LOOKS)
    parser.add_argument("--no-controls", action="store_true")
    asked = parser.parse_args(arguments)
    made = soak(asked.runs, slots=asked.slots, looks=min(asked.looks, asked.runs))
    found = rows_of(made)
    for leak in LEAKS if not asked.no_controls else ():
        found += rows_of_control(soak(CONTROL_RUNS, slots=1, looks=CONTROL_LOOKS, leak=leak), leak)
    return found
