"""The rules of the three tasks about building permits at their edges, and what their letters say in every branch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from robots.errors import BusinessException
from robots.fields import CaseNumber, PermitNumber, PersonalNumber, PropertyDesignation
from robots.letters import Letters, read_letter
from robots.systems.building_permits import Condition, ListedCase, Party, PermitCase, Supplement
from robots.systems.building_permits.model import STAGES
from robots.systems.detail_plan_map import Plan, PropertyCard
from robots.systems.population_register import Person
from robots.tables import Tables
from robots.task import Run
from tasks.register_building_start import (
    earliest_start,
    register_building_start,
    stop_if_not_the_applicants,
    stop_if_start_cannot_be_reported,
    stop_if_too_early,
)
from tasks.send_permit_checklist import (
    Measure,
    follows_older_rules,
    new_rules_from,
    stop_if_not_a_party,
    stop_if_plan_is_not_final,
    stop_if_unclear_rules,
)
from tasks.tell_permit_status import stop_if_protected, stop_if_supplement_is_overdue, tell_permit_status
from tests.conftest import ROOT

LETTERS, TABLES = ROOT / "config" / "letters", ROOT / "config" / "tables"
LANGUAGES = ("sv", "en", "fi", "ar")
CASE, PERMIT, HOME = CaseNumber("KC-26110042-4"), "BYGG 2026-000123", PropertyDesignation("EKBACKEN 3:14")
BUILDER = Person(PersonalNumber("19811118-9802"), "", "", HOME, "", False)
STRANGER = replace(BUILDER, personal_number=PersonalNumber("19830207-9804"))
CLEARED, ANNOUNCED = date(2026, 11, 5), date(2026, 11, 1)
DAY = timedelta(days=1)

# A permit under the newer rules, with which work may be reported as begun.
NEWER = PermitCase(
    number=PERMIT, group="LOV", type="BL", what="Fasadändring", property_id=HOME, arrived=date(2026, 6, 1),
    stage="Startbesked lämnat", official="Amir Daneshvar", lock="", decided=date(2026, 10, 30), granted=True,
    old_rules=False, announced=None, posted=ANNOUNCED, needs_consultation=True, consultation=CLEARED,
    start_clearance=CLEARED, starts=None, final_clearance=None, conditions=(Condition("Kontrollplan", True),),
    supplement=None, parties=(Party("Sökande", BUILDER.personal_number, False),), protected=False,
)  # fmt: skip
OLDER = replace(NEWER, arrived=date(2025, 11, 30), old_rules=True, announced=ANNOUNCED, posted=None)
FOUR_WEEKS_AFTER = date(2026, 11, 29)


class Silent:
    """A step log that nobody reads."""

    def event(self, kind: str, title: str, /, **detail: Any) -> None: ...

    def hide(self, *values: str) -> None: ...


@pytest.fixture
def run() -> Run:
    return Run(1, "gunvor", date(2026, 11, 24), Silent(), letters=Letters(LETTERS), tables=Tables(TABLES))


def kind_of_stop(rule: Callable[..., object], *asked: object) -> str:
    """The kind of the handover; "" where the rule lets the robot go on. Every stop says what the person is to do."""
    stopped: BusinessException | None = None
    try:
        rule(*asked)
    except BusinessException as stop:
        stopped = stop
    assert stopped is None or (stopped.todo.endswith(".") and stopped.reason.endswith("."))
    return stopped.kind if stopped else ""


# -- the start of the work ------------------------------------------------------------------------------------------


def test_under_the_older_rules_four_weeks_are_waited_out(run: Run) -> None:
    assert earliest_start(run, OLDER) == FOUR_WEEKS_AFTER


def test_a_later_start_clearance_counts_instead(run: Run) -> None:
    cleared = FOUR_WEEKS_AFTER + DAY
    assert earliest_start(run, replace(OLDER, start_clearance=cleared)) == cleared


def test_under_the_newer_rules_the_start_clearance_counts(run: Run) -> None:
    assert earliest_start(run, NEWER) == CLEARED


@pytest.mark.parametrize("found", [replace(OLDER, announced=None), replace(NEWER, posted=None)], ids=["old", "new"])
def test_a_decision_that_nobody_has_been_told_of_is_for_a_person(run: Run, found: PermitCase) -> None:
    assert kind_of_stop(earliest_start, run, found) == "Beslutet är inte kungjort"


def test_the_year_of_the_announcement_chooses_the_figure(run: Run, tmp_path: Path) -> None:
    years = {2025: 3, 2026: 4}
    told = [f'[{y}]\nsource = "Ett prov, § {y}"\nweeks_after_announcement = {w}\n' for y, w in years.items()]
    (tmp_path / "building_start.toml").write_text("\n".join(told), "utf-8")
    run._tables = Tables(tmp_path)
    last_year = replace(OLDER, announced=date(2025, 12, 31), start_clearance=date(2026, 1, 2))

    assert earliest_start(run, last_year) == date(2026, 1, 21)
    assert kind_of_stop(earliest_start, run, replace(OLDER, announced=date(2027, 1, 1))) == "Tabellen saknar året"


@pytest.mark.parametrize(
    ("found", "starts", "kind"),
    [
        (NEWER, CLEARED - DAY, "Före startbeskedet"),
        (NEWER, CLEARED, ""),
        (NEWER, CLEARED + DAY, ""),
        (OLDER, CLEARED - DAY, "Före startbeskedet"),
        (OLDER, CLEARED, "Fyra veckor efter kungörelsen"),
        (OLDER, FOUR_WEEKS_AFTER - DAY, "Fyra veckor efter kungörelsen"),
        (OLDER, FOUR_WEEKS_AFTER, ""),
        (OLDER, FOUR_WEEKS_AFTER + DAY, ""),
    ],
)
def test_a_start_that_is_too_early_is_for_a_person(run: Run, found: PermitCase, starts: date, kind: str) -> None:
    assert kind_of_stop(stop_if_too_early, starts, earliest_start(run, found), found) == kind


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, ""),
        ({"needs_consultation": False, "consultation": None}, ""),
        ({"conditions": ()}, ""),
        ({"start_clearance": None}, "Startbesked saknas"),
        ({"start_clearance": None, "granted": False, "decided": None}, "Startbesked saknas"),
        ({"granted": False}, "Inget beviljat lov"),
        ({"consultation": None}, "Tekniskt samråd är inte hållet"),
        ({"conditions": (Condition("A", True), Condition("B", False))}, "Villkor är inte uppfyllda"),
        ({"final_clearance": date(2026, 11, 20), "stage": "Slutbesked lämnat"}, "Bygget är redan färdigt"),
        ({"stage": "Avslutat"}, "Bygget är redan färdigt"),
    ],
)
def test_what_stands_in_the_way_of_a_start(changed: dict[str, Any], kind: str) -> None:
    assert kind_of_stop(stop_if_start_cannot_be_reported, replace(NEWER, **changed)) == kind


def test_the_stop_without_start_clearance_warns_of_the_sanction_fee_and_the_open_conditions_are_named() -> None:
    with pytest.raises(BusinessException, match="byggsanktionsavgift"):
        stop_if_start_cannot_be_reported(replace(NEWER, start_clearance=None))
    with pytest.raises(BusinessException, match="uppfyllda i BYGG 2026-000123: B; C") as stop:
        stop_if_start_cannot_be_reported(replace(NEWER, conditions=tuple(Condition(w, w == "A") for w in "ABC")))
    assert "A;" not in stop.value.reason


@pytest.mark.parametrize(
    ("found", "home", "who", "kind"),
    [
        (NEWER, HOME, BUILDER, ""),
        (NEWER, HOME, STRANGER, "Inte part i bygglovet"),
        (NEWER, PropertyDesignation("EKBACKEN 3:15"), BUILDER, "Fel fastighet"),
        (replace(NEWER, protected=True), HOME, BUILDER, "Skyddade personuppgifter i bygglovet"),
    ],
)
def test_only_the_applicant_s_own_case_gets_the_notice(
    found: PermitCase, home: PropertyDesignation, who: Person, kind: str
) -> None:
    assert kind_of_stop(stop_if_not_the_applicants, found, home, who) == kind


def test_a_case_is_undecided_first_and_closed_last() -> None:
    cases = [replace(listed(), stage=stage) for stage in STAGES]
    assert [each.undecided for each in cases] == [True, True, False, False, False, False]
    assert [replace(NEWER, stage=stage).closed for stage in STAGES] == [False] * 5 + [True]


def answering(who: Person, found: PermitCase, told: list[str]) -> dict[str, Any]:
    """Systems that answer from here, and write down in ``told`` what they are made to do."""
    case = SimpleNamespace(citizen=who.personal_number, property_id=None, language="sv")

    def do(receipt: str) -> Callable[..., str]:
        def carried_out(*what: object, once: str) -> str:
            told.append(f"{once}: {what}")
            return receipt

        return carried_out

    made = {"send_message": do("M-1"), "add_note": do("J-1"), "set_status": do("Avslutat")}
    return {
        "cases": SimpleNamespace(read=lambda number: case, **made),
        "register": SimpleNamespace(check_applicant=lambda citizen, number: who),
        "permits": SimpleNamespace(case=lambda number: found, register_start=do("H1")),
    }


@pytest.mark.parametrize(("approved", "kind", "made"), [(True, "", 4), (False, "Texten är inte godkänd", 0)])
def test_nothing_is_registered_that_cannot_be_confirmed(
    run: Run, tmp_path: Path, approved: bool, kind: str, made: int
) -> None:
    text = (LETTERS / "building_start.sv.txt").read_text("utf-8")
    draft = "\n".join(line for line in text.splitlines() if approved or not line.startswith("Godkänd"))
    (tmp_path / "building_start.sv.txt").write_text(draft, "utf-8")
    told: list[str] = []
    run._letters = Letters(tmp_path)
    asked = partial(register_building_start, run, CASE, PermitNumber(PERMIT), HOME, CLEARED)

    assert kind_of_stop(partial(asked, **answering(BUILDER, NEWER, told))) == kind
    assert len(told) == made


# -- the checklist --------------------------------------------------------------------------------------------------


def listed(what: str = "Fasadändring") -> ListedCase:
    return ListedCase(PERMIT, HOME, what, date(2025, 11, 1), "Under handläggning")


@pytest.mark.parametrize(
    ("arrived", "older"),
    [(date(2025, 11, 30), True), (date(2025, 12, 1), False), (date(2025, 12, 2), False), (date(2026, 11, 24), False)],
)
def test_the_day_of_the_application_chooses_the_rules(run: Run, arrived: date, older: bool) -> None:
    assert follows_older_rules(run, arrived) is older


def test_the_year_of_the_application_chooses_the_table_s_year(run: Run) -> None:
    assert new_rules_from(run, date(2027, 1, 1)) == date(2025, 12, 1)
    assert kind_of_stop(new_rules_from, run, date(2024, 12, 31)) == "Tabellen saknar året"


@pytest.mark.parametrize(
    ("waiting", "kind"),
    [
        ([listed()], ""),
        ([listed("Tillbyggnad av enbostadshus")], "Oklart vilka regler som gäller"),
        ([listed(), listed()], "Oklart vilka regler som gäller"),
    ],
)
def test_the_older_rules_are_for_the_very_application(waiting: list[ListedCase], kind: str) -> None:
    assert kind_of_stop(stop_if_unclear_rules, waiting, "Fasadändring") == kind


def test_an_application_of_somebody_else_s_is_not_told_of() -> None:
    assert kind_of_stop(stop_if_not_a_party, OLDER, BUILDER) == ""
    assert kind_of_stop(stop_if_not_a_party, OLDER, STRANGER) == "Inte part i bygglovet"
    protected = replace(OLDER, protected=True)
    assert kind_of_stop(stop_if_not_a_party, protected, BUILDER) == "Skyddade personuppgifter i bygglovet"


def test_one_plan_that_is_not_final_is_enough() -> None:
    final, coming = (Plan(f"P{n}", "", "samråd" if n else "Laga kraft", not n, "", "") for n in (0, 1))
    home = PropertyCard(HOME, "", "", "villa", (final,), outside=False)
    assert kind_of_stop(stop_if_plan_is_not_final, home) == ""
    both = replace(home, plans=(final, coming))
    assert kind_of_stop(stop_if_plan_is_not_final, both) == "Planen har inte fått laga kraft"


# -- the status -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "kind"), [(-1, "Tiden för komplettering har gått ut"), (0, ""), (1, "")])
def test_a_supplement_is_waited_for_until_its_last_day_is_over(days: int, kind: str) -> None:
    today = date(2026, 11, 24)
    asked = Supplement("Situationsplan", date(2026, 11, 1), today + days * DAY)
    assert kind_of_stop(stop_if_supplement_is_overdue, replace(NEWER, supplement=asked), today) == kind


def test_a_case_with_a_protected_party_is_never_told_of() -> None:
    assert kind_of_stop(stop_if_protected, NEWER) == ""
    assert kind_of_stop(stop_if_protected, replace(NEWER, protected=True)) == "Skyddade personuppgifter i bygglovet"


@pytest.mark.parametrize(("who", "is_told"), [(BUILDER, True), (STRANGER, False)])
def test_only_a_party_is_told_what_is_waited_for(run: Run, who: Person, is_told: bool) -> None:
    lacking = Supplement("Situationsplan på kartan", date(2026, 11, 1), run.today)
    found = replace(NEWER, stage="Väntar på komplettering", supplement=lacking, start_clearance=None, decided=None)
    told: list[str] = []

    tell_permit_status(run, CASE, PermitNumber(PERMIT), **answering(who, found, told))

    message, note, _ = told
    assert PERMIT in message
    assert PERMIT in note
    for secret in (lacking.words, str(lacking.latest), "komplettering"):
        assert (secret in message) is is_told
    assert ("Väntar på komplettering" in note) is is_told


# -- the letters ----------------------------------------------------------------------------------------------------


@pytest.fixture
def approved(tmp_path: Path) -> Letters:
    """The permit letters as if somebody had approved the drafts too, so that they can be read filled in."""
    for file in LETTERS.glob("*.txt"):
        text = file.read_text("utf-8")
        signed = text if "\nGodkänd: " in text else text.replace("\n", "\nGodkänd: Karin Ek, 2026-10-01\n", 1)
        (tmp_path / file.name).write_text(signed, "utf-8")
    return Letters(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measure_has_a_list_of_its_own_that_is_longer_outside_a_plan(approved: Letters, language: str) -> None:
    def lines(measure: str, *, outside: bool, older: bool = False) -> list[str]:
        letter = approved.write(
            "permit_checklist", language, property_id=HOME, measure=measure, outside=outside, older_rules=older,
            rules_from=date(2025, 12, 1),
        )  # fmt: skip
        assert letter.language == language
        assert "2025-12-01" in letter.text
        return [line for line in letter.text.splitlines() if line.startswith("– ")]

    inside = {measure: lines(measure, outside=False) for measure in get_args(Measure)}
    assert all(len(found) >= 2 for found in inside.values())
    assert len(set(map(tuple, inside.values()))) == len(inside) - 1  # a garage is built like another small building
    for measure, found in inside.items():
        assert lines(measure, outside=True)[: len(found)] == found
        assert len(lines(measure, outside=True)) == len(found) + 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_is_told_in_words_of_its_own(approved: Letters, language: str) -> None:
    def told(stage: str, granted: bool) -> str:
        day = date(2026, 11, 5)
        letter = approved.write(
            "permit_status", language, permit=PERMIT, what="Fasadändring", property_id=HOME, arrived=day, decided=day,
            start_clearance=day, final_clearance=day, stage=stage, granted=granted, supplement=None,
        )  # fmt: skip
        assert letter.language == language
        return letter.text

    texts = {told(stage, granted) for stage, granted in product(STAGES, (True, False))}
    assert len(texts) == len(STAGES) + 1  # a decision is a yes or a no
    assert told("Något annat", granted=True) not in texts


MAY_BUILD = re.compile(
    r"får (?:du )?(?:nu |redan )?(?:bygga|börja|sätta)|kan (?:du )?(?:nu )?(?:bygga|börja)|fritt fram"
    r"|(?:may|can|free to|allowed to) (?:now )?(?:you )?(?:now )?(?:build|start|begin)"
    r"|(?:saat|voit) (?:nyt )?(?:rakentaa|aloittaa)|يمكنك (?:الآن )?(?:البناء|البدء)|يجوز لك",
    re.IGNORECASE,
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["permit_checklist", "building_start", "permit_status", "permit_status_public"])
def test_no_letter_says_that_somebody_may_build(name: str, language: str) -> None:
    text = read_letter(LETTERS / f"{name}.{language}.txt")
    assert MAY_BUILD.search(f"{text.subject}\n{text.body}") is None


@pytest.mark.parametrize(
    "words", ["Du får bygga.", "Nu får du börja bygga.", "You may now build.", "Saat rakentaa.", "يمكنك البدء"]
)
def test_control_such_words_are_seen(words: str) -> None:
    assert MAY_BUILD.search(words)
