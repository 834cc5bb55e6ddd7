"""The changes that all systems have, and how a test makes one and judges what became of it."""

from __future__ import annotations

import pytest

from robots.cli.town import Town
from robots.systems.once import DRY_RUN_RECEIPT
from tests.contract.conftest import RunAtWork
from tests.contract.systems import ONCE, SYSTEMS, Change, SystemUnderTest

CHANGES = [
    pytest.param(system, change, id=f"{system.key}-{change.name}") for system in SYSTEMS for change in system.changes
]
# The controls show what a guard is good for; one change of each system is enough for that.
ONE_CHANGE_EACH = [
    pytest.param(system, system.changes[0], id=f"{system.key}-{system.changes[0].name}")
    for system in SYSTEMS
    if system.changes
]
each_change = pytest.mark.parametrize(("system", "change"), CHANGES)
one_change_each = pytest.mark.parametrize(("system", "change"), ONE_CHANGE_EACH)


def make(run: RunAtWork, system: SystemUnderTest, change: Change, town: Town) -> str:
    assert system.writer is not None
    return change.make(run.driver(system.writer), town)


def assert_made_once(town: Town, system: SystemUnderTest, change: Change, run: RunAtWork, receipt: str) -> None:
    """One change in the town, of the right kind and about the right thing, and the ledger knows its receipt."""
    assert [(c["kind"], c["about"]) for c in town.truth(system.key)] == [(change.kind, change.about(town))]
    assert run.effect_states() == {ONCE: "CONFIRMED"}
    assert receipt not in ("", DRY_RUN_RECEIPT)
