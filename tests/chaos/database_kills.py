"""The database killed: ``python -m tests.chaos database --kills 20 --seed 7``.

PostgreSQL is killed with all it has started while real supervisors take runs from the real queue, and is started again
a moment later. Most kills hit a COMMIT: right before it lands, or right after, so that nobody is told. No worker is
started anew. The judge is the fast target's own log; what is not real is the browser (``no_browser.py``).
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.worker_process import running_worker
from robots.settings import Settings
from robots.store import open_store
from robots.store.connect import connect
from tests.chaos import order_slots
from tests.chaos.asker import Asker, asked_without_reading
from tests.chaos.crew_orders import Told
from tests.chaos.mortal_server import CHANGES, MortalServer, Strike, Way, mortal_server, way_to
from tests.chaos.order_judge import Judgement, judge, log_of, running_target
from tests.chaos.orders import log_in, settings_in, write_config
from tests.chaos.random_kills import FAULTS, LATENESS, LATEST, SETTLE, TIMEOUT
from tests.chaos.table import Row, at_least, at_most, none, some, told
from tests.chaos.target import Habits

WORKERS = 2
SLOTS = 2
# Of a hundred kills, how many come whenever they come; the others come at a COMMIT.
AT_RANDOM = 25
# How long such a COMMIT is waited for; the kill comes then all the same.
PATIENCE = 15.0
AWAY = (0.1, 1.5)
QUIET = (0.2, 1.5)
# Within this the next run is done, counted from the kill.
BOUND = 30.0
# Asked for after the last kill, so that every worker gets some; and then one by one, while the workers rest.
LAST = 24
HEARD = 7
HEARING = 0.15
ENDING_SECONDS = 120.0


@dataclass(frozen=True)
class Kill:
    """``at`` tells what it hit in words, ``seconds`` how long it took from then until the next run was done."""

    at: str
    seconds: float


@dataclass
class Found:
    """``acknowledged``: what the asker was told, the run of each number; ``errors``: how often it was told nothing."""

    kills: list[Kill] = field(default_factory=list)
    acknowledged: dict[int, int] = field(default_factory=dict)
    errors: int = 0
    forgotten: list[int] = field(default_factory=list)
    left_in_queue: int = 0
    workers: int = 0
    working: int = 0
    hearing: float = 0.0
    judged: Judgement | None = None

    @property
    def at_commit(self) -> int:
        return sum(" COMMIT " in kill.at for kill in self.kills)


# The workers that have had runs after the last kill, and whose engine gives a sign of life.
_WORKING = (
    "select least((select count(distinct worker_id) from attempts where started_at > '{}'),"
    " (select count(*) from procrastinate_workers where last_heartbeat > clock_timestamp() - interval '3 s'))"
)


class Killer:
    """Kills the server, starts it again and waits for the next run that is done."""

    def __init__(self, server: MortalServer, way: Way, seed: int, changes: Sequence[str], at_random: float) -> None:
        self._server, self._way = server, way
        self._chance = random.Random(seed)
        self._at_random = at_random
        hits = [(change, side) for change in changes for side in ("before", "after")]
        self._chance.shuffle(hits)
        self._hits = itertools.cycle(hits)

    def kill(self, *, whenever: bool | None = None) -> Kill:
        """At a COMMIT or ``whenever``; which of them, chance says where nothing else does."""
        by_chance = self._chance.random() * 100 < self._at_random
        at = self._strike(whenever=by_chance if whenever is None else whenever)
        killed = time.monotonic()
        time.sleep(self._chance.uniform(*AWAY))  # how long it is away is a part of the experiment
        self._server.start()
        done = self._done()
        while self._done() == done and time.monotonic() - killed < 2 * BOUND:
            time.sleep(0.02)  # others' work
        kill = Kill(at, time.monotonic() - killed)
        time.sleep(self._chance.uniform(*QUIET))
        return kill

    def _strike(self, *, whenever: bool) -> str:
        if whenever:
            self._server.kill()
            return "whenever"
        change, side = next(self._hits)
        strike = self._way.strike = Strike(change, side)  # type: ignore[arg-type]
        if strike.done.wait(PATIENCE):
            return f"{side} the COMMIT of {change}"
        self._way.strike = None
        if not strike.done.is_set():
            self._server.kill()
        return f"whenever, in vain waiting for {change}"

    def _done(self) -> int:
        return int(self._server.ask("select count(*) from runs where state = 'done'")[0][0])


def database_kills(
    *, kills: int, seed: int, faults: float = FAULTS, changes: Sequence[str] = tuple(CHANGES),
    at_random: float = AT_RANDOM, control: str = "nothing", workers: int = WORKERS,
) -> Found:  # fmt: skip
    """Let it happen on a server of its own, and judge. ``control`` names the guard that the slots are without."""
    started = time.monotonic()
    found = Found(workers=workers)
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="ragnhild-chaos-", ignore_cleanup_errors=True))
        folder = Path(name)
        folder.chmod(0o755)
        server = stack.enter_context(mortal_server(folder))
        open_store(server.url, folder).close()
        way = stack.enter_context(way_to(server, folder / "way"))
        settings = _settings(folder, server)
        habits = Habits(str(folder / "log"), str(folder / "socket"), seed, LATEST, LATENESS, faults)
        with running_target(habits) as ending:
            environment = {order_slots.TARGET: habits.socket, order_slots.CONTROL: control}
            asker = Asker(settings, way.url, habits.socket)
            with ExitStack() as at_work:
                for _ in range(workers):
                    at_work.enter_context(
                        running_worker(settings, connect(way.url), slot=order_slots.MODULE, environment=environment)
                    )
                asker.start()
                killer = Killer(server, way, seed, changes, at_random)
                # The first comes at a COMMIT, however few there are. The last comes whenever, while most wait for work:
                # an engine must notice it of itself.
                found.kills.append(killer.kill(whenever=False))
                found.kills += [killer.kill() for _ in range(kills - 2)]
                found.kills.append(killer.kill(whenever=at_random > 0))
                killed = server.ask("select clock_timestamp()::text")[0][0]
                asker.ask_for_more(LAST)
                _wait_for_the_last(server)
                found.working = server.ask(_WORKING.format(killed))[0][0]
                found.hearing = _seconds_until_begun(server, asker)
        store = connect(server.url)
        found.left_in_queue = int(server.ask("select count(*) from procrastinate_jobs where status = 'doing'")[0][0])
        found.acknowledged, found.errors = asker.acknowledged, asker.errors
        found.forgotten = _forgotten(server, asker.acknowledged)
        told_by_asker = Told(numbers=asker.numbers)
        found.judged = judge(store, told_by_asker, log_of(habits), Counter(ending), time.monotonic() - started)
        store.close()
    return found


def _settings(folder: Path, server: MortalServer) -> Settings:
    write_config(folder / "config", settle=SETTLE, timeout=TIMEOUT)
    settings = settings_in(folder).model_copy(update={"slots": SLOTS})
    store = connect(server.url)
    log_in(settings, store)
    store.close()
    return settings


def _wait_for_the_last(server: MortalServer) -> None:
    deadline = time.monotonic() + ENDING_SECONDS
    waiting = "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
    while server.ask(waiting)[0][0] and time.monotonic() < deadline:
        time.sleep(0.1)  # others' work


def _seconds_until_begun(server: MortalServer, asker: Asker) -> float:
    """At the median: how soon a worker that rests takes up what is asked for."""
    asked = asker.ask_one_by_one(HEARD, lambda: _wait_for_the_last(server))
    asker.close()
    begun = "select extract(epoch from started_at - created_at)::float from runs where id >= {} order by id"
    return float(statistics.median(waited for (waited,) in server.ask(begun.format(asked[0]))))


def _forgotten(server: MortalServer, acknowledged: dict[int, int]) -> list[int]:
    """Requests whose run the asker was told of, and that is not there."""
    there = dict(server.ask("select id, (inputs->>'number')::int from runs"))
    return [number for number, run_id in acknowledged.items() if there.get(run_id) != number]


# -- told -----------------------------------------------------------------------------------------------------------


def rows_of(found: Found, *, kills: int, seed: int, hearing: float = HEARING) -> list[Row]:
    judged = found.judged
    assert judged is not None
    seconds = sorted(kill.seconds for kill in found.kills)
    return [
        told("seed", seed),
        at_least("kills of the database (SIGKILL)", len(found.kills), kills),
        at_least("    of them at a COMMIT, half of these when it had landed", found.at_commit, kills // 2),
        *(told(f"        {at}", count) for at, count in sorted(Counter(kill.at for kill in found.kills).items())),
        told("runs, by real supervisors that nobody started anew", judged.runs),
        told("orders", judged.orders),
        told("answers that the asker did not get, and asked for again", found.errors),
        none("carried out twice", len(judged.twice), among=judged.orders),
        none("lost: done or confirmed, but not in the target's log", len(judged.lost), among=judged.orders),
        none("carried out without the one before it", len(judged.out_of_turn)),
        none("carried out though nobody asked", len(judged.unasked)),
        none("runs without exactly one outcome, or with an attempt that is open", len(judged.without_outcome)),
        none("requests that were acknowledged and are no run", len(found.forgotten), among=len(found.acknowledged)),
        none("requests that became two runs, or none", judged.asked_twice, among=judged.runs),
        none("left in «doing» in the queue", found.left_in_queue),
        told("from the kill until the next run is done, median", f"{statistics.median(seconds):.1f} s"),
        at_most("    the longest", seconds[-1], BOUND, " s"),
        at_least("workers at work after the last kill, seen and with runs", found.working, found.workers),
        at_most("from asking until a worker at rest has begun, median", found.hearing, hearing, " s"),
        at_most("handed over without need", judged.unneeded_percent, judged.most_unneeded_percent, " %"),
        *(told(f"    {kind}", count) for kind, count in sorted(judged.handed_over.items())),
    ]


CONTROL_KILLS = 4


def controls(seed: int, *, kills: int = CONTROL_KILLS) -> dict[str, Found]:
    """Without a guard, each under the kill that it is there for, and without any fault of the target's."""
    common: dict[str, Any] = {"kills": kills, "seed": seed, "faults": 0.0, "at_random": 0.0, "workers": 1}
    with asked_without_reading():
        asked = database_kills(changes=["a request"], **common)
    recorded = database_kills(changes=["an arming or a confirmation"], control="act_then_record", **common)
    return {"asked": asked, "recorded": recorded}


def rows_of_controls(found: dict[str, Found]) -> list[Row]:
    asked, recorded = found["asked"].judged, found["recorded"].judged
    assert asked
    assert recorded
    return [
        some("control, an asker that takes an error for «not done»: requests twice", asked.asked_twice),
        some("control, recorded after the act: carried out twice", len(recorded.twice), among=recorded.orders),
    ]


def rows(arguments: Sequence[str]) -> list[Row]:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos database", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args(arguments)
    found = rows_of(database_kills(kills=asked.kills, seed=asked.seed), kills=asked.kills, seed=asked.seed)
    return found + rows_of_controls(controls(asked.seed))
