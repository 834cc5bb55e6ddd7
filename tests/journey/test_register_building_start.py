"""The notice that work begins is registered and confirmed, once, or a person gets the case. The judge is the town."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from robots.task import Run
from tests.conftest import Finished
from tests.journey.judge import Facts, assert_handed_over, assert_made

pytestmark = pytest.mark.browser
Register = Callable[..., Finished]
ERRAND, PERMITS = "start_of_construction", "building_permits"
ALREADY = "Byggstart är redan anmäld"


@pytest.fixture
def register(town: Town, carry_out: Callable[..., Finished]) -> Register:
    def registering(case: dict[str, Any], **changed: Any) -> Finished:
        typed = {
            "case_number": case["number"], "permit": permit_of(town, case)["number"],
            "property_id": case["property_id"], "starts": in_days(town, 7),
        }  # fmt: skip
        return carry_out("register-building-start", **(typed | changed))

    return registering


def permit_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = town.act(PERMITS, "permit", number=town.act(PERMITS, "permit_of", case=case["number"]))
    return found


def in_days(town: Town, days: int) -> str:
    return (date.fromisoformat(town.ask("/town")["today"]) + timedelta(days=days)).isoformat()


def assert_registered(town: Town, case: dict[str, Any], done: Finished, starts: str) -> Facts:
    """One event in the permit, one confirmation to the citizen and one note, and nothing else. What the letter says."""
    event, message, note = assert_made(town, done, "event_registered", "message_sent", "note_added")
    permit = permit_of(town, case)
    assert (event["about"], event["kind"], event["outcome"]) == (permit["number"], "Anmälan om byggstart", "Mottagen")
    assert (event["starts"], event["by"], event["secret"]) == (starts, "robot.gunvor", False)
    assert case["number"] in event["note"]
    assert {message["about"], note["about"]} == {case["number"]}
    assert all(said in message["text"] for said in (permit["number"], case["property_id"], starts))
    told = (permit["number"], starts, event["event"], message["receipt"])
    assert all(said in note["text"] for said in told)
    (mail,) = town.mail()
    assert mail["recipient"] == message["to"]
    return message


def test_registers_the_start_once_and_confirms_it(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "normal")[0]
    assert permit_of(town, case)["posted"]

    assert_registered(town, case, register(case), in_days(town, 7))
    register(case)

    assert len(town.truth()) == 4
    assert len(town.mail()) == 1


@pytest.mark.long
def test_under_the_older_rules_it_is_registered_when_the_four_weeks_are_over(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "normal")[1]
    assert permit_of(town, case)["announced"] <= in_days(town, -28)

    assert_registered(town, case, register(case), in_days(town, 7))


@pytest.mark.long
@pytest.mark.parametrize(("days", "outcome"), [(17, "handed_over"), (18, "done")])
def test_the_last_day_of_the_four_weeks_is_the_first_to_begin_on(
    town: Town, register: Register, days: int, outcome: str
) -> None:
    case = town.cases(ERRAND, "within_four_weeks")[0]
    assert permit_of(town, case)["announced"] == in_days(town, 18 - 28)

    done = register(case, starts=in_days(town, days))

    if outcome == "done":
        assert_registered(town, case, done, in_days(town, days))
    else:
        stop = assert_handed_over(town, case, done, "Fyra veckor efter kungörelsen")
        assert in_days(town, 18) in stop["reason"]


@pytest.mark.long
def test_without_start_clearance_a_person_gets_the_case_and_the_warning(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "no_startbesked")[0]

    stop = assert_handed_over(town, case, register(case), "Startbesked saknas")

    assert "byggsanktionsavgift" in stop["reason"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("conditions_open", "Villkor är inte uppfyllda"),
        ("wrong_property", "Fel fastighet"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, register: Register, twist: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    assert_handed_over(town, case, register(case), kind)


@pytest.mark.long
def test_a_consultation_that_has_not_been_held_is_for_a_person(town: Town, register: Register) -> None:
    case = next(c for c in town.cases(ERRAND, "no_startbesked") if permit_of(town, c)["needs_consultation"])
    town.act(PERMITS, "clear_start", number=permit_of(town, case)["number"], on=in_days(town, -1))

    assert_handed_over(town, case, register(case), "Tekniskt samråd är inte hållet")


@pytest.mark.long
def test_a_start_before_the_clearance_is_for_a_person(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "normal")[0]
    too_early = (date.fromisoformat(permit_of(town, case)["started"]) - timedelta(days=1)).isoformat()

    assert_handed_over(town, case, register(case, starts=too_early), "Före startbeskedet")


@pytest.mark.long
def test_a_building_that_is_finished_does_not_begin_again(town: Town, register: Register) -> None:
    case = next(c for c in town.cases("permit_status", "normal") if permit_of(town, c)["finished"])

    assert_handed_over(town, case, register(case), "Bygget är redan färdigt")


@pytest.mark.long
@pytest.mark.parametrize(
    ("other", "kind"),
    [("normal", "Inte part i bygglovet"), ("protected", "Skyddade personuppgifter")],
)
def test_somebody_else_s_permit_is_for_a_person(town: Town, register: Register, other: str, kind: str) -> None:
    case, neighbour = town.cases(ERRAND, "normal")[0], town.cases(ERRAND, other)[1]
    permit = permit_of(town, neighbour)

    done = register(case, permit=permit["number"], property_id=permit["property_id"])

    stop = assert_handed_over(town, case, done, kind)
    assert neighbour["citizen"] not in str(stop)


# -- what has been registered before ----------------------------------------------------------------------------------


@pytest.mark.long
def test_another_notice_than_the_one_that_is_there_is_for_a_person(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "normal")[0]
    assert_registered(town, case, register(case), in_days(town, 7))
    town.act("case_management", "put", case_number=case["number"], status="Pågående")
    before = town.truth()

    done = register(case, starts=in_days(town, 14))

    assert (done.outcome, done.run.kind) == ("handed_over", ALREADY)
    assert before[0]["facts"]["event"] in done.run.reason
    assert [change["kind"] for change in town.truth()[len(before) :]] == ["handed_over"]


def _cut_off_after_the_event(town: Town) -> None:
    town.fault("case_management", "down", path=r"/meddelande$", seconds=1)


@pytest.mark.long
def test_its_own_notice_from_an_attempt_cut_short_is_no_obstacle(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "normal")[0]
    _cut_off_after_the_event(town)

    done = register(case)

    assert done.attempts == 2
    assert_registered(town, case, done, in_days(town, 7))


@pytest.mark.long
def test_control_without_knowing_its_own_the_second_attempt_stops(
    town: Town, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "has_made", lambda *_: False)
    case = town.cases(ERRAND, "normal")[0]
    _cut_off_after_the_event(town)

    done = register(case)

    assert (done.attempts, done.outcome, done.run.kind) == (2, "handed_over", ALREADY)


@pytest.mark.long
def test_a_dry_run_shows_the_form_and_registers_nothing(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "normal")[0]

    done = register(case, dry_run=True)

    assert (done.outcome, done.run.reason) == ("done", "")
    assert next(title for kind, title in done.events if kind == "dry_run").startswith("Skulle ha gjort: byggstart")
    assert done.pictures
    assert (town.truth(), town.mail()) == ([], [])
