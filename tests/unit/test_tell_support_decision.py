"""The 24-hour clock of income support: from the moment when all have signed, with an alarm before it has run out."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from robots.errors import BusinessException
from robots.tables import Tables
from tests.unit.test_propose_income_support import ASKED, FILE, MONTH, OTHER

TABLES = Path(__file__).parents[2] / "config" / "tables"
rules: Any = import_module("tasks.tell_support_decision")
UNSIGNED = replace(ASKED, unsigned=(OTHER,), complete_at=None, hours_since_complete=None)


@pytest.mark.parametrize(
    ("hours", "kind"),
    [(0, "Inte beslutat"), (19, "Inte beslutat"), (20, "Beslutet dröjer"), (24, "Beslutet dröjer"),
     (200, "Beslutet dröjer")],
)  # fmt: skip
@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_a_person_is_told_in_time(hours: int, kind: str, year: int) -> None:
    times = Tables(TABLES).year(rules.SupportDecisionTimes, year)

    with pytest.raises(BusinessException) as stop:
        rules.stop_undecided(replace(ASKED, hours_since_complete=hours), FILE, MONTH, times)

    assert (stop.value.kind, bool(stop.value.todo)) == (kind, True)
    assert all(words in stop.value.reason for words in (f"{hours} timmar", "24 timmar", "A20301", "Marit Sandell"))


@pytest.mark.parametrize(("asked", "kind"), [(None, "Ingen ansökan för månaden"), (UNSIGNED, "Underskrift saknas")])
def test_without_a_complete_application_the_clock_stands_still(asked: Any, kind: str) -> None:
    times = Tables(TABLES).year(rules.SupportDecisionTimes, 2026)

    with pytest.raises(BusinessException) as stop:
        rules.stop_undecided(asked, FILE, MONTH, times)

    assert (stop.value.kind, bool(stop.value.todo)) == (kind, True)
