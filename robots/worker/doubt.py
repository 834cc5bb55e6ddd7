"""What the database may know of this process and this process not: an attempt that it was never told it had begun.

An error at COMMIT is no «not done»: only the answer may be lost. As long as this process lives nobody else may take
over what it has open, so it ends that itself before it does anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from robots.queue.attempts import end_left_open
from robots.store import Store
from robots.store.processes import this_process

_runs: set[int] = set()


@contextmanager
def doubted(run_id: int) -> Iterator[None]:
    """Within it an attempt of the run begins or ends. When the database goes away nobody knows whether it has."""
    try:
        yield
    except SQLAlchemyError:
        _runs.add(run_id)
        raise


def settle_doubts(store: Store) -> None:
    """End whatever this process may have open; it works on nothing now."""
    if _runs:
        end_left_open(store, this_process())
        _runs.clear()
