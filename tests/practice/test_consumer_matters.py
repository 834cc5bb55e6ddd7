"""Konsumentärenden as a robot meets it: the filter that hides, the rules of each form, what is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from stdnum.se import orgnr

from robots.practice.consumer_matters.state import COMPANIES, Register
from robots.practice.town import build_town
from tests.practice.conftest import TownProcess, acting_in

BASE, KEY, TODAY = "/konsument", "consumer_matters", "2026-03-17"
act = acting_in(KEY)


@pytest.fixture
def town(town_process: TownProcess) -> TownProcess:
    """The town as new, on a day that the tests know."""
    town_process.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    return town_process


def log_in(client: httpx.Client, name: str, password: str) -> httpx.Client:
    client.post(f"{BASE}/logga-in", data={"namn": name, "losenord": password}).raise_for_status()
    return client


@pytest.fixture
def officer(town: TownProcess) -> Iterator[httpx.Client]:
    with town.browser() as client:
        yield log_in(client, "ragnhild", "journal-pass")


@pytest.fixture
def reader(town: TownProcess) -> Iterator[httpx.Client]:
    with town.browser() as client:
        yield log_in(client, "lasare", "read-pass")


def matter(town: TownProcess, twist: str = "distance_sale") -> dict[str, Any]:
    found: dict[str, Any] = act(town, "matters", reference=town.case("consumer_advice", twist)["number"])[0]
    return found


def rows(client: httpx.Client, **asked: str) -> list[str]:
    return re.findall(r"<td>(KV-[^<]+)</td>", client.get(f"{BASE}/arenden/rows", params=asked).text)


def words(answer: httpx.Response) -> str:
    return unescape(answer.text)


def classify(client: httpx.Client, told: dict[str, Any], kind: str, detail: str, **more: str) -> httpx.Response:
    form = {"arendetyp": kind, "underkategori": detail, "version": str(told["version"]), "referens": "R-1"} | more
    return client.post(f"{BASE}/arenden/{told['number']}/klassificera", data=form)


def refer(client: httpx.Client, told: dict[str, Any], where: str, **more: str) -> httpx.Response:
    form = {"hanvisning": where, "upplysning": "Du kan vända dig dit.", "version": str(told["version"])} | more
    return client.post(f"{BASE}/arenden/{told['number']}/hanvisa", data=form)


def write(client: httpx.Client, number: str, **more: str) -> httpx.Response:
    form = {"kanal": "E-post", "amne": "Ditt köp", "referens": "R-2",
            "brevtext": "<p>Hej!</p><p>Du kan <b>ångra</b> ditt köp.</p>"} | more  # fmt: skip
    return client.post(f"{BASE}/arenden/{number}/brev/nytt", data=form)


NEW = {
    "kopare": "Privatperson", "motpart": "Prylbutiken AB", "orgnr": "559980-1205", "kopdatum": "2026-03-10",
    "belopp": "900", "arendetyp": "Distansavtal", "underkategori": "Ångerrätt", "onskar": "Skriva till företaget",
    "beteckning": "R-1", "beskrivning": "Vill ångra köpet.",
}  # fmt: skip


def register(client: httpx.Client, citizen: str, **more: str) -> httpx.Response:
    return client.post(f"{BASE}/arenden/nytt", data=NEW | {"personnummer": citizen} | more)


# -- looking


def test_the_list_hides_what_is_not_mine_and_what_is_finished(town: TownProcess, officer: httpx.Client) -> None:
    told = matter(town)
    assert rows(officer, visa="Mina ärenden", beteckning=told["reference"]) == []
    assert rows(officer, visa="Alla ärenden", beteckning=told["reference"]) == [told["number"]]
    act(town, "close", matter=told["number"])
    assert rows(officer, visa="Alla ärenden", beteckning=told["reference"]) == []
    assert rows(officer, visa="Alla ärenden", beteckning=told["reference"], avslutade="ja") == [told["number"]]
    assert "Inga ärenden matchar filtret." in officer.get(f"{BASE}/arenden/rows?beteckning=finns-inte").text


def test_the_filter_is_as_it_was_left(officer: httpx.Client) -> None:
    assert "<option selected>Mina ärenden" in officer.get(f"{BASE}/").text
    officer.get(f"{BASE}/arenden/rows", params={"visa": "Alla ärenden", "text": "Bergs"})
    page = officer.get(f"{BASE}/").text
    assert "<option selected>Alla ärenden" in page
    assert 'value="Bergs"' in page


def test_a_long_list_has_pages(officer: httpx.Client) -> None:
    first = rows(officer, visa="Alla ärenden", avslutade="ja")
    second = rows(officer, visa="Alla ärenden", avslutade="ja", sida="2")
    assert len(first) == len(second) == 12
    assert not set(first) & set(second)


def test_a_protected_consumer_is_named_nowhere(town: TownProcess, officer: httpx.Client) -> None:
    told = matter(town, "protected")
    pages = (
        officer.get(f"{BASE}/arenden/{told['number']}").text
        + officer.get(f"{BASE}/arenden/rows", params={"visa": "Alla ärenden", "beteckning": told["reference"]}).text
    )
    assert "SKYDDADE PERSONUPPGIFTER" in pages
    for secret in (told["name"], told["consumer"]):
        assert secret not in pages
    for form in ("klassificera", "hanvisa", "brev/nytt"):
        page = officer.get(f"{BASE}/arenden/{told['number']}/{form}")
        assert page.status_code == 409
        assert "skyddade personuppgifter" in page.text


def test_what_is_not_there_is_said(town: TownProcess, officer: httpx.Client) -> None:
    assert "<h1>Ärendet finns inte" in officer.get(f"{BASE}/arenden/KV-1999-0001").text
    number = matter(town)["number"]
    page = officer.get(f"{BASE}/arenden/{number}/handelser", params={"q": "R-x"}).text
    assert "Inga händelser matchar sökningen." in page
    assert "Inga brev har skickats." in officer.get(f"{BASE}/arenden/{number}").text


# -- roles, locks and races


def test_who_may_only_look_changes_nothing(town: TownProcess, reader: httpx.Client) -> None:
    told = matter(town)
    assert reader.get(f"{BASE}/arenden/{told['number']}").status_code == 200
    for form in ("klassificera", "hanvisa", "brev/nytt"):
        assert reader.get(f"{BASE}/arenden/{told['number']}/{form}").status_code == 403
    assert reader.get(f"{BASE}/arenden/nytt").status_code == 403
    for answer in (classify(reader, told, "Distansavtal", "Ångerrätt"), refer(reader, told, "ARN"),
                   write(reader, told["number"]), register(reader, town.case("drawings")["citizen"])):  # fmt: skip
        assert answer.status_code == 403
        assert "läsbehörighet" in answer.text
    assert town.truth(KEY) == []


@pytest.mark.parametrize(("action", "said"), [("lock", "låst"), ("close", "avslutat")])
def test_a_locked_or_closed_matter_is_not_changed(
    town: TownProcess, officer: httpx.Client, action: str, said: str
) -> None:
    told = matter(town)
    act(town, action, matter=told["number"])
    for answer in (classify(officer, told, "Distansavtal", "Ångerrätt"), write(officer, told["number"])):
        assert answer.status_code == 409
        assert said in words(answer)
    assert town.truth(KEY) == []


def test_what_a_colleague_has_changed_meanwhile_is_not_overwritten(town: TownProcess, officer: httpx.Client) -> None:
    told = matter(town)
    act(town, "touch", matter=told["number"])
    assert "har ändrats av Marit Sandell" in words(classify(officer, told, "Distansavtal", "Ångerrätt"))
    assert town.truth(KEY) == []


# -- classification and referral


def test_a_classification_shows_the_days_that_count(town: TownProcess, officer: httpx.Client) -> None:
    told = matter(town)
    page = words(classify(officer, told, "Distansavtal", "Ångerrätt"))
    assert f"<dd>{date.fromisoformat(told['bought_on']) + timedelta(days=14)}" in page
    [commit] = town.truth(KEY)
    assert (commit["kind"], commit["about"]) == ("classified", told["number"])
    assert commit["facts"]["reference"] == "R-1"
    assert matter(town)["status"] == "Pågående"


def test_a_wrong_classification_is_refused(town: TownProcess, officer: httpx.Client) -> None:
    for twist, kind, detail, said in (
        ("distance_sale", "Oklassificerat", "", "välj i listan"),
        ("distance_sale", "Distansavtal", "Garanti", "välj en som hör till ärendetypen"),
        ("distance_sale", "Hittepå", "", "välj i listan"),
        ("company_customer", "Distansavtal", "Ångerrätt", "Köparen är ett företag"),
    ):
        answer = classify(officer, matter(town, twist), kind, detail)
        assert answer.status_code == 422, kind
        assert said in words(answer)
    assert town.truth(KEY) == []


def test_a_referral_needs_a_kind_that_it_is_for(town: TownProcess, officer: httpx.Client) -> None:
    told = matter(town, "scam_invoice")
    assert "Klassificera ärendet innan" in words(refer(officer, told, "Polisen"))
    classify(officer, told, "Bluffaktura", "Bluff via sms")
    told = matter(town, "scam_invoice")
    assert "skriv vad du har sagt" in words(refer(officer, told, "Polisen", upplysning=""))
    assert "hänvisad till 7726" in words(refer(officer, told, "7726 (bluff-sms)"))
    complaint = matter(town, "complaint")
    classify(officer, complaint, "Reklamation", "Fel i vara")
    assert "gäller inte ärendetypen" in words(refer(officer, matter(town, "complaint"), "7726 (bluff-sms)"))
    assert [c["kind"] for c in town.truth(KEY)] == ["classified", "referred", "classified"]


def test_arn_takes_no_small_disputes(town: TownProcess, officer: httpx.Client) -> None:
    register(officer, town.case("drawings")["citizen"], belopp="599")
    told = act(town, "matters", reference="R-1")[0]
    assert "ARN tar inte upp tvister under 600 kr." in words(refer(officer, told, "ARN"))


# -- a new matter


def test_a_matter_is_registered(town: TownProcess, officer: httpx.Client) -> None:
    citizen = town.case("drawings")["citizen"]
    assert "är registrerat." in words(register(officer, citizen))
    [commit] = town.truth(KEY)
    assert (commit["kind"], commit["about"], commit["facts"]["reference"]) == ("matter_registered", citizen, "R-1")
    again = register(officer, citizen, beteckning="R-9")
    assert "har redan ett öppet ärende mot företaget" in words(again)
    assert "Registrera ändå" in again.text
    assert len(town.truth(KEY)) == 1
    register(officer, citizen, beteckning="R-9", anda="ja")
    assert len(town.truth(KEY)) == 2


def test_a_new_matter_has_rules(town: TownProcess, officer: httpx.Client) -> None:
    citizen = town.case("drawings")["citizen"]
    for typed, said in (
        ({"personnummer": "19000101-0000"}, "ingen med det numret"),
        ({"kopare": "Företag"}, "Köparen är ett företag"),
        ({"kopare": ""}, "Köpare: välj"),
        ({"motpart": ""}, "Motpart: skriv"),
        ({"orgnr": "551980-1205"}, "Organisationsnummer: skriv"),
        ({"kopdatum": "2026-03-18"}, "Köpdatum: skriv"),
        ({"belopp": "tusen"}, "Belopp: skriv"),
        ({"onskar": ""}, "Vill ha hjälp med: välj"),
        ({"beskrivning": "Hm"}, "Beskrivning: skriv"),
        ({"beteckning": "x" * 41}, "högst 40 tecken"),
        ({"arendetyp": ""}, "Ärendetyp: välj"),
        ({"underkategori": ""}, "Underkategori: välj"),
        ({"arendetyp": "Reklamation", "underkategori": "Garanti", "kopdatum": "2023-03-16"}, "äldre än tre år"),
    ):
        answer = register(officer, citizen, **typed)
        assert answer.status_code == 422, typed
        assert said in words(answer)
    assert town.truth(KEY) == []


def test_a_protected_consumer_is_not_registered(town: TownProcess, officer: httpx.Client) -> None:
    answer = register(officer, town.case("consumer_advice", "protected")["citizen"])
    assert "Bara enhetschefen" in words(answer)
    assert town.truth(KEY) == []


# -- letters


def test_the_preview_differs_from_the_editor_and_sends_nothing(town: TownProcess, officer: httpx.Client) -> None:
    page = words(write(officer, matter(town)["number"], brevtext='<p>Skriv "nej" - nu.</p><ul><li>Ett råd</li></ul>'))
    assert '<p class="said">Skriv ”nej” – nu.</p><p class="said">Ett råd</p>' in page
    assert "Med vänlig hälsning" in page
    assert "Ragnhild (robot)" in page
    assert town.truth(KEY) == []


def test_an_email_goes_off_with_the_systems_signature(town: TownProcess, officer: httpx.Client) -> None:
    told = matter(town)
    preview = write(officer, told["number"])
    page = officer.post(f"{preview.url}/skicka")
    assert "skickat" in words(page)
    [mail] = town.control.get("/mail").json()
    assert mail["recipient"] == town.control.get(f"/people/{told['consumer']}").json()["email"]
    assert "Du kan ångra ditt köp." in mail["text"]
    assert "Konsumentvägledningen i Tallinge kommun" in mail["text"]
    assert [c["facts"]["text"] for c in town.truth(KEY)] == ["Hej!\nDu kan ångra ditt köp."]


def test_a_letter_by_post_waits_in_the_queue(town: TownProcess, officer: httpx.Client) -> None:
    number = matter(town)["number"]
    officer.post(f"{write(officer, number, kanal='Post').url}/skicka")
    assert town.truth(KEY)[0]["facts"]["status"] == "Köat till posten"
    assert town.control.get("/mail").json() == []
    act(town, "run_post")
    assert act(town, "letters", matter=number)[0]["status"] == "Skickat"


def test_a_letter_has_rules(town: TownProcess, officer: httpx.Client) -> None:
    for typed, said in (
        ({"kanal": ""}, "Skicka med: välj"),
        ({"amne": ""}, "Ämne: skriv"),
        ({"brevtext": "<p>Hej</p>"}, "för kort"),
        ({"brevtext": "<p>Hej [NAMN]! Du kan ångra köpet.</p>"}, "mallord kvar"),
    ):
        answer = write(officer, matter(town)["number"], **typed)
        assert answer.status_code == 422, typed
        assert said in words(answer)


def test_no_email_without_an_address(town: TownProcess, officer: httpx.Client) -> None:
    act(town, "without_email", matter=matter(town)["number"])
    assert "ingen e-postadress" in words(write(officer, matter(town)["number"]))


def test_a_draft_belongs_to_its_matter_and_its_writer(town: TownProcess, officer: httpx.Client) -> None:
    draft = str(write(officer, matter(town)["number"]).url).rpartition("/")[2]
    other = matter(town, "complaint")["number"]
    answer = officer.post(f"{BASE}/arenden/{other}/brev/{draft}/skicka")
    assert "Utkastet finns inte" in words(answer)
    assert town.truth(KEY) == []


def test_the_companies_have_numbers_that_are_right_and_few_others(town: TownProcess) -> None:
    named = Register(build_town(1, date.fromisoformat(TODAY))).matters.values()
    assert {(matter.company, matter.company_number) for matter in named} == set(COMPANIES)
    assert all(orgnr.is_valid(number) for _, number in COMPANIES)


def test_closed_for_maintenance(town: TownProcess, officer: httpx.Client) -> None:
    fault = {"system": KEY, "kind": "down", "seconds": 9}
    town.control.post("/faults", json=fault).raise_for_status()
    page = officer.get(f"{BASE}/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "9")
    assert "Stängt för underhåll" in page.text
