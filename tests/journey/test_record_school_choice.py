"""A school choice that every guardian has signed is registered, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from robots.task import Run
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made

pytestmark = pytest.mark.browser
KEY = "school_placement"
MADE = ("choice_recorded", "message_sent", "note_added")
Ask = Callable[..., Finished]


@pytest.fixture
def ask(carry_out: Callable[..., Finished]) -> Ask:
    def asking(case: dict[str, Any], *, most: int = 8, dry_run: bool = False, **changed: Any) -> Finished:
        typed = {"case_number": case["number"], "child": case["children"][0], "moving": False} | changed
        return carry_out("record-school-choice", most=most, dry_run=dry_run, **typed)

    return asking


def case_of(town: Town, twist: str = "normal", place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = town.cases("school_choice", twist)[place]
    return found


def on_card(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = town.act(KEY, "pupil", personal_number=case["children"][0])
    return found


def closing_day(town: Town) -> str:
    return str(town.act(KEY, "periods")[0]["stanger"])


def test_registers_what_all_guardians_have_signed_and_answers(town: Town, ask: Ask) -> None:
    case = case_of(town)
    wishes = on_card(town, case)["guardians"][1]["wishes"]

    choice, message, note = assert_made(town, ask(case), *MADE)

    assert (choice["about"], choice["schools"], choice["by"]) == (case["children"][0], wishes, "robot.bodil")
    assert (message["about"], note["about"]) == (case["number"], case["number"])
    assert [mail["recipient"] for mail in town.mail()] == [message["to"]]
    assert [message["text"].index(school) for school in wishes] == sorted(message["text"].index(s) for s in wishes)
    assert closing_day(town) in message["text"]
    assert all(words in note["text"] for words in (choice["event"], message["receipt"], closing_day(town)))
    assert "Ingen placering är beslutad." in note["text"]
    names = [town.ask(f"/people/{number}")["name"] for number in (case["children"][0], case["citizen"])]
    assert not any(name in note["text"] for name in names)


@pytest.mark.long
def test_one_signature_is_not_enough(town: Town, ask: Ask) -> None:
    case = case_of(town, "one_signature")

    told = assert_handed_over(town, case, ask(case), "Signatur saknas")

    assert told["reason"] == "1 av 2 vårdnadshavare har signerat skolvalet."


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("new_in_municipality", "Inte folkbokförd i kommunen"),
        ("outside_period", "Utanför skolvalsperioden"),
        ("already_chosen", "Skolval finns redan"),
        ("guardians_disagree", "Vårdnadshavarna är oense"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, ask: Ask, twist: str, kind: str) -> None:
    case = case_of(town, twist)

    assert_handed_over(town, case, ask(case), kind)


@pytest.mark.long
def test_an_address_that_changes_before_the_choice_closes_is_for_a_person(town: Town, ask: Ask) -> None:
    case = case_of(town)

    told = assert_handed_over(town, case, ask(case, moving=True), "Barnet flyttar")

    assert closing_day(town) in told["reason"]


@pytest.mark.long
def test_another_familys_child_is_for_a_person(town: Town, ask: Ask) -> None:
    case, other = case_of(town), case_of(town, place=1)

    done = ask(case, child=other["children"][0])

    told = assert_handed_over(town, case, done, "Den sökande är inte vårdnadshavare")
    assert other["children"][0][:8] not in str(told)


@pytest.mark.long
def test_other_days_than_those_decided_on_need_a_remark_in_the_calendar(town: Town, ask: Ask) -> None:
    case, period = case_of(town), town.act(KEY, "periods")[0]
    days = {"opens": "2026-01-02", "closes": (date.today() + timedelta(days=5)).isoformat()}
    town.act(KEY, "set_period", stage=period["arskurser"], **days, remark="")

    told = assert_handed_over(town, case, ask(case), "Skolvalets kalender stämmer inte")

    assert days["closes"] in told["reason"]


@pytest.mark.long
def test_a_sibling_at_the_first_choice_is_the_reason(town: Town, ask: Ask) -> None:
    """In a family with several pupils; what its case was about is nothing that the task asks for."""
    asking = {case["citizen"]: case for case in town.cases("school_transport")}
    case, child, school = next(
        (asking[guardian["personal_number"]], card["personal_number"], sibling["school"])
        for card in town.act(KEY, "pupils")
        if card["next_year"] in ("1", "2", "3") and not card["protected"]
        for guardian in card["guardians"]
        for sibling in card["siblings"]
        if guardian["personal_number"] in asking and sibling["school"] in card["teaching"] and sibling["year"] != "9"
    )
    town.act(KEY, "sign", personal_number=child, schools=[school])

    choice, _, note = assert_made(town, ask(case, child=child), *MADE)

    assert (choice["about"], choice["schools"], choice["reason"]) == (child, [school], "Syskon på skolan")
    assert "Syskon på förstahandsvalet: ja." in note["text"]


@pytest.mark.long
def test_asked_for_twice_it_is_registered_once(town: Town, ask: Ask) -> None:
    case = case_of(town)
    first = ask(case)

    again = ask(case)

    assert again.run.id == first.run.id
    assert_made(town, again, *MADE)


@pytest.mark.long
def test_its_own_choice_does_not_stop_a_run_that_was_cut_short(town: Town, ask: Ask) -> None:
    case = case_of(town)
    town.act("case_management", "lock", case_number=case["number"], by="Anna Ek")
    cut_short = ask(case, most=1)
    assert (cut_short.run.state, [c["kind"] for c in town.truth()]) == ("running", ["choice_recorded"])
    town.act("case_management", "unlock", case_number=case["number"])

    done = ask(case)

    assert done.attempts == 2
    assert_made(town, done, *MADE)


@pytest.mark.long
def test_control_a_run_that_does_not_know_its_own_choice_stops_at_it(
    town: Town, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_of(town)
    monkeypatch.setattr(Run, "has_made", lambda _run, _mark: False)
    town.act("case_management", "lock", case_number=case["number"], by="Anna Ek")
    ask(case, most=1)
    town.act("case_management", "unlock", case_number=case["number"])

    assert ask(case).run.kind == "Skolval finns redan"


@pytest.mark.long
def test_a_dry_run_shows_the_form_and_changes_nothing(town: Town, ask: Ask) -> None:
    done = ask(case_of(town), dry_run=True)

    assert (done.outcome, done.run.reason, town.truth(), town.mail()) == ("done", "", [], [])
    assert [words.split(" {")[0] for kind, words in done.events if kind == "dry_run"] == [
        f"Skulle ha gjort: {once}" for once in ("skolval", "kvittens på skolval", "anteckning", "avslut")
    ]


@pytest.mark.long
def test_nothing_about_a_protected_family_is_written_anywhere(town: Town, ask: Ask) -> None:
    case = case_of(town, "protected")

    done = ask(case)

    (handover,) = town.truth()
    told = f"{handover['facts']} {done.run.reason} {done.run.todo} {done.events}"
    for number in (case["citizen"], *case["children"]):
        person = town.ask(f"/people/{number}")
        assert not [person[what] for what in ("last_name", "street", "personal_number") if person[what] in told]
