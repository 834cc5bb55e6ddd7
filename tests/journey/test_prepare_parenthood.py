"""A simplified confirmation of parenthood is prepared or reminded of, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from robots.practice import identifiers
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
    ("kind", "answers"),
    [
        ("Assisterad befruktning", {"assisted": "Ja"}),
        ("Kan bekräftas hos Skatteverket", {"child": identifiers.personal_number(date.today(), 990)}),
        ("För tidigt i graviditeten", {"due": f"{date.today() + timedelta(weeks=30)}"}),
    ],
)
def test_what_the_parents_answer_can_make_it_a_person_s(
    town: Town, prepare: Prepare, kind: str, answers: dict[str, str]
) -> None:
    case = case_with(town, "normal")
    town.act(LAW, "answer", case=case["number"], **answers)

    facts = assert_handed_over(town, case, prepare(case), kind)

    assert "befruktning" not in facts["reason"], "secret for those too who read the case"
    assert all(secret not in f"{facts}" for secret in answers.values() if secret != "Ja")


@pytest.mark.long
@pytest.mark.parametrize(
    ("theirs", "kind"),
    [("normal", "Den sökande är inte förälder i anmälan"), ("protected", "Skyddade personuppgifter")],
)
def test_a_notification_of_others_is_for_a_person(town: Town, prepare: Prepare, theirs: str, kind: str) -> None:
    case, other = case_with(town, "normal"), town.cases("parenthood", theirs)[-1]
    town.act(LAW, "notify_for", case=case["number"], other=other["number"])

    facts = assert_handed_over(town, case, prepare(case), kind)

    assert other["citizen"] not in f"{facts}"


@pytest.mark.long
def test_without_the_parents_notification_nothing_is_begun(town: Town, prepare: Prepare) -> None:
    case = case_with(town, "normal")
    town.act(LAW, "withdraw", case=case["number"])

    assert_handed_over(town, case, prepare(case), "Anmälan saknas")


@pytest.mark.long
def test_without_a_free_visiting_time_nothing_is_begun(town: Town, prepare: Prepare) -> None:
    case = case_with(town, "normal")
    for day, hour in town.act(LAW, "free_times"):
        town.act(LAW, "take_slot", day=day, hour=hour)

    assert_handed_over(town, case, prepare(case), "Ingen ledig besökstid")


@pytest.mark.long
def test_parents_who_have_come_are_not_reminded(town: Town, prepare: Prepare) -> None:
    case = case_with(town, "akt_exists")
    town.act(LAW, "approve", protocol=town.act(LAW, "draw_up", akt=akt_of(town, case)["number"]))

    assert_handed_over(town, case, prepare(case, reminder=1), "Föräldrarna har redan varit på besök")


@pytest.mark.long
def test_parents_who_have_not_been_summoned_are_not_reminded(town: Town, prepare: Prepare) -> None:
    """What was to summon them was cut short before the letter."""
    case = case_with(town, "normal")
    town.fault(LAW, "down", path="/ny/brev$", method="GET")
    prepare(case, most=1)
    before = [change["kind"] for change in town.truth()]
    assert before == PREPARED[:-1]

    done = prepare(case, reminder=1)

    assert (done.outcome, done.run.kind) == ("handed_over", "Ingen kallelse att påminna om")
    assert [change["kind"] for change in town.truth()] == [*before, "handed_over"]


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
