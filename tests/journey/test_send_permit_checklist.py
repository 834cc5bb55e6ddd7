"""The checklist for the measure, the plan and the rules is sent, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_sent_and_noted

pytestmark = pytest.mark.browser
Send = Callable[..., Finished]
ERRAND, PERMITS = "building_checklist", "building_permits"
EXTENSION = "Tillbyggnad av enbostadshus"


@pytest.fixture
def send(carry_out: Callable[..., Finished]) -> Send:
    def sending(case: dict[str, Any], **changed: Any) -> Finished:
        typed = {"case_number": case["number"], "property_id": case["property_id"], "measure": EXTENSION}
        return carry_out("send-permit-checklist", **(typed | changed))

    return sending


def in_swedish(town: Town, twist: str) -> dict[str, Any]:
    return next(case for case in town.cases(ERRAND, twist) if case["language"] == "sv")


def application_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    """What has been sent in before the new rules."""
    found: dict[str, Any] = town.act(PERMITS, "permit", number=town.act(PERMITS, "permit_of", case=case["number"]))
    assert found["arrived"] < "2025-12-01"
    return found


def test_sends_the_checklist_of_the_new_rules_once(town: Town, send: Send) -> None:
    case = in_swedish(town, "normal")

    message, note = assert_sent_and_noted(town, case, send(case))
    send(case)

    assert "bygga ut ett hus" in message["text"]
    assert "ligger inom detaljplanelagt område" in message["text"]
    assert "gäller nya regler" in message["text"]
    assert message["attachments"] == []
    assert all(words in note["text"] for words in (EXTENSION, "inom detaljplan, regler från 2025-12-01"))
    assert message["receipt"] in note["text"]
    assert len(town.truth()) == 3


@pytest.mark.long
def test_outside_a_plan_more_is_asked_for(town: Town, send: Send) -> None:
    case = in_swedish(town, "outside_plan")

    message, note = assert_sent_and_noted(town, case, send(case))

    assert "ligger utanför detaljplanelagt område" in message["text"]
    assert "vatten, avlopp och väg" in message["text"]
    assert "utanför detaljplan" in note["text"]


@pytest.mark.long
def test_an_application_from_before_follows_the_older_rules(town: Town, send: Send) -> None:
    case = in_swedish(town, "old_application")
    application = application_of(town, case)

    message, note = assert_sent_and_noted(town, case, send(case, measure=application["what"]))

    assert "De äldre reglerna gäller" in message["text"]
    assert "nya regler" not in message["text"]
    assert f"äldre regler (ansökan {application['number']})" in note["text"]


@pytest.mark.long
def test_an_application_that_is_closed_is_no_longer_waited_for(town: Town, send: Send) -> None:
    case = in_swedish(town, "old_application")
    town.act(PERMITS, "close", number=application_of(town, case)["number"])

    message, _ = assert_sent_and_noted(town, case, send(case))

    assert "gäller nya regler" in message["text"]


@pytest.mark.long
def test_another_measure_than_the_older_application_s_is_for_a_person(town: Town, send: Send) -> None:
    case = next(c for c in town.cases(ERRAND, "old_application") if application_of(town, c)["what"] != "Fasadändring")

    stop = assert_handed_over(town, case, send(case, measure="Fasadändring"), "Oklart vilka regler som gäller")

    assert application_of(town, case)["number"] in stop["reason"]


@pytest.mark.long
def test_somebody_else_s_older_application_is_for_a_person(town: Town, send: Send) -> None:
    case, application = in_swedish(town, "normal"), application_of(town, town.cases(ERRAND, "old_application")[0])

    done = send(case, property_id=application["property_id"], measure=application["what"])

    assert_handed_over(town, case, done, "Inte part i bygglovet")


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("not_final", "Planen har inte fått laga kraft"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, send: Send, twist: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    assert_handed_over(town, case, send(case), kind)
