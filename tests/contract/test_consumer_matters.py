"""Konsumentärenden in a real browser: the letter that is sent is the one that was written. The judge is the town."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import BusinessException, EffectRefused, NotSeen, PageNotRecognised, RecordLocked
from robots.fields import PersonalNumber
from robots.systems.consumer_matters import ARN, POST, Reader, Writer
from robots.systems.consumer_matters import driver as consumer_driver
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.consumer_matters import KEY, TEXT, matter_of, new_matter, number_of
from tests.contract.systems.kinds import citizen_of

pytestmark = pytest.mark.browser


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("alfhild")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    yield town
    assert town.truth(KEY) == []


def facts(town: Town) -> list[dict[str, Any]]:
    return [c["facts"] for c in town.truth(KEY)]


# -- reading


@pytest.mark.parametrize("twist", ["distance_sale", "wants_value_judgement", "company_customer", "protected"])
def test_reads_the_card(bench_for: Benches, untouched: Town, twist: str) -> None:
    told = matter_of(untouched, twist)

    found = bench_for(Reader).matter(told["number"])

    assert (found.company, found.amount, found.reference) == (told["company"], told["amount"], told["reference"])
    assert found.bought_on == date.fromisoformat(told["bought_on"])
    assert found.consumer == (None if twist == "protected" else told["consumer"])
    assert (found.protected, found.bought_by_company, found.wants_value_judgement, found.classified) == (
        twist == "protected", twist == "company_customer", twist == "wants_value_judgement", False,
    )  # fmt: skip
    assert bool(found.obstacle) == (twist == "protected")


def test_neither_name_nor_debts_come_into_the_log(run: RunAtWork, untouched: Town) -> None:
    told, reader = matter_of(untouched, "complaint"), run.driver(Reader)
    debts = f"{told['debts']:,} kr".replace(",", " ")
    reader.matter(told["number"])
    reader.bench.recorder.event("prov", f"{told['name']}, {debts}")

    [event] = [event for event in run.events() if event.kind == "prov"]
    assert told["debts"] > 0
    assert told["name"] not in event.title
    assert debts not in event.title


def test_finds_a_matter_that_is_closed(writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    told = matter_of(town)
    town.act(KEY, "close", matter=told["number"])

    assert writer.find_matter(told["reference"]) == told["number"]

    # The control: as the list shows itself.
    def as_it_opens(self: Reader, name: str, absent: str, asked: dict[str, str | bool]) -> Any:
        return search(self, name, absent, asked | {"Visa även avslutade": False})

    search = Reader._search
    monkeypatch.setattr(Reader, "_search", as_it_opens)
    assert writer.find_matter(told["reference"]) is None


def test_a_list_that_is_cut_is_no_answer(writer: Writer, untouched: Town) -> None:
    with pytest.raises(PageNotRecognised, match="träffar men visar"):
        writer.find_matter("KC-")


# -- letters


def test_the_letter_is_what_was_written_and_nothing_of_the_old_one(writer: Writer, town: Town) -> None:
    receipt = writer.send_letter(number_of(town), "Ditt köp", TEXT, once="brev")

    [sent] = facts(town)
    assert (sent["text"], sent["subject"], sent["letter"]) == (TEXT, "Ditt köp", receipt)
    assert [m["subject"] for m in town.mail()] == ["Ditt köp"]
    assert [(letter.number, letter.sent) for letter in writer.letters_in(number_of(town))] == [(receipt, True)]


def test_a_letter_in_the_queue_is_not_sent(writer: Writer, town: Town) -> None:
    writer.send_letter(number_of(town), "Ditt köp", TEXT, once="brev", channel=POST)

    assert [letter.sent for letter in writer.letters_in(number_of(town))] == [False]
    town.act(KEY, "run_post")
    assert [letter.sent for letter in writer.letters_in(number_of(town))] == [True]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_preview_of_another_letter_is_not_sent(
    writer: Writer, town: Town, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's own script loses the middle of what was typed."""
    writer.open("/", heading="Ärenden")
    writer.bench.context.route("**/static/editor.js", lambda route: route.fulfill(
        content_type="text/javascript",
        body=route.fetch().text().replace("= copy;", '= copy.replace("Du kan ångra ditt köp.", "");'),
    ))  # fmt: skip
    if guarded:
        with pytest.raises(PageNotRecognised, match="ett annat brev"):
            writer.send_letter(number_of(town), "Ditt köp", TEXT, once="brev")
        assert town.truth(KEY) == []
        return
    monkeypatch.setattr(consumer_driver, "_letters_only", lambda _: "")
    writer.send_letter(number_of(town), "Ditt köp", TEXT, once="brev")
    assert [f["text"] for f in facts(town)] != [TEXT]


