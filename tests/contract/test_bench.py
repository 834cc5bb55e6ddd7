"""The bench of the contract suite is the worker's own: what a test shows there holds for a run."""

from __future__ import annotations

import pytest

from robots.cases.case_management import Writer
from robots.cli.town import LOOKER, Town
from robots.errors import AccessDenied
from robots.fields import CaseNumber
from robots.queue.attempts import StillAtWork
from robots.queue.claims import claim
from robots.store import Store
from robots.store.processes import this_process
from tests.contract.conftest import Benches

pytestmark = pytest.mark.browser


def test_writes_a_note_in_a_run_of_its_own(bench_for: Benches, town: Town) -> None:
    case = CaseNumber(town.cases("drawings", "normal")[0]["number"])

    bench_for(Writer).add_note(case, "Prov", once="anteckning")

    assert [note["about"] for note in town.truth("case_management", "note_added")] == [case]


def test_refuses_a_robot_without_the_right(bench_for: Benches) -> None:
    with pytest.raises(AccessDenied):
        bench_for(Writer, robot=LOOKER)


def test_takes_over_only_when_the_process_has_died(bench_for: Benches, store: Store) -> None:
    run = bench_for.new_run("ragnhild")
    with pytest.raises(StillAtWork):
        claim(store, run.run_id, this_process())

    run.die_and_try_again()

    assert run.claimed.number == 2
