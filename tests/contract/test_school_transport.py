"""Skolskjuts through its page: the way that counts, who a robot leaves to a person, and that it never decides.

The judge is the town.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from robots.cli.town import Town
from robots.errors import BusinessException, EffectRefused, PageNotRecognised, RecordLocked
from robots.fields import PersonalNumber
from robots.store import Store
from robots.systems.school_transport import ALTERNATING, GRANT, REJECT, Pupil, Reader, Writer
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.school_transport import ERRAND, KEY, _application, _case, _pupil, _term

pytestmark = pytest.mark.browser


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run(bench_for.robot_for(Writer))


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been changed when the test is over."""
    yield town
    assert town.truth(KEY) == []


def apply(writer: Writer, town: Town, twist: str = "normal_over_limit", **more: Any) -> str:
    applicant = PersonalNumber(more.pop("applicant", _case(town, twist)["citizen"]))
    return writer.register_application(
        _pupil(town, twist), _term(town), applicant, message="Hej!", once="ansökan", **more
    )


def propose(writer: Writer, number: str, outcome: str = GRANT) -> str:
    return writer.propose(number, outcome, "Avståndet är mätt längs vägen.", once="förslag")


# -- reading --------------------------------------------------------------------------------------------------------


def test_reads_pupil_after_pupil_with_the_way_that_counts(bench_for: Benches, untouched: Town) -> None:
    reader, term = bench_for(Reader), _term(untouched)
    for twist in ("normal_over_limit", "alternating_residence", "special_school", "already_applied"):
        number = _pupil(untouched, twist)
        told = untouched.ask(f"/children/{number}")
        standing = untouched.act(KEY, "applications", pupil=number)

        found = reader.pupil(number, term)

        assert found == Pupil(
            number, term, told["school_year"], found.own_school, told["nearest_school"],
            told["metres"][told["nearest_school"]], found.limit, twist == "alternating_residence",
            tuple(a["nr"] for a in standing),
        )  # fmt: skip
        assert bool(found.own_school) == (twist == "special_school")
        assert (
            found.limit
            == {"F123": 3000, "456": 4000, "789": 5000}[
                next(years for years in ("F123", "456", "789") if found.year in years)
            ]
        )


def test_control_who_does_not_wait_for_the_way_reads_the_straight_line(
    bench_for: Benches, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _pupil(untouched)
    told = untouched.ask(f"/children/{number}")
    monkeypatch.setattr(
        Reader, "_await_way", lambda self: self._has_come(self.text("Fågelvägen, ungefärligt"), self.text("Ingen väg"))
    )

    metres = bench_for(Reader).pupil(number, _term(untouched)).metres

    assert metres is not None
    assert metres < told["metres"][told["nearest_school"]]


def test_a_protected_pupil_is_for_a_person_and_is_not_named(bench_for: Benches, untouched: Town) -> None:
    number = _pupil(untouched, "protected")

    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).pupil(number, _term(untouched))

    assert stop.value.kind == "Skyddade personuppgifter"
    assert number not in stop.value.reason + stop.value.todo


def test_a_map_service_that_is_silent_is_no_distance(bench_for: Benches, untouched: Town) -> None:
    untouched.fault(KEY, "down", path="vag/rows", times=9)

    with pytest.raises(PageNotRecognised, match="karttjänsten svarar inte"):
        bench_for(Reader).pupil(_pupil(untouched), _term(untouched))


def test_what_the_page_says_of_the_pupil_never_stands_in_the_log(run: RunAtWork, untouched: Town, store: Store) -> None:
    reader, number = run.driver(Reader), _pupil(untouched)
    name = untouched.ask(f"/children/{number}")["name"]

    reader.pupil(number, _term(untouched))
    reader.bench.recorder.event("prov", f"Efter: {name}")

    assert [name in event.title for event in run.events() if event.kind == "prov"] == [False]


def test_an_unknown_application_is_for_a_person(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).application("SKJ-1999-0001")
    assert stop.value.kind == "Ansökan finns inte"


# -- applying and proposing -----------------------------------------------------------------------------------------


def test_applies_and_proposes_and_never_decides(writer: Writer, town: Town) -> None:
    number = apply(writer, town)
    proposal = propose(writer, number)

    made = town.truth(KEY)
    assert [(c["kind"], c["about"]) for c in made] == [
        ("application_registered", _pupil(town)), ("proposal_made", number),
    ]  # fmt: skip
    assert (made[0]["facts"]["application"], made[1]["facts"]["proposal"]) == (number, proposal)
    assert writer.application(number).status == "Förslag lämnat"


def test_a_decision_is_refused_by_the_system_itself(writer: Writer, untouched: Town) -> None:
    number = _application(untouched)
    writer.open(f"/ansokningar/{number}", heading=f"Ansökan {number}")
    writer.click(writer.button("Fatta beslut"))

    assert writer.see(writer.text("Du saknar delegation. Beslut fattas av handläggare med delegation."))


def test_a_second_application_for_the_year_is_for_a_person(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException, match="Det finns redan en ansökan") as stop:
        apply(writer, untouched, "already_applied")
    assert stop.value.kind == "Ansökan finns redan"


def test_one_that_comes_in_meanwhile_is_refused_by_the_system(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    right_before_the_click(monkeypatch, lambda: untouched.act(KEY, "apply", pupil=_pupil(untouched)))

    with pytest.raises(EffectRefused, match="Eleven har redan en ansökan"):
        apply(writer, untouched)


def test_somebody_who_is_no_guardian_cannot_apply(writer: Writer, untouched: Town) -> None:
    stranger = untouched.cases(ERRAND, "already_applied")[0]["citizen"]

    with pytest.raises(EffectRefused, match="inte vårdnadshavare"):
        apply(writer, untouched, applicant=stranger)


@pytest.mark.parametrize(
    ("twist", "more", "words"),
    [
        ("alternating_residence", {"residence": ALTERNATING}, "Växelvis boende bedöms av handläggare"),
        ("other_reason", {"reason": "Annat skäl"}, "Skälet Annat skäl bedöms av handläggare"),
        ("special_school", {}, "inte i en kommunal grundskola"),
        ("within_five_percent", {}, "inom 5 % från gränsen"),
    ],
)
def test_where_an_officer_must_look_nothing_is_proposed(
    writer: Writer, town: Town, twist: str, more: dict[str, str], words: str
) -> None:
    number = apply(writer, town, twist, **more)

    with pytest.raises(EffectRefused, match=words):
        propose(writer, number)

    assert town.truth(KEY, "proposal_made") == []


def test_a_proposal_against_the_distance_is_refused(writer: Writer, untouched: Town) -> None:
    with pytest.raises(EffectRefused, match="stämmer inte med avståndet"):
        propose(writer, _application(untouched), REJECT)


def test_waits_for_a_colleague_who_has_the_application_open(writer: Writer, untouched: Town) -> None:
    number = _application(untouched)
    untouched.act(KEY, "lock", number=number)

    with pytest.raises(RecordLocked, match="låst av Berit Handläggare"):
        propose(writer, number)


def test_control_a_lock_that_was_not_seen_is_met_by_the_system(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _application(untouched)
    right_before_the_click(monkeypatch, lambda: untouched.act(KEY, "lock", number=number))

    with pytest.raises(EffectRefused, match="låst av Berit Handläggare"):
        propose(writer, number)


def right_before_the_click(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    send = Writer._send

    def later(self: Writer, button: str) -> None:
        then()
        send(self, button)

    monkeypatch.setattr(Writer, "_send", later)
