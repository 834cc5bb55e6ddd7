"""Treklöver Familjerätt over HTTP: roles, locks, the rules of every form, what is committed and what never is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import httpx
import pytest

from tests.practice.conftest import TownProcess, acting_in

BASE, KEY = "/familjeratt", "family_law"
act = acting_in(KEY)
TODAY = "2026-03-17"  # a Tuesday
NO_DELEGATION = "Du saknar delegation att godkänna protokoll. Det gör en familjerättssekreterare."


@pytest.fixture(scope="module")
def as_new() -> list[bool]:
    """Not empty while nothing has happened in the town since it was made anew."""
    return []


@pytest.fixture
def town(town_process: TownProcess, as_new: list[bool]) -> TownProcess:
    """The town as new, for a test that changes something."""
    as_new.clear()
    town_process.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    return town_process


@pytest.fixture
def still(town_process: TownProcess, as_new: list[bool]) -> Iterator[TownProcess]:
    """The town as new, for a test in which nothing changes: such tests share it."""
    if not as_new:
        town_process.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    as_new[:] = [True]
    yield town_process
    assert town_process.truth(KEY) == []


@pytest.fixture
def officer(town_process: TownProcess) -> Iterator[httpx.Client]:
    with logged_in(town_process, "ragnhild", "journal-pass") as client:
        yield client


@pytest.fixture
def reader(town_process: TownProcess) -> Iterator[httpx.Client]:
    with logged_in(town_process, "lasare", "read-pass") as client:
        yield client


@contextmanager
def logged_in(town: TownProcess, name: str, password: str) -> Iterator[httpx.Client]:
    with town.browser() as client:
        client.post(f"{BASE}/logga-in", data={"ident": name, "kod": password}).raise_for_status()
        yield client


def told_by(town: TownProcess, twist: str = "normal") -> dict[str, Any]:
    """The parents' notification in the first such case."""
    number = town.case("parenthood", twist)["number"]
    return next(n for n in act(town, "notifications") if n["case_number"] == number)


def begun(town: TownProcess, twist: str = "akt_exists") -> str:
    number = town.case("parenthood", twist)["number"]
    return str(next(a["number"] for a in act(town, "akter") if a["case_number"] == number))


def with_protocol(town: TownProcess, status: str) -> tuple[str, str]:
    return next((a["number"], p["number"]) for a in act(town, "akter") for p in a["protocols"] if p["status"] == status)


def form_of(town: TownProcess, twist: str = "normal", **more: str) -> dict[str, str]:
    told = told_by(town, twist)
    return {
        "typ": "Faderskap/föräldraskap", "form": "Förenklad", "foralder1": told["parents"][0],
        "foralder2": told["parents"][1], "fodelse": told["due"] or "", "barn": told["child"], "tvekan": "Nej",
        "assisterad": "Nej", "beteckning": told["case_number"], "referens": "R-1",
    } | more  # fmt: skip


def add(client: httpx.Client, akt: str, key: str, **typed: str) -> httpx.Response:
    path = "brev/text" if key == "brev" else key
    return client.post(f"{BASE}/akt/{akt}/ny/{path}", data=typed)


def alerts(page: httpx.Response) -> list[str]:
    return [unescape(w) for w in re.findall(r"<p>(.*?)</p>", page.text.partition('role="alert"')[2])]


def rows(client: httpx.Client, listing: str, **asked: str) -> list[list[str]]:
    page = client.get(f"{BASE}/{listing}", params=asked).text
    found = re.findall(r'<tr class="(?:row|faded)">(.*?)</tr>', page, re.DOTALL)
    return [[unescape(re.sub(r"<[^>]+>", "", c)).strip() for c in re.findall(r"<td[^>]*>(.*?)</td>", r)] for r in found]


# -- who may what -----------------------------------------------------------------------------------------------------


def test_login_says_what_is_wrong_and_leads_on(still: TownProcess) -> None:
    with still.browser() as client:
        asked = client.get(f"{BASE}/akter")
        assert "<h1>Inloggning</h1>" in asked.text
        wrong = client.post(f"{BASE}/logga-in", data={"ident": "ragnhild", "kod": "fel"})
        assert (wrong.status_code, "Inloggningen misslyckades." in wrong.text) == (401, True)
        right = client.post(
            f"{BASE}/logga-in", data={"ident": "ragnhild", "kod": "journal-pass", "sida": asked.url.params["sida"]}
        )
        assert right.url.path == f"{BASE}/akter"


