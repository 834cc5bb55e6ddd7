"""Treklöver Familjerätt through its windows: message boxes, locks, every stop. The judge is the town."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route

from robots.cli.town import Town
from robots.errors import BusinessException, EffectRefused, EffectUncertain, PageNotRecognised, RecordLocked
from robots.fields import CaseNumber
from robots.systems.family_law import PATERNITY, REMINDER, SUMMONS, Notification, Reader, Writer
from robots.systems.family_law import driver as law_driver
from robots.systems.once import DRY_RUN_RECEIPT, effects_of
from robots.systems.view import View
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.family_law import KEY, akt_of, approved, case_of, free_time

pytestmark = pytest.mark.browser
COLLEAGUE = "Berit Holm"


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("viveka")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been changed when the test is over."""
    yield town
    assert town.truth(KEY) == []


def begun(town: Town, twist: str = "akt_exists") -> str:
    return str(akt_of(town, twist)["number"])


def locked_by(town: Town, akt: str) -> str:
    return str(town.act(KEY, "akter", number=akt)[0]["locked_by"])


def notified(reader: Reader, town: Town, twist: str) -> Notification:
    told = reader.notification(case_of(town, twist))
    assert told
    return told


def in_front_of(driver: Reader, path: str, then: Callable[[], Any]) -> None:
    """Do something when the first request for the path is on its way."""
    waiting = [then]

    def let_through(route: Route) -> None:
        if waiting:
            waiting.pop()()
        route.fallback()

    driver.bench.context.route(f"**{path}", let_through)


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("twist", "reminders"), [("akt_exists", 0), ("three_reminders", 3)])
def test_reads_an_akt_with_all_that_lies_in_it(bench_for: Benches, untouched: Town, twist: str, reminders: int) -> None:
    told = akt_of(untouched, twist)

    found = bench_for(Reader).akt(told["number"])

    assert (found.kind, found.form, found.case_number, found.status) == (
        PATERNITY, "Förenklad", case_of(untouched, twist), "Öppen",
    )  # fmt: skip
    assert [p.personal_number for p in found.parties] == [p["personal_number"] for p in told["parties"]]
    assert (found.reminders, found.protocols) == (reminders, ())
    assert [str(letter.sent) for letter in found.letters] == [letter["sent"] for letter in told["letters"]]
    assert found.latest_letter == max(letter.sent for letter in found.letters)
    assert [visit.status for visit in found.visits] == ["Uteblivet"]


def test_reads_whether_a_protocol_is_approved(bench_for: Benches, untouched: Town) -> None:
    reader, told = bench_for(Reader), approved(untouched)

    (protocol,) = reader.akt(told["number"]).protocols

    assert (protocol.number, protocol.approved, protocol.reported) == (told["protocols"][0]["number"], True, None)


@pytest.mark.parametrize(
    ("twist", "minor", "married", "abroad", "together", "doubt"),
    [
        ("normal", False, False, False, True, False),
        ("minor_parent", True, False, False, False, False),
        ("married", False, True, False, True, False),
        ("foreign_residence", False, False, True, False, False),
        ("not_same_address", False, False, False, False, False),
        ("doubt", False, False, False, True, True),
    ],
)
def test_reads_what_parents_have_notified(
    bench_for: Benches, untouched: Town, *, twist: str, minor: bool, married: bool, abroad: bool, together: bool,
    doubt: bool,
) -> None:  # fmt: skip
    told = notified(bench_for(Reader), untouched, twist)

    assert any(p.minor for p in told.parents) is minor
    assert any(p.married for p in told.parents) is married
    assert any(p.abroad for p in told.parents) is abroad
    assert (told.same_address, told.doubt, told.protected) == (together, doubt, False)
    assert (told.child is None) is (told.due is not None) is (twist != "not_same_address")


def test_of_a_protected_family_nothing_is_told(bench_for: Benches, untouched: Town) -> None:
    told = notified(bench_for(Reader), untouched, "protected")

    assert (told.protected, told.parents, told.due, told.child) == (True, (), None, None)


