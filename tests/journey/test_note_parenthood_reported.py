"""What an official has approved and reported is noted in the akt, once, and the case is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made, cut_short_at_the_note

pytestmark = pytest.mark.browser
LAW = "family_law"
Noted = Callable[..., Finished]


@pytest.fixture
def note(carry_out: Callable[..., Finished]) -> Noted:
    def noting(case: dict[str, Any], reported: date | None = None, **typed: Any) -> Finished:
        day = reported or date.today()
        return carry_out("note-parenthood-reported", case_number=case["number"], reported=f"{day}", **typed)

    return noting


def with_protocol(town: Town, *, approved: bool = True) -> tuple[dict[str, Any], str, str]:
    """A case with an akt and a protocol in it: the case, and the numbers of both."""
    case = town.cases("parenthood", "akt_exists")[0]
    akt = next(a["number"] for a in town.act(LAW, "akter") if a["case_number"] == case["number"])
    protocol = str(town.act(LAW, "draw_up", akt=akt))
    if approved:
        town.act(LAW, "approve", protocol=protocol)
    return case, akt, protocol


def test_notes_what_the_official_has_reported(town: Town, note: Noted) -> None:
    case, akt, protocol = with_protocol(town)

    made, told = assert_made(town, note(case, way="Blankett"), "reported_to_skatteverket", "note_added")

    assert (made["about"], made["protocol"], made["way"]) == (akt, protocol, "Blankett")
    assert made["reported"] == f"{date.today()}"
    assert all(words in told["text"] for words in (akt, protocol, f"{date.today()}"))
    assert town.mail() == []


@pytest.mark.long
def test_an_attempt_cut_short_is_not_stopped_by_its_own_note(town: Town, note: Noted) -> None:
    case, *_ = with_protocol(town)
    cut_short_at_the_note(town)

    done = note(case)

    assert done.attempts == 2
    assert_made(town, done, "reported_to_skatteverket", "note_added")


@pytest.mark.long
def test_what_nobody_has_approved_is_not_noted(town: Town, note: Noted) -> None:
    case, *_ = with_protocol(town, approved=False)

    assert_handed_over(town, case, note(case), "Protokollet är inte godkänt")


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"), [("normal", "Ingen akt att anteckna i"), ("protected", "Skyddade personuppgifter")]
)
def test_a_person_gets_the_case(town: Town, note: Noted, twist: str, kind: str) -> None:
    case = town.cases("parenthood", twist)[0]

    assert_handed_over(town, case, note(case), kind)


@pytest.mark.long
def test_a_day_that_has_not_come_is_no_day_it_was_reported(town: Town, note: Noted) -> None:
    case, *_ = with_protocol(town)

    assert_handed_over(town, case, note(case, date.today() + timedelta(days=1)), "Fel dag")
