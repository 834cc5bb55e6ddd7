"""The rules of income support, at all their edges: what is reckoned, and what stops before a proposal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from robots.errors import BusinessException
from robots.fields import PersonalNumber
from robots.practice.identifiers import personal_number
from robots.practice.income_support.norms import Norm
from robots.systems.income_support import Application, Calculation, Decision, File, Norms, Proposal, Reply
from robots.tables import Tables
from robots.task import Run

TABLES = Path(__file__).parents[2] / "config" / "tables"
rules: Any = import_module("tasks.propose_income_support")

TODAY, MONTH = date(2026, 11, 22), "2026-11"


def born(year: int) -> PersonalNumber:
    """One of the numbers that are set aside for tests."""
    return PersonalNumber(personal_number(date(year, 3, 14), 980))


APPLICANT, OTHER, CHILD = born(1981), born(1983), born(2016)
COSTS = {"Boendekostnad": 7_000, "Hushållsel": 400}
INCOMES = {"Aktivitetsstöd": (4_000, 0), "Barnbidrag": (0, 1_250)}

FILE = File("A20301", APPLICANT, OTHER, (CHILD,), "Marit Sandell", date(2027, 1, 31))
ASKED = Application(
    "EA-1", MONTH, datetime(2026, 11, 20, 8), datetime(2026, 11, 20, 9), 5, (), FILE.members, COSTS, INCOMES, "", ""
)
LAST = Calculation("BR-1", "2026-10", "Beslutad", FILE.members, COSTS, INCOMES, 0, 0)
REPLIES = (
    Reply(APPLICANT, "Försäkringskassan", "Aktivitetsstöd", 4_000), Reply(APPLICANT, "CSN", "", 0),
    Reply(OTHER, "Försäkringskassan", "Barnbidrag", 1_250),
)  # fmt: skip
DECISION = Decision("B-1", "Bifall", "Marit Sandell", TODAY)


def table_norms(year: int) -> Norms:
    return Norms(year, Tables(TABLES).year(rules.Riksnorm, year).kronor)


@dataclass
class Socio:
    """What the system tells, and what is laid in it."""

    file: File = FILE
    asked: Application | None = ASKED
    last: Calculation | None = LAST
    answers: tuple[Reply, ...] = REPLIES
    decided: Decision | None = None
    shown: Norms = field(default_factory=lambda: table_norms(2026))
    month: str = MONTH
    laid: list[Proposal] = field(default_factory=list)

    def file_of(self, applicant: PersonalNumber) -> File:
        assert applicant == APPLICANT
        return self.file

    def application(self, file: File, month: str) -> Application | None:
        return self.asked if month == self.month else None

    def decision(self, file: File, month: str) -> Decision | None:
        return self.decided if month == self.month else None

    def last_calculation(self, file: File) -> Calculation | None:
        return self.last

    def replies(self, file: File, month: str) -> tuple[Reply, ...]:
        return self.answers if month == self.month else ()

    def norms(self, year: int) -> Norms:
        return self.shown

    def propose(self, file: File, month: str, proposal: Proposal, *, once: str) -> str:
        assert month == self.month
        self.laid.append(proposal)
        return "H-1"


@dataclass
class Register:
    protected: PersonalNumber | None = None

    def check_applicant(self, citizen: PersonalNumber, case_number: str) -> Any:
        if citizen == self.protected:
            raise BusinessException("skyddad", kind="Skyddade personuppgifter", todo="för hand")
        return SimpleNamespace(personal_number=citizen)


class Log:
    def event(self, kind: str, title: str, /, **detail: Any) -> None: ...

    def hide(self, *values: str) -> None: ...


def propose(socio: Socio, *, register: Register | None = None, others_at_home: int = 0, today: date = TODAY) -> str:
    """The note in the case."""
    notes: list[str] = []
    cases = SimpleNamespace(
        read=lambda number: SimpleNamespace(citizen=APPLICANT), add_note=lambda number, text, once: notes.append(text),
        set_status=lambda number, status, once: None, hand_over=lambda number, reason, todo, once: None,
    )  # fmt: skip
    run = Run(1, "viveka", today, Log(), tables=Tables(TABLES))
    rules.propose_income_support(
        run, "KC-26110042-4", others_at_home, cases=cases, register=register or Register(), support=socio
    )
    (note,) = notes
    return note


def stops_with(socio: Socio, kind: str, **more: Any) -> None:
    with pytest.raises(BusinessException) as stop:
        propose(socio, **more)
    assert (stop.value.kind, bool(stop.value.todo), socio.laid) == (kind, True, [])


# -- reckoning ------------------------------------------------------------------------------------------------------

# Numbers that tell, in a sum, which of them were used.
NORMS = Norms(2026, {
    "Ensamstående": 100_000, "Sambor eller makar": 200_000, "Barn under 1 år": 1, "Barn 1–2 år": 10, "Barn 3 år": 100,
    "Barn 4–6 år": 2, "Barn 7–10 år": 20, "Barn 11–14 år": 200, "Barn 15–18 år": 4,
    "Gemensamma kostnader, 1 person": 1_000, "Gemensamma kostnader, 2 personer": 2_000,
    "Gemensamma kostnader, 3 personer": 3_100, "Gemensamma kostnader, 4 personer": 4_000,
    "Gemensamma kostnader, 5 personer": 5_000, "Gemensamma kostnader, 6 personer": 6_000,
    "Gemensamma kostnader, 7 personer": 7_000,
})  # fmt: skip
NOTHING = replace(ASKED, costs={}, incomes={})


@pytest.mark.parametrize(
    ("adults", "turning", "comes_to"),
    [
        (1, [], 101_000), (2, [], 202_000), (1, [0], 102_001), (2, [0], 203_101), (2, [5, 5], 204_004),
        (2, [1, 2, 3, 4, 18], 207_000 + 10 + 10 + 100 + 2 + 4),
        (1, [6, 7, 10, 11, 14, 15], 107_000 + 2 + 20 + 20 + 200 + 200 + 4),
    ],
)  # fmt: skip
def test_the_norm_is_personal_costs_by_age_and_shared_costs_by_number(
    adults: int, turning: list[int], comes_to: int
) -> None:
    assert rules.support_for(NORMS, adults, turning, NOTHING) == comes_to


@pytest.mark.parametrize(
    ("adults", "turning", "others", "shared"),
    [
        (1, [], 0, 1_000), (1, [], 1, 1_000), (1, [], 2, 1_034), (1, [], 3, 1_000), (1, [], 6, 1_000),
        (2, [], 1, 2_067), (2, [], 2, 2_000), (2, [0], 1, 3_000), (2, [0], 0, 3_100),
    ],
)  # fmt: skip
def test_who_shares_a_home_has_a_share_of_the_shared_costs(
    adults: int, turning: list[int], others: int, shared: int
) -> None:
    """2,000 by 2 for one of two; 3,100 by 3 is 1,033.33, to the household's favour 1,034."""
    personal = 100_000 * adults + len(turning)

    assert rules.support_for(NORMS, adults, turning, NOTHING, others) == personal + shared


