"""Befolkningsregistret: who somebody is, always with the case as the reason, and nothing at all of the protected.

The judge is the town: its people, and the register's own log of look-ups.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from robots.cli.town import Town
from robots.errors import BusinessException, NotSeen, PageNotRecognised
from robots.fields import CaseNumber, PersonalNumber
from robots.practice import identifiers
from robots.practice.town import Person as Resident
from robots.practice.town import build_town
from robots.store import Store
from robots.store.schema import run_events
from robots.systems.population_register import Person, Reader
from robots.systems.population_register.driver import ANSWER, SEARCH, _protection
from tests.contract.conftest import Benches

pytestmark = pytest.mark.browser

KEY = "population_register"
PROTECTIONS = ["sekretessmarkering", "skyddad folkbokföring"]


@pytest.fixture
def reader(bench_for: Benches) -> Reader:
    return bench_for(Reader)


@pytest.fixture(scope="module")
def residents(town_process: Town) -> list[Resident]:
    return list(build_town(1, date.fromisoformat(town_process.ask("/town")["today"])).people.values())


@pytest.fixture
def case(town: Town) -> CaseNumber:
    return CaseNumber(town.cases("other")[0]["number"])


def one(residents: list[Resident], *, protection: str = "", deceased: bool = False, day: str = "[0-3]") -> Resident:
    """The first one who is like this; ``day`` is how the day of birth begins."""
    return next(
        p for p in residents
        if (p.protection, p.deceased) == (protection, deceased) and re.match(r"\d{6}" + day, p.personal_number)
    )  # fmt: skip


def nobody(residents: list[Resident]) -> PersonalNumber:
    numbers = {p.personal_number for p in residents}
    days = (date(1950, 1, 1) + timedelta(days=n) for n in range(9000))
    return PersonalNumber(next(n for d in days if (n := identifiers.personal_number(d, 985)) not in numbers))


def number_of(person: Resident) -> PersonalNumber:
    return PersonalNumber(person.personal_number)


def as_registered(person: Resident) -> Person:
    return Person(
        number_of(person), person.name, f"{person.street}, {person.postcode} TALLINGE", person.property_id,  # type: ignore[arg-type]
        "", person.deceased,
    )  # fmt: skip


def who(person: Resident) -> list[str]:
    """What tells who somebody is."""
    return [person.name, person.last_name, person.street, person.personal_number, person.personal_number[:8]]


def lookups(town: Town) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.act(KEY, "lookups")
    return found


@pytest.mark.parametrize("day", ["[0-3]", "[6-9]"], ids=["personal-number", "coordination-number"])
def test_tells_who_a_person_is(reader: Reader, residents: list[Resident], case: CaseNumber, day: str) -> None:
    resident = one(residents, day=day)

    assert reader.person(number_of(resident), case) == as_registered(resident)
    assert reader.check_applicant(number_of(resident), case) == as_registered(resident)  # an answer opens once only


def test_the_reason_is_always_the_case(reader: Reader, town: Town, residents: list[Resident], case: CaseNumber) -> None:
    number = number_of(one(residents))

    reader.person(number, case)

    assert [(look["sought"], look["reason"], look["case_number"]) for look in lookups(town)] == [
        (number, "Ärende hos kontaktcenter", case)
    ]


def test_a_number_that_nobody_has_is_for_a_person(reader: Reader, residents: list[Resident], case: CaseNumber) -> None:
    number = nobody(residents)

    with pytest.raises(BusinessException) as stop:
        reader.check_applicant(number, case)

    assert stop.value.kind == "Personen finns inte i registret"
    assert stop.value.todo
    assert number[:8] not in f"{stop.value.reason} {stop.value.todo}"


def test_silence_about_a_number_is_no_absence(
    reader: Reader, town: Town, residents: list[Resident], case: CaseNumber
) -> None:
    town.fault(KEY, "label_renamed", old="Ingen person hittades", new="Klart", times=9)

    with pytest.raises(NotSeen):
        reader.person(nobody(residents), case)


def test_what_the_register_does_not_accept_is_told(
    reader: Reader, town: Town, residents: list[Resident], case: CaseNumber
) -> None:
    """The list of reasons has lost its value on the way: the register answers with red words and no person."""
    reader.page.route(
        "**/sok", lambda route: route.continue_(post_data=(route.request.post_data or "").replace("arende=KC", "x=KC"))
    )

    with pytest.raises(PageNotRecognised, match="Du måste ange ärendenummer"):
        reader.person(number_of(one(residents)), case)


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_nothing_is_told_of_the_protected(
    reader: Reader, residents: list[Resident], case: CaseNumber, protection: str
) -> None:
    number = number_of(one(residents, protection=protection))

    assert reader.person(number, case) == Person(number, "", "", None, protection, False)  # type: ignore[arg-type]


@pytest.mark.parametrize("protection", PROTECTIONS)
@pytest.mark.usefixtures("pictures")
def test_a_protected_applicant_is_for_a_person_and_leaves_no_trace(
    bench_for: Benches, store: Store, residents: list[Resident], case: CaseNumber, protection: str
) -> None:
    resident = one(residents, protection=protection)
    run = bench_for.new_run(bench_for.robot_for(Reader))
    reader = run.driver(Reader)

    with pytest.raises(BusinessException) as stop:
        reader.check_applicant(number_of(resident), case)
    run.attempt.systems.photograph("prov")  # as when a later step fails

    assert (stop.value.kind, stop.value.reason) == (
        "Skyddade personuppgifter", "Den sökande har skyddade personuppgifter.",
    )  # fmt: skip
    run.attempt.recorder.flush()
    with store.begin() as connection:
        events = json.dumps([list(row) for row in connection.execute(select(run_events.c.title, run_events.c.detail))])
    traces = f"{stop.value.reason} {stop.value.todo} {stop.value!r} {events}"
    assert not [words for words in who(resident) if words in traces]
    assert run.pictures() == []


@pytest.mark.usefixtures("pictures")
def test_control_an_answer_that_is_left_open_is_photographed(
    bench_for: Benches, residents: list[Resident], case: CaseNumber
) -> None:
    run = bench_for.new_run(bench_for.robot_for(Reader))
    reader = run.driver(Reader)
    reader._look_up(number_of(one(residents)), case)  # without the way out
    reader.bench.pictured = True  # as if the register were not of the class that is never photographed
    run.attempt.recorder._unseen.clear()

    run.attempt.systems.photograph("prov")

    assert len(run.pictures()) == 1


@pytest.mark.usefixtures("pictures")
def test_the_register_is_not_photographed_even_when_an_answer_is_left_open(
    bench_for: Benches, residents: list[Resident], case: CaseNumber
) -> None:
    run = bench_for.new_run(bench_for.robot_for(Reader))
    run.driver(Reader)._look_up(number_of(one(residents)), case)

    run.attempt.systems.photograph("prov")

    assert run.pictures() == []


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_a_banner_with_other_words_still_protects(
    reader: Reader, town: Town, residents: list[Resident], case: CaseNumber, protection: str
) -> None:
    banner = {"sekretessmarkering": "SEKRETESSMARKERING", "skyddad folkbokföring": "SKYDDAD FOLKBOKFÖRING"}[protection]
    town.fault(KEY, "label_renamed", old=banner, new="SÄRSKILD UPPGIFT", times=9)

    assert reader.person(number_of(one(residents, protection=protection)), case).protection == protection


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_a_banner_that_has_gone_still_protects(
    reader: Reader, town: Town, residents: list[Resident], case: CaseNumber, protection: str
) -> None:
    town.fault(KEY, "label_renamed", old='class="sekretess"', new='class="lugn"', times=9)

    assert reader.person(number_of(one(residents, protection=protection)), case).protection == protection


def test_control_without_banner_and_with_an_address_nobody_is_protected() -> None:
    assert _protection([], "Ågatan 1, 123 45 TALLINGE", "KVARNEN 14") == ""


def test_a_dead_applicant_is_for_a_person(reader: Reader, residents: list[Resident], case: CaseNumber) -> None:
    resident = one(residents, deceased=True)

    with pytest.raises(BusinessException) as stop:
        reader.check_applicant(number_of(resident), case)

    assert stop.value.kind == "Den sökande är avliden"
    assert not [words for words in who(resident) if words in f"{stop.value.reason} {stop.value.todo}"]
    assert reader.person(number_of(resident), case).deceased


def test_a_case_without_citizen_is_for_a_person_and_nobody_is_looked_up(
    reader: Reader, town: Town, case: CaseNumber
) -> None:
    with pytest.raises(BusinessException) as stop:
        reader.check_applicant(None, case)

    assert (stop.value.kind, lookups(town)) == ("Ärendet har ingen sökande", [])


def test_somebody_else_than_the_one_asked_for_is_refused(
    reader: Reader, residents: list[Resident], case: CaseNumber
) -> None:
    asked, other = residents[0].personal_number, residents[1].personal_number
    reader.page.route(
        "**/sok", lambda route: route.continue_(post_data=(route.request.post_data or "").replace(asked, other))
    )

    with pytest.raises(PageNotRecognised, match="någon annan") as stop:
        reader.person(PersonalNumber(asked), case)
    assert other[:8] not in str(stop.value)


def test_covers_name_and_address_from_then_on(
    bench_for: Benches, store: Store, residents: list[Resident], case: CaseNumber
) -> None:
    resident, run = one(residents), bench_for.new_run(bench_for.robot_for(Reader))
    words = f"Brev till {resident.name}, {resident.street}"
    reader = run.driver(Reader)
    reader.bench.recorder.event("told", f"Före: {words}")  # control: nobody knows yet whose name it is
    reader.person(number_of(resident), case)
    reader.bench.recorder.event("told", f"Efter: {words}")

    run.attempt.recorder.flush()
    with store.begin() as connection:
        said = [str(t) for t in connection.execute(select(run_events.c.title)).scalars() if "Brev till" in t]

    assert said == [f"Före: {words}", "Efter: Brev till ▮▮▮, ▮▮▮"]


def test_a_person_does_not_show_in_print(residents: list[Resident]) -> None:
    resident = one(residents)

    assert repr(as_registered(resident)) == "Person(protection='', deceased=False)"


# -- a child and its guardians --------------------------------------------------------------------------------------


def a_family(town: Town, kind: str = "together") -> tuple[PersonalNumber, list[PersonalNumber]]:
    """A child of a family that nobody asks for, and its guardians."""
    asked = {case["family"] for case in town.cases()}
    found = next(f for f in town.ask("/families", kind=kind) if f["number"] not in asked and f["children"])
    return PersonalNumber(found["children"][0]), [PersonalNumber(number) for number in found["adults"]]


@pytest.mark.parametrize("kind", ["together", "apart", "single"])
def test_tells_a_childs_guardians_wherever_they_live(reader: Reader, town: Town, case: CaseNumber, kind: str) -> None:
    child, adults = a_family(town, kind)

    assert set(reader.person(child, case).guardians) == set(adults)
    assert reader.person(adults[0], case).guardians == ()


def test_a_guardian_may_ask_for_the_child(reader: Reader, town: Town, case: CaseNumber) -> None:
    child, adults = a_family(town)

    found, applicant = reader.check_child(child, adults[1], case)

    assert (found.personal_number, applicant.personal_number) == (child, adults[1])
    assert [look["sought"] for look in lookups(town)] == [child, adults[1]]


@pytest.mark.parametrize(
    ("twist", "place", "kind"),
    [
        ("new_in_municipality", 0, "Inte folkbokförd i kommunen"),
        ("protected", 0, "Skyddade personuppgifter"),
        ("normal", 1, "Den sökande är inte vårdnadshavare"),
    ],
)
def test_a_child_that_a_robot_leaves_to_a_person_is_not_named(
    reader: Reader, town: Town, case: CaseNumber, twist: str, place: int, kind: str
) -> None:
    about = town.cases("school_choice", twist)[0]
    citizen = town.cases("school_choice", twist)[place]["citizen"]
    child = town.ask(f"/people/{about['children'][0]}")

    with pytest.raises(BusinessException) as stop:
        reader.check_child(PersonalNumber(child["personal_number"]), PersonalNumber(citizen), case)

    assert stop.value.kind == kind
    told = f"{stop.value.reason} {stop.value.todo}"
    assert not [words for words in (child["name"], child["street"], child["personal_number"][:8]) if words in told]


def test_a_child_of_a_case_without_citizen_is_for_a_person(reader: Reader, town: Town, case: CaseNumber) -> None:
    with pytest.raises(BusinessException) as stop:
        reader.check_child(a_family(town)[0], None, case)

    assert stop.value.kind == "Ärendet har ingen sökande"


def test_a_protected_guardian_is_seen_on_the_childs_page(reader: Reader, town: Town, case: CaseNumber) -> None:
    child, adults = a_family(town)
    as_shown = f"{adults[1]}  {town.ask(f'/people/{adults[1]}')['name']}"
    town.fault(KEY, "label_renamed", path="^/person", old=as_shown, new="Skyddade personuppgifter", times=9)

    with pytest.raises(BusinessException) as stop:
        reader.check_child(child, adults[0], case)

    assert stop.value.kind == "Skyddade personuppgifter"


def test_guardians_in_other_words_are_not_taken_for_none(reader: Reader, town: Town, case: CaseNumber) -> None:
    child, (adult,) = a_family(town, "single")
    town.fault(KEY, "label_renamed", path="^/person", old=adult, new="okänt nummer", times=9)

    with pytest.raises(PageNotRecognised, match="vårdnadshavare"):
        reader.person(child, case)


# -- when the login is lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "method"), [("^/$", "GET"), ("^/sok", "POST"), ("^/person", "GET")])
def test_begins_again_once_when_the_login_is_lost(
    reader: Reader, town: Town, residents: list[Resident], case: CaseNumber, path: str, method: str
) -> None:
    resident = one(residents)
    reader.person(number_of(resident), case)
    town.fault(KEY, "logged_out", path=path, method=method)

    assert reader.person(number_of(resident), case) == as_registered(resident)
    assert town.ask("/faults")["set"][0]["hits"] == 1


def test_leaves_no_page_open_when_it_is_stopped(
    reader: Reader, town: Town, residents: list[Resident], case: CaseNumber
) -> None:
    town.fault(KEY, "dialog", path="^/person", how="modal")

    with pytest.raises(PageNotRecognised, match="Viktigt meddelande"):
        reader.person(number_of(one(residents)), case)
    assert reader.page.url == "about:blank"


def test_control_an_answer_cannot_be_opened_again(reader: Reader, residents: list[Resident], case: CaseNumber) -> None:
    reader._look_up(number_of(one(residents)), case)
    assert reader.heading(ANSWER).count()

    reader.page.reload()

    assert (reader.heading(ANSWER).count(), reader.heading("Sidan är inaktuell").count()) == (0, 1)
    assert reader.open("/", heading=SEARCH)
