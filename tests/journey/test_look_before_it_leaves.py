"""A guide looks at the filled form before it leaves; the judge is the town."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from robots import CaseNumber, Cases, Run, task
from robots.cli.town import Town
from robots.evidence.keys import Keys
from robots.evidence.recorder import asked_form
from robots.evidence.sealed import RunEvidence
from robots.queue.approvals import UNANSWERED, answer, questions_of
from robots.queue.claims import Held
from robots.queue.runs import effects_of, find_run, latest_state, submit
from robots.settings import Settings
from robots.store import Store
from robots.task import Task
from robots.task_files import LoadedTasks
from robots.worker.attempt import attempt_run
from robots.worker.task_process.processes import TaskProcesses
from robots.worker.warm_browser import WarmBrowser
from tests.in_this_process import in_this_process
from tests.journey.commands import resident, wait_until
from tests.unit.questions import let_time_pass

pytestmark = pytest.mark.browser
Ragnhild = Callable[..., subprocess.CompletedProcess[str]]


def _ask(store: Store, tasks: LoadedTasks, case: dict[str, Any], *, asks_first: bool = True) -> int:
    drawings = tasks.find("send-drawings")
    values = drawings.inputs.parse({"case_number": case["number"], "property_id": case["property_id"]})
    return submit(
        store, drawings, values, robot="ragnhild", source="guide", started_by="test", asks_first=asks_first
    ).run_id  # fmt: skip


def _kinds(town: Town, case: dict[str, Any]) -> list[Any]:
    return [change["kind"] for change in town.truth() if change["about"] == case["number"]]


@pytest.mark.long
@pytest.mark.timeout(180)
def test_it_waits_without_a_slot_and_goes_when_somebody_has_looked(
    environment: dict[str, str], ragnhild: Ragnhild, town: Town, store: Store, tasks: LoadedTasks
) -> None:
    looked_at, other = town.cases("drawings", "normal")[:2]
    run = _ask(store, tasks, looked_at)
    with resident(environment, "worker", "--slots", "1"):
        wait_until(lambda: latest_state(store, run)[0] == "waiting_approval")
        meanwhile = _ask(store, tasks, other, asks_first=False)
        wait_until(lambda: latest_state(store, meanwhile)[0] == "done")
        assert (latest_state(store, run)[0], _kinds(town, looked_at)) == ("waiting_approval", [])
        [question] = json.loads(ragnhild("approvals", "--json").stdout)["approvals"]
        assert (question["run"], question["effect"]) == (f"K-{run}", "ritningar")
        assert Path(question["picture"]).stat().st_size > 5000
        told = ragnhild("approve", f"K-{run}")
        assert told.returncode == 0, told.stderr
        wait_until(lambda: latest_state(store, run)[0] not in ("queued", "running"))
    assert latest_state(store, run)[0] == "done"
    assert _kinds(town, looked_at) == ["message_sent", "note_added", "status_set"]
    assert {e.armed_times for e in effects_of(store, run)} == {1}


def test_what_was_looked_at_is_sent_once_and_nothing_before(
    settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks, town: Town, processes: TaskProcesses
) -> None:
    case = town.cases("drawings", "normal")[0]
    run = _ask(store, tasks, case)
    with pytest.raises(Held):
        attempt_run(settings, store, tasks, browser, run, carry=processes.carry_out)
    browser.prepare()
    [question] = questions_of(store, run)
    assert (town.truth(), question.once) == ([], "ritningar")
    assert (settings.evidence_dir / str(run) / question.picture).stat().st_size > 5000
    assert question.shown["files"], "what is attached belongs to what is sent"
    whole = json.loads(RunEvidence.below(settings.evidence_dir, run, Keys.of(settings, store)).read(asked_form("01")))
    to, kept = whole["fields"][0], question.shown["fields"][0]
    assert (to["name"], "@" in to["value"], kept) == ("Till", True, {"name": "Till", "value": "▮▮▮"})
    assert {**whole, "fields": [kept, *whole["fields"][1:]]} == question.shown, "nothing else was covered"
    answer(store, run, True, by="eva")
    assert attempt_run(settings, store, tasks, browser, run, carry=processes.carry_out) == "done"
    browser.prepare()
    assert _kinds(town, case) == ["message_sent", "note_added", "status_set"]
    assert {e.armed_times for e in effects_of(store, run)} == {1}
    assert len(questions_of(store, run)) == 1, "what follows the first change goes by itself"


@task(title="Prov", owner="Ingen", saves_minutes=1, asks_before=("anteckning",))
def note_quietly(run: Run, case_number: CaseNumber, *, cases: Cases.Writer) -> None:
    """Antecknar, och bryr sig inte om ifall det gick."""
    with suppress(Exception):
        cases.add_note(case_number, "hej", once="anteckning")


def test_a_task_that_lets_no_exception_through_waits_all_the_same(
    settings: Settings, store: Store, browser: WarmBrowser, town: Town
) -> None:
    quiet: Task = note_quietly.__ragnhild_task__  # type: ignore[attr-defined]
    values = quiet.inputs.parse({"case_number": town.cases("drawings", "normal")[0]["number"]})
    run = submit(store, quiet, values, robot="ragnhild", source="guide", started_by="test").run_id
    with pytest.raises(Held):
        attempt_run(settings, store, LoadedTasks({quiet.name: quiet}), browser, run, carry=in_this_process)
    browser.prepare()
    assert (latest_state(store, run)[0], town.truth()) == ("waiting_approval", [])
    answer(store, run, False, by="eva", reason="fel ärende")
    assert (
        attempt_run(settings, store, LoadedTasks({quiet.name: quiet}), browser, run, carry=in_this_process) == "ended"
    )
    row = find_run(store, run)
    assert (row.outcome, "fel ärende" in row.reason, town.truth()) == ("cancelled", True, [])


@pytest.mark.long
def test_what_nobody_answers_is_handed_over_in_the_case_and_nothing_is_sent(
    settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks, town: Town, processes: TaskProcesses
) -> None:
    case = town.cases("drawings", "normal")[0]
    run = _ask(store, tasks, case)
    with pytest.raises(Held) as held:
        attempt_run(settings, store, tasks, browser, run, carry=processes.carry_out)
    browser.prepare()
    assert settings.approval_minutes * 60 - 30 < held.value.seconds <= settings.approval_minutes * 60
    let_time_pass(store, run)
    assert attempt_run(settings, store, tasks, browser, run, carry=processes.carry_out) == "handed_over"
    browser.prepare()
    row = find_run(store, run)
    assert (row.kind, row.in_case, row.attempts) == (UNANSWERED, True, 2)
    assert [q.answer for q in questions_of(store, run)] == ["expired"]
    assert "message_sent" not in _kinds(town, case)
    assert len(_kinds(town, case)) == 1
