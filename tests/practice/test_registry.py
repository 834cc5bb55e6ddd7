"""Diariet as a robot meets it: what a search hides, secrecy, who has a document, what is registered and committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from tests.practice.conftest import TownProcess, acting_in

BASE, KEY, TODAY = "/diarium", "registry", "2026-03-17"
act = acting_in(KEY)
PDF = b"%PDF-1.7\n" + b"0" * 500 + b"\n%%EOF\n"


@pytest.fixture
def town(town_process: TownProcess) -> TownProcess:
    """The town as new, on a day that the tests know."""
    town_process.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    return town_process


def log_in(client: httpx.Client, name: str, password: str) -> httpx.Client:
    client.post(f"{BASE}/logga-in", data={"signatur": name, "losenord": password}).raise_for_status()
    return client


@pytest.fixture
def officer(town: TownProcess) -> Iterator[httpx.Client]:
    with town.browser() as client:
        yield log_in(client, "ragnhild", "journal-pass")


@pytest.fixture
def reader(town: TownProcess) -> Iterator[httpx.Client]:
    with town.browser() as client:
        yield log_in(client, "lasare", "read-pass")


def document(town: TownProcess, twist: str = "normal") -> dict[str, Any]:
    title = f"Skrivelse om {town.case('registry_request', twist)['property_id']}"
    found: dict[str, Any] = act(town, "documents", title=title)[0]
    return found


def case_id(town: TownProcess, dnr: str) -> str:
    return str(next(c["id"] for c in act(town, "cases") if c["dnr"] == dnr))


def words(answer: httpx.Response) -> str:
    return unescape(answer.text)


def hits(client: httpx.Client, **asked: str) -> list[str]:
    return re.findall(r"<tr [^>]*><td>([^<]+)</td>", client.get(f"{BASE}/sok/rows", params=asked).text)


def register(
    client: httpx.Client, key: str, typed: dict[str, str] | None = None, content: bytes = PDF
) -> httpx.Response:
    form = {"rubrik": "Skrivelse", "avsandare": "En medborgare", "inkom": TODAY, "sekretess": "Ingen sekretess",
            "extern": "R-1"} | (typed or {})  # fmt: skip
    files = {"fil": ("a.pdf", content, "application/pdf")}
    return client.post(f"{BASE}/arenden/{key}/ny-handling", data=form, files=files)


def check_out(client: httpx.Client, key: str, comment: str = "Rättar") -> httpx.Response:
    return client.post(f"{BASE}/handlingar/{key}/checka-ut", data={"kommentar": comment})


def check_in(client: httpx.Client, key: str, content: bytes = PDF, comment: str = "Rättat") -> httpx.Response:
    files = {"fil": ("a.pdf", content, "application/pdf")}
    return client.post(f"{BASE}/handlingar/{key}/checka-in", data={"kommentar": comment}, files=files)


# -- looking


def test_the_tree_is_fetched_branch_by_branch(officer: httpx.Client) -> None:
    assert "Kommunstyrelsen" not in officer.get(f"{BASE}/").text
    assert "KS Kommunstyrelsen" in officer.get(f"{BASE}/trad/rows").text
    assert re.findall(r"<span>(\d+)", officer.get(f"{BASE}/trad/rows?gren=KS").text) == ["2026", "2025", "2024"]
    found = hits(officer, namnd="KS", ar="2026")
    assert found
    assert all(re.fullmatch(r"KS-2026/\d{4}", dnr) for dnr in found)


def test_a_search_hides_closed_cases_unless_told(town: TownProcess, officer: httpx.Client) -> None:
    told = document(town, "closed_case")
    assert hits(officer, vad="Handlingar", text=told["title"]) == []
    assert hits(officer, vad="Handlingar", text=told["title"], avslutade="ja") == [told["number"]]
    assert "Inga ärenden hittades." in officer.get(f"{BASE}/sok/rows?dnr=XX").text
    assert "Inga handlingar hittades." in officer.get(f"{BASE}/sok/rows?vad=Handlingar&text=finnsej").text


def test_each_request_has_a_document_that_fits(town: TownProcess, officer: httpx.Client) -> None:
    assert len(hits(officer, vad="Handlingar", text=document(town, "several_hits")["title"])) == 2
    assert document(town, "checked_out")["checked_out_by"] == "Marit Sandell"
    assert document(town, "secret")["secrecy"] == "OSL 31:16"
    assert document(town)["bytes"] > 1000


def test_a_secret_document_shows_neither_sender_nor_file(town: TownProcess, officer: httpx.Client) -> None:
    told = document(town, "secret")
    card = officer.get(f"{BASE}/handlingar/{told['id']}").text
    assert "SEKRETESS OSL 31:16" in card
    row = officer.get(f"{BASE}/sok/rows", params={"vad": "Handlingar", "text": told["title"]}).text
    assert told["party"] not in card + row
    assert hits(officer, vad="Handlingar", text=f"{told['title']} {told['party']}") == []
    file = officer.get(f"{BASE}/handlingar/{told['id']}/fil")
    assert (file.status_code, "Registrator prövar" in words(file)) == (409, True)


def test_an_open_document_is_a_whole_pdf(town: TownProcess, reader: httpx.Client) -> None:
    file = reader.get(f"{BASE}/handlingar/{document(town)['id']}/fil")
    assert file.headers["content-type"] == "application/pdf"
    assert file.content.startswith(b"%PDF-")
    paper = next(d for d in act(town, "documents") if not d["bytes"])
    assert "bara papper" in reader.get(f"{BASE}/handlingar/{paper['id']}").text
    assert reader.get(f"{BASE}/handlingar/{paper['id']}/fil").status_code == 404


# -- what is registered


def test_a_new_case_gets_the_next_number_of_its_board(town: TownProcess, officer: httpx.Client) -> None:
    before = max(c["dnr"] for c in act(town, "cases") if c["dnr"].startswith("SN-2026"))
    page = officer.post(f"{BASE}/nytt-arende", data={"namnd": "SN", "rubrik": "Begäran", "extern": "R-9"})
    [commit] = town.truth(KEY)
    dnr = commit["facts"]["dnr"]
    assert dnr in page.text
    assert int(dnr[-4:]) == int(before[-4:]) + 1
    assert (commit["kind"], commit["about"], commit["facts"]["mark"]) == ("case_opened", "SN", "R-9")
    wrong = officer.post(f"{BASE}/nytt-arende", data={"namnd": "XX", "rubrik": ""})
    assert "Nämnd: välj i listan." in words(wrong)
    assert "Ärendemening: skriv" in words(wrong)


def test_a_document_that_has_come_in(town: TownProcess, officer: httpx.Client) -> None:
    dnr = document(town)["case"]
    assert "är registrerad som" in words(register(officer, case_id(town, dnr), {"sekretess": "OSL 21:3"}))
    [commit] = town.truth(KEY)
    assert (commit["kind"], commit["about"], commit["facts"]["bytes"]) == ("document_registered", dnr, len(PDF))
    assert hits(officer, vad="Handlingar", extern="R-1") == [f"{dnr}-2"]


def test_a_document_has_rules(town: TownProcess, officer: httpx.Client) -> None:
    key = case_id(town, document(town)["case"])
    for typed, said in (
        ({"rubrik": ""}, "Rubrik: skriv"),
        ({"avsandare": ""}, "Avsändare: skriv"),
        ({"inkom": "2026-03-18"}, "Inkom: skriv"),
        ({"sekretess": ""}, "Sekretess: ange"),
    ):
        assert said in words(register(officer, key, typed))
    assert "Fil: välj en PDF." in words(register(officer, key, content=b""))
    assert "inte en hel PDF" in words(register(officer, key, content=PDF[:-8]))
    closed = register(officer, case_id(town, document(town, "closed_case")["case"]))
    assert (closed.status_code, "är avslutat" in words(closed)) == (409, True)
    assert town.truth(KEY) == []


def test_who_may_only_look_registers_nothing(town: TownProcess, reader: httpx.Client) -> None:
    told = document(town)
    key = case_id(town, told["case"])
    for page in ("/nytt-arende", f"/arenden/{key}/ny-handling", f"/handlingar/{told['id']}/checka-ut",
                 f"/handlingar/{told['id']}/checka-in"):  # fmt: skip
        assert reader.get(BASE + page).status_code == 403
        assert "Din roll är Läsare" in words(reader.post(BASE + page))
    assert town.truth(KEY) == []


# -- check-out and check-in


def test_a_document_is_taken_and_given_back(town: TownProcess, officer: httpx.Client) -> None:
    told = document(town)
    assert "Du har inga utcheckade dokument." in officer.get(f"{BASE}/").text
    assert "skriv varför" in words(check_out(officer, told["id"], ""))
    check_out(officer, told["id"])
    assert f"<li>{told['number']} sedan {TODAY}" in officer.get(f"{BASE}/").text
    assert "utcheckad av Ragnhild (robot)" in words(check_out(officer, told["id"]))
    assert "skriv vad som är ändrat" in words(check_in(officer, told["id"], comment=""))
    check_in(officer, told["id"])
    assert [c["kind"] for c in town.truth(KEY)] == ["checked_out", "checked_in"]
    assert document(town)["checked_out_by"] == ""
    assert officer.get(f"{BASE}/handlingar/{told['id']}/fil").content == PDF
    history = officer.get(f"{BASE}/handlingar/{told['id']}/historik")
    assert re.findall(r"<b>([^<]+)</b>", history.text) == ["Ny version", "Utcheckad av Ragnhild (robot)", "Registrerad"]
    nothing = officer.get(f"{BASE}/handlingar/{told['id']}/historik?q=R-0")
    assert "Inget i historiken matchar." in words(nothing)


def test_a_colleagues_document_cannot_be_changed(town: TownProcess, officer: httpx.Client) -> None:
    told = document(town, "checked_out")
    for answer in (check_out(officer, told["id"]), check_in(officer, told["id"])):
        assert (answer.status_code, "utcheckad av Marit Sandell" in words(answer)) == (409, True)
    assert "är inte utcheckad" in words(check_in(officer, document(town)["id"]))
    assert "är avslutat" in words(check_out(officer, document(town, "closed_case")["id"]))
    assert town.truth(KEY) == []


def test_closed_for_maintenance_and_unknown_addresses(town: TownProcess, officer: httpx.Client) -> None:
    assert "<h1>Finns inte" in officer.get(f"{BASE}/arenden/1").text
    fault = {"system": KEY, "kind": "down", "seconds": 9}
    town.control.post("/faults", json=fault).raise_for_status()
    page = officer.get(f"{BASE}/")
    assert (page.status_code, "Diariet är stängt" in page.text) == (503, True)
