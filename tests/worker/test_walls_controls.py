"""The tries of ``test_walls.py`` with the wall left out that each of them is about: then the task gets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from robots.worker.task_process.walls import missing
from tests.worker.conftest import Bench
from tests.worker.test_walls import REACHES, Place, at_work, toolkit_in

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.skipif(bool(missing()), reason=f"lacks {missing()}"),
]  # fmt: skip


def test_control_in_the_slots_own_process_it_stays(bench: Bench) -> None:
    """First in this file: the others' workers stay."""
    with at_work(bench, left_out="process") as place:
        assert place.try_to("change toolkit", "ett annat").outcome == "done"
        assert toolkit_in(place) == "ett annat"
        assert place.try_to("find", "ord").outcome == "done"


@pytest.fixture(scope="module", params=["walls", "environment", "process"])
def without(request: pytest.FixtureRequest, bench: Bench) -> Iterator[tuple[str, Place]]:
    with at_work(bench, left_out=request.param) as found:
        yield request.param, found


def test_control_without_the_wall_it_gets_it(without: tuple[str, Place]) -> None:
    left_out, place = without
    got = {}
    for what, (how, where, wall) in REACHES.items():
        if wall == left_out:
            got[what] = place.try_to(how, str(where(place))).reason
    assert got
    assert {what: why for what, why in got.items() if why} == {}