def test_costs_are_added_and_everybodys_incomes_taken_off() -> None:
    asked = replace(
        ASKED, costs={"Boendekostnad": 7_000, "Övrigt": 1}, incomes={"Lön": (300, 20), "Barnbidrag": (0, 5)}
    )

    assert rules.support_for(NORMS, 2, [], asked) == 202_000 + 7_001 - 325


@pytest.mark.parametrize(("short", "stops"), [(1, False), (0, True), (-1, True)])
def test_only_what_is_lacking_is_proposed_and_nobody_is_refused(short: int, stops: bool) -> None:
    """One krona short is a proposal; nothing short is a person's to judge."""
    income = rules.support_for(table_norms(2026), 2, [10], replace(ASKED, incomes={})) - short
    incomes = {"Aktivitetsstöd": (income, 0)}
    socio = Socio(
        asked=replace(ASKED, incomes=incomes), last=replace(LAST, incomes=incomes),
        answers=(Reply(APPLICANT, "Försäkringskassan", "Aktivitetsstöd", income),),
    )  # fmt: skip

    if stops:
        stops_with(socio, "Inget förslag om bifall")
    else:
        propose(socio)
        assert [laid.result for laid in socio.laid] == [1]


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_practice_towns_norms_are_the_tables(year: int) -> None:
    assert table_norms(year).amounts == dict(Norm(year).rows())


