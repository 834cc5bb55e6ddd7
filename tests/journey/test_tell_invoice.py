"""An invoice's amount, day, status and copy are told to the one who pays it, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import WrongInput
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_sent_and_noted

pytestmark = pytest.mark.browser
KEY, ERRAND = "customer_ledger", "invoice_question"
Tell = Callable[..., Finished]


@pytest.fixture
def tell(carry_out: Callable[..., Finished], town: Town) -> Tell:
    def telling(case: dict[str, Any], **typed: Any) -> Finished:
        return carry_out("tell-invoice", **({"case_number": case["number"], "ocr": asked(town, case)["ocr"]} | typed))

    return telling


def asked(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = town.act(KEY, "asked_about", case=case["number"])
    return found


def invoice_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = asked(town, case)["invoice"]
    return found


def by_number(number: str) -> dict[str, str]:
    """What is typed when the citizen reads out the invoice's own number, and not its OCR number."""
    return {"ocr": "", "invoice_number": number}


def in_kronor(ore: int) -> str:
    return f"{ore / 100:,.2f} kr".replace(",", " ").replace(".", ",")


def in_swedish(town: Town, twist: str = "normal") -> dict[str, Any]:
    return next(case for case in town.cases(ERRAND, twist) if case["language"] == "sv")


def test_tells_what_the_invoice_says_and_sends_a_copy(town: Town, tell: Tell) -> None:
    case = in_swedish(town)
    invoice = invoice_of(town, case)

    message, note = assert_sent_and_noted(town, case, tell(case))

    for words in (in_kronor(invoice["amount"]), invoice["due"], invoice["number"], invoice["ocr"], invoice["period"]):
        assert words in message["text"]
    assert message["attachments"] == [f"Faktura {invoice['number']}.pdf"]
    assert f"obetald, {in_kronor(invoice['remaining'])} kvar" in note["text"]


@pytest.mark.long
@pytest.mark.parametrize("twist", ["normal", "paid"])
def test_an_invoice_is_told_by_its_own_number_as_well(town: Town, tell: Tell, twist: str) -> None:
    case = in_swedish(town, twist)
    invoice = invoice_of(town, case)

    message, note = assert_sent_and_noted(town, case, tell(case, **by_number(invoice["number"])))

    for words in (invoice["number"], in_kronor(invoice["amount"]), invoice["period"]):
        assert words in message["text"]
    assert message["attachments"] == [f"Faktura {invoice['number']}.pdf"]
    assert f"Svarat om faktura {invoice['number']} " in note["text"]


def test_a_claim_at_debt_collection_goes_to_a_person(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "inkasso")[0]

    handover = assert_handed_over(town, case, tell(case), "Inkasso")

    assert "Norrskog Inkasso AB" in handover["reason"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "words"),
    [("paid", "Fakturan är betald."), ("child_care_debt", "Vi har skickat en påminnelse")],
)
def test_what_is_paid_and_what_has_been_demanded_is_told(town: Town, tell: Tell, twist: str, words: str) -> None:
    case = in_swedish(town, twist)

    message, _ = assert_sent_and_noted(town, case, tell(case))

    assert words in message["text"]
    assert ("Kvar att betala" in message["text"]) is (twist != "paid")


@pytest.mark.long
def test_a_part_that_is_paid_and_a_respite_that_is_given_are_told(town: Town, tell: Tell) -> None:
    case = in_swedish(town)
    invoice = invoice_of(town, case)
    town.act(KEY, "pay", invoice=invoice["number"], amount=10000)
    town.act(KEY, "grant_respite", invoice=invoice["number"], until="2099-03-01")

    message, _ = assert_sent_and_noted(town, case, tell(case))

    assert in_kronor(invoice["amount"] - 10000) in message["text"]
    assert "Vi har fått en del av betalningen." in message["text"]
    assert "Du har anstånd till 2099-03-01." in message["text"]
    assert "har passerat" not in message["text"]


@pytest.mark.long
def test_an_invoice_whose_copy_is_gone_is_told_without_it(town: Town, tell: Tell) -> None:
    case = in_swedish(town)
    oldest = min(town.act(KEY, "invoices", person=case["citizen"]), key=lambda invoice: invoice["issued"])

    message, note = assert_sent_and_noted(town, case, tell(case, ocr=oldest["ocr"]))

    assert message["attachments"] == []
    assert "inte kvar någon kopia" in message["text"]
    assert "Kopian är gallrad" in note["text"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "wish", "kind"),
    [
        ("dispute", "Veta vad som gäller", "Tvist"),
        ("normal", "Bestrida fakturan", "Tvist"),
        ("unknown_ocr", "Veta vad som gäller", "Fakturan finns inte"),
        ("wants_anstand", "Få anstånd", "Anstånd"),
        ("child_care_debt", "Få anstånd", "Anstånd ges inte"),
        ("inkasso", "Få anstånd", "Inkasso"),
    ],
)
def test_a_person_gets_the_case(town: Town, tell: Tell, twist: str, wish: str, kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    assert_handed_over(town, case, tell(case, wish=wish), kind)


@pytest.mark.long
def test_a_number_that_no_invoice_has_goes_to_a_person(town: Town, tell: Tell) -> None:
    case = in_swedish(town)

    handover = assert_handed_over(town, case, tell(case, **by_number("99999999")), "Fakturan finns inte")

    assert "fakturanummer 99999999" in handover["reason"]


@pytest.mark.long
@pytest.mark.parametrize(("typed", "not_told"), [("ocr", "number"), ("number", "ocr")])
def test_whoever_shall_not_pay_learns_nothing_of_the_invoice(town: Town, tell: Tell, typed: str, not_told: str) -> None:
    case = town.cases(ERRAND, "wrong_payer")[0]
    invoice = invoice_of(town, case)
    payer = town.ask(f"/people/{invoice['customer']}")

    done = tell(case, **(by_number(invoice["number"]) if typed == "number" else {}))
    handover = assert_handed_over(town, case, done, "Fel betalare")

    # An OCR number begins with the invoice's own.
    told = f"{handover['reason']} {handover['todo']}".replace(invoice[typed], "")
    for secret in (
        invoice[not_told],
        payer["last_name"],
        invoice["customer"],
        invoice["kind"],
        invoice["due"],
        in_kronor(invoice["amount"]),
    ):
        assert secret not in told


@pytest.mark.long
def test_a_respite_is_handed_over_with_the_rules_that_hold(town: Town, tell: Tell) -> None:
    case = town.cases(ERRAND, "wants_anstand")[0]

    handover = assert_handed_over(town, case, tell(case, wish="Få anstånd"), "Anstånd")

    assert in_kronor(invoice_of(town, case)["remaining"]) in handover["reason"]
    assert "högst 12 månader, med minst 100 kr i månaden" in handover["reason"]


@pytest.mark.long
def test_asked_for_twice_it_is_told_once(town: Town, tell: Tell) -> None:
    case = in_swedish(town)
    first = tell(case)

    again = tell(case)

    assert again.run.id == first.run.id
    assert_sent_and_noted(town, case, again)


@pytest.mark.long
def test_a_dry_run_changes_nothing(town: Town, tell: Tell) -> None:
    done = tell(in_swedish(town), dry_run=True)

    assert (done.outcome, town.truth(), town.mail()) == ("done", [], [])


def test_a_mistyped_ocr_number_is_refused_before_anything_starts(town: Town, tell: Tell) -> None:
    with pytest.raises(WrongInput, match="kontrollsiffran"):
        tell(in_swedish(town), ocr="6200214308")

    assert town.truth() == []
