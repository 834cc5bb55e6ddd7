"""A worker that has done much holds no more than one that has done little.

Short: 150 runs in which the slot is replaced. Ten thousand: ``python -m tests.chaos soak``.
"""

from __future__ import annotations

import sys

import pytest

from tests.chaos.leaking_slots import LEAKS
from tests.chaos.soak import CONTROL_LOOKS, CONTROL_RUNS, grown, rows_of, soak

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read where Linux tells it"),
]
RUNS, LOOKS, RUNS_PER_SLOT = 150, 15, 80


@pytest.mark.long
def test_a_worker_holds_no_more_after_many_runs() -> None:
    made = soak(RUNS, slots=1, looks=LOOKS, runs_per_slot=RUNS_PER_SLOT)

    assert [row for row in rows_of(made) if not row.met] == []
    assert (made.done, made.slots_used) == (RUNS, 2)


# What each is seen by: the part that loses it holds more of it.
SEEN_BY = {
    "file handle": "file handles of a slot",
    "temp file": "temp files of a slot",
    "page": "processes of a browser",
    "two megabytes": "memory of a slot",
}


@pytest.mark.long
@pytest.mark.parametrize("leak", LEAKS)
def test_control_what_a_slot_loses_in_every_run_is_seen(leak: str) -> None:
    made = soak(CONTROL_RUNS, slots=1, looks=CONTROL_LOOKS, leak=leak)

    assert any(what.startswith(SEEN_BY[leak]) for what in grown(made)), grown(made)