@pytest.mark.parametrize("address", ["/ny-akt", "/akt/{akt}/ny/anteckning", "/akt/{akt}/ny/brev"])
def test_a_reader_gets_no_form_and_no_buttons(still: TownProcess, reader: httpx.Client, address: str) -> None:
    akt = begun(still)

    assert "Du har läsbehörighet och kan inte ändra något." in reader.get(BASE + address.format(akt=akt)).text
    assert "Ny part" not in reader.get(f"{BASE}/akt/{akt}/oversikt").text
    assert "Ny akt" not in reader.get(f"{BASE}/akter").text


def test_a_reader_changes_nothing_by_any_address(still: TownProcess, reader: httpx.Client) -> None:
    akt = begun(still)
    answers = [
        add(reader, akt, "anteckning", text="Hej"),
        reader.post(f"{BASE}/ny-akt", data=form_of(still)),
        reader.post(f"{BASE}/akt/{akt}/slapp"),
    ]

    assert [a.status_code for a in answers] == [403] * 3


def test_whoever_journals_does_not_approve(still: TownProcess, officer: httpx.Client) -> None:
    akt, protocol = with_protocol(still, "Utkast")
    assert "Godkänn" in officer.get(f"{BASE}/akt/{akt}/kort/{protocol}").text, "the way is shown, and closed"

    answer = officer.post(f"{BASE}/protokoll/{protocol}/godkann")

    assert (answer.status_code, NO_DELEGATION in answer.text) == (403, True)
    assert with_protocol(still, "Utkast") == (akt, protocol)


def test_the_second_page_of_a_session_tells_of_what_waits_and_no_other(still: TownProcess) -> None:
    with still.browser() as client:
        asked = {"ident": "ragnhild", "kod": "journal-pass", "sida": f"{BASE}/akter"}
        client.post(f"{BASE}/logga-in", data=asked)
        told = ["alert(" in client.get(f"{BASE}/").text for _ in range(4)]

    assert told == [False, True, False, False]


# -- lists and cards --------------------------------------------------------------------------------------------------


def test_lists_have_pages_and_hide_what_is_closed(still: TownProcess, officer: httpx.Client) -> None:
    page = officer.get(f"{BASE}/akter").text
    shown, total = re.findall(r"Visar 1–(\d+) av (\d+) träffar", page)[0]
    everything = re.findall(r"av (\d+) träffar", officer.get(f"{BASE}/akter", params={"avslutade": "ja"}).text)[0]

    assert int(shown) == 20 < int(total) < int(everything)
    assert len(rows(officer, "akter", sida="2")) == int(total) - 20
    assert {r[5] for r in rows(officer, "akter")} == {"Öppen"}


@pytest.mark.parametrize(
    ("listing", "asked", "words"),
    [
        ("akter", {"aktnr": "FR-1999-0001"}, "Inga akter hittades."),
        ("anmalningar", {"beteckning": "KC-1"}, "Inga anmälningar hittades."),
        ("tider", {"till": "1999-01-01"}, "Inga lediga tider hittades."),
        ("handelser", {"referens": "R-0"}, "Inga händelser hittades."),
    ],
)
def test_absence_has_words(
    still: TownProcess, officer: httpx.Client, listing: str, asked: dict[str, str], words: str
) -> None:
    page = officer.get(f"{BASE}/{listing}", params=asked).text

    assert words in page
    assert "träff" not in page


def test_a_reference_in_a_closed_akt_is_found_with_the_tick_only(still: TownProcess, officer: httpx.Client) -> None:
    assert rows(officer, "handelser", referens="REGISTERKONTROLL") == []
    assert len(rows(officer, "handelser", referens="REGISTERKONTROLL", avslutade="ja")) == 1


