"""Half a year of every kind of schedule, both changes of the clocks in it: each start once, whatever happens meanwhile.

Ten years of it, with a thousand restarts: ``make soak``.

The last day is a workday: what is late waits for one, and may wait still at noon on New Year's Day.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from robots.settings import Settings
from robots.store import Store
from tests.unit.schedule_years import KINDS, NIGHTLY, Years, wanted
from tests.unit.timetable import Timetable


@pytest.mark.parametrize(
    ("first", "last", "restarts"),
    [
        (date(2026, 10, 12), date(2027, 4, 5), 12),
        pytest.param(
            date(2026, 1, 1), date(2036, 1, 2), 1000, marks=[pytest.mark.long, pytest.mark.timeout(3600)], id="decade"
        ),
    ],
)
def test_every_start_comes_once(
    machine: Settings, store: Store, tmp_path: Path, first: date, last: date, restarts: int
) -> None:
    years = Years(Timetable.laid(machine, store, tmp_path), seed=restarts, restarts=restarts)
    years.live(first, last)

    should = wanted(first, last)
    started = years.started()
    assert {kind for kind, _ in should} == set(KINDS)
    assert len(years.away) == restarts
    assert should - started == Counter(), "missed"
    assert started - should == Counter(), "twice, or not wanted at all"

    alone = years.by_apscheduler(first, last)
    print(
        f"{first} to {last}: {len(years.away)} times away, {years.looks} looks, {started.total()} runs of "
        f"{should.total()} starts, {(should - started).total()} missed, {(started - should).total()} double"
    )
    nightly = Counter({start: count for start, count in should.items() if start[0] == NIGHTLY})
    print(f"APScheduler alone: {(nightly - alone).total()} missed, {(alone - nightly).total()} double")
    assert nightly - alone, "control: APScheduler alone misses what comes while it is away"
    assert alone - nightly, "control: it starts twice in October"
