"""A household that applies as last month gets a proposal laid, once; anything else goes to a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from robots.cli.town import Town
from robots.practice.income_support.norms import Norm, kronor
from tests.conftest import Finished
from tests.journey.household import KEY, assert_economy_untold, economy_in, record_of
from tests.journey.judge import assert_handed_over, assert_left_as, assert_made, changes, cut_short_at_the_note

pytestmark = pytest.mark.browser
Propose = Callable[..., Finished]
ERRAND = "support_reapplication"


@pytest.fixture
def propose(carry_out: Callable[..., Finished]) -> Propose:
    return lambda case, **more: carry_out("propose-income-support", case_number=case["number"], **more)


def test_lays_the_proposal_once_and_decides_nothing(town: Town, propose: Propose) -> None:
    case = town.cases(ERRAND, "normal")[0]
    before = record_of(town, case)
    asked = before["applications"][-1]
    wanted = town.act(KEY, "reckon", citizen=case["citizen"], costs=asked["costs"], incomes=asked["incomes"])

    done = propose(case)
    propose(case)  # asked for twice, laid once

    assert (done.outcome, done.run.reason, set(done.effects.values())) == ("done", "", {"CONFIRMED"})
    (laid,), (note, *ending) = town.truth(KEY), changes(town, case)
    assert (laid["kind"], laid["about"], note["kind"]) == ("proposal_made", before["number"], "note_added")
    assert_left_as(town, ending, "Pågående")
    assert (laid["facts"]["code"], laid["facts"]["result"]) == ("Bifall", wanted)
    assert {row: amount for row, amount in laid["facts"]["costs"].items() if amount} == asked["costs"]
    assert {row: both for row, both in laid["facts"]["incomes"].items() if any(both)} == asked["incomes"]
    assert len(town.truth()) == 4
    assert town.mail() == []
    assert record_of(town, case)["decisions"] == before["decisions"]
    assert town.act(KEY, "locked_by", akt=before["number"]) == ""
    assert all(words in note["facts"]["text"] for words in (laid["facts"]["document"], before["number"], "beslutat"))
    assert_economy_untold(town, case, done)


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("income_differs", "Inkomsten stämmer inte med SSBTEK"),
        ("one_signature", "Underskrift saknas"),
        ("new_expense", "Ny utgift"),
        ("household_changed", "Hushållet har ändrats"),
        ("no_activity_plan", "Planering saknas"),
        ("first_application", "Första ansökan"),
        ("already_this_month", "Redan ansökt för månaden"),
        ("locked", "Låst av en kollega"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, propose: Propose, twist: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    done = propose(case)

    assert_handed_over(town, case, done, kind)
    assert_economy_untold(town, case, done)


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "action", "changed"),
    [
        ("Ingen ansökan för månaden", "apply_otherwise", {"month": "2020-01"}),
        ("Meddelande i ansökan", "apply_otherwise", {"message": "Jag har fått ett arbete från och med den femtonde."}),
        ("Ändrad utgift", "apply_otherwise", {"costs": {"Boendekostnad": 9_999}}),
        ("Ändrad inkomst", "apply_otherwise", {"incomes": {"Aktivitetsstöd": [9_999, 0]}}),
        ("Uppehåll sedan förra beräkningen", "reckon_otherwise", {"month": "2020-01"}),
        ("Förra beräkningen är inte beslutad", "reckon_otherwise", {"status": "Preliminär"}),
        ("Inget förslag om bifall", "earn", {"benefit": "Aktivitetsstöd", "amount": 99_999}),
    ],
)
def test_what_is_not_as_last_month_goes_to_a_person(
    town: Town, propose: Propose, kind: str, action: str, changed: dict[str, Any]
) -> None:
    case = town.cases(ERRAND, "normal")[0]
    town.act(KEY, action, citizen=case["citizen"], **changed)

    done = propose(case)

    facts = assert_handed_over(town, case, done, kind)
    assert_economy_untold(town, case, done)
    assert "arbete" not in f"{facts}"


@pytest.mark.long
def test_more_than_the_norm_has_amounts_for_goes_to_a_person(town: Town, propose: Propose) -> None:
    case = town.cases(ERRAND, "normal")[0]

    assert_handed_over(town, case, propose(case, others_at_home=20), "Fler än riksnormen räcker till")


@pytest.mark.long
def test_a_child_who_has_grown_up_goes_to_a_person(town: Town, propose: Propose) -> None:
    case, grown_up = (each for each in town.cases(ERRAND, "normal")[:2])
    town.act(KEY, "take_in", citizen=case["citizen"], child=grown_up["citizen"])

    done = propose(case)

    assert_handed_over(town, case, done, "Barnet är vuxet")
    assert_economy_untold(town, case, done)


@pytest.mark.long
def test_a_sum_that_the_system_does_not_come_to_is_not_proposed(town: Town, propose: Propose) -> None:
    """Socio does not know that somebody else shares the home; what the robot reckons with that is another sum."""
    case = town.cases(ERRAND, "normal")[1]

    done = propose(case, others_at_home=1)

    assert_handed_over(town, case, done, "Beräkningen stämmer inte")
    assert town.act(KEY, "locked_by", akt=record_of(town, case)["number"]) == ""
    assert_economy_untold(town, case, done)


@pytest.mark.long
@pytest.mark.parametrize("wrong", ["another amount", "no norm"])
def test_the_systems_norm_must_be_the_tables(town: Town, propose: Propose, wrong: str) -> None:
    case, year = town.cases(ERRAND, "normal")[2], date.today().year
    if wrong == "no norm":
        town.act(KEY, "remove_norm", year=year)
    else:
        single = Norm(year).single
        town.fault(KEY, "label_renamed", path="riksnorm", old=kronor(single), new=kronor(single + 10), times=9)

    kind = "Riksnorm saknas" if wrong == "no norm" else "Riksnormen stämmer inte"
    assert_handed_over(town, case, propose(case), kind)


@pytest.mark.long
def test_a_source_that_has_not_answered_stops_it(town: Town, propose: Propose) -> None:
    case = town.cases(ERRAND, "normal")[3]
    town.act(KEY, "lose_reply", citizen=case["citizen"], source="CSN")

    assert_handed_over(town, case, propose(case), "SSBTEK-svar saknas")


@pytest.mark.long
def test_an_attempt_that_was_cut_short_does_not_stop_at_its_own_proposal(town: Town, propose: Propose) -> None:
    case = town.cases(ERRAND, "normal")[5]
    cut_short_at_the_note(town)

    done = propose(case)

    assert (done.outcome, done.run.reason, done.attempts) == ("done", "", 2)
    assert_made(town, done, "proposal_made", "note_added", status="Pågående")


@pytest.mark.long
def test_a_dry_run_lays_nothing(town: Town, propose: Propose) -> None:
    case = town.cases(ERRAND, "normal")[4]

    done = propose(case, dry_run=True)

    assert done.outcome == "done"
    assert [title.split(" {")[0] for kind, title in done.events if kind == "dry_run"] == [
        f"Skulle ha gjort: {once}" for once in ("förslag", "anteckning", "status", "fördelning")
    ]  # fmt: skip
    assert town.truth() == []


def test_control_what_must_not_be_told_is_seen(town: Town) -> None:
    record = record_of(town, town.cases(ERRAND, "normal")[0])
    rent, child = record["applications"][0]["costs"]["Boendekostnad"], record["children"][0]

    assert economy_in(f"Hyran {kronor(rent)} och {rent} kr, Lön. {child}", record) == sorted(
        [kronor(rent), f"{rent}", "Lön", child]
    )
    assert economy_in("Förslag H-500001 ligger i akt A20301, 2026-11-22 06.50.", record) == []
