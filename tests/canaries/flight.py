"""The flight: every task, with a plain case, one for a person and a protected one, while everything goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError
from sqlalchemy import func, select

from robots.cli.demo_tasks import FIRST, OTHERS
from robots.cli.town import Town
from robots.errors import RagnhildError
from robots.queue.runs import submit
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from robots.task_files import load_tasks

LOOK_SECONDS = 1.0
# One of each kind for every system that the tasks work in; what each does stands in robots/practice/faults.py.
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "slow", "seconds": 1.0}, {"kind": "down", "seconds": 1.0}, {"kind": "logged_out"},
    {"kind": "answer_lost", "how": "rst", "method": "POST"},
    {"kind": "answer_lost", "how": "partial", "method": "POST"},
    {"kind": "late_list", "seconds": 1.0}, {"kind": "dialog", "how": "alert"},
    {"kind": "label_renamed", "old": "Anteckning", "new": "Notering"},
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A run that is asked for: what it was given, and whether a protected person stands in its case."""

    run_id: int
    task: str
    case: dict[str, Any]
    typed: dict[str, Any]
    protected: bool


def ask_for_all(settings: Settings, store: Store, town: Town, *, only: str = "") -> list[Asked]:
    """A run for each errand of each task and kind of ending, and one for a protected person wherever there is one."""
    tasks, asked = load_tasks(settings.tasks_dir), []
    for name, demo in (FIRST | OTHERS).items():
        if only not in ("", name):
            continue
        wanted = [*list(demo.finished)[:2], *list(demo.for_a_person)[:2]]
        errands = dict.fromkeys(errand for errand, _ in (*demo.finished, *demo.for_a_person))
        wanted += [(errand, "protected") for errand in errands if (errand, "protected") not in wanted]
        task = tasks.find(name)
        for errand, twist in wanted:
            for case in town.cases(errand, twist)[:1]:
                try:
                    typed = {"case_number": case["number"]} | demo.typed(town, case)
                    values = task.inputs.parse({key: str(value) for key, value in typed.items()})
                except (httpx.HTTPError, StopIteration, ValidationError, RagnhildError, TypeError):
                    continue
                run = submit(
                    store, task, values, robot=settings.robot_for(name).name, source="guide", started_by="test"
                )
                asked.append(Asked(run.run_id, name, case, typed, twist == "protected"))
    return asked


def set_faults(settings: Settings, town: Town) -> int:
    for system in town.ask("/systems"):
        for fault in FAULTS:
            town.fault(system["key"], **fault)
    return len(town.ask("/faults")["set"])


@contextmanager
def worker(settings: Settings, output: Path, temp: Path) -> Iterator[None]:
    """As an operator starts it; all that it and its slots say is kept, and their temporary files are apart."""
    told = {"RAGNHILD_DATA_DIR": str(settings.data_dir), "RAGNHILD_SLOTS": "2", "TMPDIR": str(temp)}
    with output.open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "robots", "worker"], env=os.environ | told,
                                   stdout=said, stderr=said)  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_all(store: Store, *, seconds: float) -> int:
    """Until every run has ended, or so long; how many have not."""
    deadline = time.monotonic() + seconds
    while True:
        with store.begin() as connection:
            left: int = connection.execute(
                select(func.count()).select_from(runs).where(runs.c.finished_at.is_(None))
            ).scalar_one()
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(LOOK_SECONDS)  # another process does the work
