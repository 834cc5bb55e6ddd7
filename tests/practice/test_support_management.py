"""Support-management: its filters and pages, its versions, what it refuses and with which problem, and its pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.plain_http import NO_TLS
from tests.practice.conftest import TownProcess, acting_in

KEY, ROOT = "support_management", "/support-management"
API = f"{ROOT}/api/9912/KONTAKTCENTER/"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
NOTE = {"context": "SUPPORT", "role": "ROBOT", "subject": "Anteckning R-abc", "body": "Samma", "createdBy": "ragnhild"}
act = acting_in(KEY)


def opened(town: TownProcess, name: str = "ragnhild", key: str = "journal-pass", api: str = API) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}", "X-Sent-By": f"{name}; type=adAccount"}
    return httpx.Client(base_url=town.base + api, headers=headers, timeout=20, verify=NO_TLS)


@pytest.fixture
def robot(town: TownProcess) -> Iterator[httpx.Client]:
    with opened(town) as client:
        yield client


def found(client: httpx.Client, wanted: str, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = client.get("errands", params={"filter": wanted} | more).raise_for_status().json()
    return told


def numbers(client: httpx.Client, wanted: str) -> set[str]:
    return {each["errandNumber"] for each in found(client, wanted, size=100)["content"]}


def errand(client: httpx.Client, number: str) -> dict[str, Any]:
    (told,) = found(client, f"errandNumber:'{number}'")["content"]
    one: dict[str, Any] = told
    return one


def address(client: httpx.Client, number: str) -> str:
    return f"errands/{errand(client, number)['id']}"


def letter(to: str, **more: Any) -> dict[str, Any]:
    headers = {"MESSAGE_ID": ["<R-1@tallinge.example>"]}
    words = {"subject": "Hej", "message": "Här.", "htmlMessage": "<p>Här.</p>"}
    return {"sender": "k@tallinge.example", "recipient": to, "emailHeaders": headers} | words | more


def person(town: TownProcess, case: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = town.control.get(f"/people/{case['citizen']}").json()
    return told


def wrong_fields(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    return [violation["field"] for violation in answer.json()["violations"]]


# The key


@pytest.mark.parametrize(
    ("name", "key"), [("ragnhild", "fel"), ("lasare", "journal-pass"), ("utestangd", "closed-pass"), ("", "x")]
)
def test_a_key_that_is_nobody_s(town: TownProcess, name: str, key: str) -> None:
    with opened(town, name, key) as client:
        assert client.get("errands").status_code == 401
        assert client.patch("errands/1", json={}).status_code == 401
    refused = next(s for s in town.control.get("/systems").json() if s["key"] == KEY)
    assert refused["failed_logins"] == 2


def test_who_may_only_read_changes_nothing(town: TownProcess) -> None:
    number = town.case("drawings")["number"]
    with opened(town, "lasare", "read-pass") as client:
        where = address(client, number)
        assert client.post(f"{where}/notes", json=NOTE).status_code == 403
        assert client.patch(where, json={"status": "SOLVED"}).status_code == 403
    assert town.truth(KEY) == []


def test_another_municipality_is_not_there(town: TownProcess) -> None:
    with opened(town, api=f"{ROOT}/api/2281/KONTAKTCENTER/") as client:
        assert client.get("errands").status_code == 404


# Looking


def test_an_errand_as_the_interface_tells_it(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("missed_bin")
    told = errand(robot, case["number"])
    (applicant,) = told["stakeholders"]
    known = {p["key"]: p["values"] for p in told["parameters"] + applicant["parameters"]}
    assert (known["facilityNumber"], known["personalNumber"]) == ([case["facility"]], [case["citizen"]])
    assert (told["status"], told["created"][:10]) == ("NEW", case["created"])
    assert "assignedUserId" not in told


def test_a_protected_citizen_is_nowhere_named(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings", "protected")
    named = person(town, case)
    told = robot.get(address(robot, case["number"])).text
    assert "protectedIdentity" in told
    assert not [value for value in (named["name"], named["street"], named["email"]) if value in told]
    assert numbers(robot, f"stakeholders.lastName:'{named['name'].split()[-1]}'").isdisjoint({case["number"]})


def test_filters(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings")
    mine = f"stakeholders.parameters.values:'{case['citizen']}'"
    assert case["number"] in numbers(robot, mine)
    assert numbers(robot, f"{mine} and not errandNumber:'{case['number']}'").isdisjoint({case["number"]})
    like = f"parameters.values~'*{case['property_id'].lower()}*'"
    assert case["number"] in numbers(robot, f"{like} and (status:'SOLVED' or status:'NEW')")
    assert case["number"] not in numbers(robot, f"{like} and status:'SOLVED' or status:'ONGOING'")
    assert numbers(robot, "title:'Ingen\\'s'") == set()
    totals = [found(robot, wanted)["totalElements"] for wanted in ("status:'NEW'", "not status:'NEW'", "")]
    assert 0 < totals[0] < totals[2] == totals[0] + totals[1]


@pytest.mark.parametrize("wanted", ["okänt:'x'", "unknown:'x'", "status:", "status:'x", "(status:'x'", "status:'x' x"])
def test_a_filter_that_nobody_can_read(robot: httpx.Client, wanted: str) -> None:
    answer = robot.get("errands", params={"filter": wanted})
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")


def test_pages_are_counted_from_nought(robot: httpx.Client) -> None:
    pages = [found(robot, "", page=n, size=10, sort="errandNumber,asc") for n in (0, 1)]
    shown = [each["errandNumber"] for page in pages for each in page["content"]]
    assert shown == sorted(set(shown))
    assert (len(shown), [page["number"] for page in pages]) == (20, [0, 1])
    assert pages[0]["totalPages"] == -(-pages[0]["totalElements"] // 10)
    assert found(robot, "", page=9999)["content"] == []


# Versions


def test_every_change_gives_another_version(town: TownProcess, robot: httpx.Client) -> None:
    number = town.case("drawings")["number"]
    where = address(robot, number)
    versions = [robot.get(where).headers["etag"]]
    assert robot.get(where).headers["etag"] == versions[0]
    for change in (
        lambda: robot.post(f"{where}/notes", json=NOTE),
        lambda: robot.patch(where, json={"status": "PENDING"}),
        lambda: act(town, "lock", case_number=number),
        lambda: act(town, "unlock", case_number=number),
        lambda: act(town, "take", case_number=number),
    ):
        change()
        versions.append(robot.get(where).headers["etag"])
    assert len(set(versions)) == len(versions)


def test_an_older_version_is_not_changed(town: TownProcess, robot: httpx.Client) -> None:
    number = town.case("drawings")["number"]
    where = address(robot, number)
    older = robot.get(where).headers["etag"]
    act(town, "take", case_number=number)

    answer = robot.patch(where, json={"assignedUserId": "ragnhild"}, headers={"If-Match": older})

    assert (answer.status_code, answer.headers["content-type"]) == (412, "application/problem+json")
    assert (town.truth(KEY), act(town, "case", case_number=number)["handler"]) == ([], "Anna Ek")


def test_who_names_no_version_overwrites_a_colleague(town: TownProcess, robot: httpx.Client) -> None:
    number = town.case("drawings")["number"]
    act(town, "take", case_number=number)

    assert robot.patch(address(robot, number), json={"assignedUserId": "ragnhild"}).status_code == 200

    assert act(town, "case", case_number=number)["handler"] == "Ragnhild (robot)"


def test_a_colleague_comes_in_between_as_often_as_is_asked(town: TownProcess, robot: httpx.Client) -> None:
    number = town.case("drawings")["number"]
    where = address(robot, number)
    act(town, "in_between", case_number=number, change="touch", times=2)
    codes = []
    for _ in range(3):
        version = robot.get(where).headers["etag"]
        codes.append(robot.patch(where, json={"status": "PENDING"}, headers={"If-Match": version}).status_code)
    assert codes == [412, 412, 200]


# Changing


def test_the_same_note_twice_is_two_notes_under_one_mark(town: TownProcess, robot: httpx.Client) -> None:
    where = address(robot, town.case("drawings")["number"])
    made = [robot.post(f"{where}/notes", json=NOTE) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    told = robot.get(f"{where}/notes", params={"context": "SUPPORT", "limit": 1, "page": 2}).json()
    assert (told["_meta"]["totalRecords"], told["_meta"]["totalPages"], len(told["notes"])) == (2, 2, 1)
    assert made[1].headers["location"].endswith(told["notes"][0]["id"])
    assert [c["facts"]["text"] for c in town.truth(KEY, "note_added")] == ["Samma"] * 2
    assert robot.get(f"{where}/notes", params={"context": "ANNAT"}).json()["notes"] == []


def test_a_letter_is_mailed_with_the_very_files(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings")
    where, to = address(robot, case["number"]), person(town, case)["email"]
    up = robot.post(f"{where}/attachments", files={"errandAttachment": ("karta.pdf", PDF, "application/pdf")})
    (kept,) = robot.get(f"{where}/attachments").json()
    assert up.headers["location"].endswith(kept["id"])
    assert robot.get(f"{where}/attachments/{kept['id']}").content == PDF
    inside = [{"fileName": "plan.pdf", "base64EncodedString": base64.b64encode(PDF).decode()}]

    sent = robot.post(f"{where}/communication/email", json=letter(to, attachments=inside, attachmentIds=[kept["id"]]))

    assert sent.status_code == 204
    (mail,) = town.control.get("/mail").json()
    digest = hashlib.sha256(PDF).hexdigest()
    assert mail["recipient"] == to
    assert [tuple(a) for a in mail["attachments"]] == [(n, len(PDF), digest) for n in ("karta.pdf", "plan.pdf")]
    (told,) = robot.get(f"{where}/communication").json()
    assert told["emailHeaders"] == {"MESSAGE_ID": ["<R-1@tallinge.example>"]}
    assert [c["kind"] for c in town.truth(KEY)] == ["file_added", "message_sent"]


def test_a_classified_file_is_told_and_not_given_and_what_was_sent_lies_with_its_letter(
    town: TownProcess, robot: httpx.Client
) -> None:
    case = town.case("fault_report")
    where, content = address(robot, case["number"]), base64.b64encode(b"hemligt").decode()
    act(town, "attach", case_number=case["number"], name="x.jpg", content=content, secret=True)
    inside = [{"fileName": "plan.pdf", "base64EncodedString": base64.b64encode(PDF).decode()}]
    robot.post(f"{where}/communication/email", json=letter(person(town, case)["email"], attachments=inside))

    photo, secret = robot.get(f"{where}/attachments").json()

    assert (photo["mimeType"], secret["fileName"], secret["fileSize"]) == ("image/jpeg", "x.jpg", len(b"hemligt"))
    given = [robot.get(f"{where}/attachments/{each['id']}") for each in (photo, secret)]
    assert [answer.status_code for answer in given] == [200, 403]
    assert len(given[0].content) == photo["fileSize"]
    parameters = {each["key"]: each["values"] for each in robot.get(where).json()["parameters"]}
    assert parameters["classifiedAttachments"] == [secret["id"]]


def test_what_is_missing_or_wrong_in_a_letter_is_told_by_field(town: TownProcess, robot: httpx.Client) -> None:
    case = town.case("drawings")
    where = f"{address(robot, case['number'])}/communication/email"
    to = person(town, case)["email"]
    assert wrong_fields(robot.post(where, json=letter(to, subject=" ", message=None))) == ["subject", "message"]
    assert wrong_fields(robot.post(where, json=letter("någon"))) == ["recipient"]
    assert wrong_fields(robot.post(where, json=letter("annan@tallinge.example"))) == ["recipient"]
    wrong = [{"fileName": "a.pdf", "base64EncodedString": "%%%"}]
    assert wrong_fields(robot.post(where, json=letter(to, attachments=wrong)))[0].endswith("base64EncodedString")
    assert (town.truth(KEY), town.control.get("/mail").json()) == ([], [])


def test_claim_status_and_handover(town: TownProcess, robot: httpx.Client) -> None:
    number = town.case("detail_plan")["number"]
    where = address(robot, number)
    claimed = robot.patch(where, json={"assignedUserId": "ragnhild"})
    assert claimed.json()["assignedUserId"] == "ragnhild"
    assert claimed.headers["etag"] == robot.get(where).headers["etag"]
    assert robot.patch(where, json={"status": "PENDING"}).json()["status"] == "PENDING"
    handover = {"key": "robotHandover", "group": "R-1", "values": ["Två planer", "Välj plan"]}
    every = [*errand(robot, number)["parameters"], handover]
    assert wrong_fields(robot.patch(where, json={"assignedUserId": "", "parameters": [handover]})) == ["parameters"]
    told = robot.patch(where, json={"assignedUserId": "", "parameters": every}).json()
    assert handover in told["parameters"]
    now = act(town, "case", case_number=number)
    assert (now["handler"], now["status"]) == ("", "Väntar på medborgaren")
    assert [c["kind"] for c in town.truth(KEY)] == ["claimed", "status_set", "handed_over"]


@pytest.mark.parametrize(
    ("told", "field"),
    [({"status": "LÖST"}, "status"), ({"assignedUserId": "någon"}, "assignedUserId"),
     ({"assignedUserId": ""}, "assignedUserId"), ({"errandNumber": "KC-1"}, "errandNumber")],
)  # fmt: skip
def test_what_an_errand_cannot_become(town: TownProcess, robot: httpx.Client, told: Any, field: str) -> None:
    assert wrong_fields(robot.patch(address(robot, town.case("drawings")["number"]), json=told)) == [field]
    assert town.truth(KEY) == []


def test_a_locked_a_closed_and_a_missing_errand(town: TownProcess, robot: httpx.Client) -> None:
    locked, closed = (town.case("drawings", place=n) for n in range(2))
    act(town, "lock", case_number=locked["number"])
    act(town, "put", case_number=closed["number"])
    where = address(robot, closed["number"])
    refused = [
        robot.post(f"{address(robot, locked['number'])}/notes", json=NOTE),
        robot.post(f"{where}/communication/email", json=letter(person(town, closed)["email"])),
        robot.post("errands/4711/notes", json=NOTE),
        robot.post(f"{where}/notes", content=b"{"),
    ]
    assert [answer.status_code for answer in refused] == [409, 400, 404, 400]
    assert "låst av Anna Ek" in refused[0].json()["detail"]
    assert "avslutat" in refused[1].json()["detail"]
    assert town.truth(KEY) == []


# Pages


def log_in(browser: httpx.Client, name: str = "ragnhild", password: str = "journal-pass") -> httpx.Response:
    return browser.post(f"{ROOT}/logga-in", data={"user": name, "pass": password})


def test_people_see_the_same_errands(town: TownProcess, robot: httpx.Client) -> None:
    number = town.case("drawings")["number"]
    robot.post(f"{address(robot, number)}/notes", json=NOTE | {"body": "Från roboten"})
    with town.browser() as browser:
        assert "<h1>Alla ärenden</h1>" in log_in(browser).text
        assert number in browser.get(f"{ROOT}/", params={"sok": number}).text
        assert "Det finns inga ärenden" in browser.get(f"{ROOT}/", params={"sok": "finns inte alls"}).text
        assert "Från roboten" in browser.get(f"{ROOT}/arenden/{number}").text
        assert "Sidan finns inte" in browser.get(f"{ROOT}/arenden/KC-1").text
        assert "Från Lasse" in browser.post(f"{ROOT}/arenden/{number}/noteringar", data={"text": "Från Lasse"}).text
        empty = browser.post(f"{ROOT}/arenden/{number}/noteringar", data={"text": " "})
        assert (empty.status_code, "Skriv en notering" in empty.text) == (422, True)
    assert [c["kind"] for c in town.truth(KEY)] == ["note_added", "note_added"]


def test_who_may_only_read_has_no_form(town: TownProcess) -> None:
    number = town.case("drawings")["number"]
    with town.browser() as browser:
        log_in(browser, "lasare", "read-pass")
        assert "Spara notering" not in browser.get(f"{ROOT}/arenden/{number}").text
        assert browser.post(f"{ROOT}/arenden/{number}/noteringar", data={"text": "x"}).status_code == 403
    assert town.truth(KEY) == []
