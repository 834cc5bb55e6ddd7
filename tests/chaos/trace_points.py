"""A slot is killed at every boundary that a run passes, each in a run of its own; the judge is the town.

``python -m tests.chaos trace`` kills at all points of all three flows. A point is a name and how often it has come
(``after request leaves 2``), so that it is the same point in every run of a flow. Where a run passes on another way
and the point does not come, it is tried with another case, and counted as missed when it never does.

Then a run dies once when its first change has been sent and nobody knows of it, and a second time at each of the points
that the next attempt passes. The control takes a guard away, and kills while a change is in flight.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from benchmarks.worker_process import running_worker
from tests.chaos.slots import BLIND, FOLDER
from tests.chaos.table import Row, at_least, none, some, told
from tests.chaos.three_flows import FLOWS, Account, Case, Flow, Ground, account_of, own_ground

SETTLE_SECONDS = 1.0
SLOTS = 3
# So often a point is tried that did not come.
TRIES = 3
SECONDS_A_KILL = 30.0
# Of the points at which the control kills it is enough to try some.
CONTROL_EVERY = 4
LAST = "after answer to supervisor 1"
Kind = Literal["once", "recovery", "control"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# At which points a run is to die, one in each attempt.
Plan = tuple[str, ...]


@dataclass
class Traced:
    """``killed`` are the plans by which a run has died, ``missed`` those whose points never came."""

    flow: Flow
    killed: list[Plan] = field(default_factory=list)
    missed: list[Plan] = field(default_factory=list)
    account: Account = field(default_factory=Account)

    @property
    def plans(self) -> list[Plan]:
        return self.killed + self.missed

    @property
    def kills(self) -> int:
        return sum(len(plan) for plan in self.killed)


class TracePoints:
    """Runs on a worker whose slots die where they are told."""

    def __init__(self, ground: Ground, folder: Path) -> None:
        self.ground = ground
        self.folder = folder

    def points_of(self, flow: Flow, died_at: Plan = ()) -> list[str]:
        """Every boundary that a run's next attempt passes, in order, when the ones before it ``died_at`` those."""
        case, traced = self._fresh(flow), Traced(flow)
        self._kill(traced, {died_at: case})
        assert (traced.account.runs, traced.missed) == (traced.account.done, []), traced.account.stories
        path = self.folder / f"{case['number']}.points"
        deadline = time.monotonic() + 5
        while LAST not in (written := path.read_text("utf-8")) and time.monotonic() < deadline:
            time.sleep(0.02)  # the very last point comes after the outcome has been told
        return written.rpartition("\n\n")[2].strip().splitlines()

    def kill_at(self, flow: Flow, plans: Sequence[Plan]) -> Traced:
        """A run for each plan, killed where it says and gone on with by another slot."""
        traced = Traced(flow, missed=list(plans))
        for _ in range(TRIES):
            waiting, traced.missed = traced.missed, []
            while waiting:
                cases = {plan: self._fresh(flow) for plan in waiting[: self.ground.left(flow) or 1]}
                waiting = waiting[len(cases) :]
                self._kill(traced, cases)
                _tell(f"{flow.task}: {len(traced.killed)} of {len(plans)} points, {traced.kills} kills")
        return traced

    def _fresh(self, flow: Flow) -> Case:
        if not self.ground.left(flow):
            self.ground.renew()
        return self.ground.case(flow)

    def _kill(self, traced: Traced, cases: dict[Plan, Case]) -> None:
        asked: dict[int, tuple[Flow, Case]] = {}
        for plan, case in cases.items():
            (self.folder / f"{case['number']}.kill").write_text("\n".join(plan), "utf-8")
            asked[self.ground.submit(traced.flow, case)] = (traced.flow, case)
        self.ground.wait(list(asked), SECONDS_A_KILL * (1 + len(asked) / self.ground.settings.slot_count))
        for plan, case in cases.items():
            (traced.killed if self._died_at(case) == plan else traced.missed).append(plan)
        account = account_of(self.ground, asked)
        account.stories = [
            f"{' / '.join(plan)}: {story}"
            for plan, case in cases.items()
            for story in account.stories
            if case["number"] in story
        ]
        traced.account.add(account)

    def _died_at(self, case: Case) -> Plan:
        path = self.folder / f"{case['number']}.killed"
        return tuple(path.read_text("utf-8").splitlines()) if path.exists() else ()


