"""Programs are called about their own runs: signed, in order, again until it is taken, and nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from robots.errors import WrongInput
from robots.scheduler.scheduler import database_time
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import webhook_deliveries, webhooks
from robots.task_files import LoadedTasks
from robots.telling import deliveries
from robots.telling.deliveries import call_one
from robots.telling.subscriptions import demand_allowed
from tests.unit.api_callers import API, drawings, program, start
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.pages import Answer, Asked, serving


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine.model_copy(update={"webhook_hosts": ("etjanst.example.se",), "town": "x"}), store) as opened:
        yield opened


def made(client: Client, url: str, *events: str) -> dict[str, Any]:
    answer = client.post(f"{API}/webhooks", json={"url": url, "events": events or ["run_ended", "handover"]})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def end(desk: Desk, tasks: LoadedTasks, client: Client, key: str, outcome: str = "done") -> int:
    """A run that the program has started, ended."""
    number = int(start(client, key, drawings()).json()["run"]["run"])
    with desk.store.begin() as connection:
        from robots.store.schema import outcomes

        connection.execute(
            outcomes.insert().values(run_id=number, outcome=outcome, kind="Arkivet är tomt", reason="19811118-9802")
        )
    return number


def later(hours: float) -> Callable[[Any], datetime]:
    return lambda connection: database_time(connection) + timedelta(hours=hours)


def test_a_call_is_signed_tells_nothing_personal_and_comes_once(desk: Desk, tasks: LoadedTasks) -> None:
    caller, other = program(desk), program(desk, "annan")
    with serving(lambda _: Answer(status=204)) as server:
        hook = made(caller, f"{server.address}/x")
        made(other, f"{server.address}/annan")
        number = end(desk, tasks, caller, "a-1", "handed_over")
        with ThreadPoolExecutor(4) as tellers:
            took = list(tellers.map(lambda _: call_one(desk.store, desk.settings, database_time), range(4)))
        (call,) = server.posts()
    assert (sorted(took), call.path) == ([False, False, False, True], "/x")
    told = json.loads(call.body)
    assert (told["run"], told["event"], told["outcome"], told["task"]) == (
        number, "handover", "handed_over", "send-drawings",
    )  # fmt: skip
    assert set(told) == {"delivery", "event", "at", "run", "link", "task", "state", "outcome", "kind"}
    assert b"9802" not in call.body
    head = {name.lower(): value for name, value in call.headers.items()}
    at = head["ragnhild-timestamp"]
    expected = hmac.new(hook["secret"].encode(), f"{at}.".encode() + call.body, hashlib.sha256).hexdigest()
    assert head["ragnhild-signature"] == f"key={hook['webhook']},v1={expected}"
    (kept,) = {row.secret for row in rows(desk, select(webhooks.c.secret).where(webhooks.c.id == hook["webhook"]))}
    assert hook["secret"].encode() not in kept


def rows(desk: Desk, wanted: Any) -> list[Any]:
    with desk.store.begin() as connection:
        return list(connection.execute(wanted))


def test_one_that_is_not_taken_comes_again_in_order_and_is_given_up_after_a_day(
    desk: Desk, tasks: LoadedTasks
) -> None:  # fmt: skip
    caller = program(desk)
    answers = [Answer(status=307, headers={"Location": "/elsewhere"}), Answer(lost="fin"), Answer()]

    def answer(asked: Asked) -> Answer:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    with serving(answer) as server:
        hook = made(caller, server.address)
        number = end(desk, tasks, caller, "a-1")
        with desk.store.begin() as connection:
            values = {"webhook_id": hook["webhook"], "run_id": number, "event": "approval_asked"}
            connection.execute(webhook_deliveries.insert().values(**values))  # of the same run, and after it
        assert call_one(desk.store, desk.settings, database_time)
        assert not call_one(desk.store, desk.settings, database_time)  # the second waits for the first
        assert [call_one(desk.store, desk.settings, later(hours)) for hours in (1, 3, 3, 3)] == [
            True,
            True,
            True,
            False,
        ]
        told = [json.loads(asked.body)["event"] for asked in server.posts()]
    assert told == ["run_ended"] * 3 + ["approval_asked"]
    assert all(asked.path == "/" for asked in server.asked)  # and no redirect followed
    end(desk, tasks, caller, "a-2")
    assert call_one(desk.store, desk.settings, later(25))  # nobody listens any more
    (listed,) = caller.get(f"{API}/webhooks").json()["webhooks"]
    assert (listed["given_up"], listed["waiting"]) == (1, 0)
    assert "svarar inte" in listed["error"]


def test_a_claim_that_is_over_is_somebody_elses(desk: Desk, tasks: LoadedTasks) -> None:
    caller = program(desk)
    with serving(lambda _: Answer()) as server:
        made(caller, server.address)
        end(desk, tasks, caller, "a-1")
        with desk.store.begin() as connection:  # a teller that died
            assert deliveries.claim(connection, desk.settings, database_time(connection))
        assert not call_one(desk.store, desk.settings, database_time)
        assert call_one(desk.store, desk.settings, later(1))
        assert len(server.posts()) == 1


def test_only_configured_hosts_are_called(desk: Desk, tasks: LoadedTasks) -> None:
    caller = program(desk)
    for url in (
        "http://etjanst.example.se/x", "https://etjanst.example.se@10.0.0.1/", "https://10.0.0.1/", "https://[::1]/",
        "https://etjanst.example.se.ond.example/", "file:///etc/passwd", "inget", "http://127.1/", "http://10.0.0.1/",
    ):  # fmt: skip
        answer = caller.post(f"{API}/webhooks", json={"url": url, "events": ["handover"]})
        assert (answer.status_code, answer.json()["field"]) == (422, "url"), url
    hook = made(caller, "https://etjanst.example.se/x")
    with pytest.raises(WrongInput):
        demand_allowed(desk.settings.model_copy(update={"town": ""}), "http://127.0.0.1/")
    end(desk, tasks, caller, "a-1")
    # what was allowed once is asked about again before each call
    with desk.store.begin() as connection:
        connection.execute(update(webhooks).values(url="https://10.0.0.1/"))
    assert call_one(desk.store, desk.settings, database_time)
    assert "webhook_hosts" in caller.get(f"{API}/webhooks").json()["webhooks"][0]["error"]
    stranger = program(desk, "annan")
    assert stranger.get(f"{API}/webhooks").json() == {"webhooks": []}
    address = f"{API}/webhooks/{hook['webhook']}/end"
    assert [stranger.post(address).status_code, caller.post(address).status_code] == [404, 204]
    assert not call_one(desk.store, desk.settings, later(2))
