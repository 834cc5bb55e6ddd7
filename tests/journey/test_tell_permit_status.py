"""The applicant is told how far the permit has come, others the public facts, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_sent_and_noted

pytestmark = pytest.mark.browser
Tell = Callable[..., Finished]
ERRAND, PERMITS = "permit_status", "building_permits"
PUBLIC_ONLY = "Du är inte part i ärendet."


@pytest.fixture
def tell(town: Town, carry_out: Callable[..., Finished]) -> Tell:
    def telling(case: dict[str, Any], number: str = "") -> Finished:
        return carry_out("tell-permit-status", case_number=case["number"], permit=number or number_of(town, case))

    return telling


def number_of(town: Town, case: dict[str, Any]) -> str:
    return str(town.act(PERMITS, "permit_of", case=case["number"]))


def permit_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = town.act(PERMITS, "permit", number=number_of(town, case))
    return found


def asker(town: Town, twist: str, /, **wanted: object) -> dict[str, Any]:
    """Somebody who asks for a permit like that, and who is answered in Swedish."""
    return next(
        case
        for case in town.cases(ERRAND, twist)
        if case["language"] != "en" and wanted.items() <= permit_of(town, case).items()
    )


@pytest.mark.parametrize(
    ("stage", "wanted", "day", "words"),
    [
        pytest.param("Under handläggning", {}, "arrived", "Inget beslut är fattat än.", marks=pytest.mark.long),
        pytest.param("Beslut fattat", {"granted": True}, "decided", "beviljade bygglov", marks=pytest.mark.long),
        pytest.param("Beslut fattat", {"granted": False}, "decided", "sa nej till ansökan", marks=pytest.mark.long),
        ("Startbesked lämnat", {}, "started", "lämnade startbesked"),
        pytest.param("Slutbesked lämnat", {}, "finished", "lämnade slutbesked", marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_a_party_is_told_the_stage(
    town: Town, tell: Tell, stage: str, wanted: dict[str, object], day: str, words: str
) -> None:
    case = asker(town, "normal", stage=stage, **wanted)
    permit = permit_of(town, case)

    message, note = assert_sent_and_noted(town, case, tell(case))
    tell(case)

    assert words in message["text"]
    assert permit[day] in message["text"]
    assert PUBLIC_ONLY not in message["text"]
    assert all(said in note["text"] for said in (permit["number"], stage, message["receipt"]))
    assert len(town.truth()) == 3


@pytest.mark.long
def test_a_party_is_told_what_the_application_lacks(town: Town, tell: Tell) -> None:
    case = asker(town, "supplement_open")
    asked = permit_of(town, case)["supplement"]

    message, note = assert_sent_and_noted(town, case, tell(case))

    assert asked["words"] in message["text"]
    assert asked["latest"] in message["text"]
    assert "Väntar på komplettering" in note["text"]


@pytest.mark.long
@pytest.mark.parametrize("place", [0, 1, 2])
def test_who_is_not_a_party_gets_the_public_facts_only(town: Town, tell: Tell, place: int) -> None:
    case = town.cases(ERRAND, "not_a_party")[place]
    permit = permit_of(town, case)

    message, note = assert_sent_and_noted(town, case, tell(case))

    public = (permit["number"], permit["what"], permit["arrived"], permit["decided"], permit["started"])
    assert all(fact in message["text"] for fact in public if fact)
    assert PUBLIC_ONLY in message["text"] or case["language"] == "en"
    assert "inte part" in note["text"]
    assert not any(party in message["text"] + note["text"] for party in permit["parties"])


@pytest.mark.long
def test_an_unknown_number_is_for_a_person(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "unknown_number")[0]

    assert_handed_over(town, case, tell(case), "Ärendet finns inte")


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [("protected", "Skyddade personuppgifter"), ("normal", "Fel fastighet")],
)
def test_somebody_else_s_permit_on_another_property_is_for_a_person(
    town: Town, tell: Tell, twist: str, kind: str
) -> None:
    case, neighbour = town.cases(ERRAND, "normal")[0], town.cases("start_of_construction", twist)[0]

    stop = assert_handed_over(town, case, tell(case, number_of(town, neighbour)), kind)

    assert neighbour["citizen"] not in str(stop)


@pytest.mark.long
def test_a_protected_applicant_is_for_a_person(town: Town, tell: Tell) -> None:
    case = town.cases("start_of_construction", "protected")[0]

    assert_handed_over(town, case, tell(case), "Skyddade personuppgifter")
