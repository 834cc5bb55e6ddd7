"""Socio by its keys: what is read of a household, and that a proposal is laid once, in a file that is ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import BusinessException, EffectRefused, PageNotRecognised, RagnhildError, RecordLocked
from robots.practice.income_support.norms import Norm
from robots.systems.income_support import GRANTED, REFUSED, File, Norms, Reader, Writer
from robots.systems.income_support.model import kronor_in, reply_in
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.income_support import KEY, citizen, month_of, proposal, record

pytestmark = pytest.mark.browser
AGAIN, NOTICE = "support_reapplication", "support_notice"
TEXT = "Vi har beslutat om din ansökan. Läs beslutet på Mina sidor."


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("viveka")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def reader(bench_for: Benches) -> Reader:
    return bench_for(Reader)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have changed when the test is over."""
    yield town
    assert town.truth(KEY) == []


def file_of(reader: Reader, town: Town, errand: str = AGAIN, twist: str = "normal") -> File:
    return reader.file_of(citizen(town, errand, twist))


def propose(writer: Writer, town: Town, twist: str = "normal", **other: Any) -> str:
    """All as it was applied for, but for what the test has otherwise."""
    laid = replace(proposal(town, record(town, AGAIN, twist)), **other)
    return writer.propose(file_of(writer, town, AGAIN, twist), month_of(town), laid, once="förslag")


def draft(writer: Writer, town: Town, twist: str, text: str = TEXT) -> str:
    file = file_of(writer, town, NOTICE, twist)
    return writer.draft_message(file, month_of(town), "Beslut om bistånd", text, once="besked")


def proposals(town: Town) -> list[dict[str, Any]]:
    return town.truth(KEY, "proposal_made")


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errand", "twist"), [(AGAIN, "normal"), (AGAIN, "no_activity_plan"), (NOTICE, "normal_granted")]
)
def test_reads_the_file(reader: Reader, untouched: Town, errand: str, twist: str) -> None:
    told = record(untouched, errand, twist)

    found = file_of(reader, untouched, errand, twist)

    assert (found.number, list(found.adults), list(found.children), found.official) == (
        told["number"], told["adults"], told["children"], told["official"],
    )  # fmt: skip
    assert found.turning(date.fromisoformat(untouched.ask("/town")["today"]).year) == told["ages"]
    assert found.plan_until == (date.fromisoformat(told["plan_until"]) if told["plan_until"] else None)
    assert (found.plan_until is None) == (twist == "no_activity_plan")


def test_the_co_applicant_leads_to_the_same_file(reader: Reader, untouched: Town) -> None:
    file = file_of(reader, untouched)

    assert file.co_applicant
    assert reader.file_of(file.co_applicant) == file


def test_two_files_of_one_applicant_are_a_matter_for_a_person(reader: Reader, untouched: Town) -> None:
    untouched.act(KEY, "second_file", citizen=citizen(untouched))

    with pytest.raises(BusinessException) as stop:
        file_of(reader, untouched)

    assert stop.value.kind == "Flera akter"


def test_reads_what_was_applied_for_and_what_was_reckoned_last(reader: Reader, untouched: Town) -> None:
    told, month = record(untouched, AGAIN, "new_expense"), month_of(untouched)
    file = file_of(reader, untouched, AGAIN, "new_expense")

    asked, last = reader.application(file, month), reader.last_calculation(file)

    assert asked
    assert last
    assert (asked.unsigned, asked.earlier, asked.message, asked.members) == ((), "", "", file.members)
    assert asked.complete_at
    assert asked.hours_since_complete == 5
    new = told["applications"][0]
    assert (asked.costs, {row: list(both) for row, both in asked.incomes.items()}) == (new["costs"], new["incomes"])
    assert asked.costs.keys() - last.costs.keys() == {"Läkarvård och medicin"}
    assert (last.incomes, last.members, last.status) == (asked.incomes, asked.members, "Beslutad")
    sums = told["calculations"][0]["sums"]
    assert last.need == sums["personal"] + sums["shared"] + sums["costs"]
    assert last.result == last.need - sums["income"]


