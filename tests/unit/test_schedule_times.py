"""When a schedule starts: each pattern, what narrows it, and the nights when the clocks are put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from robots.local_time import moment_of, on_the_wall
from robots.scheduler.when import When
from robots.workdays import Calendar

# The municipality's own day off is a Monday.
CALENDAR = Calendar({date(2026, 11, 2): "Utbildningsdag"})


def starts(first: str, last: str, **when: Any) -> list[str]:
    """The starts after one time on the wall until another, as they are on the wall."""
    after, until = (moment_of(datetime.fromisoformat(local)) for local in (first, last))
    return [start.local.strftime("%m-%d %H:%M") for start in When(**when).starts(after, until, CALENDAR)]


# -- patterns -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "when", "found"),
    [
        ("2026-11-09", "2026-11-13", {"cron": "30 6 * * mon,wed"}, ["11-09 06:30", "11-11 06:30"]),
        ("2026-11-09", "2027-01-15", {"cron": "0 6 1 * *"}, ["12-01 06:00", "01-01 06:00"]),
        ("2026-11-09", "2026-11-10", {"every": "9 hours"}, ["11-09 09:00", "11-09 18:00", "11-10 00:00"]),
        ("2026-11-09", "2026-11-10", {"every": "90 minutes", "hours": "08:00-11:00"}, ["11-09 08:00", "11-09 09:30"]),
        (
            "2026-11-09", "2026-11-13", {"every": "3 days", "starting": date(2026, 10, 1), "at": ["18:00", "06:00"]},
            ["11-09 06:00", "11-09 18:00", "11-12 06:00", "11-12 18:00"],
        ),
        ("2026-11-01", "2026-11-20", {"every": "2 weeks", "starting": date(2026, 10, 15), "at": ["06:00"]},
         ["11-12 06:00"]),
        ("2026-11-01", "2026-11-20", {"every": "2 weeks", "starting": date(2026, 11, 19), "at": ["06:00"]},
         ["11-19 06:00"]),
        ("2026-10-29", "2026-11-05", {"workday_of_month": -1, "at": ["06:00"]}, ["10-30 06:00"]),
        ("2026-10-29", "2026-11-05", {"workday_of_month": 1, "at": ["06:00"]}, ["11-03 06:00"]),
        ("2026-10-29", "2026-11-05", {"on": [datetime(2026, 11, 5), datetime(2026, 10, 29)]}, ["11-05 00:00"]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_each_pattern_starts_when_it_says(first: str, last: str, when: dict[str, Any], found: list[str]) -> None:
    assert starts(first, last, **when) == found


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({}, ["10-30", "10-31", "11-01", "11-02", "11-03"]),
        ({"days": "workdays"}, ["10-30", "11-03"]),
        ({"never": ["red"]}, ["10-30", "11-02", "11-03"]),
        ({"never": ["before-red"]}, ["10-31", "11-01", "11-02", "11-03"]),
        ({"days": "workdays", "never": ["before-red"]}, ["11-03"]),
    ],
)
def test_days_are_left_out_where_so_chosen(narrowed: dict[str, Any], found: list[str]) -> None:
    assert starts("2026-10-30", "2026-11-04", cron="0 6 * * *", **narrowed) == [f"{day} 06:00" for day in found]


def test_squeeze_days_are_left_out_where_so_chosen() -> None:
    assert starts("2026-05-15", "2026-05-16", cron="0 6 * * *", days="workdays") == ["05-15 06:00"]
    assert starts("2026-05-15", "2026-05-16", cron="0 6 * * *", days="workdays", never=["squeeze"]) == []


def test_a_day_that_is_left_out_says_why() -> None:
    when = When(cron="0 6 * * *", days="workdays", never=("before-red", "squeeze"))
    planned = when.planned(datetime(2026, 10, 30), datetime(2026, 11, 4), CALENDAR)
    assert [each.skipped for each in planned] == [
        "dagen före Alla helgons dag", "Alla helgons dag", "söndag", "Utbildningsdag", "",
    ]  # fmt: skip


def test_what_is_late_is_let_through_within_its_days_and_hours_alone() -> None:
    when = When(cron="0 6 * * *", days="workdays", hours="06:00-17:00")
    told = {"2026-11-03 06:00": True, "2026-11-03 16:59": True, "2026-11-03 17:00": False, "2026-11-03 05:59": False,
            "2026-11-02 10:00": False}  # fmt: skip
    found = {local: when.allows(moment_of(datetime.fromisoformat(local)), CALENDAR) for local in told}
    assert found == told


# -- the clocks are put forward and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("night", ["2026-10-25", "2027-03-28"])
def test_a_nightly_start_comes_once_in_each_night(night: str) -> None:
    """APScheduler itself starts 02:30 twice in October, and in March at half past three."""
    day = date.fromisoformat(night)
    found = When(cron="30 2 * * *").starts(*_around(day), CALENDAR)
    assert [start.local.date() for start in found] == [day - timedelta(days=1), day, day + timedelta(days=1)]
    assert len({start.due for start in found}) == 3


def _around(day: date) -> tuple[datetime, datetime]:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return noon - timedelta(days=2), noon + timedelta(days=1)


def test_the_hour_that_comes_twice_counts_once() -> None:
    assert moment_of(datetime(2026, 10, 25, 2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert starts("2026-10-25T01:30", "2026-10-25T04:00", every="1 hour") == [
        "10-25 02:00",
        "10-25 03:00",
        "10-25 04:00",
    ]


def test_what_the_clocks_jump_over_starts_when_they_have_jumped() -> None:
    assert moment_of(datetime(2027, 3, 28, 2, 30)) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert on_the_wall(datetime(2027, 3, 28, 1, tzinfo=UTC)) == datetime(2027, 3, 28, 3)


def test_several_that_the_clocks_jump_over_are_one() -> None:
    assert starts("2027-03-28T01:45", "2027-03-28T03:15", every="15 minutes") == ["03-28 03:00", "03-28 03:15"]


@pytest.mark.parametrize("cut", range(0, 240, 7))
def test_two_spans_hold_what_the_whole_holds(cut: int) -> None:
    """However a scheduler looks, nothing falls between two looks, and nothing comes in both."""
    when = When(every="15 minutes")
    for night in (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2027, 3, 27, 22, tzinfo=UTC)):
        middle, end = night + timedelta(minutes=cut), night + timedelta(hours=8)
        parts = when.starts(night, middle, CALENDAR) + when.starts(middle, end, CALENDAR)
        assert parts == when.starts(night, end, CALENDAR)
        assert len({start.local for start in parts}) == len(parts)


# -- what cannot be meant ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({}, "Skriv ett av cron"),
        ({"cron": "0 6 * * mon", "every": "1 hour"}, "Skriv ett av cron"),
        ({"cron": "0 6 * * 1"}, "veckodagarna i cron med bokstäver"),
        ({"cron": "0 25 * * *"}, "ingen rad för cron"),
        ({"cron": "0 6 * *"}, "ingen rad för cron"),
        ({"every": "0 minutes"}, "ska skrivas som «15 minutes»"),
        ({"every": "varje timme"}, "ska skrivas som «15 minutes»"),
        ({"every": "2 weeks", "at": ["06:00"]}, "«starting» behövs"),
        ({"every": "2 weeks", "starting": date(2026, 1, 1)}, "«at» behövs"),
        ({"cron": "0 6 * * *", "at": ["06:00"]}, "«at» behövs"),
        ({"workday_of_month": 2}, "«at» behövs"),
        ({"every": "1 hour", "hours": "17:00-07:00"}, "sluta senare"),
        ({"every": "1 hour", "hours": "7-17"}, "ska skrivas som «07:00-17:00»"),
        ({"on": [datetime(2026, 11, 1, 6, tzinfo=UTC)]}, "utan tidszon"),
        ({"every": "1 hour", "never": ["saturdays"]}, "red"),
    ],
)
def test_what_cannot_be_meant_is_refused(when: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        When(**when)