@pytest.mark.parametrize(("others", "stops"), [(4, False), (5, True)])
def test_the_norm_ends_at_seven_people(others: int, stops: bool) -> None:
    if stops:
        stops_with(Socio(), "Fler än riksnormen räcker till", others_at_home=others)
    else:
        propose(Socio(), others_at_home=others)


@pytest.mark.parametrize(("year", "stops"), [(2008, False), (2007, True)])
def test_the_norm_ends_at_eighteen_years(year: int, stops: bool) -> None:
    child = born(year)
    members = frozenset((APPLICANT, OTHER, child))
    socio = Socio(
        replace(FILE, children=(child,)), asked=replace(ASKED, members=members), last=replace(LAST, members=members)
    )

    if stops:
        stops_with(socio, "Barnet är vuxet")
    else:
        propose(socio)


# -- proposing ------------------------------------------------------------------------------------------------------


def test_proposes_what_was_reckoned_with_its_reasons_and_tells_no_amount_in_the_case() -> None:
    socio = Socio()

    note = propose(socio)

    (laid,) = socio.laid
    assert (laid.code, laid.costs, laid.incomes) == ("Bifall", COSTS, INCOMES)
    assert laid.result == 6_610 + 3_700 + 1_660 + 7_400 - 5_250
    assert all(words in laid.reasons for words in ("BR-1", "2027-01-31", "Riksnorm 2026: Tallinge kommun, påhittat"))
    assert "H-1 för 2026-11 ligger i akt A20301 och väntar på Marit Sandell" in note
    assert "Inget är beslutat" in note
    assert not any(words in note for words in (f"{laid.result}", "7000", "Boendekostnad", "Barnbidrag"))


def test_the_year_is_the_months_and_january_follows_december() -> None:
    socio = Socio(month="2027-01", last=replace(LAST, month="2026-12"), shown=table_norms(2027))

    assert "för 2027-01" in propose(socio, today=date(2027, 1, 4))
    assert "Riksnorm 2027" in socio.laid[0].reasons


# -- what goes to a person ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("socio", "kind"),
    [
        (Socio(asked=None), "Ingen ansökan för månaden"),
        (Socio(asked=replace(ASKED, unsigned=(OTHER,))), "Underskrift saknas"),
        (Socio(asked=replace(ASKED, unsigned=(APPLICANT,))), "Underskrift saknas"),
        (Socio(asked=replace(ASKED, earlier="EA-0")), "Redan ansökt för månaden"),
        (Socio(decided=DECISION), "Redan ansökt för månaden"),
        (Socio(asked=replace(ASKED, message="Jag har flyttat.")), "Meddelande i ansökan"),
        (Socio(last=None), "Första ansökan"),
        (Socio(last=replace(LAST, month="2026-09")), "Uppehåll sedan förra beräkningen"),
        (Socio(last=replace(LAST, month="2025-10")), "Uppehåll sedan förra beräkningen"),
        (Socio(last=replace(LAST, month=MONTH)), "Uppehåll sedan förra beräkningen"),
        (Socio(last=replace(LAST, status="Pågående")), "Förra beräkningen är inte beslutad"),
        (Socio(asked=replace(ASKED, members=frozenset(FILE.adults))), "Hushållet har ändrats"),
        (Socio(last=replace(LAST, members=frozenset(FILE.adults))), "Hushållet har ändrats"),
        (Socio(replace(FILE, children=())), "Hushållet har ändrats"),
        (Socio(shown=Norms(2026, {**table_norms(2026).amounts, "Barn 3 år": 1})), "Riksnormen stämmer inte"),
        (Socio(shown=Norms(2026, {"Ensamstående": 3_660})), "Riksnormen stämmer inte"),
    ],
)
def test_a_person_gets_what_is_not_as_last_month(socio: Socio, kind: str) -> None:
    stops_with(socio, kind)


