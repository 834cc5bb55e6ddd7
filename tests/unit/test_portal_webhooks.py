"""The page of the webhooks: an admin makes one for a team or a program, tries it, pauses it and takes it away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from robots.audit.reading import Wanted, noted
from robots.scheduler.scheduler import database_time
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts, outcomes, webhooks
from robots.task_files import LoadedTasks
from robots.telling.deliveries import call_one, signature
from tests.unit.api_callers import drawings, program, start
from tests.unit.desk_runs import Robot
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.pages import Answer, PageServer, serving

PAGE = "/machinery/webhooks"
TEAM = "team:Samhällsbyggnad"


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine.model_copy(update={"webhook_hosts": ("etjanst.example.se",), "town": "x"}), store) as opened:
        yield opened


@pytest.fixture
def adam(desk: Desk) -> Client:
    return desk.person("adam")


def make(adam: Client, url: str, whose: str = TEAM, **told: Any) -> httpx.Response:
    fields: dict[str, Any] = {"url": url, "whose": whose, "events": ["run_ended", "handover"]} | told
    return adam.send_form(PAGE, **fields)


def secret_of(answer: httpx.Response) -> str:
    found = re.search(r"whsec_[\w-]+", answer.text)
    assert found, answer.text
    return found.group()


def end(desk: Desk, run_id: int) -> None:
    with desk.store.begin() as connection:
        connection.execute(outcomes.insert().values(run_id=run_id, outcome="done", kind="", reason=""))


def call_all(desk: Desk, server: PageServer) -> list[dict[str, Any]]:
    """What the server has been told when nothing is left that may be called now."""
    before = len(server.posts())
    while call_one(desk.store, desk.settings, database_time):
        pass
    return [json.loads(call.body) for call in server.posts()[before:]]


def deeds(desk: Desk) -> list[str]:
    return [row.did for row in noted(desk.store, Wanted(about="webhook:1"))][::-1]


def test_a_teams_webhook_is_told_of_its_runs_whoever_starts_them(
    desk: Desk, adam: Client, tasks: LoadedTasks
) -> None:  # fmt: skip
    with serving(lambda _: Answer(status=204)) as server:
        made = make(adam, server.address)
        secret = secret_of(made)
        theirs = Robot(desk, tasks, by="olle")
        programs = start(program(desk), "a-1", drawings()).json()["run"]["run"]
        others = Robot(desk, tasks, "book-civil-wedding", witness_1="Vera Tall", witness_2="Ivar Strand")
        for number in (theirs.id, programs, others.id):
            end(desk, number)
        told = call_all(desk, server)
        assert [each["run"] for each in told] == [theirs.id, programs]
        head = {name.lower(): value for name, value in server.posts()[0].headers.items()}
        signed = signature(secret.encode(), head["ragnhild-timestamp"], server.posts()[0].body)
        assert head["ragnhild-signature"] == f"key=1,v1={signed}"
    shown = adam.get(f"{PAGE}/1").text
    assert f"K-{theirs.id}" in shown
    assert "framme" in shown
    assert "whsec_" not in shown, "it is shown once"
    assert secret not in adam.get(PAGE).text


def test_a_programs_webhook_is_told_of_what_it_starts(desk: Desk, adam: Client, tasks: LoadedTasks) -> None:
    caller = program(desk)
    with serving(lambda _: Answer(status=204)) as server:
        assert make(adam, server.address, "account:etjanst").status_code == 200
        others, own = Robot(desk, tasks).id, start(caller, "a-1", drawings()).json()["run"]["run"]
        for number in (others, own):
            end(desk, number)
        assert [each["run"] for each in call_all(desk, server)] == [own]
    (listed,) = caller.get("/api/v1/webhooks").json()["webhooks"]
    assert (listed["webhook"], listed["paused"]) == (1, False)


def test_a_test_is_made_once_and_its_fault_is_shown(desk: Desk, adam: Client) -> None:
    answers = [Answer(status=503), Answer(status=204)]
    with serving(lambda _: answers.pop(0)) as server:
        make(adam, server.address)
        for _ in range(2):  # a double click
            assert adam.send_form(f"{PAGE}/1/test").status_code == 303
        (told,) = call_all(desk, server)
        assert (told["event"], told["run"], told["task"], told["link"]) == ("test", None, None, "")
        shown = adam.get(f"{PAGE}/1").text
        assert "Den svarade 503." in shown
        assert "kom inte fram" in shown
        assert not call_all(desk, server), "a person asks for another"
        adam.send_form(f"{PAGE}/1/test")
        assert len(call_all(desk, server)) == 1
    assert deeds(desk) == ["webhook_made", "webhook_tested", "webhook_tested"]
    assert re.search(r"<td class=\"figure\">0</td></tr>", adam.get(PAGE).text), "a test that failed is no lost call"


def test_what_is_paused_waits_and_what_is_removed_is_gone(desk: Desk, adam: Client, tasks: LoadedTasks) -> None:
    with serving(lambda _: Answer(status=204)) as server:
        make(adam, server.address)
        nothing_said = adam.send_form(f"{PAGE}/1/pause", reason=" ")
        assert (nothing_said.status_code, "Skriv varför" in nothing_said.text) == (422, True)
        for _ in range(2):
            assert adam.send_form(f"{PAGE}/1/pause", reason="Programmet flyttas").status_code == 303
        run = Robot(desk, tasks).id
        end(desk, run)
        assert not call_all(desk, server)
        adam.send_form(f"{PAGE}/1/test")
        assert [each["event"] for each in call_all(desk, server)] == ["test"], "an admin tries it before it goes on"
        assert "Pausad" in adam.get(PAGE).text
        adam.send_form(f"{PAGE}/1/resume", reason="Klart")
        assert [each["run"] for each in call_all(desk, server)] == [run]
        end(desk, Robot(desk, tasks).id)
        assert adam.send_form(f"{PAGE}/1/end", reason="Används inte").headers["location"] == PAGE
        assert not call_all(desk, server)
    assert "Det finns inga webhooks." in adam.get(PAGE).text
    assert adam.get(f"{PAGE}/1").status_code == 404
    assert adam.send_form(f"{PAGE}/1/resume", reason="Ändå").status_code == 404
    assert deeds(desk) == ["webhook_made", "webhook_paused", "webhook_tested", "webhook_resumed", "webhook_ended"]


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"url": "https://ond.example/"}, "url", "webhook_hosts"), ({"url": "ftp://nej"}, "url", "https://"),
    ({"whose": ""}, "whose", "vems körningar"), ({"whose": "team:Finns inte"}, "whose", "vems körningar"),
    ({"whose": "account:gun"}, "whose", "vems körningar"), ({"events": []}, "events", "minst en händelse"),
    ({"events": ["test"]}, "events", "minst en händelse"),
)  # fmt: skip


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_made(desk: Desk, adam: Client) -> None:
    for told, field, words in WRONG:
        fields = {"url": "https://etjanst.example.se/x", **told}
        answer = make(adam, **fields)
        assert answer.status_code == 422
        assert f'id="wrong-{field}"' in answer.text, told
        assert words in answer.text, told
        assert f'value="{fields["url"]}"' in answer.text, "what was typed is kept"
    with desk.store.begin() as connection:
        assert connection.execute(select(webhooks.c.id)).first() is None


def test_what_is_wrong_with_an_address_is_told_in_english_on_an_english_page(desk: Desk, adam: Client) -> None:
    with desk.store.begin() as connection:
        connection.execute(update(accounts).values(language="en"))
    for url, words in (
        ("ftp://nej", "The address must begin with https://"), ("https://etjanst.example.se:x/", "That is no address."),
        ("https://a:b@etjanst.example.se/", "The address must not have a login"),
    ):  # fmt: skip
        assert f'id="wrong-url">{words}' in make(adam, url).text, url