def test_reads_who_has_not_signed(reader: Reader, untouched: Town) -> None:
    file = file_of(reader, untouched, AGAIN, "one_signature")

    asked = reader.application(file, month_of(untouched))

    assert asked
    assert (asked.unsigned, asked.complete_at, asked.hours_since_complete) == ((file.co_applicant,), None, None)


def test_sees_that_nothing_was_reckoned_or_decided_before(reader: Reader, untouched: Town) -> None:
    file = file_of(reader, untouched, AGAIN, "first_application")

    assert reader.last_calculation(file) is None
    assert reader.decision(file, month_of(untouched)) is None


def test_reads_the_replies_of_each_source(reader: Reader, untouched: Town) -> None:
    file, month = file_of(reader, untouched, AGAIN, "income_differs"), month_of(untouched)
    told = record(untouched, AGAIN, "income_differs")

    found = reader.replies(file, month)
    asked = reader.application(file, month)

    assert [(r.person, r.source, r.amount) for r in found] == [
        (r["person"], r["source"], r["amount"]) for r in told["replies"][month]
    ]
    assert asked
    paid = {r.benefit: r.amount for r in found if r.benefit}
    assert {row for row, both in asked.incomes.items() if sum(both) != paid[row]} == {"Aktivitetsstöd"}


@pytest.mark.parametrize("lacking", ["one source", "all of them"])
def test_a_reply_that_is_missing_is_a_matter_for_a_person(reader: Reader, untouched: Town, lacking: str) -> None:
    file, month = file_of(reader, untouched), month_of(untouched)
    if lacking == "one source":
        untouched.act(KEY, "lose_reply", citizen=file.applicant, source="CSN")

    with pytest.raises(BusinessException, match="CSN" if lacking == "one source" else "inte för just de") as stop:
        reader.replies(file, month if lacking == "one source" else "2020-01")

    assert stop.value.kind == "SSBTEK-svar saknas"


@pytest.mark.parametrize(("twist", "outcome"), [("normal_granted", GRANTED), ("normal_refused", REFUSED)])
def test_reads_a_decision_without_an_amount(reader: Reader, untouched: Town, twist: str, outcome: str) -> None:
    found = reader.decision(file_of(reader, untouched, NOTICE, twist), month_of(untouched))

    assert found
    assert (found.outcome, found.on.isoformat()) == (outcome, untouched.ask("/town")["today"])
    assert not any("amount" in name or "result" in name for name in vars(found))


def test_reads_the_norms_of_a_year_and_never_another_years(reader: Reader, untouched: Town) -> None:
    norms, town_s = reader.norms(2024), Norm(2024)

    for adults, ages in ((1, []), (2, [0, 3, 18]), (2, [1, 4, 7, 11, 15])):
        grown = town_s.couple if adults == 2 else town_s.single
        assert norms.personal(adults, ages) == grown + sum(map(town_s.child, ages))
    assert [norms.shared(n) for n in range(1, 10)] == [town_s.shared(n) for n in range(1, 10)]
    untouched.act(KEY, "remove_norm", year=2024)
    with pytest.raises(BusinessException) as stop:
        reader.norms(2024)
    assert stop.value.kind == "Riksnorm saknas"


