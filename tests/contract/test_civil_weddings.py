"""Vigselbokningen through its calendar: reserved and confirmed once, or a person is asked. The judge is the town."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import BusinessException, EffectRefused, PageNotRecognised, RecordLocked
from robots.fields import PersonalNumber
from robots.store import Store
from robots.systems.civil_weddings import PLACES, Reader, Slot, Writer
from robots.systems.civil_weddings import driver as weddings_driver
from robots.systems.once import DRY_RUN_RECEIPT
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.civil_weddings import application_of, held, number_of, wish_of

pytestmark = pytest.mark.browser
SYSTEM = "civil_weddings"
ALWAYS = 99
WITNESSES = ("Vera Tall", "Ivar Strand")


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("alfhild")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been booked when the test is over."""
    yield town
    assert town.truth(SYSTEM) == []


def reserve(writer: Writer, town: Town, twist: str = "normal", **other: Any) -> str:
    return writer.reserve(number_of(town, twist), replace(wish_of(town, twist), **other), once="reservation")


def confirm(writer: Writer, town: Town, slot: Slot, *, fee: int = 0, witnesses: tuple[str, ...] = WITNESSES) -> str:
    return writer.confirm(number_of(town), slot, witnesses, fee, once="bokning")


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("twist", ["normal", "certificate_expires", "outside_premises", "not_resident", "protected"])
def test_reads_the_card(bench_for: Benches, untouched: Town, twist: str) -> None:
    told = application_of(untouched, twist)

    found = bench_for(Reader).application(told["number"])

    assert (found.number, found.status, list(found.couple), found.fee) == (
        told["number"], "Ny", told["couple"], told["fee"],
    )  # fmt: skip
    assert (str(found.wished.day), found.wished.time, found.wished.place) == tuple(told["wish"].values())
    assert (str(found.certificate_to), found.slot, found.witnesses, found.officiant, found.locked_by) == (
        told["certificate"], None, (), "", "",
    )  # fmt: skip
    assert (found.protected, found.outside_premises, found.residents) == (
        twist == "protected", twist == "outside_premises", 0 if twist == "not_resident" else 2,
    )  # fmt: skip
    assert (found.certificate_to is not None and found.certificate_to < found.wished.day) is (
        twist == "certificate_expires"
    )


def test_reads_a_certificate_that_has_not_come_in(bench_for: Benches, untouched: Town) -> None:
    number = number_of(untouched)
    untouched.act(SYSTEM, "lose_certificate", number=number)

    found = bench_for(Reader).application(number)

    assert (found.examined_on, found.certificate_to) == (None, None)


def test_an_unknown_application_is_a_matter_for_a_person(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).application("V-2020-9999")
    assert stop.value.kind == "Vigselärendet finns inte"


def test_finds_what_is_over_only_when_asked_to(bench_for: Benches, untouched: Town) -> None:
    reader, told = bench_for(Reader), application_of(untouched)
    untouched.act(SYSTEM, "set_status", number=told["number"], status="Vigd")
    citizen = PersonalNumber(told["couple"][0])

    assert reader.applications_of(citizen) == ()
    assert reader.applications_of(citizen, finished=True) == (told["number"],)
    assert reader.shows_happenings(told["number"])


def test_tells_the_free_times_of_the_place_that_is_asked_for(bench_for: Benches, untouched: Town) -> None:
    reader, wish = bench_for(Reader), wish_of(untouched)
    untouched.act(SYSTEM, "take", day=str(wish.day), time=wish.time, place=wish.place)
    other = next(place for place in PLACES if place != wish.place)

    here, there = reader.free_times(wish.place, wish.day), reader.free_times(other, wish.day)

    assert wish.time not in here
    assert wish.time in there


@pytest.mark.parametrize(
    ("old", "new"),
    [("<td>Ny</td>", "<td>Vilande</td>"), ("Inget skydd", ""), ("Ingen tid är bokad", "Preliminär"),
     ("<td>Båda</td>", "<td>Okänt</td>")],
)  # fmt: skip
def test_words_that_nobody_has_taught_it_stop_the_robot(
    bench_for: Benches, untouched: Town, old: str, new: str
) -> None:
    untouched.fault(SYSTEM, "label_renamed", old=old, new=new, times=ALWAYS)

    with pytest.raises(PageNotRecognised, match="Vigselärendets kort"):
        bench_for(Reader).application(number_of(untouched))


@pytest.mark.parametrize("new", ["", "Kanske"])
def test_a_cell_that_says_something_else_is_not_understood(bench_for: Benches, untouched: Town, new: str) -> None:
    wish = wish_of(untouched)
    untouched.fault(SYSTEM, "label_renamed", path="rows$", old=">Ledig<", new=f">{new}<", times=ALWAYS)

    with pytest.raises(PageNotRecognised):
        bench_for(Reader).free_times(wish.place, wish.day)


