"""Slots, browsers and node drivers that die or hang in the middle of real runs. The judge is the town.

Short: a few kills. A thousand: ``python -m tests.chaos browser --kills 1000``.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.worker_process import running_worker
from robots.cli.town import Town
from robots.settings import Settings
from robots.store import Store
from tests.chaos.browser_kills import (
    DEADLINE_SECONDS,
    SETTLE_SECONDS,
    Killer,
    alive,
    at_work,
    driver_of,
    first_at_work,
    hang_a_driver,
    rows_of,
)
from tests.chaos.three_flows import FLOWS, Ground, ground_of, settling, with_config

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]
KILLS = 10
GroundWith = Callable[..., Ground]


@pytest.fixture
def ground_with(settings: Settings, store: Store, town: Town, tmp_path: Path) -> GroundWith:
    def ground(**changes: float) -> Ground:
        config = settling(tmp_path / "config", SETTLE_SECONDS)
        return ground_of(with_config(settings, config, slots=2, attempts=10, **changes), store, town)

    return ground


def test_killed_at_random_each_run_is_done_once(ground_with: GroundWith) -> None:
    seed = random.randrange(1_000_000)
    ground = ground_with()

    with running_worker(ground.settings, ground.store):
        made = Killer(ground, seed).massacre(KILLS)

    print(f"seed {seed}:", *rows_of(made, KILLS), sep="\n    ")
    account = made.account
    assert made.kills.total() == KILLS
    assert (account.duplicates, account.losses, account.otherwise, account.unfinished) == (0, 0, 0, 0), account.stories
    # An answer lost on top of two kills may be the third and last time that a change is sent: then a person is asked.
    assert account.handed_over <= 1, account.stories


def test_a_driver_that_hangs_is_ended_on_the_deadline_with_all_that_it_started(ground_with: GroundWith) -> None:
    ground = ground_with(run_minutes=DEADLINE_SECONDS / 60)

    with running_worker(ground.settings, ground.store):
        hung = hang_a_driver(ground)

    assert DEADLINE_SECONDS / 2 < hung.seconds < 2 * DEADLINE_SECONDS
    assert hung.orphans == []
    account = hung.account
    assert (account.done, account.duplicates, account.losses) == (1, 0, 0), account.stories


def test_control_without_a_deadline_the_hung_driver_stays(ground_with: GroundWith) -> None:
    """As long as the deadline of the test above and as much again, nothing ends it: it is the deadline that does."""
    ground = ground_with(run_minutes=10.0)
    flow = FLOWS["send_detail_plan"]

    with running_worker(ground.settings, ground.store):
        run_id = ground.submit(flow, ground.case(flow))
        slot = first_at_work(ground, run_id)
        driver = driver_of(slot.pid)
        driver.send_signal(signal.SIGSTOP)
        waiting = ground.wait([run_id], 2 * DEADLINE_SECONDS)
        hung = alive(driver) and [one.pid for one in at_work(ground)] == [slot.pid]
        driver.send_signal(signal.SIGCONT)
        assert (waiting, hung) == ([run_id], True)
        assert ground.wait([run_id], 60) == []
