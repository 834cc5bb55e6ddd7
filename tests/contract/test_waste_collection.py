"""Renhållning Framtid through its frames: what is read, and that an order is placed once. The judge is the town."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from robots.browser.one_send import OneSend
from robots.cli.town import LOOKER, Town
from robots.errors import BusinessException, EffectRefused, PageNotRecognised
from robots.fields import FacilityNumber
from robots.practice import dates, identifiers
from robots.store import Store
from robots.systems import driver as driver_module
from robots.systems.view import View
from robots.systems.waste_collection import EXTRA_SLUDGE, MISSED_BIN, URGENT_SLUDGE, Order, Reader, Writer
from robots.systems.waste_collection import driver as waste_driver
from tests.contract.conftest import Benches, RunAtWork

pytestmark = pytest.mark.browser
SYSTEM = "waste_collection"
YEARLY = "ÅRSVIS"
TWISTS = [
    ("missed_bin", "normal"), ("missed_bin", "blocked"), ("missed_bin", "household_deviation"),
    ("missed_bin", "already_booked"), ("missed_bin", "wrong_customer"), ("extra_sludge", "normal"),
    ("extra_sludge", "dispens"), ("extra_sludge", "island"), ("extra_sludge", "protected"),
]  # fmt: skip


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("svea")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been ordered when the test is over."""
    yield town
    assert town.truth(SYSTEM) == []


def facility_of(town: Town, errand: str, twist: str = "normal") -> FacilityNumber:
    return FacilityNumber(town.cases(errand, twist)[0]["facility"])


def today(town: Town) -> date:
    return date.fromisoformat(town.ask("/town")["today"])


def order_bin(writer: Writer, town: Town, number: FacilityNumber, *, price: int = 0, once: str = "bokning") -> str:
    return writer.order_missed_bin(number, today(town) - timedelta(days=1), price, "Bakom huset.", once=once)


def order_sludge(
    writer: Writer, town: Town, number: FacilityNumber, price: int, *, hose: int = 20, day: date | None = None
) -> str:
    wanted = day or dates.extra_days(today(town))[0]
    return writer.order_sludge(
        number, wanted, price, hose_metres=hose, light_lid=True, free_way=True, message="", once="bokning"
    )


def placed(town: Town) -> list[dict[str, Any]]:
    return town.truth(SYSTEM, "order_placed")


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("errand", "twist"), TWISTS)
def test_reads_the_card(bench_for: Benches, untouched: Town, errand: str, twist: str) -> None:
    number = facility_of(untouched, errand, twist)
    told = untouched.ask(f"/facilities/{number}")
    home = untouched.ask(f"/properties/{told['property_id']}")
    day = today(untouched)

    found = bench_for(Reader).facility(number)

    assert (found.number, found.customer_number, found.customer, found.property_id, found.address) == (
        number, str(told["customer_number"]), told["customer"], told["property_id"],
        f"{home['street']}, {home['postcode']} TALLINGE",
    )  # fmt: skip
    assert (found.blocked, found.deviation, found.island, found.protected) == (
        twist == "blocked", told["deviation"], twist == "island", twist == "protected",
    )  # fmt: skip
    assert found.dispens.partition(",")[0] == told["dispens"]
    assert bool(found.dispens) == (twist == "dispens")
    assert found.next_pickup == dates.next_collection(day, told["bin_day"], told["odd_weeks"])
    assert found.last_pickup == dates.last_collections(day, told["bin_day"], told["odd_weeks"], 1)[0]
    assert found.has_tank == (errand == "extra_sludge")
    if found.next_ordinary_emptying is None:
        assert found.hose_metres is None
    else:
        assert (found.next_ordinary_emptying.month, found.hose_metres) == (told["sludge_month"], told["hose_metres"])
        assert found.next_ordinary_emptying >= day


@pytest.mark.parametrize(("twist", "same"), [("normal", True), ("wrong_customer", False)])
def test_tells_whose_facility_it_is(bench_for: Benches, untouched: Town, twist: str, same: bool) -> None:
    case = untouched.cases("missed_bin", twist)[0]

    found = bench_for(Reader).facility(FacilityNumber(case["facility"]))

    assert (found.customer == case["citizen"]) is same


