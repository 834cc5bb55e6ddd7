"""Alfrida Färdtjänst through its pages: drafts that save themselves, letters, times, stops. The judge is the town."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from robots.cli.town import LOOKER, Town
from robots.errors import BusinessException, EffectRefused, PageNotRecognised, RecordLocked
from robots.systems.mobility_service import FINAL, FIRST, REMINDER, FileRecord, InterviewTime, Reader, Writer
from robots.systems.once import DRY_RUN_RECEIPT
from robots.systems.view import View
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.kinds import ONCE
from tests.contract.systems.mobility_service import (
    KEY,
    a_time,
    applicant,
    complete,
    incomplete,
    investigation_of,
    open_investigation,
    send_letter,
    workday_in,
)

pytestmark = pytest.mark.browser
TEXT = "Hej! Vi saknar ditt läkarintyg. Skicka in det till oss."


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("viveka")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, in which nothing may have been registered, sent or booked when the test is over."""
    yield town
    assert town.truth(KEY) == []


def drafts(town: Town, twist: str = "normal") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.act(KEY, "drafts", person=applicant(town, twist))
    return found


def opened(town: Town) -> list[dict[str, Any]]:
    return town.truth(KEY, "investigation_opened")


def open_for(writer: Writer, town: Town, twist: str) -> str:
    """As if a task had not looked at the person at all: the application of somebody who may have one."""
    (application,) = writer.file_of(applicant(town)).applications
    papers = writer.papers_of(application)
    return writer.open_investigation(applicant(town, twist), application, papers, interpreter=None, once=ONCE)


# -- reading --------------------------------------------------------------------------------------------------------


def test_reads_the_files_and_what_is_special_about_them(bench_for: Benches, untouched: Town) -> None:
    reader = bench_for(Reader, robot=LOOKER)

    def read(twist: str) -> FileRecord:
        return reader.file_of(applicant(untouched, twist))

    normal = read("normal")
    (application,) = normal.applications
    case = untouched.cases("mobility_application", "normal")[0]
    assert (normal.protected, normal.deceased, normal.resident, normal.obstacle) == (False, False, True, "")
    assert (application.received, application.service) == (date.fromisoformat(case["created"]), "Färdtjänst")
    assert (application.own_words, application.needs_specialist, application.registered_in) == (False, False, "")
    documents = reader.papers_of(application)
    assert {title: d.content[:5] for title, d in documents.items()} == {"Ansökan": b"%PDF-", "Läkarintyg": b"%PDF-"}
    assert read("health_free_text").applications[0].own_words
    assert read("certificate_not_specialist").applications[0].needs_specialist
    missing = read("certificate_missing").applications[0]
    assert (missing.certificate_by, missing.certificate_date, set(missing.papers)) == ("", None, {"Ansökan"})
    assert [read(t).obstacle for t in ("protected", "deceased", "not_resident", "open_investigation_already")] == [
        "Skyddade personuppgifter", "Den sökande är avliden", "Inte folkbokförd i kommunen",
        "Öppen utredning finns redan",
    ]  # fmt: skip
    assert "värk" not in repr(read("health_free_text"))


def test_reads_an_investigation_and_its_letters(bench_for: Benches, untouched: Town) -> None:
    reader = bench_for(Reader, robot=LOOKER)
    today = date.fromisoformat(untouched.ask("/town")["today"])
    told = investigation_of(untouched, "final_notice_due")

    found = reader.investigation(told["number"])

    assert (found.status, found.officer, found.lacks) == (told["status"], told["officer"], "Läkarintyg")
    assert found.reference == told["reference"] != ""
    assert (found.received, found.ask_before) == tuple(date.fromisoformat(told[k]) for k in ("received", "ask_before"))
    assert (found.supplement_came, found.decide_before, found.interview) == (None, None, "")
    letters = reader.letters(told["number"])
    assert [[x.number, x.kind, str(x.due), x.reference] for x in letters] == told["letters"]
    assert [x.kind for x in letters] == ["Bekräftelse på ansökan", FIRST, REMINDER]
    assert letters[-1].due is not None
    assert letters[-1].due < today
    came = reader.investigation(investigation_of(untouched, "supplement_came")["number"])
    assert (came.lacks, came.ask_before) == ("", None)
    assert came.supplement_came is not None
    assert came.decide_before == came.supplement_came + timedelta(days=28)
    untouched.act(KEY, "decide", number=told["number"], outcome="Avslag")
    assert reader.investigation(told["number"]).concluded