def test_a_protected_parent_stands_nowhere(still: TownProcess, officer: httpx.Client) -> None:
    told = told_by(still, "protected")
    names = [still.control.get(f"/people/{n}").json()["name"] for n in told["parents"]]

    (row,) = rows(officer, "anmalningar", beteckning=told["case_number"])
    card = officer.get(f"{BASE}/anmalan/{told['number']}").text

    assert row[-1] == "Skyddade personuppgifter"
    assert rows(officer, "anmalningar", personnr=told["parents"][0]) == []
    for word in (*names, *told["parents"]):
        assert word not in card
        assert word not in " ".join(row)


def test_a_notification_tells_what_stands_in_the_way(still: TownProcess, officer: httpx.Client) -> None:
    def card(twist: str) -> str:
        return officer.get(f"{BASE}/anmalan/{told_by(still, twist)['number']}").text

    assert re.search(r"Ålder</td><td>1[67] år", card("minor_parent"))
    assert "Gift" in card("married")
    assert "Norge" in card("foreign_residence")
    assert "Barnet är fött" in card("not_same_address")
    assert "Tvekan om föräldraskapet</dt><dd>Ja" in card("doubt")
    assert "Tvekan om föräldraskapet</dt><dd>Nej" in card("normal")


def test_unknown_addresses_get_a_page_of_the_system(still: TownProcess, officer: httpx.Client) -> None:
    for address in ("/finns-inte", "/akt/FR-1", "/akt/FR-1/brev", "/akt/FR-1/ny/part", "/anmalan/AN-1"):
        answer = officer.get(BASE + address)
        assert (answer.status_code, "<h1>Hittades inte</h1>" in answer.text) == (404, True)


# -- opening an akt ---------------------------------------------------------------------------------------------------


def test_opens_an_akt_with_its_parents(town: TownProcess, officer: httpx.Client) -> None:
    answer = officer.post(f"{BASE}/ny-akt", data=form_of(town))

    assert "Uppgifterna är sparade." in answer.text
    (made,) = town.truth(KEY)
    told = told_by(town)
    assert (made["kind"], made["about"], made["facts"]["parents"]) == (
        "akt_opened", told["case_number"], told["parents"],
    )  # fmt: skip
    akt = act(town, "akter", number=made["facts"]["record"])[0]
    assert [p["role"] for p in akt["parties"]] == ["Förälder", "Förälder"]


@pytest.mark.parametrize(
    ("twist", "changed", "words"),
    [
        ("minor_parent", {}, "En av föräldrarna är under 18 år. Förenklad handläggning kan inte användas."),
        ("married", {}, "En av föräldrarna är gift. Förenklad handläggning kan inte användas."),
        ("foreign_residence", {}, "Båda föräldrarna ska vara folkbokförda i Sverige vid förenklad handläggning."),
        ("not_same_address", {}, "Föräldrarna är inte folkbokförda på samma adress."),
        ("protected", {}, "Personen har skyddade personuppgifter."),
        ("akt_exists", {}, "Det finns redan en öppen akt: FR-"),
        ("doubt", {"tvekan": "Ja"}, "Förenklad handläggning kan inte användas vid tvekan"),
        ("normal", {"assisterad": "Ja"}, "Förenklad handläggning kan inte användas vid tvekan"),
        ("normal", {"fodelse": "2026-08-15"}, "Bekräftelse kan göras tidigast i graviditetsvecka 23."),
        ("normal", {"fodelse": "", "barn": ""}, "Ange beräknad födelse eller barnets personnummer."),
        ("normal", {"fodelse": "15 juli"}, "Beräknad födelse ska anges som ÅÅÅÅ-MM-DD."),
        ("normal", {"foralder1": "19000101-9801"}, "Personnumret finns inte i befolkningsregistret."),
        ("normal", {"beteckning": ""}, "Ange vår beteckning."),
        ("normal", {"form": ""}, "Välj handläggningsform."),
        ("normal", {"referens": "R" * 41}, "Referensen får vara högst 40 tecken."),
    ],
)
def test_what_stands_in_the_way_of_an_akt(
    still: TownProcess, officer: httpx.Client, twist: str, changed: dict[str, str], words: str
) -> None:
    answer = officer.post(f"{BASE}/ny-akt", data=form_of(still, twist, **changed))

    assert any(said.startswith(words) for said in alerts(answer)), alerts(answer)


