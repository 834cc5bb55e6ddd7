"""Real Chromium, killed at random: slots, browsers and node drivers die while the three flows go on.

``python -m tests.chaos browser --kills 1000 --seed 7``. A run is killed at most twice: after the third death it would
be set aside as poison, which is right and would hide whether it can be finished. Answers are lost in every way
meanwhile, before and after the commit, and systems are slow. The judge is the town.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from sqlalchemy import select

from benchmarks.worker_process import running_worker
from robots.queue.runs import events_of
from robots.store.schema import attempts
from tests.chaos.table import Row, at_least, at_most, none, some, told
from tests.chaos.three_flows import FLOWS, Account, Case, Flow, Ground, account_of, own_ground
from tests.chaos.trace_points import tracing

# Longer than the town takes for anything, slowness included.
SETTLE_SECONDS = 1.5
SLOW_SECONDS = 0.4
SLOTS = 2
MOST_KILLS_A_RUN = 2
LONGEST_LIFE = 1.8
LOST = ("fin", "rst", "partial", "408")
VICTIMS = ("slot", "slot", "browser", "node")
# A run that is not done so long after the last kill is lost.
PATIENCE = 120.0
# A kill in the moment between sending and knowing is rare: the control goes on until one has done its harm.
CONTROL_KILLS = 60
CONTROL_ROUNDS = 6
# A slot whose driver stands still is ended on the run's deadline, and soon after nothing that it started is left.
DEADLINE_SECONDS = 6.0
ORPHAN_SECONDS = 10.0
MOST_HANDED_OVER = 2.0


@dataclass
class Massacre:
    """What was killed, and what became of the runs."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    account: Account = field(default_factory=Account)
    seconds: float = 0.0


@dataclass(frozen=True)
class Hung:
    """A slot whose node driver stood still: how long until it was ended, and who of its family lived on."""

    seconds: float
    orphans: list[str]
    account: Account


@dataclass(frozen=True)
class AtWork:
    """An attempt that a slot is making."""

    attempt: int
    run_id: int
    pid: int


def at_work(ground: Ground) -> list[AtWork]:
    asked = select(attempts.c.id, attempts.c.run_id, attempts.c.pid).where(attempts.c.ended_at.is_(None))
    with ground.store.begin() as connection:
        found = [AtWork(*row) for row in connection.execute(asked)]
    return [one for one in found if _is_slot(one.pid)]


def kill(pid: int, victim: str) -> bool:
    """SIGKILL the slot with that number and its group, or its browser alone, or its node driver alone.

    False when it was not there (any more).
    """
    try:
        if victim == "slot":
            os.killpg(pid, signal.SIGKILL)
        else:
            (browser_of(pid) if victim == "browser" else driver_of(pid)).kill()
    except (ProcessLookupError, psutil.NoSuchProcess, StopIteration):
        return False
    return True


def driver_of(pid: int) -> psutil.Process:
    """The slot's node driver. Raises ``StopIteration`` when there is none."""
    return next(child for child in psutil.Process(pid).children() if child.name().startswith("node"))


def browser_of(pid: int) -> psutil.Process:
    """The slot's browser, above its own children. Raises ``StopIteration`` when there is none."""
    return next(iter(driver_of(pid).children()))


