"""A schedule that reads an inbox: each case that waits there gets one run, which takes the case first of all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from robots.cli.town import Town
from robots.queue.engine import RetryLater
from robots.queue.runs import events_of, find_run, list_runs
from robots.scheduler.by_hand import start_now
from robots.scheduler.scheduler import Scheduler
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from robots.worker.attempt import attempt_run
from robots.worker.warm_browser import WarmBrowser
from tests.in_this_process import in_this_process

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
INBOX = "Samhällsbyggnad"
SCHEDULE = f"""title = "Ritningar ur inkorgen"
task = "send_drawings"
[when]
cron = "0 6 * * *"
[cases]
inbox = "{INBOX}"
titles = ["begäran om ritningar"]
most = 2
[inputs]
property_id = "{{property_id}}"
"""
Start = Callable[[], list[int]]
WorkOff = Callable[[], None]


@pytest.fixture
def start(settings: Settings, store: Store, tmp_path: Path) -> Start:
    """Start the schedule now: the run that reads the inbox."""
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / "ritningar.toml").write_text(SCHEDULE, "utf-8")
    scheduler = Scheduler(settings.model_copy(update={"schedules_dir": folder}), store)
    return lambda: start_now(scheduler, "ritningar", by="test")


@pytest.fixture
def attempt(settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks) -> Callable[[int], None]:
    def try_until_it_ends(run_id: int) -> None:
        for _ in range(6):
            with suppress(RetryLater):
                attempt_run(settings, store, tasks, browser, run_id, carry=in_this_process)
            browser.prepare()
            if find_run(store, run_id).finished_at:
                return

    return try_until_it_ends


def waiting(store: Store) -> list[Any]:
    return sorted(list_runs(store, states=("queued",)), key=lambda run: run.id)


def drawings(town: Town) -> list[str]:
    """The numbers of the cases that ask for drawings, the oldest first; but those of protected persons."""
    protected = {case["number"] for case in town.cases("drawings", "protected")}
    told = sorted(town.cases("drawings"), key=lambda c: (c["created"], c["number"]))
    return [case["number"] for case in told if case["number"] not in protected]


def test_each_case_that_waits_gets_one_run_which_takes_it_first(
    town: Town, store: Store, start: Start, attempt: Callable[[int], None]
) -> None:
    attempt(*start())
    asked = waiting(store)
    assert [run.case_number for run in asked] == drawings(town)[:2]
    assert {(run.source, run.started_by, run.task, run.robot) for run in asked} == {
        ("inbox", "schema ritningar", "send_drawings", "ragnhild")
    }
    assert town.truth() == []  # who reads an inbox changes nothing

    attempt(asked[0].id)
    made = [change["kind"] for change in town.truth() if change["about"] == asked[0].case_number]
    assert made[0] == "claimed"
    assert made[1:] in (["message_sent", "note_added", "status_set"], ["handed_over"])


@pytest.mark.long
def test_read_again_it_goes_on_with_the_next_and_asks_for_none_twice(
    town: Town, store: Store, start: Start, attempt: Callable[[int], None]
) -> None:
    attempt(*start())
    first = waiting(store)
    attempt(first[0].id)
    attempt(*start())
    assert [run.case_number for run in waiting(store)] == drawings(town)[1:4]
    assert waiting(store)[0].id == first[1].id


@pytest.mark.long
def test_a_case_that_the_citizen_opens_again_is_a_person_s(
    town: Town, store: Store, start: Start, attempt: Callable[[int], None], tmp_path: Path
) -> None:
    file = tmp_path / "schedules" / "ritningar.toml"
    file.write_text(file.read_text("utf-8").replace("most = 2", "most = 3"), "utf-8")
    attempt(*start())
    normal = [case["number"] for case in town.cases("drawings", "normal")]
    first = next(run for run in waiting(store) if run.case_number in normal)
    attempt(first.id)
    ended = town.act("case_management", "case", case_number=first.case_number)
    assert (find_run(store, first.id).outcome, ended["status"]) == ("done", "Avslutat")
    town.act("case_management", "reopen", case_number=first.case_number)
    made = len(town.truth())

    attempt(*start())

    assert first.case_number not in [run.case_number for run in waiting(store)]
    opened = town.act("case_management", "case", case_number=first.case_number)
    assert (opened["status"], opened["handler"], len(town.truth())) == ("Nytt", "", made)


@pytest.mark.long
def test_a_case_that_a_colleague_was_quicker_to_is_left_alone(
    town: Town, store: Store, start: Start, attempt: Callable[[int], None]
) -> None:
    attempt(*start())
    run, _ = waiting(store)
    town.act("case_management", "take", case_number=run.case_number, by="Anna Ek")
    attempt(run.id)
    ended = find_run(store, run.id)
    assert (ended.outcome, ended.kind) == ("cancelled", "Ärendet är redan taget")
    assert "Anna Ek" in ended.reason
    assert (town.truth(), town.mail()) == ([], [])


@pytest.mark.long
def test_a_case_that_does_not_say_what_is_needed_stays_and_is_told(
    town: Town, store: Store, start: Start, attempt: Callable[[int], None], tmp_path: Path
) -> None:
    file = tmp_path / "schedules" / "ritningar.toml"
    rare = file.read_text("utf-8").replace("begäran om ritningar", "handlingar till bygglov")
    file.write_text(rare.replace("{property_id}", "{locked_by}"), "utf-8")
    cases = [c for c in town.cases("building_checklist") if "handlingar till bygglov" in c["title"]]
    protected = [c for c in cases if c["twist"] == "protected"]
    (reading,) = start()
    attempt(reading)
    assert waiting(store) == []
    told = [event.title for event in events_of(store, reading) if event.kind == "told"]
    unsaid = sum("startas inte: Ärendet säger inget om locked_by." in words for words in told)
    stopped = sum("startas inte: Någon i ärendet har skyddade personuppgifter." in words for words in told)
    assert 0 < stopped == len(protected) < unsaid + stopped == len(cases)
