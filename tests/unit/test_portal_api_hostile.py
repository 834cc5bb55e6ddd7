"""What a program sends, made up from the API's own description, is answered as described and by no fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from limits import RateLimitItemPerMinute
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from robots.portal.doors import rates
from robots.portal.rights import ALL_TEAMS, Role
from robots.portal.sheets import EXCEL_TYPE
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from tests.unit.api_callers import API, PROPERTY, program
from tests.unit.desk_runs import Robot, new_case
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.questions import waiting_run
from tests.unit.test_portal_excel import ROWS
from tests.unit.workbook_files import sheet_file

CHECKS: list[Any] = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip


@schemathesis.serializer(EXCEL_TYPE)
def as_it_is(_context: Any, value: Any) -> bytes:
    """A workbook is sent as the bytes that it is, and anything else as its text."""
    content = getattr(value, "data", value)
    return content if isinstance(content, bytes) else str(content).encode()


EVERYBODY = frozenset({Role.API, Role.GUIDE, Role.LEADER, Role.AUDITOR})
ENDED, HANDED_OVER, TO_RETURN, QUEUED, ASKING = 1, 2, 3, 4, 5
# One that goes on would be followed without end, and one that is closed cannot go back to the robot.
ONLY = {"/events": ENDED, "/close": HANDED_OVER, "/return": TO_RETURN, "/answer": ASKING}


HOST = "etjanst.example.se"


@dataclass(frozen=True)
class Laid:
    """What the program has given before: a workbook, and the numbers of what came of it, by their place in the API.

    ``question`` is what a run asks.
    """

    workbook: bytes
    numbers: dict[str, int]
    question: int

    @classmethod
    def by(cls, caller: Client, workbook: bytes) -> Laid:
        question = caller.get(f"{API}/runs/{ASKING}").json()["question"]
        sheet = caller.post(f"{API}/sheets", params={"task": "send-drawings"}, content=workbook).json()["sheet"]
        batch = caller.post(f"{API}/sheets/{sheet}/start", json={}).json()["batch"]
        hook = caller.post(f"{API}/webhooks", json={"url": f"https://{HOST}/x", "events": ["run_ended"]}).json()
        return cls(workbook, {"/sheets/": sheet, "/batches/": batch, "/webhooks/": hook["webhook"]}, question)


@pytest.fixture
def workbook(tmp_path: Path) -> bytes:
    return sheet_file(tmp_path, ROWS).read_bytes()


@pytest.fixture
def desk(
    machine: Settings, store: Store, tasks: LoadedTasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """With a run that is done, two that were handed over, one that waits and one that asks; nobody is held up."""
    monkeypatch.setattr(rates, "OF_VISITOR", RateLimitItemPerMinute(1_000_000))
    own = machine.model_copy(update={"data_dir": tmp_path / "data", "webhook_hosts": (HOST,)})
    with desk_over(own, store) as opened:
        for outcome in ("done", "handed_over", "handed_over"):
            run = Robot(opened, tasks)
            run.end(run.work(), outcome, "Arkivet är tomt")
        Robot(opened, tasks)
        waiting_run(store)
        yield opened


def aimed(case: Any, tasks: LoadedTasks, laid: Laid, draw: Any) -> Any:
    """The case with names and numbers that are there, so that it gets past the first look."""
    if "number" in (case.path_parameters or {}):
        case.path_parameters["number"] = next(n for place, n in laid.numbers.items() if place in case.operation.label)
    if case.operation.label.endswith("/sheets"):
        case.body, case.query = laid.workbook, {"task": "send-drawings"}
    if isinstance(case.body, dict) and "url" in case.body:
        case.body["url"] = f"https://{HOST}/x"
    if isinstance(case.body, dict) and "question" in case.body:
        case.body["question"] = laid.question
    if "run_id" in (case.path_parameters or {}):
        only = next((run for ending, run in ONLY.items() if case.operation.label.endswith(ending)), 0)
        case.path_parameters["run_id"] = only or draw(st.sampled_from([ENDED, HANDED_OVER, QUEUED]))
    task = draw(st.sampled_from(sorted(tasks.by_name.values(), key=lambda each: each.name)))
    if "name" in (case.path_parameters or {}):
        case.path_parameters["name"] = task.command
    if isinstance(case.body, dict) and isinstance(case.body.get("rows"), list) and draw(st.booleans()):
        case.body["rows"] = [{"case_number": new_case(), "property_id": PROPERTY} for _ in case.body["rows"]]
        if "task" in case.body:
            case.body["task"] = "send-drawings"
        if "name" in (case.path_parameters or {}):
            case.path_parameters["name"] = "send-drawings"
    if isinstance(case.body, dict) and isinstance(case.body.get("inputs"), dict):
        named = [each.name for each in task.inputs]
        case.body["inputs"] = dict(zip(named, case.body["inputs"].values(), strict=False))
        if "task" in case.body:
            case.body["task"] = task.command
        if "task" in case.body and draw(st.booleans()):
            case.body |= {"task": "send-drawings", "inputs": {"case_number": new_case(), "property_id": PROPERTY}}
    return case


def attack(desk: Desk, tasks: LoadedTasks, workbook: bytes, examples: int) -> dict[str, set[int]]:
    """Which statuses each operation has been answered with."""
    caller = program(desk, teams=ALL_TEAMS, roles=EVERYBODY)
    laid = Laid.by(caller, workbook)
    key = {"Authorization": caller.headers["Authorization"]}
    seen: dict[str, set[int]] = {}

    def attacked(operation: Any) -> None:
        modes = [GenerationMode.POSITIVE]
        if operation.body or operation.query or operation.path_parameters:
            modes.append(GenerationMode.NEGATIVE)

        @settings(
            max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=st.one_of(*(operation.as_strategy(mode) for mode in modes)), data=st.data())
        def answered_as_described(case: Any, data: st.DataObject) -> None:
            is_followed = operation.label.endswith("/events")
            if is_followed or data.draw(st.booleans()):
                case = aimed(case, tasks, laid, data.draw)
            answer = case.call(base_url=desk.address, headers=key, timeout=20)
            seen.setdefault(operation.label, set()).add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        answered_as_described()

    described = schemathesis.openapi.from_dict(caller.get(f"{API}/openapi.json").json())
    for path in described:
        for operation in described[path].values():
            attacked(operation)
    return seen


def test_whatever_is_sent_is_answered_as_described(desk: Desk, tasks: LoadedTasks, workbook: bytes) -> None:
    seen = attack(desk, tasks, workbook, 4)
    assert len(seen) >= 18
    assert all(max(each) < 500 for each in seen.values())


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_same_with_much_more(desk: Desk, tasks: LoadedTasks, workbook: bytes) -> None:
    seen = attack(desk, tasks, workbook, 150)
    assert {label for label, statuses in seen.items() if min(statuses) >= 300} == set(), "never tried in earnest"
