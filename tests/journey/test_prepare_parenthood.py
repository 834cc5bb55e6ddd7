"""A simplified confirmation of parenthood is prepared or reminded of, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_left_as, assert_made, cut_short_at_the_note

pytestmark = pytest.mark.browser
LAW = "family_law"
Prepare = Callable[..., Finished]
PREPARED = ["akt_opened", "protocol_prepared", "visit_booked", "letter_sent"]


@pytest.fixture
def prepare(carry_out: Callable[..., Finished]) -> Prepare:
    return lambda case, **typed: carry_out("prepare-parenthood", case_number=case["number"], **typed)


def case_with(town: Town, twist: str, language: str = "") -> dict[str, Any]:
    return next(c for c in town.cases("parenthood", twist) if language in ("", c["language"]))


def akt_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    return next(a for a in town.act(LAW, "akter") if a["case_number"] == case["number"])


def assert_prepared(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    """One akt with all that belongs to it, one note, and nothing else anywhere. The akt as the town has it."""
    *made, note, status, passed_on = town.truth()
    assert_left_as(town, [status, passed_on], "Pågående")
    akt = akt_of(town, case)
    assert [c["kind"] for c in made] == PREPARED
    assert {c["about"] for c in made} == {case["number"], akt["number"]}
    assert {c["by"] for c in made} == {"robot.viveka"}
    assert (note["kind"], note["about"]) == ("note_added", case["number"])
    receipts = [akt["number"], *(made[n]["facts"]["record"] for n in (1, 2, 3))]
    assert all(receipt in note["facts"]["text"] for receipt in receipts)
    assert town.mail() == []
    return akt


# -- the good ways --------------------------------------------------------------------------------------------------


def test_prepares_everything_and_decides_nothing(town: Town, prepare: Prepare) -> None:
    case = case_with(town, "normal", "sv")

    done = prepare(case)

    assert (done.outcome, done.run.reason) == ("done", "")
    akt = assert_prepared(town, case)
    (protocol,), (visit,), (letter,) = akt["protocols"], akt["visits"], akt["letters"]
    assert (akt["form"], protocol["status"], letter["kind"]) == ("Förenklad", "Utkast", "Kallelse")
    assert f"{visit['day']} klockan {visit['hour'].replace(':', '.')}" in letter["text"]
    assert date.fromisoformat(visit["day"]) >= date.today() + timedelta(days=7), "the summons must reach them first"
    assert set(done.effects.values()) == {"CONFIRMED"}

    prepare(case)

    assert len(town.truth()) == len(PREPARED) + 3, "asked for twice, prepared once"


@pytest.mark.long
def test_the_note_tells_nothing_of_the_family(town: Town, prepare: Prepare) -> None:
    case = case_with(town, "normal")
    told = next(n for n in town.act(LAW, "notifications") if n["case_number"] == case["number"])
    prepare(case)

    note = " ".join(f"{change['facts']}" for change in town.truth("case_management"))

    visit = akt_of(town, case)["visits"][0]
    secrets = [*told["parents"], told["due"], visit["day"]]
    secrets += [town.ask(f"/people/{number}")["name"] for number in told["parents"]]
    assert not any(secret in note for secret in secrets)


@pytest.mark.long
@pytest.mark.parametrize("cut_at", ["case_management", LAW])
def test_an_attempt_cut_short_goes_on_in_its_own_akt(town: Town, prepare: Prepare, cut_at: str) -> None:
    """Whoever finds an akt stops, but not at the one that the run has opened itself."""
    case = case_with(town, "normal", "sv")
    if cut_at == LAW:
        town.fault(LAW, "down", path="/ny/brev$", method="GET")
    else:
        cut_short_at_the_note(town)

    done = prepare(case)

    assert (done.outcome, done.attempts) == ("done", 2)
    akt = assert_prepared(town, case)
    (visit,), (letter,) = akt["visits"], akt["letters"]
    assert f"{visit['day']} klockan {visit['hour'].replace(':', '.')}" in letter["text"]


@pytest.mark.long
def test_a_dry_run_saves_nothing_and_tells_all_that_it_would_have_done(town: Town, prepare: Prepare) -> None:
    done = prepare(case_with(town, "normal"), dry_run=True)

    assert (done.outcome, town.truth()) == ("done", [])
    told = [title for kind, title in done.events if kind == "dry_run"]
    assert len(told) == 7
    assert "kallelse" in told[3]


@pytest.mark.long
def test_reminds_every_two_weeks(town: Town, prepare: Prepare) -> None:
    case = case_with(town, "akt_exists")
    akt = akt_of(town, case)["number"]

    first = prepare(case, reminder=1)
    prepare(case, reminder=1)

    assert (first.outcome, first.run.reason) == ("done", "")
    letter, note, *ending = town.truth()
    assert_left_as(town, ending, "Väntar på medborgaren")
    assert (letter["kind"], letter["about"], letter["facts"]["letter_kind"]) == ("letter_sent", akt, "Påminnelse")
    assert (note["kind"], note["about"]) == ("note_added", case["number"])
    assert letter["facts"]["letter"] in note["facts"]["text"]
    assert town.mail() == []

    too_soon = prepare(case, reminder=2)

    assert (too_soon.outcome, too_soon.run.kind) == ("handed_over", "För tidigt att påminna")
    assert len(town.truth(LAW)) == 1


@pytest.mark.long
def test_a_reminder_that_was_cut_short_is_not_stopped_by_its_own_letter(town: Town, prepare: Prepare) -> None:
    cut_short_at_the_note(town)

    done = prepare(case_with(town, "akt_exists"), reminder=1)

    assert done.attempts == 2
    assert_made(town, done, "letter_sent", "note_added", status="Väntar på medborgaren")


# -- what a person must do --------------------------------------------------------------------------------------------


@pytest.mark.long
def test_an_akt_that_is_there_already_stops_it(town: Town, prepare: Prepare) -> None:
    case = case_with(town, "akt_exists")

    facts = assert_handed_over(town, case, prepare(case), "Akten finns redan")

    assert akt_of(town, case)["number"] in facts["reason"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("minor_parent", "Minderårig förälder"),
        ("married", "Gift förälder"),
        ("foreign_residence", "Förälder bosatt utomlands"),
        ("not_same_address", "Inte samma adress"),
        ("doubt", "Tvekan om föräldraskapet"),
        ("three_reminders", "Akten finns redan"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, prepare: Prepare, twist: str, kind: str) -> None:
    case = case_with(town, twist)

    facts = assert_handed_over(town, case, prepare(case), kind)

    assert "tvek" not in facts["reason"].lower()


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "reminder", "kind"),
    [
        ("three_reminders", 4, "Ingen kontakt efter tre påminnelser"),
        ("akt_exists", 2, "Fel nummer på påminnelsen"),
        ("normal", 1, "Ingen akt att påminna i"),
        ("protected", 1, "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_a_case_that_cannot_be_reminded_of(
    town: Town, prepare: Prepare, twist: str, reminder: int, kind: str
) -> None:
    case = case_with(town, twist)

    assert_handed_over(town, case, prepare(case, reminder=reminder), kind)
