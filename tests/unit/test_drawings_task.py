"""Drawings that are too new for the archive: when they are taken out, and which are a person's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from robots.errors import BusinessException
from robots.fields import PropertyDesignation
from robots.systems import building_permits
from robots.systems.detail_plan_map import PropertyCard
from robots.tables import Tables
from robots.task import Run
from tasks.send_drawings import newer_drawings
from tests.conftest import ROOT
from tests.unit.test_read_folder import Told

HOME = PropertyCard(PropertyDesignation("EKBACKEN 3:14"), "", "", "Villa", (), outside=True)
NEW = building_permits.Drawing("20000011-02", "ARIT", "A-ritningar", date(2020, 5, 4), "BYGG 2020-000011", False, "/f")


class Permits:
    """The permit system, and what has been asked of it."""

    def __init__(self, *, protected: bool = False) -> None:
        self.protected = protected
        self.asked: list[str] = []

    def drawings_of(self, designation: str) -> tuple[building_permits.Drawing, ...]:
        self.asked.append(designation)
        return (NEW, replace(NEW, number="20000011-03"))

    def case(self, number: str) -> Any:
        self.asked.append(number)
        return SimpleNamespace(number=number, protected=self.protected)


def taken_out(permits: Any, home: PropertyCard = HOME, *, is_in_archive: bool = True) -> list[str]:
    run = Run(1, "ragnhild", date(2026, 11, 23), Told(), tables=Tables(ROOT / "config" / "tables"))
    return [each.number for each in newer_drawings(run, home, permits, is_in_archive=is_in_archive)]


def kind_of_stop(ask: Callable[[], object]) -> str:
    with pytest.raises(BusinessException) as stop:
        ask()
    assert (stop.value.todo[-1], stop.value.reason[-1]) == (".", ".")
    return stop.value.kind


def test_they_are_taken_out_when_each_of_their_cases_has_been_looked_at_once() -> None:
    permits = Permits()
    assert taken_out(permits) == ["20000011-02", "20000011-03"]
    assert permits.asked == [HOME.designation, NEW.case]


@pytest.mark.parametrize("kind", ["Skola", "Bank", "Ambassad", "villa", ""])
def test_what_the_archive_knows_nothing_of_goes_to_a_person_unless_the_map_calls_it_ordinary(kind: str) -> None:
    permits, special = Permits(), replace(HOME, kind=kind)
    assert kind_of_stop(lambda: taken_out(permits, special, is_in_archive=False)) == "Skyddsobjekt"
    assert permits.asked == []
    assert taken_out(permits, is_in_archive=False)
    # Where the archive has answered, it is the archive that is asked.
    assert taken_out(permits, special)


def test_the_drawings_of_a_protected_party_are_not_taken_out() -> None:
    assert kind_of_stop(lambda: taken_out(Permits(protected=True))) == "Skyddade personuppgifter i bygglovet"