def test_of_a_protected_household_nothing_is_read(reader: Reader, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        file_of(reader, untouched, AGAIN, "protected")

    assert stop.value.kind == "Skyddade personuppgifter"
    assert citizen(untouched, AGAIN, "protected") not in f"{stop.value.reason} {stop.value.todo}"


def test_the_names_of_the_household_never_stand_in_the_log(run: RunAtWork, untouched: Town) -> None:
    reader, members = run.driver(Reader), [*record(untouched)["adults"], *record(untouched)["children"]]
    names = [str(untouched.ask(f"/people/{number}")["name"]) for number in members]
    reader.bench.recorder.event("prov", f"Före: {', '.join(names)}")

    file_of(reader, untouched)
    reader.bench.recorder.event("prov", f"Efter: {', '.join(names)}")

    before, after = (event.title for event in run.events() if event.kind == "prov")
    assert all(name in before for name in names), "without the reading nobody knows that they are names"
    assert not any(name in after for name in names)


@pytest.mark.parametrize("words", ["7 35O", "", "7,5", "12-"])
def test_an_amount_that_is_none_is_an_error(words: str) -> None:
    with pytest.raises(PageNotRecognised):
        kronor_in(words)


def test_amounts_and_replies_are_understood() -> None:
    row = {"Personnummer": "19811118-9802", "Källa": "CSN", "Förmån": "Inga utbetalningar", "Belopp": "–"}

    assert [kronor_in(words) for words in ("7 350", "−7 350", "0", "–")] == [7350, -7350, 0, 0]
    assert (reply_in(row).benefit, reply_in(row).amount) == ("", 0)
    with pytest.raises(PageNotRecognised):
        reply_in(row | {"Belopp": "100"})
    with pytest.raises(ValueError, match="19 år"):
        Norms(2026, {"Ensamstående": 1}).personal(1, [19])


# -- proposing ------------------------------------------------------------------------------------------------------


def test_lays_a_proposal_and_gives_the_file_back(writer: Writer, town: Town, run: RunAtWork) -> None:
    told = record(town)

    receipt = propose(writer, town)

    (made,) = proposals(town)
    asked = told["applications"][0]
    facts = made["facts"]
    assert (made["about"], made["by"], facts["document"]) == (told["number"], "robot.viveka", receipt)
    assert {row: amount for row, amount in facts["costs"].items() if amount} == asked["costs"]
    assert {row: both for row, both in facts["incomes"].items() if any(both)} == asked["incomes"]
    assert (facts["code"], facts["result"]) == ("Bifall", proposal(town, told).result)
    assert facts["reference"].startswith("R-")
    assert record(town)["decisions"] == told["decisions"], "the robot decides nothing"
    assert town.act(KEY, "locked_by", akt=told["number"]) == ""
    assert run.effect_states() == {"förslag": "CONFIRMED"}


def _without(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Writer, guard, lambda *_: None)


@pytest.mark.parametrize("guarded", [True, False])
def test_a_sheet_that_comes_to_something_else_is_not_used(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        _without("_demand_reckoned", monkeypatch)
        propose(writer, town, result=1)
        assert len(proposals(town)) == 1
        return
    with pytest.raises(BusinessException) as stop:
        propose(writer, town, result=1)

    assert stop.value.kind == "Beräkningen stämmer inte"
    assert proposals(town) == []
    assert town.act(KEY, "locked_by", akt=record(town)["number"]) == "", "given back for whoever goes on with it"


@pytest.mark.parametrize("guarded", [True, False])
def test_the_last_page_must_repeat_every_amount(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    town.fault(KEY, "label_renamed", path="granska$", old="Hemförsäkring", new="Hushållsel, extra", times=9)
    if not guarded:
        _without("_demand_reviewed", monkeypatch)
        propose(writer, town)
        assert len(proposals(town)) == 1
        return
    with pytest.raises(PageNotRecognised, match="andra belopp"):
        propose(writer, town)

    assert proposals(town) == []


@pytest.mark.parametrize(
    ("twist", "words"),
    [("one_signature", "Båda sökande måste ha skrivit under"), ("already_this_month", "Bara en ansökan per månad")],
)
def test_what_the_system_takes_no_proposal_for(writer: Writer, untouched: Town, twist: str, words: str) -> None:
    with pytest.raises(EffectRefused, match=words):
        propose(writer, untouched, twist)


def test_nothing_is_granted_where_nothing_is_lacking(writer: Writer, untouched: Town) -> None:
    told = proposal(untouched, record(untouched))

    with pytest.raises(EffectRefused, match="inte finns något underskott"):
        propose(writer, untouched, incomes={"Lön": (90_000, 0)}, result=told.result + _income(told.incomes) - 90_000)


def _income(incomes: Any) -> int:
    return sum(sum(both) for both in incomes.values())


# -- the lock -------------------------------------------------------------------------------------------------------


def test_waits_for_no_colleague(writer: Writer, town: Town) -> None:
    with pytest.raises(RecordLocked, match="låst av Marit Sandell") as stop:
        propose(writer, town, "locked")
    assert stop.value.kind == "Låst av en kollega"
    assert proposals(town) == []

    town.act(KEY, "unlock", akt=record(town, AGAIN, "locked")["number"])
    propose(writer, town, "locked")

    assert len(proposals(town)) == 1


@pytest.mark.parametrize("swept", [True, False])
def test_the_lock_of_its_own_dead_session_is_waited_out_for_a_while(writer: Writer, town: Town, swept: bool) -> None:
    file = file_of(writer, town)
    writer._lock(file.number)
    if not swept:
        town.act(KEY, "sweep_after", seconds=3600)
    town.fault(KEY, "logged_out")

    if swept:
        propose(writer, town)
        assert len(proposals(town)) == 1
        return
    with pytest.raises(RecordLocked, match="dig själv i en annan session"):
        propose(writer, town)
    assert proposals(town) == []


@pytest.mark.parametrize("guarded", [True, False])
def test_a_login_renewed_on_the_way_to_the_form_locks_the_file_anew(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    town.fault(KEY, "logged_out", method="GET", path="meddelande$")
    if not guarded:
        _without("_demand_lock", monkeypatch)
        with pytest.raises(EffectRefused, match="inte öppen för ändring av dig"):
            draft(writer, town, "normal_granted")
        return
    draft(writer, town, "normal_granted")

    assert len(town.truth(KEY, "message_drafted")) == 1


@pytest.mark.parametrize("guarded", [True, False])
def test_the_file_is_kept_when_no_answer_came(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The system may still be at work with what it was sent; without the lock it would refuse it."""
    town.fault(KEY, "answer_lost", how="fin", method="POST", path="meddelande$")
    if not guarded:
        monkeypatch.setattr(Writer, "_answer_is_out", lambda _: False)

    draft(writer, town, "normal_granted")

    kept = town.act(KEY, "locked_by", akt=record(town, NOTICE, "normal_granted")["number"]) != ""
    assert (kept, len(town.truth(KEY))) == (guarded, 1)


# -- messages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("twist", "appeal"), [("normal_granted", ""), ("normal_refused", "inom tre veckor")])
def test_drafts_the_message_with_how_to_appeal_where_it_must_be(
    writer: Writer, town: Town, twist: str, appeal: str
) -> None:
    receipt = draft(writer, town, twist)

    (made,) = town.truth(KEY)
    facts = made["facts"]
    assert (made["kind"], facts["document"], facts["text"], facts["channel"]) == (
        "message_drafted", receipt, TEXT, "Mina sidor",
    )  # fmt: skip
    assert (appeal in facts["appeal"], bool(facts["appeal"])) == (True, bool(appeal))


@pytest.mark.parametrize(
    ("twist", "text", "words"),
    [("not_decided", TEXT, "Det finns inget beslut"), ("normal_granted", "Du får 7 350 kr.", "belopp får inte stå")],
)
def test_no_message_before_the_decision_and_none_with_an_amount(
    writer: Writer, untouched: Town, twist: str, text: str, words: str
) -> None:
    with pytest.raises(RagnhildError, match=words) as stop:
        draft(writer, untouched, twist, text)

    assert isinstance(stop.value, BusinessException)
    assert stop.value.todo
