"""A handover is written in the case once; a case system that is away delays it, and is told to the operator."""

from __future__ import annotations

import pytest

from robots.cli.town import Town
from robots.errors import (
    BusinessException,
)
from tests.unit.trials import Trial, raising, well

pytestmark = pytest.mark.browser


# -- handing over in the case -------------------------------------------------------------------------------------


@pytest.fixture
def case(town: Town) -> str:
    return str(town.cases("drawings", "normal")[0]["number"])


def test_a_handover_is_written_in_the_case_once(trial: Trial, town: Town, case: str) -> None:
    trial.ask("happen_in_case", case_number=case)
    assert trial.attempt(raising(BusinessException("Två träffar", todo="Välj en"))) == "handed_over"
    assert trial.run.in_case is True
    [made] = town.truth("case_management")
    assert (made["about"], made["by"]) == (case, "robot.ragnhild")
    assert trial.attempt(well) == "ended"
    assert len(town.truth("case_management")) == 1


def test_a_dry_run_hands_nothing_over_in_the_case(trial: Trial, town: Town, case: str) -> None:
    trial.ask("happen_in_case", case_number=case, dry_run=True)
    assert trial.attempt(raising(BusinessException("Två träffar", todo="Välj en"))) == "handed_over"
    assert (trial.run.in_case, town.truth("case_management")) == (False, [])


def test_a_case_system_that_is_down_delays_the_handover(trial: Trial, town: Town, case: str) -> None:
    trial.ask("happen_in_case", case_number=case)
    town.fault("case_management", "down", times=1, seconds=7)
    stop = raising(BusinessException("Två träffar", todo="Välj en"))
    assert trial.attempt(stop) is None
    assert trial.pauses == [7.0]
    assert trial.attempt(stop) == "handed_over"
    assert trial.run.in_case is True
    assert len(town.truth("case_management")) == 1


def test_a_case_system_that_stays_down_is_waited_for(trial: Trial, town: Town, case: str) -> None:
    trial.ask("happen_in_case", case_number=case)
    town.fault("case_management", "down", times=1000)
    stop = raising(BusinessException("Två träffar", todo="Välj en"))
    assert [trial.attempt(stop) for _ in range(20)] == [None] * 20
    assert trial.attempts() == ["retry", "retry", "held"]
    assert "Ärendehantering Artina" in trial.run.held_for


def test_without_a_breaker_it_is_told_to_the_operator(
    trial: Trial, town: Town, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = trial.settings.systems["case_management"].model_copy(update={"failures_to_open": 0})
    monkeypatch.setitem(trial.settings.systems, "case_management", told)
    trial.ask("happen_in_case", case_number=case)
    town.fault("case_management", "down", times=1000)
    stop = raising(BusinessException("Två träffar", todo="Välj en"))
    assert [trial.attempt(stop) for _ in range(8)] == [None] * 7 + ["failed"]
    assert "Två träffar" in trial.run.reason
    assert "Ärendet kunde inte fördelas" in trial.run.reason
    assert town.truth("case_management") == []
