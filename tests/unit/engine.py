"""A task of no consequence and runs of it, for tests of the engine."""

from __future__ import annotations

import itertools
from typing import Any

from robots import PropertyDesignation, Run, task
from robots.queue.attempts import Claimed, Outcome, finish
from robots.queue.claims import claim
from robots.queue.runs import Source, submit
from robots.queue.seats import Need
from robots.store import Store
from robots.store.processes import ProcessId, this_process
from robots.task import Task

_numbers = itertools.count(1)


@task(title="Exempel", owner="Ingen", saves_minutes=1)
def example(run: Run, property_id: PropertyDesignation) -> None:
    """Gör ingenting."""


EXAMPLE: Task = example.__ragnhild_task__  # type: ignore[attr-defined]


def ask(store: Store, *, source: Source = "batch", about: str = "", **more: Any) -> int:
    """A run that nobody has asked for before, unless it is ``about`` the same as another."""
    values = EXAMPLE.inputs.parse({"property_id": about or f"EKBACKEN {next(_numbers)}:1"})
    return submit(store, EXAMPLE, values, robot="ada", source=source, started_by="test", **more).run_id


def begin(store: Store, run_id: int, *needs: Need, me: ProcessId | None = None, **more: Any) -> Claimed:
    claimed = claim(store, run_id, me or this_process(), needs=lambda task, robot: needs, **more)
    assert claimed is not None
    return claimed


def end(store: Store, claimed: Claimed) -> None:
    finish(store, claimed, Outcome("done"))