def test_who_it_is_never_stands_in_the_log(run: RunAtWork, untouched: Town) -> None:
    reader, number = run.driver(Reader), applicant(untouched, "health_free_text")
    person = untouched.ask(f"/people/{number}")
    told = f"{person['name']}, {person['street']}, {person['phone']}, Jag har haft mycket värk sedan i våras"
    reader.bench.recorder.event("prov", told)

    reader.file_of(number)
    reader.bench.recorder.event("prov", told + " och vill berätta mer.")

    before, after = (event.title for event in run.events() if event.kind == "prov")
    assert person["name"] in before, "without the reading nobody knows that it is a name"
    assert not any(words in after for words in (person["name"], person["street"], person["phone"], "värk"))


def test_reads_the_free_times_of_a_week_however_late(bench_for: Benches, untouched: Town) -> None:
    writer, first = bench_for(Writer, robot="viveka"), date.fromisoformat(untouched.ask("/town")["today"])
    untouched.fault(KEY, "late_list", seconds=1)
    last = first + timedelta(days=6)
    times = [InterviewTime.shown(t["words"]) for t in untouched.act(KEY, "times") if not t["taken"]]

    assert writer.free_times(complete(untouched), first) == tuple(t for t in times if t.day <= last) != ()
    assert writer.free_times(complete(untouched), first + timedelta(days=200)) == ()


# -- the wizard -----------------------------------------------------------------------------------------------------


def test_opens_an_investigation_with_what_the_application_says(writer: Writer, town: Town, run: RunAtWork) -> None:
    receipt = open_investigation(writer, town)

    (application,) = writer.file_of(applicant(town)).applications
    (made,) = opened(town)
    assert application.registered_in == receipt == made["facts"]["investigation"]
    assert made["facts"] | {
        "papers": ["Ansökan", "Läkarintyg"], "inkom": str(application.received), "satt": "E-tjänst",
        "insats": application.service, "tolk": "Nej", "varaktig": application.lasting, "hjalpmedel": "",
        "svarighet": application.difficulty, "intyg": "Bifogas", "intyg_datum": str(application.certificate_date),
        "intyg_av": application.certificate_by,
    } == made["facts"]  # fmt: skip
    sizes = [len(document.content) for document in writer.papers_of(application).values()]
    assert made["facts"]["sizes"] == sizes
    assert drafts(town) == []
    assert run.effect_states() == {ONCE: "CONFIRMED"}


def test_waits_for_what_is_saved_late(writer: Writer, town: Town) -> None:
    town.fault(KEY, "slow", path=r"/falt$", seconds=0.6, times=3)

    open_investigation(writer, town)

    assert opened(town)[0]["facts"]["tolk"] == "Nej"


