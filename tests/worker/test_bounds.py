"""A slot that hangs, loops, blocks, eats memory or dies harms nobody else, and leaves nothing behind.

Real slots with real browsers. Beside each naughty run an ordinary one goes on in the other slot. The guards come from
short deadlines; ``test_bounds_controls.py`` shows the same runs with the deadlines far away.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
from loguru import logger

from robots.evidence.keys import Keys
from robots.evidence.report import REPORT
from robots.evidence.sealed import RunEvidence
from robots.queue.runs import events_of
from robots.worker import slot_process
from robots.worker.supervisor import Supervisor
from tests.worker.conftest import Bench, wait_until, working
from tests.worker.tasks.misbehaves import SECRET

pytestmark = pytest.mark.browser
STEP_SECONDS, RUN_SECONDS, MEMORY_MB = 2.5, 4.0, 700
# What is left of a slot must be gone by then.
GONE_SECONDS = 10.0


@pytest.fixture(scope="module")
def worker(bench: Bench) -> Iterator[Supervisor]:
    """Two slots with short deadlines for all tests of this file: each must stand what the ones before it did."""
    bounds = {"step_minutes": STEP_SECONDS / 60, "run_minutes": RUN_SECONDS / 60, "slot_memory_mb": MEMORY_MB}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slot_process, "ASK_SECONDS", 0.5)
        patch.setattr(slot_process, "SIGN_SECONDS", 3.0)
        with working(bench.settings.model_copy(update=bounds), bench.store) as supervisor:
            yield supervisor
    assert bench.slot_folders() == []


STEP = r"^Steget «Dumheter» tog längre tid än 2,5 sekunder"
ITSELF = r"^Processen avslutades av sig själv \(kod {}\) i steget «Dumheter»"
ENDED = {
    "sleeps": STEP,
    "loops": STEP,
    "lets nobody else in": STEP,
    "waits for a child": STEP,
    "stops itself": STEP,
    "starts a deaf child": STEP,
    "takes no step": r"^Körningen stod stilla mellan två steg i mer än 2,5 sekunder",
    "takes step after step": r"^Körningen tog längre tid än 4 sekunder och avbröts (i|efter) steget «Del \d+»",
    "eats memory": r"^Körningen använde mer minne än 700 MB och avbröts i steget «Dumheter»",
    "leaves": ITSELF.format(3),
    "exits": r"^Processen avslutades av sig själv \(kod 3\)",
    "is killed": ITSELF.format(-9),
    "forks": ITSELF.format(3),
    "leaves an orphan and goes": ITSELF.format(3),
}
# One of each kind of bound; the other ways to the same end are in make test-long.
QUICK = ("loops", "starts a deaf child", "takes no step", "takes step after step", "eats memory", "is killed")


@pytest.mark.parametrize("how", [how if how in QUICK else pytest.param(how, marks=pytest.mark.long) for how in ENDED])
def test_its_slot_is_ended_and_replaced_and_the_run_goes_on(how: str, worker: Supervisor, bench: Bench) -> None:
    naughty = bench.ask("misbehave-once", how=how)
    wait_until(lambda: bench.has_noted(naughty), "the naughty run")
    ordinary = bench.ask("behave", words=f"beside one that {how}")

    assert bench.wait_for(ordinary).outcome == "done"
    assert bench.wait_for(naughty).outcome == "done"

    first, second = bench.attempts(naughty)
    assert (first.ending, second.ending) == ("lost", "done")
    assert re.match(ENDED[how], first.error)
    assert first.pid != second.pid
    left = bench.noted(first)
    assert len(left.pids) >= 8, "the slot, its driver and its browser"
    wait_until(left.nothing_left, "the end of all that the slot had started", GONE_SECONDS)
    if ENDED[how] == STEP:
        assert first.ended_at - first.started_at < timedelta(seconds=STEP_SECONDS + 5)
        assert bench.run(ordinary).finished_at < first.ended_at
    wait_until(lambda: len(worker._slots) == 2, "two slots again")


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("reads", "done"),
        ("starts a deaf child and ends well", "done"),
        ("leaves a thread", "done"),
        ("raises", "handed_over"),
    ],
)
def test_a_slot_stands_what_does_not_hinder_it(how: str, outcome: str, worker: Supervisor, bench: Bench) -> None:
    run = bench.ask("misbehave-once", how=how)

    assert bench.wait_for(run).outcome == outcome
    (only,) = bench.attempts(run)
    assert only.pid in [slot.pid for slot in worker._slots.values() if slot.alive]


def test_what_a_task_prints_is_no_answer_and_is_not_shown(worker: Supervisor, bench: Bench) -> None:
    logged: list[str] = []
    sink = logger.add(logged.append)

    run = bench.ask("misbehave-once", how="prints")
    assert bench.wait_for(run).outcome == "done"
    logger.remove(sink)

    (only,) = bench.attempts(run)
    assert only.pid in [slot.pid for slot in worker._slots.values() if slot.alive]
    assert "something that is no answer" in "".join(logged)
    assert SECRET not in "".join(logged)


@pytest.mark.parametrize("how", ["is killed", pytest.param("sleeps", marks=pytest.mark.long)])
def test_poison_is_set_aside_after_three_slots_with_its_evidence(how: str, worker: Supervisor, bench: Bench) -> None:
    poison = bench.ask("misbehave", how=how)
    ordinary = bench.ask("behave", words=f"beside poison that {how}")

    assert bench.wait_for(ordinary).outcome == "done"
    told = bench.wait_for(poison, 60)

    assert (told.outcome, told.kind) == ("handed_over", "Körningen kraschade")
    assert "3 gånger" in told.reason
    assert re.search(ENDED[how].removeprefix("^"), told.reason), "what ended it the last time"
    tries = bench.attempts(poison)
    assert [each.ending for each in tries] == ["lost", "lost", "lost", "handed_over"]
    assert all(re.match(ENDED[how], each.error) for each in tries[:3])
    steps = [event.attempt for event in events_of(bench.store, poison) if event.kind == "step"]
    assert steps == ([1, 2, 3] if how == "sleeps" else sorted(set(steps))), "what is written in the background may miss"
    evidence = RunEvidence.below(bench.settings.evidence_dir, poison, Keys.of(bench.settings, bench.store))
    wait_until(lambda: evidence.there(REPORT), "the report, which is written after the outcome")
    assert "Dumheter" in evidence.read(REPORT).decode()


def test_a_slot_whose_driver_hangs_after_a_run_is_ended(worker: Supervisor, bench: Bench) -> None:
    run = bench.ask("misbehave-once", how="stops the driver")
    assert bench.wait_for(run).outcome == "done"

    wait_until(bench.noted(bench.attempts(run)[0]).nothing_left, "the end of the slot that hangs", GONE_SECONDS)

    assert bench.wait_for(bench.ask("behave", words="after a driver that hung")).outcome == "done"


def test_a_slot_that_hangs_at_rest_is_ended(worker: Supervisor, bench: Bench) -> None:
    resting = bench.ask("behave", words="before it is stopped")
    bench.wait_for(resting)
    slot = bench.noted(bench.attempts(resting)[0])
    os.kill(bench.attempts(resting)[0].pid, signal.SIGSTOP)

    wait_until(slot.nothing_left, "the end of the slot that hangs", GONE_SECONDS)

    assert bench.wait_for(bench.ask("behave", words="after one that was stopped")).outcome == "done"
