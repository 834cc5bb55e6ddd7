"""A key is one order's: the same order once more is answered as before, and another is refused and does nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from robots.portal.rights import Role
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from robots.task_files import LoadedTasks
from tests.unit.api_callers import API, count_runs, drawings, program, start
from tests.unit.desk_runs import Robot
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.test_portal_excel import ROWS
from tests.unit.workbook_files import sheet_file

Order = Callable[[str, str, dict[str, Any] | None], httpx.Response]
WHY, OTHER = {"reason": "Mejlet studsade"}, {"reason": "Ett annat skäl"}


@pytest.fixture
def desk(machine: Settings, store: Store, tmp_path: Path) -> Iterator[Desk]:
    with desk_over(machine.model_copy(update={"data_dir": tmp_path / "data"}), store) as opened:
        yield opened
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


@pytest.fixture
def caller(desk: Desk) -> Client:
    return program(desk, teams="Samhällsbyggnad", roles=frozenset({Role.API, Role.GUIDE}))


@pytest.fixture
def order(caller: Client) -> Order:
    return lambda path, key, sent: caller.post(f"{API}/{path}", json=sent, headers={"Idempotency-Key": key})


def once(order: Order, path: str, other: str, sent: dict[str, Any] | None = None) -> int:
    """The order sent four times at once with one key; the run that it is. The key gives nothing ``other``."""
    no_key = order(path, "two words", sent)
    assert (no_key.status_code, no_key.json()["field"]) == (422, "Idempotency-Key")
    with ThreadPoolExecutor(4) as all_at_once:
        answers = list(all_at_once.map(lambda _: order(path, "once", sent), range(4)))
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201], answers[0].text
    told = [each.json() for each in answers]
    (number,) = {each["run"] if "name" in each else each["run"]["run"] for each in told}
    refused = order(other, "once", OTHER if sent else None)
    assert (refused.status_code, refused.json()["field"]) == (409, "Idempotency-Key")
    assert f"K-{number}" in refused.json()["error"]
    return int(number)


def source_of(desk: Desk, number: int) -> str:
    with desk.store.begin() as connection:
        return str(connection.execute(select(runs.c.source).where(runs.c.id == number)).scalar_one())


def test_a_retry_is_its_keys_and_a_programs(desk: Desk, caller: Client, order: Order) -> None:
    first, second = (start(caller, key, drawings()).json()["run"]["run"] for key in ("a-1", "a-2"))
    for number in (first, second):
        caller.post(f"{API}/runs/{number}/cancel", json=WHY)
    before = count_runs(desk.store)
    made = once(order, f"runs/{first}/retry", f"runs/{second}/retry")
    assert count_runs(desk.store) == before + 1
    assert source_of(desk, made) == "api"
    assert caller.post(f"{API}/runs/{first}/retry").json()["run"]["run"] == made, "without a key it is once too"


def test_a_run_made_again_is_its_keys_and_a_programs(
    desk: Desk, caller: Client, order: Order, tasks: LoadedTasks
) -> None:  # fmt: skip
    done = Robot(desk, tasks, by="etjanst")
    done.end(done.work())
    made = once(order, f"runs/{done.id}/again", f"runs/{done.id}/again", WHY)
    assert (source_of(desk, made), count_runs(desk.store)) == ("api", 2)


def test_a_handover_goes_back_once_and_is_a_programs(
    desk: Desk, caller: Client, order: Order, tasks: LoadedTasks
) -> None:  # fmt: skip
    run = Robot(desk, tasks)
    run.end(run.work(), "handed_over", "Arkivet är tomt", "Inga ritningar")
    made = once(order, f"handovers/{run.id}/return", f"handovers/{run.id}/return", WHY)
    assert (source_of(desk, made), count_runs(desk.store)) == ("api", 2)
    assert order(f"handovers/{run.id}/return", "another", WHY).status_code == 409, "control: the key was what answered"


def test_a_person_who_tries_again_is_a_guide(desk: Desk, caller: Client) -> None:
    number = start(caller, "a-1", drawings()).json()["run"]["run"]
    caller.post(f"{API}/runs/{number}/cancel", json=WHY)
    gun = desk.person("gun")
    there = gun.send_form(f"/runs/{number}/retry").headers["location"]
    assert source_of(desk, int(there.rpartition("/")[2])) == "guide"


def test_a_sheet_is_started_by_its_key_and_no_other_way(
    desk: Desk, caller: Client, order: Order, tmp_path: Path
) -> None:  # fmt: skip
    content = sheet_file(tmp_path, ROWS).read_bytes()
    given = caller.post(f"{API}/sheets", params={"task": "send-drawings"}, content=content).json()["sheet"]
    path = f"sheets/{given}/start"
    started = [order(path, "once", {"dry_run": False}) for _ in range(2)]
    assert [each.status_code for each in started] == [200, 200]
    assert started[0].json() == started[1].json()
    before = count_runs(desk.store)
    trial = order(path, "once", {"dry_run": True})
    assert (trial.status_code, trial.json()["field"]) == (409, "Idempotency-Key")
    assert f"bunt {started[0].json()['batch']}" in trial.json()["error"]
    assert start(caller, "once", drawings()).status_code == 409
    assert count_runs(desk.store) == before
