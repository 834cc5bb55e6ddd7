"""Workers that stand still, share a name, or have a wrong clock: ``python -m tests.chaos leases``.

Real supervisors with slots of the fast target's own kind; the judge is the target's log. What is another machine takes
itself for one (``odd_machine.py``); a machine that stands still is all of a worker's processes, stopped.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from robots.queue.standing import drain, still_there
from robots.store import Store
from tests.chaos import clocks, order_slots
from tests.chaos.odd_machine import HOST, wake
from tests.chaos.order_ground import ANOTHER, LEASE, Ground, ground, wrong_in
from tests.chaos.order_judge import Judgement
from tests.chaos.random_kills import FAULTS, own_store
from tests.chaos.standstill import POINTS, STILL_AT, STILL_TOLD
from tests.chaos.table import Row, at_least, at_most, none, some, told

NAME = "tvilling"
RUNS = 24


@dataclass(frozen=True)
class Stood:
    """``taken_over``: whether another worker had ended the run before the sleeper was woken, and ``after`` how long.

    ``afterwards``: how often anything was carried out for the run when the sleeper woke up; ``works_on``: whether
    it did the next run by itself.
    """

    point: str
    taken_over: bool
    after: float
    afterwards: int
    works_on: bool
    judged: Judgement


def stand_still(store: Store, point: str, *, host: str = ANOTHER, control: str = "nothing") -> Stood:
    """A worker at ``host`` stands still at the point until another has had its chance, and is woken up again."""
    with ground(store) as here:
        reached = here.folder / "still"
        still = {STILL_AT: point, STILL_TOLD: str(reached), order_slots.CONTROL: control}
        with here.worker("sovaren", environment=still | ({HOST: host} if host else {})) as sleeper:
            first = here.ask()
            assert here.wait(lambda: reached.exists() and _stands_still(sleeper)), "the sleeper does not sleep"
            since = time.monotonic()
            with here.worker("den andra"):
                taken_over = here.wait(lambda: here.ended(first), 4 * LEASE if host else 2 * LEASE)
                after = time.monotonic() - since
            before = here.carried_out(0)
            _wake_slot_first(here, sleeper, int(reached.read_text()), first[0])
            assert here.wait(lambda: here.ended(first)), "the run has no end"
            works_on = here.wait(lambda: here.ended(here_asked)) if (here_asked := here.ask()) else False
        return Stood(point, taken_over, after, here.carried_out(0) - before, works_on, here.judged())


def _stands_still(worker: psutil.Popen) -> bool:
    return all(each.status() == psutil.STATUS_STOPPED for each in (worker, *worker.children()))


def _wake_slot_first(here: Ground, sleeper: psutil.Popen, slot: int, run_id: int) -> None:
    """The slot has a moment for itself, and says what came of it; then its supervisor wakes up as well."""
    events = "select count(*) from run_events where run_id = :run and attempt = 1"
    before = here.scalar(events, run=run_id)
    psutil.Process(slot).resume()
    here.wait(lambda: here.scalar(events, run=run_id) > before, 2 * LEASE)
    wake(sleeper)


# -- two of one name ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Twins:
    """``busy``: how many of them had runs; ``drained``: how many were told; ``ended``: whether both did."""

    busy: int
    drained: int
    ended: bool
    taken_afterwards: int
    judged: Judgement


def twins(store: Store, *, hosts: tuple[str, str], seed: int) -> Twins:
    """Two workers of one name, told to drain by it; a third of another name does what is asked for afterwards."""
    with ground(store, seed=seed, faults=FAULTS) as here:
        one, other = ({HOST: host} if host else {} for host in hosts)
        with here.worker(NAME, environment=one), here.worker(NAME, environment=other), here.worker("en annan"):
            asked = here.ask(RUNS)
            assert here.wait(lambda: here.ended(asked)), "the runs have no end"
            busy = here.scalar(_BUSY, name=NAME)
            told_to_drain = drain(store, NAME, by="test")
            ended = here.wait(lambda: not still_there(store, told_to_drain))
            before = here.scalar(_ATTEMPTS, name=NAME)
            assert here.wait(lambda: here.ended(last)) if (last := here.ask(3)) else False
            taken = here.scalar(_ATTEMPTS, name=NAME) - before
        return Twins(busy, len(told_to_drain), ended, taken, here.judged())


_BUSY = "select count(distinct w.id) from attempts a join workers w on w.id = a.worker_id where w.name = :name"
_ATTEMPTS = "select count(*) from attempts a join workers w on w.id = a.worker_id where w.name = :name"


# -- told -----------------------------------------------------------------------------------------------------------

PROMISED = tuple(POINTS)[:3]
NOT_PROMISED = tuple(POINTS)[3]
# A lease and a look for it once a second, the time to settle and the rest of the run.
TAKEOVER = LEASE + 5.0


def rows_of_stood(stood: Stood, soon: float = TAKEOVER) -> list[Row]:
    """Of one on another machine. ``soon``: so many seconds a takeover may take."""
    return [
        at_least(f"stopped {stood.point}, on another machine: taken over", int(stood.taken_over), 1),
        at_most("    no sooner than the lease and no later than", stood.after, soon, " s"),
        none("    before the lease was over", int(stood.after < LEASE - 1)),
        none("    changes after it woke up", stood.afterwards),
        none("    carried out twice, lost, without one outcome", wrong_in(stood.judged), among=stood.judged.orders),
        at_least("    and it worked on", int(stood.works_on), 1),
    ]


def rows_of_neighbour(stood: Stood) -> list[Row]:
    """Of one on the same machine, which is seen to live."""
    return [
        none(f"stopped {stood.point}, on the same machine: taken over while it lived", int(stood.taken_over)),
        none("    carried out twice, lost, without one outcome", wrong_in(stood.judged), among=stood.judged.orders),
        at_least("    and it worked on", int(stood.works_on), 1),
    ]


def rows_of_control(stood: Stood) -> list[Row]:
    words = f"control, stopped {stood.point}, without the last look: carried out twice"
    return [some(words, len(stood.judged.twice), among=stood.judged.orders)]


def rows_of_limit(stood: Stood) -> list[Row]:
    return [told(f"not promised, stopped {stood.point}: carried out twice", len(stood.judged.twice))]


def rows_of_twins(found: Twins, where: str) -> list[Row]:
    return [
        at_least(f"two supervisors of one name, {where}: with runs", found.busy, 2),
        none("    carried out twice, lost, without one outcome", wrong_in(found.judged), among=found.judged.orders),
        at_least("    told to drain by the name", found.drained, 2),
        at_least("    both ended", int(found.ended), 1),
        none("    runs begun by them afterwards", found.taken_afterwards),
    ]


def rows(arguments: Sequence[str]) -> list[Row]:
    """The long form, each part in a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos leases", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    seed = parser.parse_args(arguments).seed
    found: list[Row] = [told("seed", seed)]
    for point in PROMISED:
        with own_store() as store:
            found += rows_of_stood(stand_still(store, point))
    with own_store() as store:
        found += rows_of_neighbour(stand_still(store, PROMISED[1], host=""))
    with own_store() as store:
        found += rows_of_control(stand_still(store, PROMISED[1], control="no_confirmed_death"))
    with own_store() as store:
        found += rows_of_limit(stand_still(store, NOT_PROMISED))
    for hosts, where in ((("", ""), "on one machine"), (("", ANOTHER), "on two machines")):
        with own_store() as store:
            found += rows_of_twins(twins(store, hosts=hosts, seed=seed), where)
    return found + clocks.rows(seed)
