"""Skolplacering Edda through its one page: what is read, and that a choice is made once. The judge is the town."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, cast

import pytest
from playwright.sync_api import Route

from robots.cli.town import LOOKER, Town
from robots.errors import AccessDenied, BusinessException, EffectRefused, EffectUncertain, PageNotRecognised
from robots.fields import PersonalNumber
from robots.practice.school_placement.answers import ROWS_AT_ONCE
from robots.systems.school_placement import Choice, Reader, Writer
from robots.systems.school_placement import driver as school_driver
from robots.systems.virtual import VirtualList
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.school_placement import facts_of, pupil_of, wishes_of

pytestmark = pytest.mark.browser
KEY = "school_placement"


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("bodil")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been registered when the test is over."""
    yield town
    assert town.truth(KEY) == []


def record(writer: Writer, town: Town, pupil: PersonalNumber, *, sibling: bool = False, once: str = "skolval") -> str:
    return writer.record_choice(pupil, wishes_of(town, pupil), sibling, once=once)


def recorded(town: Town) -> list[dict[str, Any]]:
    return town.truth(KEY, "choice_recorded")


# -- reading --------------------------------------------------------------------------------------------------------


def test_reads_the_card_of_every_sort_of_pupil(writer: Writer, untouched: Town) -> None:
    for twist in ("normal", "one_signature", "new_in_municipality", "already_chosen", "guardians_disagree"):
        told = facts_of(untouched, pupil_of(untouched, twist))
        pupil = writer.pupil(pupil_of(untouched, twist))

        assert (pupil.name, pupil.municipality, pupil.school) == (told["name"], told["municipality"], told["school"])
        assert (pupil.school_year, pupil.next_year) == (told["year"], told["next_year"])
        assert [(g.personal_number, g.name, list(g.wishes)) for g in pupil.guardians] == [
            (g["personal_number"], g["name"], g["wishes"]) for g in told["guardians"]
        ]
        assert [str(g.signed_on) for g in pupil.guardians] == [str(g["signed"]) for g in told["guardians"]]
        assert (pupil.wishes is None) == (twist in ("one_signature", "guardians_disagree"))
        assert pupil.all_have_signed == (twist != "one_signature")
        assert [c.standing for c in pupil.choices] == [True] * (twist == "already_chosen")


def test_reads_siblings_and_finished_choices(writer: Writer, untouched: Town) -> None:
    told = next(
        p for p in untouched.act(KEY, "pupils")
        if p["siblings"] and not p["protected"] and any(s["year"] for s in p["siblings"])
    )  # fmt: skip
    pupil = writer.pupil(PersonalNumber(told["personal_number"]))
    chosen = pupil_of(untouched, "already_chosen")
    (event,) = [e for e in untouched.act(KEY, "events", personal_number=chosen) if e["kind"] == "Skolval"]
    untouched.act(KEY, "decide", event=event["number"])

    assert {(s.name, s.school_year, s.school) for s in pupil.siblings} == {
        (s["name"], s["year"], s["school"]) for s in told["siblings"]
    }
    schools = tuple(event[f"val{place}"] for place in (1, 2, 3) if event[f"val{place}"])
    assert writer.pupil(chosen).choices == (Choice(event["number"], schools, False, "Beslutat", event["reference"]),)
    assert writer.find_choice(chosen, event["reference"]) == event["number"]


def test_reads_a_long_list_from_its_first_pupil_to_its_last(writer: Writer, untouched: Town) -> None:
    """More than one part of it, in rows that are used over and over."""
    told = [p for p in untouched.act(KEY, "pupils") if "an" in p["name"].lower() and not p["protected"]]

    hits = writer.pupils("an")

    assert len(told) > ROWS_AT_ONCE
    assert [(h.personal_number, h.name, h.school) for h in hits] == [
        (p["personal_number"], p["name"], p["school"]) for p in told
    ]


def test_the_page_shows_what_is_answered_last_and_the_driver_what_it_asked(writer: Writer, untouched: Town) -> None:
    """The answer about the whole list, asked for first, comes after that to the search."""
    held: list[Route] = []
    number = pupil_of(untouched)

    def hold(route: Route) -> None:
        if "sok=&" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    writer.bench.context.route("**/rows?*", hold)
    writer._open_shell("/elever", "Elever")
    writer.fill({"Sök elev": number})
    writer.see(writer.text_containing(f"1 elev för ”{number}”"))
    held.pop().continue_()
    writer.see(writer.part("p").filter(has_text=re.compile(r"^\d+ elever$")))
    overwritten = writer.texts("[role=rowgroup] [role=row]")
    writer.bench.context.unroute("**/rows?*", hold)

    assert number not in overwritten[0]
    assert writer.pupil(number).personal_number == number


