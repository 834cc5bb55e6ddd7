"""A batch of rows that a program sends: all of it looked at first, started once, and read back row by row."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from robots.portal import row_batches
from robots.queue.pauses import pause, task_scope
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import audit_events, batches, runs
from robots.task_files import LoadedTasks
from tests.unit.api_callers import API, PROPERTY, count_runs, drawings, program, start
from tests.unit.desk_runs import Robot, new_case
from tests.unit.desks import Client, Desk, desk_over

WRONG = {"case_number": "KC-26110042-5", "property_id": PROPERTY}


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened


@pytest.fixture
def caller(desk: Desk) -> Client:
    return program(desk)


def send(client: Client, key: str, rows: list[dict[str, Any]], **told: Any) -> httpx.Response:
    sent = {"task": "send-drawings", "rows": rows} | told
    return client.post(f"{API}/batches", json=sent, headers={"Idempotency-Key": key})


def count(store: Store, table: Any) -> int:
    found = store.ask(select(func.count()).select_from(table))
    assert found
    return int(found[0])


def test_rows_are_a_batch_once_however_often_they_are_sent(desk: Desk, caller: Client) -> None:
    rows = [drawings(), drawings()]
    rows.append(dict(rows[0]))
    with ThreadPoolExecutor(4) as all_at_once:
        answers = list(all_at_once.map(lambda _: send(caller, "mars", rows), range(4)))
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201], answers[0].text
    (number,) = {each.json()["batch"] for each in answers}
    assert answers[0].headers["location"] == f"{API}/batches/{number}"
    assert (count(desk.store, batches), count_runs(desk.store)) == (1, 2)
    told = caller.get(f"{API}/batches/{number}").json()
    assert (told["rows"], told["runs"], told["left"], told["dry_run"]) == (3, 2, 2, False)
    other = send(caller, "mars", rows[:1])
    assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")
    assert f"bunt {number}" in other.json()["error"]
    single = start(caller, "mars", drawings())
    assert (single.status_code, single.json()["field"]) == (409, "Idempotency-Key"), "a key is one order's, of any sort"
    # Another batch with the same rows asks for the same runs: their own keys make them one.
    anew = send(caller, "april", rows)
    assert (anew.status_code, anew.json()["runs"]) == (201, 2)
    assert count_runs(desk.store) == 2


def test_what_is_wrong_is_told_row_by_row_and_starts_nothing(desk: Desk, caller: Client) -> None:
    earlier = drawings()
    start(caller, "a-1", earlier)
    good = drawings()
    rows: list[dict[str, Any]] = [good, WRONG, {"case_number": new_case()}, dict(good), earlier]
    answer = send(caller, "mars", rows)
    told = answer.json()
    assert (answer.status_code, told["field"]) == (422, "rows.2.case_number")
    assert [(each["row"], each["field"]) for each in told["problems"]] == [(2, "case_number"), (3, "property_id")]
    assert "Kontrollsiffran" in told["expected"] == told["problems"][0]["expected"]
    checked = caller.post(f"{API}/tasks/send-drawings/check-rows", json={"rows": rows}).json()
    assert checked == {"good": 3, "bad": 2, "doubled": 1, "asked_before": 1, "problems": told["problems"]}
    assert (count(desk.store, batches), count_runs(desk.store)) == (0, 1)
    started = send(caller, "mars", rows, skip_wrong=True)  # the refused one has used up no key
    assert (started.status_code, started.json()["rows"], started.json()["runs"]) == (201, 5, 2)
    listed = caller.get(f"{API}/batches/{started.json()['batch']}/rows").json()["rows"]
    assert [(each["row"], each["run"] is None, each["joined"], each["first_row"]) for each in listed] == [
        (1, False, False, None), (2, True, False, None), (3, True, False, None), (4, False, False, 1),
        (5, False, True, None),
    ]  # fmt: skip
    assert listed[1]["error"].startswith("case_number: ")
    assert WRONG["case_number"] not in listed[1]["error"]


def test_no_batch_has_no_good_row_or_too_many(desk: Desk, caller: Client) -> None:
    for rows in ([], [WRONG], [drawings()] * (row_batches.MOST_ROWS + 1)):
        answer = send(caller, "mars", rows, skip_wrong=True)
        assert (answer.status_code, answer.json()["field"].split(".")[0]) == (422, "rows")
    pause(desk.store, task_scope("send_drawings"), by="adam", reason="Arkivet flyttas")
    held = send(caller, "mars", [drawings()])
    assert (held.status_code, "Arkivet flyttas" in held.json()["error"]) == (409, True)
    assert (count(desk.store, batches), count_runs(desk.store)) == (0, 0)


def test_a_batch_that_broke_in_the_middle_goes_on_with_its_key(
    desk: Desk, caller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [drawings() for _ in range(4)]

    def dies(*_told: Any, **_more: Any) -> None:
        raise RuntimeError("the portal dies")

    # After an error the server ends the connection, perhaps while the next request is on its way there.
    caller.headers["Connection"] = "close"
    with monkeypatch.context() as broken:
        broken.setattr(row_batches, "enqueue", dies)
        assert send(caller, "mars", rows).status_code == 500
    assert (count(desk.store, batches), count_runs(desk.store)) == (1, 0)
    again = send(caller, "mars", rows)
    assert (again.status_code, again.json()["runs"]) == (200, 4)
    assert (count(desk.store, batches), count_runs(desk.store)) == (1, 4)


def test_results_are_read_in_pages_and_that_is_noted(
    desk: Desk, caller: Client, tasks: LoadedTasks
) -> None:  # fmt: skip
    run = Robot(desk, tasks, by="etjanst")
    run.end(run.work(), "handed_over", "Arkivet är tomt", "Inga ritningar", "Sök i pappersarkivet")
    with desk.store.begin() as connection:
        inputs = connection.execute(select(runs.c.inputs).where(runs.c.id == run.id)).scalar_one()
    number = send(caller, "mars", [inputs, *(drawings() for _ in range(4))]).json()["batch"]
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = caller.get(f"{API}/batches/{number}/rows", params={"limit": 2, "cursor": cursor}).json()
        assert len(page["rows"]) <= 2
        found += page["rows"]
        cursor = page["next"]
    assert [each["row"] for each in found] == [1, 2, 3, 4, 5]
    first = found[0]
    assert (first["run"], first["state"], first["kind"], first["todo"], first["joined"]) == (
        run.id, "handed_over", "Arkivet är tomt", "Sök i pappersarkivet", True,
    )  # fmt: skip
    assert first["receipts"] == [{"effect": "ritningar", "receipt": "M-17"}]
    assert {each["state"] for each in found[1:]} == {"queued"}
    with desk.store.begin() as connection:
        noted = select(func.count()).where(audit_events.c.did == "result_taken", audit_events.c.by == "etjanst")
        assert connection.execute(noted).scalar_one() == 3
    assert program(desk, "annan").get(f"{API}/batches/{number}/rows").status_code == 404


def test_a_run_that_a_colleague_has_asked_for_is_not_told(desk: Desk, caller: Client) -> None:
    inputs = drawings()
    theirs = start(program(desk, "annan"), "a-1", inputs).json()["run"]["name"]
    number = send(caller, "mars", [inputs, drawings()]).json()["batch"]
    answer = caller.get(f"{API}/batches/{number}/rows")
    hidden, own = answer.json()["rows"]
    assert (hidden["run"], hidden["state"], hidden["joined"]) == (None, None, True)
    assert "någon annan" in hidden["error"]
    assert own["run"]
    assert theirs not in answer.text


def test_a_batch_without_a_sheet_says_so(desk: Desk, caller: Client) -> None:
    number = send(caller, "mars", [drawings()], name="Mars").json()["batch"]
    refused = caller.get(f"{API}/batches/{number}/result")
    assert (refused.status_code, "inget Excelark" in refused.json()["error"]) == (409, True)
    page = desk.person("gun").get(f"/excel/batches/{number}").text
    assert "Mars" in page
    assert "Lämna samma fil igen" not in page
