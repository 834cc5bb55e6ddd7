"""The short form of the random kills, and what becomes of it when a guard is switched off."""

from __future__ import annotations

import os
import random

import pytest

from robots.store import Store
from tests.chaos.random_kills import CONTROL_STRIKES, CONTROLS, random_kills, rows_of, rows_of_control, rows_of_pair

QUICK = ("act_then_record",)
# A kill costs a new process, its connection, and what it does and reads before it is killed itself: nine attempts of
# ten are killed, of no more actors than two cores keep busy.
KILLS = 5_000
KILLED_SHARE = 0.9
ACTORS = 6

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="actors are forked, so that hundreds can die a second")


def new_seed() -> int:
    """Another every time; a test that fails shows it in its table."""
    return random.SystemRandom().randrange(1_000_000)


@pytest.mark.timeout(1200)  # thousands of processes, on a machine that has more to do
def test_nothing_twice_and_nothing_lost_whoever_is_killed(store: Store) -> None:
    seed = new_seed()

    judged = random_kills(store, kills=KILLS, seed=seed, actors=ACTORS, killed_share=KILLED_SHARE)

    rows = rows_of(judged, kills=KILLS, seed=seed)
    print(*rows, sep="\n")
    assert [row for row in rows if not row.met] == [], f"seed {seed}"
    assert judged.orders > judged.runs > 0
    assert judged.crew.pauses > 0


@pytest.mark.parametrize(
    "control", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in CONTROLS]
)
def test_control_without_the_guard_there_are_duplicates(store: Store, control: str) -> None:
    seed = new_seed()

    judged = random_kills(store, kills=CONTROL_STRIKES, seed=seed, control=control, **CONTROLS[control].own)

    assert all(row.met for row in rows_of_control(judged, CONTROLS[control].words)), f"seed {seed}"


@pytest.mark.long
@pytest.mark.parametrize("control", [name for name, control in CONTROLS.items() if control.own])
def test_with_the_guard_there_are_none_under_the_controls_own_conditions(store: Store, control: str) -> None:
    seed = new_seed()

    judged = random_kills(store, kills=CONTROL_STRIKES, seed=seed, **CONTROLS[control].own)

    assert all(row.met for row in rows_of_pair(judged, CONTROLS[control].words)), f"seed {seed}"
