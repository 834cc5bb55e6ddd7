"""Workdays are counted past weekends, holidays and the eves that everybody has off."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from robots.errors import ConfigurationError
from robots.workdays import Calendar, read_calendar, workdays_after


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
    assert Calendar().is_workday(date.fromisoformat(day)) is at_work


def _days(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range(365)]


def test_red_days_are_sundays_and_holidays_by_law() -> None:
    calendar = Calendar()
    red = [day for day in _days(2026) if calendar.why_red(day)]
    assert len(red) == 52 + 13 - 2  # two of the thirteen are Sundays: Easter and Whitsun
    assert calendar.why_red(date(2026, 6, 6)) == "Nationaldagen"
    assert calendar.why_red(date(2026, 11, 22)) == "söndag"
    assert calendar.why_red(date(2026, 12, 24)) == calendar.why_red(date(2026, 11, 21)) == ""


def test_the_day_before_a_red_day_is_no_ordinary_saturday() -> None:
    calendar = Calendar()
    assert calendar.why_before_red(date(2026, 5, 13)) == "dagen före Kristi himmelsfärdsdag"
    assert calendar.why_before_red(date(2026, 12, 31)) == "dagen före Nyårsdagen"
    assert calendar.why_before_red(date(2026, 11, 21)) == ""


def test_squeeze_days_lie_alone_between_days_off() -> None:
    calendar = Calendar()
    assert [day.isoformat() for day in _days(2026) if calendar.why_squeezed(day)] == [
        "2026-01-02", "2026-01-05", "2026-05-15",
    ]  # fmt: skip


def test_a_closed_day_of_the_municipality_makes_squeeze_days_of_its_own() -> None:
    calendar = Calendar({date(2026, 11, 3): "Utbildningsdag"})
    assert calendar.why_squeezed(date(2026, 11, 2)) == "klämdag"
    assert Calendar().why_squeezed(date(2026, 11, 2)) == ""


@pytest.mark.parametrize(
    ("year", "month", "number", "day"),
    [(2026, 1, 1, "2026-01-02"), (2026, 1, 2, "2026-01-05"), (2026, 12, -1, "2026-12-30"), (2026, 5, 2, "2026-05-05"),
     (2026, 2, 20, "2026-02-27"), (2026, 2, 21, None), (2026, 2, -21, None)],
)  # fmt: skip
def test_counts_the_workdays_of_a_month(year: int, month: int, number: int, day: str | None) -> None:
    found = Calendar().workday_of_month(year, month, number)
    assert (found and found.isoformat()) == day


def test_the_municipalitys_own_days_are_no_workdays(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text('[2026-11-02]\nwhy = "Utbildningsdag"\n[2026-12-28]\nuntil = 2026-12-30\nwhy = "Stängt"\n', "utf-8")
    calendar = read_calendar(file)
    assert calendar.why_off(date(2026, 11, 2)) == "Utbildningsdag"
    assert calendar.workdays_after(date(2026, 12, 23), 1) == date(2027, 1, 4)
    assert workdays_after(date(2026, 12, 23), 1) == date(2026, 12, 28)  # control: what a law counts stays as it is
    assert read_calendar(tmp_path / "none.toml").is_workday(date(2026, 11, 2))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('[jul]\nwhy = "Stängt"', r"\[jul\] ska vara ett datum"),
        ("[2026-12-23]", "calendar.toml:1: 2026-12-23.why"),
        ('[2026-12-23]\nuntil = 2026-12-01\nwhy = "Stängt"', "slutar 2026-12-01, innan den börjar"),
        ('[2026-12-23]\nwhy = "Stängt"\ntill = 2026-12-24', "calendar.toml:3: 2026-12-23.till"),
    ],
)
def test_a_calendar_that_is_wrong_is_told_with_its_line(tmp_path: Path, written: str, words: str) -> None:
    (tmp_path / "calendar.toml").write_text(written, "utf-8")
    with pytest.raises(ConfigurationError, match=words):
        read_calendar(tmp_path / "calendar.toml")
