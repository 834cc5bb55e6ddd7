"""A machine that is cut off in the middle of a change, and one that dies: real Chromium, judged by the town.

What a machine was doing is gone on with by another, after the lease and when the system has settled. The machine that
was cut off must end its own slots before that, and whatever it had begun must not be made when its link is up again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from robots.queue.runs import find_run
from tests.chaos import held_slots
from tests.chaos.browser_kills import alive, until
from tests.chaos.machine_worker import HASTY
from tests.chaos.namespaces import Cut
from tests.chaos.slots import FOLDER
from tests.chaos.three_flows import FLOWS, Account, Case, Flow, account_of
from tests.chaos.three_machines import Site, WorkerMachine, three_machines

LEASE_SECONDS = 8.0
# Longer than the town takes for anything.
SETTLE_SECONDS = 2.0
# By then a machine that is cut off has ended its slots: a part of the lease, and a moment to notice and to do it.
LEFT_SECONDS = 0.7 * LEASE_SECONDS + 2.0
# So long the database server keeps the locks of a machine that vanished in the middle of a transaction.
UNNOTICED_SECONDS = 10.0
# The later of the two, what may pass until the next look round, and until a slot has taken up the run.
TAKEN_OVER_SECONDS = max(LEASE_SECONDS, UNNOTICED_SECONDS) + 4.0
# And the system's settling, and a whole run on a machine that has other things to do.
GONE_ON_SECONDS = TAKEN_OVER_SECONDS + SETTLE_SECONDS + 20.0
# How late the answer is that a machine does not get any more.
SLOW_SECONDS = 1.0
# So long after its link is up again a machine is watched: it may send once more what was never answered.
WATCHED_SECONDS = 28.0
PATIENCE = 90.0
# Of each of a flow's changes: being armed, with the locks of that; armed, and nothing has left; about to leave, and
# nothing more is asked; left.
MOMENTS = tuple(f"{moment} {change}" for change in (1, 2) for moment in ("arming", "armed", "leaving", "left"))
HOW: tuple[Cut, ...] = ("further on", "plug")


@dataclass
class CutOff:
    """What was done with machines, and what it took, in seconds. ``back``: until a sign of life after the cut."""

    cuts: int = 0
    kills: int = 0
    ended: list[float] = field(default_factory=list)
    not_ended: int = 0
    taken_over: list[float] = field(default_factory=list)
    gone_on: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    too_soon: int = 0
    account: Account = field(default_factory=Account)


@contextmanager
def site_of_holding_slots(*, lease: float = LEASE_SECONDS, timeout: float = 15.0) -> Iterator[Site]:
    def told(shared: Path) -> dict[str, str]:
        return {FOLDER: str(shared), HASTY: str(shared / "hasty")}

    with three_machines(
        settle=SETTLE_SECONDS, timeout=timeout, kind=held_slots.MODULE, environment=told, lease_seconds=lease,
        attempts=10,
    ) as site:  # fmt: skip
        yield site


class Cutter:
    """Cuts machines off and kills them, each in the middle of a run of its own."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.made = CutOff()
        self._random = random.Random(seed)
        self._asked: dict[int, tuple[Flow, Case]] = {}

    def judged(self) -> CutOff:
        """What came of it, once whatever may still come late has come."""
        time.sleep(WATCHED_SECONDS)  # nothing is awaited here but that nothing happens
        self.made.account = account_of(self.site.ground, self._asked)
        return self.made

    def cut(self, flow: Flow, moment: str, how: Cut) -> None:
        """Cut off the machine that has the run when it is at the ``moment``; plug it in again when the run has ended.

        It comes back when its worker is seen again.
        """
        run_id, machine = self._brought_to(flow, moment)
        slots = machine.slots()
        began = self.site.cut(machine, how)
        self._go_on(run_id)
        self._follow(run_id, began, slots)
        self.made.cuts += 1
        machine.machine.join(self.site.switch)
        joined = time.monotonic()
        until(lambda: self.site.silent_for(machine) < 2, PATIENCE)
        self.made.back.append(time.monotonic() - joined)

    def kill(self, flow: Flow, how: Cut | None) -> None:
        """Kill the machine that has the run, at any moment; one like it is started afterwards.

        ``how``: it is cut off first, so that nobody is told of its death by its connections, as when power is lost.
        """
        run_id = self._ask(flow)
        machine = self.site.machine_of(run_id)
        time.sleep(self._random.uniform(0, 2))  # at any moment of the run
        if how:
            machine.machine.cut(how)
        machine.machine.kill()
        began = time.monotonic()
        if find_run(self.site.store, run_id).finished_at is None:
            self.made.kills += 1
            self._follow(run_id, began, [])
        machine.start()
        machine.wait_until_ready()

    def cut_without_lease(self, flow: Flow) -> None:
        """The control: the others go on at once, and the machine's link comes up again before its lease is over."""
        run_id, machine = self._brought_to(flow, "leaving 2")
        machine.machine.cut("further on")
        (self.site.folder / "hasty").write_text(machine.name, "utf-8")
        self._go_on(run_id)
        self.site.ground.wait([run_id], PATIENCE)
        (self.site.folder / "hasty").unlink()
        machine.machine.join(self.site.switch)
        until(lambda: self.site.silent_for(machine) < 2, PATIENCE)
        self.made.cuts += 1

    def _ask(self, flow: Flow, hold: str = "") -> int:
        ground = self.site.ground
        if not ground.left(flow):
            raise LookupError(f"the town has no more cases for {flow.task}")
        case = ground.case(flow)
        if hold:
            (self.site.folder / f"{case['number']}.kill").write_text(hold, "utf-8")
        run_id = ground.submit(flow, case)
        self._asked[run_id] = (flow, case)
        return run_id

    def _brought_to(self, flow: Flow, moment: str) -> tuple[int, WorkerMachine]:
        """A run that is there, and the machine that it is on."""
        town = self.site.ground.town
        kind, change = moment.split()
        if kind != "left":
            run_id = self._ask(flow, moment)
            until((self.site.folder / f"{self._asked[run_id][1]['number']}.killed").exists, PATIENCE)
            return run_id, self.site.machine_of(run_id)
        town.clear_faults()
        system, path = flow.commits[int(change) - 1]
        town.fault(system, "slow", method="POST", path=path, seconds=SLOW_SECONDS)
        run_id = self._ask(flow)
        until(lambda: any(fault["hits"] for fault in town.ask("/faults")["set"]), PATIENCE)
        return run_id, self.site.machine_of(run_id)

    def _go_on(self, run_id: int) -> None:
        (self.site.folder / f"{self._asked[run_id][1]['number']}.go").touch()

    def _follow(self, run_id: int, began: float, slots: Sequence[psutil.Process]) -> None:
        """Until the run has ended and the slots are gone, or patience is."""
        before = len(self.site.attempts_of(run_id))
        ended = taken_over = done = 0.0
        deadline = began + PATIENCE
        while time.monotonic() < deadline and not (done and (ended or not slots)):
            now = time.monotonic() - began
            if not ended and slots and not any(alive(each) for each in slots):
                ended = now
            if not taken_over and len(self.site.attempts_of(run_id)) > before:
                taken_over = now
            if not done and find_run(self.site.store, run_id).finished_at is not None:
                done = now
            time.sleep(0.05)  # other machines work; there is nothing to wait on but what they write
        if slots:
            self.made.not_ended += not ended
            self.made.ended.append(ended or PATIENCE)
        if taken_over:
            self.made.taken_over.append(taken_over)
            # The sign of life may have been given up to a heartbeat before the cut.
            self.made.too_soon += taken_over < LEASE_SECONDS - 1.5
        self.made.gone_on.append(done or PATIENCE)


def cuts(flows: Sequence[str], moments: Sequence[str], seed: int) -> CutOff:
    """Every one of the moments of every one of the flows, each on a machine that is cut off then."""
    with site_of_holding_slots() as site:
        cutter = Cutter(site, seed)
        for nth, flow in enumerate(flows):
            for number, moment in enumerate(moments, nth):
                cutter.cut(FLOWS[flow], moment, HOW[number % len(HOW)])
        return cutter.judged()


def kills(most: int, seed: int) -> CutOff:
    """So many machines killed, one after another."""
    with site_of_holding_slots() as site:
        cutter = Cutter(site, seed)
        flows = list(FLOWS.values())
        for number in range(most):
            cutter.kill(flows[number % len(flows)], HOW[0] if number % 2 else None)
        return cutter.judged()


def cuts_without_lease(most: int, seed: int) -> CutOff:
    """The control. The machine that was cut off is given time, so that it does not end its slots by itself."""
    with site_of_holding_slots(lease=60.0, timeout=60.0) as site:
        cutter = Cutter(site, seed)
        for _ in range(most):
            with suppress(LookupError):
                cutter.cut_without_lease(FLOWS["send_detail_plan"])
        return cutter.judged()