def test_control_without_the_count_it_reads_the_rows_that_were_there_before(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reader, "_await_count", lambda *_: "Inga elever hittades")

    with pytest.raises(PageNotRecognised):
        writer.pupil(pupil_of(untouched))


def test_reads_the_calendar(writer: Writer, untouched: Town) -> None:
    told = untouched.act(KEY, "periods")

    assert [(p.school_years, p.opens, p.closes, p.open_now, p.remark) for p in writer.periods()] == [
        (
            p["arskurser"], date.fromisoformat(p["oppnar"]), date.fromisoformat(p["stanger"]), p["lage"] == "Öppen",
            p["anmarkning"],
        )
        for p in told
    ]  # fmt: skip


def test_a_protected_pupil_is_named_nowhere(writer: Writer, run: RunAtWork, untouched: Town) -> None:
    number = pupil_of(untouched, "protected")
    with pytest.raises(BusinessException) as stop:
        writer.pupil(number)

    name = facts_of(untouched, number)["name"]
    assert stop.value.kind == "Skyddade personuppgifter"
    assert not any(word in f"{stop.value} {run.events()}" for word in (name, number))
    assert number not in [hit.personal_number for hit in writer.pupils(name)], "at most a namesake"


def test_somebody_elses_card_is_not_taken_for_the_pupils(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = pupil_of(untouched, place=1)
    find = VirtualList.find
    monkeypatch.setattr(VirtualList, "find", lambda rows, _key: find(rows, other))
    search = Reader._search_pupils
    monkeypatch.setattr(Reader, "_search_pupils", lambda reader, _sought: search(reader, other))

    with pytest.raises(PageNotRecognised, match="någon annan"):
        writer.pupil(pupil_of(untouched))


# -- registering ------------------------------------------------------------------------------------------------------


def test_a_choice_is_registered_as_it_was_signed(writer: Writer, run: RunAtWork, town: Town) -> None:
    pupil = pupil_of(town)
    receipt = record(writer, town, pupil)

    (choice,) = recorded(town)
    assert (choice["about"], choice["by"]) == (pupil, "robot.bodil")
    assert choice["facts"] | {"reference": ""} == {
        "event": receipt, "schools": list(wishes_of(town, pupil)), "reason": "Inget särskilt skäl", "reference": "",
    }  # fmt: skip
    assert choice["facts"]["reference"].startswith("R-")
    assert run.effect_states() == {"skolval": "CONFIRMED"}


def test_a_sibling_is_the_reason_where_there_is_one(writer: Writer, town: Town) -> None:
    pupil = next(
        p for p in town.act(KEY, "pupils")
        if p["next_year"] in ("1", "2", "3", "7", "8", "9") and not p["protected"]
        and any(s["school"] in p["teaching"] for s in p["siblings"])
    )  # fmt: skip
    number = PersonalNumber(pupil["personal_number"])
    theirs = next(s["school"] for s in pupil["siblings"] if s["school"] in pupil["teaching"])
    town.act(KEY, "sign", personal_number=number, schools=[theirs])

    record(writer, town, number, sibling=True)

    assert [c["facts"]["reason"] for c in recorded(town)] == ["Syskon på skolan"]


@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("outside_period", "Utanför skolvalsperioden"),
        ("already_chosen", "Skolval finns redan"),
        ("new_in_municipality", "Inte folkbokförd i kommunen"),
        ("one_signature", "Signatur saknas"),
        ("guardians_disagree", "Vårdnadshavarna är oense"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_what_a_person_must_decide_is_handed_over(
    writer: Writer, run: RunAtWork, untouched: Town, twist: str, kind: str
) -> None:
    with pytest.raises(BusinessException) as stop:
        record(writer, untouched, pupil_of(untouched, twist))

    assert stop.value.kind == kind
    assert stop.value.todo
    assert run.effect_states() == {"skolval": "INTENDED"}


def test_other_schools_than_the_signed_ones_are_not_registered(writer: Writer, untouched: Town) -> None:
    pupil = pupil_of(untouched)
    with pytest.raises(BusinessException) as stop:
        writer.record_choice(pupil, tuple(reversed(wishes_of(untouched, pupil))), False, once="skolval")

    assert stop.value.kind == "Önskemålen stämmer inte"


def test_somebody_elses_change_meanwhile_is_a_conflict_and_the_page_takes_its_row_back(
    writer: Writer, run: RunAtWork, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    pupil, commit = pupil_of(untouched), Writer.commit

    def too_late(self: Writer, *arguments: Any, **more: Any) -> None:
        untouched.act(KEY, "change_as_colleague", personal_number=pupil)
        commit(self, *arguments, **more)

    monkeypatch.setattr(Writer, "commit", too_late)
    with pytest.raises(EffectRefused, match="Elevkortet har ändrats av Karin Ek"):
        record(writer, untouched, pupil)

    assert run.effect_states() == {"skolval": "REFUSED"}


def test_control_a_row_that_is_still_being_saved_is_no_proof(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes the row itself for the answer does not hear the system's no, and asks a person in vain."""
    pupil, commit, await_answer = pupil_of(untouched), Writer.commit, Writer._await_answer
    shown: list[str] = []

    def too_late(self: Writer, *arguments: Any, **more: Any) -> None:
        untouched.act(KEY, "change_as_colleague", personal_number=pupil)
        commit(self, *arguments, **more)

    def hasty(self: Writer, page: Any, wire: Any, *_: Any) -> None:
        await_answer(self, page, wire, self.row("R-"), None)
        shown.append(self.read_text(self.row("R-")))

    untouched.fault(KEY, "slow", method="POST", path="skolval$", seconds=2, times=9)
    monkeypatch.setattr(Writer, "commit", too_late)
    monkeypatch.setattr(Writer, "_await_answer", hasty)
    with pytest.raises(EffectUncertain):
        record(writer, untouched, pupil)

    assert shown
    assert all("Sparar…" in words for words in shown)


def test_a_period_that_closes_while_the_form_is_open_refuses_the_choice(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Writer.commit

    def too_late(self: Writer, *arguments: Any, **more: Any) -> None:
        stage = untouched.act(KEY, "periods")[0]["arskurser"]
        untouched.act(KEY, "set_period", stage=stage, opens="2020-01-15", closes="2020-02-15")
        commit(self, *arguments, **more)

    monkeypatch.setattr(Writer, "commit", too_late)
    with pytest.raises(EffectRefused, match=r"är stängt\. Perioden är 2020-01-15–2020-02-15"):
        record(writer, untouched, pupil_of(untouched))


def test_a_lost_answer_is_no_refusal(writer: Writer, run: RunAtWork, town: Town) -> None:
    """The page says that it could not save, and takes the row back, although the system has saved."""
    town.fault(KEY, "answer_lost", how="fin", path="skolval$", method="POST")

    receipt = record(writer, town, pupil_of(town))

    assert [c["facts"]["event"] for c in recorded(town)] == [receipt]
    assert run.effect_states() == {"skolval": "CONFIRMED"}


def test_control_the_pages_own_complaint_taken_for_a_refusal_denies_what_was_done(
    writer: Writer, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(school_driver, "LOST", "inget som sidan säger")
    town.fault(KEY, "answer_lost", how="408", path="skolval$", method="POST")

    with pytest.raises(EffectRefused, match="Systemet svarar inte"):
        record(writer, town, pupil_of(town))

    assert len(recorded(town)) == 1
    assert run.effect_states() == {"skolval": "REFUSED"}


def test_a_note_keeps_its_lines(writer: Writer, town: Town) -> None:
    writer.add_note(pupil_of(town), "Mamma ringde.\nVill byta skola.", once="anteckning")

    (note,) = town.truth(KEY, "note_written")
    assert (note["about"], note["facts"]["text"]) == (pupil_of(town), "Mamma ringde.\nVill byta skola.")


def test_the_system_gives_a_looker_no_form(bench_for: Benches, untouched: Town) -> None:
    writer = cast("Writer", bench_for.new_run(LOOKER).attempt.systems.driver(Writer))

    with pytest.raises(AccessDenied):
        writer.add_note(pupil_of(untouched), "Ett prov.", once="anteckning")
