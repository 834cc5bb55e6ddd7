"""Skolplacering Edda as a robot meets it: its JSON, roles, key, period, signatures, versions, what is committed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from robots.practice.school_placement.calendar import MIDDLE, OLD, YOUNG, periods
from tests.practice.conftest import TownProcess, acting_in

BASE, KEY = "/skolplacering", "school_placement"
act = acting_in(KEY)
AUTUMN = "2026-10-06"


def reset(town: TownProcess, today: str = AUTUMN) -> None:
    town.control.post("/reset", json={"seed": 1, "today": today}).raise_for_status()


@pytest.fixture(scope="module")
def autumn(town_process: TownProcess) -> Iterator[TownProcess]:
    """The town on a day outside the ordinary period. Tests that only read share it."""
    reset(town_process)
    yield town_process
    reset(town_process, date.today().isoformat())


@pytest.fixture
def fresh(autumn: TownProcess) -> TownProcess:
    """The same day, where nothing has happened yet."""
    reset(autumn)
    return autumn


@pytest.fixture
def visitor(autumn: TownProcess) -> Iterator[httpx.Client]:
    with autumn.browser() as made:
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


def pupil_of(town: TownProcess, twist: str = "normal", place: int = 0) -> dict[str, Any]:
    child = town.case("school_choice", twist, place)["children"][0]
    found: dict[str, Any] = act(town, "pupil", personal_number=child)
    return found


def ask(visitor: httpx.Client, path: str, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = visitor.get(f"{BASE}/api{path}", params=query).json()
    return found


def send(visitor: httpx.Client, path: str, key: str | None = None, **typed: Any) -> httpx.Response:
    """As the page does: JSON, and the key out of its cookie in a header."""
    headers = {"X-XSRF-TOKEN": visitor.cookies["XSRF-TOKEN"] if key is None else key}
    return visitor.post(f"{BASE}/api{path}", json=typed, headers=headers)


def choose(visitor: httpx.Client, pupil: dict[str, Any], **typed: Any) -> httpx.Response:
    wishes = pupil["guardians"][0]["wishes"] or pupil["teaching"]
    choice = {"val1": wishes[0], "val2": wishes[1], "val3": "", "skal": "Inget särskilt skäl", "referens": "R-1",
              "version": pupil["version"]}  # fmt: skip
    return send(visitor, f"/elever/{pupil['number']}/skolval", **(choice | typed))


def refused(town: TownProcess, answer: httpx.Response, status: int, words: str) -> None:
    """The system says no in these words, and nothing has changed."""
    assert (answer.status_code, any(words in said for said in answer.json()["fel"])) == (status, True), answer.text
    assert town.truth(KEY) == []


# -- the way in -------------------------------------------------------------------------------------------------------


def test_login_names_the_system(visitor: httpx.Client) -> None:
    page = visitor.get(f"{BASE}/")
    assert page.url.path == f"{BASE}/logga-in"
    assert "Skolplacering Edda" in page.text
    assert "<h1>Logga in</h1>" in page.text


def test_a_script_without_a_session_is_told_so_and_not_led_to_the_login(visitor: httpx.Client) -> None:
    answer = visitor.get(f"{BASE}/api/elever/rows")
    assert (answer.status_code, answer.json()) == (401, {"fel": ["Du är inte inloggad."]})


def test_the_shell_is_told_to_fetch_itself_anew_once_after_each_login(officer: httpx.Client) -> None:
    assert [ask(officer, "/session")["omladdning"] for _ in range(3)] == [True, False, False]
    log_in(officer, "ragnhild", "journal-pass")
    assert ask(officer, "/session")["omladdning"] is True


def test_unknown_addresses_and_pupils_are_not_there(officer: httpx.Client) -> None:
    assert "Sidan hittades inte" in officer.get(f"{BASE}/annat").text
    for path in ("/elever/E-1", "/elever/E-1/skolval", "/elever/E-1/anteckning", "/annat"):
        assert officer.get(f"{BASE}/api{path}").status_code == 404


def test_maintenance_has_its_own_page(autumn: TownProcess, visitor: httpx.Client) -> None:
    autumn.control.post("/faults", json={"system": KEY, "kind": "down", "seconds": 9}).raise_for_status()
    page = visitor.get(f"{BASE}/")
    assert (page.status_code, page.headers["retry-after"]) == (503, "9")
    assert "Vi uppdaterar systemet" in page.text


# -- looking ----------------------------------------------------------------------------------------------------------


def test_the_list_comes_in_parts_and_tells_how_many_there_are(officer: httpx.Client, autumn: TownProcess) -> None:
    total = len(act(autumn, "pupils"))
    found: list[str] = []
    while len(found) < total:
        part = ask(officer, "/elever/rows", fran=str(len(found)))
        assert part["totalt"] == total
        found += [row["celler"][1] for row in part["rader"]]
    assert total > 300
    assert len(set(found)) == total == len(found)


@pytest.mark.parametrize("sought", ["20190", "anna", "  ANNA  "])
def test_the_answer_repeats_what_was_sought(officer: httpx.Client, autumn: TownProcess, sought: str) -> None:
    words = sought.strip()
    told = ask(officer, "/elever/rows", sok=sought)
    fitting = [
        p["personal_number"] for p in act(autumn, "pupils")
        if words in p["personal_number"] or (words.lower() in p["name"].lower() and not p["protected"])
    ]  # fmt: skip
    assert told["sok"] == words
    assert [row["celler"][1] for row in told["rader"]] == fitting[:40]
    assert told["totalt"] == len(fitting)


def test_a_short_search_is_answered_later_than_a_long_one(officer: httpx.Client) -> None:
    def seconds(sought: str) -> float:
        begun = time.monotonic()
        ask(officer, "/elever/rows", sok=sought)
        return time.monotonic() - begun

    assert seconds("A") > min(seconds("Andersson") for _ in range(3)) + 0.4


def test_the_card_tells_of_guardians_siblings_and_school(officer: httpx.Client, autumn: TownProcess) -> None:
    pupil = next(p for p in act(autumn, "pupils") if p["siblings"] and p["school"] and not p["protected"])
    card = ask(officer, f"/elever/{pupil['number']}")
    assert card["uppgifter"]["Personnummer"] == pupil["personal_number"]
    assert card["uppgifter"]["Nuvarande skola"] == pupil["school"]
    assert [g["personnummer"] for g in card["vardnadshavare"]] == [g["personal_number"] for g in pupil["guardians"]]
    assert {s["namn"] for s in card["syskon"]} == {s["name"] for s in pupil["siblings"]}
    assert card["far_andra"] is True


def test_of_a_protected_pupil_nothing_is_told(officer: httpx.Client, autumn: TownProcess) -> None:
    pupil = pupil_of(autumn, "protected")
    assert ask(officer, f"/elever/{pupil['number']}") == {"skyddad": True}
    namesakes = ask(officer, "/elever/rows", sok=pupil["name"])["rader"]
    assert pupil["personal_number"] not in [row["celler"][1] for row in namesakes]
    (row,) = ask(officer, "/elever/rows", sok=pupil["personal_number"])["rader"]
    assert row["celler"] == ["Skyddad identitet", pupil["personal_number"], "–", "–", "–"]
    assert ask(officer, "/handelser/rows", sok=pupil["personal_number"], avslutade="ja")["totalt"] == 0
    assert officer.get(f"{BASE}/api/elever/{pupil['number']}/skolval").status_code == 403


def test_finished_events_are_shown_to_those_who_ask_for_them(officer: httpx.Client, autumn: TownProcess) -> None:
    number = pupil_of(autumn)["personal_number"]
    assert ask(officer, "/handelser/rows", sok=number)["totalt"] == 0
    (row,) = ask(officer, "/handelser/rows", sok=number, avslutade="ja")["rader"]
    assert (row["celler"][1], row["celler"][4]) == ("Placering", "Beslutat")


# -- the calendar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("today", [date(2026, 10, 6), date(2027, 1, 15), date(2027, 2, 15), date(2027, 2, 16)])
def test_two_stages_are_always_open_and_one_is_closed(today: date) -> None:
    found = {p.stage: p for p in periods(today)}
    assert [found[stage].open(today) for stage in (YOUNG, MIDDLE, OLD)] == [True, False, True]
    ordinary = date(2027, 1, 15) <= today <= date(2027, 2, 15)
    assert ((found[YOUNG].opens, found[YOUNG].closes) == (date(2027, 1, 15), date(2027, 2, 15))) is ordinary


def test_a_period_has_a_first_and_a_last_day(fresh: TownProcess, officer: httpx.Client) -> None:
    pupil, today = pupil_of(fresh, "outside_period"), date.fromisoformat(AUTUMN)
    day = timedelta(days=1)
    for opens, closes, open_now in ((today, today, True), (today + day, today + day, False),
                                    (today - day, today - day, False)):  # fmt: skip
        act(fresh, "set_period", stage=MIDDLE, opens=str(opens), closes=str(closes))
        assert (ask(officer, f"/elever/{pupil['number']}/skolval")["hinder"] == []) is open_now
    refused(fresh, choose(officer, pupil), 422, "Skolvalet för årskurs 4–6 är stängt.")


# -- a school choice --------------------------------------------------------------------------------------------------


def test_a_choice_is_registered_and_the_card_gets_a_new_version(fresh: TownProcess, officer: httpx.Client) -> None:
    pupil = pupil_of(fresh)
    answer = choose(officer, pupil)
    (commit,) = fresh.truth(KEY)
    assert answer.status_code == 201
    assert (commit["kind"], commit["about"], commit["by"]) == ("choice_recorded", pupil["personal_number"], "ragnhild")
    assert commit["facts"] == {
        "event": answer.json()["handelse"]["nummer"], "schools": pupil["guardians"][0]["wishes"][:2],
        "reason": "Inget särskilt skäl", "reference": "R-1",
    }  # fmt: skip
    assert pupil_of(fresh)["version"] == pupil["version"] + 1
    (row,) = ask(officer, "/handelser/rows", sok="r-1")["rader"]
    assert row["celler"][:3] == [commit["facts"]["event"], "Skolval", pupil["personal_number"]]


@pytest.mark.parametrize(
    ("twist", "words"),
    [
        ("one_signature", "Alla vårdnadshavare har inte signerat."),
        ("guardians_disagree", "Vårdnadshavarna har lämnat olika önskemål."),
        ("already_chosen", "Eleven har redan ett skolval"),
        ("outside_period", "Skolvalet för årskurs 4–6 är stängt."),
        ("new_in_municipality", "Eleven är folkbokförd i"),
    ],
)
def test_what_stands_in_the_way_is_said_before_and_after(
    fresh: TownProcess, officer: httpx.Client, twist: str, words: str
) -> None:
    pupil = pupil_of(fresh, twist)
    assert any(words in said for said in ask(officer, f"/elever/{pupil['number']}/skolval")["hinder"])
    refused(fresh, choose(officer, pupil), 422, words)


def test_a_protected_pupil_gets_no_choice_and_no_note(fresh: TownProcess, officer: httpx.Client) -> None:
    pupil = pupil_of(fresh, "protected")
    refused(fresh, choose(officer, pupil), 403, "skyddade personuppgifter")
    refused(fresh, send(officer, f"/elever/{pupil['number']}/anteckning", text="x"), 403, "skyddade personuppgifter")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"val1": ""}, "Välj en skola som förstahandsval."),
        ({"val1": "Kyrkskolan"}, "Förstahandsval: Kyrkskolan har inte årskurs"),
        ({"val1": "Ekbacksskolan", "val2": "Ekbacksskolan"}, "Samma skola kan bara väljas en gång."),
        ({"val1": "Ekbacksskolan", "val2": "", "val3": "Kvarnskolan"}, "Ange andrahandsvalet före tredjehandsvalet."),
        ({"skal": ""}, "Ange skäl för förstahandsvalet."),
        ({"skal": "Syskon på skolan"}, "Eleven har inget syskon på"),
        ({"referens": "x" * 41}, "Extern referens får vara högst 40 tecken."),
    ],
)
def test_the_form_is_checked(fresh: TownProcess, officer: httpx.Client, typed: dict[str, str], words: str) -> None:
    refused(fresh, choose(officer, pupil_of(fresh), **typed), 422, words)


def test_a_siblings_school_is_a_reason(fresh: TownProcess, officer: httpx.Client) -> None:
    pupil = next(
        p for p in act(fresh, "pupils")
        if p["next_year"] in ("7", "8", "9", "1", "2", "3") and p["teaching"] and not p["protected"]
        and any(s["school"] in p["teaching"] for s in p["siblings"])
    )  # fmt: skip
    theirs = next(s["school"] for s in pupil["siblings"] if s["school"] in pupil["teaching"])
    act(fresh, "sign", personal_number=pupil["personal_number"], schools=[theirs])
    answer = choose(officer, pupil, val1=theirs, val2="", skal="Syskon på skolan")
    assert answer.status_code == 201
    assert fresh.truth(KEY)[0]["facts"]["reason"] == "Syskon på skolan"


def test_the_second_signature_opens_the_form(fresh: TownProcess, officer: httpx.Client) -> None:
    pupil = pupil_of(fresh, "one_signature")
    wishes = pupil["guardians"][0]["wishes"]
    act(fresh, "sign", personal_number=pupil["personal_number"], schools=wishes, only=1)
    assert choose(officer, pupil).status_code == 201


def test_somebody_elses_change_is_a_conflict(fresh: TownProcess, officer: httpx.Client) -> None:
    pupil = pupil_of(fresh)
    act(fresh, "change_as_colleague", personal_number=pupil["personal_number"])
    refused(fresh, choose(officer, pupil), 409, "Elevkortet har ändrats av Karin Ek")
    assert choose(officer, pupil_of(fresh)).status_code == 201


def test_a_choice_can_be_withdrawn_once_and_then_made_anew(fresh: TownProcess, officer: httpx.Client) -> None:
    number = choose(officer, pupil_of(fresh)).json()["handelse"]["nummer"]
    refused_again = choose(officer, pupil_of(fresh))
    assert "redan ett skolval" in refused_again.text
    assert send(officer, f"/handelser/{number}/aterta").json()["handelse"]["status"] == "Återtaget"
    assert "Skolvalet är redan återtaget." in send(officer, f"/handelser/{number}/aterta").text
    assert choose(officer, pupil_of(fresh)).status_code == 201
    assert [c["kind"] for c in fresh.truth(KEY)] == ["choice_recorded", "choice_withdrawn", "choice_recorded"]


# -- notes, rights and the key ----------------------------------------------------------------------------------------


def test_a_note_is_written_as_often_as_it_is_sent(fresh: TownProcess, officer: httpx.Client) -> None:
    pupil = pupil_of(fresh)
    for _ in range(2):
        send(officer, f"/elever/{pupil['number']}/anteckning", text="Ring mamma.", referens="R-2").raise_for_status()
    assert [c["facts"]["text"] for c in fresh.truth(KEY, "note_written")] == ["Ring mamma."] * 2
    assert len(ask(officer, f"/elever/{pupil['number']}")["anteckningar"]) == 2


@pytest.mark.parametrize(("typed", "words"), [({"text": " "}, "Skriv en anteckning."), ({"text": "x" * 1001}, "1000")])
def test_a_note_is_checked(fresh: TownProcess, officer: httpx.Client, typed: dict[str, str], words: str) -> None:
    refused(fresh, send(officer, f"/elever/{pupil_of(fresh)['number']}/anteckning", **typed), 422, words)


@pytest.mark.parametrize("form", ["skolval", "anteckning", "placering"])
def test_whoever_may_only_look_is_refused(fresh: TownProcess, reader: httpx.Client, form: str) -> None:
    pupil = pupil_of(fresh)
    assert ask(reader, f"/elever/{pupil['number']}")["far_andra"] is False
    refused(fresh, send(reader, f"/elever/{pupil['number']}/{form}", text="x"), 403, "Du har läsbehörighet")


def test_nobody_here_decides_on_a_placement(fresh: TownProcess, officer: httpx.Client) -> None:
    refused(fresh, send(officer, f"/elever/{pupil_of(fresh)['number']}/placering"), 403, "Du saknar delegation")


@pytest.mark.parametrize("key", ["", "gammal"])
def test_without_the_key_nothing_is_saved(fresh: TownProcess, officer: httpx.Client, key: str) -> None:
    answer = send(officer, f"/elever/{pupil_of(fresh)['number']}/anteckning", key=key, text="x")
    refused(fresh, answer, 403, "Säkerhetsnyckeln är för gammal.")


def test_what_is_no_json_object_is_an_empty_form(fresh: TownProcess, officer: httpx.Client) -> None:
    address = f"{BASE}/api/elever/{pupil_of(fresh)['number']}/anteckning"
    headers = {"X-XSRF-TOKEN": officer.cookies["XSRF-TOKEN"]}
    for body in ("", "[]", "{"):
        refused(fresh, officer.post(address, content=body, headers=headers), 422, "Skriv en anteckning.")
