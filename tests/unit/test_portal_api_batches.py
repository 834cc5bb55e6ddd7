"""Excel by the API: told row by row before anything starts, one batch however often it is sent, and its result."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from tests.unit.api_callers import API, drawings, program, start
from tests.unit.desks import Desk, desk_over
from tests.unit.test_portal_excel import ROWS
from tests.unit.workbook_files import sheet_file


@pytest.fixture
def desk(machine: Settings, store: Store, tmp_path: Path) -> Iterator[Desk]:
    with desk_over(machine.model_copy(update={"data_dir": tmp_path / "data"}), store) as opened:
        yield opened


def test_a_sheet_is_told_starts_once_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    caller, other = program(desk), program(desk, "annan")
    content = sheet_file(tmp_path, ROWS).read_bytes()
    wrong = caller.post(f"{API}/sheets", params={"task": "send-drawings"}, content=b"inte Excel")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "file")

    given = caller.post(f"{API}/sheets", params={"task": "send-drawings"}, content=content)
    told = given.json()
    assert given.status_code == 201, given.text
    assert (told["good"], told["bad"], told["doubled"], told["batch"]) == (4, 1, 1, None)
    assert [(each["row"], each["column"]) for each in told["problems"]] == [(4, "A")]
    assert caller.get(f"{API}/runs").json()["runs"] == []

    address = f"{API}/sheets/{told['sheet']}"
    assert [other.get(address).status_code, other.post(f"{address}/start", json={}).status_code] == [404, 404]
    started, again = (caller.post(f"{address}/start", json={}).json() for _ in range(2))
    assert (started, started["runs"], started["rows"], started["left"]) == (again, 3, 5, 3)
    batch = f"{API}/batches/{started['batch']}"
    assert caller.get(batch).json() == started
    assert other.get(batch).status_code == 404
    result = load_workbook(io.BytesIO(caller.get(f"{batch}/result").content))
    assert result.sheetnames == ["Resultat", "Sammanfattning"]
    assert load_workbook(io.BytesIO(caller.get(f"{API}/tasks/send-drawings/template").content)).sheetnames


def test_what_a_program_starts_is_told_from_what_a_person_starts(desk: Desk) -> None:
    number = start(program(desk), "a-1", drawings()).json()["run"]["run"]
    with desk.store.begin() as connection:
        source = connection.execute(select(runs.c.source).where(runs.c.id == number)).scalar_one()
    assert source == "api"


def test_what_a_run_asks_is_answered_only_by_an_account_that_handles(desk: Desk) -> None:
    caller = program(desk)
    number = start(caller, "a-1", drawings()).json()["run"]["run"]
    refused = caller.post(f"{API}/runs/{number}/answer", json={"question": 1, "send": True})
    assert refused.status_code == 403
    assert caller.get(f"{API}/runs/{number}").json()["question"] is None
