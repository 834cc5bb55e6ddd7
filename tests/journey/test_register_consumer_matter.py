"""A consumer's matter is registered, classified, referred and answered once, or a person gets the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made

pytestmark = pytest.mark.browser
KEY, ERRAND = "consumer_matters", "consumer_advice"
WITHDRAW, GOODS, INVOICE, SMS = "Ångra ett köp på distans", "Fel i en vara", "Falsk faktura", "Bluff via sms"
Register = Callable[..., Finished]
Case = dict[str, Any]


@pytest.fixture
def register(carry_out: Callable[..., Finished]) -> Register:
    def registering(case: Case, kind: str, **typed: Any) -> Finished:
        return carry_out("register-consumer-matter", case_number=case["number"], kind=kind, **typed)

    return registering


def matter_of(town: Town, case: Case) -> dict[str, Any]:
    (found,) = town.act(KEY, "matters", reference=case["number"])
    return dict(found)


def told_on_the_phone(**changed: Any) -> dict[str, Any]:
    """What a guide types of a purchase five days ago."""
    bought = date.today() - timedelta(days=5)
    return {
        "company": "Lustprylar i Norden AB", "company_number": "559990-1237", "bought_on": bought.isoformat(),
        "amount": 1200, "description": "Vill lämna tillbaka en elvisp.",
    } | changed  # fmt: skip


def caller(town: Town) -> Case:
    """Somebody who has not filled in the consumer office's e-service."""
    return next(case for case in town.cases("invoice_question", "normal") if case["language"] == "sv")


def distance_sale(town: Town, *, in_time: bool) -> Case:
    """One of the e-service's whose fourteen days have or have not passed; not every town has both."""
    for seed in range(1, 20):
        town.reset(seed=seed)
        for case in town.cases(ERRAND, "distance_sale"):
            bought = date.fromisoformat(matter_of(town, case)["bought_on"])
            if (date.today() <= bought + timedelta(days=14)) is in_time:
                return case
    raise AssertionError("no such town")


