"""The API as a program calls it: what is asked for is done once, and followed to its end."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from robots.portal.rights import Role
from robots.queue.pauses import pause, task_scope
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from tests.unit.api_callers import API, PERSON, PROPERTY, count_runs, drawings, program, start
from tests.unit.desk_runs import Robot, noted
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.test_portal_live import following


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


# -- starting ---------------------------------------------------------------------------------------------------------


def test_a_start_is_one_run_however_often_it_is_sent(desk: Desk, caller: Client) -> None:
    inputs = drawings()
    with ThreadPoolExecutor(4) as all_at_once:
        answers = list(all_at_once.map(lambda _: start(caller, "a-1", inputs), range(4)))
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
    assert {each.json()["run"]["run"] for each in answers} == {1}
    assert sorted(each.json()["new"] for each in answers) == [False, False, False, True]
    assert answers[0].headers["location"] == f"{API}/runs/1"
    other = start(caller, "a-1", drawings())
    assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")
    assert "K-1" in other.json()["error"]
    same = start(caller, "a-2", inputs)
    assert (same.status_code, same.json()["run"]["name"], same.json()["new"]) == (200, "K-1", False)
    assert count_runs(desk.store) == 1


@pytest.mark.parametrize("key", [None, "", "å", "a b", "x" * 201])
def test_a_start_without_a_key_that_holds_starts_nothing(desk: Desk, caller: Client, key: str | None) -> None:
    headers = {} if key is None else {b"Idempotency-Key": key.encode()}
    sent = {"task": "send-drawings", "inputs": drawings()}
    answer = caller.post(f"{API}/runs", json=sent, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")
    assert count_runs(desk.store) == 0


@pytest.mark.parametrize(
    ("inputs", "field", "words"),
    [
        ({"case_number": "KC-26110042-5", "property_id": PROPERTY}, "case_number", "Kontrollsiffran"),
        ({"case_number": "KC-26110042-4"}, "property_id", "EKBACKEN 3:14"),
        ({"case_number": "KC-26110042-4", "property_id": PROPERTY, "colour": "blå"}, "colour", "inget sådant fält"),
        ({"case_number": "KC-26110042-4", "property_id": PROPERTY, "message": "a\0b"}, "message", "tecken"),
    ],
)
def test_wrong_inputs_are_told_by_name_and_start_nothing(
    desk: Desk, caller: Client, inputs: dict[str, str], field: str, words: str
) -> None:
    answer = start(caller, "a-1", inputs)
    told = answer.json()
    assert (answer.status_code, told.keys(), told["field"]) == (422, {"error", "field", "expected"}, field)
    assert words in told["expected"]
    checked = caller.post(f"{API}/tasks/send-drawings/check", json={"inputs": inputs}).json()
    assert not checked["fits"]
    assert {"field": field, "expected": told["expected"]} in checked["faults"]
    assert count_runs(desk.store) == 0


def test_what_may_not_be_started_now_says_why(desk: Desk, caller: Client) -> None:
    pause(desk.store, task_scope("send_drawings"), by="adam", reason="Arkivet flyttas")
    answer = start(caller, "a-1", drawings())
    assert answer.status_code == 409
    assert "Arkivet flyttas" in answer.json()["error"]
    listed = {each["name"]: each["hindrance"] for each in caller.get(f"{API}/tasks").json()["tasks"]}
    assert "Arkivet flyttas" in listed["send-drawings"]
    assert not listed["tell-invoice"]


def test_a_run_that_a_colleague_has_asked_for_is_not_told(desk: Desk, caller: Client) -> None:
    inputs = drawings()
    assert start(program(desk, "annan"), "a-1", inputs).status_code == 201
    answer = start(caller, "a-1", inputs)
    assert answer.status_code == 409
    assert "K-1" not in answer.text
    checked = caller.post(f"{API}/tasks/send-drawings/check", json={"inputs": inputs}).json()
    assert checked == {"fits": True, "faults": [], "earlier_run": None}


def test_a_tasks_inputs_are_told_as_a_schema(caller: Client) -> None:
    told = caller.get(f"{API}/tasks/send_drawings").json()["inputs"]
    assert told["required"] == ["case_number", "property_id"]
    case = told["properties"]["case_number"]
    assert (case["type"], case["title"], case["examples"]) == ("string", "Ärendenummer", ["KC-26110042-4"])
    assert re.fullmatch(case["pattern"], "KC-26110042-4")
    assert told["properties"]["message"]["default"] == ""
    transport = caller.get(f"{API}/tasks/propose-school-transport").json()["inputs"]["properties"]
    assert any(each.get("x-personal") for each in transport.values())
    waste = caller.get(f"{API}/tasks/book-waste-pickup").json()["inputs"]["properties"]
    assert "Missat kärl" in waste["kind"]["enum"]
    assert waste["day"]["format"] == "date"
    assert caller.get(f"{API}/tasks/none").status_code == 404


# -- following --------------------------------------------------------------------------------------------------------


def test_a_run_is_read_with_its_steps_and_receipts_and_that_is_noted(desk: Desk, robot: Callable[..., Robot]) -> None:
    caller = program(desk, teams="Samhällsbyggnad")
    run = robot()
    run.end(run.work(), "handed_over", "Arkivet är tomt", "Inga ritningar", "Sök i pappersarkivet")
    told = caller.get(f"{API}/runs/{run.id}").json()
    assert (told["name"], told["state"], told["kind"], told["todo"]) == (
        f"K-{run.id}", "handed_over", "Arkivet är tomt", "Sök i pappersarkivet",
    )  # fmt: skip
    assert told["inputs"]["case_number"] == run.case
    assert [(each["once"], each["receipt"], each["state"]) for each in told["effects"]] == [
        ("ritningar", "M-17", "CONFIRMED")
    ]
    steps = caller.get(f"{API}/runs/{run.id}/steps").json()["steps"]
    first = next(each for each in steps if each["title"] == "Hämta ritningarna")
    assert first["ended"] is True
    assert caller.get(first["pictures"][0]["address"]).headers["content-type"] == "image/jpeg"
    assert ("etjanst", "looked") in noted(desk.store, run.id)


def test_it_is_followed_to_its_end_and_continued_where_it_was_cut_off(desk: Desk, robot: Callable[..., Robot]) -> None:
    run, caller = robot(by="etjanst"), program(desk)
    with following(caller, f"{API}/runs/{run.id}/events") as stream:
        assert json.loads(stream.next().data)["state"] == "queued"
        claimed = run.work()
        first = stream.until("Hämta ritningarna", kind="event")
        run.end(claimed)
        assert json.loads(stream.until('"done"', kind="state").data)["ended"] is True
        assert stream.next().event == "end"
    known = {"Last-Event-ID": first.id}
    with following(caller, f"{API}/runs/{run.id}/events", **known) as stream:
        rest = [stream.next() for _ in range(3)]
    assert all(int(each.id) > int(first.id) for each in rest if each.event == "event")
    assert "Hämtade" not in json.loads(rest[0].data)["words"]
    assert json.loads(rest[0].data)["kind"] == "download"


def test_the_list_is_read_page_by_page(desk: Desk, robot: Callable[..., Robot]) -> None:
    made = [robot(by="etjanst").id for _ in range(5)]
    robot(by="olle")
    caller = program(desk)
    found: list[int] = []
    cursor: str | None = ""
    for _ in range(3):
        told = caller.get(f"{API}/runs", params={"limit": 2, "cursor": cursor}).json()
        found += [each["run"] for each in told["runs"]]
        cursor = told["next"]
    assert found == made[::-1]
    assert cursor is None, "it was the last page"
    assert len(caller.get(f"{API}/runs", params={"state": "done"}).json()["runs"]) == 0


def test_who_may_not_see_personal_data_is_told_it_covered(desk: Desk, robot: Callable[..., Robot]) -> None:
    run = robot("book-civil-wedding", by="etjanst", witness_1="Vera Tall", witness_2="Ivar Strand")
    run.end(run.begin(), "handed_over", "Fel", f"Numret {PERSON} finns inte")
    whole = program(desk).get(f"{API}/runs/{run.id}").json()
    assert whole["inputs"]["witness_1"] == "Vera Tall"
    assert PERSON in whole["reason"]
    covered = desk.person("rut").get(f"{API}/runs/{run.id}").text
    for words in ("Vera Tall", "Ivar Strand", PERSON):
        assert words not in covered
    assert PERSON not in desk.person("rut").get(f"{API}/runs").text


# -- orders -----------------------------------------------------------------------------------------------------------


def test_a_run_is_cancelled_tried_again_and_made_again(desk: Desk, robot: Callable[..., Robot]) -> None:
    caller = program(desk)
    number = start(caller, "a-1", drawings()).json()["run"]["run"]
    assert caller.post(f"{API}/runs/{number}/cancel", json={"reason": " "}).json()["field"] == "reason"
    told = caller.post(f"{API}/runs/{number}/cancel", json={"reason": "Fel ärende"})
    assert (told.status_code, told.json()["state"]) == (200, "cancelled")
    anew = [caller.post(f"{API}/runs/{number}/retry") for _ in range(2)]
    assert [each.status_code for each in anew] == [201, 200]
    assert {each.json()["run"]["earlier_run"] for each in anew} == {number}
    done = robot(by="etjanst")
    assert caller.post(f"{API}/runs/{done.id}/again", json={"reason": "Mejlet studsade"}).status_code == 409
    done.end(done.work())
    again = [caller.post(f"{API}/runs/{done.id}/again", json={"reason": "Mejlet studsade"}) for _ in range(2)]
    assert [each.status_code for each in again] == [201, 200]
    ended = caller.post(f"{API}/runs/{done.id}/cancel", json={"reason": "För sent"})
    assert (ended.status_code, "redan avslutad" in ended.json()["error"]) == (409, True)
    assert [did for _, did in noted(desk.store, done.id)] == ["made_again"]


def test_a_handover_is_taken_once_and_closed_with_words(desk: Desk, robot: Callable[..., Robot]) -> None:
    run = robot()
    run.end(run.work(), "handed_over", "Arkivet är tomt", "Inga ritningar", "Sök i pappersarkivet")
    both = frozenset({Role.API, Role.GUIDE})
    first, second = (program(desk, name, teams="Samhällsbyggnad", roles=both) for name in ("artina", "stina"))
    (listed,) = first.get(f"{API}/handovers").json()["handovers"]
    assert (listed["run"], listed["standing"], listed["todo"]) == (run.id, "free", "Sök i pappersarkivet")
    page = f"{API}/handovers/{run.id}"
    assert first.post(f"{page}/take").json()["taken_by"] == "artina"
    held = second.post(f"{page}/take")
    assert (held.status_code, held.json()["error"]) == (409, "artina har redan tagit den.")
    assert first.post(f"{page}/close", json={"way": "by_hand", "done": " "}).json()["field"] == "done"
    closed = first.post(f"{page}/close", json={"way": "by_hand", "done": "Skickade ritningen med post"})
    assert (closed.json()["standing"], closed.json()["closed_by"]) == ("closed", "artina")
    assert first.get(f"{API}/handovers").json()["handovers"] == []
    assert [each["run"] for each in first.get(f"{API}/handovers?closed=true").json()["handovers"]] == [run.id]


def test_a_handover_goes_back_to_the_robot_with_a_reason(desk: Desk, robot: Callable[..., Robot]) -> None:
    run, caller = robot(), program(desk, teams="Samhällsbyggnad", roles=frozenset({Role.GUIDE}))
    run.end(run.work(), "handed_over", "Arkivet är tomt", "Inga ritningar")
    made = caller.post(f"{API}/handovers/{run.id}/return", json={"reason": "Ritningarna är inlagda nu"})
    assert (made.status_code, made.json()["earlier_run"]) == (201, run.id)
    again = caller.post(f"{API}/handovers/{run.id}/return", json={"reason": "Ritningarna är inlagda nu"})
    assert again.status_code == 409
