"""Whoever asks is told when the bin and the tank are emptied next, and what is ordered, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from robots.practice import dates, identifiers
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_sent_and_noted

pytestmark = pytest.mark.browser
KEY, ERRAND = "waste_collection", "pickup_question"
Tell = Callable[..., Finished]


@pytest.fixture
def tell(carry_out: Callable[..., Finished]) -> Tell:
    def telling(case: dict[str, Any], **typed: Any) -> Finished:
        asked = {"case_number": case["number"], "facility": case["facility"]}
        return carry_out("tell-waste-pickup", **(asked | typed))

    return telling


def in_swedish(town: Town, twist: str) -> dict[str, Any]:
    return next(case for case in town.cases(ERRAND, twist) if case["language"] != "en")


def facility_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = town.ask(f"/facilities/{case['facility']}")
    return found


def next_pickup(town: Town, case: dict[str, Any]) -> date:
    told = facility_of(town, case)
    return dates.next_collection(today(town), told["bin_day"], told["odd_weeks"])


def today(town: Town) -> date:
    return date.fromisoformat(town.ask("/town")["today"])


def open_order(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    orders: list[dict[str, Any]] = town.act(KEY, "orders", facility=case["facility"])
    return next(order for order in orders if order["status"] == "Planerad")


def test_tells_the_day_and_the_week_of_the_next_pickup(town: Town, tell: Tell) -> None:
    case = in_swedish(town, "normal")
    day = next_pickup(town, case)

    message, note = assert_sent_and_noted(town, case, tell(case))

    assert f"nästa gång {day}. Det är i vecka {day.isocalendar().week}." in message["text"]
    assert message["attachments"] == []
    assert all(each not in message["text"] for each in ("slamtanken", "beställt", "chauffören", "dispens"))
    assert f"Kärlet vid {case['facility']} hämtas {day}. Inget är beställt eller ändrat." in note["text"]


@pytest.mark.long
def test_whoever_has_a_tank_is_told_when_it_is_emptied(town: Town, tell: Tell) -> None:
    case = in_swedish(town, "tank")
    month = facility_of(town, case)["sludge_month"]

    message, note = assert_sent_and_noted(town, case, tell(case))

    told = message["text"].partition("Vi tömmer slamtanken nästa gång ")[2][:10]
    assert (date.fromisoformat(told).month, date.fromisoformat(told) >= today(town)) == (month, True)
    assert f"slamtanken töms {told}" in note["text"]


@pytest.mark.long
def test_what_is_ordered_in_between_is_told(town: Town, tell: Tell) -> None:
    case = in_swedish(town, "bin_booked")
    order = open_order(town, case)

    message, note = assert_sent_and_noted(town, case, tell(case))

    assert f"nästa gång {next_pickup(town, case)}." in message["text"]
    assert f"beställt: hämtning av missat kärl, senast {order['latest']}." in message["text"]
    assert f"Beställning {order['number']}: hämtning av missat kärl" in note["text"]


@pytest.mark.long
@pytest.mark.parametrize("done", ["carry_out", "cancel"])
def test_what_was_ordered_and_is_done_or_cancelled_is_not_told(town: Town, tell: Tell, done: str) -> None:
    case = in_swedish(town, "bin_booked")
    town.act(KEY, done, order=open_order(town, case)["number"])

    message, _ = assert_sent_and_noted(town, case, tell(case))

    assert "beställt" not in message["text"]


@pytest.mark.long
def test_what_the_driver_noted_last_time_is_told(town: Town, tell: Tell) -> None:
    case = in_swedish(town, "household_deviation")
    noted = facility_of(town, case)["deviation"].lower()

    message, note = assert_sent_and_noted(town, case, tell(case))

    assert f"noterade chauffören: {noted}." in message["text"]
    assert noted in note["text"]


@pytest.mark.long
@pytest.mark.parametrize("twist", ["blocked", "dispens", "island"])
def test_what_stops_an_order_does_not_stop_a_question(town: Town, tell: Tell, twist: str) -> None:
    case = in_swedish(town, twist)

    message, note = assert_sent_and_noted(town, case, tell(case))

    assert f"nästa gång {next_pickup(town, case)}." in message["text"]
    assert ("dispens: uppehåll i hämtning, från " in message["text"]) is (twist == "dispens")
    assert ("Dispens: uppehåll i hämtning, från " in note["text"]) is (twist == "dispens")
    assert "spärrad" not in message["text"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("protected", "Skyddade personuppgifter"),
        ("wrong_customer", "Fel kund"),
        ("sludge_booked", "Slamtömning är beställd"),
    ],
)
def test_a_person_gets_the_case(town: Town, tell: Tell, twist: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    handover = assert_handed_over(town, case, tell(case), kind)

    told = f"{handover['reason']} {handover['todo']}"
    if twist != "sludge_booked":
        assert str(next_pickup(town, case)) not in told
    else:
        assert open_order(town, case)["number"] in told


@pytest.mark.long
def test_an_unknown_facility_is_for_a_person(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "normal")[0]

    nowhere = identifiers.facility_number(999_999)

    assert_handed_over(town, case, tell(case, facility=nowhere), "Anläggningen finns inte")


@pytest.mark.long
def test_a_day_that_has_passed_is_never_told_as_the_next(town: Town, tell: Tell) -> None:
    case = in_swedish(town, "normal")
    day, passed = next_pickup(town, case), today(town) - timedelta(days=3)
    town.fault(
        KEY, "label_renamed", path=f"anlaggningar/{case['facility']}$",
        old=f"<td>Nästa hämtning</td><td>{day}", new=f"<td>Nästa hämtning</td><td>{passed}", times=99,
    )  # fmt: skip

    handover = assert_handed_over(town, case, tell(case), "Hämtningen är försenad")

    assert str(passed) in handover["reason"]


@pytest.mark.long
def test_asked_for_twice_it_is_told_once(town: Town, tell: Tell) -> None:
    case = in_swedish(town, "normal")
    first = tell(case)

    again = tell(case)

    assert again.run.id == first.run.id
    assert_sent_and_noted(town, case, again)


@pytest.mark.long
def test_a_dry_run_changes_nothing(town: Town, tell: Tell) -> None:
    done = tell(in_swedish(town, "normal"), dry_run=True)

    assert (done.outcome, town.truth(), town.mail()) == ("done", [], [])
