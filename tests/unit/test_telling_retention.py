"""A retention plan that is not carried out is told of once, and stands in the digest until it is."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from robots.retention.nights import Nights
from robots.store.schema import retention_nights
from robots.telling import nights as nights_module
from tests.unit.told_people import Place, assert_told, text_of

NEVER = "Gallringen har aldrig gjorts till slutet"


@pytest.fixture
def place(place: Place) -> Place:
    place.set(retention_at="03:30")
    place.look()
    return place


def gone_through(place: Place) -> list[date]:
    """As whoever carries the plan out does at the place's time."""
    Nights(place.settings, place.store, rows=True, now=lambda _: place.moment).look()
    with place.store.begin() as connection:
        return list(connection.execute(select(retention_nights.c.night)).scalars())


def test_a_plan_that_is_never_carried_out_is_told_once_and_then_in_each_digest(place: Place) -> None:
    place.write('[drift]\nmail = "drift@tallinge.example"\ndigest = true\n')
    assert place.at("2026-11-09 10:00") == []
    assert place.at("2026-11-10 10:59") == ["Robotarna 10 november: 0 körningar, inget väntar på dig"]
    assert place.at("2026-11-10 11:00") == [NEVER]
    assert place.at("2026-11-10 11:01") == []
    assert place.at("2026-11-11 07:00") == ["Robotarna 11 november: 0 körningar, 1 sak väntar på dig"]
    assert NEVER in text_of(place.office.delivered[-1])
    assert_told("retention", place.office.delivered[-2])


def test_one_that_stopped_is_told_of_anew_after_each_time_that_it_was_carried_out(place: Place) -> None:
    for night, told in ((10, "9"), (16, "15")):
        place.now = f"2026-11-{night - 1:02} 03:31"
        assert date(2026, 11, night - 1) in gone_through(place)
        assert place.at(f"2026-11-{night:02} 03:29") == []
        assert place.at(f"2026-11-{night:02} 03:31") == []
        assert place.at(f"2026-11-{night + 1:02} 05:30") == []
        words = f"Gallringen har inte gjorts sedan natten {told} november"
        assert place.at(f"2026-11-{night + 1:02} 05:31") == [words]


@pytest.mark.parametrize("asks", ["until it is done", "control: at once"])
def test_a_machine_that_was_off_for_some_nights_is_given_time(
    place: Place, asks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.now = "2026-11-09 10:00"
    gone_through(place)
    assert place.at("2026-11-09 10:01") == []
    if asks != "until it is done":
        monkeypatch.setattr(nights_module, "LATE", datetime.resolution)
    told = [place.at("2026-11-16 07:00:00"), place.at("2026-11-16 07:00:05")]
    gone_through(place)
    told.append(place.at("2026-11-17 03:29:00"))
    assert any(told) == (asks != "until it is done")


def test_nothing_is_told_where_nothing_is_to_be_carried_out(place: Place) -> None:
    place.set(retention_at="")
    assert [place.at("2026-11-10 11:00"), place.at("2026-11-19 11:00")] == [[], []]
