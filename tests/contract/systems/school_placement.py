"""Skolplacering."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import PersonalNumber
from robots.systems import school_placement
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

NOBODY = PersonalNumber("18900101-9802")  # nobody in the town is as old


def pupil_of(town: Town, twist: str = "normal", place: int = 0) -> PersonalNumber:
    """The child that a case is about."""
    return PersonalNumber(town.cases("school_choice", twist)[place]["children"][0])


def facts_of(town: Town, pupil: str) -> dict[str, Any]:
    """What the system's own register has of the pupil."""
    found: dict[str, Any] = town.act("school_placement", "pupil", personal_number=pupil)
    return found


def wishes_of(town: Town, pupil: str) -> tuple[str, ...]:
    return tuple(facts_of(town, pupil)["guardians"][0]["wishes"])


def _standing_choice(town: Town) -> dict[str, Any]:
    pupil = pupil_of(town, "already_chosen")
    events = town.act("school_placement", "events", personal_number=pupil)
    return {"pupil": pupil, **next(e for e in events if e["kind"] == "Skolval")}


def _find_nobody(schools: school_placement.Reader, _town: Town) -> None:
    try:
        schools.pupil(NOBODY)
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a pupil whom nobody has registered")


def naive(page: Page, town: Town) -> object:
    page.get_by_role("link", name="Elever").click()
    page.get_by_role("gridcell").first.wait_for()
    page.get_by_label("Sök elev").fill(pupil_of(town))
    page.get_by_role("row").nth(1).click()
    page.get_by_role("heading", name="Elevkort").wait_for()
    return page.locator("dd").nth(1).inner_text()


SYSTEM = SystemUnderTest(
    school_placement.Reader,
    (
        Reading(
            "pupil",
            r"^/elever$",
            "<h1>Elever",
            lambda schools, town: [g.personal_number for g in schools.pupil(pupil_of(town)).guardians],
            lambda town: [g["personal_number"] for g in facts_of(town, pupil_of(town))["guardians"]],
            _find_nobody,
            "Inga elever hittades för",
        ),
        Reading(
            "find_choice",
            r"^/$",
            "<h1>Händelser",
            lambda schools, town: schools.find_choice(
                PersonalNumber(_standing_choice(town)["pupil"]), _standing_choice(town)["reference"]
            ),
            lambda town: _standing_choice(town)["number"],
            lambda schools, town: schools.find_choice(pupil_of(town), UNKNOWN_MARK),
            "Inga händelser hittades för",
        ),
    ),
    naive,
    "The list is one page's own: it waits a while before it searches, and until then its first row is somebody else.",
    lambda believed, town: believed == pupil_of(town),
    school_placement.Writer,
    (
        Change(
            "add_note",
            r"^/elever$",
            r"/anteckning$",
            "note_written",
            pupil_of,
            lambda schools, town: schools.add_note(pupil_of(town), "Ett prov.", once=ONCE),
        ),
        Change(
            "record_choice",
            r"^/elever$",
            r"/skolval$",
            "choice_recorded",
            pupil_of,
            lambda schools, town: schools.record_choice(
                pupil_of(town), wishes_of(town, pupil_of(town)), sibling=False, once=ONCE
            ),
        ),
    ),
)
