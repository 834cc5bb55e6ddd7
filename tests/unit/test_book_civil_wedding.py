"""Whether papers, residence, fee and witnesses let a couple be married: every edge of the rules, no browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from robots.errors import BusinessException
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.civil_weddings import Application, Slot
from robots.tables import Tables
from tasks import book_civil_wedding as rules
from tests.conftest import ROOT
from tests.unit.stops import kind_of

TODAY = date(2026, 11, 24)
CASE = CaseNumber("KC-26110042-4")
TERMS = Tables(ROOT / "config" / "tables").year(rules.Terms, 2026)
ONE, OTHER = PersonalNumber("19811118-9802"), PersonalNumber("19250103-9800")
WEDDING = rules.Wedding(witness_1="Vera Tall", witness_2="Ivar Strand")
APPLICATION = Application(
    number="V-2026-0101", status="Ny", couple=(ONE, OTHER), protected=False, residents=2, fee=0,
    wished=Slot(date(2026, 12, 18), "13.30", "Kvarnsalen"), examined_on=date(2026, 11, 10),
    certificate_to=date(2027, 3, 10), slot=None, witnesses=(), officiant="", locked_by="",
)  # fmt: skip


def on(day: date, **other: Any) -> Application:
    return replace(APPLICATION, wished=replace(APPLICATION.wished, day=day), **other)


# -- papers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 15), 4, date(2026, 5, 15)),
        (date(2026, 9, 1), 4, date(2027, 1, 1)),
        (date(2026, 8, 31), 4, date(2026, 12, 31)),
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 30), 4, date(2028, 2, 29)),
        (date(2026, 5, 31), 4, date(2026, 9, 30)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
    ids=str,
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, then: date) -> None:
    assert rules.months_after(day, months) == then


@pytest.mark.parametrize(
    ("wedding", "examined", "told", "kind"),
    [
        (date(2026, 12, 18), date(2026, 8, 18), date(2026, 12, 18), ""),
        (date(2026, 12, 19), date(2026, 8, 18), date(2026, 12, 18), "Vigselintyget räcker inte"),
        # The earlier of what the system says and what the table makes of it.
        (date(2026, 12, 18), date(2026, 8, 17), date(2026, 12, 31), "Vigselintyget räcker inte"),
        (date(2026, 12, 18), date(2026, 8, 30), date(2026, 12, 17), "Vigselintyget räcker inte"),
        (date(2026, 12, 18), None, date(2026, 12, 17), "Vigselintyget räcker inte"),
        (date(2026, 12, 18), None, date(2026, 12, 18), ""),
    ],
)
def test_the_certificate_holds_on_the_day(wedding: date, examined: date | None, told: date, kind: str) -> None:
    application = on(wedding, examined_on=examined, certificate_to=told)

    assert kind_of(rules.stop_if_papers_fail, application, TERMS, TODAY) == kind


@pytest.mark.parametrize(
    ("days_to_wedding", "kind"),
    [(16, ""), (15, ""), (14, "Papperen hinner inte fram"), (13, "Papperen hinner inte fram")],
)
def test_papers_that_have_not_come_must_have_time_to(days_to_wedding: int, kind: str) -> None:
    waiting = on(TODAY + timedelta(days=days_to_wedding), examined_on=None, certificate_to=None)
    arrived = on(TODAY + timedelta(days=days_to_wedding))

    assert kind_of(rules.stop_if_papers_fail, waiting, TERMS, TODAY) == kind
    assert kind_of(rules.stop_if_papers_fail, arrived, TERMS, TODAY) == ""
    assert rules.last_day_for_papers(waiting, TERMS) == TODAY + timedelta(days=days_to_wedding - 14)
    assert rules.last_day_for_papers(arrived, TERMS) is None


# -- residence and fee ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("residents", "asked", "told", "kind"),
    [
        (2, 0, 0, ""),
        (1, 0, 0, ""),
        (0, 800, 800, ""),
        (0, 800, 0, "Avgiften stämmer inte"),
        (0, 800, 799, "Avgiften stämmer inte"),
        (1, 0, 800, "Avgiften stämmer inte"),
        (0, 700, 700, "Taxan stämmer inte"),
        (1, 800, 800, "Taxan stämmer inte"),
        (0, 0, 0, "Taxan stämmer inte"),
    ],
)
def test_the_fee_is_the_table_s_the_system_s_and_what_was_told(
    residents: int, asked: int, told: int, kind: str
) -> None:
    application = replace(APPLICATION, residents=residents, fee=asked)

    assert kind_of(rules.stop_if_fee_differs, application, TERMS, told) == kind


@pytest.mark.parametrize(
    ("residents", "names", "kind"),
    [
        (2, ["Ida Prov", "Bo Prov"], ""),
        (1, ["", "Bo Prov"], ""),
        (0, ["", ""], ""),
        (1, ["", ""], "Folkbokföringen stämmer inte"),
        (0, ["Ida Prov", ""], "Folkbokföringen stämmer inte"),
        (2, ["Ida Prov", "Vera Tall"], "Fel vittne"),
        (2, ["ivar  strand", "Bo Prov"], "Fel vittne"),
    ],
)
def test_who_they_are_and_where_they_live(residents: int, names: list[str], kind: str) -> None:
    application = replace(APPLICATION, residents=residents)

    assert kind_of(rules.stop_if_wrong_people, application, names, WEDDING, protected=False) == kind


@pytest.mark.parametrize(("in_case", "in_application"), [(True, False), (False, True)], ids=["case", "application"])
def test_a_couple_that_the_register_does_not_know_may_be_protected_all_the_same(
    in_case: bool, in_application: bool
) -> None:
    application = replace(APPLICATION, residents=0, fee=800, protected=in_application)

    found = kind_of(rules.stop_if_wrong_people, application, ["", ""], WEDDING, protected=in_case)

    assert found == "Skyddade personuppgifter"


@pytest.mark.parametrize(
    ("kind", "stops"),
    [("Personen finns inte i registret", False), ("Skyddade personuppgifter", True), ("Den sökande är avliden", True)],
)
def test_only_whoever_is_unknown_to_the_register_is_taken_for_a_guest(kind: str, stops: bool) -> None:
    def check_applicant(*_: object) -> None:
        raise BusinessException("Nej.", kind=kind, todo="Gör något.")

    register = SimpleNamespace(check_applicant=check_applicant)

    assert kind_of(rules.name_in_register, register, ONE, CASE) == (kind if stops else "")


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [((), "Inte en enda ansökan"), (("V-1",), ""), (("V-1", "V-2"), "Inte en enda ansökan")],
    ids=["none", "one", "two"],
)
def test_one_application_and_no_guessing_between_two(numbers: tuple[str, ...], kind: str) -> None:
    weddings = SimpleNamespace(applications_of=lambda _citizen: numbers, application=lambda _number: APPLICATION)

    assert kind_of(rules.application_of, weddings, ONE) == kind
