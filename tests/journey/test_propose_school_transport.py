"""An application for school transport is registered with a proposal, and never decided, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from robots.cli.town import Town
from robots.task import Run
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made

pytestmark = pytest.mark.browser
KEY = "school_transport"
MADE = ("application_registered", "proposal_made", "message_sent", "note_added")
Ask = Callable[..., Finished]


@pytest.fixture
def ask(carry_out: Callable[..., Finished]) -> Ask:
    def asking(case: dict[str, Any], *, most: int = 8, dry_run: bool = False, **changed: Any) -> Finished:
        typed = {
            "case_number": case["number"], "child": case["children"][0], "when": "Det här läsåret",
            "reason": "Avståndet till skolan", "alternating": False,
        } | changed  # fmt: skip
        return carry_out("propose-school-transport", most=most, dry_run=dry_run, **typed)

    return asking


def case_of(town: Town, twist: str = "normal_over_limit", place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = town.cases(KEY, twist)[place]
    return found


def school_year(town: Town, ahead: int = 0) -> str:
    today = date.fromisoformat(town.ask("/town")["today"])
    first = today.year - (today.month < 7) + ahead
    return f"{first}/{(first + 1) % 100:02d}"


def way_of(town: Town, case: dict[str, Any]) -> tuple[str, int]:
    child = town.ask(f"/children/{case['children'][0]}")
    return child["nearest_school"], child["metres"][child["nearest_school"]]


def assert_proposed(town: Town, case: dict[str, Any], done: Finished, outcome: str, term: str) -> dict[str, Any]:
    """Registered and proposed, answered and noted, and nothing else: above all no decision."""
    application, proposal, message, note = assert_made(town, done, *MADE, status="Pågående")
    school, metres = way_of(town, case)
    assert (application["about"], application["applicant"]) == (case["children"][0], case["citizen"])
    assert (application["term"], application["metres"], application["message"]) == (term, metres, "")
    assert (proposal["about"], proposal["outcome"]) == (application["application"], outcome)
    assert f"{metres} m" in proposal["motivation"]
    assert school in proposal["motivation"]
    (card,) = town.act(KEY, "applications", pupil=case["children"][0], term=term)
    assert card["status"] == "Förslag lämnat"
    assert (message["about"], note["about"]) == (case["number"], case["number"])
    assert application["application"] in message["text"]
    assert not any(words in message["text"] for words in (outcome, str(metres), proposal["proposal"]))
    assert all(words in note["text"] for words in (application["application"], proposal["proposal"], outcome))
    assert "Inget beslut är fattat." in note["text"]
    return note


def test_proposes_to_grant_what_is_longer_than_the_limit(town: Town, ask: Ask) -> None:
    case = case_of(town)

    assert_proposed(town, case, ask(case), "Bevilja skolskjuts", school_year(town))


@pytest.mark.long
def test_proposes_to_reject_what_is_shorter_than_the_limit(town: Town, ask: Ask) -> None:
    case = case_of(town, "normal_under_limit")

    assert_proposed(town, case, ask(case), "Avslå ansökan", school_year(town))


@pytest.mark.long
def test_next_school_year_is_judged_by_the_year_the_child_is_in_then(town: Town, ask: Ask) -> None:
    case = next(
        c for c in town.cases(KEY, "normal_over_limit")
        if town.ask(f"/children/{c['children'][0]}")["school_year"] in ("F", "1", "2")
    )  # fmt: skip

    note = assert_proposed(town, case, ask(case, when="Nästa läsår"), "Bevilja skolskjuts", school_year(town, ahead=1))

    now = town.ask(f"/children/{case['children'][0]}")["school_year"]
    assert f"Gränsen för årskurs {'F123'['F123'.index(now) + 1]} är 3000 m." in note["text"]


@pytest.mark.long
def test_near_the_limit_a_person_measures(town: Town, ask: Ask) -> None:
    case = case_of(town, "within_five_percent")

    told = assert_handed_over(town, case, ask(case), "Nära gränsen")

    assert f"{way_of(town, case)[1]} m" in told["reason"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "typed", "kind"),
    [
        ("already_applied", {}, "Ansökan finns redan"),
        ("alternating_residence", {"alternating": True}, "Växelvis boende"),
        ("alternating_residence", {}, "Växelvis boende"),
        ("other_reason", {"reason": "Något annat"}, "Annat skäl än avståndet"),
        ("special_school", {}, "Inte kommunal grundskola"),
        ("protected", {}, "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, ask: Ask, twist: str, typed: dict[str, Any], kind: str) -> None:
    case = case_of(town, twist)

    assert_handed_over(town, case, ask(case, **typed), kind)


@pytest.mark.long
def test_another_familys_child_is_for_a_person(town: Town, ask: Ask) -> None:
    case, other = case_of(town), case_of(town, place=1)

    assert_handed_over(town, case, ask(case, child=other["children"][0]), "Den sökande är inte vårdnadshavare")


@pytest.mark.long
def test_asked_for_twice_it_is_registered_once(town: Town, ask: Ask) -> None:
    case = case_of(town)
    first = ask(case)

    again = ask(case)

    assert again.run.id == first.run.id
    assert_made(town, again, *MADE, status="Pågående")


@pytest.mark.long
def test_its_own_application_does_not_stop_a_run_that_was_cut_short(town: Town, ask: Ask) -> None:
    case = case_of(town)
    town.fault(KEY, "down", path="^/ansokningar/SKJ", times=1)

    done = ask(case)

    assert done.attempts == 2
    assert_proposed(town, case, done, "Bevilja skolskjuts", school_year(town))


@pytest.mark.long
def test_control_a_run_that_does_not_know_its_own_application_stops_at_it(
    town: Town, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "has_made", lambda _run, _mark: False)
    town.fault(KEY, "down", path="^/ansokningar/SKJ", times=1)

    assert ask(case_of(town)).run.kind == "Ansökan finns redan"


@pytest.mark.long
def test_a_dry_run_tells_both_and_changes_nothing(town: Town, ask: Ask) -> None:
    done = ask(case_of(town), dry_run=True)

    assert (done.outcome, done.run.reason, town.truth(), town.mail()) == ("done", "", [], [])
    made = ("ansökan om skolskjuts", "förslag till beslut", "kvittens på ansökan", "anteckning", "status", "fördelning")
    told = [words.split(" {")[0] for kind, words in done.events if kind == "dry_run"]
    assert told == [f"Skulle ha gjort: {once}" for once in made]
