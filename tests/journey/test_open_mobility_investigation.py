"""An application for special transport becomes an investigation with an interview, once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from robots.cli.town import Town
from robots.queue.orders import retry
from robots.settings import Settings
from robots.store import Store
from robots.systems import mobility_service
from robots.task import Run
from robots.task_files import LoadedTasks
from robots.workdays import workdays_after
from robots.worker.attempt import attempt_run
from robots.worker.task_process.processes import TaskProcesses
from robots.worker.warm_browser import WarmBrowser
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made
from tests.journey.mobility import KEY, assert_health_untold, investigations, written_in

pytestmark = pytest.mark.browser
Open = Callable[..., Finished]
ERRAND = "mobility_application"
CALLS, MEETS = {"sv": "ringer dig", "en": "will call you"}, {"sv": "Du träffar", "en": "You will meet"}
MADE = ("investigation_opened", "interview_booked", "message_sent", "note_added")


@pytest.fixture
def open_for(carry_out: Callable[..., Finished]) -> Open:
    return lambda case, **more: carry_out("open-mobility-investigation", case_number=case["number"], **more)


def first_time(town: Town) -> dict[str, Any]:
    """The first that is free when a letter about it has had five workdays to arrive."""
    earliest = str(workdays_after(date.today(), 5))
    return next(t for t in town.act(KEY, "times") if t["day"] >= earliest and t["offered"])


def test_opens_books_writes_and_notes_once(town: Town, open_for: Open) -> None:
    case, time = town.cases(ERRAND, "normal")[0], first_time(town)

    done = open_for(case)
    assert open_for(case).run.id == done.run.id

    opened, booked, message, note = assert_made(town, done, *MADE, status="Pågående")
    (investigation,) = investigations(town, case)
    assert (opened["about"], opened["investigation"]) == (case["citizen"], investigation["number"])
    assert (opened["papers"], opened["tolk"], opened["by"]) == (
        ["Ansökan", "Läkarintyg"],
        "Framgår inte",
        "robot.viveka",
    )
    assert (booked["about"], booked["time"]) == (investigation["number"], time["words"])
    assert (booked["form"], booked["booking"]) == ("Telefon", investigation["booking"])
    assert [mail["recipient"] for mail in town.mail()] == [message["to"]]
    day, clock = time["words"].partition(",")[0].split()
    assert CALLS[written_in(case)] in message["text"]
    told = [investigation["number"], day, clock]
    assert all(words in message["text"] for words in told)
    assert all(words in note["text"] for words in [*told, booked["booking"], message["receipt"]])
    assert "Ingenting är bedömt." in note["text"]
    assert town.ask(f"/people/{case['citizen']}")["name"] not in note["text"]
    assert_health_untold(town, done)


@pytest.mark.long
def test_a_time_that_a_colleague_was_quicker_to_is_followed_by_the_next_free_one(
    town: Town, open_for: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, first = town.cases(ERRAND, "normal")[0], first_time(town)
    ready, quicker = mobility_service.Writer._demand_ready, iter([first["words"]])

    def after_a_colleague(self: mobility_service.Writer, button: Any) -> Any:
        making = self._committing
        if making and making.effect.once == "intervju" and (words := next(quicker, None)):
            town.act(KEY, "take_time", words=words)
        return ready(self, button)

    monkeypatch.setattr(mobility_service.Writer, "_demand_ready", after_a_colleague)

    done = open_for(case)

    assert next(quicker, None) is None
    assert done.attempts == 2
    _, booked, _, _ = assert_made(town, done, *MADE, status="Pågående")
    assert booked["time"] != first["words"]


@pytest.mark.long
def test_a_visit_and_an_interpreter_are_what_the_guide_has_heard(town: Town, open_for: Open) -> None:
    case = town.cases(ERRAND, "normal")[1]

    done = open_for(case, meeting="Besök", interpreter="Ja")

    opened, booked, message, _ = assert_made(town, done, *MADE, status="Pågående")

    assert (opened["tolk"], booked["form"]) == ("Ja", "Besök")
    _, officer, room = booked["time"].split(", ")
    assert f"{room}. {MEETS[written_in(case)]} {officer}." in message["text"]


@pytest.mark.long
def test_free_text_on_health_is_for_a_person(town: Town, open_for: Open) -> None:
    case = town.cases(ERRAND, "health_free_text")[0]

    done = open_for(case)

    assert_handed_over(town, case, done, "Fritext i ansökan")
    assert_health_untold(town, done)


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("certificate_not_specialist", "Underlaget behöver granskas"),
        ("open_investigation_already", "Öppen utredning finns redan"),
        ("not_resident", "Personen finns inte i registret"),
        ("protected", "Skyddade personuppgifter"),
        ("deceased", "Den sökande är avliden"),
    ],
)
def test_a_person_gets_the_case(town: Town, open_for: Open, twist: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    done = open_for(case)

    assert_handed_over(town, case, done, kind)
    assert_health_untold(town, done)
    assert town.act(KEY, "drafts", person=case["citizen"]) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "action", "changed"),
    [
        ("Registren säger olika", "tell_otherwise", {"municipality": "Granvik"}),
        ("Registren säger olika", "tell_otherwise", {"deceased": True}),
        ("Annan insats än färdtjänst", "apply_for", {"service": "Riksfärdtjänst"}),
        ("Flera e-ansökningar", "apply_again", {"number": "EA-26110999"}),
    ],
)
def test_what_the_file_says_can_make_it_a_person_s(
    town: Town, open_for: Open, kind: str, action: str, changed: dict[str, Any]
) -> None:
    case = town.cases(ERRAND, "normal")[0]
    town.act(KEY, action, person=case["citizen"], **changed)

    done = open_for(case)

    assert_handed_over(town, case, done, kind)
    assert_health_untold(town, done)
    assert town.act(KEY, "drafts", person=case["citizen"]) == []


@pytest.mark.long
def test_without_an_application_no_investigation_is_opened(town: Town, open_for: Open) -> None:
    case = town.cases("mobility_supplement", "normal")[0]
    town.act(KEY, "decide", number=investigations(town, case)[0]["number"], outcome="Avslag")

    assert_handed_over(town, case, open_for(case), "Ingen ny e-ansökan")


@pytest.mark.long
def test_an_incomplete_application_waits_and_is_taken_up_again_when_it_is_complete(
    town: Town,
    open_for: Open,
    settings: Settings,
    store: Store,
    tasks: LoadedTasks,
    browser: WarmBrowser,
    processes: TaskProcesses,
) -> None:
    case = town.cases(ERRAND, "certificate_missing")[0]

    done = open_for(case)

    (investigation,) = investigations(town, case)
    opened, handover = town.truth()
    assert (done.outcome, done.run.kind, done.run.in_case) == ("handed_over", "Ansökan är inte komplett", True)
    assert [opened["kind"], handover["kind"]] == ["investigation_opened", "handed_over"]
    assert opened["facts"]["papers"] == ["Ansökan"]
    told = handover["facts"]
    assert investigation["number"] in told["reason"]
    assert investigation["ask_before"] in told["reason"]
    assert "«Begär komplettering till färdtjänst»" in told["todo"]
    assert town.mail() == []
    assert_health_untold(town, done)

    town.act(KEY, "certificate_came", number=investigation["number"])
    attempt_run(settings, store, tasks, browser, retry(store, done.run.id, by="test").run_id, carry=processes.carry_out)

    kinds = [change["kind"] for change in town.truth()]
    assert kinds == ["investigation_opened", "handed_over", *MADE[1:], "status_set", "handed_over"]


@pytest.mark.long
def test_when_no_time_is_free_the_opened_investigation_goes_to_a_person(town: Town, open_for: Open) -> None:
    case = town.cases(ERRAND, "normal")[0]
    for time in town.act(KEY, "times"):
        town.act(KEY, "take_time", words=time["words"])

    done = open_for(case)

    assert (done.outcome, done.run.kind) == ("handed_over", "Ingen ledig tid för intervju")
    assert [change["kind"] for change in town.truth()] == ["investigation_opened", "handed_over"]
    assert investigations(town, case)[0]["number"] in done.run.reason


@pytest.mark.long
@pytest.mark.parametrize("knows_its_own", [True, False], ids=["", "control"])
def test_an_attempt_that_was_cut_short_is_gone_on_with(
    town: Town, open_for: Open, knows_its_own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stopped between the booking and the letter: nothing is made again, and the letter tells what is booked."""
    case = town.cases(ERRAND, "normal")[0]
    town.fault("case_management", "down", path=r"/meddelande$", seconds=1, times=1)
    if not knows_its_own:
        monkeypatch.setattr(Run, "has_made", lambda *_: False)

    done = open_for(case)

    assert done.attempts > 1
    if not knows_its_own:
        assert done.run.kind == "Öppen utredning finns redan"
        return
    _, booked, message, _ = assert_made(town, done, *MADE, status="Pågående")
    assert booked["time"].partition(",")[0].split()[0] in message["text"]


@pytest.mark.long
def test_a_dry_run_saves_nothing(town: Town, open_for: Open) -> None:
    case = town.cases(ERRAND, "normal")[0]

    done = open_for(case, dry_run=True)

    assert (done.outcome, town.truth(), town.mail()) == ("done", [], [])
    assert town.act(KEY, "drafts", person=case["citizen"]) == []
    assert any("Provkörningen slutar här" in title for _, title in done.events)
