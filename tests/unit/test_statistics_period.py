"""Which days a period is, and which it is compared to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from robots.errors import WrongInput
from robots.statistics.period import Period, chosen_period

TODAY = date(2026, 11, 22)


def days(period: Period) -> tuple[str, str]:
    return str(period.first), str(period.last)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ({}, "2026-10-01", "2026-10-31"),
        ({"month": "2026-02"}, "2026-02-01", "2026-02-28"),
        ({"month": " 2028-02 "}, "2028-02-01", "2028-02-29"),
        ({"first": "2026-11-03"}, "2026-11-03", "2026-11-22"),
        ({"first": "2026-01-01", "last": "2026-12-31"}, "2026-01-01", "2026-12-31"),
        ({"first": "2026-05-04", "last": "2026-05-04"}, "2026-05-04", "2026-05-04"),
    ],
)
def test_what_a_person_writes(written: dict[str, str], first: str, last: str) -> None:
    assert days(chosen_period(TODAY, **written)) == (first, last)


def test_in_january_the_latest_whole_month_is_december() -> None:
    assert days(chosen_period(date(2027, 1, 3))) == ("2026-12-01", "2026-12-31")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"month": "2026-13"}, "Skriv den som ÅÅÅÅ-MM"),
        ({"month": "oktober"}, "Skriv den som ÅÅÅÅ-MM"),
        ({"month": "2026-1٣"}, "Skriv den som ÅÅÅÅ-MM"),
        ({"month": "2026-10", "first": "2026-10-01"}, "inte båda"),
        ({"first": "2026-02-30"}, "Skriv den som ÅÅÅÅ-MM-DD"),
        ({"first": "20260203"}, "Skriv den som ÅÅÅÅ-MM-DD"),
        ({"last": "2026-02-03"}, "vilken dag den börjar"),
        ({"first": "2026-10-31", "last": "2026-10-01"}, "börja innan den slutar"),
        ({"first": "0001-01-01"}, "mellan 2000 och 2100"),
        ({"first": "2026-12-24"}, "börja innan den slutar"),
    ],
)
def test_what_cannot_be_meant_is_told(written: dict[str, str], words: str) -> None:
    with pytest.raises(WrongInput) as raised:
        chosen_period(TODAY, **written)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ((2026, 10, 1), (2026, 10, 31), ("2026-09-01", "2026-09-30")),
        ((2026, 1, 1), (2026, 1, 31), ("2025-12-01", "2025-12-31")),
        ((2026, 7, 1), (2026, 9, 30), ("2026-04-01", "2026-06-30")),
        ((2025, 1, 1), (2025, 12, 31), ("2024-01-01", "2024-12-31")),
        ((2026, 10, 5), (2026, 10, 11), ("2026-09-28", "2026-10-04")),
        ((2026, 11, 1), (2026, 11, 30), ("2026-10-01", "2026-10-22")),  # it goes on: as many days of October
        ((2026, 11, 16), (2026, 11, 29), ("2026-11-02", "2026-11-08")),
        ((2026, 12, 1), (2026, 12, 31), ("2026-11-01", "2026-11-30")),
    ],
)
def test_what_it_is_compared_to(
    first: tuple[int, int, int], last: tuple[int, int, int], before: tuple[str, str]
) -> None:
    assert days(Period(date(*first), date(*last)).before(TODAY)) == before


def test_at_the_end_of_march_february_is_no_longer_than_it_is() -> None:
    assert days(Period.month_of(date(2026, 3, 1)).before(date(2026, 3, 30))) == ("2026-02-01", "2026-02-28")


def test_it_begins_and_ends_at_midnight_in_sweden() -> None:
    october = Period.month_of(date(2026, 10, 9))
    assert october.begins == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert october.ends == datetime(2026, 10, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((2026, 10, 1), (2026, 10, 31), "oktober 2026"),
        ((2026, 5, 4), (2026, 5, 4), "4 maj 2026"),
        ((2026, 7, 1), (2026, 9, 30), "1 juli 2026 – 30 september 2026"),
    ],
)
def test_its_words(first: tuple[int, int, int], last: tuple[int, int, int], words: str) -> None:
    assert Period(date(*first), date(*last)).words() == words
