"""Ekonomiportalen Saldo through its tabs: what is read, whatever the portal hides. The judge is the town."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import NotSeen, PageNotRecognised
from robots.fields import Ocr
from robots.store import Store
from robots.systems.customer_ledger import Invoice, Reader
from robots.systems.grid import Grid
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.customer_ledger import asked_about, ocr_of

pytestmark = pytest.mark.browser
SYSTEM = "customer_ledger"
ALWAYS = 99


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("alfhild")


@pytest.fixture
def reader(run: RunAtWork) -> Reader:
    return run.driver(Reader)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been changed when the test is over."""
    yield town
    assert town.truth(SYSTEM) == []


def read(reader: Reader, town: Town, twist: str = "normal") -> Invoice:
    found = reader.invoice(ocr_of(town, twist))
    assert found is not None
    return found


def kronor(ore: int) -> Decimal:
    return Decimal(ore) / 100


@pytest.mark.parametrize("twist", ["normal", "paid", "inkasso", "dispute", "wrong_payer", "child_care_debt"])
def test_reads_the_whole_card(reader: Reader, untouched: Town, twist: str) -> None:
    case, told = untouched.cases("invoice_question", twist)[0], asked_about(untouched, twist)["invoice"]

    found = read(reader, untouched, twist)

    assert (found.number, found.ocr, found.customer_number, found.customer, found.kind, found.period) == (
        told["number"], told["ocr"], told["customer_number"], told["customer"], told["kind"], told["period"],
    )  # fmt: skip
    assert (found.issued.isoformat(), found.due.isoformat()) == (told["issued"], told["due"])
    assert (found.amount, found.remaining, found.status) == (
        kronor(told["amount"]), kronor(told["remaining"]), told["status"],
    )  # fmt: skip
    assert [[p.day.isoformat(), p.amount] for p in found.payments] == [[d, kronor(a)] for d, a in told["payments"]]
    assert (found.customer == case["citizen"]) is (twist != "wrong_payer")
    assert (found.in_collection, found.in_dispute, found.is_child_care, found.protected, found.respite) == (
        twist == "inkasso", twist == "dispute", twist == "child_care_debt", False, None,
    )  # fmt: skip


def test_an_unknown_number_is_seen_to_be_unknown(reader: Reader, untouched: Town) -> None:
    assert reader.invoice(ocr_of(untouched, "unknown_ocr")) is None
    begun = asked_about(untouched)["invoice"]["number"][:-1]
    assert reader.invoice_numbered(begun) is None, "others begin so"


def test_control_without_the_box_what_is_paid_is_taken_for_unknown(
    reader: Reader, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Grid.search

    def unticked(self: Grid, values: Any, *more: Any, **named: Any) -> Any:
        return search(self, {**values, "Visa även avslutade": False}, *more, **named)

    monkeypatch.setattr(Grid, "search", unticked)

    assert reader.invoice(ocr_of(untouched, "paid")) is None


def test_finds_an_invoice_by_its_own_number(reader: Reader, untouched: Town) -> None:
    told = asked_about(untouched, "paid")["invoice"]

    found = reader.invoice_numbered(told["number"])

    assert found is not None
    assert found.ocr == told["ocr"]


def test_reads_a_partly_paid_invoice_with_a_respite(reader: Reader, town: Town) -> None:
    told = asked_about(town)["invoice"]
    town.act(SYSTEM, "pay", invoice=told["number"], amount=12345)
    town.act(SYSTEM, "grant_respite", invoice=told["number"], until="2027-03-01")

    found = read(reader, town)

    assert (found.status, found.amount - found.remaining, found.respite) == (
        "Delvis betald", Decimal("123.45"), date(2027, 3, 1),
    )  # fmt: skip
    assert [p.amount for p in found.payments] == [Decimal("123.45")]


def test_lists_a_customers_invoices_past_the_first_portion(reader: Reader, untouched: Town) -> None:
    told = asked_about(untouched)["invoice"]
    everything = untouched.act(SYSTEM, "invoices", person=told["customer"])
    assert len(everything) > 25

    lines = reader.invoices_of(told["customer_number"], closed=True)
    still_open = reader.invoices_of(told["customer_number"])

    assert {(line.number, line.amount, line.status) for line in lines} == {
        (i["number"], kronor(i["amount"]), i["status"]) for i in everything
    }
    assert [line.number for line in still_open] == [told["number"]]


def test_control_the_first_portion_is_not_the_whole_list(reader: Reader, untouched: Town) -> None:
    with pytest.raises(PageNotRecognised, match="träffar men visar 25"):
        reader._search(
            {"Kundnummer": asked_about(untouched)["invoice"]["customer_number"], "Visa även avslutade": True}
        )


def test_downloads_the_copy_or_sees_that_it_is_gone(reader: Reader, untouched: Town) -> None:
    told = asked_about(untouched)["invoice"]
    oldest = min(untouched.act(SYSTEM, "invoices", person=told["customer"]), key=lambda i: i["issued"])

    copy = reader.download_copy(read(reader, untouched))
    gone = reader.invoice(Ocr(oldest["ocr"]))

    assert copy is not None
    assert copy.content.startswith(b"%PDF-")
    assert copy.name == f"Faktura {told['number']}.pdf"
    assert gone is not None
    assert reader.download_copy(gone) is None


def test_the_customers_name_never_stands_in_the_log(
    reader: Reader, run: RunAtWork, untouched: Town, store: Store
) -> None:
    name = untouched.ask(f"/people/{asked_about(untouched)['invoice']['customer']}")["name"]
    reader.bench.recorder.event("prov", f"Före: {name}")
    read(reader, untouched)
    reader.bench.recorder.event("prov", f"Efter: {name}")

    before, after = (event.title for event in run.events() if event.kind == "prov")
    assert name in before, "without the reading nobody knows that it is a name"
    assert name not in after


@pytest.mark.parametrize(
    ("old", "new"),
    [("<td>Obetald</td>", "<td>Avskriven</td>"), ("Inga kravåtgärder", "Skickad till Kronofogden"),
     ("Ingen tvist", "Bestridd"), ("Inget anstånd", "Avbetalningsplan"),
     ("<td>Förfallodatum</td>", "<td>Betalas senast</td>")],
)  # fmt: skip
def test_words_that_nobody_has_taught_it_stop_the_robot(reader: Reader, untouched: Town, old: str, new: str) -> None:
    untouched.fault(SYSTEM, "label_renamed", path="uppgifter$", old=old, new=new, times=ALWAYS)

    with pytest.raises(PageNotRecognised):
        read(reader, untouched)


def test_a_card_of_another_invoice_stops_the_robot(reader: Reader, untouched: Town) -> None:
    ocr = ocr_of(untouched)
    other = ocr_of(untouched, "paid")
    untouched.fault(SYSTEM, "label_renamed", path="uppgifter$", old=ocr, new=other, times=ALWAYS)

    with pytest.raises(PageNotRecognised, match="visar en annan faktura"):
        read(reader, untouched)


def test_silence_about_payments_is_no_answer(reader: Reader, untouched: Town) -> None:
    untouched.fault(
        SYSTEM, "label_renamed", path="betalningar$", old="Inga betalningar är registrerade.", new="", times=ALWAYS
    )

    with pytest.raises(NotSeen):
        read(reader, untouched)
