"""Ärendehantering Artina: roles, its own words for absence, what it commits, and how a session ends.

Longer than 300 lines because each practice system has one test file, and this system has the most forms.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.practice.conftest import TownProcess

KEY = "case_management"
ROOT = "/arenden"
PDF = bytes(range(256)) * 40
Files = list[tuple[str, tuple[str, bytes, str]]]


@pytest.fixture(scope="module")
def town_of_this_file(town_process: TownProcess) -> TownProcess:
    town_process.control.post("/reset", json={"seed": 1}).raise_for_status()
    return town_process


@pytest.fixture
def town(town_of_this_file: TownProcess) -> TownProcess:
    """The town as new. A reset costs more than most of these tests, so it is made only after a change."""
    control = town_of_this_file.control
    if control.get("/truth").json() or control.get("/faults").json()["set"]:
        control.post("/reset", json={"seed": 1}).raise_for_status()
    return town_of_this_file


@pytest.fixture(autouse=True)
def _closed_browsers(town: TownProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Browsers that a test opened are closed after it: an open connection is a warning, and warnings are errors."""
    opened: list[httpx.Client] = []
    plain = town.browser

    def browser() -> httpx.Client:
        opened.append(plain())
        return opened[-1]

    monkeypatch.setattr(town, "browser", browser)
    yield
    for one in opened:
        one.close()


def log_in(town: TownProcess, name: str = "ragnhild", password: str = "journal-pass") -> httpx.Client:
    browser = town.browser()
    answer = browser.post(f"{ROOT}/logga-in", data={"anvandarnamn": name, "losenord": password})
    assert answer.status_code == 200
    return browser


def reader(town: TownProcess) -> httpx.Client:
    return log_in(town, "lasare", "read-pass")


def address(case: dict[str, Any], page: str = "") -> str:
    return f"{ROOT}/arende/{case['number']}{page}"


def post(browser: httpx.Client, where: str, files: Files | None = None, **fields: str) -> httpx.Response:
    """Posts as the form would, with the session's key."""
    key = re.search(r'data-key="([^"]+)"', browser.get(f"{ROOT}/sok").text)
    assert key
    return browser.post(where, data={"formularnyckel": key[1], **fields}, files=files)


def heading(page: httpx.Response) -> str:
    found = re.findall(r"<h1>(.*?)</h1>", page.text)
    assert len(found) == 1
    return str(found[0])


def control(town: TownProcess, action: str, **values: str | bool) -> Any:
    answer = town.control.post(f"/systems/{KEY}/{action}", json=values)
    answer.raise_for_status()
    return answer.json()


def state(town: TownProcess, case: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = control(town, "case", case_number=case["number"])
    return known


def note(browser: httpx.Client, case: dict[str, Any], text: str, kind: str = "Journalanteckning") -> httpx.Response:
    return post(browser, address(case, "/anteckning"), typ=kind, text=text)


# Logging in and out


def test_login_page_names_the_system(town: TownProcess) -> None:
    page = town.browser().get(f"{ROOT}/logga-in")
    assert heading(page) == "Logga in"
    assert "Ärendehantering Artina" in page.text
    assert "utloggad" not in page.text


def test_wrong_password(town: TownProcess) -> None:
    answer = town.browser().post(f"{ROOT}/logga-in", data={"anvandarnamn": "ragnhild", "losenord": "fel"})
    assert answer.status_code == 401
    assert "Fel användarnamn eller lösenord." in answer.text
    assert 'value="ragnhild"' in answer.text


def test_login_leads_to_the_page_that_was_asked_for(town: TownProcess) -> None:
    browser, case = town.browser(), town.case("drawings")
    page = browser.get(address(case, "/handelser"), params={"q": "a b"})
    assert heading(page) == "Logga in"
    hidden = re.search(r'name="till" value="([^"]+)"', page.text)
    assert hidden
    given = {"anvandarnamn": "ragnhild", "losenord": "journal-pass", "till": hidden[1]}
    answer = browser.post(f"{ROOT}/logga-in", data=given, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == address(case, "/handelser?q=a+b")


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "/ritningar/", "/arenden/\\x"])
def test_login_leads_nowhere_else(town: TownProcess, elsewhere: str) -> None:
    given = {"anvandarnamn": "ragnhild", "losenord": "journal-pass", "till": elsewhere}
    answer = town.browser().post(f"{ROOT}/logga-in", data=given, follow_redirects=False)
    assert answer.headers["location"] == f"{ROOT}/"


