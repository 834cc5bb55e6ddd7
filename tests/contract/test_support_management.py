"""Support-management: a colleague who comes in between, what it says no with, and silence. The judge is the town."""

from __future__ import annotations

import tomllib
from typing import Any

import httpx
import pytest

from robots.cases.support_management import Writer
from robots.cases.support_management.told.problems import refusal
from robots.cases.support_management.wire import Errands, Names, Notes, Parameter, quoted, read_as, value_of
from robots.cli.town import Town
from robots.errors import (
    BusinessException,
    ConfigurationError,
    EffectRefused,
    EffectUncertain,
    PageNotRecognised,
    RecordLocked,
    SeveralMatches,
)
from robots.fields import CaseNumber
from tests.conftest import ROOT
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems import ONCE
from tests.contract.systems.kinds import case_of

pytestmark = pytest.mark.browser  # the bench of a run has a window, whether it is used or not
KEY = "support_management"
NAMES: dict[str, str] = tomllib.loads((ROOT / "config" / "systems.toml").read_text("utf-8"))[KEY]["names"]


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run(bench_for.robot_for(Writer))


@pytest.fixture
def cases(run: RunAtWork) -> Writer:
    return run.driver(Writer)


def now(town: Town) -> dict[str, Any]:
    told: dict[str, Any] = town.act(KEY, "case", case_number=case_of(town))
    return told


def in_between(town: Town, change: str, times: int = 1) -> None:
    town.act(KEY, "in_between", case_number=case_of(town), change=change, times=times)


def kinds(town: Town) -> list[str]:
    return [change["kind"] for change in town.truth(KEY)]


# -- somebody comes in between --------------------------------------------------------------------------------------


def test_what_still_holds_is_done_with_the_new_version(cases: Writer, run: RunAtWork, town: Town) -> None:
    in_between(town, "touch")

    cases.claim(case_of(town), once=ONCE)

    sent = [event.detail["sent"][0]["status"] for event in run.events() if event.kind == "commit"]
    assert (sent, kinds(town), run.effect_states()) == ([412, 200], ["claimed"], {ONCE: "CONFIRMED"})


def test_what_a_colleague_has_taken_in_between_stays_the_colleague_s(cases: Writer, town: Town) -> None:
    in_between(town, "take")

    with pytest.raises(BusinessException, match="redan en handläggare: Anna Ek"):
        cases.claim(case_of(town), once=ONCE)

    assert (kinds(town), now(town)["handler"]) == ([], "Anna Ek")


