"""The rules of the school tasks as ordinary functions: the days, the limits, the wishes, over all their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from robots.fields import PersonalNumber
from robots.letters import Letters, read_letter
from robots.practice.identifiers import personal_number
from robots.systems import school_placement, school_transport
from robots.systems.population_register import Person
from robots.systems.school_placement import Guardian, Period, Sibling
from robots.tables import Tables
from tasks import propose_school_transport as transport
from tasks import record_school_choice as choice
from tests.conftest import ROOT
from tests.unit.stops import kind_of

TABLES = Tables(ROOT / "config" / "tables")
CHILD, MOTHER, FATHER = (
    PersonalNumber(personal_number(born, 985)) for born in (date(2018, 11, 18), date(1981, 11, 18), date(1984, 2, 29))
)
SIGNED = date(2026, 11, 10)
YOUNG = "Förskoleklass–årskurs 3"


def guardian(number: PersonalNumber, wishes: tuple[str, ...] = ("Kvarnskolan",), *, signed: bool = True) -> Guardian:
    return Guardian(number, "Någon", SIGNED if signed else None, wishes)


def pupil(*guardians: Guardian, siblings: tuple[Sibling, ...] = (), next_year: str = "1") -> school_placement.Pupil:
    return school_placement.Pupil(
        CHILD, "Barn", "Tallinge", "F", next_year, "Kvarnskolan", guardians or (guardian(MOTHER), guardian(FATHER)),
        siblings, (),
    )  # fmt: skip


# -- school choice --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "autumn"), [("2026-01-15", 2026), ("2026-06-30", 2026), ("2026-07-01", 2027), ("2026-12-31", 2027)]
)
def test_the_choice_is_for_the_next_autumn_of_another_school_year(today: str, autumn: int) -> None:
    assert choice.autumn_to_choose_for(date.fromisoformat(today)) == autumn


def test_a_school_year_is_written_as_the_systems_do() -> None:
    assert [rules.school_year(2099) for rules in (choice, transport)] == ["2099/00", "2099/00"]


@pytest.mark.parametrize(
    ("today", "is_open"), [("2027-01-14", False), ("2027-01-15", True), ("2027-02-15", True), ("2027-02-16", False)]
)
def test_the_first_and_the_last_day_are_within_the_period(today: str, is_open: bool) -> None:
    ordinary = TABLES.year(choice.SchoolChoice, 2027)
    period = Period(YOUNG, ordinary.opens, ordinary.closes, open_now=True, remark="")

    assert kind_of(choice.stop_if_closed, period, ordinary, date.fromisoformat(today)) == (
        "" if is_open else "Utanför skolvalsperioden"
    )


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, ""),
        ({"open_now": False}, "Utanför skolvalsperioden"),
        ({"closes": date(2027, 2, 22)}, "Skolvalets kalender stämmer inte"),
        ({"closes": date(2027, 2, 22), "remark": "Förlängd"}, ""),
        ({"opens": date(2027, 1, 14)}, "Skolvalets kalender stämmer inte"),
    ],
)
def test_the_systems_calendar_holds_and_must_say_why_it_differs(changed: dict[str, object], kind: str) -> None:
    ordinary = TABLES.year(choice.SchoolChoice, 2027)
    period = Period(YOUNG, ordinary.opens, ordinary.closes, open_now=True, remark="")

    assert kind_of(choice.stop_if_closed, replace(period, **changed), ordinary, date(2027, 2, 1)) == kind  # type: ignore[arg-type]


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_every_school_year_has_one_period_and_one_only(year: int) -> None:
    ordinary = TABLES.year(choice.SchoolChoice, year)
    periods = tuple(Period(stage, ordinary.opens, ordinary.closes, True, "") for stage in ordinary.stages)

    found = {each: choice.period_for(each, periods, ordinary).school_years for each in "F123456789"}

    assert set(found.values()) == {YOUNG, "Årskurs 4–6", "Årskurs 7–9"}
    assert kind_of(choice.period_for, "4", periods[:1], ordinary) == "Skolvalets kalender stämmer inte"
    assert kind_of(choice.period_for, "1", (periods[0], periods[0]), ordinary) == "Skolvalets kalender stämmer inte"


@pytest.mark.parametrize(
    ("guardians", "kind"),
    [
        ((guardian(MOTHER), guardian(FATHER)), ""),
        ((guardian(MOTHER),), ""),
        ((guardian(MOTHER), guardian(FATHER, signed=False)), "Signatur saknas"),
        ((guardian(MOTHER, signed=False), guardian(FATHER, signed=False)), "Signatur saknas"),
        ((guardian(MOTHER, ("A", "B")), guardian(FATHER, ("B", "A"))), "Vårdnadshavarna är oense"),
        ((guardian(MOTHER, ()), guardian(FATHER, ())), "Inga önskemål"),
    ],
)
def test_only_what_all_have_signed_together_is_a_wish(guardians: tuple[Guardian, ...], kind: str) -> None:
    assert kind_of(choice.signed_wishes, pupil(*guardians)) == kind


def test_a_card_without_guardians_is_signed_by_nobody() -> None:
    assert kind_of(choice.signed_wishes, replace(pupil(), guardians=())) == "Signatur saknas"


def test_the_wishes_keep_their_order() -> None:
    wishes = ("Kvarnskolan", "Ekbacksskolan", "Västerbyskolan")

    assert choice.signed_wishes(pupil(guardian(MOTHER, wishes), guardian(FATHER, wishes))) == wishes


@pytest.mark.parametrize(
    ("registered", "kind"),
    [
        ((MOTHER, FATHER), ""),
        ((FATHER, MOTHER), ""),
        ((MOTHER,), "Vårdnadshavarna stämmer inte"),
        ((), "Vårdnadshavarna stämmer inte"),
    ],
)
def test_the_card_must_have_the_registers_guardians(registered: tuple[PersonalNumber, ...], kind: str) -> None:
    person = Person(CHILD, "Barn", "", None, "", False, registered)

    assert kind_of(choice.stop_if_other_guardians, pupil(), person) == kind


@pytest.mark.parametrize(
    ("school", "year", "counts"),
    [("Kvarnskolan", "2", True), ("Ekbacksskolan", "9", False), ("Ekbacksskolan", "8", True), ("", "", False)],
)
def test_a_sibling_counts_where_it_still_goes_in_the_autumn(school: str, year: str, counts: bool) -> None:
    child = pupil(siblings=(Sibling("Syskon", year, school),))

    assert choice.has_sibling_at(school or "Kvarnskolan", child) is counts
    assert not choice.has_sibling_at("Västerbyskolan", child)


def test_who_leaves_year_nine_has_nothing_to_choose() -> None:
    assert kind_of(choice.stop_if_nothing_to_choose, pupil(next_year="")) == "Ingen skola att välja"
    assert kind_of(choice.stop_if_nothing_to_choose, pupil(next_year="9")) == ""


def test_who_moves_before_the_choice_closes_is_for_a_person() -> None:
    period = Period(YOUNG, date(2027, 1, 15), date(2027, 2, 15), True, "")

    assert [kind_of(choice.stop_if_moving, moving, period) for moving in (True, False)] == ["Barnet flyttar", ""]


# -- school transport -----------------------------------------------------------------------------------------------


def on_way(metres: int | None = 3600, **changed: object) -> school_transport.Pupil:
    found = school_transport.Pupil(CHILD, "2026/27", "2", "", "Kvarnskolan", metres, 3000, False, ())
    return replace(found, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "today", "autumn"),
    [
        ("Det här läsåret", "2026-06-30", 2025), ("Det här läsåret", "2026-07-01", 2026),
        ("Nästa läsår", "2026-06-30", 2026), ("Nästa läsår", "2026-07-01", 2027),
    ],
)  # fmt: skip
def test_the_school_year_changes_on_the_first_of_july(when: str, today: str, autumn: int) -> None:
    assert transport.autumn_of(when, date.fromisoformat(today)) == autumn


@pytest.mark.parametrize("autumn", [2025, 2026, 2027])
def test_every_school_year_has_its_limit(autumn: int) -> None:
    metres = TABLES.year(transport.SchoolTransport, autumn).metres

    assert metres == dict.fromkeys("F123", 3000) | dict.fromkeys("456", 4000) | dict.fromkeys("789", 5000)


@pytest.mark.parametrize(
    ("limit", "near"), [(3000, (2850, 3000, 3150)), (4000, (3800, 4000, 4200)), (5000, (4750, 5000, 5250))]
)
def test_five_percent_from_the_limit_is_near_and_a_metre_more_is_not(limit: int, near: tuple[int, int, int]) -> None:
    assert all(transport.is_near(metres, limit, 5) for metres in near)
    assert not any(transport.is_near(metres, limit, 5) for metres in (near[0] - 1, near[2] + 1))


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (on_way(3151), ""),
        (on_way(2849), ""),
        (on_way(3150), "Nära gränsen"),
        (on_way(2850), "Nära gränsen"),
        (on_way(own_school="Fria skolan Smedjan"), "Inte kommunal grundskola"),
        (on_way(guardians_apart=True), "Växelvis boende"),
        (on_way(None), "Vägen går inte att mäta"),
        (on_way(limit=2000), "Gränsen stämmer inte"),
        (on_way(year="4"), "Gränsen stämmer inte"),
    ],
)
def test_where_not_only_the_distance_decides_a_person_does(found: school_transport.Pupil, kind: str) -> None:
    table = TABLES.year(transport.SchoolTransport, 2026)

    assert kind_of(transport.way_to_judge, found, table) == kind
    if not kind:
        assert transport.way_to_judge(found, table) == (found.metres, 3000)


@pytest.mark.parametrize(
    ("reason", "alternating", "kind"),
    [
        ("Avståndet till skolan", False, ""),
        ("Avståndet till skolan", True, "Växelvis boende"),
        ("Något annat", False, "Annat skäl än avståndet"),
    ],
)
def test_what_the_applicant_says_may_be_for_a_person(reason: str, alternating: bool, kind: str) -> None:
    answers = transport.Answers(when="Det här läsåret", reason=reason, alternating=alternating)

    assert kind_of(transport.stop_if_not_by_distance, answers) == kind


# -- what is answered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en", "fi", "ar"])
@pytest.mark.parametrize(
    ("letter", "values"),
    [
        ("school_choice", {"school_year": "2027/28", "wishes": ("Kyrkskolan", "Kvarnskolan"), "closes": "2027-02-15"}),
        ("school_transport", {"school_year": "2026/27", "number": "SKJ-2026-0061"}),
    ],
)
def test_the_letters_tell_the_same_in_every_language(
    tmp_path: Path, letter: str, values: dict[str, Any], language: str
) -> None:
    told = read_letter(ROOT / "config" / "letters" / f"{letter}.{language}.txt")
    assert bool(told.approved) == (language in ("sv", "en"))
    approved = f"Ämne: {told.subject}\nGodkänd: Ingen, prov, 2026-10-01\n\n{told.body}\n"
    (tmp_path / told.file.name).write_text(approved, "utf-8")

    written = Letters(tmp_path).write(letter, language, **values)

    schools = values.get("wishes", ())
    assert [line for line in written.text.splitlines() if line[3:] in schools] == [
        f"{place}. {school}" for place, school in enumerate(schools, 1)
    ]
    assert all(value in written.text for value in values.values() if isinstance(value, str))