def test_session_that_ended_says_so(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    town.control.post("/faults", json={"system": KEY, "kind": "logged_out"}).raise_for_status()
    page = browser.get(address(case))
    assert heading(page) == "Logga in"
    assert "Du har blivit utloggad. Logga in igen." in page.text
    assert browser.get(address(case, "/handelser/rows")).url.path == f"{ROOT}/logga-in"


def test_log_out(town: TownProcess) -> None:
    browser = log_in(town)
    page = browser.get(f"{ROOT}/logga-ut")
    assert "Du har loggat ut." in page.text
    assert heading(browser.get(f"{ROOT}/")) == "Logga in"


# Roles and keys

FORMS = ("/anteckning", "/meddelande", "/fordela", "/status")


def test_reader_sees_no_buttons_and_changes_nothing(town: TownProcess) -> None:
    browser, case = reader(town), town.case("drawings")
    for page in ("", "/handelser", "/bilagor", "/samband"):
        text = browser.get(address(case, page)).text
        assert "Lasse Läsare (robot)" in text
        assert "Ta ärendet" not in text
        assert "Skriv anteckning" not in text
    assert "Nytt ärende" not in browser.get(f"{ROOT}/").text
    for form in FORMS:
        assert browser.get(address(case, form)).status_code == 403
    for form in ("/ta", *FORMS):
        refused = post(browser, address(case, form))
        assert refused.status_code == 403
        assert "Du saknar behörighet att göra ändringar." in refused.text
    assert town.truth(KEY) == []


def test_post_without_the_sessions_key(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    answer = browser.post(address(case, "/anteckning"), data={"typ": "Journalanteckning", "text": "x"})
    assert answer.status_code == 403
    answer = browser.post(address(case, "/anteckning"), data={"formularnyckel": "påhitt", "text": "x"})
    assert answer.status_code == 403
    assert town.truth(KEY) == []


# Reading


def test_inbox_has_pages_and_an_order(town: TownProcess) -> None:
    browser = log_in(town)
    page = browser.get(f"{ROOT}/")
    assert heading(page) == "Inkorg Kontaktcenter – Att fördela"
    assert "Hämtar…" in page.text
    assert 'aria-busy="true"' in page.text
    rows = f"{ROOT}/inkorg/samhallsbyggnad/att-fordela/rows"
    first, second = browser.get(rows).text, browser.get(rows, params={"sida": "2"}).text
    numbers = [re.findall(r">(KC-[\d-]+)<", text) for text in (first, second)]
    assert len(numbers[0]) == len(numbers[1]) == 20
    assert not set(numbers[0]) & set(numbers[1])
    oldest = browser.get(rows, params={"ordning": "aldst"}).text
    assert 'aria-sort="ascending"' in oldest
    days = re.findall(r"<td>(\d{4}-\d\d-\d\d \d\d:\d\d)</td>", oldest)
    assert days == sorted(days)


def test_empty_node_says_so(town: TownProcess) -> None:
    rows = log_in(town).get(f"{ROOT}/inkorg/registrator/mina/rows")
    assert "Inga ärenden i den här vyn." in rows.text


def test_information_box_comes_once_a_session(town: TownProcess) -> None:
    browser = reader(town)
    assert "Driftinformation" in browser.get(f"{ROOT}/").text
    assert post(browser, f"{ROOT}/driftinformation").status_code == 204
    assert "Driftinformation" not in browser.get(f"{ROOT}/").text
    assert "Driftinformation" in reader(town).get(f"{ROOT}/").text
    assert town.truth(KEY) == []


def test_search_finds_and_says_when_it_does_not(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("missed_bin")
    rows = f"{ROOT}/sok/rows"
    assert case["number"] in browser.get(rows, params={"q": case["facility"]}).text
    assert "Inga ärenden matchar sökningen." in browser.get(rows, params={"q": "finns inte alls"}).text
    assert "Skriv minst två tecken" in browser.get(f"{ROOT}/sok", params={"q": "x"}).text


def test_search_hides_closed_cases_unless_asked(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    assert post(browser, address(case, "/status"), status="Avslutat").status_code == 200
    rows = f"{ROOT}/sok/rows"
    assert "Inga ärenden matchar" in browser.get(rows, params={"q": case["number"]}).text
    assert case["number"] in browser.get(rows, params={"q": case["number"], "avslutade": "1"}).text


def test_quick_search(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    page = browser.get(f"{ROOT}/snabbsok", params={"nummer": case["number"].lower().replace("-", " ")})
    assert heading(page) == f"Ärende {case['number']}"
    assert "Inga träffar på ärendenummer KC-1." in browser.get(f"{ROOT}/snabbsok", params={"nummer": "KC-1"}).text


def test_card_shows_the_citizen(town: TownProcess) -> None:
    case = town.case("missed_bin")
    person = town.control.get(f"/people/{case['citizen']}").json()
    text = log_in(town).get(address(case)).text
    for value in (person["name"], person["email"], person["phone"], case["citizen"], case["facility"], "Ta ärendet"):
        assert value in text
    assert "Skyddade personuppgifter" not in text


@pytest.mark.parametrize("errand", ["drawings", "detail_plan", "extra_sludge"])
def test_protected_citizen_is_nowhere_named(town: TownProcess, errand: str) -> None:
    browser, case = log_in(town), town.case(errand, "protected")
    person = town.control.get(f"/people/{case['citizen']}").json()
    found = browser.get(f"{ROOT}/sok/rows", params={"q": case["number"]}).text
    pages = [browser.get(address(case, p)).text for p in ("", "/handelser", "/handelser/rows", "/meddelande")]
    for text in [found, *pages]:
        for value in (person["name"], person["street"], person["email"], person["phone"]):
            assert value not in text
    assert "Skyddad identitet" in found
    assert "Skyddade personuppgifter" in pages[0]
    assert case["citizen"] in pages[0]
    named = {"q": f"{person['name']} {case['property_id']}"}
    assert "Inga ärenden matchar sökningen." in browser.get(f"{ROOT}/sok/rows", params=named).text


def test_unknown_addresses_have_a_page(town: TownProcess) -> None:
    browser = log_in(town)
    for path in ("/finns-inte", "/inkorg/finns-inte/mina", "/arende/KC-1/handelser", "/arende/KC-1", "/arende/x/y/z"):
        answer = browser.get(ROOT + path)
        assert answer.status_code == 404, path
        assert "finns inte" in heading(answer)
    assert browser.get(f"{ROOT}/static/style.css").headers["content-type"].startswith("text/css")


# Changing


def test_note_is_saved_found_and_told(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    page = note(browser, case, "Rad ett [R-0123456789ab]\r\nrad <b>två</b>")
    assert heading(page) == f"Händelser i ärende {case['number']}"
    assert "Anteckningen är sparad." in page.text
    assert "Anteckningen är sparad." not in browser.get(address(case, "/handelser")).text
    rows = browser.get(address(case, "/handelser/rows"), params={"q": "r-0123456789AB"}).text
    assert "1 händelse<" in rows
    assert "rad &lt;b&gt;två&lt;/b&gt;" in rows
    assert 'aria-label="Journalanteckning' in rows
    told = town.truth(KEY)
    assert [(c["kind"], c["about"], c["by"]) for c in told] == [("note_added", case["number"], "ragnhild")]
    text = "Rad ett [R-0123456789ab]\nrad <b>två</b>"
    assert told[0]["facts"] == {"note_kind": "Journalanteckning", "text": text}


def test_the_same_note_twice_is_two_notes(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    for _ in range(2):
        note(browser, case, "Samma")
    assert len(town.truth(KEY, "note_added")) == 2


def test_absence_of_an_event_is_said_and_the_first_event_is_always_there(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    rows = address(case, "/handelser/rows")
    assert "Inga händelser matchar sökningen." in browser.get(rows, params={"q": "R-0123456789ab"}).text
    assert "<article" in browser.get(rows, params={"q": "Ärendet registrerades"}).text


def test_events_come_newest_first_ten_a_page(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    for turn in range(11):
        note(browser, case, f"Nummer {turn}.")
    first = browser.get(address(case, "/handelser/rows")).text
    second = browser.get(address(case, "/handelser/rows"), params={"sida": "2"}).text
    assert first.count("<article") == 10
    assert second.count("<article") == 2
    assert first.index("Nummer 10.") < first.index("Nummer 9.")
    assert "Ärendet registrerades" in second


def test_note_is_refused_beside_what_was_typed(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    page = post(browser, address(case, "/anteckning"), text="å" * 4001)
    assert page.status_code == 422
    for words in ("Välj typ av anteckning.", "Texten får vara högst 4000 tecken. Nu är det 4001 tecken.", "å" * 4001):
        assert words in page.text
    assert "Skriv en text." in note(browser, case, "  ").text
    assert note(browser, case, "å" * 4000).status_code == 200
    assert len(town.truth(KEY)) == 1


def message(browser: httpx.Client, case: dict[str, Any], files: Files | None = None, **other: str) -> httpx.Response:
    typed = {"amne": "Ritningar på väg", "meddelande": "Hej!\r\nHär kommer de.", "referens": "R-abcdefabcdef"}
    return post(browser, address(case, "/meddelande"), files, **(typed | other))


def test_message_is_mailed_with_the_very_files(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    names = ["Planritning övre plan – R0001-04, med ett namn som är så långt att det bryts.pdf", "läs mig.txt"]
    files: Files = [
        ("bilagor", (names[0], PDF, "application/pdf")),
        ("bilagor", (names[1], "Åäö\r\n\n\r".encode(), "text/plain")),
    ]
    page = message(browser, case, files)
    assert heading(page) == f"Händelser i ärende {case['number']}"
    assert "Meddelandet är skickat. Kvittens M-000001." in page.text

    mail = town.control.get("/mail").json()
    person = town.control.get(f"/people/{case['citizen']}").json()
    assert len(mail) == 1
    assert (mail[0]["recipient"], mail[0]["subject"]) == (person["email"], "Ritningar på väg")
    assert mail[0]["text"].split("\r\n")[:2] == ["Hej!", "Här kommer de."]
    sent = [(name, len(content), hashlib.sha256(content).hexdigest()) for _, (name, content, _) in files]
    assert [tuple(a) for a in mail[0]["attachments"]] == sent

    told = town.truth(KEY)
    assert [c["kind"] for c in told] == ["message_sent"]
    assert told[0]["facts"] == {
        "subject": "Ritningar på väg", "to": person["email"], "reference": "R-abcdefabcdef", "receipt": "M-000001",
        "attachments": names, "text": "Hej!\nHär kommer de.",
    }  # fmt: skip
    rows = browser.get(address(case, "/handelser/rows"), params={"q": "R-abcdefabcdef"}).text
    assert 'aria-label="Meddelande skickat' in rows
    links = re.findall(r'href="([^"]+/bilaga/[^"]+)"', rows)
    assert [browser.get(link).content for link in links] == [content for _, (_, content, _) in files]
    assert "läs mig.txt" in browser.get(address(case, "/bilagor")).text
    assert state(town, case)["events"][-1]["attachments"] == names


def test_message_without_files(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    assert "Kvittens M-000001." in message(browser, case, referens="").text
    assert town.control.get("/mail").json()[0]["attachments"] == []
    assert "Inga bilagor i ärendet." in browser.get(address(case, "/bilagor")).text


def test_the_files_of_a_case_say_who_sent_them_and_a_secret_one_is_not_given(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("fault_report")
    told = {"case_number": case["number"], "name": "intyg.jpg", "content": "aGVtbGlndA==", "secret": True}
    town.control.post(f"/systems/{KEY}/attach", json=told).raise_for_status()
    message(browser, case, [("bilagor", ("svar.pdf", PDF, "application/pdf"))])

    page = browser.get(address(case, "/bilagor")).text

    rows = [re.findall(r"<td>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)]
    sent, secret, photo = [row for row in rows if row]
    assert [row[3] for row in (sent, secret, photo)] == ["Ragnhild (robot)", "Medborgaren", "Medborgaren"]
    assert [row[4] for row in (sent, secret, photo)] == ["Nej", "Ja", "Nej"]
    assert (photo[1], secret[0], secret[2]) == ("image/jpeg", "intyg.jpg", "1 kB (7 byte)")
    given = re.search(r"/bilaga/B-(\d+)", photo[0])
    assert given
    numbers = (int(given[1]), len(town.control.get("/cases", params={"errand": "fault_report"}).json()) + 1)
    files = [browser.get(address(case, f"/bilaga/B-{number:06d}")) for number in numbers]
    assert [file.status_code for file in files] == [200, 404]
    assert files[0].content.startswith(b"\xff\xd8\xff")


def test_message_is_refused_beside_what_was_typed(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    page = message(browser, case, [("bilagor", ("a.pdf", PDF, "application/pdf"))], amne="", referens="r" * 41)
    assert page.status_code == 422
    for words in ("Skriv ett ämne.", "Referensen får vara högst 40 tecken.", "Välj bilagorna igen.", "Här kommer de."):
        assert words in page.text
    big: Files = [("bilagor", (f"{n}.bin", bytes(11 * 1024 * 1024), "application/octet-stream")) for n in range(2)]
    assert "Bilagorna får vara högst 20 MB tillsammans." in message(browser, case, big).text
    assert town.truth(KEY) == []
    assert town.control.get("/mail").json() == []


def test_message_to_a_protected_citizen(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings", "protected")
    words = "Meddelande kan inte skickas: medborgaren har skyddade personuppgifter."
    page = browser.get(address(case, "/meddelande"))
    assert page.status_code == 200
    assert words in page.text
    assert "Skicka</button>" not in page.text
    refused = message(browser, case)
    assert refused.status_code == 409
    assert words in refused.text
    assert town.truth(KEY) == []
    assert town.control.get("/mail").json() == []


def test_closed_case_takes_notes_but_no_message(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    assert "Status är ändrad till Avslutat." in post(browser, address(case, "/status"), status="Avslutat").text
    refused = message(browser, case)
    assert refused.status_code == 409
    assert "Meddelande kan inte skickas: ärendet är avslutat." in refused.text
    assert "Ärendet kan inte tas: ärendet är avslutat." in post(browser, address(case, "/ta")).text
    assert "Ärendet kan inte fördelas: ärendet är avslutat." in browser.get(address(case, "/fordela")).text
    assert note(browser, case, "Efteråt").status_code == 200
    assert post(browser, address(case, "/status"), status="Pågående").status_code == 200
    assert [c["kind"] for c in town.truth(KEY)] == ["status_set", "note_added", "status_set"]


def test_claim(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("detail_plan")
    page = post(browser, address(case, "/ta"))
    assert heading(page) == f"Ärende {case['number']}"
    assert "Du är nu handläggare för ärendet." in page.text
    assert "Ta ärendet" not in page.text
    assert state(town, case)["handler"] == "Ragnhild (robot)"
    assert case["number"] in browser.get(f"{ROOT}/inkorg/samhallsbyggnad/mina/rows").text
    assert [(c["kind"], c["facts"]) for c in town.truth(KEY)] == [("claimed", {})]


def test_handover(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("detail_plan")
    post(browser, address(case, "/ta"))
    page = post(browser, address(case, "/fordela"), inkorg="Okänd", att_gora="Ring")
    assert page.status_code == 422
    assert "Välj en inkorg." in page.text
    assert "Skriv en motivering." in page.text
    assert 'value="Ring"' in page.text
    where = address(case, "/fordela")
    page = post(browser, where, inkorg="Registrator", motivering="Två planer", att_gora="Välj plan", referens="R-1")
    assert "Ärendet är fördelat till Registrator." in page.text
    now = state(town, case)
    assert (now["inbox"], now["handler"]) == ("Registrator", "")
    assert now["events"][-1]["type"] == "Fördelat till Registrator"
    assert "Fördelat till Registrator" in browser.get(address(case, "/handelser/rows"), params={"q": "Välj plan"}).text
    told = town.truth(KEY, "handed_over")[0]["facts"]
    assert told == {"inbox": "Registrator", "reason": "Två planer", "todo": "Välj plan", "reference": "R-1"}
    assert case["number"] in browser.get(f"{ROOT}/inkorg/registrator/att-fordela/rows").text


def test_status_must_be_one_that_exists(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    page = post(browser, address(case, "/status"), status="Klart")
    assert page.status_code == 422
    assert "Välj en status." in page.text
    assert post(browser, address(case, "/status"), status="Väntar på medborgaren").status_code == 200
    assert [c["facts"] for c in town.truth(KEY)] == [{"status": "Väntar på medborgaren"}]


def test_locked_case_takes_nothing(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    words = control(town, "lock", case_number=case["number"])["words"]
    assert re.fullmatch(r"Ärendet är låst av Anna Ek sedan \d\d:\d\d\.", words)
    for page in ("", *FORMS):
        text = browser.get(address(case, page)).text
        assert text.count(words) == 1
        assert "<form method" not in text
        assert "Skriv anteckning" not in text
    for form in ("/ta", *FORMS):
        refused = post(browser, address(case, form), typ="Journalanteckning", text="x", status="Avslutat")
        assert refused.status_code == 409
        assert words in refused.text
    assert town.truth(KEY) == []
    control(town, "unlock", case_number=case["number"])
    assert note(browser, case, "Nu går det").status_code == 200


def test_one_other_case_in_forty_is_locked_from_the_start(town: TownProcess) -> None:
    others = {c["number"] for c in town.control.get("/cases", params={"errand": "other"}).json()}
    locked = control(town, "locked")
    assert len(locked) == len(others) // 40
    assert set(locked) <= others


def test_flash_stays_with_its_case(town: TownProcess) -> None:
    browser, case, another = log_in(town), town.case("drawings"), town.case("drawings", place=1)
    key = re.search(r'data-key="([^"]+)"', browser.get(f"{ROOT}/sok").text)
    assert key
    given = {"formularnyckel": key[1], "typ": "Intern anteckning", "text": "x"}
    browser.post(address(case, "/anteckning"), data=given, follow_redirects=False)
    assert "Anteckningen är sparad." not in browser.get(address(another)).text
    assert "Anteckningen är sparad." in browser.get(address(case)).text


def test_search_by_person_finds_that_citizen_s_cases_and_no_other(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("drawings")
    note(browser, town.case("detail_plan"), f"Gäller även {case['citizen']}")
    text = browser.get(f"{ROOT}/sok/rows", params={"q": "", "personnummer": case["citizen"], "avslutade": "1"}).text
    his = control(town, "numbers", citizen=case["citizen"], closed=True)
    assert case["number"] in his
    assert sorted(re.findall(r">(KC-[\d-]+)<", text)) == his
    page = browser.get(f"{ROOT}/sok", params={"q": "", "personnummer": case["citizen"]})
    assert page.status_code == 200
    assert f'value="{case["citizen"]}"' in page.text
    assert "Skriv minst två tecken" in browser.get(f"{ROOT}/sok", params={"q": "", "personnummer": " "}).text


def test_a_colleague_who_was_quicker_keeps_the_case(town: TownProcess) -> None:
    browser, case = log_in(town), town.case("detail_plan")
    control(town, "take", case_number=case["number"])
    page = post(browser, address(case, "/ta"), handlaggare="")
    assert page.status_code == 409
    assert "Ärendet kan inte tas: Anna Ek har redan tagit det." in page.text
    assert town.truth(KEY) == []
    # Whoever sees that it is Anna's may take it over.
    assert post(browser, address(case, "/ta"), handlaggare="Anna Ek").status_code == 200
    assert state(town, case)["handler"] == "Ragnhild (robot)"
