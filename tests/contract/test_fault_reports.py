"""Felanmälan through its map: the pin stands where it should, and a robot leaves to a person what is a person's.

The judge is the town.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from robots.cli.town import Town
from robots.errors import BusinessException, EffectRefused, PageNotRecognised, RecordLocked
from robots.systems.documents import Document
from robots.systems.fault_reports import Category, Place, Reader, Writer
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.fault_reports import GRAFFITI, KEY, _home, _near, _number, _place

pytestmark = pytest.mark.browser
LAMP, COVER = Category("Belysning", "Gatlampa lyser inte"), Category("Gata och väg", "Brunnslock saknas")


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run(bench_for.robot_for(Writer))


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been changed when the test is over."""
    yield town
    assert town.truth(KEY) == []


def photo() -> Document:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "orange").save(drawn, "JPEG")
    return Document("klotter på skåpet.jpg", drawn.getvalue(), "image/jpeg")


def send(writer: Writer, place: Place | None, category: Category = GRAFFITI, **more: str) -> str:
    return writer.report_fault(place, category, "Det är trasigt.", once="anmälan", **more)  # type: ignore[arg-type]


# -- the place ------------------------------------------------------------------------------------------------------


def test_points_at_place_after_place_to_within_a_few_metres(bench_for: Benches, untouched: Town) -> None:
    reader = bench_for(Reader)
    for twist in ("normal", "other_road_owner", "duplicate"):
        place, home = _place(untouched, twist), _home(untouched, twist)

        found = reader.around(place)

        assert abs(found.place.north - place.north) <= 4
        assert abs(found.place.east - place.east) <= 4
        assert (found.road_owner, found.own_road) == (home["road_owner"], twist != "other_road_owner")
        assert [near.number for near in found.nearby] == untouched.act(KEY, "near", n=place.north, e=place.east)


def test_finds_the_place_of_an_address(bench_for: Benches, untouched: Town) -> None:
    assert bench_for(Reader).place_at(_home(untouched)["street"]) == _place(untouched)


@pytest.mark.parametrize("address", ["Ingenstansgatan 1"])
def test_an_unknown_address_is_for_a_person(bench_for: Benches, untouched: Town, address: str) -> None:
    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).place_at(address)
    assert stop.value.kind == "Platsen är okänd"


def test_half_an_address_is_no_place(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(PageNotRecognised):
        bench_for(Reader).place_at(_home(untouched)["street"].partition(" ")[0])


@pytest.mark.parametrize("place", [Place(6579000, 512000), Place(6579600, 512000)], ids=["off the map", "on it"])
def test_a_place_outside_the_municipality_is_for_a_person(writer: Writer, untouched: Town, place: Place) -> None:
    with pytest.raises(BusinessException) as stop:
        send(writer, place)
    assert stop.value.kind == "Platsen ligger utanför kommunen"


def test_control_the_map_itself_says_that_a_place_is_outside(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reader, "_demand_inside", lambda *_: None)

    with pytest.raises(BusinessException, match="utanför kommunen"):
        send(writer, Place(6579600, 512000))
    with pytest.raises(PageNotRecognised, match="utanför det som kartan"):
        send(writer, Place(6570000, 512000))


def test_without_a_place_nothing_is_reported(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        send(writer, None)
    assert stop.value.kind == "Platsen är okänd"


# -- reporting ------------------------------------------------------------------------------------------------------


def test_reports_with_a_photo_that_comes_whole(writer: Writer, town: Town) -> None:
    place = _place(town)
    number = writer.report_fault(place, GRAFFITI, "Klotter.", photos=[photo()], once="anmälan")

    (made,) = town.truth(KEY)
    assert (made["facts"]["number"], made["facts"]["pictures"]) == (number, [photo().sha256])
    assert abs(made["facts"]["n"] - place.north) + abs(made["facts"]["e"] - place.east) <= 8
    told = writer.report(number)
    assert (told.category, told.pictures, told.status) == (GRAFFITI, ("klotter på skåpet.jpg",), "Ny")
    assert told.place == Place(made["facts"]["n"], made["facts"]["e"])


def test_takes_the_leaf_of_the_right_branch(writer: Writer, town: Town) -> None:
    """Two branches have a leaf called «Övrigt»."""
    for group in ("Park och lekplats", "Klotter och skräp"):
        writer.report_fault(_place(town), Category(group, "Övrigt"), "Något annat.", once=group)

    assert [c["facts"]["group"] for c in town.truth(KEY)] == ["Park och lekplats", "Klotter och skräp"]


def test_a_danger_is_for_the_telephone_first(writer: Writer, untouched: Town, run: RunAtWork) -> None:
    with pytest.raises(BusinessException, match="fara för liv") as stop:
        send(writer, _place(untouched, "danger"), COVER)
    assert (stop.value.kind, run.effect_states()) == ("Fara", {"anmälan": "INTENDED"})


def test_control_a_danger_is_refused_by_the_system_too(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Writer, "_demand_no_danger", lambda *_: None)

    with pytest.raises(EffectRefused, match="Ring jouren"):
        send(writer, _place(untouched, "danger"), COVER)


def test_a_danger_that_those_on_duty_know_of_is_registered(writer: Writer, town: Town) -> None:
    send(writer, _place(town, "danger"), COVER, duty_told="Kim på jouren")

    assert [c["facts"]["duty"] for c in town.truth(KEY)] == ["Kim på jouren"]


def test_somebody_elses_road_is_refused_by_the_system(writer: Writer, untouched: Town) -> None:
    with pytest.raises(EffectRefused, match="Trafikverket är väghållare här"):
        send(writer, _place(untouched, "other_road_owner"), LAMP)


# -- notes ----------------------------------------------------------------------------------------------------------


def test_notes_on_the_report_that_is_there_already(writer: Writer, town: Town) -> None:
    (near,) = writer.nearby(_place(town, "duplicate"))
    writer.add_note(near.number, "En till har sett det.", once="anteckning")

    assert [(c["kind"], c["about"]) for c in town.truth(KEY)] == [("note_added", near.number)]
    assert [near.number] == _near(town)


def test_waits_for_a_colleague_who_works_in_the_report(writer: Writer, untouched: Town) -> None:
    untouched.act(KEY, "open_at", number=_number(untouched))

    with pytest.raises(RecordLocked, match="Kim på gatudriften"):
        writer.add_note(_number(untouched), "Hej", once="anteckning")


def test_an_unknown_report_is_for_a_person(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).report("FA-9999999")
    assert stop.value.kind == "Anmälan finns inte"
