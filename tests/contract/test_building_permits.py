"""Bygglov Castell through its frames: what is read, and that a notice is registered once. The judge is the town."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator

from robots.cli.town import LOOKER, Town
from robots.errors import (
    AccessDenied,
    BusinessException,
    EffectRefused,
    PageNotRecognised,
    SeveralMatches,
    SystemDown,
)
from robots.fields import PersonalNumber, PropertyDesignation
from robots.systems.building_permits import Condition, PermitCase, Reader, StartNotice, Writer
from robots.systems.building_permits.driver import CASES, DOCUMENTS
from robots.systems.building_permits.model import START_NOTICE, start_notices
from robots.systems.driver import Driver
from robots.systems.postbacks import postback
from robots.systems.view import Row
from tests.contract.conftest import Benches, RunAtWork

pytestmark = pytest.mark.browser
SYSTEM = "building_permits"
START = "start_of_construction"
DRAWINGS = ("ARIT", "SITU", "KRIT")
NOTE = "Vi börjar gräva.\nRing först."


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("gunvor")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def reader(bench_for: Benches) -> Reader:
    return bench_for(Reader)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been registered when the test is over."""
    yield town
    assert town.truth(SYSTEM) == []


def number_of(town: Town, twist: str = "normal", errand: str = START, place: int = 0) -> str:
    return str(town.act(SYSTEM, "permit_of", case=town.cases(errand, twist)[place]["number"]))


def permit(town: Town, number: str) -> dict[str, Any]:
    found: dict[str, Any] = town.act(SYSTEM, "permit", number=number)
    return found


def home_of(town: Town, number: str) -> PropertyDesignation:
    return PropertyDesignation(permit(town, number)["property_id"])


def in_a_week(town: Town) -> date:
    return date.fromisoformat(town.ask("/town")["today"]) + timedelta(days=7)


def register(writer: Writer, town: Town, number: str, home: str = "", starts: date | None = None) -> str:
    built_on = PropertyDesignation(home) if home else home_of(town, number)
    return writer.register_start(number, built_on, starts or in_a_week(town), NOTE, once="byggstart")


# -- reading --------------------------------------------------------------------------------------------------------


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _told(found: PermitCase) -> dict[str, Any]:
    return {
        "number": found.number, "group": found.group, "type": found.type, "what": found.what, "stage": found.stage,
        "property_id": found.property_id, "arrived": _day(found.arrived), "decided": _day(found.decided),
        "granted": found.granted,
        "announced": _day(found.announced), "posted": _day(found.posted), "started": _day(found.start_clearance),
        "needs_consultation": found.needs_consultation, "consultation": _day(found.consultation),
        "finished": _day(found.final_clearance), "lock": found.lock, "protected": found.protected,
        "conditions": [{"words": c.words, "met": c.met} for c in found.conditions],
        "supplement": found.supplement and {"words": found.supplement.words, "latest": _day(found.supplement.latest)},
    }  # fmt: skip


def test_reads_every_kind_of_case_as_the_town_has_it(reader: Reader, untouched: Town) -> None:
    asked = [(START, t, 0) for t in ("normal", "no_startbesked", "conditions_open", "within_four_weeks", "protected")]
    asked += [("permit_status", "normal", place) for place in (0, 1, 2, 3, 5)] + [
        ("permit_status", "supplement_open", 0)
    ]
    told_of = []
    for errand, twist, place in asked:
        number = number_of(untouched, twist, errand, place)
        told = permit(untouched, number)

        found = reader.case(number)

        assert _told(found) == {caption: told[caption] for caption in _told(found)}
        assert found.old_rules == (told["arrived"] < "2025-12-01")
        assert [p.number for p in found.parties] == ([None] * 2 if told["protected"] else [*told["parties"], None])
        told_of.append(found)
    assert {(found.stage, found.granted) for found in told_of} >= {("Beslut fattat", True), ("Beslut fattat", False)}
    assert {found.stage for found in told_of} == {
        "Under handläggning", "Väntar på komplettering", "Beslut fattat", "Startbesked lämnat", "Slutbesked lämnat",
    }  # fmt: skip


def test_tells_who_is_a_party_and_which_conditions_are_open(reader: Reader, untouched: Town) -> None:
    def citizen(errand: str, twist: str) -> PersonalNumber:
        return PersonalNumber(untouched.cases(errand, twist)[0]["citizen"])

    permit_of = reader.case(number_of(untouched, "conditions_open"))
    assert permit_of.has_party(citizen(START, "conditions_open"))
    assert permit_of.open_conditions == (Condition("Utstakning ska vara utförd", False),)
    stranger = citizen("permit_status", "not_a_party")
    assert not reader.case(number_of(untouched, "not_a_party", "permit_status")).has_party(stranger)
    hidden = reader.case(number_of(untouched, "protected"))
    assert hidden.protected
    assert not hidden.has_party(citizen(START, "protected"))


