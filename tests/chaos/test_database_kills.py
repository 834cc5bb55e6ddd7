"""The short form of the database killed, and what becomes of it without the guards."""

from __future__ import annotations

import os

import pytest

from tests.chaos.database_kills import CONTROL_KILLS, HEARING, controls, database_kills, rows_of, rows_of_controls
from tests.chaos.test_random_kills import new_seed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the way to the database is a socket in the file system")


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kills", "workers"), [(2, 1), (6, 2)])
def test_nothing_twice_and_nothing_lost_when_the_database_is_killed(kills: int, workers: int) -> None:
    seed = new_seed()

    found = database_kills(kills=kills, seed=seed, workers=workers)

    # How soon is a figure of a machine at rest; here others are at work on it.
    rows = rows_of(found, kills=kills, seed=seed, hearing=3 * HEARING)
    print(*rows, sep="\n")
    assert [row for row in rows if not row.met] == [], f"seed {seed}"
    assert found.judged is not None
    assert found.judged.orders > found.judged.runs > 0


@pytest.mark.long
@pytest.mark.timeout(600)
def test_control_who_takes_an_error_at_commit_for_not_done_does_it_twice() -> None:
    seed = new_seed()

    found = controls(seed, kills=CONTROL_KILLS)

    assert all(row.met for row in rows_of_controls(found)), f"seed {seed}"