def _is_slot(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE and os.getpgid(pid) == pid
    return False


class Killer:
    """Gives every attempt a life time, and ends it with something when that is over."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground = ground
        self.random = random.Random(seed)
        self.made = Massacre(seed)
        self._dies_at: dict[int, float] = {}
        self._killed: Counter[int] = Counter()

    def massacre(self, kills: int) -> Massacre:
        """Runs one after another until so many kills have been made; and then until every run has ended."""
        began = time.monotonic()
        while self.made.kills.total() < kills:
            self._town_full(kills)
            if self.made.kills.total() < kills:
                self.ground.renew()
        self.made.seconds = time.monotonic() - began
        return self.made

    def _town_full(self, kills: int) -> None:
        """One town's cases, or as many of them as are needed."""
        asked: dict[int, tuple[Flow, Case]] = {}
        fresh = self._cases()
        waiting: list[int] = []
        while self.made.kills.total() < kills:
            waiting = self.ground.wait(waiting, 0)
            while len(waiting) < 2 * self.ground.settings.slot_count and (next_case := next(fresh, None)):
                waiting.append(self._begin(asked, *next_case))
            if not waiting:
                break
            self._strike(kills)
            time.sleep(0.02)  # slots work by themselves; there is nothing to wait on but the clock
        self.ground.town.clear_faults()
        self.ground.wait(list(asked), PATIENCE)
        self.made.account.add(account_of(self.ground, asked))

    def _cases(self) -> Iterator[tuple[Flow, Case]]:
        while any(self.ground.left(flow) for flow in FLOWS.values()):
            for flow in FLOWS.values():
                if self.ground.left(flow):
                    yield flow, self.ground.case(flow)

    def _begin(self, asked: dict[int, tuple[Flow, Case]], flow: Flow, case: Case) -> int:
        if self.random.random() < 0.4:
            self._disturb(flow)
        run_id = self.ground.submit(flow, case)
        asked[run_id] = (flow, case)
        return run_id

    def _disturb(self, flow: Flow) -> None:
        """One of the next changes in one of the flow's systems: its answer is lost, or it is slow."""
        system, path = self.random.choice(flow.commits)
        if self.random.random() < 0.25:
            self.ground.town.fault(system, "slow", method="POST", path=path, seconds=SLOW_SECONDS)
            self.made.faults["slow"] += 1
            return
        how, before = self.random.choice(LOST), self.random.random() < 0.5
        self.ground.town.fault(system, "answer_lost", method="POST", path=path, how=how, before_commit=before)
        self.made.faults[f"{how} {'before' if before else 'after'}"] += 1

    def _strike(self, most: int) -> None:
        now = time.monotonic()
        for one in at_work(self.ground):
            if self._killed[one.run_id] >= MOST_KILLS_A_RUN or self.made.kills.total() >= most:
                continue
            if now < self._dies_at.setdefault(one.attempt, now + self.random.uniform(0, LONGEST_LIFE)):
                continue
            victim = self.random.choice(VICTIMS)
            if kill(one.pid, victim):
                self.made.kills[victim] += 1
                self._killed[one.run_id] += 1
                self._dies_at[one.attempt] = float("inf")


def hang_a_driver(ground: Ground) -> Hung:
    """Stop the node driver of a slot in the middle of a run, on a worker that is at work on ``ground``."""
    flow = FLOWS["send_detail_plan"]
    case = ground.case(flow)
    run_id = ground.submit(flow, case)
    slot = first_at_work(ground, run_id)
    leader = psutil.Process(slot.pid)
    family = [leader, *leader.children(recursive=True)]
    assert browser_of(slot.pid) in family
    driver_of(slot.pid).send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    until(lambda: not alive(leader), 10 * DEADLINE_SECONDS)
    ended = time.monotonic()
    with suppress(TimeoutError):
        until(lambda: not any(alive(member) for member in family), ORPHAN_SECONDS)
    orphans = [member.name() for member in family if alive(member)]
    ground.wait([run_id], PATIENCE)
    return Hung(ended - stopped, orphans, account_of(ground, {run_id: (flow, case)}))


def first_at_work(ground: Ground, run_id: int) -> AtWork:
    """The only slot at work, once it has begun with the first step of the run."""
    until(lambda: any(event.kind == "step" for event in events_of(ground.store, run_id)), 60)
    (slot,) = at_work(ground)
    return slot


def alive(member: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return member.is_running() and member.status() != psutil.STATUS_ZOMBIE
    return False


def until(seen: Callable[[], bool], seconds: float) -> None:
    """Raises ``TimeoutError`` when it does not come."""
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.01)  # other processes live and die by themselves; there is nothing to wait on


def random_kills(kills: int, seed: int, *, slots: int = SLOTS, blind: bool = False) -> Massacre:
    """So many kills on ground of its own. ``blind``: without the look before what may have happened is made again."""
    with own_ground(settle=SETTLE_SECONDS, slots=slots, attempts=10) as ground:
        if not blind:
            with running_worker(ground.settings, ground.store):
                return Killer(ground, seed).massacre(kills)
        with tracing(ground, ground.settings.data_dir / "trace", blind=True):
            return Killer(ground, seed).massacre(kills)


def blind_kills(kills: int, seed: int, *, slots: int = SLOTS) -> Account:
    """The control: rounds of so many kills, without the look, until something is made twice or there is no hope."""
    account = Account()
    for round_ in range(CONTROL_ROUNDS):
        account.add(random_kills(kills, seed + round_, slots=slots, blind=True).account)
        if account.duplicates:
            break
    return account


def rows(arguments: Sequence[str]) -> list[Row]:
    """The long form and its control."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos browser", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--slots", type=int, default=SLOTS)
    asked = parser.parse_args(arguments)
    made = random_kills(asked.kills, asked.seed, slots=asked.slots)
    for story in made.account.stories:
        print(story, file=sys.stderr, flush=True)
    blind = blind_kills(min(asked.kills, CONTROL_KILLS), asked.seed, slots=asked.slots)
    control = "control, without the look before arming again: made twice"
    with own_ground(settle=SETTLE_SECONDS, slots=2, run_minutes=DEADLINE_SECONDS / 60) as ground:
        with running_worker(ground.settings, ground.store):
            hung = hang_a_driver(ground)
    return [
        *rows_of(made, asked.kills), some(control, blind.duplicates, among=blind.runs),
        *rows_of_hung(hung),
    ]  # fmt: skip


def rows_of(made: Massacre, kills: int) -> list[Row]:
    account = made.account
    return [
        told("seed", made.seed),
        at_least("kills (SIGKILL) in the middle of a run", made.kills.total(), kills),
        *(told(f"    of {victim}s", count) for victim, count in sorted(made.kills.items())),
        told("changes that met a fault besides", made.faults.total()),
        *(told(f"    {fault}", count) for fault, count in sorted(made.faults.items())),
        told("runs of the three flows", account.runs),
        told("runs a minute", round(60 * account.runs / made.seconds)),
        none("made twice", account.duplicates, among=account.runs),
        none("lost: done, but not in the town", account.losses, among=account.runs),
        none("without exactly one outcome", account.unfinished, among=account.runs),
        none("failed or cancelled", account.otherwise, among=account.runs),
        at_most("handed over without need", 100 * account.handed_over / account.runs, MOST_HANDED_OVER, " %"),
    ]


def rows_of_hung(hung: Hung) -> list[Row]:
    account = hung.account
    return [
        at_most("node driver stopped (SIGSTOP): its slot was ended after", hung.seconds, 2 * DEADLINE_SECONDS, " s"),
        none(f"    orphans {ORPHAN_SECONDS:.0f} s later", len(hung.orphans)),
        none("    made twice, lost, or not done", account.duplicates + account.losses + account.runs - account.done),
    ]