def test_an_inquiry_may_be_opened_where_confirmation_is_not_enough(town: TownProcess, officer: httpx.Client) -> None:
    officer.post(f"{BASE}/ny-akt", data=form_of(town, "not_same_address", form="Utredning"))

    assert [c["kind"] for c in town.truth(KEY)] == ["akt_opened"]


# -- in an akt --------------------------------------------------------------------------------------------------------


def test_a_note_is_found_by_its_reference(town: TownProcess, officer: httpx.Client) -> None:
    akt = begun(town)
    add(officer, akt, "anteckning", text="Ringde.", referens="R-7")

    (row,) = rows(officer, "handelser", referens="R-7")
    (made,) = town.truth(KEY, "note_added")
    assert (row[2], row[4], made["about"]) == (akt, made["facts"]["record"], akt)
    assert "Ringde." in officer.get(f"{BASE}/akt/{akt}/journal").text


def test_the_same_person_is_a_party_once(town: TownProcess, officer: httpx.Client) -> None:
    akt, child = begun(town), told_by(town, "not_same_address")["child"]
    adult = told_by(town)["parents"][0]

    assert alerts(add(officer, akt, "part", personnummer=adult, roll="Barn")) == ["Ett barn är under 18 år."]
    assert alerts(add(officer, akt, "part", personnummer=child, roll="Barn")) == []
    assert alerts(add(officer, akt, "part", personnummer=child, roll="Barn")) == ["Personen är redan part i akten."]
    assert len(town.truth(KEY, "party_added")) == 1


def test_a_protocol_is_drawn_up_once_and_as_a_draft(town: TownProcess, officer: httpx.Client) -> None:
    akt = begun(town)
    add(officer, akt, "protokoll", typ="S-protokoll")

    assert alerts(add(officer, akt, "protokoll", typ="S-protokoll")) == ["Det finns redan ett protokoll i akten."]
    (protocol,) = act(town, "akter", number=akt)[0]["protocols"]
    assert (protocol["status"], protocol["by"]) == ("Utkast", "Ragnhild (robot)")


def test_a_visiting_time_belongs_to_whoever_is_first(town: TownProcess, officer: httpx.Client) -> None:
    akt, ((day, hour), (next_day, next_hour)) = begun(town), act(town, "free_times")[:2]
    act(town, "take_slot", day=day, hour=hour)

    taken = add(officer, akt, "bokning", datum=day, klockslag=hour)
    assert alerts(taken) == [f"Tiden {day} {hour} är redan bokad. Välj en annan tid."]
    assert alerts(add(officer, akt, "bokning", datum=next_day, klockslag=next_hour)) == []
    again = add(officer, akt, "bokning", datum=next_day, klockslag=next_hour)
    assert [c["facts"]["day"] for c in town.truth(KEY)] == [next_day]
    assert "redan bokad" in alerts(again)[0]
    assert [next_day, next_hour] not in act(town, "free_times")
    assert "tar inte emot besök" in alerts(add(officer, akt, "bokning", datum="2026-03-18", klockslag=hour))[0]


def test_an_akt_has_one_visit_ahead(town: TownProcess, officer: httpx.Client) -> None:
    akt, (first, second) = begun(town), act(town, "free_times")[:2]
    add(officer, akt, "bokning", datum=first[0], klockslag=first[1])

    assert alerts(add(officer, akt, "bokning", datum=second[0], klockslag=second[1])) == [
        "Akten har redan ett bokat besök."
    ]


def test_letters_come_in_order_two_weeks_apart_and_three_reminders_at_most(
    town: TownProcess, officer: httpx.Client
) -> None:
    officer.post(f"{BASE}/ny-akt", data=form_of(town))
    akt = town.truth(KEY)[0]["facts"]["record"]

    def send(kind: str) -> list[str]:
        return alerts(add(officer, akt, "brev", typ=kind, text="Välkomna."))

    assert send("Kallelse") == ["Boka ett besök innan du skickar en kallelse."]
    assert send("Påminnelse") == ["Skicka en kallelse innan du skickar en påminnelse."]
    day, hour = act(town, "free_times")[0]
    add(officer, akt, "bokning", datum=day, klockslag=hour)
    assert send("Kallelse") == []
    for _ in range(3):
        act(town, "let_days_pass", akt=akt, days=13)
        assert send("Påminnelse")[0].startswith("Det ska gå två veckor")
        act(town, "let_days_pass", akt=akt, days=1)
        assert send("Påminnelse") == []
    act(town, "let_days_pass", akt=akt, days=14)
    assert send("Påminnelse") == ["Tre påminnelser har skickats. Fler kan inte skickas."]
    assert [c["facts"]["letter_kind"] for c in town.truth(KEY, "letter_sent")] == ["Kallelse", *["Påminnelse"] * 3]


