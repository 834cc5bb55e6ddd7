"""What the ending of an attempt means: tried again after a pause, given to a person, or told to the admin."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from robots.cli.town import Town
from robots.errors import (
    ApplicationException,
    BusinessException,
    EffectUnverified,
    LoginFailed,
    PageNotRecognised,
    RunCancelled,
    SystemDown,
)
from robots.queue.claims import claim
from robots.store import Store
from robots.store.schema import outcomes, run_events
from robots.task import Run
from robots.worker import attempt as attempt_module
from robots.worker.attempt import POISON
from robots.worker.warm_browser import WarmBrowser, Window
from tests.unit.runs import another_process
from tests.unit.trials import Trial, raising, well

pytestmark = pytest.mark.browser


# -- endings ------------------------------------------------------------------------------------------------------


def test_what_goeswell_is_done_with_its_report(trial: Trial) -> None:
    trial.ask()
    assert trial.attempt(well) == "done"
    assert (trial.run.state, trial.run.outcome, trial.attempts()) == ("done", "done", ["done"])
    assert (trial.settings.evidence_dir / str(trial.run_id) / "report.html").is_file()
    assert trial.attempt(raising(AssertionError("tried again"))) == "ended"


def test_a_business_exception_is_for_a_person_and_not_tried_again(trial: Trial, store: Store) -> None:
    trial.ask()
    stop = BusinessException("Fastigheten har inga ritningar", todo="Sök i pappersarkivet", kind="Inga ritningar")
    assert trial.attempt(raising(stop)) == "handed_over"
    run = trial.run
    assert (run.outcome, run.kind, run.reason, run.todo, run.in_case) == (
        "handed_over", "Inga ritningar", "Fastigheten har inga ritningar", "Sök i pappersarkivet", False,
    )  # fmt: skip
    assert trial.pauses == []
    with store.begin() as connection:
        assert len(connection.execute(select(outcomes)).all()) == 1


def test_what_an_error_quotes_of_a_person_is_stored_nowhere(trial: Trial, store: Store) -> None:
    trial.ask()
    quoting = "Fältet behöll inte 19850312-9801, kim@post.example"
    assert trial.attempt(raising(BusinessException(quoting, todo="Ring 070-174 06 05", kind="Fel"))) == "handed_over"
    assert trial.run.reason == "Fältet behöll inte [personnummer], [e-post]"
    assert trial.run.todo == "Ring [telefon]"
    with store.begin() as connection:
        written = str([tuple(row) for row in connection.execute(select(run_events))])
    assert "9801" not in written
    assert "kim@" not in written


@pytest.mark.parametrize(
    "error",
    [ApplicationException("Nätet"), PageNotRecognised("Fel sida"), OperationalError("select", {}, OSError("bort"))],
    ids=["technical", "page", "database"],
)
def test_a_technical_error_is_tried_again_with_doubled_pauses_and_then_for_a_person(
    trial: Trial, error: Exception
) -> None:
    trial.ask()
    assert [trial.attempt(raising(error)) for _ in range(4)] == [None, None, None, "handed_over"]
    assert trial.pauses == [2.0, 4.0, 8.0]
    assert trial.attempts() == ["retry", "retry", "retry", "handed_over"]
    assert trial.run.reason.startswith(f"{getattr(error, 'kind', 'Tekniskt fel')}: ")
    assert trial.run.todo


def test_it_may_gowell_the_second_time(trial: Trial) -> None:
    trial.ask()
    assert trial.attempt(raising(ApplicationException("Nätet"))) is None
    assert trial.run.outcome is None
    assert trial.attempt(well) == "done"
    assert trial.attempts() == ["retry", "done"]


@pytest.mark.parametrize(
    ("error", "pause"),
    [(SystemDown("stängt", 60.0), 60.0), (SystemDown("stängt", 0.5), 2.0), (SystemDown("stängt"), 2.0),
     (EffectUnverified("osedd", 30.0), 30.0), (EffectUnverified("osedd", 1.0), 2.0)],
)  # fmt: skip
def test_the_pause_is_at_least_what_the_system_asks_for(trial: Trial, error: Exception, pause: float) -> None:
    trial.ask()
    assert trial.attempt(raising(error)) is None
    assert trial.pauses == [pause]


def test_a_refused_login_is_not_tried_again(trial: Trial) -> None:
    trial.ask()
    assert trial.attempt(raising(LoginFailed("nekad"))) == "handed_over"
    assert trial.run.kind == "Inloggningen gick inte"


def test_a_fault_in_the_tasks_code_is_for_a_person_and_its_line_for_the_admin(trial: Trial) -> None:
    trial.ask()
    assert trial.attempt(raising(KeyError("nyckel"))) == "handed_over"
    assert (trial.run.kind, trial.run.reason) == ("Fel i uppgiften", "Ett fel i uppgiftens kod: KeyError: 'nyckel'")
    assert trial.pauses == []


def test_a_cancelled_run_ends_as_cancelled(trial: Trial) -> None:
    trial.ask()
    assert trial.attempt(raising(RunCancelled("Körningen är avbruten."))) == "cancelled"
    assert trial.run.state == "cancelled"


def test_a_task_that_is_no_longer_there_is_the_admins_to_mend(trial: Trial) -> None:
    trial.ask()
    del trial.tasks.by_name["happen"]
    assert trial.attempt(well) == "failed"
    assert (trial.run.kind, "Det finns" in trial.run.reason) == ("Felaktig inställning", True)


# -- rights -------------------------------------------------------------------------------------------------------


def test_without_the_right_no_page_is_opened(trial: Trial, monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    windows: list[str] = []
    real = WarmBrowser.take_window

    def take_window(self: WarmBrowser) -> Window:
        windows.append("taken")
        return real(self)

    monkeypatch.setattr(WarmBrowser, "take_window", take_window)
    trial.ask("look", "svea")
    assert trial.attempt(well) == "failed"
    assert "Roboten svea har inte behörigheten read i drawing_archive" in trial.run.reason
    assert windows == []
    trial.ask("look", "ragnhild", dry_run=True)  # control: with the right a window is taken
    assert trial.attempt(well) == "done"
    assert windows == ["taken"]


# -- dying --------------------------------------------------------------------------------------------------------


def _lose(trial: Trial, times: int) -> None:
    for _ in range(times):
        with another_process() as owner:
            assert claim(trial.store, trial.run_id, owner) is not None


@pytest.mark.parametrize("times", [POISON - 1, POISON])
def test_a_run_that_kills_its_process_is_set_aside(trial: Trial, times: int) -> None:
    trial.ask()
    _lose(trial, times)
    assert trial.attempt(well) == ("handed_over" if times == POISON else "done")
    assert trial.attempts()[:times] == ["lost"] * times
    if times == POISON:
        assert trial.run.kind == "Körningen kraschade"


def test_an_attempt_that_breaks_in_our_own_code_is_tried_again_and_set_aside_in_the_end(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("broken recorder")

    trial.ask()
    with monkeypatch.context() as broken:
        broken.setattr(attempt_module, "finish", breaks)
        for _ in range(POISON):
            with pytest.raises(ZeroDivisionError):
                trial.attempt(well)
    assert trial.attempts() == ["lost"] * POISON
    assert trial.attempt(well) == "handed_over"


def test_an_attempt_that_could_not_even_be_ended_is_ended_before_the_next(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database went away in the middle: the process lives, so nobody else may take the run over."""

    def away(*_: object, **__: object) -> None:
        raise OperationalError("update", {}, OSError("away"))

    trial.ask()
    with monkeypatch.context() as broken:
        broken.setattr(attempt_module, "finish", away)
        broken.setattr(attempt_module, "end_attempt", away)
        with pytest.raises(OperationalError):
            trial.attempt(well)
    assert trial.attempts() == ["None"]
    assert trial.attempt(well) == "done"
    assert trial.attempts() == ["retry", "done"]


def test_the_steps_tell_what_happened(trial: Trial, store: Store) -> None:
    def steps(run: Run) -> None:
        with run.step("Leta"):
            run.tell("Hittade inget")
        with run.step("Skriv"):
            raise BusinessException("Saknas", todo="Leta")

    trial.ask()
    trial.attempt(steps)
    with store.begin() as connection:
        rows = connection.execute(select(run_events).order_by(run_events.c.id)).all()
    assert [(r.kind, r.title) for r in rows] == [
        ("attempt", "Försök 1"), ("step", "Leta"), ("told", "Hittade inget"), ("step_done", "Leta"), ("step", "Skriv"),
        ("step_stopped", "Skriv"), ("handover", "Saknas"), ("outcome", "handed_over"),
    ]  # fmt: skip
