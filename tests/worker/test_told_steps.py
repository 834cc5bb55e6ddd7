"""What the supervisor is told of a run's steps, and what it says of a deadline that was passed."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest

from robots.evidence import Recorder
from robots.store import Store
from robots.task import Run
from robots.worker.deadlines import Deadlines, SlotDied, spoken
from tests.sealing import keys_in
from tests.unit.runs import new_run


def test_a_steps_beginning_and_end_are_told_without_what_is_hidden(store: Store, tmp_path: Path) -> None:
    told = list[str]()
    log = Recorder(store, tmp_path, new_run(store), 1, keys=keys_in(store), pictures=False, on_step=told.append)
    run = Run(1, "ada", date(2026, 11, 22), log)
    with run.step("Första"):
        run.hide("Tova Testdotter")
    with pytest.raises(ValueError, match="no"), run.step("Skriv till Tova Testdotter"):
        raise ValueError("no")
    log.finish()
    assert told == ["Första", "", "Skriv till ▮▮▮", ""]


async def passed(run: float, step: float, sign: float, *begun: str) -> tuple[SlotDied, float]:
    deadlines = Deadlines(0, 7, run, step, sign)
    started = asyncio.get_running_loop().time()
    for title in begun:
        deadlines.step_begins(title)
    return deadlines.passed(), deadlines.next - started


@pytest.mark.parametrize(
    ("seconds", "begun", "after", "message", "words"),
    [
        ((60, 30, 15), (), 15, "run 7 was not taken up in 15 s", ""),
        ((60, 10, 15), (), 10, "for a step, outside its steps", "mellan två steg i mer än 10 sekunder"),
        ((60, 30, 15), ("",), 30, "for a step, outside its steps", "mellan två steg i mer än 30 s"),
        ((90, 60, 15), ("Hämta",), 60, "60 s for a step, in the step «Hämta»", "Steget «Hämta» tog längre tid än 1 m"),
        ((90, 240, 15), ("Hämta",), 90, "deadline of 90 s, in the step «Hämta»", "minuter och avbröts i steget «Häm"),
        ((90, 240, 15), ("",), 90, "run 7 passed its deadline of 90 s", "längre tid än 1,5 minuter och avbröts."),
        ((90, 240, 15), ("Hämta", ""), 90, "run 7 passed its deadline of 90 s", "avbröts efter steget «Hämta»."),
        ((90, 240, 15), ("Hämta", "", "Skicka"), 90, "in the step «Skicka»", "avbröts i steget «Skicka»."),
    ],
)  # fmt: skip
def test_the_first_deadline_that_is_passed_is_named(
    seconds: tuple[float, float, float], begun: tuple[str, ...], after: float, message: str, words: str
) -> None:
    death, left = asyncio.run(passed(*seconds, *begun))

    assert message in str(death)
    assert words in death.words
    assert left == pytest.approx(after, abs=0.5)


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 sekund"), (2.5, "2,5 sekunder"), (60, "1 minut"), (240, "4 minuter")]
)
def test_a_time_is_spoken(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
