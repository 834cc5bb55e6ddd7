"""When an official has decided, the household is told without amounts; when nobody has, a person is told in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.household import KEY, assert_economy_untold, record_of
from tests.journey.judge import assert_handed_over, assert_left_as, changes

pytestmark = pytest.mark.browser
Tell = Callable[..., Finished]
ERRAND = "support_notice"
HOW_TO_APPEAL = {"sv": "inom tre veckor", "en": "within three weeks"}
OUTCOMES = ("bifall", "avslag", "avslå", "granted", "refused")


@pytest.fixture
def tell(carry_out: Callable[..., Finished]) -> Tell:
    return lambda case, **more: carry_out("tell-support-decision", case_number=case["number"], **more)


def assert_told(town: Town, case: dict[str, Any], done: Finished, *, appeal: bool) -> None:
    """One draft, with how to appeal or not, and one of an SMS that says nothing of it; one answer, which says how to in
    any case; one note; nothing else."""
    assert (done.outcome, done.run.reason, set(done.effects.values())) == ("done", "", {"CONFIRMED"})
    record, (draft, sms), (answer, note, *ending) = record_of(town, case), town.truth(KEY), changes(town, case)
    assert (draft["kind"], draft["about"]) == ("message_drafted", record["number"])
    assert [answer["kind"], note["kind"]] == ["message_sent", "note_added"]
    assert_left_as(town, ending, "Pågående")
    assert len(town.truth()) == 6
    assert (sms["kind"], sms["about"], sms["facts"]["channel"]) == ("message_drafted", record["number"], "Sms")
    assert (sms["facts"]["appeal"], "Mina sidor" in sms["facts"]["text"]) == ("", True)
    (mail,) = town.mail()
    assert (mail["recipient"], mail["attachments"]) == (answer["facts"]["to"], [])
    assert ("inom tre veckor" in draft["facts"]["appeal"], bool(draft["facts"]["appeal"])) == (appeal, appeal)
    words = HOW_TO_APPEAL.get(case["language"], HOW_TO_APPEAL["sv"])
    assert (words in answer["facts"]["text"], words in draft["facts"]["text"]) == (True, False)
    number = record["decisions"][-1]["number"]
    told = [draft["facts"]["text"], answer["facts"]["text"], note["facts"]["text"]]
    passed_on = f"{ending[1]['facts']}".lower()
    assert not any(outcome in passed_on for outcome in OUTCOMES)
    assert all(number in text for text in told)
    assert not any(outcome in text.lower() for text in [*told, sms["facts"]["text"]] for outcome in OUTCOMES)
    assert all(each["facts"]["document"] in note["facts"]["text"] for each in (draft, sms))
    assert town.act(KEY, "locked_by", akt=record["number"]) == ""
    assert_economy_untold(town, case, done)


def test_tells_of_a_refusal_with_how_to_appeal_once(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "normal_refused")[0]

    done = tell(case)
    tell(case)  # asked for twice, told once

    assert_told(town, case, done, appeal=True)


@pytest.mark.long
def test_tells_of_an_approval(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "normal_granted")[0]

    assert_told(town, case, tell(case), appeal=False)


@pytest.mark.long
def test_a_part_that_was_refused_can_be_appealed(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "not_decided")[0]
    town.act(KEY, "decide", citizen=case["citizen"], outcome="Delvis bifall")

    assert_told(town, case, tell(case), appeal=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("over_20_hours", "Beslutet dröjer"),
        ("not_decided", "Inte beslutat"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, tell: Tell, twist: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    done = tell(case)

    facts = assert_handed_over(town, case, done, kind)
    assert ("21 timmar" in facts["reason"]) == (twist == "over_20_hours")
    assert_economy_untold(town, case, done)


@pytest.mark.long
def test_a_late_decision_is_told_and_not_alarmed_about(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "over_20_hours")[1]
    town.act(KEY, "decide", citizen=case["citizen"], outcome="Bifall")

    assert_told(town, case, tell(case), appeal=False)


@pytest.mark.long
def test_a_dry_run_tells_nobody(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "normal_granted")[1]

    assert tell(case, dry_run=True).outcome == "done"
    assert (town.truth(), town.mail()) == ([], [])