def test_an_unknown_facility_is_a_matter_for_a_person(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).facility(FacilityNumber(identifiers.facility_number(999_999)))
    assert stop.value.kind == "Anläggningen finns inte"


def test_what_the_card_says_of_the_customer_never_stands_in_the_log(
    run: RunAtWork, untouched: Town, store: Store
) -> None:
    reader, number = run.driver(Reader), facility_of(untouched, "missed_bin")
    name = untouched.ask(f"/people/{untouched.ask(f'/facilities/{number}')['customer']}")["name"]
    reader.bench.recorder.event("prov", f"Före: {name}")

    address = reader.facility(number).address
    reader.bench.recorder.event("prov", f"Efter: {name}, {address}")

    before, after = (event.title for event in run.events() if event.kind == "prov")
    assert name in before, "without the reading nobody knows that it is a name"
    assert name not in after
    assert address not in after
    assert address.partition(",")[0] not in after


def test_tells_the_orders_and_which_are_carried_out(bench_for: Benches, untouched: Town) -> None:
    reader, booked = bench_for(Reader), facility_of(untouched, "extra_sludge", "already_booked")
    number = untouched.act(SYSTEM, "orders", facility=booked)[0]["number"]

    def sludge(facility: FacilityNumber) -> list[Order]:
        return [order for order in reader.orders(facility) if order.reference != YEARLY]

    due = today(untouched) + timedelta(days=1)
    assert sludge(booked) == [Order(number, EXTRA_SLUDGE, due, "Planerad", "Telefon")]
    assert sludge(facility_of(untouched, "extra_sludge")) == []
    untouched.act(SYSTEM, "carry_out", order=number)
    assert [order.carried_out for order in reader.orders(booked)] == [True, True]
    untouched.act(SYSTEM, "cancel", order=number)
    assert sludge(booked) == []


def test_finds_an_order_by_its_reference_though_it_is_carried_out(writer: Writer, town: Town) -> None:
    number = facility_of(town, "missed_bin")
    receipt = order_bin(writer, town, number)
    mark = placed(town)[0]["facts"]["reference"]
    town.act(SYSTEM, "carry_out", order=receipt)

    assert writer.find_order(number, mark) == receipt
    assert writer.find_order(facility_of(town, "extra_sludge"), mark) is None
    assert writer.find_order(number, "R-000000000000") is None
    assert writer._orders_of(number) == [], "without the tick it is hidden"


def test_the_positive_control_is_an_order_that_only_the_tick_shows(bench_for: Benches, untouched: Town) -> None:
    reader, number = bench_for(Reader), facility_of(untouched, "missed_bin")

    assert reader.shows_orders(number)
    assert reader._orders_of(number, reference=YEARLY) == []


def test_a_late_list_is_waited_for(bench_for: Benches, untouched: Town) -> None:
    reader, booked = bench_for(Reader), facility_of(untouched, "missed_bin", "already_booked")
    untouched.fault(SYSTEM, "late_list", seconds=1.2, times=20)

    assert reader.facility(booked).number == booked
    assert MISSED_BIN in [order.service for order in reader.orders(booked)]


@pytest.mark.parametrize("path", [r"^/anlaggningar/rows$", r"^/anlaggningar$", r"^/anlaggningar/AN[^/]*$"])
@pytest.mark.usefixtures("logged_out")
def test_a_login_that_ends_in_a_frame_is_renewed_once(run: RunAtWork, untouched: Town, store: Store, path: str) -> None:
    reader, number = run.driver(Reader), facility_of(untouched, "missed_bin")
    reader.orders(number)
    untouched.fault(SYSTEM, "logged_out", path=path)

    assert reader.facility(number).number == number
    assert [event.kind for event in run.events()].count("login") == 2


def test_a_box_over_the_shell_covers_the_frames_as_well(bench_for: Benches, untouched: Town) -> None:
    reader, number = bench_for(Reader), facility_of(untouched, "missed_bin")
    reader.orders(number)
    box = "<div role=dialog aria-modal=true aria-label=Meddelande>Hej</div>"
    reader.page.evaluate("box => document.body.insertAdjacentHTML('beforeend', box)", box)

    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Meddelande»"):
        reader.orders(number)


