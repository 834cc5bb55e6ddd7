"""Skolskjuts as a robot meets it: over HTTP, by the questions that its page asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from robots.practice.school_transport import rules
from tests.practice.conftest import USERS, TownProcess, acting_in

KEY, ROOT = "school_transport", "/skolskjuts"
act = acting_in(KEY)
PASSWORDS = {u["name"]: u["password"] for u in USERS["users"]}


def log_in(browser: httpx.Client, name: str = "ragnhild") -> str:
    answer = browser.post(f"{ROOT}/logga-in", data={"anvandarnamn": name, "losenord": PASSWORDS[name]})
    assert 'data-part="view"' in answer.text
    return answer.text


@pytest.fixture
def client(town: TownProcess) -> Iterator[httpx.Client]:
    with town.browser() as browser:
        log_in(browser)
        yield browser


def term(town: TownProcess, ahead: int = 0) -> str:
    return rules.terms(date.fromisoformat(town.control.get("/town").json()["today"]))[ahead]


def pupil(town: TownProcess, twist: str = "normal_over_limit") -> str:
    return str(town.case("school_transport", twist)["children"][0])


def get(client: httpx.Client, address: str, **query: str) -> Any:
    return client.get(f"{ROOT}/api/{address}/rows", params=query).json()


def told_of(client: httpx.Client, town: TownProcess, twist: str = "normal_over_limit") -> Any:
    return get(client, "elever", elev=pupil(town, twist), lasar=term(town))


def application(town: TownProcess, twist: str = "normal_over_limit", **more: str) -> dict[str, str]:
    child = town.control.get(f"/children/{pupil(town, twist)}").json()
    return {
        "elev": child["personal_number"], "lasar": term(town), "sokande": child["guardians"][0], "skal": "Avstånd",
        "boende": rules.WHOLE_TIME, "avstand": str(child["metres"].get(child["nearest_school"], "")),
        "meddelande": "Vi bor långt bort.", "referens": "R-000000000001",
    } | more  # fmt: skip


def apply(client: httpx.Client, told: dict[str, str]) -> httpx.Response:
    return client.post(f"{ROOT}/api/ansokningar", json=told)


def propose(client: httpx.Client, number: str, **more: str) -> httpx.Response:
    told = {"ansokan": number, "forslag": rules.GRANT, "motivering": "Vägen är längre än gränsen.", "referens": "R-2"}
    return client.post(f"{ROOT}/api/forslag", json=told | more)


def standing(town: TownProcess) -> str:
    found = town.control.post(f"/systems/{KEY}/applications", json={"pupil": pupil(town, "already_applied")}).json()
    return str(found[0]["nr"])


def no(answer: httpx.Response) -> str:
    return " ".join(answer.json()["fel"])


# -- looking --------------------------------------------------------------------------------------------------------


def test_who_has_no_session_gets_no_answer_and_no_login_page(town: TownProcess) -> None:
    with town.browser() as browser:
        answer = browser.get(f"{ROOT}/api/elever/rows")

    assert (answer.status_code, answer.json()) == (401, {"fel": ["Du är utloggad."]})


@pytest.mark.parametrize(("twist", "apart"), [("normal_over_limit", "På samma adress"),
                                              ("alternating_residence", "På olika adresser"),
                                              ("within_five_percent", "En vårdnadshavare")])  # fmt: skip
def test_tells_of_a_pupil_what_the_town_knows(client: httpx.Client, town: TownProcess, twist: str, apart: str) -> None:
    told, child = told_of(client, town, twist), town.control.get(f"/children/{pupil(town, twist)}").json()

    assert (told["skola"], told["arskurs"], told["vardnadshavare"]) == (
        child["nearest_school"], child["school_year"], apart,
    )  # fmt: skip
    assert told["grans"] == rules.limit(child["school_year"])
    assert told["ansokningar"] == []


def test_the_way_comes_in_two_stages(client: httpx.Client, town: TownProcess) -> None:
    child = town.control.get(f"/children/{pupil(town)}").json()
    asked = {"elev": pupil(town), "lasar": term(town)}
    straight, walked = (get(client, "vag", steg=step, **asked) for step in "12")

    assert walked["meter"] == child["metres"][child["nearest_school"]]
    assert straight["meter"] < walked["meter"]
    assert len(straight["linje"]) < len(walked["linje"])


@pytest.mark.parametrize(
    ("twist", "low", "high"),
    [("normal_over_limit", 1.05, 9), ("normal_under_limit", 0, 0.95), ("within_five_percent", 0.95, 1.05)],
)
def test_the_twists_are_as_far_from_school_as_they_say(
    client: httpx.Client, town: TownProcess, twist: str, low: float, high: float
) -> None:
    for case in town.control.get("/cases", params={"errand": KEY, "twist": twist}).json():
        asked = {"elev": case["children"][0], "lasar": term(town)}
        part = get(client, "vag", steg="2", **asked)["meter"] / get(client, "elever", **asked)["grans"]
        assert low <= part <= high


def test_the_next_school_year_is_another_year_with_its_own_school_and_limit(
    client: httpx.Client, town: TownProcess
) -> None:
    for case in town.control.get("/cases", params={"errand": KEY}).json():
        now, next_year = (get(client, "elever", elev=case["children"][0], lasar=term(town, n)) for n in (0, 1))
        if now.get("arskurs") == "9":
            assert next_year == {"finns": False}
        elif not now["skyddad"]:
            assert rules.YEARS.index(next_year["arskurs"]) == rules.YEARS.index(now["arskurs"]) + 1


def test_of_a_protected_pupil_nothing_is_told(client: httpx.Client, town: TownProcess) -> None:
    told = told_of(client, town, "protected")
    way = client.get(f"{ROOT}/api/vag/rows", params={"elev": pupil(town, "protected"), "lasar": term(town)})

    assert told == {"finns": True, "personnummer": pupil(town, "protected"), "skyddad": True,
                    "namn": "Skyddade personuppgifter", "ansokningar": []}  # fmt: skip
    assert way.status_code == 404


@pytest.mark.parametrize("asked", [{"elev": "19000101-0000"}, {"elev": ""}])
def test_who_is_no_pupil_is_not_there(client: httpx.Client, town: TownProcess, asked: dict[str, str]) -> None:
    assert get(client, "elever", lasar=term(town), **asked) == {"finns": False}
    assert no(client.get(f"{ROOT}/api/elever/rows", params=asked)) == "Välj ett läsår."


def test_the_list_comes_part_by_part_and_shows_finished_ones_when_asked(client: httpx.Client) -> None:
    some, every = get(client, "ansokningar"), get(client, "ansokningar", avslutade="ja")
    rest = get(client, "ansokningar", avslutade="ja", visade=str(len(every["rader"])))

    assert some["antal"] < every["antal"]
    assert len(every["rader"]) == 15
    assert not {r["nr"] for r in every["rader"]} & {r["nr"] for r in rest["rader"]}
    assert get(client, "ansokningar", referens="STARTPOST")["antal"] == 0
    assert get(client, "ansokningar", referens="STARTPOST", avslutade="ja")["antal"] == 1
    assert get(client, "forslag", referens="STARTPOST")["antal"] == 1


# -- applying -------------------------------------------------------------------------------------------------------


def test_an_application_is_registered_once_and_found_by_its_reference(client: httpx.Client, town: TownProcess) -> None:
    number = apply(client, application(town)).json()["nr"]

    (made,) = town.truth(KEY)
    assert (made["kind"], made["about"], made["facts"]["application"]) == (
        "application_registered", pupil(town), number,
    )  # fmt: skip
    assert [r["nr"] for r in get(client, "ansokningar", referens="R-000000000001")["rader"]] == [number]
    assert told_of(client, town)["ansokningar"] == [number]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sokande", "19800101-9802", "Den sökande är inte vårdnadshavare för eleven."),
        ("skal", "", "Välj ett skäl."),
        ("boende", "Hos mormor", "Välj hur eleven bor."),
        ("avstand", "", "Vägen är inte färdigmätt. Hämta eleven igen."),
        ("avstand", "2000", "Vägen är inte färdigmätt. Hämta eleven igen."),
        ("lasar", "1999/00", "Hämta eleven först."),
        ("elev", "19000101-0000", "Hämta eleven först."),
        ("referens", "R" * 41, "Referensen får vara högst 40 tecken."),
        ("meddelande", "x" * 1001, "Texten får vara högst 1000 tecken."),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    client: httpx.Client, town: TownProcess, field: str, value: str, words: str
) -> None:
    assert no(apply(client, application(town, **{field: value}))) == words
    assert town.truth(KEY) == []


def test_a_pupil_has_one_application_a_school_year(client: httpx.Client, town: TownProcess) -> None:
    answer = apply(client, application(town, "already_applied"))

    assert (answer.status_code, town.truth(KEY)) == (409, [])
    assert no(answer) == f"Eleven har redan en ansökan för läsåret {term(town)}: {standing(town)}."


def test_a_protected_pupil_gets_no_application_here(client: httpx.Client, town: TownProcess) -> None:
    answer = apply(client, application(town, "protected"))

    assert (answer.status_code, town.truth(KEY)) == (403, [])


# -- proposing and deciding -----------------------------------------------------------------------------------------


def test_a_proposal_is_no_decision(client: httpx.Client, town: TownProcess) -> None:
    number = standing(town)
    made = propose(client, number).json()["nr"]

    assert [(c["kind"], c["about"], c["facts"]["proposal"]) for c in town.truth(KEY)] == [
        ("proposal_made", number, made)
    ]
    assert get(client, f"ansokningar/{number}")["status"] == "Förslag lämnat"


def test_nobody_here_decides(client: httpx.Client, town: TownProcess) -> None:
    answer = client.post(f"{ROOT}/api/beslut", json={"ansokan": standing(town)})

    assert (answer.status_code, no(answer), town.truth(KEY)) == (
        403, "Du saknar delegation. Beslut fattas av handläggare med delegation.", [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("twist", "more", "words"),
    [
        ("alternating_residence", {"boende": rules.ALTERNATING}, "Växelvis boende bedöms av handläggare."),
        ("other_reason", {"skal": "Trafikförhållanden"}, "Skälet Trafikförhållanden bedöms av handläggare."),
        ("special_school", {}, "Eleven går inte i en kommunal grundskola. Handläggare bedömer ansökan."),
        ("within_five_percent", {}, "Avståndet ligger inom 5 % från gränsen. Handläggare mäter vägen på nytt."),
    ],
)
def test_what_an_officer_must_look_at_gets_no_proposal(
    client: httpx.Client, town: TownProcess, twist: str, more: dict[str, str], words: str
) -> None:
    number = apply(client, application(town, twist, **more)).json()["nr"]

    assert no(propose(client, number)) == words
    assert town.truth(KEY, "proposal_made") == []


@pytest.mark.parametrize(
    ("twist", "wrong", "right"),
    [("normal_over_limit", rules.REJECT, rules.GRANT), ("normal_under_limit", rules.GRANT, rules.REJECT)],
)
def test_a_proposal_agrees_with_the_distance(
    client: httpx.Client, town: TownProcess, twist: str, wrong: str, right: str
) -> None:
    number = apply(client, application(town, twist)).json()["nr"]

    assert no(propose(client, number, forslag=wrong)).startswith("Förslaget stämmer inte med avståndet:")
    assert propose(client, number, forslag=right).status_code == 201


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("forslag", "Bifall", "Välj ett förslag."),
        ("motivering", "Ja", "Skriv en motivering med minst 10 tecken."),
        ("ansokan", "SKJ-1", "Ansökan finns inte."),
    ],
)
def test_a_proposal_says_what_and_why(
    client: httpx.Client, town: TownProcess, field: str, value: str, words: str
) -> None:
    assert no(propose(client, standing(town), **{field: value})) == words
    assert town.truth(KEY) == []


def test_a_locked_or_decided_application_gets_no_proposal(client: httpx.Client, town: TownProcess) -> None:
    number = standing(town)
    act(town, "lock", number=number)
    assert no(propose(client, number)) == "Ansökan är låst av Berit Handläggare."
    act(town, "lock", number=number, by="")
    act(town, "decide", number=number)
    assert no(propose(client, number)) == "Ansökan är avslutad (Beslutad). Förslag kan inte lämnas."
    assert town.truth(KEY) == []


@pytest.mark.parametrize("address", ["ansokningar", "forslag", "beslut"])
def test_who_may_only_look_changes_nothing(town: TownProcess, address: str) -> None:
    with town.browser() as browser:
        assert 'data-journal="nej"' in log_in(browser, "lasare")
        told = application(town) | {"ansokan": standing(town)}
        answer = browser.post(f"{ROOT}/api/{address}", json=told)

    assert (answer.status_code, town.truth(KEY)) == (403, [])
    assert no(answer) == "Du har läsbehörighet och kan inte ändra något."
