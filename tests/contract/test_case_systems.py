"""What holds for every case system's connector: it tells the same of the same case, and stops where a person has it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from robots.cases import Cases
from robots.cli.town import LOOKER, Town
from robots.effects import Ledger
from robots.errors import BusinessException, RecordLocked
from robots.fields import CaseNumber, PersonalNumber
from tests.contract.changes import AnySystem, assert_made_once, make
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems import EVERY, ONCE, Change
from tests.contract.systems.case_systems import MAKE, NO_CASE, NOT_WHEN_CLOSED
from tests.contract.systems.kinds import case_of

pytestmark = pytest.mark.browser
CASE_SYSTEMS = [system for system in EVERY if system.reader.__module__.startswith("robots.cases.")]
each_case_system = pytest.mark.parametrize("system", CASE_SYSTEMS, ids=lambda s: s.key)
each_change = pytest.mark.parametrize(
    ("system", "change"),
    [pytest.param(s, change, id=f"{s.key}-{change.name}") for s in CASE_SYSTEMS for change in s.changes],
)


def reader(system: AnySystem, bench_for: Benches) -> Cases.Reader:
    return cast("Cases.Reader", bench_for(system.reader, robot=LOOKER))


def anna_takes(town: Town, system: AnySystem, case_number: CaseNumber) -> None:
    town.act(system.key, "take", case_number=case_number, by="Anna Ek")


def handler(town: Town, system: AnySystem) -> str:
    return str(town.act(system.key, "case", case_number=case_of(town))["handler"])


# -- the contract ---------------------------------------------------------------------------------------------------


@each_case_system
def test_has_just_what_the_contract_has(system: AnySystem) -> None:
    def methods(kind: Any) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    writes = methods(Cases.Writer)
    assert methods(Cases.Reader) <= set(dir(system.reader))
    assert {change.name for change in system.changes} == writes == set(MAKE)


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errand", "twist"),
    [("drawings", "normal"), ("drawings", "protected"), ("missed_bin", "normal"), ("other", "normal")],
)
def test_all_of_them_tell_the_same_of_a_case(errand: str, twist: str, bench_for: Benches, town: Town) -> None:
    known = town.cases(errand, twist)[0]

    told = [reader(system, bench_for).read(CaseNumber(known["number"])) for system in CASE_SYSTEMS]

    assert len(told) > 1
    assert all(case == told[0] for case in told)
    assert told[0].citizen == known["citizen"]
    assert (told[0].protected, bool(told[0].name)) == (twist == "protected", twist != "protected")
    assert (told[0].language, told[0].facility or "") == (known["language"], known["facility"])


@each_case_system
def test_a_list_is_read_whole_over_all_its_pages(system: AnySystem, bench_for: Benches, town: Town) -> None:
    numbers = town.act(system.key, "numbers", inbox="Kontaktcenter")
    assert len(numbers) > 50  # more than one page in each of them

    rows = reader(system, bench_for).inbox("Kontaktcenter")

    assert sorted(row.number for row in rows) == numbers
    assert [row.created for row in rows] == sorted((row.created for row in rows), reverse=True)
    assert {row.inbox for row in rows} == {"Kontaktcenter"}


@each_case_system
def test_rows_say_who_has_the_case_and_whether_it_is_locked(system: AnySystem, bench_for: Benches, town: Town) -> None:
    number = case_of(town)
    anna_takes(town, system, number)
    town.act(system.key, "lock", case_number=number, by="Anna Ek")

    (row,) = reader(system, bench_for).find(words=number)

    assert (row.number, row.handler, row.locked, row.status) == (number, "Anna Ek", True, "Pågående")
    assert row.title == town.cases("drawings", "normal")[0]["title"]


@each_case_system
def test_a_closed_case_is_found_only_when_asked_for(system: AnySystem, bench_for: Benches, town: Town) -> None:
    number, citizen = case_of(town), PersonalNumber(town.cases("drawings", "normal")[0]["citizen"])
    town.act(system.key, "put", case_number=number)
    cases = reader(system, bench_for)

    assert number not in [row.number for row in cases.find(citizen=citizen)]
    assert number in [row.number for row in cases.find(citizen=citizen, also_closed=True)]
    assert cases.read(number).closed


@each_case_system
def test_what_nobody_asked_for_is_not_searched(system: AnySystem, bench_for: Benches, town: Town) -> None:
    cases = reader(system, bench_for)

    with pytest.raises(ValueError, match="citizen or words"):
        cases.find(words=" ")
    with pytest.raises(BusinessException, match="Inkorgen «Hittegods» finns inte"):
        cases.inbox("Hittegods")


# -- where a change stops -------------------------------------------------------------------------------------------


@each_change
def test_a_locked_case_is_waited_for(system: AnySystem, change: Change, run: RunAtWork, town: Town) -> None:
    town.act(system.key, "lock", case_number=case_of(town), by="Anna Ek")
    with pytest.raises(RecordLocked, match="Anna Ek"):
        make(run, system, change, town)
    assert (town.truth(), run.effect_states()) == ([], {ONCE: "INTENDED"})

    town.act(system.key, "unlock", case_number=case_of(town))
    run.try_again()

    assert_made_once(town, system, change, run, make(run, system, change, town))


@each_change
def test_a_case_that_is_not_there_goes_to_a_person(
    system: AnySystem, change: Change, run: RunAtWork, town: Town
) -> None:
    assert system.writer is not None

    with pytest.raises(BusinessException) as stop:
        MAKE[change.name][1](run.driver(system.writer), NO_CASE)

    assert (stop.value.kind, town.truth()) == ("Ärendet finns inte", [])


@each_change
def test_a_closed_case_takes_notes_and_another_status_only(
    system: AnySystem, change: Change, run: RunAtWork, town: Town
) -> None:
    town.act(system.key, "put", case_number=case_of(town))

    if change.name in NOT_WHEN_CLOSED:
        with pytest.raises(BusinessException, match="avslutat"):
            make(run, system, change, town)
        assert town.truth() == []
    else:
        assert_made_once(town, system, change, run, make(run, system, change, town))


@each_case_system
def test_a_colleague_s_case_is_not_claimed(system: AnySystem, run: RunAtWork, town: Town) -> None:
    anna_takes(town, system, case_of(town))

    with pytest.raises(BusinessException, match="redan en handläggare: Anna Ek"):
        run.driver(cast("Any", system.writer)).claim(case_of(town), once=ONCE)

    assert (town.truth(), handler(town, system)) == ([], "Anna Ek")


@each_case_system
def test_a_colleague_who_is_quicker_keeps_the_case(
    system: AnySystem, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = Ledger.arm

    def arm_too_late(self: Ledger, *told: Any) -> None:
        arm(self, *told)
        anna_takes(town, system, case_of(town))

    monkeypatch.setattr(Ledger, "arm", arm_too_late)

    with pytest.raises(BusinessException, match="Anna Ek"):
        run.driver(cast("Any", system.writer)).claim(case_of(town), once=ONCE)

    assert (town.truth(), handler(town, system)) == ([], "Anna Ek")


@each_case_system
def test_what_is_so_already_is_left_as_it_is(system: AnySystem, run: RunAtWork, town: Town) -> None:
    cases: Cases.Writer = run.driver(cast("Any", system.writer))
    number = case_of(town)
    cases.claim(number, once="ta ärendet")
    town.act(system.key, "put", case_number=number, status="Väntar på medborgaren")

    assert cases.claim(number, once="ta ärendet en gång till") == handler(town, system)
    assert cases.set_status(number, "Väntar på medborgaren", once="status") == "Väntar på medborgaren"

    assert [c["kind"] for c in town.truth(system.key)] == ["claimed"]
    assert set(run.effect_states().values()) == {"CONFIRMED"}
