"""The fast target as a process, and what its log says of the orders that the runs in a database were to carry out."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text

from robots.store import Store
from tests.chaos.crew_orders import Told
from tests.chaos.orders import words_of
from tests.chaos.target import Habits

MOST_UNNEEDED_PERCENT = 2.0
# With fewer runs than this a share of them says little: one handed over of sixty is 1.7 %.
ENOUGH_RUNS = 1_000


@dataclass(frozen=True)
class Judgement:
    """What came of it. Every list is of words (orders) or of run numbers, and should be empty."""

    runs: int
    orders: int
    carried_out: int
    twice: list[str]
    lost: list[str]
    out_of_turn: list[str]
    unasked: list[str]
    without_outcome: list[int]
    asked_twice: int
    handed_over: Counter[str]
    done: int
    crew: Told
    target: Counter[str]
    seconds: float

    @property
    def unneeded_percent(self) -> float:
        """Every run that did not end as done: the target was there all the time, and a look would have told."""
        return 100 * sum(self.handed_over.values()) / max(1, self.runs)

    @property
    def most_unneeded_percent(self) -> float:
        """What is promised, and for a short experiment what chance may add to it."""
        few = self.runs < ENOUGH_RUNS
        return MOST_UNNEEDED_PERCENT + (scatter(MOST_UNNEEDED_PERCENT, self.runs) if few else 0)


def scatter(percent: float, drawn: int) -> float:
    """How far, in percentage points, a share may lie from its chance when so many were drawn: four deviations."""
    return 4 * math.sqrt(percent * (100 - percent) / max(1, drawn))


@contextmanager
def running_target(habits: Habits) -> Iterator[dict[str, int]]:
    """The target as a process of its own; what it says at its end is there after the block."""
    command = [sys.executable, "-m", "tests.chaos.target", json.dumps(asdict(habits))]
    ending: dict[str, int] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as target:
        assert target.stdin
        assert target.stdout
        try:
            assert target.stdout.readline() == "ready\n"
            yield ending
            target.stdin.close()
            ending.update(json.loads(target.stdout.read()))
        finally:
            target.kill()


def log_of(habits: Habits) -> list[dict[str, str]]:
    """What the target has carried out, in order."""
    return [json.loads(line) for line in Path(habits.log).read_text("utf-8").splitlines()]


def judge(store: Store, crew: Told, log: list[dict[str, str]], target: Counter[str], seconds: float) -> Judgement:
    """Hold what the target has carried out against the runs of ``store``, and both against what ``crew`` asked for."""
    with store.begin() as connection:
        rows = connection.execute(_RUNS).all()
    done = [row for row in rows if row.outcome == "done"]
    asked = {words for row in rows for words in words_of(row.number)}
    place = {entry["words"]: at for at, entry in reversed(list(enumerate(log)))}
    by_words, by_mark = (Counter(entry[key] for entry in log) for key in ("words", "mark"))
    pairs = Counter(mark for mark, _ in {(entry["mark"], entry["words"]) for entry in log})
    twice = [words for words, count in by_words.items() if count > 1]
    twice += [mark for mark, count in pairs.items() if count > 1]  # one mark that two orders share
    changed = [row.id for row in rows if crew.endings.get(row.id, row.outcome) != row.outcome]
    numbers = Counter(row.number for row in rows)
    return Judgement(
        runs=len(rows),
        orders=len(asked),
        carried_out=len(log),
        twice=sorted(twice),
        lost=[words for row in done for words in words_of(row.number) if words not in by_words] + _lies(store, by_mark),
        out_of_turn=[w for row in rows for w in _out_of_turn(words_of(row.number), place)],
        unasked=sorted(by_words.keys() - asked),
        without_outcome=[row.id for row in rows if row.outcome is None or row.state != row.outcome or row.open]
        + changed + crew.stuck,
        asked_twice=sum(count - 1 for count in numbers.values()) + len(set(range(crew.numbers)) - numbers.keys()),
        handed_over=Counter(f"{row.outcome}: {row.kind}" for row in rows if row.outcome not in ("done", None)),
        done=len(done),
        crew=crew,
        target=target,
        seconds=seconds,
    )  # fmt: skip


# ``open``: attempts that nobody has ended though the run has.
_RUNS = text(
    "select r.id, r.state, (r.inputs->>'number')::int as number, o.outcome, o.kind,"
    " exists (select 1 from attempts a where a.run_id = r.id and a.ended_at is null) as open"
    " from runs r left join outcomes o on o.run_id = r.id order by r.id"
)
_CONFIRMED = text("select mark, once from effects where state = 'CONFIRMED'")


def _lies(store: Store, by_mark: Counter[str]) -> list[str]:
    """What the ledger says is confirmed and the target never did."""
    with store.begin() as connection:
        rows: list[Row[Any]] = list(connection.execute(_CONFIRMED))
    return [str(row.once) for row in rows if row.mark not in by_mark]


def _out_of_turn(words: list[str], place: dict[str, int]) -> list[str]:
    """Orders that were carried out though the one before was not, or later."""
    return [
        later for earlier, later in pairwise(words) if later in place and place.get(earlier, len(place)) > place[later]
    ]
