"""Vigselbokningen as a robot meets it: roles, the calendar, the race for a time, the rules, and what is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import httpx
import pytest

from robots.practice.civil_weddings import roster
from tests.plain_http import NO_TLS
from tests.practice.conftest import TownProcess, acting_in

BASE, KEY = "/vigsel", "civil_weddings"
act = acting_in(KEY)
TODAY = "2026-11-23"
WITNESSES = {"vittne1": "Vera Tall", "vittne2": "Ivar Strand"}


@pytest.fixture(scope="module")
def weddings(town_process: TownProcess) -> Iterator[TownProcess]:
    """The town on a Monday. Tests that only read share it."""
    town_process.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    yield town_process
    town_process.control.post("/reset", json={"seed": 1, "today": date.today().isoformat()}).raise_for_status()


@pytest.fixture
def fresh(weddings: TownProcess) -> TownProcess:
    """The same Monday, where nothing has happened yet."""
    weddings.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    return weddings


@pytest.fixture
def visitor(weddings: TownProcess) -> Iterator[httpx.Client]:
    with weddings.browser() as made:
        yield made


def log_in(visitor: httpx.Client, name: str, password: str) -> httpx.Client:
    visitor.post(f"{BASE}/logga-in", data={"anvandarnamn": name, "losenord": password}).raise_for_status()
    return visitor


@pytest.fixture
def officer(visitor: httpx.Client) -> httpx.Client:
    return log_in(visitor, "ragnhild", "journal-pass")


@pytest.fixture
def reader(visitor: httpx.Client) -> httpx.Client:
    return log_in(visitor, "lasare", "read-pass")


def application(town: TownProcess, twist: str = "normal", place: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = act(town, "application_of", case=town.case("wedding_booking", twist, place)["number"])
    return told


def reserve(visitor: httpx.Client, one: dict[str, Any], **other: str) -> httpx.Response:
    wish = one["wish"]
    form = {"arende": one["number"], "dag": wish["day"], "tid": wish["time"], "lokal": wish["place"], "referens": "R-1"}
    return visitor.post(f"{BASE}/reservation", data=form | other)


def confirm(visitor: httpx.Client, one: dict[str, Any], **other: str) -> httpx.Response:
    officiant = roster.officiants_on(date.fromisoformat(one["wish"]["day"]))[0]
    form = WITNESSES | {"forrattare": officiant, "referens": "R-2"} | other
    return visitor.post(f"{BASE}/arenden/{one['number']}/bekrafta", data=form)


def words(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def alert(page: httpx.Response) -> str:
    told = re.search(r'role="alert">(.*?)</(?:p|div)>\s*<', page.text, re.DOTALL)
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", told[1]).split())) if told else ""


def rows(visitor: httpx.Client, listing: str, **asked: str) -> list[list[str]]:
    page = visitor.get(f"{BASE}/{listing}/rows", params=asked).text
    found = re.findall(r"<tr(?: class[^>]*)?>((?:<td>.*?</td>)+)</tr>", page)
    return [[unescape(re.sub(r"<[^>]+>", "", c)) for c in re.findall(r"<td>(.*?)</td>", row)] for row in found]


# -- the way in -----------------------------------------------------------------------------------------------------


def test_login_is_in_the_systems_own_words(visitor: httpx.Client) -> None:
    page = visitor.get(f"{BASE}/")
    assert (page.url.path, "<h1>Logga in</h1>" in page.text) == (f"{BASE}/logga-in", True)
    wrong = visitor.post(f"{BASE}/logga-in", data={"anvandarnamn": "ragnhild", "losenord": "fel"})
    assert (wrong.status_code, "Fel användarnamn eller lösenord." in wrong.text) == (401, True)


@pytest.mark.parametrize(
    "path", ["/", "/kalender", "/kalender/rows", "/arenden", "/handelser/rows", "/arenden/V-1", "/x"]
)
def test_nobody_sees_anything_without_a_session(visitor: httpx.Client, path: str) -> None:
    assert visitor.get(BASE + path).url.path == f"{BASE}/logga-in"


def test_the_calendar_is_closed_for_maintenance_in_its_own_words(weddings: TownProcess, visitor: httpx.Client) -> None:
    weddings.control.post("/faults", json={"system": KEY, "kind": "down", "seconds": 5}).raise_for_status()
    page = visitor.get(f"{BASE}/")
    assert (page.status_code, "<h1>Kalendern är stängd</h1>" in page.text) == (503, True)


@pytest.mark.parametrize("path", ["/x", "/arenden/V-1", "/arenden/V-1/bekrafta", "/reservation?arende=V-1"])
def test_an_unknown_address_is_answered_in_the_systems_style(officer: httpx.Client, path: str) -> None:
    page = officer.get(BASE + path)
    assert (page.status_code, "<h1>Sidan finns inte</h1>" in page.text) == (404, True)


def test_who_may_only_read_gets_no_card_to_drag_no_form_and_no_change(
    weddings: TownProcess, reader: httpx.Client
) -> None:
    one = application(weddings)
    assert one["number"] in reader.get(f"{BASE}/kalender").text
    assert "data-kort=" not in reader.get(f"{BASE}/kalender").text
    assert "Ny anteckning" not in reader.get(f"{BASE}/arenden/{one['number']}").text
    for answer in (
        reserve(reader, one), confirm(reader, one), reader.get(f"{BASE}/arenden/{one['number']}/anteckning"),
        reader.get(f"{BASE}/arenden/{one['number']}/bekrafta"),
        reader.post(f"{BASE}/arenden/{one['number']}/anteckning", data={"text": "x"}),
    ):  # fmt: skip
        assert (answer.status_code, "Du har läsbehörighet." in answer.text) == (403, True)
    assert weddings.truth(KEY) == []


def test_the_start_page_tells_what_is_near(weddings: TownProcess, reader: httpx.Client) -> None:
    page = reader.get(f"{BASE}/")
    assert "<h1>Start</h1>" in page.text
    assert re.search(r"\d+ vigslar väntar på en tid\.", words(page))
    days = re.findall(r"<td>(\d{4}-\d\d-\d\d) kl\.", page.text)
    assert days == sorted(days)
    assert len(days) > 5


# -- the calendar and the lists -------------------------------------------------------------------------------------


def test_a_month_tells_how_many_times_are_free_and_a_week_which(weddings: TownProcess, reader: httpx.Client) -> None:
    wish = application(weddings)["wish"]
    asked = {"lokal": wish["place"], "dag": wish["day"]}
    month = words(reader.get(f"{BASE}/kalender/rows", params=asked | {"vy": "manad"}))
    week = words(reader.get(f"{BASE}/kalender/rows", params=asked | {"vy": "vecka"}))
    assert "december 2026 · " + wish["place"] in month
    assert re.search(r"\b19 8 lediga\b", month)
    assert "vecka 51, 2026 · " + wish["place"] in week
    assert "fre 18/12 lör 19/12" in week
    assert week.count("Ledig") == len(roster.FRIDAY_TIMES) + len(roster.SATURDAY_TIMES)


def test_the_calendar_remembers_what_its_user_looked_at(reader: httpx.Client) -> None:
    reader.get(f"{BASE}/kalender/rows", params={"lokal": "Vigselrummet", "dag": "2027-02-06"})
    assert "<option selected>Vigselrummet" in reader.get(f"{BASE}/kalender").text
    assert "februari 2027 · Vigselrummet" in reader.get(f"{BASE}/kalender/rows").text
    with httpx.Client(base_url=reader.base_url, follow_redirects=True, verify=NO_TLS) as other:
        assert "<option selected>Kvarnsalen" in log_in(other, "ragnhild", "journal-pass").get(f"{BASE}/kalender").text


def test_a_couple_is_found_by_either_of_the_two(weddings: TownProcess, reader: httpx.Client) -> None:
    one = application(weddings)
    for number in one["couple"]:
        assert [row[0] for row in rows(reader, "arenden", persnr=number)] == [one["number"]]


@pytest.mark.parametrize(
    ("listing", "asked", "absent"),
    [("arenden", {"persnr": "18990101"}, "Inga vigselärenden hittades."),
     ("handelser", {"referens": "R-0"}, "Inga händelser hittades.")],
)  # fmt: skip
def test_a_list_says_in_words_that_it_is_empty(
    reader: httpx.Client, listing: str, asked: dict[str, str], absent: str
) -> None:
    assert absent in words(reader.get(f"{BASE}/{listing}/rows", params=asked))


def test_what_is_over_is_hidden_until_the_box_is_ticked(fresh: TownProcess, reader: httpx.Client) -> None:
    number = application(fresh)["number"]
    act(fresh, "set_status", number=number, status="Vigd")
    for listing in ("arenden", "handelser"):
        assert rows(reader, listing, nummer=number) == []
        assert len(rows(reader, listing, nummer=number, avslutade="ja")) == 1


# -- cards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("twist", "said"),
    [("normal", ["Avgift 0 kr", "Inget skydd", "Ingen tid är bokad", "Inga vittnen", "Öppet hos Ingen"]),
     ("not_resident", ["Avgift 800 kr", "Folkbokförda i Tallinge Ingen"]),
     ("outside_premises", ["Önskad plats Egen plats:"]),
     ("protected", ["Skydd Skyddade personuppgifter", "Part 1 Skyddade personuppgifter"])],
)  # fmt: skip
def test_the_card_says_what_the_twist_is(
    weddings: TownProcess, reader: httpx.Client, twist: str, said: list[str]
) -> None:
    shown = words(reader.get(f"{BASE}/arenden/{application(weddings, twist)['number']}"))
    for phrase in said:
        assert phrase in shown


def test_a_protected_couple_has_no_names_anywhere(weddings: TownProcess, reader: httpx.Client) -> None:
    one = application(weddings, "protected")
    for citizen in one["couple"]:
        name = weddings.control.get(f"/people/{citizen}").json()["name"]
        on_the_board = reader.get(f"{BASE}/kalender").text.partition(f"<b>{one['number']}</b>")[2].partition("<b>")[0]
        in_the_list = reader.get(f"{BASE}/arenden/rows", params={"nummer": one["number"]}).text
        on_the_card = reader.get(f"{BASE}/arenden/{one['number']}").text
        for shown in (on_the_board, in_the_list, on_the_card):
            assert "Skyddade personuppgifter" in shown
            assert name not in shown


def test_the_fees_are_the_systems_own(reader: httpx.Client) -> None:
    shown = words(reader.get(f"{BASE}/avgifter"))
    assert "Minst en av er är folkbokförd i Tallinge 0 kr" in shown
    assert "Ingen av er är folkbokförd i Tallinge 800 kr" in shown


@pytest.mark.parametrize(
    ("examined", "last"),
    [("2026-08-15", "2026-12-15"), ("2026-10-31", "2027-02-28"), ("2026-05-31", "2026-09-30"),
     ("2027-10-31", "2028-02-29")],
)  # fmt: skip
def test_a_certificate_is_good_for_four_months(examined: str, last: str) -> None:
    assert roster.valid_to(date.fromisoformat(examined)) == date.fromisoformat(last)


# -- reserving ------------------------------------------------------------------------------------------------------


def test_a_time_is_reserved_and_found_by_its_reference(fresh: TownProcess, officer: httpx.Client) -> None:
    one = application(fresh)
    page = reserve(officer, one)
    assert "Tiden är reserverad i tio minuter." in page.text
    (made,) = fresh.truth(KEY)
    assert (made["kind"], made["about"], made["by"]) == ("slot_reserved", one["number"], "ragnhild")
    assert {k: made["facts"][k] for k in ("day", "time", "place")} == one["wish"]
    (row,) = rows(officer, "handelser", referens="R-1")
    assert (row[0], row[3]) == (made["facts"]["happening"], "Tiden reserverad")
    assert act(fresh, "application", number=one["number"])["status"] == "Reserverad"


def test_the_box_repeats_what_was_dropped_where(weddings: TownProcess, officer: httpx.Client) -> None:
    one = application(weddings, "not_resident")
    wish = one["wish"]
    box = words(officer.get(f"{BASE}/reservation", params={
        "arende": one["number"], "dag": wish["day"], "tid": wish["time"], "lokal": wish["place"]}))  # fmt: skip
    for phrase in (one["number"], wish["day"], wish["time"], wish["place"], "Avgift 800 kr", "är inte bokad förrän"):
        assert phrase in box


def test_a_colleague_may_be_quicker(fresh: TownProcess, officer: httpx.Client) -> None:
    one = application(fresh, "slot_taken")
    assert one["wish"]["time"] in act(fresh, "free", place=one["wish"]["place"], day=one["wish"]["day"])
    page = reserve(officer, one)
    assert (page.status_code, alert(page)) == (409, "Tiden är inte längre ledig. Den togs nyss av Marianne Ek.")
    assert fresh.truth(KEY) == []
    assert one["wish"]["time"] not in act(fresh, "free", place=one["wish"]["place"], day=one["wish"]["day"])


def test_a_time_has_room_for_one_couple(fresh: TownProcess, officer: httpx.Client) -> None:
    one, other = application(fresh), application(fresh, place=1)
    wish = one["wish"]
    reserve(officer, one)
    page = reserve(officer, other, dag=wish["day"], tid=wish["time"], lokal=wish["place"])
    assert "Tiden är inte längre ledig." in alert(page)
    assert "Vigseln har redan en tid" in alert(reserve(officer, one, tid="15.00"))
    assert len(fresh.truth(KEY)) == 1


@pytest.mark.parametrize(
    ("twist", "other", "said"),
    [("normal", {"tid": "09.00"}, "ingen vigselförrättare i tjänst"),
     ("normal", {"dag": "2026-12-14"}, "ingen vigselförrättare i tjänst"),
     ("normal", {"dag": "2026-11-20", "tid": "13.00"}, "Välj en dag som inte har varit."),
     ("normal", {"dag": "2026-12-25"}, "ingen vigselförrättare i tjänst"),
     ("normal", {"dag": "i morgon"}, "ingen vigselförrättare i tjänst"),
     ("normal", {"lokal": "Kyrkan"}, "ingen vigselförrättare i tjänst"),
     ("normal", {"referens": "R" * 41}, "högst 40 tecken"),
     ("certificate_expires", {}, "Vigselintyget gäller bara till och med")],
)  # fmt: skip
def test_what_cannot_be_reserved(
    fresh: TownProcess, officer: httpx.Client, twist: str, other: dict[str, str], said: str
) -> None:
    page = reserve(officer, application(fresh, twist), **other)
    assert page.status_code == 409
    assert said in alert(page)
    assert fresh.truth(KEY) == []


def test_the_papers_must_be_in_two_weeks_before(fresh: TownProcess, officer: httpx.Client) -> None:
    one = application(fresh)
    act(fresh, "lose_certificate", number=one["number"])
    soon = reserve(officer, one, dag="2026-12-05", tid="11.00")
    assert alert(soon) == "Vigselintyget ska ha kommit in två veckor före vigseln."
    assert reserve(officer, one, dag="2027-01-09", tid="11.00").status_code == 200


def test_a_reservation_is_let_go_after_ten_minutes(fresh: TownProcess, officer: httpx.Client) -> None:
    one = application(fresh)
    reserve(officer, one)
    act(fresh, "let_pass", minutes=9)
    assert "Reserverad till" in officer.get(f"{BASE}/arenden/{one['number']}").text
    act(fresh, "let_pass", minutes=2)
    page = confirm(officer, one)
    assert alert(page) == "Reservationen har gått ut. Dra vigseln till en tid igen."
    assert [c["kind"] for c in fresh.truth(KEY)] == ["slot_reserved"]
    assert one["wish"]["time"] in act(fresh, "free", place=one["wish"]["place"], day=one["wish"]["day"])
    assert rows(officer, "handelser", nummer=one["number"])[0][3] == "Reservationen gick ut"


# -- confirming -----------------------------------------------------------------------------------------------------


def test_a_reserved_time_is_booked_with_two_witnesses(fresh: TownProcess, officer: httpx.Client) -> None:
    one = application(fresh, "not_resident")
    reserve(officer, one)
    assert "Bokningen är bekräftad." in confirm(officer, one).text
    made = fresh.truth(KEY)[-1]
    assert (made["kind"], made["about"], made["facts"]["fee"]) == ("wedding_booked", one["number"], 800)
    assert made["facts"]["witnesses"] == ["Vera Tall", "Ivar Strand"]
    act(fresh, "let_pass", minutes=60)
    assert act(fresh, "application", number=one["number"])["status"] == "Bokad"
    assert one["number"] not in officer.get(f"{BASE}/kalender").text.partition("data-kalender")[0]


@pytest.mark.parametrize(
    ("other", "said"),
    [({"vittne2": ""}, "Ange minst två vittnen."), ({"vittne2": "vera  tall"}, "måste vara olika personer"),
     ({"forrattare": "Kalle Kula"}, "inte i tjänst den dagen")],
)  # fmt: skip
def test_what_cannot_be_confirmed(fresh: TownProcess, officer: httpx.Client, other: dict[str, str], said: str) -> None:
    one = application(fresh)
    act(fresh, "hold", number=one["number"])
    page = confirm(officer, one, **other)
    assert page.status_code == 409
    assert said in alert(page)
    assert 'value="Vera Tall"' in page.text
    assert fresh.truth(KEY) == []


def test_nobody_is_the_witness_of_ones_own_wedding(fresh: TownProcess, officer: httpx.Client) -> None:
    one = application(fresh)
    act(fresh, "hold", number=one["number"])
    name = fresh.control.get(f"/people/{one['couple'][1]}").json()["name"]
    assert "kan inte vara vittne" in alert(confirm(officer, one, vittne2=name))


def test_nothing_is_confirmed_that_is_not_reserved(fresh: TownProcess, officer: httpx.Client) -> None:
    assert "Reservationen har gått ut" in alert(confirm(officer, application(fresh)))
    assert fresh.truth(KEY) == []


def test_a_locked_application_is_changed_by_nobody_else(fresh: TownProcess, officer: httpx.Client) -> None:
    one = application(fresh)
    act(fresh, "lock", number=one["number"], by="Marianne Ek")
    assert "öppet hos Marianne Ek" in alert(reserve(officer, one))
    note = officer.post(f"{BASE}/arenden/{one['number']}/anteckning", data={"text": "x"})
    assert "öppet hos Marianne Ek" in alert(note)
    act(fresh, "hold", number=one["number"])
    assert "öppet hos Marianne Ek" in alert(confirm(officer, one))
    assert fresh.truth(KEY) == []
    act(fresh, "lock", number=one["number"])
    assert confirm(officer, one).status_code == 200


# -- notes ----------------------------------------------------------------------------------------------------------


def test_a_note_is_committed_and_shown(fresh: TownProcess, officer: httpx.Client) -> None:
    number = application(fresh)["number"]
    page = officer.post(f"{BASE}/arenden/{number}/anteckning", data={"text": "Paret ringde.", "referens": "R-3"})
    assert "Paret ringde." in page.text
    (made,) = fresh.truth(KEY)
    assert (made["kind"], made["about"], made["facts"]["reference"]) == ("note_added", number, "R-3")


@pytest.mark.parametrize(("text", "said"), [(" ", "Skriv en anteckning."), ("x" * 501, "högst 500 tecken")])
def test_a_note_that_is_wrong_is_refused(weddings: TownProcess, officer: httpx.Client, text: str, said: str) -> None:
    before = len(weddings.truth(KEY))
    page = officer.post(f"{BASE}/arenden/{application(weddings)['number']}/anteckning", data={"text": text})
    assert said in alert(page)
    assert len(weddings.truth(KEY)) == before
