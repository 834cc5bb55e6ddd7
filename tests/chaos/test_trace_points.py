"""A slot that dies at a boundary, whichever it is: one message and one note, one outcome. The judge is the town.

Short: every so many points of one flow. All points of all flows: ``python -m tests.chaos trace``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.cli.town import Town
from robots.settings import Settings
from robots.store import Store
from tests.chaos.three_flows import FLOWS, Ground, ground_of, settling, with_config
from tests.chaos.trace_points import SETTLE_SECONDS, sent, tracing

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FLOW = FLOWS["send_detail_plan"]
EVERY = 3000
# What every flow passes: a name that is missing here was not watched, and its points would be left out unseen.
EVERYWHERE = {
    "claim", "finish", "answer to supervisor", "event step", "event login", "event effect_confirmed", "recorder.flush",
    "recorder.picture", "ledger.intend", "visit case_management", "visit population_register",
    "arrival case_management", "login case_management", "password", "session load", "session save", "fill", "click",
    "one-send begins", "one-send ends", "request leaves", "answer to page", "wait for the answer", "look",
}  # fmt: skip


@pytest.fixture
def ground(settings: Settings, store: Store, town: Town, tmp_path: Path) -> Ground:
    quick = with_config(settings, settling(tmp_path / "config", SETTLE_SECONDS), slots=2)
    return ground_of(quick, store, town)


@pytest.mark.long
def test_killed_at_a_boundary_it_is_done_once(ground: Ground, tmp_path: Path) -> None:
    with tracing(ground, tmp_path / "trace") as points:
        passed = points.points_of(FLOW)
        assert {f"{when} {name} 1" for when in ("before", "after") for name in EVERYWHERE} <= set(passed)
        chosen = [(point,) for point in passed[::EVERY]]

        # The points where most hangs on it, and every so many of the others.
        traced = points.kill_at(
            FLOW, [*chosen, (sent(passed),), (sent(passed), "after ledger.demand_owner_gone detaljplan 1")]
        )

    assert (len(traced.killed), traced.missed) == (len(chosen) + 2, [])
    account = traced.account
    assert (account.done, account.duplicates, account.losses) == (account.runs, 0, 0), account.stories


@pytest.mark.long
def test_control_without_the_look_it_is_done_twice(ground: Ground, tmp_path: Path) -> None:
    with tracing(ground, tmp_path / "trace", blind=True) as points:
        first = sent(points.points_of(FLOW))

        traced = points.kill_at(FLOW, [(first,)])

    assert len(traced.killed) == 1
    assert traced.account.duplicates > 0
