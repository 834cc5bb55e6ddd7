"""A couple's wished time is reserved and confirmed, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import WrongInput
from tests.conftest import Finished
from tests.journey.judge import CLOSED, assert_handed_over, assert_left_as, cut_short_at_the_note

pytestmark = pytest.mark.browser
WEDDINGS = "civil_weddings"
WITNESSES = {"witness_1": "Vera Tall", "witness_2": "Ivar Strand"}
Book = Callable[..., Finished]


@pytest.fixture
def book(carry_out: Callable[..., Finished]) -> Book:
    return lambda case, **typed: carry_out("book-civil-wedding", case_number=case["number"], **(WITNESSES | typed))


@pytest.fixture
def town_days_ago(town: Town) -> Iterator[Callable[[int], None]]:
    """The town as it was so many days ago: what its couples wish for is then that much nearer to the robot's today."""
    yield lambda days: town.reset(seed=1, today=str(date.today() - timedelta(days=days)))
    town.reset(seed=1, today=str(date.today()))


def case_with(town: Town, twist: str, language: str = "") -> dict[str, Any]:
    return next(c for c in town.cases("wedding_booking", twist) if language in ("", c["language"]))


def application_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = town.act(WEDDINGS, "application_of", case=case["number"])
    return told


def assert_booked(town: Town, case: dict[str, Any], *, fee: int = 0, status: str = CLOSED) -> tuple[str, str]:
    """One reservation, one booking, one message with its mail, one note, the status, nothing else. The texts of those
    two."""
    reserved, booked, message, note, *ending = town.truth()
    assert_left_as(town, ending, status)
    application = application_of(town, case)
    assert [c["kind"] for c in (reserved, booked)] == ["slot_reserved", "wedding_booked"]
    assert {reserved["about"], booked["about"]} == {application["number"]}
    assert {reserved["by"], booked["by"]} == {"robot.alfhild"}
    assert (application["status"], application["slot"]) == ("Bokad", application["wish"])
    assert (booked["facts"]["fee"], booked["facts"]["witnesses"]) == (fee, list(WITNESSES.values()))
    assert [c["kind"] for c in (message, note)] == ["message_sent", "note_added"]
    assert {message["about"], note["about"]} == {case["number"]}
    (mail,) = town.mail()
    assert mail["recipient"] == message["facts"]["to"]
    assert booked["facts"]["happening"] in note["facts"]["text"]
    return message["facts"]["text"], note["facts"]["text"]


# -- the good ways --------------------------------------------------------------------------------------------------


def test_books_the_wished_time_and_tells_the_couple(town: Town, book: Book) -> None:
    case = case_with(town, "normal", "sv")

    done = book(case)

    assert (done.outcome, done.run.reason) == ("done", "")
    text, note = assert_booked(town, case)
    wish = application_of(town, case)["wish"]
    assert f"{wish['day']} klockan {wish['time']} i {wish['place']}" in text
    assert "kostar ingenting" in text
    assert "vigselintyget" not in text
    assert not any(name in note for name in WITNESSES.values())
    assert set(done.effects.values()) == {"CONFIRMED"}

    book(case)

    assert_booked(town, case)  # asked for twice, booked once


@pytest.mark.long
def test_a_couple_from_elsewhere_pays_what_it_has_been_told(town: Town, book: Book) -> None:
    case = case_with(town, "not_resident")

    done = book(case, fee=800)

    assert (done.outcome, done.run.reason) == ("done", "")
    text, note = assert_booked(town, case, fee=800, status="Pågående")
    assert town.truth()[-1]["facts"]["todo"] == "Skicka fakturan."
    assert "800 kr" in text
    assert "800 kr, ingen faktura är skickad" in note


@pytest.mark.long
def test_papers_that_are_still_to_come_are_asked_for(town: Town, book: Book) -> None:
    case = case_with(town, "normal", "sv")
    application = application_of(town, case)
    town.act(WEDDINGS, "lose_certificate", number=application["number"])

    book(case)

    text, note = assert_booked(town, case, status="Väntar på medborgaren")
    last = date.fromisoformat(application["wish"]["day"]) - timedelta(days=14)
    assert f"senast {last}" in text
    assert f"senast {last}" in note
    assert f"senast {last}" in town.truth()[-1]["facts"]["todo"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("system", "path"),
    [(WEDDINGS, "/bekrafta$"), ("case_management", "meddelande"), ("case_management", "")],
    ids=["reserved", "booked", "told"],
)
def test_an_attempt_cut_short_goes_on_with_its_own_time(town: Town, book: Book, system: str, path: str) -> None:
    """Whoever finds a time that is taken stops, but not at the one that the run has taken itself."""
    case = case_with(town, "normal")
    if path:
        town.fault(system, "down", path=path, method="GET")
    else:
        cut_short_at_the_note(town)

    done = book(case)

    assert (done.outcome, done.attempts) == ("done", 2)
    assert_booked(town, case)