@pytest.mark.parametrize(
    ("until", "stops"), [(date(2026, 11, 23), False), (TODAY, False), (date(2026, 11, 21), True), (None, True)]
)
def test_the_activity_plan_must_hold_today(until: date | None, stops: bool) -> None:
    socio = Socio(replace(FILE, plan_until=until))

    if stops:
        stops_with(socio, "Planering saknas")
    else:
        propose(socio)


@pytest.mark.parametrize(
    ("costs", "kind"),
    [
        (COSTS | {"Läkarvård och medicin": 780}, "Ny utgift"),
        (COSTS | {"Boendekostnad": 7_001}, "Ändrad utgift"),
        (COSTS | {"Boendekostnad": 6_999}, "Ändrad utgift"),
        ({"Boendekostnad": 7_000}, "Ändrad utgift"),
        (COSTS | {"Övrigt": 0}, ""),
    ],
)
def test_reasonable_is_what_was_approved_last_month(costs: dict[str, int], kind: str) -> None:
    socio = Socio(asked=replace(ASKED, costs=costs))

    if kind:
        stops_with(socio, kind)
    else:
        propose(socio)


@pytest.mark.parametrize(
    "incomes",
    [
        INCOMES | {"Aktivitetsstöd": (4_001, 0)}, INCOMES | {"Aktivitetsstöd": (3_999, 0)},
        INCOMES | {"Aktivitetsstöd": (0, 4_000)}, INCOMES | {"Lön": (1, 0)}, {"Aktivitetsstöd": (4_000, 0)},
    ],
)  # fmt: skip
def test_an_income_that_is_not_last_months_goes_to_a_person(incomes: dict[str, tuple[int, int]]) -> None:
    stops_with(Socio(asked=replace(ASKED, incomes=incomes)), "Ändrad inkomst")


@pytest.mark.parametrize(
    ("answers", "stops"),
    [
        (REPLIES, False),
        ((*REPLIES[1:], replace(REPLIES[0], amount=1_500), replace(REPLIES[0], amount=2_500)), False),
        ((replace(REPLIES[0], amount=4_001), *REPLIES[1:]), True),
        ((replace(REPLIES[0], amount=3_999), *REPLIES[1:]), True),
        ((replace(REPLIES[0], person=OTHER), *REPLIES[1:]), True),
        ((replace(REPLIES[0], benefit="Sjukpenning"), *REPLIES[1:]), True),
        (REPLIES[1:], True),
        ((*REPLIES, REPLIES[0]), True),
        ((*REPLIES, Reply(OTHER, "CSN", "Studiemedel", 1)), True),
    ],
)
def test_every_income_stands_in_ssbtek_and_no_other(answers: tuple[Reply, ...], stops: bool) -> None:
    socio = Socio(answers=answers)

    if stops:
        stops_with(socio, "Inkomsten stämmer inte med SSBTEK")
    else:
        propose(socio)


def test_who_applies_alone_has_no_co_applicants_income() -> None:
    alone = frozenset((APPLICANT,))
    file = replace(FILE, co_applicant=None, children=())
    socio = Socio(file, asked=replace(ASKED, members=alone), last=replace(LAST, members=alone), answers=REPLIES[:2])

    stops_with(socio, "Inkomsten stämmer inte med SSBTEK")


@pytest.mark.parametrize("protected", [APPLICANT, OTHER])
def test_of_a_protected_adult_nothing_is_proposed(protected: PersonalNumber) -> None:
    stops_with(Socio(), "Skyddade personuppgifter", register=Register(protected))