def test_names_and_addresses_never_stand_in_the_log(run: RunAtWork, untouched: Town) -> None:
    reader = run.driver(Reader)
    name = untouched.ask(f"/people/{untouched.cases('parenthood', 'normal')[0]['citizen']}")["name"]
    reader.bench.recorder.event("prov", f"Före: {name}")

    told = notified(reader, untouched, "normal")
    reader.bench.recorder.event("prov", f"Efter: {name}, {told.parents[0].address}")

    before, after = (event.title for event in run.events() if event.kind == "prov")
    assert name in before, "without the reading nobody knows that it is a name"
    assert name not in after
    assert told.parents[0].address.partition(",")[0] not in after
    assert name not in repr(told)


def test_a_locked_akt_can_be_read(bench_for: Benches, untouched: Town) -> None:
    akt = begun(untouched)
    untouched.act(KEY, "lock", akt=akt, by=COLLEAGUE)

    assert bench_for(Reader).akt(akt).number == akt


def test_control_the_lock_is_told_in_a_message_box(
    bench_for: Benches, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    akt, reader = begun(untouched), bench_for(Reader)
    untouched.act(KEY, "lock", akt=akt, by=COLLEAGUE)
    monkeypatch.setattr(reader, "expect_dialog", lambda words: reader._expected_dialogs.add(law_driver.TO_DO))

    with pytest.raises(PageNotRecognised, match="Akten är låst av Berit Holm"):
        reader.akt(akt)


def test_the_box_that_comes_by_itself_stops_nobody_who_knows_it(bench_for: Benches, untouched: Town) -> None:
    reader = bench_for(Reader)
    with reader.page.expect_event("dialog"):  # it comes on a timer, after the page
        reader._open_register("Besökstider")

    reader._demand_no_surprise()
    assert law_driver.TO_DO not in reader._expected_dialogs, "it came, and was answered"


def test_control_the_box_that_comes_by_itself_stops_whoever_does_not_know_it(
    bench_for: Benches, untouched: Town
) -> None:
    reader = bench_for(Reader)

    def open_slowly() -> None:
        with reader.page.expect_event("dialog"):  # it comes on a timer, after the page
            reader.open("/", heading=law_driver.SHELL)
        reader._demand_no_surprise()

    with pytest.raises(PageNotRecognised, match="Du har bevakningar"):
        open_slowly()


def marked(town: Town) -> str:
    return str(next(a["number"] for a in town.act(KEY, "akter") if a["marking"] == "Varning"))


def test_a_marked_akt_is_a_persons(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).akt(marked(untouched))

    assert stop.value.kind == "Märkt akt"


def test_control_a_box_lies_over_a_marked_akt(
    bench_for: Benches, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = bench_for(Reader)
    monkeypatch.setattr(law_driver, "_demand_unmarked", lambda _row: None)

    def read_slowly() -> None:
        with reader._window_of(marked(untouched)) as card:
            for _ in range(100):  # the box comes on a timer, in the frame
                if not reader._surprises:
                    card.frame.page.wait_for_timeout(50)

    with pytest.raises(PageNotRecognised, match="Varning: läs anteckningen"):
        read_slowly()


@pytest.mark.parametrize("path", [r"^/akter$", r"^/akt/[^/]+$", r"^/akt/[^/]+/protokoll$"])
@pytest.mark.usefixtures("logged_out")
def test_a_login_that_ends_in_a_frame_or_a_window_is_renewed_once(run: RunAtWork, untouched: Town, path: str) -> None:
    reader, akt = run.driver(Reader), begun(untouched)
    reader.free_times(date(1999, 1, 1), date(1999, 1, 2))
    untouched.fault(KEY, "logged_out", path=path)

    assert reader.akt(akt).number == akt
    assert [event.kind for event in run.events()].count("login") == 2


def test_tells_the_free_times(bench_for: Benches, untouched: Town) -> None:
    first = date.fromisoformat(untouched.ask("/town")["today"])
    last = first + timedelta(days=14)
    told = [f"{day}T{hour}:00" for day, hour in untouched.act(KEY, "free_times") if day <= str(last)]

    assert [at.isoformat() for at in bench_for(Reader).free_times(first, last)] == told != []


def test_tells_what_has_been_made_in_an_akt_and_under_which_reference(run: RunAtWork, town: Town) -> None:
    writer, akt = run.driver(Writer), begun(town)
    receipt = writer.send_letter(akt, REMINDER, "Hej!", once="påminnelse")

    found = writer.references(akt)

    (mark,) = (made["facts"]["reference"] for made in town.truth(KEY))
    entries = [e for e in town.act(KEY, "entries") if e["akt"] == akt]
    assert found == {e["record"]: e["reference"] for e in entries}
    assert (found[akt], found[receipt]) == ("", mark)


# -- changing -------------------------------------------------------------------------------------------------------


def test_opens_an_akt_from_a_notification(writer: Writer, town: Town) -> None:
    told = notified(writer, town, "normal")

    receipt = writer.open_akt(told, once="akt")

    (made,) = town.truth(KEY)
    assert (made["about"], made["by"], made["facts"]["akt"]) == (told.case_number, "robot.viveka", receipt)
    assert made["facts"]["parents"] == [parent.personal_number for parent in told.parents]
    assert made["facts"]["reference"].startswith("R-")
    assert writer.open_akter(told.parents[0].personal_number or _nobody()) == (receipt,)


def _nobody() -> Any:
    raise AssertionError("a parent without a number")


@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("minor_parent", "Minderårig förälder"),
        ("married", "Gift förälder"),
        ("foreign_residence", "Förälder bosatt utomlands"),
        ("not_same_address", "Inte samma adress"),
        ("doubt", "Tvekan om föräldraskapet"),
        ("akt_exists", "Akten finns redan"),
        ("three_reminders", "Akten finns redan"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_what_is_not_for_simplified_confirmation_goes_to_a_person(
    writer: Writer, untouched: Town, twist: str, kind: str
) -> None:
    with pytest.raises(BusinessException) as stop:
        writer.open_akt(notified(writer, untouched, twist), once="akt")

    assert stop.value.kind == kind
    assert stop.value.todo


def test_a_letter_is_written_in_the_frame_of_its_window(writer: Writer, town: Town) -> None:
    akt = begun(town)

    receipt = writer.send_letter(akt, REMINDER, "Hej!\nRing oss gärna.", once="påminnelse")

    (made,) = town.truth(KEY)
    assert (made["facts"]["letter"], made["facts"]["text"]) == (receipt, "Hej!\nRing oss gärna.")
    assert writer.akt(akt).reminders == 1


@pytest.mark.parametrize(
    ("twist", "letter", "kind"),
    [
        ("three_reminders", REMINDER, "Ingen kontakt efter tre påminnelser"),
        ("akt_exists", SUMMONS, "Systemet nekade"),
    ],
)
def test_a_letter_out_of_order_is_refused(writer: Writer, untouched: Town, twist: str, letter: str, kind: str) -> None:
    with pytest.raises(EffectRefused) as stop:
        writer.send_letter(begun(untouched, twist), letter, "Hej!", once="brev")

    assert stop.value.kind == kind


def test_a_reminder_before_two_weeks_is_refused(writer: Writer, town: Town) -> None:
    akt = begun(town)
    writer.send_letter(akt, REMINDER, "Hej!", once="påminnelse 1")

    with pytest.raises(EffectRefused) as stop:
        writer.send_letter(akt, REMINDER, "Hej!", once="påminnelse 2")
    assert stop.value.kind == "För tidigt att påminna"
    town.act(KEY, "let_days_pass", akt=akt, days=14)
    writer.send_letter(akt, REMINDER, "Hej!", once="påminnelse 3")

    assert len(town.truth(KEY)) == 2


def test_a_time_that_somebody_was_first_to_take(writer: Writer, town: Town) -> None:
    akt, at = begun(town), free_time(town)
    in_front_of(writer, "/ny/bokning", lambda: town.act(KEY, "take_slot", day=str(at.date()), hour=f"{at:%H:%M}"))

    with pytest.raises(EffectRefused) as stop:
        writer.book_visit(akt, at, once="besök")
    assert stop.value.kind == "Tiden är upptagen"
    writer.book_visit(akt, free_time(town), once="annan tid")

    assert [c["facts"]["day"] for c in town.truth(KEY)] != []


def test_skatteverket_is_noted_only_when_an_official_has_approved(writer: Writer, town: Town) -> None:
    akt = begun(town)
    protocol = writer.prepare_protocol(akt, once="protokoll")
    assert [p.status for p in writer.akt(akt).protocols] == ["Utkast"]

    with pytest.raises(EffectRefused) as stop:
        writer.note_reported(akt, protocol, date.today(), once="anmält för tidigt")
    assert stop.value.kind == "Protokollet är inte godkänt"
    town.act(KEY, "approve", protocol=protocol)
    writer.note_reported(akt, protocol, date.today(), once="anmält")

    assert [c["kind"] for c in town.truth(KEY)] == ["protocol_prepared", "reported_to_skatteverket"]
    assert writer.akt(akt).protocols[0].reported == date.today()


def test_there_is_no_way_to_approve_and_the_system_refuses_it(writer: Writer, untouched: Town) -> None:
    assert not any("approv" in name or "decide" in name for name in effects_of(Writer))
    protocol = next(p["number"] for a in untouched.act(KEY, "akter") for p in a["protocols"] if p["status"] == "Utkast")
    writer.free_times(date(1999, 1, 1), date(1999, 1, 2))

    answer = writer.bench.context.request.post(f"{writer._entry}/protokoll/{protocol}/godkann")

    assert (answer.status, "Du saknar delegation" in answer.text()) == (403, True)


# -- boxes and locks ------------------------------------------------------------------------------------------------


def test_another_question_than_the_known_one_saves_nothing(writer: Writer, untouched: Town) -> None:
    writer.timeout = 1.0  # nobody answers a question that was answered with no
    untouched.fault(KEY, "label_renamed", old="Vill du spara uppgifterna?", new="Vill du gallra akten?", times=9)

    with pytest.raises(EffectUncertain):
        writer.add_note(begun(untouched), "Hej", once="anteckning")


def test_a_locked_akt_is_not_changed(writer: Writer, untouched: Town) -> None:
    akt = begun(untouched)
    untouched.act(KEY, "lock", akt=akt, by=COLLEAGUE)

    with pytest.raises(RecordLocked, match=COLLEAGUE):
        writer.add_note(akt, "Hej", once="anteckning")

    assert locked_by(untouched, akt) == COLLEAGUE


@pytest.mark.parametrize("path", ["/ny/anteckning", "/journal"])
def test_a_colleague_who_locks_it_on_the_way(writer: Writer, untouched: Town, path: str) -> None:
    akt = begun(untouched)
    in_front_of(writer, path, lambda: untouched.act(KEY, "lock", akt=akt, by=COLLEAGUE))

    with pytest.raises(RecordLocked, match=COLLEAGUE):
        writer.add_note(akt, "Hej", once="anteckning")


def test_a_lock_that_comes_before_the_save_is_refused(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    akt, saving = begun(untouched), Writer._save

    def lock_and_save(self: Writer, form: View) -> None:
        untouched.act(KEY, "lock", akt=akt, by=COLLEAGUE)
        saving(self, form)

    monkeypatch.setattr(Writer, "_save", lock_and_save)
    with pytest.raises(EffectRefused) as stop:
        writer.add_note(akt, "Hej", once="anteckning")

    assert stop.value.kind == "Låst av en kollega"


def refuse(writer: Writer, akt: str) -> None:
    with pytest.raises(EffectRefused):
        writer.send_letter(akt, SUMMONS, "Hej!", once="brev")


def test_what_was_refused_leaves_no_lock(writer: Writer, untouched: Town) -> None:
    akt = begun(untouched)
    refuse(writer, akt)

    assert locked_by(untouched, akt) == ""


def test_a_dry_run_leaves_no_lock(bench_for: Benches, untouched: Town) -> None:
    akt = begun(untouched)

    assert bench_for(Writer, dry_run=True).add_note(akt, "Hej", once="anteckning") == DRY_RUN_RECEIPT

    assert locked_by(untouched, akt) == ""


def test_control_a_window_that_is_just_closed_leaves_the_akt_locked(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    akt = begun(untouched)
    monkeypatch.setattr(Writer, "_leave", lambda *_: None)
    refuse(writer, akt)

    assert locked_by(untouched, akt) == "Viveka (robot)"


def test_a_number_that_nobody_has_is_a_persons(writer: Writer, untouched: Town) -> None:
    assert writer.notification(CaseNumber("KC-99120001-5")) is None
    with pytest.raises(BusinessException, match="finns inte"):
        writer.add_note("FR-1999-0001", "Hej", once="anteckning")