def test_classifies_refers_and_writes_and_says_nothing_of_debts(town: Town, register: Register) -> None:
    case = next(c for c in town.cases(ERRAND, "complaint") if c["language"] == "sv")
    matter = matter_of(town, case)
    assert matter["debts"] > 0

    done = register(case, GOODS)

    classified, referred, letter, note = assert_made(
        town, done, "classified", "referred", "letter_written", "note_added"
    )
    assert (classified["kind"], classified["detail"], referred["to"]) == ("Reklamation", "Fel i vara", "ARN")
    assert letter["about"] == classified["about"] == referred["about"] == matter["number"]
    assert (letter["channel"], letter["status"]) == ("E-post", "Skickat")
    assert matter["company"] in letter["text"]
    assert "Allmänna reklamationsnämnden" in letter["text"]
    assert (note["about"], matter["number"] in note["text"], letter["letter"] in note["text"]) == (
        case["number"], True, True,
    )  # fmt: skip
    assert [mail["recipient"] for mail in town.mail()] == [town.ask(f"/people/{case['citizen']}")["email"]]
    thousands = str(matter["debts"] // 1000)
    assert not any(f"{thousands} 000" in f"{told}" for told in (letter["text"], note["text"], done.events))


@pytest.mark.long
def test_who_wants_a_value_judged_gets_a_person(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "wants_value_judgement")[0]

    assert_handed_over(town, case, register(case, GOODS), "Vill ha en bedömning")


@pytest.mark.long
@pytest.mark.parametrize(("kind", "where"), [(INVOICE, "Polisen"), (SMS, "7726 (bluff-sms)")])
def test_a_scam_is_referred_to_the_police_or_to_7726(town: Town, register: Register, kind: str, where: str) -> None:
    case = next(c for c in town.cases(ERRAND, "scam_invoice") if c["language"] == "sv")

    done = register(case, kind)

    classified, referred, letter, _ = assert_made(town, done, "classified", "referred", "letter_written", "note_added")
    assert (classified["kind"], referred["to"]) == ("Bluffaktura", where)
    assert ("7726" in letter["text"]) is (kind == SMS)


@pytest.mark.long
def test_a_withdrawal_in_time_is_told_the_last_day(town: Town, register: Register) -> None:
    case = distance_sale(town, in_time=True)
    bought = date.fromisoformat(matter_of(town, case)["bought_on"])

    _, _, letter, _ = assert_made(
        town, register(case, WITHDRAW), "classified", "referred", "letter_written", "note_added"
    )

    assert (bought + timedelta(days=14)).isoformat() in letter["text"]


@pytest.mark.long
def test_a_withdrawal_that_may_be_too_late_goes_to_a_person(town: Town, register: Register) -> None:
    case = distance_sale(town, in_time=False)

    assert_handed_over(town, case, register(case, WITHDRAW), "Ångerfristen kan ha gått ut")


@pytest.mark.long
@pytest.mark.parametrize(("amount", "where"), [(600, ["ARN"]), (599, [])])
def test_a_caller_s_purchase_is_registered(town: Town, register: Register, amount: int, where: list[str]) -> None:
    """And referred to ARN from the amount on that ARN takes up."""
    case = caller(town)

    done = register(case, WITHDRAW, **told_on_the_phone(amount=amount))

    made, *referred, letter, note = assert_made(
        town, done, "matter_registered", *(["referred"] if where else []), "letter_written", "note_added"
    )
    assert (made["about"], made["kind"]) == (case["citizen"], "Distansavtal")
    assert [each["to"] for each in referred] == where
    assert ("ARN" in letter["text"]) is bool(where)
    assert made["matter"] in note["text"]


@pytest.mark.long
def test_who_has_no_email_gets_the_letter_by_post(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "complaint")[0]
    town.act(KEY, "without_email", matter=matter_of(town, case)["number"])

    done = register(case, GOODS)

    *_, letter, note = assert_made(town, done, "classified", "referred", "letter_written", "note_added")
    assert (letter["channel"], letter["status"], town.mail()) == ("Post", "Köat till posten", [])
    assert "lagt i kön till posten" in note["text"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "kind", "handed_over_as"),
    [
        ("company_customer", GOODS, "Köparen är ett företag"),
        ("protected", WITHDRAW, "Skyddade personuppgifter"),
        ("complaint", "Något annat", "Ärendetypen är oklar"),
    ],
)
def test_a_person_gets_the_case(town: Town, register: Register, twist: str, kind: str, handed_over_as: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    assert_handed_over(town, case, register(case, kind), handed_over_as)


@pytest.mark.long
@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ({}, "Köpet är inte beskrivet"),
        ({"wish": "Få värdet eller chansen att vinna bedömd"}, "Vill ha en bedömning"),
        ({"buyer": "Företag"}, "Köparen är ett företag"),
        ({"bought_on": (date.today() - timedelta(days=15)).isoformat()}, "Ångerfristen kan ha gått ut"),
        ({"bought_on": "2021-12-31"}, "Tabellen saknar året"),
    ],
)
def test_a_caller_s_purchase_that_a_person_must_take(
    town: Town, register: Register, typed: dict[str, Any], kind: str
) -> None:
    case = caller(town)

    done = register(case, WITHDRAW, **(told_on_the_phone(**typed) if typed else {}))

    assert_handed_over(town, case, done, kind)


@pytest.mark.long
def test_a_matter_that_is_closed_or_of_another_company_goes_to_a_person(town: Town, register: Register) -> None:
    closed, other = town.cases(ERRAND, "complaint")[:2]
    town.act(KEY, "close", matter=matter_of(town, closed)["number"])

    assert_handed_over(town, closed, register(closed, GOODS), "Konsumentärendet är avslutat")
    town.reset(seed=1)
    done = register(other, GOODS, **told_on_the_phone())

    assert_handed_over(town, other, done, "Ett annat köp")


@pytest.mark.long
def test_what_is_classified_already_is_not_classified_otherwise(town: Town, register: Register) -> None:
    case = town.cases(ERRAND, "complaint")[0]
    register(case, GOODS)
    town.act("case_management", "put", case_number=case["number"], status="Pågående")
    before = town.truth()

    done = register(case, SMS)

    assert (done.outcome, done.run.kind) == ("handed_over", "Redan klassificerat")
    assert [change["kind"] for change in town.truth()[len(before) :]] == ["handed_over"]


@pytest.mark.long
def test_asked_for_twice_it_is_registered_once(town: Town, register: Register) -> None:
    case = caller(town)
    first = register(case, WITHDRAW, **told_on_the_phone())

    again = register(case, WITHDRAW, **told_on_the_phone())

    assert again.run.id == first.run.id
    assert_made(town, again, "matter_registered", "referred", "letter_written", "note_added")
    assert len(town.mail()) == 1


@pytest.mark.long
@pytest.mark.parametrize("phoned", [False, True])
def test_a_dry_run_changes_nothing(town: Town, register: Register, phoned: bool) -> None:
    case = caller(town) if phoned else town.cases(ERRAND, "complaint")[0]

    done = register(case, WITHDRAW if phoned else GOODS, dry_run=True, **(told_on_the_phone() if phoned else {}))

    assert (done.outcome, town.truth(), town.mail()) == ("done", [], [])
