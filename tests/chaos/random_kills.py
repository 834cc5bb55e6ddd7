"""Random kills: ``python -m tests.chaos random --kills 100000 --seed 7``.

Tens of thousands of orders in a fast target at 30 % faults, by actors that are killed and paused all the time.

The judge is the target's own log. What is real: everything from ``attempt_run`` down to the click that goes out through
``OneSend``, the database, the processes and their death. What is not: the browser (``no_browser.py``), the queue engine
and the supervisor (``crew.py`` gives out what they would).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from robots.store import Store, open_store
from tests.chaos.crew_orders import Orders, Told
from tests.chaos.order_judge import Judgement, judge, log_of, running_target, scatter
from tests.chaos.orders import log_in, settings_in, write_config
from tests.chaos.table import Row, at_least, at_most, none, some, told
from tests.chaos.target import CHANGE_FAULTS, Habits

# Of a hundred changes, how many meet a fault of the target's.
FAULTS = 30.0
TIMEOUT = 0.15
SETTLE = 0.2
# What the target carries out at all it carries out this soon: settle is set rightly, with little to spare.
LATEST = 0.16
LATENESS = (0.01, 0.14)


def random_kills(
    store: Store, *, kills: int, seed: int, actors: int = 12, faults: float = FAULTS, **more: Any
) -> Judgement:
    """Let it happen, in the database of ``store``, which holds nothing else; and judge. ``more``: see ``Orders``."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ragnhild-chaos-") as name:
        folder = Path(name)
        write_config(folder / "config", settle=SETTLE, timeout=TIMEOUT)
        log_in(settings_in(folder), store)
        habits = Habits(str(folder / "log"), str(folder / "socket"), seed, LATEST, LATENESS, faults)
        with running_target(habits) as ending:
            orders = Orders(store.url, name, habits.socket, seed, kills, actors, **more)
            answer = _crew(orders)
        return judge(store, answer, log_of(habits), Counter(ending), time.monotonic() - started)


def _crew(orders: Orders) -> Told:
    command = [sys.executable, "-m", "tests.chaos.crew"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crew:
        try:
            answer, _ = crew.communicate(json.dumps(asdict(orders)) + "\n")
        finally:
            crew.kill()
    if crew.returncode:
        raise RuntimeError(f"the crew ended with {crew.returncode}")
    crew_told = Told(**json.loads(answer))
    crew_told.endings = {int(run_id): word for run_id, word in crew_told.endings.items()}
    return crew_told


# -- told -----------------------------------------------------------------------------------------------------------


def rows_of(judged: Judgement, *, kills: int, seed: int) -> list[Row]:
    """The table of an experiment with all guards."""
    crew, target = judged.crew, judged.target
    changes = target["changes"]
    faulty = 100 * sum(target[fault] for fault in CHANGE_FAULTS) / max(1, changes)
    return [
        told("seed", seed),
        at_least("kills (SIGKILL), each of an actor at work", crew.kills, kills),
        told("pauses (SIGSTOP), the run being given to others meanwhile", crew.pauses),
        told("runs", judged.runs),
        told("orders", judged.orders),
        told("kills a second", round(crew.kills / crew.seconds)),
        at_least("changes that met a fault, %", round(faulty), math.floor(FAULTS - scatter(FAULTS, changes))),
        none("carried out twice", len(judged.twice), among=judged.orders),
        none("lost: done or confirmed, but not in the target's log", len(judged.lost), among=judged.orders),
        none("carried out without the one before it", len(judged.out_of_turn)),
        none("carried out though nobody asked", len(judged.unasked)),
        none("runs without exactly one outcome", len(judged.without_outcome), among=judged.runs),
        none("requests that became two runs, or none", judged.asked_twice, among=judged.runs),
        none("attempts that broke", sum(crew.broke.values()), among=crew.attempts),
        at_most("handed over without need", judged.unneeded_percent, judged.most_unneeded_percent, " %"),
        *(told(f"    {kind}", count) for kind, count in sorted(judged.handed_over.items())),
    ]


@dataclass(frozen=True)
class Control:
    """A guard switched off, and the conditions under which that shows. ``own``: conditions of its own, under which
    the same is done with the guard as well, to show that it is the guard that makes the difference."""

    words: str
    own: dict[str, Any] = field(default_factory=dict)


# Long pauses, most of them between arming and sending; nobody who tries a run is killed.
PAUSES = {
    "paused_share": 1.0, "killed_after_pause": 0.0, "longest_stop": 1.5, "killed_share": 0.4, "restless": 1.0,
    "longest_restless": 1.0, "mean_life": 0.8,
}  # fmt: skip
CONTROLS = {
    "act_then_record": Control("recorded after the act"),
    "no_look": Control("armed again without a look"),
    "no_settling": Control("no wait until the system has settled", {"faults": 90.0}),
    "no_confirmed_death": Control(
        "taken over from whoever is silent",
        PAUSES,
    ),
}
CONTROL_STRIKES = 150


def rows_of_control(judged: Judgement, words: str) -> list[Row]:
    return [some(f"control, {words}: carried out twice", len(judged.twice), among=judged.orders)]


def rows_of_pair(judged: Judgement, words: str) -> list[Row]:
    """The same conditions as a control's, with the guard."""
    wrong = len(judged.twice) + len(judged.lost) + len(judged.without_outcome)
    return [none(f"    with the guard ({words}): carried out twice, lost, without outcome", wrong, among=judged.orders)]


def rows(arguments: Sequence[str]) -> list[Row]:
    """The long form, with its controls, each in a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos random", description=__doc__)
    parser.add_argument("--kills", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--actors", type=int, default=4 * (os.cpu_count() or 2))
    asked = parser.parse_args(arguments)

    def tried(kills: int, **more: Any) -> Judgement:
        with own_store() as store:
            return random_kills(store, kills=kills, seed=asked.seed, actors=asked.actors, **more)

    found = rows_of(tried(asked.kills), kills=asked.kills, seed=asked.seed)
    for name, control in CONTROLS.items():
        found += rows_of_control(tried(CONTROL_STRIKES, control=name, **control.own), control.words)
        if control.own:
            found += rows_of_pair(tried(CONTROL_STRIKES, **control.own), control.words)
    return found


@contextmanager
def own_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="ragnhild-chaos-", ignore_cleanup_errors=True) as folder:
        store = open_store(None, Path(folder))
        try:
            yield store
        finally:
            store.close()