def test_the_couples_names_never_stand_in_the_log(run: RunAtWork, untouched: Town, store: Store) -> None:
    reader, told = run.driver(Reader), application_of(untouched)
    name = untouched.ask(f"/people/{told['couple'][1]}")["name"]
    reader.bench.recorder.event("prov", f"Före: {name}")
    reader.application(told["number"])
    reader.bench.recorder.event("prov", f"Efter: {name}")

    before, after = (event.title for event in run.events() if event.kind == "prov")
    assert name in before, "without the reading nobody knows that it is a name"
    assert name not in after


# -- the whole way --------------------------------------------------------------------------------------------------


def test_reserves_and_then_confirms(writer: Writer, town: Town, run: RunAtWork) -> None:
    number, slot = number_of(town, "not_resident"), wish_of(town, "not_resident")

    writer.reserve(number, slot, once="reservation")
    reserved = writer.application(number)
    writer.confirm(number, slot, WITNESSES, 800, once="bokning")

    booked = writer.application(number)
    assert (reserved.status, reserved.slot) == ("Reserverad", slot)
    assert (booked.status, booked.slot, booked.witnesses) == ("Bokad", slot, WITNESSES)
    assert booked.officiant
    first, second = town.truth(SYSTEM)
    assert (first["kind"], first["about"], first["facts"]["time"]) == ("slot_reserved", number, slot.time)
    assert (second["kind"], second["facts"]["slot"], second["facts"]["fee"]) == ("wedding_booked", str(slot), 800)
    assert run.effect_states() == {"reservation": "CONFIRMED", "bokning": "CONFIRMED"}


def test_what_was_looked_at_before_does_not_lead_it_astray(writer: Writer, town: Town) -> None:
    """The calendar opens on the month and the place of the last visit."""
    wish = wish_of(town)
    writer.free_times(next(place for place in PLACES if place != wish.place), wish.day.replace(year=wish.day.year + 1))

    reserve(writer, town)

    assert {k: town.truth(SYSTEM)[0]["facts"][k] for k in ("day", "time", "place")} == application_of(town)["wish"]


def test_tells_the_references_of_all_that_has_happened(writer: Writer, town: Town) -> None:
    reserve(writer, town)

    (made,) = town.truth(SYSTEM)
    assert set(writer.references(number_of(town))) == {made["facts"]["reference"], "E-TJÄNST"}


def test_a_dry_run_tells_of_the_booking_that_would_follow_the_reservation(bench_for: Benches, untouched: Town) -> None:
    dry = bench_for(Writer, dry_run=True)

    receipts = {reserve(dry, untouched), confirm(dry, untouched, wish_of(untouched))}

    assert receipts == {DRY_RUN_RECEIPT}


def test_control_in_a_real_run_a_booking_needs_its_reservation(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException, match="har inte tiden"):
        confirm(writer, untouched, wish_of(untouched))


# -- what a person must decide ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("twist", "kind"),
    [("protected", "Skyddade personuppgifter"), ("outside_premises", "Vigsel utanför kommunens lokaler"),
     ("certificate_expires", "Vigselintyget räcker inte")],
)  # fmt: skip
def test_stops_before_anything_is_reserved(
    writer: Writer, untouched: Town, run: RunAtWork, twist: str, kind: str
) -> None:
    with pytest.raises(BusinessException) as stop:
        reserve(writer, untouched, twist, place=PLACES[0])
    assert (stop.value.kind, bool(stop.value.todo)) == (kind, True)
    assert run.effect_states() == {"reservation": "INTENDED"}


@pytest.mark.parametrize("twist", ["protected", "outside_premises"])
def test_control_the_system_itself_lets_these_through(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch, twist: str
) -> None:
    monkeypatch.setattr(weddings_driver, "_demand_bookable", lambda *_: None)

    day = wish_of(town, twist).day
    free = town.act(SYSTEM, "free", place=PLACES[0], day=str(day))[0]

    reserve(writer, town, twist, place=PLACES[0], time=free)

    assert [c["about"] for c in town.truth(SYSTEM)] == [number_of(town, twist)]


def test_control_the_system_refuses_a_certificate_that_runs_out(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weddings_driver, "_demand_bookable", lambda *_: None)

    with pytest.raises(EffectRefused, match="gäller bara till och med") as stop:
        reserve(writer, untouched, "certificate_expires")
    assert stop.value.kind == "Vigselintyget räcker inte"


