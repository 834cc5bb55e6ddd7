"""When a system can be used: against a plain reckoning, minute by minute, and in words that a guide reads."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from robots.local_time import moment_of, on_the_wall
from robots.opening_hours import ALWAYS, Hours, Maintenance, OpeningHours, spans

OFFICE = "mon-fri 06:00-20:00, sat 08:00-12:00"
SERVICE = Maintenance(every="wed 18:00-20:00", why="Veckans service")
NIGHTLY = Maintenance(every="sun 22:00-04:00", why="Säkerhetskopiering")
RELEASE = Maintenance(since=datetime(2026, 12, 1, 5), until=datetime(2026, 12, 2, 9, 30), why="Ny version")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _closed(hours: OpeningHours, local: str) -> tuple[str, str] | None:
    """Until when it is closed, on the wall, and in words."""
    told = hours.closed_at(moment_of(datetime.fromisoformat(local)))
    return None if told is None else (on_the_wall(told.until).isoformat(" ", "minutes"), told.words)


@pytest.mark.parametrize(
    ("local", "told"),
    [
        ("2026-11-23 06:00", None),  # a Monday
        ("2026-11-23 05:59", ("2026-11-23 06:00", "stängt till 06:00")),
        ("2026-11-23 20:00", ("2026-11-24 06:00", "stängt till i morgon 06:00")),
        ("2026-11-28 11:59", None),
        ("2026-11-28 12:00", ("2026-11-30 06:00", "stängt till måndag 06:00")),
        ("2026-11-25 18:30", ("2026-11-26 06:00", "stängt till i morgon 06:00: Veckans service")),
        ("2026-12-01 06:00", ("2026-12-02 09:30", "stängt till i morgon 09:30: Ny version")),
    ],
)
def test_until_when_it_is_closed(local: str, told: tuple[str, str] | None) -> None:
    assert _closed(OpeningHours(OFFICE, (SERVICE, RELEASE)), local) == told


def test_what_goes_on_past_midnight_ends_the_next_morning() -> None:
    hours = OpeningHours(ALWAYS, (NIGHTLY,))
    assert _closed(hours, "2026-11-22 22:00") == ("2026-11-23 04:00", "stängt till i morgon 04:00: Säkerhetskopiering")
    assert _closed(hours, "2026-11-23 03:59") == ("2026-11-23 04:00", "stängt till 04:00: Säkerhetskopiering")
    assert _closed(hours, "2026-11-23 04:00") is None
    assert _closed(hours, "2026-11-23 22:30") is None


def test_far_away_it_is_told_by_its_date() -> None:
    away = Maintenance(since=datetime(2026, 12, 18), until=datetime(2027, 1, 7), why="Byte av system")
    until, words = _closed(OpeningHours("mon-fri 08:00-16:00", (away,)), "2026-12-20 12:00") or ("", "")
    assert (until, words) == ("2027-01-07 08:00", "stängt till 2027-01-07 08:00: Byte av system")


def test_an_hour_that_the_clocks_jump_over_is_open_when_they_have_jumped() -> None:
    closed = OpeningHours(ALWAYS, (Maintenance(every="sun 01:00-02:30", why="Natt"),)).closed_at(
        moment_of(datetime(2027, 3, 28, 1, 30))
    )
    assert closed is not None
    assert on_the_wall(closed.until) == datetime(2027, 3, 28, 3, 0)


@given(
    first=st.integers(0, 6), last=st.integers(0, 6), begins=st.integers(0, 23), ends=st.integers(0, 24),
    minute=st.integers(0, 7 * 24 * 60 - 1),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_week_as_a_plain_reckoning_has_it(first: int, last: int, begins: int, ends: int, minute: int) -> None:
    if begins == ends:
        ends += 1
    text = f"{WEEKDAYS[first]}-{WEEKDAYS[last]} {begins:02}:00-{ends:02}:00"
    days = {(first + d) % 7 for d in range((last - first) % 7 + 1)}
    lasts = ends - begins if begins < ends else ends + 24 - begins
    open_hours = {(d * 24 + begins + h) % 168 for d in days for h in range(lasts)}

    local = datetime(2026, 6, 1) + timedelta(minutes=minute)  # a Monday, with no change of the clocks near
    closed = OpeningHours(text).closed_at(moment_of(local))

    hour = minute // 60
    if hour % 168 in open_hours:
        assert closed is None
    else:
        wanted = next(h for h in range(hour + 1, hour + 169) if h % 168 in open_hours)
        assert closed is not None
        assert on_the_wall(closed.until) == datetime(2026, 6, 1) + timedelta(hours=wanted)


@pytest.mark.parametrize("wrong", ["7-17", "mon 07:00-07:00", "mån 07:00-17:00", "07:00-24:30", "25:00-26:00"])
def test_what_cannot_be_read_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Hours).validate_python(wrong)
    with pytest.raises(ValueError, match="ska"):
        spans(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"why": "Inget sagt om när"},
        {"every": "mon 07:00-08:00", "since": datetime(2026, 1, 1), "until": datetime(2026, 1, 2), "why": "Båda"},
        {"since": datetime(2026, 1, 2), "until": datetime(2026, 1, 1), "why": "Bakvänd"},
        {"since": datetime(2026, 1, 1), "why": "Utan slut"},
    ],
)
def test_a_window_that_does_not_fit_together_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Maintenance.model_validate(wrong)
