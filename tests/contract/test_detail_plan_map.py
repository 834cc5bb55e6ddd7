"""Tallingekartan read right: one property among its namesakes, its plans as they are, and no dark layer for an answer.

The judge is the town as it was built, not what its pages show.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Route

from robots.cli.town import Town
from robots.errors import BusinessException, NotSeen, PageNotRecognised, SystemDown
from robots.fields import PropertyDesignation
from robots.practice.detail_plan_map.documents import status_words
from robots.practice.town import Town as BuiltTown
from robots.practice.town import build_town
from robots.systems.detail_plan_map import PropertyCard, Reader
from robots.systems.detail_plan_map.driver import LAYER_OFF, MAP, NO_SUGGESTIONS, OUTSIDE, SEARCH
from robots.systems.widgets import suggest
from tests.contract.conftest import Benches

pytestmark = pytest.mark.browser

KEY = "detail_plan_map"
KINDS = {"villa": "Villa", "fritidshus": "Fritidshus", "flerbostadshus": "Flerbostadshus", "skola": "Skola",
         "bank": "Bank"}  # fmt: skip


@pytest.fixture
def reader(bench_for: Benches) -> Reader:
    return bench_for(Reader)


@pytest.fixture(scope="module")
def built(town_process: Town) -> BuiltTown:
    return build_town(1, date.fromisoformat(town_process.ask("/town")["today"]))


def home_of(town: Town, twist: str, place: int = 0) -> PropertyDesignation:
    return PropertyDesignation(town.cases("detail_plan", twist)[place]["property_id"])


def older_of(built: BuiltTown) -> tuple[str, str]:
    """An older designation, and the one that the property has now."""
    return next(iter(built.by_older_designation.items()))


def assert_right(card: PropertyCard, built: BuiltTown, designation: str) -> None:
    home = built.properties[designation]
    assert (card.designation, card.address, card.older_designation, card.kind, card.outside) == (
        home.designation, home.street, home.older_designation, KINDS[home.kind], not home.plans,
    )  # fmt: skip
    plans = [built.plans[number] for number in home.plans]
    assert [(p.number, p.name, p.status, p.final) for p in card.plans] == [
        (p.number, p.name, status_words(p), p.final) for p in plans
    ]


def put_out(reader: Reader) -> None:
    """Somebody has put the layer of plans out, in the session that the robot works in."""
    reader.open("/", heading=MAP)
    reader.frame.evaluate(
        "() => fetch('/kartan/lager', {method: 'POST', body: new URLSearchParams({lager: 'planer', visas: 'nej'})})"
    )


@pytest.mark.parametrize("twist", ["normal", "several_plans", "outside_plan", "not_final"])
def test_reads_a_property_and_its_plans(reader: Reader, town: Town, built: BuiltTown, twist: str) -> None:
    designation = home_of(town, twist)

    assert_right(reader.property(designation), built, designation)


@pytest.mark.parametrize("status", ["antagen", "samråd", "granskning"])
def test_a_plan_under_way_is_not_final(reader: Reader, town: Town, status: str) -> None:
    designation = home_of(town, "several_plans")
    number = town.ask(f"/properties/{designation}")["plans"][1]
    town.act(KEY, "set_plan_status", number=number, status=status)

    assert [plan.final for plan in reader.property(designation).plans] == [True, False]


@pytest.mark.parametrize("designation", [PropertyDesignation("EKBACKEN 3:1"), "Ekbacken 3:1"], ids=["link", "search"])
def test_finds_one_property_among_those_that_begin_like_it(reader: Reader, built: BuiltTown, designation: str) -> None:
    assert sum(name.startswith("EKBACKEN 3:1") for name in built.properties) > 8

    assert_right(reader.property(designation), built, "EKBACKEN 3:1")


def test_control_the_suggestions_have_several_that_begin_like_it(reader: Reader) -> None:
    reader.open("/", heading=MAP)
    reader.frame.get_by_label(SEARCH).fill("EKBACKEN 3:1")
    reader.frame.get_by_role("option").first.wait_for()

    assert reader.frame.get_by_role("option").count() == 8


def test_waits_until_the_panel_shows_the_chosen_property(reader: Reader, town: Town) -> None:
    """The panel keeps the property before until the map has flown there and the answer has come."""
    first, second = home_of(town, "normal"), home_of(town, "normal", 1)
    reader.property(first)
    town.fault(KEY, "late_list", path="fastighet/rows", seconds=1.5)
    address = town.ask(f"/properties/{second}")["street"]
    suggest(reader, SEARCH, second, choose=f"{second} – {address}", absent=NO_SUGGESTIONS.format(second))

    assert reader.read_text(reader._panel.get_by_role("heading", level=2)) == first  # what an impatient reader reads
    assert reader._panel_shows(second)
    assert reader._card().designation == second


@pytest.mark.parametrize("kind", [str, PropertyDesignation], ids=["search", "link"])
def test_an_older_designation_leads_to_the_property_as_it_is_called_now(
    reader: Reader, built: BuiltTown, kind: type[str]
) -> None:
    older, now = older_of(built)

    assert_right(reader.property(kind(older)), built, now)


# Nothing begins like the first one; the second is the beginning of nearly all older designations.
@pytest.mark.parametrize("designation", ["EKBACKEN 9:9", "STG 1"])
@pytest.mark.parametrize("kind", [str, PropertyDesignation], ids=["search", "link"])
def test_an_unknown_property_is_for_a_person(reader: Reader, kind: type[str], designation: str) -> None:
    with pytest.raises(BusinessException) as stop:
        reader.property(kind(designation))

    assert (stop.value.kind, designation in stop.value.reason) == ("Fastigheten finns inte", True)
    assert stop.value.todo


def test_silence_about_a_property_is_no_absence(reader: Reader, town: Town) -> None:
    town.fault(KEY, "label_renamed", old="finns inte i kartan", new="", times=9)

    with pytest.raises(PageNotRecognised):
        reader.property(PropertyDesignation("EKBACKEN 9:9"))


@pytest.mark.parametrize("twist", ["normal", "outside_plan"])
def test_lights_a_dark_layer_before_it_reads_the_plans(
    reader: Reader, town: Town, built: BuiltTown, twist: str
) -> None:
    put_out(reader)
    designation = home_of(town, twist)

    assert_right(reader.property(designation), built, designation)
    reader.open("/", heading=MAP, fastighet=designation)
    assert reader._panel_shows(designation)
    assert not reader.text(LAYER_OFF).count()  # the map remembers it


def test_control_a_dark_layer_shows_a_property_without_plans(reader: Reader, town: Town) -> None:
    put_out(reader)
    designation = home_of(town, "normal")
    reader.open("/", heading=MAP, fastighet=designation)

    assert reader._panel_shows(designation)
    assert (reader.text(LAYER_OFF).count(), reader._panel.locator("article").count()) == (1, 0)


def test_a_layer_that_stays_dark_is_never_no_plan(reader: Reader, town: Town) -> None:
    put_out(reader)
    reader.page.route("**/lager", lambda route: route.fulfill(status=204))

    with pytest.raises(NotSeen):
        reader.property(home_of(town, "normal"))


def test_a_layer_that_says_that_it_is_lit_and_dark_is_not_trusted(reader: Reader, town: Town) -> None:
    reader.open("/", heading=MAP)
    reader.page.route("**/fastighet/rows*", lambda route: _say_instead(route, OUTSIDE, LAYER_OFF))

    with pytest.raises(PageNotRecognised, match="tänt men säger att det är släckt"):
        reader.property(home_of(town, "outside_plan"))


def test_downloads_the_map_and_the_description(reader: Reader, town: Town) -> None:
    (plan,) = reader.property(home_of(town, "normal")).plans
    number = plan.number.replace("/", "-")

    described = reader.download_description(plan)

    assert reader.download_map(plan).name == f"Plankarta {number} {plan.name}.pdf"
    assert described is not None
    assert described.name == f"Planbeskrivning {number} {plan.name}.pdf"
    assert described.content != reader.download_map(plan).content


def test_a_plan_without_description_says_so(reader: Reader, town: Town) -> None:
    link = ">Planbeskrivning (PDF)</a>"
    reader.page.route("**/fastighet/rows*", lambda route: _strike_link(route, link, "Planbeskrivning saknas"))

    (plan,) = reader.property(home_of(town, "normal")).plans

    assert plan.description_address == ""
    assert reader.download_description(plan) is None


def test_a_plan_that_is_silent_about_its_description_is_not_trusted(reader: Reader, town: Town) -> None:
    reader.page.route("**/fastighet/rows*", lambda route: _strike_link(route, ">Planbeskrivning (PDF)</a>", "Kommer"))

    with pytest.raises(PageNotRecognised, match="varken planbeskrivning eller besked"):
        reader.property(home_of(town, "normal"))


def test_finds_the_property_at_an_address(reader: Reader, built: BuiltTown) -> None:
    home = next(p for p in built.properties.values() if p.street.endswith(" 1"))  # 10 to 19 begin like it

    assert reader.find_address(home.street.lower()) == (home.designation,)
    assert reader.find_address("Ingenstansvägen 1") == ()


def test_half_an_address_is_for_a_person(reader: Reader, built: BuiltTown) -> None:
    street = next(iter(built.properties.values())).street

    with pytest.raises(BusinessException) as stop:
        reader.find_address(street.rpartition(" ")[0])
    assert stop.value.kind == "Adressen är ofullständig"


def test_closes_the_welcome_box_that_lies_over_the_search(reader: Reader, town: Town, built: BuiltTown) -> None:
    welcome = reader.page.get_by_role("dialog", name="Välkommen till Tallingekartan")
    log_in_without_looking(reader, town)
    reader.open("/", heading=MAP)
    over = reader.frame.get_by_label(SEARCH).evaluate(
        "field => { const r = field.getBoundingClientRect();"
        "return !!document.elementFromPoint(r.x + 9, r.y + 9).closest('#welcome'); }"
    )
    assert (welcome.is_visible(), over) == (True, True)  # control: so it is without the driver's own way in

    log_in_without_looking(reader, town)
    assert_right(reader.property("EKBACKEN 3:1"), built, "EKBACKEN 3:1")
    assert not welcome.count()


def test_begins_again_once_when_the_login_is_lost_in_the_middle(reader: Reader, town: Town, built: BuiltTown) -> None:
    designation = home_of(town, "normal")
    reader.property(designation)
    town.fault(KEY, "logged_out", path="fastighet/rows")

    assert_right(reader.property(designation), built, designation)

    town.fault(KEY, "logged_out", path="sok/rows")
    assert_right(reader.property(str(designation)), built, designation)


def test_a_panel_that_cannot_be_fetched_is_a_system_that_is_down(reader: Reader, town: Town) -> None:
    town.fault(KEY, "down", path="fastighet/rows", times=9)

    with pytest.raises(SystemDown, match="Informationen kunde inte hämtas"):
        reader.property(home_of(town, "normal"))


def log_in_without_looking(reader: Reader, town: Town) -> None:
    """A session that has not seen the map yet; the driver's own login lands on it, and has been welcomed there."""
    bench = reader.bench
    bench.context.clear_cookies()
    bench.context.request.post(
        f"{bench.settings.url}/logga-in", max_redirects=0,
        form={"anvandarnamn": bench.robot_user, "losenord": bench.password.get_secret_value()},
    )  # fmt: skip
    reader._session_taken = True


def _say_instead(route: Route, old: str, new: str) -> None:
    answer = route.fetch()
    assert old in answer.text()
    route.fulfill(response=answer, body=answer.text().replace(old, new))


def _strike_link(route: Route, end: str, words: str) -> None:
    """Put words in the place of the link that ends so."""
    answer = route.fetch()
    before, _, after = answer.text().partition(end)
    assert after
    route.fulfill(response=answer, body=before[: before.rindex("<a ")] + words + after)
