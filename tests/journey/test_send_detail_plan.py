"""The plans that hold are sent, or the answer that there is none; a plan that is not final goes to a person.

The good way, a handover and a lost answer are gone with every case system: a task does not notice which one it is.
``make test`` goes the good way with all of them, and the other two with one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.town import Town
from robots.settings import Settings
from tests.conftest import Finished
from tests.journey.judge import CASE_SYSTEMS, assert_handed_over, assert_sent_and_noted

pytestmark = pytest.mark.browser
Send = Callable[[dict[str, Any]], Finished]
with_every_case_system = pytest.mark.parametrize("settings", CASE_SYSTEMS, indirect=True)
with_one_case_system = pytest.mark.parametrize(
    "settings",
    [CASE_SYSTEMS[0], *(pytest.param(each, marks=pytest.mark.long) for each in CASE_SYSTEMS[1:])],
    indirect=True,
)


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """As ever, or with the one line in ``config/`` that says which case system it is."""
    return settings.model_copy(update={"cases": getattr(request, "param", settings.cases)})


@pytest.fixture
def send(carry_out: Callable[..., Finished]) -> Send:
    return lambda case: carry_out("send-detail-plan", case_number=case["number"], property_id=case["property_id"])


def in_language(town: Town, language: str, twist: str = "normal") -> dict[str, Any]:
    return next(case for case in town.cases("detail_plan", twist) if case["language"] == language)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param("en", "Here is the detailed development plan", id="approved"),
        pytest.param("ar", "Här kommer detaljplanen", id="draft", marks=pytest.mark.long),
    ],
)
def test_answers_in_the_citizen_s_language_where_somebody_answers_for_the_text(
    town: Town, send: Send, language: str, words: str
) -> None:
    case = in_language(town, language)

    message, _ = assert_sent_and_noted(town, case, send(case))

    assert words in message["text"]


@with_every_case_system
@pytest.mark.parametrize(("twist", "plans"), [("normal", 1), pytest.param("several_plans", 2, marks=pytest.mark.long)])
def test_sends_map_and_description_of_every_plan(
    town: Town, settings: Settings, send: Send, twist: str, plans: int
) -> None:
    case = town.cases("detail_plan", twist)[0]
    numbers = town.ask(f"/properties/{case['property_id']}")["plans"]
    assert len(numbers) == plans

    message, note = assert_sent_and_noted(town, case, send(case))

    assert len(message["attachments"]) == 2 * plans
    assert all(number in note["text"] for number in numbers)
    assert {change["system"] for change in town.truth()} == {settings.cases}


@pytest.mark.long
@with_one_case_system
def test_answers_that_are_lost_make_nothing_twice(town: Town, settings: Settings, send: Send) -> None:
    """The message was sent and the note written, and the answers to both never come."""
    case = town.cases("detail_plan", "normal")[0]
    town.fault(settings.cases, "answer_lost", how="fin", path="meddelande|anteckning|items|email|notes", times=2)

    assert_sent_and_noted(town, case, send(case))

    assert [fault["hits"] for fault in town.ask("/faults")["set"]] == [2]


def test_outside_plan_is_answered_in_words(town: Town, send: Send) -> None:
    case = in_language(town, "sv", "outside_plan")

    message, note = assert_sent_and_noted(town, case, send(case))

    assert message["attachments"] == []
    assert "utanför detaljplanelagt område" in message["text"]
    assert "utanför detaljplanelagt område" in note["text"]


@pytest.mark.long  # its driver is shown the same in tests/contract/test_detail_plan_map.py
def test_a_map_with_the_plan_layer_off_is_not_read_as_outside_plan(town: Town, send: Send) -> None:
    """The map remembers the layer per session; the words of a dark layer are not the words of absence."""
    case, first = town.cases("detail_plan", "normal")[:2]
    send(first)

    done = send(case)

    assert done.outcome == "done"
    assert all(c["facts"]["attachments"] for c in town.truth(kind="message_sent"))


@with_one_case_system
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("not_final", "Planen har inte fått laga kraft"),
        pytest.param("protected", "Skyddade personuppgifter", marks=pytest.mark.long),
    ],
)
def test_a_person_gets_the_case(town: Town, settings: Settings, send: Send, twist: str, kind: str) -> None:
    case = town.cases("detail_plan", twist)[0]

    assert_handed_over(town, case, send(case), kind)

    assert {change["system"] for change in town.truth()} == {settings.cases}