@pytest.mark.long
def test_a_dry_run_saves_nothing_and_tells_all_that_it_would_have_done(town: Town, book: Book) -> None:
    done = book(case_with(town, "normal"), dry_run=True)

    assert (done.outcome, town.truth(), town.mail()) == ("done", [], [])
    told = [title for kind, title in done.events if kind == "dry_run"]
    assert [words.split()[3] for words in told] == ["reservation", "bokning", "bekräftelse", "anteckning", "avslut"]


# -- what a person must do --------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_colleague_who_is_quicker_gets_the_time(town: Town, book: Book) -> None:
    """The calendar shows it free; the system says otherwise when it is asked to reserve it."""
    case = case_with(town, "slot_taken")

    facts = assert_handed_over(town, case, book(case), "Tiden är tagen")

    assert "Marianne Ek" in facts["reason"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "typed", "kind"),
    [
        ("certificate_expires", {}, "Vigselintyget räcker inte"),
        ("outside_premises", {}, "Vigsel utanför kommunens lokaler"),
        ("protected", {}, "Skyddade personuppgifter"),
        ("not_resident", {}, "Avgiften stämmer inte"),
        ("normal", {"fee": 800}, "Avgiften stämmer inte"),
    ],
    ids=["certificate", "outside", "protected", "fee not told", "fee for nothing"],
)
def test_a_person_gets_the_case(town: Town, book: Book, twist: str, typed: dict[str, Any], kind: str) -> None:
    case = case_with(town, twist)

    assert_handed_over(town, case, book(case, **typed), kind)


@pytest.mark.long
def test_a_time_that_is_seen_to_be_taken_is_told_with_those_that_are_free(town: Town, book: Book) -> None:
    case = case_with(town, "normal")
    wish = application_of(town, case)["wish"]
    town.act(WEDDINGS, "take", **wish)
    free = town.act(WEDDINGS, "free", place=wish["place"], day=wish["day"])

    facts = assert_handed_over(town, case, book(case), "Tiden är tagen")

    assert f"Lediga tider den dagen: {', '.join(free)}." in facts["reason"]


@pytest.mark.long
def test_a_couple_that_a_colleague_has_given_a_time_is_left_alone(town: Town, book: Book) -> None:
    case = case_with(town, "normal")
    town.act(WEDDINGS, "hold", number=application_of(town, case)["number"])

    assert_handed_over(town, case, book(case), "Har redan en tid")


@pytest.mark.long
def test_an_application_that_is_over_is_none(town: Town, book: Book) -> None:
    case = case_with(town, "normal")
    town.act(WEDDINGS, "set_status", number=application_of(town, case)["number"], status="Avbokad")

    assert_handed_over(town, case, book(case), "Inte en enda ansökan")


@pytest.mark.long
def test_papers_that_come_too_late_stop_the_booking(
    town: Town, book: Book, town_days_ago: Callable[[int], None]
) -> None:
    town_days_ago(14)
    case = case_with(town, "normal")
    application = application_of(town, case)
    assert date.fromisoformat(application["wish"]["day"]) - date.today() <= timedelta(days=14)
    town.act(WEDDINGS, "lose_certificate", number=application["number"])

    assert_handed_over(town, case, book(case), "Papperen hinner inte fram")


@pytest.mark.long
@pytest.mark.parametrize("which", [0, 1], ids=["applicant", "partner"])
def test_whoever_is_married_is_no_witness(town: Town, book: Book, which: int) -> None:
    case = case_with(town, "normal")
    name = town.ask(f"/people/{application_of(town, case)['couple'][which]}")["name"]

    facts = assert_handed_over(town, case, book(case, witness_2=f" {name.upper()} "), "Fel vittne")

    assert name not in facts["reason"]


@pytest.mark.long
def test_the_same_witness_twice_is_refused_before_anything_starts(town: Town, book: Book) -> None:
    with pytest.raises(WrongInput, match="två olika personer"):
        book(case_with(town, "normal"), witness_2="vera  tall")

    assert town.truth() == []
