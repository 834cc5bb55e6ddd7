"""Steering a worker that is at work: pause, emergency stop, drain, try anew, once more; judged by the town."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.town import Town
from robots.queue.runs import effects_of, events_of, find_run, latest_state, list_runs, submit
from robots.queue.standing import workers_now
from robots.store import Store
from robots.task_files import LoadedTasks
from tests.conftest import Finished
from tests.journey.commands import resident, wait_until
from tests.saying import Say

pytestmark = pytest.mark.browser
Ragnhild = Callable[..., subprocess.CompletedProcess[str]]


def _ask(store: Store, tasks: LoadedTasks, town: Town, number: int = 0) -> int:
    case = town.cases("drawings", "normal")[number]
    task = tasks.find("send-drawings")
    values = task.inputs.parse({"case_number": case["number"], "property_id": case["property_id"]})
    return submit(store, task, values, robot="ragnhild", source="guide", started_by="test").run_id


def _state(store: Store, run: int) -> str:
    return latest_state(store, run)[0]


def _ended(store: Store, run: int) -> Callable[[], object]:
    return lambda: _state(store, run) not in ("queued", "running")


def _kinds(town: Town) -> list[Any]:
    return [change["kind"] for change in town.truth()]


@pytest.mark.long
@pytest.mark.timeout(180)
def test_what_is_paused_waits_and_a_drained_worker_ends_what_it_has_and_takes_nothing_new(
    environment: dict[str, str], say: Say, town: Town, store: Store, tasks: LoadedTasks
) -> None:
    assert say("drain")[0] == 2, "there is no worker"
    assert say("pause", "--task", "send-drawings")[0] == 2, "without a reason"
    code, told = say("pause", "--task", "send-drawings", "--reason", "arkivet flyttar")
    assert code == 0, told
    run = _ask(store, tasks, town)
    with resident(environment, "worker", "--slots", "1") as worker:
        wait_until(lambda: find_run(store, run).held_for)
        assert "arkivet flyttar" in say("runs")[1]
        shown = json.loads(say("workers", "--json")[1])
        assert [p["scope"] for p in shown["paused"]] == ["task:send_drawings"]
        assert len(shown["workers"]) == 1
        assert (_state(store, run), town.truth()) == ("queued", [])
        town.fault("case_management", "slow", method="GET", path="meddelande", seconds=6, times=1)
        assert "1 körningar som väntade får börja" in say("resume", "--task", "send-drawings")[1]
        wait_until(lambda: _state(store, run) == "running")
        second = _ask(store, tasks, town, 1)
        code, told = say("drain", "--reason", "ny version")
        assert code == 0, told
        assert worker.wait(30) == 0
    assert (_state(store, run), _state(store, second)) == ("done", "queued")
    assert find_run(store, run).attempts == 1
    assert workers_now(store) == []
    assert _kinds(town) == ["message_sent", "note_added", "status_set"]


@pytest.mark.timeout(180)
def test_the_emergency_stop_lets_nothing_out_and_the_run_goes_on_afterwards(
    environment: dict[str, str], say: Say, town: Town, store: Store, tasks: LoadedTasks
) -> None:
    # The form in front of the change comes slowly, so that the stop is given while the run is on its way to it.
    town.fault("case_management", "slow", method="GET", path="meddelande", seconds=5, times=1)
    run = _ask(store, tasks, town)
    with resident(environment, "worker", "--slots", "1"):
        wait_until(lambda: any(e.kind == "step" and "Skicka" in e.title for e in events_of(store, run)))
        code, told = say("stop", "--reason", "fel mottagare i mallen")
        stopped = time.monotonic()
        assert code == 0, told
        assert "Skicka till den sökande" in told, "it says where the run stands"
        wait_until(lambda: find_run(store, run).held_for)
        assert time.monotonic() - stopped < 30
        assert town.truth() == []
        assert town.mail() == []
        assert (_state(store, run), [e.state for e in effects_of(store, run)]) == ("queued", ["INTENDED"])
        assert say("resume", "--stop")[0] == 0
        wait_until(_ended(store, run))
    assert _state(store, run) == "done"
    assert _kinds(town) == ["message_sent", "note_added", "status_set"]
    assert len(town.mail()) == 1


@pytest.mark.long
@pytest.mark.timeout(180)
def test_once_more_sends_once_more_and_only_with_a_reason(
    carry_out: Callable[..., Finished], ragnhild: Ragnhild, say: Say, town: Town, store: Store
) -> None:
    case = town.cases("drawings", "normal")[0]
    line = ["run", "send-drawings", "--case-number", case["number"], "--property", case["property_id"]]
    assert carry_out("send-drawings", case_number=case["number"], property_id=case["property_id"]).outcome == "done"
    assert say(*line, "--again", "")[0] == 2
    assert len(town.mail()) == 1
    town.act("case_management", "put", case_number=case["number"], status="Pågående")
    told = ragnhild(*line, "--again", "brevet hamnade i skräpposten")
    assert told.returncode == 0, told.stderr
    assert re.search(r"Gjordes \d{4}-\d\d-\d\d .* av K-1", told.stderr)
    assert "ritningar, kvittens M-" in told.stderr
    assert len(town.mail()) == 2
    marks = {e.mark for run in list_runs(store) for e in effects_of(store, run.id)}
    assert len(marks) == 6, "each of the six changes has a mark of its own"
    assert "Redan gjort" in say(*line)[1]  # control: the same request is not made a third time
    assert len(town.mail()) == 2


@pytest.mark.long
@pytest.mark.timeout(180)
def test_what_was_made_before_it_failed_is_not_made_again_when_it_is_tried_anew(
    environment: dict[str, str], ragnhild: Ragnhild, say: Say, town: Town, store: Store
) -> None:
    environment["RAGNHILD_ATTEMPTS"] = "1"
    case = town.cases("drawings", "normal")[0]
    line = ["run", "send-drawings", "--case-number", case["number"], "--property", case["property_id"]]
    town.fault("case_management", "label_renamed", old="Journalanteckning", new="Tjänsteanteckning", times=99)
    first = ragnhild(*line)
    assert first.returncode == 3, first.stderr
    assert _kinds(town).count("message_sent") == 1
    assert find_run(store, 1).outcome == "handed_over"
    town.clear_faults()
    assert say("retry", "K-1", "--reason", "formuläret är lagat")[0] == 0
    assert ragnhild(*line).returncode == 0
    assert list_runs(store)[0].outcome == "done"
    kinds = _kinds(town)
    assert (kinds.count("message_sent"), kinds.count("note_added"), len(town.mail())) == (1, 1, 1)
