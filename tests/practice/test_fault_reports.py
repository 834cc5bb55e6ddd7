"""Felanmälan as a robot meets it: over HTTP, by the questions that its page asks."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from robots.practice.fault_reports.state import CATEGORIES, DANGERS, FINISHED
from tests.practice.conftest import USERS, TownProcess, acting_in

KEY, ROOT = "fault_reports", "/felanmalan"
act = acting_in(KEY)
PASSWORDS = {u["name"]: u["password"] for u in USERS["users"]}
GRAFFITI = {"grupp": "Klotter och skräp", "kategori": "Klotter"}
LAMP = {"grupp": "Belysning", "kategori": "Gatlampa lyser inte"}
PHOTO = b"\xff\xd8\xff\xe0 en bild"


def log_in(browser: httpx.Client, name: str = "ragnhild") -> str:
    answer = browser.post(f"{ROOT}/logga-in", data={"anvandarnamn": name, "losenord": PASSWORDS[name]})
    assert 'data-part="view"' in answer.text
    return answer.text


@pytest.fixture
def client(town: TownProcess) -> Iterator[httpx.Client]:
    with town.browser() as browser:
        log_in(browser)
        yield browser


def place(town: TownProcess, twist: str = "normal", number: int = 0) -> dict[str, str]:
    found = act(town, "place", property_id=town.case("fault_report", twist, number)["property_id"])
    return {"n": str(found["n"]), "e": str(found["e"])}


def get(client: httpx.Client, address: str, **query: str) -> Any:
    return client.get(f"{ROOT}/api/{address}/rows", params=query).json()


def report(client: httpx.Client, told: dict[str, str], *photos: tuple[str, bytes]) -> httpx.Response:
    form = {"beskrivning": "Det står något på väggen.", "referens": "R-000000000001"} | told
    files = [("bilder", (name, content, "image/jpeg")) for name, content in photos]
    return client.post(f"{ROOT}/api/anmalningar", data=form, files=files or None)


def no(answer: httpx.Response) -> str:
    return " ".join(answer.json()["fel"])


# -- looking --------------------------------------------------------------------------------------------------------


def test_who_has_no_session_gets_no_answer_and_no_login_page(town: TownProcess) -> None:
    with town.browser() as browser:
        answer = browser.get(f"{ROOT}/api/plats/rows")

    assert (answer.status_code, answer.json()) == (401, {"fel": ["Du är utloggad."]})


def test_an_address_is_found_where_the_property_lies(client: httpx.Client, town: TownProcess) -> None:
    home = town.control.get(f"/properties/{town.case('fault_report')['property_id']}").json()
    found = get(client, "adresser", q=home["street"].upper())

    assert found["rader"][0] == {"adress": home["street"]} | {k: int(v) for k, v in place(town).items()}
    assert get(client, "adresser", q="Ingenstansgatan 1") == {"antal": 0, "rader": []}
    many = get(client, "adresser", q=home["street"].partition(" ")[0])
    assert (many["antal"], len(many["rader"])) == (80, 6)


@pytest.mark.parametrize(("twist", "own"), [("normal", True), ("danger", True), ("other_road_owner", False)])
def test_the_road_owner_is_told_by_place(client: httpx.Client, town: TownProcess, twist: str, own: bool) -> None:
    home = town.control.get(f"/properties/{town.case('fault_report', twist)['property_id']}").json()
    told = get(client, "plats", **place(town, twist))

    assert (told["inom"], told["egen"], told["vaghallare"]) == (True, own, home["road_owner"])


@pytest.mark.parametrize(("n", "e"), [("6579000", "512000"), ("6581000", "520000"), ("", ""), ("x", "512000")])
def test_outside_the_municipality_nothing_is_told(client: httpx.Client, n: str, e: str) -> None:
    assert get(client, "plats", n=n, e=e) == {"inom": False}


def test_a_duplicate_is_near_in_place_and_time_and_not_mended(client: httpx.Client, town: TownProcess) -> None:
    for number in range(2):
        (near,) = get(client, "plats", **place(town, "duplicate", number))["nara"]
        assert (near["meter"], near["status"]) == (15, "Ny")
        act(town, "set_status", number=near["nr"], status="Åtgärdad")
        assert get(client, "plats", **place(town, "duplicate", number))["nara"] == []
    assert get(client, "plats", **place(town))["nara"] == []  # 70 m off, 15 days ago, mended yesterday


def test_the_list_is_filtered_and_comes_part_by_part(client: httpx.Client) -> None:
    some, every = get(client, "anmalningar"), get(client, "anmalningar", avslutade="ja")
    mended = get(client, "anmalningar", status="Åtgärdad")
    rest = get(client, "anmalningar", avslutade="ja", visade="12")

    assert some["antal"] < every["antal"]
    assert (len(every["rader"]), len(rest["rader"])) == (12, 12)
    assert not {r["nr"] for r in every["rader"]} & {r["nr"] for r in rest["rader"]}
    assert {r["status"] for r in mended["rader"]} == {"Åtgärdad"}
    assert {r["status"] for r in some["rader"]}.isdisjoint(FINISHED)
    assert {r["grupp"] for r in get(client, "anmalningar", grupp="Belysning")["rader"]} == {"Belysning"}
    assert get(client, "anmalningar", sok=every["rader"][0]["nr"], avslutade="ja")["antal"] == 1


# -- reporting ------------------------------------------------------------------------------------------------------


def test_a_fault_is_reported_with_its_photo_and_found_by_its_reference(client: httpx.Client, town: TownProcess) -> None:
    number = report(client, place(town) | GRAFFITI | {"inga_personer": "ja"}, ("klotter å.jpg", PHOTO)).json()["nr"]

    (made,) = town.truth(KEY)
    assert (made["kind"], made["about"], made["facts"]["number"]) == ("fault_reported", "Klotter", number)
    assert made["facts"]["pictures"] == [sha256(PHOTO).hexdigest()]
    assert [r["nr"] for r in get(client, "anmalningar", referens="R-000000000001")["rader"]] == [number]
    card = get(client, f"anmalningar/{number}")
    assert (card["bilder"], card["status"], len(card["anteckningar"])) == ("klotter å.jpg", "Ny", 1)


def test_a_real_png_is_a_picture(client: httpx.Client, town: TownProcess) -> None:
    drawn = BytesIO()
    Image.new("RGB", (4, 4)).save(drawn, "PNG")
    answer = report(client, place(town) | GRAFFITI | {"inga_personer": "ja"}, ("a.png", drawn.getvalue()))

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"n": "", "e": ""}, "Sätt ut platsen på kartan."),
        ({"n": "6579000"}, "Platsen ligger utanför Tallinge kommun."),
        ({"kategori": ""}, "Välj en kategori."),
        ({"kategori": "Hål i vägen"}, "Välj en kategori."),
        ({"beskrivning": "Oj"}, "Beskriv felet."),
        ({"beskrivning": "x" * 1001}, "Beskrivningen får vara högst 1000 tecken."),
        ({"referens": "R" * 41}, "Extern referens får vara högst 40 tecken."),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    client: httpx.Client, town: TownProcess, more: dict[str, str], words: str
) -> None:
    assert no(report(client, place(town) | GRAFFITI | more)) == words
    assert town.truth(KEY) == []


@pytest.mark.parametrize(
    ("photos", "more", "words"),
    [
        ([("a.jpg", PHOTO)], {}, "Bekräfta att inga personer syns på bilderna."),
        ([("a.pdf", b"%PDF-1.4")], {"inga_personer": "ja"}, "a.pdf är ingen bild (JPEG eller PNG)."),
        ([("a.jpg", PHOTO)] * 4, {"inga_personer": "ja"}, "Högst 3 bilder kan bifogas."),
        ([("a.jpg", PHOTO + bytes(5_000_000))], {"inga_personer": "ja"}, "a.jpg är större än 5 MB."),
    ],
)
def test_photos_are_pictures_without_people(
    client: httpx.Client, town: TownProcess, photos: list[tuple[str, bytes]], more: dict[str, str], words: str
) -> None:
    assert no(report(client, place(town) | GRAFFITI | more, *photos)) == words
    assert town.truth(KEY) == []


@pytest.mark.parametrize("leaf", sorted(DANGERS))
def test_a_danger_is_for_those_on_duty_first(client: httpx.Client, town: TownProcess, leaf: str) -> None:
    group = next(g for g, leaves in CATEGORIES.items() if leaf in leaves)
    told = place(town, "danger") | {"grupp": group, "kategori": leaf}

    assert no(report(client, told)).startswith("Fara för liv eller hälsa. Ring jouren, 0199-112 00")
    assert town.truth(KEY) == []
    assert report(client, told | {"jour": "Kim"}).status_code == 201


def test_somebody_elses_road_is_not_ours_to_mend(client: httpx.Client, town: TownProcess) -> None:
    there = place(town, "other_road_owner")

    assert no(report(client, there | LAMP)) == "Trafikverket är väghållare här. Hänvisa anmälaren dit."
    assert town.truth(KEY) == []
    assert report(client, there | GRAFFITI).status_code == 201


# -- notes ----------------------------------------------------------------------------------------------------------


def note(client: httpx.Client, number: str, text: str) -> httpx.Response:
    return client.post(f"{ROOT}/api/anmalningar/{number}/anteckningar", json={"text": text})


def test_a_note_stands_in_the_report_and_is_found_there(client: httpx.Client, town: TownProcess) -> None:
    number = act(town, "reports")[0]["nr"]
    assert note(client, number, "En till [R-1]").status_code == 201

    assert [(c["kind"], c["about"]) for c in town.truth(KEY)] == [("note_added", number)]
    assert len(get(client, f"anmalningar/{number}")["anteckningar"]) == 2
    assert [n["text"] for n in get(client, f"anmalningar/{number}", anteckning="R-1")["anteckningar"]] == [
        "En till [R-1]"
    ]


def test_a_report_that_a_colleague_works_in_takes_no_note(client: httpx.Client, town: TownProcess) -> None:
    number = act(town, "reports")[0]["nr"]
    act(town, "open_at", number=number)
    assert no(note(client, number, "Hej")) == "Anmälan är öppen hos Kim på gatudriften."
    act(town, "open_at", number=number, who="")
    assert no(note(client, number, "  ")) == "Skriv en anteckning på högst 1000 tecken."
    assert no(note(client, "FA-1", "Hej")) == "Anmälan finns inte."
    assert town.truth(KEY) == []


def test_who_may_only_look_changes_nothing(town: TownProcess) -> None:
    with town.browser() as browser:
        assert 'data-journal="nej"' in log_in(browser, "lasare")
        answers = [report(browser, place(town) | GRAFFITI), note(browser, act(town, "reports")[0]["nr"], "Hej")]

    assert [(a.status_code, no(a)) for a in answers] == [(403, "Din roll får läsa men inte ändra.")] * 2
    assert town.truth(KEY) == []
