"""The API: one shape of all answers, as its description and its document say."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from limits import RateLimitItemPerMinute

from robots.portal.doors import rates
from robots.portal.doors.bodies import MOST_BYTES
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from tests.conftest import ROOT
from tests.unit.api_callers import API, program
from tests.unit.desk_runs import Robot
from tests.unit.desks import Client, Desk, desk_over


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


@pytest.fixture
def caller(desk: Desk) -> Client:
    return program(desk)


@pytest.fixture
def robot(desk: Desk, tasks: LoadedTasks) -> Callable[..., Robot]:
    return lambda *told, **typed: Robot(desk, tasks, *told, **typed)


def test_what_is_no_request_is_answered_in_the_one_shape(caller: Client) -> None:
    json_type = {"Content-Type": "application/json", "Idempotency-Key": "a-1"}
    answers = {
        "no json": (caller.post(f"{API}/runs", content="{", headers=json_type), 422),
        "no object": (caller.post(f"{API}/runs", content="[]", headers=json_type), 422),
        "no number": (caller.get(f"{API}/runs/abc"), 422),
        "too large": (caller.get(f"{API}/runs/{2**63}"), 422),
        "too long": (caller.post(f"{API}/runs", content="x" * (MOST_BYTES + 1), headers=json_type), 413),
        "no such way": (caller.delete(f"{API}/runs"), 405),
        "no such place": (caller.get(f"{API}/places"), 404),
        "more than asked": (
            caller.post(f"{API}/runs", json={"task": "x", "inputs": {}, "robot": "y"}, headers=json_type), 422,
        ),
    }  # fmt: skip
    for name, (answer, status) in answers.items():
        assert answer.status_code == status, (name, answer.text)
        assert answer.json().keys() == {"error", "field", "expected"}, name
        assert answer.json()["error"], name
    assert answers["no such way"][0].headers["allow"]


def test_the_description_is_whole(caller: Client) -> None:
    told = caller.get(f"{API}/openapi.json").json()
    assert set(told["components"]["securitySchemes"]) == {"key", "session", "token"}
    for path, operations in told["paths"].items():
        assert path.startswith(API), "only the API's own routes"
        for method, operation in operations.items():
            assert operation["description"], path
            assert {"401", "403", "404", "422", "429"} <= operation["responses"].keys(), path
            assert all(each["description"] for each in operation["responses"].values()), path
            assert "HTTPValidationError" not in json.dumps(operation), path
            assert {"key": []} in operation["security"]
            changes = method == "post"
            assert ({"session": [], "token": []} in operation["security"]) == changes, path
    assert "KC-26110042-4" in json.dumps(told["components"]["schemas"]["Start"])


def test_each_error_has_an_example_that_is_answered_so(
    desk: Desk, caller: Client, robot: Callable[..., Robot], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = caller.get(f"{API}/openapi.json").json()["paths"][f"{API}/runs/{{run_id}}/cancel"]["post"]["responses"]
    done = robot(by="etjanst")
    done.end(done.work())
    cancel, why = f"{API}/runs/{done.id}/cancel", {"reason": "För sent"}
    monkeypatch.setattr(rates, "OF_VISITOR", RateLimitItemPerMinute(5))
    answers = {
        "401": desk.guest().post(cancel, json=why), "403": caller.get(f"{API}/statistics"),
        "404": caller.post(f"{API}/runs/999/cancel", json=why), "409": caller.post(cancel, json=why),
        "413": caller.post(cancel, content="x" * (MOST_BYTES + 1), headers={"Content-Type": "application/json"}),
    }  # fmt: skip
    answers["429"] = next(each for each in (caller.get(f"{API}/runs") for _ in range(9)) if each.status_code == 429)
    for status, answer in answers.items():
        example = told[status]["content"]["application/json"]["example"]
        assert (str(answer.status_code), answer.json()) == (status, example)
    assert "Databasen" in told["503"]["content"]["application/json"]["example"]["error"]


def test_what_the_document_says_of_it_is_so(caller: Client) -> None:
    words = (ROOT / "docs" / "api.md").read_text("utf-8")
    paths = caller.get(f"{API}/openapi.json").json()["paths"]
    named = {each.replace("{run}", "{run_id}") for each in re.findall(rf"{API}/[a-z./{{}}]*[a-z}}]", words)}
    assert len(named) > 4
    assert named <= paths.keys()
    for most in (rates.OF_VISITOR, rates.OF_STRANGERS, rates.OF_LOGINS):
        assert f"{most.amount:,}" in words