def test_a_reader_has_no_button_that_orders(bench_for: Benches, untouched: Town) -> None:
    def buttons(reader: Reader) -> int:
        card: View = reader._read_card(facility_of(untouched, "missed_bin"))[1]
        return card.button("Ny beställning").count()

    assert buttons(bench_for(Reader, robot=LOOKER)) == 0
    assert buttons(bench_for(Reader, robot="svea")) == 1


# -- ordering -------------------------------------------------------------------------------------------------------


def test_orders_a_missed_bin(writer: Writer, town: Town, run: RunAtWork) -> None:
    number = facility_of(town, "missed_bin")

    receipt = order_bin(writer, town, number)

    (order,) = placed(town)
    assert (order["about"], order["by"]) == (number, "robot.svea")
    assert order["facts"] | {"reference": ""} == {
        "order": receipt, "service": MISSED_BIN, "date": str(today(town) - timedelta(days=1)), "reference": "",
        "message": "Bakom huset.", "price": 0,
    }  # fmt: skip
    assert order["facts"]["reference"].startswith("R-")
    assert run.effect_states() == {"bokning": "CONFIRMED"}


@pytest.mark.parametrize(("urgent", "hose", "price"), [(False, 25, 1420), (True, 20, 2490)])
def test_orders_an_emptying_with_every_answer(writer: Writer, town: Town, urgent: bool, hose: int, price: int) -> None:
    number = facility_of(town, "extra_sludge")
    wanted = (dates.urgent_days if urgent else dates.extra_days)(today(town))[0]

    receipt = writer.order_sludge(
        number, wanted, price, urgent=urgent, hose_metres=hose, light_lid=False, free_way=True, keep_ordinary=False,
        message="Ring först.\nGrinden är låst.", once="bokning",
    )  # fmt: skip

    (order,) = placed(town)
    made = town.act(SYSTEM, "orders", facility=number)[0]
    assert (made["number"], made["reference"]) == (receipt, order["facts"]["reference"])
    assert (made["service"], made["price"]) == (URGENT_SLUDGE if urgent else EXTRA_SLUDGE, price)
    assert made["message"] == "Ring först.\nGrinden är låst."
    assert dict(made["details"]) == {
        "Önskat datum": str(wanted), "Slanglängd": f"{hose} m", "Brunnslocket väger högst 15 kg": "Nej",
        "Framkomlig väg": "Ja", "Ordinarie tömning kvarstår": "Nej",
    }  # fmt: skip


def test_the_same_order_twice_is_one_and_another_is_another(writer: Writer, town: Town) -> None:
    number = facility_of(town, "missed_bin")

    receipts = [order_bin(writer, town, number) for _ in range(2)]
    assert len(placed(town)) == 1
    receipts.append(order_bin(writer, town, number, once="en till"))

    assert receipts[0] == receipts[1] != receipts[2]
    assert len(placed(town)) == 2, "the system itself stops nobody from ordering again"


class Killed(BaseException):
    """Stands for kill -9: nothing in the toolkit may catch it."""


def test_a_crash_after_the_click_leaves_one_order(
    writer: Writer, town: Town, run: RunAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = facility_of(town, "missed_bin")
    answered = Writer._await_answer

    def killed(*arguments: Any) -> None:
        answered(*arguments)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Writer, "_await_answer", killed)
        with pytest.raises(Killed):
            order_bin(writer, town, number)
    assert run.effect_states() == {"bokning": "ARMED"}

    run.die_and_try_again()
    receipt = order_bin(run.driver(Writer), town, number)

    assert [order["facts"]["order"] for order in placed(town)] == [receipt]
    assert run.effect_states() == {"bokning": "CONFIRMED"}


@pytest.mark.parametrize("how", ["fin", "rst", "partial", "408"])
def test_a_lost_answer_leaves_one_order(writer: Writer, town: Town, run: RunAtWork, how: str) -> None:
    town.fault(SYSTEM, "answer_lost", how=how, path="sammanfattning$", method="POST")

    receipt = order_bin(writer, town, facility_of(town, "missed_bin"))

    assert town.ask("/faults")["set"][0]["hits"] == 1
    assert [order["facts"]["order"] for order in placed(town)] == [receipt]
    assert run.effect_states() == {"bokning": "CONFIRMED"}


