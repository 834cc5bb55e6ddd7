"""The API: who may do what, and how often."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from limits import RateLimitItemPerMinute

from robots.portal.doors import rates
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from tests.unit.api_callers import API, count_runs, drawings, program
from tests.unit.desk_runs import Robot, noted
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


def test_what_is_not_reached_is_not_there(desk: Desk, caller: Client, robot: Callable[..., Robot]) -> None:
    run = robot()
    run.end(run.work(), "handed_over", "Arkivet är tomt")
    olle = desk.person("olle")
    for asked in (f"runs/{run.id}", f"runs/{run.id}/steps", f"runs/{run.id}/events", f"runs/{run.id + 1}"):
        answer = caller.get(f"{API}/{asked}")
        assert (answer.status_code, answer.json().keys()) == (404, {"error", "field", "expected"}), asked
    assert olle.get(f"{API}/handovers/{run.id}").status_code == 404
    for order in ("cancel", "again"):
        assert caller.post(f"{API}/runs/{run.id}/{order}", json={"reason": "för att"}).status_code == 404
    assert caller.post(f"{API}/runs/{run.id}/retry").status_code == 404
    assert noted(desk.store, run.id) == []


@pytest.mark.parametrize(
    ("asked", "may"),
    [
        ("tasks", {"gun", "lena"}), ("tasks/send-drawings", {"gun", "lena"}), ("runs", {"gun", "lena", "adam", "rut"}),
        ("handovers", {"gun", "lena", "adam", "rut"}), ("statistics", {"lena", "adam", "rut"}),
        ("openapi.json", {"gun", "lena", "adam", "rut"}),
    ],
)  # fmt: skip
def test_each_has_the_rights_of_its_pages(desk: Desk, asked: str, may: set[str]) -> None:
    answers = {name: desk.person(name).get(f"{API}/{asked}").status_code for name in ("gun", "lena", "adam", "rut")}
    assert answers == {name: 200 if name in may else 403 for name in answers}
    stranger = desk.guest().get(f"{API}/{asked}")
    assert (stranger.status_code, stranger.headers["www-authenticate"]) == (401, "Bearer")
    key = program(desk).get(f"{API}/{asked}").status_code
    assert key == (403 if asked in {"handovers", "statistics"} else 200)
    assert desk.program("rk_fel").get(f"{API}/{asked}").status_code == 401


def test_a_session_changes_nothing_without_its_token(desk: Desk) -> None:
    gun, sent = desk.person("gun"), {"task": "send-drawings", "inputs": drawings()}
    key = {"Idempotency-Key": "a-1"}
    assert gun.post(f"{API}/runs", json=sent, headers=key).status_code == 403
    token = re.search(r'name="csrf" (?:content|value)="([^"]+)"', gun.get("/me").text)
    assert token
    told = key | {"X-CSRF-Token": token.group(1)}
    assert gun.post(f"{API}/runs", json=sent, headers=told | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert count_runs(desk.store) == 0
    assert gun.post(f"{API}/runs", json=sent, headers=told).status_code == 201


def test_a_leader_is_told_the_figures_of_her_teams(desk: Desk) -> None:
    told = desk.person("lena").get(f"{API}/statistics?month=2026-10").json()
    assert (told["owners"], told["period"]["from"]) == (["Samhällsbyggnad"], "2026-10-01")
    assert desk.person("rut").get(f"{API}/statistics").json()["owners"] is None, "all of them"
    wrong = desk.person("rut").get(f"{API}/statistics?month=oktober")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "month")


def test_who_asks_too_often_is_held_up_and_nobody_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "OF_VISITOR", RateLimitItemPerMinute(3))
    one, other = program(desk), program(desk, "annan")
    assert [one.get(f"{API}/runs").status_code for _ in range(4)] == [200, 200, 200, 429]
    held = one.get(f"{API}/runs")
    assert 1 <= int(held.headers["retry-after"]) <= 60
    assert "Vänta" in held.json()["error"]
    assert other.get(f"{API}/runs").status_code == 200


def test_the_door_is_not_tried_without_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "OF_LOGINS", RateLimitItemPerMinute(2))
    guest, typed = desk.guest(), {"name": "gun", "password": ""}
    assert [guest.post("/login", data=typed).status_code for _ in range(3)] == [422, 422, 429]
    held = guest.post("/login", data=typed)
    assert held.headers["retry-after"]
    assert "Vänta en minut" in held.text
    assert guest.get("/login").status_code == 200
    elsewhere = {"X-Forwarded-For": "10.1.2.3"}
    assert guest.post("/login", data=typed, headers=elsewhere).status_code == 422
    monkeypatch.setattr(rates, "OF_STRANGERS", RateLimitItemPerMinute(2))
    assert [desk.guest().get(f"{API}/runs").status_code for _ in range(3)] == [401, 401, 429]
    assert desk.person("gun").get("/runs").status_code == 200
