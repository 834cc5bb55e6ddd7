"""The town itself: the same for the same seed and day, and what the errands ask of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from robots.practice.errands import KEYS, load_errands
from robots.practice.errands.errand import Errand, Twist
from robots.practice.names import MUNICIPALITY
from robots.practice.town import Case, Town, build, build_town, nearest_school, school_year, walking_metres
from tests.practice.conftest import TownProcess

TODAY = date(2026, 3, 17)
TRIAL = Errand(
    "trial",
    ("Prov",),
    "{child} och {partner} på {street}",
    "Kontaktcenter",
    {
        "far": Twist(3, family="together", child_turns=(8, 9), to_school=(3000, 9000)),
        "near": Twist(3, family="single", child_turns=(8, 9), to_school=(0, 2500)),
        "apart": Twist(3, family="apart"),
        "siblings": Twist(2, family="siblings"),
        "hidden": Twist(2, "protected", family="together"),
        "dead": Twist(2, "deceased"),
        "moving_in": Twist(2, "elsewhere", family="together"),
        "expecting": Twist(2, family="expecting"),
        "wedding": Twist(2, family="couple"),
        "spouses": Twist(2, family="married"),
        "state_road": Twist(2, land=("state_road",)),
        "private_road": Twist(2, land=("private_road",)),
        "island": Twist(2, land=("island", "fritidshus")),
    },
)


@pytest.fixture(scope="module")
def town() -> Town:
    return build_town(1, TODAY)


@pytest.fixture(scope="module")
def with_trial() -> Iterator[Town]:
    """A town whose citizens have one errand more than those that are declared."""
    patch = pytest.MonkeyPatch()
    patch.setattr(build, "load_errands", lambda: (*load_errands(), TRIAL))
    yield build.invent(1, TODAY)
    patch.undo()


def of(town: Town, twist: str) -> list[Case]:
    return [c for c in town.cases.values() if (c.errand, c.twist) == ("trial", twist)]


def test_the_same_seed_and_day_make_the_same_town(town: Town) -> None:
    assert build.invent(1, TODAY) == town
    assert build_town(2, TODAY) != town


def test_it_is_as_large_as_the_suite_needs(town: Town) -> None:
    assert len(town.people) >= 2000
    assert len(town.properties) >= 1200
    assert len(town.cases) >= 800
    assert 400 <= sum(child.school_year != "" for child in town.children.values()) < 450


def test_the_old_errands_are_as_many_as_before(town: Town) -> None:
    counts = Counter(c.errand for c in town.cases.values())

    assert {e: counts[e] for e in ("drawings", "detail_plan", "missed_bin", "extra_sludge")} == {
        "drawings": 250, "detail_plan": 190, "missed_bin": 130, "extra_sludge": 120,
    }  # fmt: skip


def test_every_case_has_a_property_of_its_own(with_trial: Town) -> None:
    assert len({c.property_id for c in with_trial.cases.values()}) == len(with_trial.cases)


def test_an_errand_more_moves_none_that_is_declared_above_it(town: Town, with_trial: Town) -> None:
    same = {n: (c.errand, c.twist, c.property_id, c.citizen) for n, c in town.cases.items()}

    assert (
        same.items() <= {n: (c.errand, c.twist, c.property_id, c.citizen) for n, c in with_trial.cases.items()}.items()
    )


def test_every_declared_errand_is_of_a_family_that_is_looked_for() -> None:
    names = [errand.name for errand in load_errands()]

    assert len(names) == len(set(names))
    assert set(KEYS) >= {"drawings", "detail_plan", "waste_collection", "other"}


@pytest.mark.parametrize(("twist", "low", "high"), [("far", 3000, 9000), ("near", 0, 2500)])
def test_a_child_walks_as_far_as_is_wanted(with_trial: Town, twist: str, low: int, high: int) -> None:
    for case in of(with_trial, twist):
        home, child = with_trial.properties[case.property_id], with_trial.children[case.children[0]]
        school = nearest_school(home.x, home.y, child.school_year)

        assert low <= walking_metres(home.x, home.y, school) <= high
        assert child.property_id == case.property_id


def test_two_guardians_live_together_or_apart(with_trial: Town) -> None:
    for twist, addresses in (("far", 1), ("apart", 2), ("near", 1)):
        for case in of(with_trial, twist):
            guardians = with_trial.children[case.children[0]].guardians

            assert case.citizen in guardians
            assert len(guardians) == (1 if twist == "near" else 2)
            assert len({with_trial.people[g].property_id for g in guardians}) == addresses


def test_siblings_go_to_school_and_know_each_other(with_trial: Town) -> None:
    for case in of(with_trial, "siblings"):
        children = [with_trial.children[number] for number in case.children]

        assert len(children) >= 2
        assert all(child.school_year for child in children)
        assert all({child.personal_number, *child.siblings} == set(case.children) for child in children)


def test_a_protected_family_is_protected_throughout_and_not_named(with_trial: Town) -> None:
    for case in of(with_trial, "hidden"):
        family = with_trial.families[case.family]
        people = [with_trial.people[n] for n in (*family.adults, *family.children)]

        assert all(person.protection for person in people)
        assert not any(person.first_name in case.description for person in people)


def test_couples_are_married_or_live_together(with_trial: Town) -> None:
    for twist in ("expecting", "wedding", "spouses"):
        for case in of(with_trial, twist):
            one, other = (with_trial.people[n] for n in with_trial.families[case.family].adults)

            tied = (one.spouse, other.spouse) if twist == "spouses" else (one.partner, other.partner)
            assert tied == (other.personal_number, one.personal_number)
            assert one.property_id == other.property_id
            assert (with_trial.families[case.family].due is not None) == (twist == "expecting")


def test_who_asks_may_be_dead_or_live_elsewhere(with_trial: Town) -> None:
    assert all(with_trial.people[c.citizen].deceased for c in of(with_trial, "dead"))
    for case in of(with_trial, "moving_in"):
        for number in (case.citizen, *case.children):
            assert with_trial.people[number].municipality != MUNICIPALITY
            assert with_trial.people[number].property_id == ""


def test_a_property_lies_where_it_is_wanted(with_trial: Town) -> None:
    owners = {t: {with_trial.properties[c.property_id].road_owner for c in of(with_trial, t)}
              for t in ("state_road", "private_road", "island")}  # fmt: skip

    assert owners["state_road"] == {"Trafikverket"}
    assert all("förening" in owner for owner in owners["private_road"] | owners["island"])
    assert {with_trial.properties[c.property_id].kind for c in of(with_trial, "island")} == {"fritidshus"}


def test_the_case_carries_the_citizens_language(town: Town) -> None:
    spoken = {c.language for c in town.cases.values()}

    assert {"sv", "en", "ar", "fi"} <= spoken
    assert all(c.language == town.people[c.citizen].language for c in town.cases.values())


@pytest.mark.parametrize(
    ("born", "today", "year"),
    [
        (date(2020, 12, 31), date(2026, 8, 20), "F"),
        (date(2020, 1, 1), date(2026, 6, 30), ""),
        (date(2011, 5, 5), date(2026, 10, 1), "9"),
        (date(2010, 5, 5), date(2026, 10, 1), ""),
    ],
)
def test_the_school_year_changes_in_summer(born: date, today: date, year: str) -> None:
    assert school_year(born, today) == year


def test_some_walk_so_far_that_there_is_a_bus(town: Town) -> None:
    for year, limit in (("2", 3000), ("5", 4000), ("8", 5000)):
        ways = [
            walking_metres(p.x, p.y, nearest_school(p.x, p.y, year)) for p in town.properties.values() if not p.island
        ]
        assert 20 < sum(way > limit for way in ways) < len(ways) / 2


@pytest.mark.parametrize("wrong", [{"person": "robot"}, {"family": "clan"}, {"land": ("moon",)}])
def test_a_twist_that_the_town_cannot_make_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot make"):
        Twist(1, **wrong)  # type: ignore[arg-type]


def test_the_control_api_tells_of_families_and_schools(town_process: TownProcess) -> None:
    schools = {s["name"]: s for s in town_process.control.get("/schools").json()}
    family = next(f for f in town_process.control.get("/families", params={"kind": "siblings"}).json())
    child = town_process.control.get(f"/children/{family['children'][0]}").json()

    assert child["guardians"] == family["adults"]
    assert child["metres"].keys() == schools.keys() or child["metres"] == {}
    assert child["nearest_school"] in {"", *schools}
