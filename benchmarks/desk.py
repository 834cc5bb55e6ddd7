"""Fifty guides at the desk while a batch of 5,000 is worked through: what they wait, and what the batch loses by them.

Half of the time they are there, half of the time they are not, in turn: the batch is compared to itself.
"""

from __future__ import annotations

import time
from itertools import count
from statistics import quantiles

from sqlalchemy import ColumnElement, func, select

from benchmarks.desk_process import open_desk
from benchmarks.ground import own_ground
from benchmarks.guides import TEAM, Guides, sessions_of
from benchmarks.pairs import Count, Figures, Pairs, alternate
from benchmarks.queue_sides import NOTHING
from benchmarks.worker_process import running_worker
from robots.queue.batches import AskedRow, enqueue, open_batch
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs

GUIDES = 50
ROWS = 5_000
ROUNDS = 5
WINDOW_SECONDS = 15.0
MOST_COSTS = 1.10
STEP_P95_MS = 500
PAGE_P99_MS = 300
_batches = count()


def measure() -> Figures:
    """Raises ``AssertionError`` when a guide was refused something, or the batch came to its end meanwhile."""
    told = Figures(
        f"desk: {GUIDES} guides beside a batch of {ROWS:,}", "Compared to the same batch without guides, in turn."
    )
    with own_ground(NOTHING.file.parent) as (settings, store), open_desk(settings, store) as address:
        guides = Guides(address, sessions_of(store, GUIDES))
        two = settings.model_copy(update={"slots": 0})  # as many as the machine is given by itself
        with running_worker(two, store):
            mine, other = alternate(
                lambda _: _row_with(guides, store), lambda _: _row_alone(store), rounds=ROUNDS, words="desk"
            )
        assert not guides.wrong, guides.wrong[:3]
        told.figures += [
            Pairs("a row of the batch", mine, other, "costs", MOST_COSTS),
            _most("from a start to its first live step, p95", _nth(guides.starts, 95), STEP_P95_MS),
            _most("a page, p99", _nth(guides.pages, 99), PAGE_P99_MS),
        ]
        told.told.append(
            f"{len(guides.starts)} starts, {len(guides.pages)} pages, {_slots(settings)} slots, team {TEAM}; "
            f"median {_nth(guides.starts, 50):.0f} ms to the step and {_nth(guides.pages, 50):.0f} ms to a page"
        )
    return told


def _see_to_batch(store: Store) -> None:
    """That one is under way which does not come to its end in the next window."""
    if _waiting(store) > ROWS / 2:
        return
    number = next(_batches)
    batch = open_batch(
        store, NOTHING, file_name="desk.xlsx", sha256=str(number), sheet="Blad1", started_by="bench", dry_run=False
    )
    rows = [AskedRow(n, NOTHING.inputs.parse({"number": number * ROWS + n})) for n in range(ROWS)]
    enqueue(store, NOTHING, batch, rows, robot="bench")


def _row_with(guides: Guides, store: Store) -> float:
    with guides.at_work():
        return _row_alone(store)


def _row_alone(store: Store) -> float:
    """Seconds for each row of the batch, over a window of time."""
    _see_to_batch(store)
    before, began = _done(store), time.monotonic()
    time.sleep(WINDOW_SECONDS)  # what is measured is how far the batch comes in it
    done, seconds = _done(store) - before, time.monotonic() - began
    assert done, "the batch stood still, or came to its end"
    return seconds / done


def _done(store: Store) -> int:
    return _count(store, runs.c.finished_at.is_not(None))


def _waiting(store: Store) -> int:
    return _count(store, runs.c.finished_at.is_(None))


def _count(store: Store, which: ColumnElement[bool]) -> int:
    wanted = select(func.count()).where(runs.c.source == "batch", which)
    with store.begin() as connection:
        return int(connection.execute(wanted).scalar_one())


def _nth(seconds: list[float], percent: int) -> float:
    """In milliseconds."""
    return quantiles(seconds, n=100)[percent - 1] * 1000


def _most(name: str, milliseconds: float, most: float) -> Count:
    return Count(name, milliseconds, most, f"{milliseconds:.0f} ms", limit_words=f"≤ {most} ms")


def _slots(settings: Settings) -> int:
    return settings.model_copy(update={"slots": 0}).slot_count