def _hasty(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goes on as soon as a step is filled in; the system is not as quick."""
    town.fault(KEY, "slow", path=r"/falt$", seconds=2, times=99)
    wait = Writer._await
    monkeypatch.setattr(Writer, "_await", lambda self, wanted: "sparade" in str(wanted) or wait(self, wanted))


def test_control_in_haste_nothing_of_a_step_is_saved(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hasty(untouched, monkeypatch)

    with pytest.raises(EffectRefused, match="Ansökan inkom: fyll i uppgiften"):
        open_investigation(writer, untouched)


class Killed(BaseException):
    """Stands for kill -9: nothing in the toolkit may catch it."""


def _die_at(name: str, writer: Writer, town: Town) -> dict[str, Any]:
    """The draft that is left when the process dies in front of this step of the work."""

    def kill(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as deadly:
        deadly.setattr(Writer, name, kill)
        with pytest.raises(Killed):
            open_investigation(writer, town)
    (draft,) = drafts(town)
    return draft


def _answered_otherwise(writer: Writer, town: Town) -> None:
    """An own draft of an earlier attempt has another answer than the application in one place."""
    draft = _die_at("_demand_summary", writer, town)
    address = f"{writer.bench.settings.url}/utkast/{draft['id']}/falt"
    assert writer.bench.context.request.post(address, form={"falt": "tolk", "varde": "Framgår inte"}).ok


def test_a_draft_without_what_was_filled_in_is_not_registered(
    writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the waiting ever fail, the last page still tells what the system has."""
    _answered_otherwise(writer, untouched)
    _hasty(untouched, monkeypatch)

    with pytest.raises(PageNotRecognised, match="Behov av tolk"):
        open_investigation(writer, untouched)


def test_control_without_both_looks_a_wrong_answer_is_registered(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answered_otherwise(writer, town)
    _hasty(town, monkeypatch)
    monkeypatch.setattr(Writer, "_demand_summary", lambda *_: None)

    open_investigation(writer, town)

    assert [made["facts"]["tolk"] for made in opened(town)] == ["Framgår inte"]


def test_an_own_draft_is_continued_and_not_doubled(run: RunAtWork, town: Town) -> None:
    assert _die_at("_demand_summary", run.driver(Writer), town)["values"]["varaktig"] == "Ja"
    run.die_and_try_again()

    receipt = open_investigation(run.driver(Writer), town)

    assert [made["facts"]["investigation"] for made in opened(town)] == [receipt]
    assert drafts(town) == []


def test_control_without_the_look_for_drafts_one_is_left_behind(
    run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _die_at("_fill_step", run.driver(Writer), town)
    run.die_and_try_again()
    rows = Writer._rows
    monkeypatch.setattr(Writer, "_rows", lambda self, css, absent: [] if css == "#utkast" else rows(self, css, absent))

    open_investigation(run.driver(Writer), town)

    assert len(drafts(town)) == 1


@pytest.mark.parametrize("tidy", [True, False], ids=["", "control"])
def test_a_dry_run_leaves_no_draft_behind(
    bench_for: Benches, untouched: Town, tidy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = bench_for.new_run("viveka", dry_run=True).driver(Writer)
    if not tidy:
        monkeypatch.setattr(Writer, "_remove_draft", lambda *_: None)

    assert open_investigation(writer, untouched) == DRY_RUN_RECEIPT

    assert len(drafts(untouched)) == (not tidy)


def test_a_colleagues_draft_is_a_matter_for_a_person(writer: Writer, untouched: Town) -> None:
    untouched.act(KEY, "leave_draft", person=applicant(untouched), reference="Telefon", inkom="2026-01-01")

    with pytest.raises(BusinessException) as stop:
        open_investigation(writer, untouched)

    assert stop.value.kind == "Påbörjat utkast"
    assert [draft["values"] for draft in drafts(untouched)] == [{"inkom": "2026-01-01"}]


def test_what_could_not_be_saved_is_told(writer: Writer, untouched: Town) -> None:
    untouched.fault(KEY, "down", path=r"/falt$", seconds=1)

    with pytest.raises(PageNotRecognised, match="Uppgifterna kunde inte sparas"):
        open_investigation(writer, untouched)


def test_a_login_that_ends_while_the_page_saves_is_renewed_and_the_draft_is_the_same(
    writer: Writer, town: Town
) -> None:
    town.fault(KEY, "logged_out", path=r"/falt$")

    open_investigation(writer, town)

    assert len(opened(town)) == 1
    assert drafts(town) == []


@pytest.mark.parametrize(
    ("twist", "kind"),
    [("protected", "Skyddade personuppgifter"), ("deceased", "Den sökande är avliden"),
     ("not_resident", "Inte folkbokförd i kommunen"), ("open_investigation_already", "Öppen utredning finns redan")],
)  # fmt: skip
def test_stops_before_anything_is_begun(writer: Writer, untouched: Town, twist: str, kind: str) -> None:
    with pytest.raises(BusinessException) as stop:
        open_for(writer, untouched, twist)

    assert stop.value.kind == kind
    assert drafts(untouched, twist) == []


def test_control_without_the_stop_a_protected_person_gets_an_investigation(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileRecord, "obstacle", "")

    open_for(writer, town, "protected")

    assert [made["about"] for made in opened(town)] == [applicant(town, "protected")]


def test_a_certificate_that_the_system_does_not_accept_is_not_registered(writer: Writer, untouched: Town) -> None:
    person = applicant(untouched, "certificate_not_specialist")
    (application,) = writer.file_of(person).applications

    with pytest.raises(EffectRefused, match="kräver intyg från specialistläkare"):
        writer.open_investigation(person, application, writer.papers_of(application), interpreter=None, once=ONCE)


def test_an_application_without_certificate_is_registered_as_incomplete(writer: Writer, town: Town) -> None:
    person = applicant(town, "certificate_missing")
    (application,) = writer.file_of(person).applications

    receipt = writer.open_investigation(
        person, application, writer.papers_of(application), interpreter=True, once=ONCE
    )  # fmt: skip

    assert opened(town)[0]["facts"]["papers"] == ["Ansökan"]
    assert writer.investigation(receipt).lacks == "Läkarintyg"


# -- letters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("twist", "kind"), [("normal", FIRST), ("reminder_due", REMINDER), ("final_notice_due", FINAL)]
)
def test_sends_the_letter_that_is_due(writer: Writer, town: Town, twist: str, kind: Any) -> None:
    number, due = investigation_of(town, twist)["number"], workday_in(14)

    receipt = writer.send_letter(number, kind, due, TEXT, once=ONCE)

    (made,) = town.truth(KEY, "letter_sent")
    assert made["facts"]["reference"].startswith("R-")
    assert made["facts"] | {"letter": receipt, "letter_kind": kind, "due": str(due), "text": TEXT} == made["facts"]
    assert (writer.letters(number)[-1].number, writer.letters(number)[-1].due) == (receipt, due)


def test_whose_letter_it_is_is_hidden_before_its_picture_is_taken(
    writer: Writer, untouched: Town, run: RunAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen = untouched.cases("mobility_supplement", "normal")[0]["citizen"]
    name = untouched.ask(f"/people/{citizen}")["name"]

    def tell(self: Writer, *_: object, **__: object) -> None:
        self.bench.recorder.event("prov", f"I bild: {name}")
        raise Killed

    writer.bench.recorder.event("prov", f"Före: {name}")
    monkeypatch.setattr(Writer, "commit", tell)
    with pytest.raises(Killed):
        send_letter(writer, untouched)

    before, pictured = (event.title for event in run.events() if event.kind == "prov")
    assert name in before
    assert name not in pictured


def test_control_without_waiting_the_template_takes_the_place_of_the_letter(
    writer: Writer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    see, ready = View.see, Writer._demand_ready

    def late(self: Writer, button: Any) -> Any:
        see(self, self.text("Mallen för begäran om komplettering är inlagd."))
        return ready(self, button)

    monkeypatch.setattr(
        View, "see", lambda self, thing, **more: thing if "Mallen" in str(thing) else see(self, thing, **more)
    )  # fmt: skip
    monkeypatch.setattr(Writer, "_demand_ready", late)

    send_letter(writer, town)

    (made,) = town.truth(KEY, "letter_sent")
    assert made["facts"]["text"] != TEXT


@pytest.mark.parametrize(
    ("twist", "kind", "said"),
    [("supplement_came", FIRST, "Inget saknas"), ("protected", FIRST, "Skyddade personuppgifter"),
     ("normal", REMINDER, "innan begäran om komplettering har skickats")],
)  # fmt: skip
def test_a_letter_that_must_not_go_is_not_sent(
    writer: Writer, untouched: Town, twist: str, kind: Any, said: str
) -> None:
    with pytest.raises(EffectRefused, match=said):
        writer.send_letter(investigation_of(untouched, twist)["number"], kind, workday_in(14), TEXT, once=ONCE)


def test_what_a_colleague_works_in_is_tried_again_later(writer: Writer, untouched: Town) -> None:
    untouched.act(KEY, "lock", number=incomplete(untouched))

    with pytest.raises(RecordLocked, match="Siv Malm"):
        send_letter(writer, untouched)

    assert writer.investigation(incomplete(untouched)).locked_by == "Siv Malm"


# -- interview times ------------------------------------------------------------------------------------------------


def test_books_a_time(writer: Writer, town: Town) -> None:
    time = a_time(town)

    receipt = writer.book_interview(complete(town), time, "Telefon", once=ONCE)

    (made,) = town.truth(KEY, "interview_booked")
    assert (made["facts"]["booking"], made["facts"]["time"], made["facts"]["form"]) == (receipt, time.words, "Telefon")
    found = writer.investigation(complete(town))
    assert (found.interview, found.status) == (time.words, "Intervju bokad")


def test_a_time_that_is_gone_is_not_booked(writer: Writer, untouched: Town) -> None:
    untouched.act(KEY, "take_time", words=a_time(untouched).words)

    with pytest.raises(BusinessException) as stop:
        writer.book_interview(complete(untouched), a_time(untouched), "Besök", once=ONCE)

    assert stop.value.kind == "Tiden är upptagen"


def test_a_time_that_somebody_takes_in_the_same_moment_is_not_booked(
    writer: Writer, untouched: Town, run: RunAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = Writer._demand_ready

    def taken(self: Writer, button: Any) -> Any:
        untouched.act(KEY, "take_time", words=a_time(untouched).words)
        return ready(self, button)

    monkeypatch.setattr(Writer, "_demand_ready", taken)

    with pytest.raises(EffectRefused, match="är inte längre ledig"):
        writer.book_interview(complete(untouched), a_time(untouched), "Besök", once=ONCE)

    assert run.effect_states() == {ONCE: "REFUSED"}


def test_an_application_that_is_not_complete_gets_no_time(writer: Writer, untouched: Town) -> None:
    with pytest.raises(EffectRefused, match="inte komplett"):
        writer.book_interview(incomplete(untouched), a_time(untouched), "Besök", once=ONCE)


# -- rights ---------------------------------------------------------------------------------------------------------


def test_nothing_leads_to_a_decision_and_its_page_is_refused(writer: Writer, untouched: Town) -> None:
    number = investigation_of(untouched, "supplement_came")["number"]
    writer.investigation(number)

    assert writer.part("a, button", saying="eslut").count() == 0
    writer.open(f"/utredningar/{number}/beslut", heading="Behörighet saknas")
    assert writer.said(r"(Du saknar delegation att bedöma och besluta)")
    assert not [name for name in dir(Writer) if "decide" in name or "assess" in name]


def test_who_may_only_look_finds_no_form(bench_for: Benches, untouched: Town) -> None:
    reader = bench_for(Reader, robot=LOOKER)

    with pytest.raises(PageNotRecognised, match="Behörighet saknas"):
        reader.free_times(complete(untouched), date.today())
    reader.file_of(applicant(untouched))
    assert reader.link("Ny utredning").count() == 0