def test_an_unknown_number_is_a_matter_for_a_person(reader: Reader, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        reader.case(number_of(untouched, "unknown_number", "permit_status"))
    assert stop.value.kind == "Ärendet finns inte"


def test_words_that_nobody_has_said_before_are_not_understood(reader: Reader, untouched: Town) -> None:
    untouched.fault(SYSTEM, "label_renamed", old="Hållet ", new="Planerat till ", times=99)
    untouched.fault(SYSTEM, "label_renamed", old="Krävs inte", new="Bör hållas", times=99)
    with pytest.raises(PageNotRecognised, match="Tekniskt samråd"):
        reader.case(number_of(untouched))


def test_what_the_card_says_of_the_parties_never_stands_in_the_log(run: RunAtWork, untouched: Town) -> None:
    reader, number = run.driver(Reader), number_of(untouched)
    person = untouched.ask(f"/people/{permit(untouched, number)['parties'][0]}")
    told = f"{person['name']}, {person['street']}"
    reader.bench.recorder.event("prov", f"Före: {told}")

    reader.case(number)
    reader.bench.recorder.event("prov", f"Efter: {told}")

    before, after = (event.title for event in run.events() if event.kind == "prov")
    assert told in before, "without the reading nobody knows that it is a name"
    assert person["name"] not in after
    assert person["street"] not in after


def _drawn(town: Town, home: str) -> list[dict[str, Any]]:
    permits = town.act(SYSTEM, "permits_of_property", property_id=home)
    return [d | {"case": p["number"]} for p in permits for d in p["documents"] if d["code"] in DRAWINGS]


def _much_drawn(town: Town) -> PropertyDesignation:
    """A property with more drawings than the list shows at a time."""
    homes = (str(case["property_id"]) for case in town.cases("drawings", "normal"))
    return PropertyDesignation(next(home for home in homes if len(_drawn(town, home)) > 10))


def test_finds_the_drawings_on_every_page_of_the_list(reader: Reader, untouched: Town) -> None:
    home = _much_drawn(untouched)
    told = _drawn(untouched, home)

    found = reader.drawings_of(home)

    assert sorted(d.number for d in found) == sorted(d["number"] for d in told)
    assert {(d.number, d.code, d.case, _day(d.on)) for d in found} == {
        (d["number"], d["code"], d["case"], d["on"]) for d in told
    }
    assert not any(d.secret for d in found)
    document = reader.download(found[-1])
    assert document.name.startswith(found[-1].number)
    assert document.content.startswith(b"%PDF-")


def test_a_secret_drawing_is_told_and_not_fetched(reader: Reader, untouched: Town) -> None:
    homes = [str(case["property_id"]) for case in untouched.cases("drawings", "all_secret")]
    home = PropertyDesignation(next(home for home in homes if _drawn(untouched, home)))

    found = reader.drawings_of(home)

    assert {(d.secret, d.address) for d in found} == {(True, "")}
    with pytest.raises(PageNotRecognised, match="sekretess"):
        reader.download(found[0])


def test_sees_that_a_property_has_no_cases_and_no_drawings(reader: Reader, untouched: Town) -> None:
    homes = [str(case["property_id"]) for case in untouched.cases("drawings", "none_found")]
    home = PropertyDesignation(homes[0])
    assert untouched.act(SYSTEM, "permits_of_property", property_id=home) == []

    assert reader.drawings_of(home) == ()
    assert reader.cases_of(home) == ()


def test_lists_the_cases_of_a_property_finished_ones_too(reader: Reader, untouched: Town) -> None:
    number = number_of(untouched, "old_application", "building_checklist")
    untouched.act(SYSTEM, "close", number=number)
    home = home_of(untouched, number)
    told = untouched.act(SYSTEM, "permits_of_property", property_id=home)

    found = reader.cases_of(home)

    assert [(c.number, c.stage, _day(c.arrived), c.property_id) for c in found] == [
        (p["number"], p["stage"], p["arrived"], home) for p in reversed(told)
    ]
    assert "Avslutat" in {c.stage for c in found}


def test_a_list_that_says_more_than_it_shows_is_not_the_whole(reader: Reader, untouched: Town) -> None:
    untouched.fault(SYSTEM, "label_renamed", old="Antal träffar: 1.", new="Antal träffar: 0.", times=99)
    with pytest.raises(PageNotRecognised, match="säger 0 träffar men visar 1"):
        reader.case(number_of(untouched))


def test_words_of_absence_for_another_search_are_not_the_answer(reader: Reader, untouched: Town) -> None:
    asked_for = number_of(untouched, "unknown_number", "permit_status")
    untouched.fault(
        SYSTEM, "label_renamed", old=f"Diarienummer: {asked_for}", new="Diarienummer: BYGG 2026-1", times=99
    )
    with pytest.raises(PageNotRecognised, match="säger inte det som väntades"):
        reader.case(asked_for)


# -- finding an event again -----------------------------------------------------------------------------------------


def test_finds_an_event_by_its_reference_though_the_case_is_finished(writer: Writer, town: Town) -> None:
    number = number_of(town)
    receipt = register(writer, town, number)
    mark = town.truth(SYSTEM)[0]["facts"]["reference"]
    town.act(SYSTEM, "close", number=number)

    assert writer.find_event(number, mark) == receipt
    assert writer.find_event(number_of(town, "conditions_open"), mark) is None
    assert writer.shows_events(number)


def test_two_events_with_the_mark_are_too_many(reader: Reader, untouched: Town) -> None:
    number = number_of(untouched)
    for _ in range(2):
        untouched.act(SYSTEM, "write_as_colleague", number=number, reference="R-111111111111")
    with pytest.raises(SeveralMatches):
        reader.find_event(number, "R-111111111111")


def test_tells_the_notices_of_a_start_with_their_references(writer: Writer, town: Town) -> None:
    number = number_of(town)
    town.act(SYSTEM, "write_as_colleague", number=number, kind=START_NOTICE)  # with no outcome, so it is not in force
    assert writer.start_notices(number) == ()

    receipt = register(writer, town, number)

    assert writer.start_notices(number) == (StartNotice(receipt, town.truth(SYSTEM)[0]["facts"]["reference"]),)


@pytest.mark.parametrize(("outcome", "counts"), [("Mottagen", True), ("Återtagen", False), ("–", False)])
def test_a_notice_that_was_taken_back_is_none(outcome: str, counts: bool) -> None:
    cells = {"Händelsenr": "H1", "Slag": START_NOTICE, "Utfall": outcome, "Vår referens": "–"}
    assert start_notices([Row(cells, {})]) == ((StartNotice("H1", ""),) if counts else ())


# -- pages that post back -------------------------------------------------------------------------------------------


def _rows_after(reader: Reader, number: str, *, waited_for: bool) -> list[str]:
    work = reader._open_register(CASES)
    work.fill({"Diarienummer": number, "Visa även avslutade ärenden": True}, within="fieldset")
    button = work.button("Sök")
    if waited_for:
        postback(work, button)
    else:
        work.click(button)
    return [row["Diarienummer"] for row in work.table(f"table[summary='{CASES}']")]


def test_the_answer_to_a_search_is_waited_for(reader: Reader, untouched: Town) -> None:
    number = number_of(untouched)
    assert _rows_after(reader, number, waited_for=True) == [number]


def test_control_without_waiting_the_rows_from_before_are_read(reader: Reader, untouched: Town) -> None:
    number = number_of(untouched, "within_four_weeks")
    found = _rows_after(reader, number, waited_for=False)
    assert len(found) == 10
    assert number not in found


def test_a_page_that_is_too_old_is_refused_and_tried_again_from_the_top(reader: Reader, untouched: Town) -> None:
    work = reader._open_register(DOCUMENTS)
    state = work.frame.locator("[name=__VIEWSTATE]")
    old = state.input_value()
    postback(work, work.button("Sök"))
    state.evaluate("(field, old) => { field.value = old; }", old)

    with pytest.raises(SystemDown, match="409"):
        postback(work, work.button("Sök"))
    assert reader.case(number_of(untouched)).number == number_of(untouched)


@pytest.mark.parametrize(("method", "path"), [("POST", r"^/Arenden\.aspx"), ("POST", r"^/Arende\.aspx")])
@pytest.mark.usefixtures("logged_out")
def test_a_login_that_ends_in_a_frame_is_renewed_once(run: RunAtWork, untouched: Town, method: str, path: str) -> None:
    reader, number = run.driver(Reader), number_of(untouched)
    reader.case(number)
    untouched.fault(SYSTEM, "logged_out", method=method, path=path)

    assert reader.case(number).number == number
    assert [event.kind for event in run.events()].count("login") == 2


# -- registering ----------------------------------------------------------------------------------------------------


def test_registers_that_work_begins(writer: Writer, town: Town, run: RunAtWork) -> None:
    number = number_of(town)

    receipt = register(writer, town, number)

    (made,) = town.truth(SYSTEM)
    assert (made["about"], made["by"]) == (number, "robot.gunvor")
    assert made["facts"] | {"reference": ""} == {
        "event": receipt, "type": "Anmälan", "kind": "Anmälan om byggstart", "outcome": "Mottagen", "secret": False,
        "direction": "Inkommande", "on": town.ask("/town")["today"], "starts": _day(in_a_week(town)), "reference": "",
        "note": NOTE, "received": "",
    }  # fmt: skip
    assert made["facts"]["reference"].startswith("R-")
    assert run.effect_states() == {"byggstart": "CONFIRMED"}
    assert writer.case(number).starts == in_a_week(town)


STOPS = [
    ("no_startbesked", "", "Startbesked saknas", "Startbesked saknas. Byggstart kan inte anmälas."),
    ("within_four_weeks", "", "Fyra veckor efter kungörelsen", "Byggstart får ske tidigast"),
    ("normal", "lock", "Låst ärende", "Ärendet är låst av Marit Sandell."),
    ("normal", "close", "Avslutat ärende", "Ärendet är avslutat."),
]


@pytest.mark.parametrize(("twist", "meanwhile", "kind", "said"), STOPS)
def test_what_the_system_does_not_take_goes_to_a_person_in_its_own_words(
    writer: Writer, untouched: Town, twist: str, meanwhile: str, kind: str, said: str
) -> None:
    number = number_of(untouched, twist)
    if meanwhile:
        untouched.act(SYSTEM, meanwhile, number=number, **({"by": "Marit Sandell"} if meanwhile == "lock" else {}))

    with pytest.raises(EffectRefused) as stop:
        register(writer, untouched, number)

    assert stop.value.kind == kind
    assert said in stop.value.reason


def test_an_older_case_is_registered_once_the_four_weeks_are_over(writer: Writer, town: Town) -> None:
    number = number_of(town, "within_four_weeks")
    register(writer, town, number, starts=in_a_week(town) + timedelta(days=14))
    assert [c["about"] for c in town.truth(SYSTEM)] == [number]


def test_a_case_about_another_property_goes_to_a_person(writer: Writer, untouched: Town) -> None:
    number = number_of(untouched, "wrong_property")
    asked_for = untouched.cases(START, "wrong_property")[0]["property_id"]
    with pytest.raises(BusinessException) as stop:
        register(writer, untouched, number, asked_for)
    assert stop.value.kind == "Fel fastighet"


def test_control_without_the_guards_the_other_propertys_case_gets_the_notice(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Writer, "_demand_property", lambda *_: None)
    number = number_of(town, "wrong_property")
    town.act(SYSTEM, "clear_start", number=number, on=town.ask("/town")["today"])
    asked_for = town.cases(START, "wrong_property")[0]["property_id"]
    with pytest.raises(PageNotRecognised, match="Granskningen visar Fastighet"):
        register(writer, town, number, asked_for)
    assert town.truth(SYSTEM) == []
    monkeypatch.setattr(Writer, "_demand_review", lambda *_: None)

    register(writer, town, number, asked_for)

    assert [c["about"] for c in town.truth(SYSTEM)] == [number]


def _garble_the_review(town: Town) -> None:
    shown = f"<td>{_day(in_a_week(town))}</td>"
    town.fault(SYSTEM, "label_renamed", path=r"^/Granska", old=shown, new="<td>2031-01-01</td>", times=99)


def test_a_review_that_shows_something_else_is_not_confirmed(writer: Writer, untouched: Town) -> None:
    _garble_the_review(untouched)
    with pytest.raises(PageNotRecognised, match="Granskningen visar Datum för byggstart «2031-01-01»"):
        register(writer, untouched, number_of(untouched))


def test_control_without_reading_the_review_it_is_confirmed(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Writer, "_demand_review", lambda *_: None)
    _garble_the_review(town)
    register(writer, town, number_of(town))
    assert len(town.truth(SYSTEM)) == 1


@pytest.mark.parametrize(
    ("action", "said"), [("write_as_colleague", "har ändrats av Gun Bergman"), ("close", "är avslutat")]
)
def test_a_colleague_who_comes_first_stops_the_click(
    writer: Writer, run: RunAtWork, untouched: Town, monkeypatch: pytest.MonkeyPatch, action: str, said: str
) -> None:
    number = number_of(untouched)
    commit = Driver.commit

    def meanwhile(self: Driver, button: Locator, **more: Any) -> None:
        untouched.act(SYSTEM, action, number=number)
        commit(self, button, **more)

    monkeypatch.setattr(Driver, "commit", meanwhile)
    with pytest.raises(EffectRefused, match=said):
        register(writer, untouched, number)
    assert run.effect_states() == {"byggstart": "REFUSED"}


def test_who_may_only_look_is_refused_before_the_form(bench_for: Benches, untouched: Town) -> None:
    writer = bench_for.new_run(LOOKER).attempt.systems.driver(Writer)
    assert isinstance(writer, Writer)
    with pytest.raises(AccessDenied, match="läsbehörighet"):
        register(writer, untouched, number_of(untouched))
