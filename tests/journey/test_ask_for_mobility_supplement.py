"""The letter that is due about a missing certificate is sent, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from robots.cli.town import Town
from robots.task import Run
from robots.workdays import workdays_after
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made, cut_short_at_the_note
from tests.journey.mobility import KEY, assert_health_untold, investigations, written_in

pytestmark = pytest.mark.browser
Ask = Callable[..., Finished]
ERRAND = "mobility_supplement"
FIRST, REMINDER, FINAL = "Begäran om komplettering", "Påminnelse", "Sista påminnelse"
SAYS = {
    "sv": {FIRST: "behöver vi ett läkarintyg", REMINDER: "Har du redan skickat det?", FINAL: "den sista påminnelsen"},
    "en": {FIRST: "we need a medical certificate", REMINDER: "Have you sent it already?", FINAL: "the last reminder"},
}


@pytest.fixture
def ask(carry_out: Callable[..., Finished]) -> Ask:
    return lambda case, **more: carry_out("ask-for-mobility-supplement", case_number=case["number"], **more)


def assert_sent(town: Town, case: dict[str, Any], done: Finished, kind: str) -> None:
    """That letter in that investigation, one note about it, and nothing else anywhere."""
    letter, note = assert_made(town, done, "letter_sent", "note_added", status="Väntar på medborgaren")
    (investigation,) = investigations(town, case)
    due = str(workdays_after(date.today(), 10))
    assert (letter["about"], letter["letter_kind"], letter["due"]) == (investigation["number"], kind, due)
    assert due in letter["text"]
    assert SAYS[written_in(case)][kind] in letter["text"]
    assert note["about"] == case["number"]
    assert all(words in note["text"] for words in (investigation["number"], letter["letter"], due, kind))
    assert "Ingenting är bedömt." in note["text"]
    assert town.mail() == []
    assert_health_untold(town, done)


def test_the_first_letter_is_sent_once(town: Town, ask: Ask) -> None:
    case = town.cases(ERRAND, "normal")[0]

    done = ask(case)
    assert ask(case).run.id == done.run.id

    assert_sent(town, case, done, FIRST)


@pytest.mark.long
@pytest.mark.parametrize(("twist", "kind"), [("reminder_due", REMINDER), ("final_notice_due", FINAL)])
def test_the_next_letter_is_the_one_that_is_due(town: Town, ask: Ask, twist: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    assert_sent(town, case, ask(case, wanted=kind), kind)


@pytest.mark.long
def test_what_has_come_in_is_not_asked_for(town: Town, ask: Ask) -> None:
    case = town.cases(ERRAND, "supplement_came")[0]

    done = ask(case)

    told = assert_handed_over(town, case, done, "Kompletteringen har kommit in")
    assert investigations(town, case)[0]["number"] in told["reason"]
    assert_health_untold(town, done)


@pytest.mark.long
def test_a_protected_person_gets_no_letter(town: Town, ask: Ask) -> None:
    case = town.cases(ERRAND, "protected")[0]

    assert_handed_over(town, case, ask(case), "Skyddade personuppgifter")


@pytest.mark.long
def test_another_letter_than_the_one_that_is_due_is_not_sent(town: Town, ask: Ask) -> None:
    case = town.cases(ERRAND, "reminder_due")[0]

    told = assert_handed_over(town, case, ask(case, wanted=FINAL), "Ett annat brev står på tur")

    assert told["reason"] == "Påminnelse står på tur, inte sista påminnelse."


@pytest.mark.long
def test_while_there_is_time_to_answer_nothing_more_is_sent(town: Town, ask: Ask) -> None:
    """The reminder that somebody has just sent by asking for it in another way is not sent again."""
    case = town.cases(ERRAND, "reminder_due")[0]
    ask(case)
    (letter,) = town.truth(KEY)

    done = ask(case, wanted=REMINDER)

    assert (done.outcome, done.run.kind) == ("handed_over", "Svarstiden har inte gått ut")
    assert letter["facts"]["letter"] in done.run.reason
    assert [change["kind"] for change in town.truth()] == [
        "letter_sent", "note_added", "status_set", "handed_over", "handed_over",
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"protection": "sekretessmarkering"}, "Skyddade personuppgifter"),
        ({"deceased": True}, "Registren säger olika"),
        ({"municipality": "Granvik"}, "Registren säger olika"),
    ],
)
def test_registers_that_do_not_agree_are_for_a_person(town: Town, ask: Ask, changed: dict[str, Any], kind: str) -> None:
    case = town.cases(ERRAND, "normal")[0]
    town.act(KEY, "tell_otherwise", person=case["citizen"], **changed)

    assert_handed_over(town, case, ask(case), kind)


@pytest.mark.long
def test_which_of_two_investigations_it_is_about_is_for_a_person_to_say(town: Town, ask: Ask) -> None:
    case = town.cases(ERRAND, "normal")[0]
    town.act(KEY, "open_another", person=case["citizen"])

    told = assert_handed_over(town, case, ask(case), "Flera öppna utredningar")

    assert all(each["number"] in told["reason"] for each in investigations(town, case))


@pytest.mark.long
def test_an_application_that_lacks_nothing_gets_no_letter(town: Town, ask: Ask) -> None:
    case = town.cases("mobility_application", "open_investigation_already")[0]

    assert_handed_over(town, case, ask(case), "Inget saknas")


@pytest.mark.long
def test_what_no_letter_of_the_robot_s_asks_for_is_for_a_person(town: Town, ask: Ask) -> None:
    """Nothing but the certificate can be missing in the practice town: the page says something else."""
    case = town.cases(ERRAND, "normal")[0]
    lacks = "<td>Saknas</td><td>"
    town.fault(
        KEY, "label_renamed", path=r"utredningar/FT-\d+-\d+$", old=f"{lacks}Läkarintyg", new=f"{lacks}Fullmakt", times=9
    )

    assert_handed_over(town, case, ask(case), "Något annat saknas")


@pytest.mark.long
@pytest.mark.parametrize(
    ("letter", "answer_in", "kind"),
    [(FIRST, None, "Brevet har ingen svarsdag"), (FINAL, 14, "Den sista svarstiden har gått ut")],
)
def test_after_some_letters_a_person_decides_what_comes_next(
    town: Town, ask: Ask, letter: str, answer_in: int | None, kind: str
) -> None:
    case = town.cases(ERRAND, "normal")[0]
    (investigation,) = investigations(town, case)
    town.act(KEY, "write", number=investigation["number"], kind=letter, days_ago=40, answer_in=answer_in)

    told = assert_handed_over(town, case, ask(case), kind)

    assert investigations(town, case)[0]["letters"][-1][0] in told["reason"]


@pytest.mark.long
def test_a_concluded_investigation_is_for_a_person(town: Town, ask: Ask) -> None:
    case = town.cases(ERRAND, "normal")[0]
    town.act(KEY, "decide", number=investigations(town, case)[0]["number"], outcome="Avslag")

    assert_handed_over(town, case, ask(case), "Ingen öppen utredning")


@pytest.mark.long
@pytest.mark.parametrize("knows_its_own", [True, False], ids=["", "control"])
def test_an_attempt_that_was_cut_short_does_not_take_its_own_letter_for_an_earlier_one(
    town: Town, ask: Ask, knows_its_own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stopped between the letter and the note."""
    case = town.cases(ERRAND, "normal")[0]
    cut_short_at_the_note(town)
    if not knows_its_own:
        monkeypatch.setattr(Run, "has_made", lambda *_: False)

    done = ask(case)

    assert done.attempts > 1
    if knows_its_own:
        assert_sent(town, case, done, FIRST)
    else:
        assert done.run.kind == "Svarstiden har inte gått ut"


@pytest.mark.long
def test_a_dry_run_sends_nothing(town: Town, ask: Ask) -> None:
    done = ask(town.cases(ERRAND, "normal")[0], dry_run=True)

    assert (done.outcome, town.truth(), town.mail()) == ("done", [], [])
