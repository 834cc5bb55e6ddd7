"""Easit GO: one address for everything, its views and import handlers, its pages, and what it commits."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.plain_http import NO_TLS
from tests.practice.conftest import TownProcess, acting_in

KEY, ROOT, API = "easit_go", "/easit", "/easit/integration-api"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
act = acting_in(KEY)


@pytest.fixture
def robot(town: TownProcess) -> Iterator[httpx.Client]:
    """The robot's key; the password is whatever it is."""
    with httpx.Client(base_url=town.base + API, auth=("journal-pass", " "), timeout=20, verify=NO_TLS) as client:
        yield client


def items(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    told = client.request("GET", "/items", json={"itemViewIdentifier": "robot_arenden"} | asked)
    found: dict[str, Any] = told.raise_for_status().json()
    return found


def equals(name: str, content: str) -> list[dict[str, str]]:
    return [{"columnName": name, "comparator": "EQUALS", "content": content}]


def values(item: dict[str, Any], name: str) -> list[str]:
    return [p["content"] for p in item["property"] if p["name"] == name]


def send(client: httpx.Client, handler: str, case: str, *, files: list[Any] | None = None, **told: str) -> Any:
    properties = [{"name": "Ärendenummer", "content": case}]
    properties += [{"name": name.replace("_", " "), "content": content} for name, content in told.items()]
    sent = {"id": "1", "uid": "0" * 32, "property": properties, "attachment": files or []}
    answer = client.post("/items", json={"importHandlerIdentifier": handler, "itemToImport": [sent]})
    (result,) = answer.raise_for_status().json()["importItemResult"]
    return result


# The key


def test_ping_needs_no_key(town: TownProcess) -> None:
    assert httpx.get(f"{town.base}{API}/ping").json() == {"message": "Pong!"}


@pytest.mark.parametrize("auth", [None, ("fel", ""), ("closed-pass", ""), ("", "journal-pass")])
def test_a_key_that_is_nobody_s(town: TownProcess, auth: tuple[str, str] | None) -> None:
    with httpx.Client(base_url=town.base + API, auth=auth, verify=NO_TLS) as client:
        for method, path in (("GET", "/items"), ("POST", "/items"), ("GET", "/datasources")):
            assert client.request(method, path, json={}).status_code == 401
    refused = next(s for s in town.control.get("/systems").json() if s["key"] == KEY)
    assert refused["failed_logins"] == 3


def test_who_may_only_read_imports_nothing(town: TownProcess) -> None:
    number = town.case("drawings")["number"]
    with httpx.Client(base_url=town.base + API, auth=("read-pass", ""), verify=NO_TLS) as client:
        assert items(client)["totalNumberOfItems"] > 0
        result = send(client, "robot_anteckning", number, Text="x")
    assert (result["result"], result["skippedOrExceptionMessage"]) == (
        "ERROR", "Användaren saknar behörighet att importera."
    )  # fmt: skip
    assert town.truth(KEY) == []


# Views


def test_a_case_as_its_view_shows_it(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("missed_bin")
    told = items(robot, columnFilter=equals("Ärendenummer", case["number"]))

    (item,) = told["items"]["item"]
    assert (values(item, "Anläggning"), values(item, "Personnummer")) == ([case["facility"]], [case["citizen"]])
    handler = next(p for p in item["property"] if p["name"] == "Handläggare")
    assert (handler["content"], handler["rawValue"]) == ("", "null:2")
    created = next(p for p in item["property"] if p["name"] == "Skapad")
    assert created["content"][:10] == case["created"]
    assert created["rawValue"].endswith("Z")
    assert created["rawValue"][11:16] != created["content"][11:16]
    assert len(values(item, "Taggar")) == 2
    status = next(c for c in told["columns"]["column"] if c["content"] == "Status")
    assert (status["datatype"], status["connectiontype"]) == ("CONNECTION", "PROPERTY")


def test_pages_and_the_page_that_nobody_asked_for(robot: httpx.Client) -> None:
    first, second = items(robot, page=1, pageSize=10), items(robot, page=2, pageSize=10)
    assert not {i["id"] for i in first["items"]["item"]} & {i["id"] for i in second["items"]["item"]}
    assert first["totalNumberOfPages"] == -(-first["totalNumberOfItems"] // 10)
    unasked = items(robot, pageSize=10)
    assert (unasked["requestedPage"], unasked["page"], unasked["items"]) == (0, 1, first["items"])
    beyond = items(robot, page=9999)
    assert (beyond["items"]["item"], beyond["page"]) == ([], 9999)


def test_filters_sorting_and_free_text(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings")
    total = items(robot)["totalNumberOfItems"]
    new = items(robot, columnFilter=[{"columnName": "Status", "comparator": "IN", "rawValue": "148:1,148:9"}])
    rest = items(robot, columnFilter=[{"columnName": "Status", "comparator": "NOT_EQUALS", "content": "Ny"}])
    assert 0 < new["totalNumberOfItems"] < total
    assert new["totalNumberOfItems"] + rest["totalNumberOfItems"] == total
    like = [{"columnName": "Fastighet", "comparator": "LIKE", "content": case["property_id"].lower()}]
    assert items(robot, columnFilter=like)["totalNumberOfItems"] > 0
    newest = items(robot, sortColumn={"content": "Skapad", "order": "Descending"}, pageSize=50)
    days = [values(i, "Skapad")[0] for i in newest["items"]["item"]]
    assert days == sorted(days, reverse=True)
    (found,) = items(robot, freeTextFilter=case["number"].lower())["items"]["item"]
    assert items(robot, idFilter=found["id"])["items"]["item"] == [found]


def test_a_protected_citizen_is_nowhere_named(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings", "protected")
    person = town.control.get(f"/people/{case['citizen']}").json()
    told = robot.request("GET", "/items", json={
        "itemViewIdentifier": "robot_arenden", "columnFilter": equals("Ärendenummer", case["number"])
    }).text  # fmt: skip
    assert "Skyddad identitet" in told
    assert not [v for v in (person["name"], person["street"], person["email"]) if v in told]
    words = f"{person['name']} {case['number']}"
    assert items(robot, freeTextFilter=words)["totalNumberOfItems"] == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"itemViewIdentifier": "okänd"},
        {"columnFilter": equals("Okänd", "x")},
        {"columnFilter": [{"columnName": "Status", "comparator": "IS", "content": "x"}]},
        {"sortColumn": {"content": "Okänd"}},
    ],
)
def test_what_it_does_not_know_is_a_bad_request(robot: httpx.Client, asked: dict[str, Any]) -> None:
    answer = robot.request("GET", "/items", json={"itemViewIdentifier": "robot_arenden"} | asked)
    assert (answer.status_code, list(answer.json())) == (400, ["message"])


def test_the_address_counts_only_without_a_body(robot: httpx.Client) -> None:
    query = {"itemViewIdentifier": "robot_arenden", "page": "2", "pageSize": "7"}
    assert robot.get("/items", params=query).json()["page"] == 2
    told = robot.request("GET", "/items", params=query, json={"itemViewIdentifier": "robot_handelser"}).json()
    assert (told["page"], told["pageSize"]) == (1, 25)
    assert robot.request("GET", "/items", content=b"{").status_code == 400


def test_a_datasource_tells_the_statuses(robot: httpx.Client) -> None:
    told = robot.request("GET", "/datasources", json={"moduleId": 1001, "parentRawValue": "148:0"}).json()
    assert [v["name"] for v in told["datasource"]] == ["Ny", "Under arbete", "Väntar på svar", "Löst"]
    nothing = robot.request("GET", "/datasources", json={"moduleId": 7, "parentRawValue": "148:0"}).json()
    assert nothing == {"datasource": []}


# Import handlers


def test_the_same_note_twice_is_two_notes_under_one_mark(town: TownProcess, robot: httpx.Client) -> None:
    """No uid and no mark keeps Easit from making what it is sent: whoever sends must know."""
    number = town.case("drawings")["number"]
    for _ in range(2):
        assert send(robot, "robot_anteckning", number, Text="Samma", Referens="R-abc")["result"] == "OK"

    assert [c["facts"]["text"] for c in town.truth(KEY, "note_added")] == ["Samma"] * 2
    marked = items(robot, itemViewIdentifier="robot_handelser", columnFilter=equals("Referens", "R-abc"))
    assert [values(i, "Ärende") for i in marked["items"]["item"]] == [[number]] * 2


def test_a_message_is_mailed_with_the_very_files(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings")
    files = [{"name": f"plan {n}.pdf", "value": base64.b64encode(PDF).decode(), "contentId": "0" * 32} for n in (1, 2)]
    result = send(robot, "robot_meddelande", case["number"], files=files, Ämne="Hej", Text="Här.", Referens="R-1")

    assert {"name": "Kvittens", "content": "M-000001"} in result["returnValues"]["returnValue"]
    (mail,) = town.control.get("/mail").json()
    person = town.control.get(f"/people/{case['citizen']}").json()
    digest = hashlib.sha256(PDF).hexdigest()
    assert mail["recipient"] == person["email"]
    assert [tuple(a) for a in mail["attachments"]] == [(f"plan {n}.pdf", len(PDF), digest) for n in (1, 2)]
    (told,) = town.truth(KEY)
    assert told["facts"] == {
        "subject": "Hej", "to": person["email"], "reference": "R-1", "receipt": "M-000001",
        "attachments": ["plan 1.pdf", "plan 2.pdf"], "text": "Här.",
    }  # fmt: skip
    (event,) = items(robot, itemViewIdentifier="robot_handelser", columnFilter=equals("Referens", "R-1"))["items"][
        "item"
    ]
    assert values(event, "Bilaga") == ["plan 1.pdf", "plan 2.pdf"]


def test_claim_status_and_handover(town: TownProcess, robot: httpx.Client) -> None:
    number = town.case("detail_plan")["number"]
    assert send(robot, "robot_tilldela", number, Handläggare="ragnhild")["result"] == "OK"
    assert act(town, "case", case_number=number)["handler"] == "Ragnhild (robot)"
    assert send(robot, "robot_status", number, Status="148:3")["result"] == "OK"
    (item,) = items(robot, columnFilter=equals("Ärendenummer", number))["items"]["item"]
    assert (values(item, "Status"), values(item, "Handläggarens konto")) == (["Väntar på svar"], ["ragnhild"])
    told: dict[str, Any] = {"Inkorg": "Registrator", "Text": "Två planer", "Att_göra": "Välj plan", "Referens": "R-1"}
    assert send(robot, "robot_fordela", number, **told)["result"] == "OK"
    now = act(town, "case", case_number=number)
    assert (now["inbox"], now["handler"], now["status"]) == ("Registrator", "", "Väntar på medborgaren")
    assert [c["kind"] for c in town.truth(KEY)] == ["claimed", "status_set", "handed_over"]


@pytest.mark.parametrize(
    ("handler", "told", "words"),
    [
        ("robot_anteckning", {}, "Egenskapen Text saknas."),
        ("robot_tilldela", {"Handläggare": "någon annan"}, "Importhanteraren tilldelar bara"),
        ("robot_status", {"Status": "Löst"}, "finns inte i datakällan"),
        ("robot_fordela", {"Inkorg": "Hittegods", "Text": "x"}, "Inkorgen Hittegods finns inte."),
    ],
)
def test_what_a_handler_cannot_do_is_told_in_its_result(
    town: TownProcess, robot: httpx.Client, handler: str, told: dict[str, Any], words: str
) -> None:
    result = send(robot, handler, town.case("drawings")["number"], **told)
    assert result["result"] == "ERROR"
    assert words in result["skippedOrExceptionMessage"]
    assert town.truth(KEY) == []


def test_a_locked_a_closed_a_colleague_s_and_a_missing_case(town: TownProcess, robot: httpx.Client) -> None:
    locked, closed, taken = (town.case("drawings", place=n)["number"] for n in range(3))
    act(town, "lock", case_number=locked)
    act(town, "put", case_number=closed)
    act(town, "take", case_number=taken)
    refused = {
        locked: send(robot, "robot_anteckning", locked, Text="x"),
        closed: send(robot, "robot_meddelande", closed, Text="x", Ämne="x"),
        taken: send(robot, "robot_tilldela", taken, Handläggare="ragnhild"),
        "KC-1": send(robot, "robot_anteckning", "KC-1", Text="x"),
    }
    words = [result["skippedOrExceptionMessage"] for result in refused.values()]
    assert {result["result"] for result in refused.values()} == {"ERROR"}
    for told, part in zip(words, ("låst av Anna Ek", "avslutat", "Anna Ek har redan", "inget ärende"), strict=True):
        assert part in told
    assert town.truth(KEY) == []


def test_a_file_that_is_no_base64_is_not_sent(town: TownProcess, robot: httpx.Client) -> None:
    files = [{"name": "a.pdf", "value": "%%%"}]
    result = send(robot, "robot_meddelande", town.case("drawings")["number"], files=files, Ämne="x", Text="y")
    assert "inte kodad i base64" in result["skippedOrExceptionMessage"]
    assert (town.truth(KEY), town.control.get("/mail").json()) == ([], [])


def test_an_unknown_handler_is_a_bad_request(robot: httpx.Client) -> None:
    told = {"importHandlerIdentifier": "okänd", "itemToImport": [{"id": "1"}]}
    assert robot.post("/items", json=told).status_code == 400


# Pages


def log_in(browser: httpx.Client, name: str = "ragnhild", password: str = "journal-pass") -> httpx.Response:
    return browser.post(f"{ROOT}/logga-in", data={"username": name, "password": password})


def test_people_see_the_same_cases(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings")
    send(robot, "robot_anteckning", case["number"], Text="Från roboten")
    with town.browser() as browser:
        assert "<h1>Ärenden</h1>" in log_in(browser).text
        assert case["number"] in browser.get(f"{ROOT}/", params={"q": case["number"]}).text
        assert "Inga ärenden att visa." in browser.get(f"{ROOT}/", params={"q": "finns inte alls"}).text
        card = browser.get(f"{ROOT}/arende/{case['number']}")
        assert "Från roboten" in card.text
        assert "Objektet finns inte" in browser.get(f"{ROOT}/arende/KC-1").text
        comment = browser.post(f"{ROOT}/arende/{case['number']}/kommentar", data={"text": "Från Lasse"})
        assert "Från Lasse" in comment.text
        empty = browser.post(f"{ROOT}/arende/{case['number']}/kommentar", data={"text": " "})
        assert (empty.status_code, "Skriv en kommentar" in empty.text) == (422, True)
    assert [c["kind"] for c in town.truth(KEY)] == ["note_added", "note_added"]


def test_who_may_only_read_has_no_form(town: TownProcess) -> None:
    number = town.case("drawings")["number"]
    with town.browser() as browser:
        log_in(browser, "lasare", "read-pass")
        assert "Spara kommentar" not in browser.get(f"{ROOT}/arende/{number}").text
        assert browser.post(f"{ROOT}/arende/{number}/kommentar", data={"text": "x"}).status_code == 403
    assert town.truth(KEY) == []