def in_flight(points: Sequence[str]) -> list[str]:
    """The points at which the flow's first change may have happened and nobody knows it yet."""
    armed = next(p for p in points if p.startswith("after ledger.arm "))
    confirmed = next(p for p in points if p.startswith("before ledger.confirm "))
    return list(points[points.index(armed) : points.index(confirmed) + 1])


def sent(points: Sequence[str]) -> str:
    """The point at which the first change has been made, and its answer has not been given to the page."""
    return next(p for p in in_flight(points) if p.startswith("after request leaves"))


@contextmanager
def tracing(ground: Ground, folder: Path, *, blind: bool = False) -> Iterator[TracePoints]:
    """``blind`` takes the look away that comes before what may have happened is made again: the control."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = {FOLDER: str(folder)} | ({BLIND: "1"} if blind else {})
    with running_worker(ground.settings, ground.store, slot="tests.chaos.slots", environment=environment):
        yield TracePoints(ground, folder)


def plans_for(points: TracePoints, flow: Flow, kind: Kind) -> list[Plan]:
    """Where a flow's runs are to die."""
    passed = points.points_of(flow)
    if kind == "recovery":
        first = sent(passed)
        return [(first, point) for point in points.points_of(flow, (first,))]
    return [(point,) for point in (in_flight(passed) if kind == "control" else passed)]


def trace(kind: Kind, *, flows: Sequence[str] = tuple(FLOWS), every: int = 1, slots: int = SLOTS) -> list[Traced]:
    """Every so many of the points of the flows, on ground of its own. What was wrong is told on standard error."""
    traced = []
    with own_ground(settle=SETTLE_SECONDS, slots=slots) as ground:
        with tracing(ground, ground.settings.data_dir / "trace", blind=kind == "control") as points:
            for flow in (FLOWS[name] for name in flows):
                traced.append(points.kill_at(flow, plans_for(points, flow, kind)[::every]))
                for story in traced[-1].account.stories if kind != "control" else ():
                    _tell(story)
    return traced


def _tell(words: str) -> None:
    """How far it has come, for whoever waits: all points of a flow take their time."""
    print(words, file=sys.stderr, flush=True)


def rows(arguments: Sequence[str]) -> list[Row]:
    """The long form: all points of all flows, all points of a recovery, and the control."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos trace", description=__doc__)
    parser.add_argument("--flow", action="append", choices=list(FLOWS))
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--every", type=int, default=1, help="every so many points")
    parser.add_argument("--slots", type=int, default=SLOTS)
    asked = parser.parse_args(arguments)
    found: list[Row] = []
    for kind in asked.kind or KINDS:
        every = max(asked.every, CONTROL_EVERY) if kind == "control" else asked.every
        for traced in trace(kind, flows=asked.flow or tuple(FLOWS), every=every, slots=asked.slots):
            found += rows_of_control(traced) if kind == "control" else rows_of(traced, kind)
    return found


def rows_of(traced: Traced, kind: Kind) -> list[Row]:
    account, flow = traced.account, traced.flow.task
    when = ", killed again while the first kill is recovered from" if kind == "recovery" else ""
    return [
        at_least(f"{flow}{when}: points, each killed at in a run of its own", len(traced.killed), len(traced.plans)),
        told(f"    kills, in {account.runs} runs", traced.kills),
        none("    made twice", account.duplicates, among=account.runs),
        none("    lost: done, but not in the town", account.losses, among=account.runs),
        none("    without exactly one outcome", account.unfinished, among=account.runs),
        none("    handed over, failed or cancelled", account.handed_over + account.otherwise, among=account.runs),
    ]


def rows_of_control(traced: Traced) -> list[Row]:
    words = f"control, {traced.flow.task} without the look before arming again: made twice"
    return [some(words, traced.account.duplicates, among=traced.account.runs)]
