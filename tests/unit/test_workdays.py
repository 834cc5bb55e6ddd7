"""Workdays are counted past weekends, holidays and the eves that everybody has off."""

from __future__ import annotations

from datetime import date

import pytest

from robots.workdays import is_workday, workdays_after


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-22", 0, "2026-11-22"),  # a Sunday: nothing is counted, nothing is moved
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-22", 10, "2026-12-04"),
        ("2026-12-23", 1, "2026-12-28"),  # Christmas Eve is no holiday by law
        ("2026-12-30", 1, "2027-01-04"),
        ("2026-04-02", 1, "2026-04-07"),  # Easter
        ("2026-06-18", 1, "2026-06-22"),  # Midsummer Eve
        ("2026-11-23", -1, "2026-11-20"),
        ("2026-12-28", -2, "2026-12-22"),
    ],
)
def test_counts_workdays_only(start: str, count: int, end: str) -> None:
    assert workdays_after(date.fromisoformat(start), count) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("day", "at_work"),
    [("2026-11-20", True), ("2026-11-21", False), ("2026-11-22", False), ("2026-06-06", False), ("2027-05-06", False),
     ("2026-12-24", False), ("2026-12-31", False), ("2027-01-01", False), ("2026-12-29", True)],
)  # fmt: skip
def test_knows_when_everybody_is_off(day: str, at_work: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is at_work
