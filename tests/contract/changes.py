"""The changes that all systems have, and how a test makes one and judges what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from _pytest.mark.structures import ParameterSet

from robots.cli.town import Town
from robots.systems.once import DRY_RUN_RECEIPT
from tests.contract.conftest import RunAtWork
from tests.contract.systems import EVERY, INTERFACES, ONCE, SYSTEMS, Change, InterfaceUnderTest, SystemUnderTest

AnySystem = SystemUnderTest | InterfaceUnderTest


def _of(systems: Sequence[AnySystem], most: int | None = None) -> list[ParameterSet]:
    return [
        pytest.param(system, change, id=f"{system.key}-{change.name}")
        for system in systems
        for change in system.changes[:most]
    ]


# The controls show what a guard is good for; one change of each system is enough for that.
CHANGES, ONE_CHANGE_EACH = _of(EVERY), _of(EVERY, 1)
each_change = pytest.mark.parametrize(("system", "change"), CHANGES)
one_change_each = pytest.mark.parametrize(("system", "change"), ONE_CHANGE_EACH)
# What only a page can do, or what only a system without pages is asked.
each_change_on_pages = pytest.mark.parametrize(("system", "change"), _of(SYSTEMS))
one_change_each_on_pages = pytest.mark.parametrize(("system", "change"), _of(SYSTEMS, 1))
each_change_without_pages = pytest.mark.parametrize(("system", "change"), _of(INTERFACES))
one_change_each_without_pages = pytest.mark.parametrize(("system", "change"), _of(INTERFACES, 1))


def make(run: RunAtWork, system: AnySystem, change: Change, town: Town) -> str:
    assert system.writer is not None
    return change.make(run.driver(system.writer), town)


def assert_made_once(town: Town, system: AnySystem, change: Change, run: RunAtWork, receipt: str) -> None:
    """One change in the town, of the right kind and about the right thing, and the ledger knows its receipt."""
    assert [(c["kind"], c["about"]) for c in town.truth(system.key)] == [(change.kind, change.about(town))]
    assert run.effect_states() == {ONCE: "CONFIRMED"}
    assert receipt not in ("", DRY_RUN_RECEIPT)
