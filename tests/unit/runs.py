"""Runs and attempts as rows, for tests of what hangs on them."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, insert, select, text, update

from robots.store import Store
from robots.store.processes import ProcessId, process, this_process
from robots.store.schema import attempts, runs

_numbers = itertools.count(1)


def new_run(store: Store, *, state: str = "running") -> int:
    """A run of no task, with no attempt yet."""
    with store.begin() as connection:
        made: int = connection.execute(
            insert(runs)
            .values(
                key=f"test-{next(_numbers)}", task="example", task_version="1", robot="ada", inputs={}, source="guide",
                started_by="test", dry_run=False, priority=0, state=state, request=f"test-request-{next(_numbers)}",
                deadline_at=func.now() + text("interval '1 day'"),
            )
            .returning(runs.c.id)
        ).scalar_one()  # fmt: skip
    return made


def new_attempt(store: Store, run_id: int, owner: ProcessId | None = None) -> int:
    """The run's next attempt, at work in ``owner`` (this process)."""
    me = owner or this_process()
    with store.begin() as connection:
        number = connection.execute(select(runs.c.attempts).where(runs.c.id == run_id)).scalar_one() + 1
        connection.execute(update(runs).where(runs.c.id == run_id).values(attempts=number))
        made: int = connection.execute(
            insert(attempts)
            .values(run_id=run_id, number=number, host=me.host, pid=me.pid, pid_started=me.started)
            .returning(attempts.c.id)
        ).scalar_one()
    return made


@contextmanager
def another_process() -> Iterator[ProcessId]:
    """A living process of its own; dead when the block ends."""
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        yield process(other.pid)
    finally:
        other.kill()
        other.wait()
        assert other.stdin is not None
        other.stdin.close()