def test_the_printers_quotes_are_no_other_letter(writer: Writer, town: Town) -> None:
    writer.send_letter(number_of(town), "Ditt köp", 'Skriv "jag ångrar mig" - gärna i dag.', once="brev")

    assert [f["text"] for f in facts(town)] == ["Skriv ”jag ångrar mig” – gärna i dag."]


def test_a_letter_that_the_system_does_not_take_is_a_matter_for_a_person(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException, match="mallord kvar"):
        writer.send_letter(number_of(untouched), "Ditt köp", "Hej [NAMN]! Du kan ångra ditt köp.", once="brev")


# -- stops, locks and races


def test_a_protected_consumer_stops_before_any_form(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        writer.send_letter(number_of(untouched, "protected"), "Ditt köp", TEXT, once="brev")

    assert stop.value.kind == "Skyddade personuppgifter"
    assert matter_of(untouched, "protected")["name"] not in str(stop.value)


def test_a_colleague_has_the_matter_open(writer: Writer, untouched: Town) -> None:
    untouched.act(KEY, "lock", matter=number_of(untouched))

    with pytest.raises(RecordLocked, match="Marit Sandell"):
        writer.classify(number_of(untouched), "Distansavtal", "Ångerrätt", "", once="typ")


def test_a_colleague_is_quicker(writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    save = Writer._save

    def late(self: Writer, button: str) -> None:
        untouched.act(KEY, "touch", matter=number_of(untouched))
        save(self, button)

    monkeypatch.setattr(Writer, "_save", late)
    with pytest.raises(EffectRefused, match="har ändrats av"):
        writer.classify(number_of(untouched), "Distansavtal", "Ångerrätt", "", once="typ")


def test_a_company_is_no_consumer(writer: Writer, untouched: Town) -> None:
    with pytest.raises(EffectRefused, match="Köparen är ett företag"):
        writer.classify(number_of(untouched, "company_customer"), "Distansavtal", "Ångerrätt", "", once="typ")


def test_nobody_is_referred_before_the_matter_is_classified(writer: Writer, untouched: Town) -> None:
    with pytest.raises(EffectRefused, match="Klassificera ärendet"):
        writer.refer(number_of(untouched), ARN, "ARN prövar utan avgift.", once="hänvisning")


def test_the_second_list_is_waited_for(writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    writer.classify(number_of(town), "Distansavtal", "Ångerrätt", "Köpt på nätet", once="typ")
    assert [(f["kind"], f["detail"]) for f in facts(town)] == [("Distansavtal", "Ångerrätt")]

    def at_once(self: Writer, kind: str, detail: str) -> None:
        self.fill({"Ärendetyp": kind})
        self.fill({"Underkategori": detail})

    monkeypatch.setattr(Writer, "_choose_kind", at_once)
    with pytest.raises(NotSeen, match="har inte valet"):
        writer.classify(number_of(town, "complaint"), "Reklamation", "Fel i vara", "", once="andra")


def test_an_open_matter_against_the_same_company_is_not_doubled(writer: Writer, town: Town) -> None:
    writer.register(new_matter(citizen_of(town)), once="ärende")

    with pytest.raises(EffectRefused, match="redan ett öppet ärende"):
        writer.register(new_matter(citizen_of(town)), once="ett till")
    assert len(facts(town)) == 1


def test_the_day_to_withdraw_is_read_once_it_is_known_what_it_is(writer: Writer, town: Town) -> None:
    receipt = writer.register(new_matter(PersonalNumber(citizen_of(town))), once="ärende")

    assert writer.matter(receipt).withdraw_until == date.today() + timedelta(days=9)