def test_the_case_of_three_reminders_has_had_them(still: TownProcess, officer: httpx.Client) -> None:
    answer = add(officer, begun(still, "three_reminders"), "brev", typ="Påminnelse", text="Hej")

    assert alerts(answer) == ["Tre påminnelser har skickats. Fler kan inte skickas."]


def test_skatteverket_is_told_after_approval_and_once(town: TownProcess, officer: httpx.Client) -> None:
    akt, protocol = with_protocol(town, "Utkast")

    def report(**more: str) -> list[str]:
        told = {"protokoll": protocol, "anmalt": TODAY, "satt": "E-tjänst"} | more
        return alerts(add(officer, akt, "skatteverket", **told))

    assert report() == ["Protokollet är inte godkänt. Anmälan till Skatteverket kan inte registreras."]
    act(town, "approve", protocol=protocol)
    assert "inte ligga i framtiden" in report(anmalt="2026-03-18")[0]
    assert report() == []
    assert report() == [f"Protokollet är redan anmält till Skatteverket {TODAY}."]
    assert [c["facts"]["protocol"] for c in town.truth(KEY)] == [protocol]


# -- locks ------------------------------------------------------------------------------------------------------------


def test_a_locked_akt_can_be_read_and_not_changed(town: TownProcess, officer: httpx.Client) -> None:
    akt = begun(town)
    act(town, "lock", akt=akt, by="Berit Holm")

    assert 'alert("Akten är låst av Berit Holm. Du kan läsa' in officer.get(f"{BASE}/akt/{akt}").text
    assert ">Spara<" not in officer.get(f"{BASE}/akt/{akt}/ny/anteckning").text
    assert alerts(add(officer, akt, "anteckning", text="Hej")) == ["Akten är låst av Berit Holm."]
    act(town, "unlock", akt=akt)
    assert alerts(add(officer, akt, "anteckning", text="Hej")) == []


def test_a_form_locks_the_akt_until_it_is_saved_or_left(town: TownProcess, officer: httpx.Client) -> None:
    akt = begun(town)

    def locked_by() -> str:
        return str(act(town, "akter", number=akt)[0]["locked_by"])

    ways: list[Callable[[], object]] = [
        lambda: officer.post(f"{BASE}/akt/{akt}/slapp"),
        lambda: add(officer, akt, "anteckning", text="Hej"),
    ]
    for leave in ways:
        officer.get(f"{BASE}/akt/{akt}/ny/anteckning")
        assert locked_by() == "Ragnhild (robot)"
        leave()
        assert locked_by() == ""


def test_a_closed_akt_takes_nothing_more(town: TownProcess, officer: httpx.Client) -> None:
    akt = begun(town)
    act(town, "close", akt=akt)

    assert "Akten är avslutad." in officer.get(f"{BASE}/akt/{akt}/ny/part").text
    assert alerts(add(officer, akt, "anteckning", text="Hej")) == ["Akten är avslutad. Inget kan läggas till."]
    assert town.truth(KEY) == []


def test_what_is_typed_is_shown_as_text(town: TownProcess, officer: httpx.Client) -> None:
    akt = begun(town)
    add(officer, akt, "anteckning", text="<script>alert(1)</script>")

    assert "<script>alert(1)" not in officer.get(f"{BASE}/akt/{akt}/journal").text


def test_the_same_seed_gives_the_same_records(town: TownProcess) -> None:
    first = act(town, "akter"), act(town, "notifications")
    town.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()

    assert (act(town, "akter"), act(town, "notifications")) == first