class AsTheBrowserDoes(OneSend):
    """The one-send transport, taken away: the browser sends as it likes."""

    def __enter__(self) -> AsTheBrowserDoes:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_without_the_one_send_transport_a_lost_answer_makes_two(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(driver_module, "OneSend", AsTheBrowserDoes)
    town.fault(SYSTEM, "answer_lost", how=how, path="sammanfattning$", method="POST")

    with pytest.raises(BusinessException) as stop:
        order_bin(writer, town, facility_of(town, "missed_bin"))

    assert stop.value.kind == "Gjort två gånger"
    assert len(placed(town)) == 2


@pytest.mark.parametrize("path", [r"tjanst$", r"uppgifter$", r"sammanfattning$"])
def test_a_login_that_ends_in_the_wizard_is_renewed_and_one_order_is_made(
    writer: Writer, town: Town, path: str
) -> None:
    town.fault(SYSTEM, "logged_out", path=path)

    receipt = order_bin(writer, town, facility_of(town, "missed_bin"))

    assert [order["facts"]["order"] for order in placed(town)] == [receipt]


# -- what a person must decide --------------------------------------------------------------------------------------


def test_another_price_than_the_one_read_out_orders_nothing(writer: Writer, untouched: Town, run: RunAtWork) -> None:
    with pytest.raises(BusinessException, match="1420 kr, men 1245 kr") as stop:
        order_sludge(writer, untouched, facility_of(untouched, "extra_sludge"), 1245, hose=25)
    assert stop.value.kind == "Priset stämmer inte"
    assert run.effect_states() == {"bokning": "INTENDED"}


def test_a_household_that_was_the_reason_pays(writer: Writer, town: Town) -> None:
    number = facility_of(town, "missed_bin", "household_deviation")
    with pytest.raises(BusinessException, match="1245 kr, men 0 kr"):
        order_bin(writer, town, number)

    order_bin(writer, town, number, price=1245, once="efter samtal")

    assert [order["facts"]["price"] for order in placed(town)] == [1245]


def test_a_blocked_customer_cannot_order(writer: Writer, untouched: Town) -> None:
    with pytest.raises(EffectRefused, match=r"Kunden är spärrad\. Beställning kan inte läggas\.") as stop:
        order_bin(writer, untouched, facility_of(untouched, "missed_bin", "blocked"))
    assert stop.value.kind == "Spärrad kund"


@pytest.mark.parametrize("seen_on_the_card", [True, False])
def test_a_robot_never_says_that_it_has_read_the_warning(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch, seen_on_the_card: bool
) -> None:
    words = "har dispens: Uppehåll i hämtning"
    if not seen_on_the_card:
        monkeypatch.setattr(waste_driver, "_demand_no_dispens", lambda _: None)
        words = "Du måste bekräfta att du har läst varningen."
    with pytest.raises(BusinessException, match=words) as stop:
        order_sludge(writer, untouched, facility_of(untouched, "extra_sludge", "dispens"), 1245)
    assert stop.value.kind == "Dispens"


@pytest.mark.parametrize(("days", "words"), [(60, "utförs inom 4 arbetsdagar"), (-1, "Önskat datum ska vara|utförs")])
def test_a_day_that_is_not_offered_is_refused_in_the_systems_words(
    writer: Writer, untouched: Town, days: int, words: str
) -> None:
    day = today(untouched) + timedelta(days=days)
    if days > 0:
        day = dates.next_workday(day)
    with pytest.raises(EffectRefused, match=words) as stop:
        order_sludge(writer, untouched, facility_of(untouched, "extra_sludge"), 1245, day=day)
    assert stop.value.kind == "Systemet nekade"


def test_a_facility_without_a_tank_gets_no_emptying(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        order_sludge(writer, untouched, facility_of(untouched, "missed_bin"), 1245)
    assert stop.value.kind == "Ingen slamtank"


def test_a_summary_that_does_not_repeat_what_was_typed_orders_nothing(writer: Writer, untouched: Town) -> None:
    untouched.fault(SYSTEM, "label_renamed", path="sammanfattning$", old="Bakom huset.", new="Bakom uthuset.")

    with pytest.raises(PageNotRecognised, match="visar Meddelande till chauffören «Bakom uthuset"):
        order_bin(writer, untouched, facility_of(untouched, "missed_bin"))