def test_a_colleague_who_is_quicker_gets_the_time(writer: Writer, untouched: Town, run: RunAtWork) -> None:
    """The calendar shows it free; the system says otherwise when it is asked to reserve it."""
    with pytest.raises(EffectRefused, match="Den togs nyss av Marianne Ek") as stop:
        reserve(writer, untouched, "slot_taken")
    assert stop.value.kind == "Tiden är tagen"
    assert run.effect_states() == {"reservation": "REFUSED"}


def test_a_time_that_is_seen_to_be_taken_is_not_asked_for(writer: Writer, untouched: Town, run: RunAtWork) -> None:
    wish = wish_of(untouched)
    untouched.act(SYSTEM, "take", day=str(wish.day), time=wish.time, place=wish.place)

    with pytest.raises(BusinessException, match="inte ledig") as stop:
        reserve(writer, untouched)
    assert stop.value.kind == "Tiden är tagen"
    assert run.effect_states() == {"reservation": "INTENDED"}


def test_a_couple_that_has_a_time_gets_no_other(writer: Writer, untouched: Town) -> None:
    slot = held(untouched)
    with pytest.raises(BusinessException) as stop:
        writer.reserve(number_of(untouched), slot, once="reservation")
    assert stop.value.kind == "Har redan en tid"


@pytest.mark.parametrize("caption", ["<dt>Tid</dt><dd>", "<dt>Vigsel</dt><dd>"])
def test_a_card_that_landed_elsewhere_is_not_reserved(writer: Writer, untouched: Town, caption: str) -> None:
    untouched.fault(SYSTEM, "label_renamed", path="^/reservation$", old=caption, new=caption + "1", times=ALWAYS)

    with pytest.raises(PageNotRecognised, match="i stället för"):
        reserve(writer, untouched)


def add_note(writer: Writer, town: Town) -> str:
    return writer.add_note(number_of(town), "Ett prov.", once="anteckning")


def hold_and_confirm(writer: Writer, town: Town) -> str:
    return confirm(writer, town, held(town))


@pytest.mark.parametrize("change", [reserve, hold_and_confirm, add_note])
def test_an_application_that_a_colleague_has_open_waits(
    writer: Writer, untouched: Town, change: Callable[[Writer, Town], str]
) -> None:
    untouched.act(SYSTEM, "lock", number=number_of(untouched), by="Marianne Ek")

    with pytest.raises(RecordLocked, match="Marianne Ek"):
        change(writer, untouched)


def test_control_the_system_refuses_what_is_locked(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Writer, "_demand_unlocked", lambda *_: None)
    untouched.act(SYSTEM, "lock", number=number_of(untouched), by="Marianne Ek")

    with pytest.raises(EffectRefused, match="öppet hos Marianne Ek"):
        reserve(writer, untouched)


def test_a_reservation_that_has_run_out_is_not_confirmed(writer: Writer, untouched: Town, run: RunAtWork) -> None:
    slot = held(untouched)
    untouched.act(SYSTEM, "let_pass", minutes=11)

    with pytest.raises(BusinessException) as stop:
        confirm(writer, untouched, slot)
    assert stop.value.kind == "Reservationen har gått ut"
    assert run.effect_states() == {"bokning": "INTENDED"}


def test_a_reservation_that_runs_out_in_front_of_the_form_is_refused(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, commit = held(untouched), Writer._commit

    def too_late(*arguments: Any) -> None:
        untouched.act(SYSTEM, "let_pass", minutes=11)
        commit(*arguments)

    monkeypatch.setattr(Writer, "_commit", too_late)

    with pytest.raises(EffectRefused) as stop:
        confirm(writer, untouched, slot)
    assert stop.value.kind == "Reservationen har gått ut"


def test_another_fee_than_the_couple_was_told_books_nothing(writer: Writer, untouched: Town) -> None:
    slot = held(untouched)
    with pytest.raises(BusinessException, match="tar 0 kr, men 800 kr") as stop:
        confirm(writer, untouched, slot, fee=800)
    assert stop.value.kind == "Avgiften stämmer inte"


def test_another_time_than_the_one_that_is_reserved_is_not_confirmed(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException, match="har inte tiden"):
        confirm(writer, untouched, replace(held(untouched), time="15.00"))


def test_a_wedding_needs_two_witnesses(writer: Writer, untouched: Town) -> None:
    slot = held(untouched)
    with pytest.raises(BusinessException) as stop:
        confirm(writer, untouched, slot, witnesses=("Vera Tall",))
    assert stop.value.kind == "Vittnen saknas"
    with pytest.raises(EffectRefused, match="Vittnena måste vara olika personer"):
        writer.confirm(number_of(untouched), slot, ("Vera Tall", "Vera Tall"), 0, once="samma vittne")