def test_control_without_the_version_it_is_taken_from_the_colleague(
    cases: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = Writer._change
    monkeypatch.setattr(Writer, "_change", lambda self, errand, _version, **more: change(self, errand, "*", **more))
    in_between(town, "take")

    cases.claim(case_of(town), once=ONCE)

    assert (kinds(town), now(town)["handler"] != "Anna Ek") == (["claimed"], True)


def test_what_a_colleague_has_locked_in_between_is_waited_for(cases: Writer, run: RunAtWork, town: Town) -> None:
    in_between(town, "lock")
    with pytest.raises(RecordLocked, match="Anna Ek"):
        cases.set_status(case_of(town), "Väntar på medborgaren", once=ONCE)
    assert kinds(town) == []

    town.act(KEY, "unlock", case_number=case_of(town))
    run.try_again()
    run.driver(Writer).set_status(case_of(town), "Väntar på medborgaren", once=ONCE)

    assert kinds(town) == ["status_set"]


def test_what_a_colleague_has_done_in_between_is_done(cases: Writer, run: RunAtWork, town: Town) -> None:
    in_between(town, "put")

    assert cases.set_status(case_of(town), "Avslutat", once=ONCE) == "Avslutat"

    assert (kinds(town), run.effect_states()) == ([], {ONCE: "CONFIRMED"})


def test_where_somebody_always_comes_in_between_a_person_decides(cases: Writer, town: Town) -> None:
    in_between(town, "touch", times=9)

    with pytest.raises(EffectUncertain, match="utan att synas"):
        cases.claim(case_of(town), once=ONCE)

    assert kinds(town) == []


# -- what is sent ---------------------------------------------------------------------------------------------------


def test_a_handover_keeps_what_the_errand_had(cases: Writer, town: Town) -> None:
    before = cases.read(case_of(town))
    town.act(KEY, "take", case_number=case_of(town))

    cases.hand_over(case_of(town), "Två planer.", "Välj plan.", once=ONCE)

    after = cases.read(case_of(town))
    assert (after.property_id, after.facility, after.inbox) == (before.property_id, before.facility, before.inbox)
    (told,) = town.truth(KEY)
    assert (told["facts"]["reason"], told["facts"]["todo"]) == ("Två planer.", "Välj plan.")
    assert now(town)["handler"] == ""


def test_control_a_handover_that_sends_only_its_own_parameter_is_refused(
    cases: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = Writer._change

    def forgetful(self: Writer, errand: Any, version: str, **fields: Any) -> None:
        change(self, errand, version, **fields | {"parameters": fields["parameters"][-1:]})

    monkeypatch.setattr(Writer, "_change", forgetful)

    with pytest.raises(EffectRefused, match="«parameters» godtas inte"):
        cases.hand_over(case_of(town), "Två planer.", "Välj plan.", once=ONCE)

    assert kinds(town) == []


def test_the_mark_of_a_letter_is_nothing_that_its_reader_sees(cases: Writer, town: Town) -> None:
    cases.send_message(case_of(town), "Ritningar", "Hej & <hå>", [], once=ONCE)

    (told,) = [change["facts"] for change in town.truth(KEY)]
    assert (told["subject"], told["text"]) == ("Ritningar", "Hej & <hå>")
    assert told["reference"].startswith("<R-")


def test_an_empty_field_is_told_in_swedish_and_not_sent_again(cases: Writer, run: RunAtWork, town: Town) -> None:
    with pytest.raises(EffectRefused, match=r"Ämnet får inte vara tomt\."):
        cases.send_message(case_of(town), " ", "Hej", [], once=ONCE)

    assert (kinds(town), town.mail(), run.effect_states()) == ([], [], {ONCE: "REFUSED"})


def test_without_an_address_a_person_writes(cases: Writer, run: RunAtWork, town: Town) -> None:
    protected = CaseNumber(town.cases("drawings", "protected")[0]["number"])

    with pytest.raises(BusinessException, match="inga e-postadresser"):
        cases.send_message(protected, "Ritningar", "Hej", [], once=ONCE)

    assert (kinds(town), run.effect_states()) == ([], {ONCE: "INTENDED"})


def test_who_asks_for_one_citizen_gets_nobody_else_s(
    cases: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter that the system did not apply."""
    citizen = cases.read(case_of(town)).citizen
    assert citizen is not None
    assert {row.number for row in cases.find(citizen=citizen)} == set(town.act(KEY, "numbers", citizen=citizen))

    every = Writer._errands
    monkeypatch.setattr(Writer, "_errands", lambda self, *_, **more: every(self, "not title:'x'", **more))
    with pytest.raises(PageNotRecognised, match="andra ärenden än medborgarens"):
        cases.find(citizen=citizen)


def test_a_status_that_nobody_has_configured_rightly_is_refused(cases: Writer, town: Town) -> None:
    cases._shown._statuses = {"LÖST": "Avslutat"}

    with pytest.raises(EffectRefused, match="Statusen godtas inte"):
        cases.set_status(case_of(town), "Avslutat", once=ONCE)

    assert kinds(town) == []


# -- what it answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told", "words"),
    [
        (201, {}, ""),
        (204, {}, ""),
        (412, {"detail": "The errand has been changed."}, ""),
        (409, {"detail": "Ärendet är låst av Anna Ek."}, ""),
        (403, {"title": "Forbidden"}, "Roboten har inte rätt att göra det."),
        (404, {"detail": "An errand …"}, "Ärendesystemet hittar inte det som roboten frågade efter. (An errand …)"),
        (400, "inte alls JSON", "Ärendesystemet förstod inte vad roboten bad om."),
        (418, {}, "Ärendesystemet svarade 418."),
        (400, {"violations": [{"field": "createErrandNote.body", "message": "must not be blank"},
                              {"field": "subject", "message": "size must be between 0 and 255"}]},
         "Anteckningens text får inte vara tomt; ämnet godtas inte («size must be between 0 and 255»)."),
    ],
)  # fmt: skip
def test_only_what_says_no_is_a_no(status: int, told: Any, words: str) -> None:
    found = refusal(httpx.Response(status, json=told))

    assert found.startswith(words)
    assert bool(found) == bool(words)


@pytest.mark.parametrize("told", [[], {"content": []}, {"content": [], "totalElements": None}, "stängt"])
def test_silence_is_no_absence(told: Any) -> None:
    for kind in (Errands, Notes):
        with pytest.raises(PageNotRecognised, match="svarade inte som väntat"):
            read_as(kind, httpx.Response(200, json=told))


def test_several_values_are_never_one_of_them() -> None:
    parameters = [Parameter(key="lockedBy", values=["Anna"]), Parameter(key="lockedBy", values=["Bo"])]

    with pytest.raises(SeveralMatches, match="Anna, Bo"):
        value_of(parameters, "lockedBy")
    assert value_of(parameters[:1], "lockedBy") == "Anna"
    assert value_of(parameters, "annat") == ""


def test_a_name_that_nobody_has_configured_is_told() -> None:
    wrong = {name: value for name, value in NAMES.items() if name != "protected"} | {"skydd": "x"}

    with pytest.raises(ConfigurationError, match="protected, skydd"):
        Names.of(wrong)
    assert Names.of(NAMES).channel["PHONE"] == "Telefon"


@pytest.mark.parametrize(("text", "written"), [("a", "'a'"), ("it's", r"'it\'s'"), ("a\\'b", r"'a\\\'b'")])
def test_a_text_cannot_end_its_own_filter(text: str, written: str) -> None:
    assert quoted(text) == written
