"""The rules of consumer matters, invoices and faults as ordinary functions, at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
from pydantic import ValidationError

from robots.cases import Attachment, Case
from robots.errors import BusinessException
from robots.fields import CaseNumber, InvoiceNumber, Ocr, PersonalNumber, StreetAddress
from robots.inputs import Inputs
from robots.systems.consumer_matters import Matter
from robots.systems.customer_ledger import Invoice
from robots.systems.fault_reports import Category, Nearby, Place, Reader, Report
from robots.systems.population_register import Person
from robots.tables import Tables
from robots.task import Run
from tasks import register_consumer_matter as consumer
from tasks import report_fault as faults
from tasks import tell_invoice as invoices
from tests.conftest import ROOT

TODAY = date(2026, 11, 23)
SOMEBODY, SOMEBODY_ELSE = PersonalNumber("19811118-9802"), PersonalNumber("19670510-9806")
CASE = CaseNumber("KC-26110042-4")
TABLES = Tables(ROOT / "config" / "tables")


def kind_of(stop: pytest.ExceptionInfo[BusinessException]) -> str:
    assert stop.value.todo
    return stop.value.kind


# -- consumer matters -----------------------------------------------------------------------------------------------


RIGHTS = TABLES.year(consumer.ConsumerRights, 2026)
MATTER = Matter(
    "KV-2026-0070", "Ny", "Oklassificerat", "", CASE, "Skriva till företaget", "Den stannar.", SOMEBODY, False,
    "Privatperson", True, "Vitvaruhallen AB", TODAY, 7990, None, None, "",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "bought", "last"),
    [
        (consumer.WITHDRAW, date(2026, 11, 9), date(2026, 11, 23)),
        (consumer.GOODS, date(2023, 11, 23), date(2026, 11, 23)),
        (consumer.SERVICE, date(2024, 2, 29), date(2027, 2, 28)),
        (consumer.INVOICE, date(2026, 11, 9), None),
        (consumer.SMS, date(2026, 11, 9), None),
    ],
)
def test_the_last_day_is_counted_from_the_purchase(kind: str, bought: date, last: date | None) -> None:
    assert consumer.last_day_of_right(kind, bought, RIGHTS) == last


@pytest.mark.parametrize(
    ("kind", "handed_over_as"),
    [(consumer.WITHDRAW, "Ångerfristen kan ha gått ut"), (consumer.GOODS, "Köpet är för gammalt"),
     (consumer.SERVICE, "Köpet är för gammalt")],
)  # fmt: skip
def test_the_last_day_itself_is_in_time_and_the_next_is_not(kind: str, handed_over_as: str) -> None:
    last = consumer.last_day_of_right(kind, TODAY, RIGHTS)
    assert last is not None
    consumer.stop_if_too_late(MATTER, kind, RIGHTS, last)

    with pytest.raises(BusinessException) as stop:
        consumer.stop_if_too_late(MATTER, kind, RIGHTS, last + timedelta(days=1))
    assert kind_of(stop) == handed_over_as


def test_a_scam_is_never_too_late() -> None:
    consumer.stop_if_too_late(MATTER, consumer.INVOICE, RIGHTS, date(2099, 1, 1))


@pytest.mark.parametrize(
    ("kind", "amount", "where"),
    [(consumer.GOODS, 600, "ARN"), (consumer.GOODS, 599, ""), (consumer.WITHDRAW, 601, "ARN"),
     (consumer.INVOICE, 1, "Polisen"), (consumer.SMS, 1, "7726 (bluff-sms)")],
)  # fmt: skip
def test_where_a_consumer_is_referred(kind: str, amount: int, where: str) -> None:
    assert consumer.referred_to(kind, amount, TABLES.year(consumer.DisputeBoard, 2026)) == where
    assert not where or where in consumer.TOLD


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"protected": True, "consumer": None}, "Skyddade personuppgifter"),
        ({"consumer": SOMEBODY_ELSE}, "Fel konsument"),
        ({"company": "Fyndkajen Handel AB"}, "Ett annat köp"),
        ({"status": "Avslutad"}, "Konsumentärendet är avslutat"),
        ({"kind": "Reklamation", "detail": "Garanti"}, "Redan klassificerat"),
    ],
)
def test_a_matter_that_is_not_the_one_that_is_asked_about(changed: dict[str, Any], kind: str) -> None:
    purchase = consumer.Purchase.model_construct(company="Vitvaruhallen AB")
    consumer.stop_if_not_the_same(MATTER, SOMEBODY, consumer.GOODS, purchase)
    as_chosen = replace(MATTER, kind="Reklamation", detail="Fel i vara")
    consumer.stop_if_not_the_same(as_chosen, SOMEBODY, consumer.GOODS, purchase)

    with pytest.raises(BusinessException) as stop:
        consumer.stop_if_not_the_same(replace(MATTER, **changed), SOMEBODY, consumer.GOODS, purchase)
    assert kind_of(stop) == kind


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"buyer": "Företag"}, "Köparen är ett företag"),
        ({"wish": "Få värdet eller chansen att vinna bedömd"}, "Vill ha en bedömning"),
        ({"bought_on": None}, "Köpdagen saknas"),
    ],
)
def test_what_a_person_advises_on(changed: dict[str, Any], kind: str) -> None:
    consumer.stop_if_a_person_must_advise(MATTER)

    with pytest.raises(BusinessException) as stop:
        consumer.stop_if_a_person_must_advise(replace(MATTER, **changed))
    assert kind_of(stop) == kind


def test_every_kind_of_matter_but_the_last_has_its_place_in_the_system() -> None:
    *known, other = Inputs(consumer.register_consumer_matter)["kind"].choices

    assert (known, other) == (list(consumer.KINDS), consumer.OTHER)


def test_a_purchase_is_told_whole_or_not_at_all() -> None:
    consumer.Purchase()
    with pytest.raises(ValidationError, match="Fyll i företag"):
        consumer.Purchase(company="Fyndkajen Handel AB")


# -- invoices -------------------------------------------------------------------------------------------------------


INVOICE = Invoice(
    "62000001", Ocr("6200000104"), "300001", SOMEBODY, False, "Renhållning", "november 2026", date(2026, 11, 1),
    TODAY, Decimal("1433.00"), Decimal("1433.00"), "Obetald", "", False, None, "/kopia.pdf", (),
)  # fmt: skip
PAYER = Person(SOMEBODY, "Alva Ek", "Ekvägen 1", None, "", False)


@pytest.mark.parametrize(
    ("changed", "today", "late"),
    [
        ({}, TODAY, False),
        ({}, TODAY + timedelta(days=1), True),
        ({"remaining": Decimal(0)}, TODAY + timedelta(days=1), False),
        ({"respite": TODAY + timedelta(days=9)}, TODAY + timedelta(days=9), False),
        ({"respite": TODAY + timedelta(days=9)}, TODAY + timedelta(days=10), True),
    ],
)
def test_an_invoice_is_late_the_day_after_the_last(changed: dict[str, Any], today: date, late: bool) -> None:
    assert invoices.is_late(replace(INVOICE, **changed), today) is late


@pytest.mark.parametrize(
    ("amount", "words"), [("0", "0,00 kr"), ("687.5", "687,50 kr"), ("1433", "1 433,00 kr"), ("-20", "-20,00 kr")]
)
def test_kronor_as_the_invoice_writes_them(amount: str, words: str) -> None:
    assert invoices.kronor(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("changed", "kind"),
    [({"customer": SOMEBODY_ELSE}, "Fel betalare"), ({"protected": True}, "Skyddade personuppgifter")],
)
def test_only_the_one_who_pays_learns_of_an_invoice(changed: dict[str, Any], kind: str) -> None:
    sought = invoices.Sought(invoice_number=InvoiceNumber("62000001"))
    invoices.stop_if_not_their_own(INVOICE, PAYER, sought)

    with pytest.raises(BusinessException) as stop:
        invoices.stop_if_not_their_own(replace(INVOICE, **changed), PAYER, sought)
    assert kind_of(stop) == kind


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"status": "Inkasso"}, "Inkasso"),
        ({"demand": "Överlämnad till Norrskog Inkasso AB 2026-01-02"}, "Inkasso"),
        ({"status": "Tvist"}, "Tvist"),
        ({"disputed": True}, "Tvist"),
    ],
)
def test_a_pending_claim_is_a_person_s(changed: dict[str, Any], kind: str) -> None:
    invoices.stop_if_a_claim_is_pending(INVOICE)

    with pytest.raises(BusinessException) as stop:
        invoices.stop_if_a_claim_is_pending(replace(INVOICE, **changed))
    assert kind_of(stop) == kind


@pytest.mark.parametrize(
    "typed", [{}, {"ocr": INVOICE.ocr, "invoice_number": INVOICE.number}], ids=["neither number", "both"]
)
def test_an_invoice_is_asked_about_by_one_number(typed: dict[str, str]) -> None:
    inputs = Inputs(invoices.tell_invoice)
    for number in ({"ocr": INVOICE.ocr}, {"invoice_number": INVOICE.number}):
        assert inputs.problems({"case_number": CASE, **number}) == []

    assert "antingen OCR-nummer eller fakturanummer" in inputs.faults({"case_number": CASE, **typed})[""]


def test_what_the_citizen_can_want_is_what_the_rules_know() -> None:
    assert {invoices.RESPITE, invoices.DISPUTE} < set(Inputs(invoices.tell_invoice)["wish"].choices)


# -- faults ---------------------------------------------------------------------------------------------------------


RULES = TABLES.year(faults.SameFault, 2026)
LAMP = Category("Belysning", "Gatlampa lyser inte")


def nearby(metres: int, days: int) -> Nearby:
    return Nearby(f"FA-{metres}-{days}", LAMP.leaf, "Ny", metres, TODAY - timedelta(days=days))


def test_near_is_fifty_metres_and_fourteen_days_and_no_more() -> None:
    shown = tuple(nearby(metres, days) for metres in (0, 50, 51) for days in (0, 14, 15))

    near = faults.near_enough(shown, RULES, TODAY)

    assert [(each.metres, (TODAY - each.made).days) for each in near] == [(0, 0), (0, 14), (50, 0), (50, 14)]


def test_a_table_that_is_wider_than_what_the_system_shows_is_refused() -> None:
    with pytest.raises(ValidationError, match="50"):
        faults.SameFault(source="Tallinge kommun, påhittat", near_metres=51, near_days=14)


@pytest.mark.parametrize(
    ("category", "reference", "same"),
    [
        (LAMP, "E-tjänst", True),
        (LAMP, "R-0123456789ab", False),
        (Category("Klotter och skräp", "Klotter"), "E-tjänst", False),
    ],
    ids=["another's", "the run's own", "another category"],
)
def test_the_same_fault_is_another_s_report_in_the_same_category(
    category: Category, reference: str, same: bool
) -> None:
    card = Report("FA-1", "Ny", category, Place(0, 0), "", (), "", reference, TODAY, "")
    run = Run(1, "alfhild", TODAY, cast(Any, None), has_made=lambda mark: mark.startswith("R-"))

    found = faults.same_fault(run, cast(Reader, SimpleNamespace(report=lambda _: card)), LAMP, [nearby(9, 3)])

    assert (found is card) is same


@pytest.mark.parametrize("kind", faults.DANGERS)
def test_what_is_dangerous_by_its_kind_needs_no_tick(kind: str) -> None:
    with pytest.raises(BusinessException) as stop:
        faults.stop_if_dangerous(faults.Fault.model_validate({"kind": kind, "address": "Ekbacksvägen 3"}))
    assert (kind_of(stop), "Ekbacksvägen 3" in stop.value.reason) == ("Fara", True)


def test_every_kind_that_can_be_chosen_has_a_category_but_the_last() -> None:
    *known, other = get_args(faults.Fault.model_fields["kind"].annotation)

    assert (known, other) == (list(faults.CATEGORIES), faults.OTHER)
    assert set(faults.DANGERS) <= set(known)


@pytest.mark.parametrize(
    ("protected", "typed", "kind"),
    [
        (True, {}, "Skyddade personuppgifter"),
        (False, {"photo": faults.PERSONS_ON_PHOTO}, "Personer på bilden"),
        (False, {"kind": faults.OTHER}, "Kategorin är oklar"),
    ],
)
def test_a_fault_that_a_person_reports(protected: bool, typed: dict[str, str], kind: str) -> None:
    case = Case(CASE, "", "", "", "", "", TODAY, "", SOMEBODY, protected, None, None, "", False)

    with pytest.raises(BusinessException) as stop:
        faults.stop_if_a_person_must_report(case, faults.Fault.model_validate({"kind": "Klotter"} | typed))
    assert kind_of(stop) == kind


def test_the_report_says_what_and_where() -> None:
    fault = faults.Fault.model_validate({"kind": "Klotter", "description": " På skåpet. "})

    assert faults.words_of_report(fault, StreetAddress("Ekbacksvägen 3")) == "Klotter vid Ekbacksvägen 3. På skåpet."


def photo(size: int = 5_000_000) -> Attachment:
    return Attachment("B-1", "lampa.jpg", "image/jpeg", size, False)


def answered(answer: str) -> faults.Fault:
    return faults.Fault.model_validate({"kind": "Klotter", "photo": answer})


@pytest.mark.parametrize(
    ("answer", "attached", "sent"),
    [
        (faults.NO_PHOTO, 0, 0),
        (faults.WITH_PHOTO, 1, 1),
        (faults.WITH_PHOTO, 3, 3),
        (faults.PHOTO_LEFT_OUT, 4, 0),
        (faults.PHOTO_LEFT_OUT, 0, 0),
    ],
)
def test_the_photos_that_a_person_has_looked_at_are_sent(answer: str, attached: int, sent: int) -> None:
    assert len(faults.photos_to_send(answered(answer), (photo(),) * attached)) == sent


@pytest.mark.parametrize(
    ("answer", "attached", "kind"),
    [
        (faults.NO_PHOTO, (photo(),), "Bilden är inte granskad"),
        (faults.WITH_PHOTO, (), "Bilden saknas"),
        (faults.WITH_PHOTO, (photo(),) * 4, "För många bilder"),
        (faults.WITH_PHOTO, (photo(), photo(5_000_001)), "För stor bild"),
    ],
)
def test_photos_that_a_person_sees_to(answer: str, attached: tuple[Attachment, ...], kind: str) -> None:
    with pytest.raises(BusinessException) as stop:
        faults.photos_to_send(answered(answer), attached)
    assert kind_of(stop) == kind


def test_the_note_says_what_became_of_the_photos() -> None:
    said = [faults.told_of_photos(*told).strip() for told in ((0, 0), (1, 1), (3, 3), (2, 0))]

    left = "Bilagorna ligger kvar i ärendet och är inte skickade vidare."
    assert said == ["", "1 bild skickad med anmälan.", "3 bilder skickade med anmälan.", left]


# -- the tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        consumer.ConsumerRights,
        consumer.DisputeBoard,
        invoices.RespiteRules,
        faults.SameFault,
    ],
)
@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_every_table_knows_the_years_around_this_one(kind: type[Any], year: int) -> None:
    assert TABLES.year(kind, year).source


def test_a_year_that_the_table_does_not_know_is_no_other_year(tmp_path: Path) -> None:
    file = tmp_path / "consumer_rights.toml"
    file.write_text('[2025]\nsource = "Lagen 2025"\nwithdraw_days = 14\ncomplain_years = 3\n', "utf-8")

    with pytest.raises(BusinessException) as stop:
        Tables(tmp_path).year(consumer.ConsumerRights, 2026)
    assert kind_of(stop) == "Tabellen saknar året"
