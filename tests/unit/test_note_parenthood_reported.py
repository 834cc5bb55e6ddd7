"""Which protocol is noted as reported to Skatteverket, and on which days it can have been."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest

from robots.errors import BusinessException
from robots.fields import CaseNumber
from robots.systems.family_law import Akt, Protocol

task: Any = import_module("tasks.note_parenthood_reported")
TODAY = date(2026, 11, 23)
CASE = CaseNumber("KC-26110042-4")


def protocol(number: str = "PR-1", status: str = "Godkänt", reported: date | None = None) -> Protocol:
    return Protocol(number, "S-protokoll", TODAY - timedelta(days=5), status, reported)


def akt(*protocols: Protocol, case: str = CASE) -> Akt:
    return Akt("FR-1", "Faderskap/föräldraskap", "Förenklad", case, "Öppen", (), protocols, (), ())


def kind_of(stop: pytest.ExceptionInfo[BusinessException]) -> str:
    assert stop.value.todo
    return stop.value.kind


def test_the_one_that_is_approved_is_noted() -> None:
    chosen = task.protocol_to_note(akt(protocol("PR-1", "Utkast"), protocol("PR-2")), own=False)

    assert chosen.number == "PR-2"


def test_what_the_run_itself_has_noted_is_gone_on_with() -> None:
    assert task.protocol_to_note(akt(protocol(reported=TODAY)), own=True).reported == TODAY


@pytest.mark.parametrize(
    ("protocols", "kind"),
    [
        ((), "Protokollet är inte godkänt"),
        ((protocol(status="Utkast"),), "Protokollet är inte godkänt"),
        ((protocol("PR-1"), protocol("PR-2")), "Flera godkända protokoll"),
        ((protocol(reported=TODAY),), "Redan anmält"),
    ],
)
def test_a_person_sees_to_the_others(protocols: tuple[Protocol, ...], kind: str) -> None:
    with pytest.raises(BusinessException) as stop:
        task.protocol_to_note(akt(*protocols), own=False)
    assert kind_of(stop) == kind


@pytest.mark.parametrize(("days_ago", "stops"), [(-1, True), (0, False), (5, False), (6, True)])
def test_it_was_reported_when_it_was_there_and_not_later_than_today(days_ago: int, stops: bool) -> None:
    reported = TODAY - timedelta(days=days_ago)
    if not stops:
        task.stop_if_not_that_day(reported, protocol(), TODAY)
        return
    with pytest.raises(BusinessException) as stop:
        task.stop_if_not_that_day(reported, protocol(), TODAY)
    assert kind_of(stop) == "Fel dag"


@pytest.mark.parametrize("cases", [(), ("KC-26110043-2",), (CASE, CASE)])
def test_only_the_case_s_own_akt_is_noted_in(cases: tuple[str, ...]) -> None:
    with pytest.raises(BusinessException) as stop:
        task.akt_of_the_case([akt(case=each) for each in cases], CASE)
    assert kind_of(stop) == "Ingen akt att anteckna i"
