"""What people are told: each thing once, to whom it concerns, no storm, and at night only what cannot wait."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from robots.store.schema import mornings, outcomes, start_runs
from robots.telling import finding
from robots.telling import teller as teller_module
from robots.telling.outbox import Outbox
from robots.telling.people import People
from robots.telling.teller import Teller
from tests.unit.told_people import (
    EVERYBODY,
    QUIET,
    Place,
    assert_told,
    html_of,
    new_run,
    text_of,
)

ARCHIVE = "Ritningsarkivet e-Arkiv Tallinge"


# -- what is told ---------------------------------------------------------------------------------------------------


def test_a_handover_is_told_once_with_why_and_what_to_do(place: Place) -> None:
    place.run_ended(
        "handed_over", "Inga ritningar", reason="Arkivet har inga ritningar för EKBACKEN 1:1.",
        todo="Sök i pappersarkivet.", case_number="KC-2611-0007",
    )  # fmt: skip
    assert place.at("2026-11-09 09:01") == ["Räkna kön lämnade över ärende KC-2611-0007: Inga ritningar"]
    assert place.at("2026-11-09 09:02") == []
    (mail,) = place.office.delivered
    assert mail["To"] == "drift@tallinge.example"
    assert_told("handover", mail)


def test_a_failed_run_is_told(place: Place) -> None:
    place.run_ended("failed", "Felaktig inställning", reason="Systemet map har ingen adress.", case_number="KC-1")
    assert place.at("2026-11-09 09:01") == ["Räkna kön misslyckades för ärende KC-1: Felaktig inställning"]
    assert_told("failed", *place.office.delivered)


def test_starts_that_were_missed_or_are_asked_about_are_told_for_each_schedule(place: Place) -> None:
    for hour in ("01", "02", "03"):
        place.start("missed", f"2026-11-09 {hour}:00", "Ingen schemaläggare var igång då.")
    place.start("asked", "2026-11-09 04:00", "Ingen schemaläggare var igång då.")
    place.start("due", "2026-11-09 05:00", "Uppgiften count finns inte.", waits_for="mending")
    place.start("due", "2026-11-09 06:00", "Startar när schemats dagar och tider tillåter det.", waits_for="hours")
    assert place.at("2026-11-09 09:01") == [
        "Schemat natt missade 3 starter",
        "Schemat natt frågar om starten 2026-11-09 04:00 ska göras",
        "Schemat natt kan inte starta 2026-11-09 05:00",
    ]
    assert_told("starts", *place.office.delivered)


def test_a_breaker_is_told_when_it_opens_and_when_it_closes(place: Place) -> None:
    place.breaker("open", "2026-11-09 09:00")
    assert place.at("2026-11-09 09:01") == [f"Robotarna når inte {ARCHIVE}"]
    place.breaker("closed", "2026-11-09 09:20")
    assert place.at("2026-11-09 09:21") == [f"Robotarna når {ARCHIVE} igen"]
    place.breaker("open", "2026-11-09 11:00", robot="ada", why="Inloggningen nekades.")
    assert place.at("2026-11-09 11:01") == [f"Roboten Ada kommer inte in i {ARCHIVE}"]
    assert_told("breaker", *place.office.delivered)


def test_a_password_that_ends_is_told_at_its_days_and_anew_for_a_new_one(place: Place) -> None:
    file = place.settings.config_dir / "robots.toml"
    written = file.read_text("utf-8")
    file.write_text(f"{written}password_until = {{ all = 2026-11-23 }}\n", "utf-8")
    subjects = [
        subject for day in (9, 10, 16, 19, 20, 22, 23, 24, 25) for subject in place.at(f"2026-11-{day:02} 09:00")
    ]
    assert subjects == [
        f"Lösenordet för roboten Ada {words}"
        for words in (
            "går ut om 14 dagar, den 23 november", "går ut om 7 dagar, den 23 november",
            "går ut om 3 dagar, den 23 november", "går ut i morgon", "går ut i dag", "gick ut den 23 november",
        )
    ]  # fmt: skip
    file.write_text(f"{written}password_until = {{ drawing_archive = 2026-11-28 }}\n", "utf-8")
    assert place.at("2026-11-25 09:01") == [
        f"Lösenordet för roboten Ada i {ARCHIVE} går ut om 3 dagar, den 28 november"
    ]
    assert_told("password", place.office.delivered[-1])


def test_a_run_that_may_miss_its_answer_is_told_while_it_waits(place: Place) -> None:
    with place.store.begin() as connection:
        for state in ("queued", "done"):
            new_run(connection, place.moment, state=state, warned_at=place.moment, case_number="KC-1")
    assert place.at("2026-11-09 09:01") == [
        "Räkna kön: ärende KC-1 kan missa svaret som är lovat till 10 november kl. 09:00"
    ]
    assert_told("deadline", *place.office.delivered)


def test_a_broken_file_is_told_when_it_has_stood_a_minute_and_again_when_it_breaks_again(place: Place) -> None:
    calendar = place.settings.config_dir / "calendar.toml"
    calendar.write_text("[imorgon]\n", "utf-8")
    assert place.at("2026-11-09 09:01:00") == []
    assert place.at("2026-11-09 09:01:59") == []
    assert place.at("2026-11-09 09:02:00") == ["Filen calendar.toml går inte att använda"]
    assert place.at("2026-11-09 12:00:00") == []
    calendar.unlink()
    place.at("2026-11-09 12:01:00")
    (place.settings.schedules_dir / "ny.toml").write_text("title = ", "utf-8")
    place.at("2026-11-09 12:02:00")
    calendar.write_text("[imorgon]\n", "utf-8")
    assert place.at("2026-11-09 12:04:00") == ["Filen ny.toml går inte att använda"]
    assert place.at("2026-11-09 12:06:00") == ["Filen calendar.toml går inte att använda"]


def test_the_list_of_people_that_is_broken_is_told_to_those_who_stood_in_it(place: Place) -> None:
    teller = place.teller()
    teller.look_round()
    place.write("[drift]\nmail = 3\n")
    for now in ("2026-11-09 09:01", "2026-11-09 09:03"):
        place.now = now
        teller.look_round()
        teller.send_round()
    assert place.office.subjects == ["Filen people.toml går inte att använda"]


def test_a_page_that_is_otherwise_is_told_when_the_morning_check_has_ended(place: Place) -> None:
    with place.store.begin() as connection:
        run_id = new_run(connection, place.moment, state="running", task="morning_check_drawing_archive")
        gone = {"sort": "field", "what": "gone", "name": "Kundnr", "relied": True}
        page = {"run_id": run_id, "system": "drawing_archive", "title": ARCHIVE, "since": date(2026, 11, 8)}
        connection.execute(
            insert(mornings),
            [
                page | {"page": "Sök kund", "place": 1, "state": "changed", "changes": [gone], "news": True},
                page | {"page": "Start", "place": 0, "state": "changed", "changes": [gone], "news": False},
            ],
        )
    assert place.at("2026-11-09 09:01") == []
    with place.store.begin() as connection:
        connection.execute(insert(outcomes).values(run_id=run_id, outcome="done", at=place.moment))
    assert place.at("2026-11-09 09:02")[0].startswith(f"{ARCHIVE}: ändrad sedan")
    assert place.at("2026-11-09 09:03") == []
    assert_told("change", *place.office.delivered)


def test_dry_runs_and_what_a_person_cancelled_are_not_told(place: Place) -> None:
    place.run_ended("handed_over", "Prov", dry_run=True)
    place.run_ended("cancelled", "Avbruten")
    place.run_ended("done")
    assert place.at("2026-11-09 09:01") == []


def test_without_people_nothing_is_told_and_whoever_comes_hears_of_what_comes(place: Place) -> None:
    place.write("")
    place.run_ended("failed", "Förr")
    assert place.at("2026-11-09 09:01") == []
    place.write(EVERYBODY)
    assert place.at("2026-11-09 09:02") == []
    place.run_ended("failed", "Nu")
    assert place.at("2026-11-09 09:03") == ["Räkna kön misslyckades för K-2: Nu"]


def test_what_people_typed_and_who_they_are_stays_in_the_house(place: Place) -> None:
    task = place.settings.tasks_dir / "count.py"
    text = task.read_text("utf-8").replace("number: float", "number: float, citizen: PersonalNumber, what: str")
    task.write_text(text.replace("import Run", "import PersonalNumber, Run"), "utf-8")
    inputs = {"number": 1.0, "citizen": "19811118-9802", "what": "Stina Alm, Storgatan 3"}
    place.run_ended(
        "handed_over", "Svårt", inputs=inputs, reason="19811118-9802 eller 811118 9802 vill: Stina Alm, Storgatan 3.",
        todo="Ring 070-174 06 05 eller skriv till stina@alm.example.",
    )  # fmt: skip
    place.at("2026-11-09 09:01")
    (mail,) = place.office.delivered
    for told in (text_of(mail), html_of(mail)):
        assert "vill: ▮▮▮" in told
        assert not any(word in told for word in ("1118", "Stina", "Storgatan", "070", "alm.example"))


# -- to whom --------------------------------------------------------------------------------------------------------

CHOOSING = {
    "kinds": 'kinds = ["breaker"]',
    "tasks": 'tasks = ["other-task"]',
    "owners": 'owners = ["Omsorg"]',
    "inboxes": 'inboxes = ["Bygglov"]',
}


@pytest.mark.parametrize("rule", [*CHOOSING.values(), 'tasks = ["count"]', 'owners = ["Samhällsbyggnad"]', ""])
def test_everybody_hears_of_what_is_theirs(place: Place, rule: str) -> None:
    place.write(f"{EVERYBODY}{rule}\n")
    place.run_ended("handed_over", "Svårt")
    assert len(place.at("2026-11-09 09:01")) == (rule not in CHOOSING.values())


def test_a_case_belongs_to_the_inbox_it_was_read_from(place: Place) -> None:
    place.write(
        '[bygg]\nmail = "bygg@tallinge.example"\ninboxes = ["Bygglov"]\n'
        '[vatten]\nmail = "vatten@tallinge.example"\ninboxes = ["Vatten"]\n'
    )
    place.start("started", "2026-11-09 08:00", "")
    run_id = place.run_ended("handed_over", "Svårt", source="inbox")
    with place.store.begin() as connection:
        reading = new_run(connection, place.moment, state="done", task="read_inbox", inputs={"inbox": "Bygglov"})
        connection.execute(insert(start_runs), [{"start_id": 1, "run_id": each} for each in (reading, run_id)])
    place.at("2026-11-09 09:01")
    assert [mail["To"] for mail in place.office.delivered] == ["bygg@tallinge.example"]


def test_who_is_told_of_systems_hears_of_theirs(place: Place) -> None:
    place.write(
        '[karta]\nmail = "karta@tallinge.example"\nsystems = ["detail_plan_map"]\n'
        '[arkiv]\nmail = "arkiv@tallinge.example"\nsystems = ["drawing_archive"]\n'
    )
    place.breaker("open", "2026-11-09 09:00")
    place.at("2026-11-09 09:01")
    assert [mail["To"] for mail in place.office.delivered] == ["arkiv@tallinge.example"]


# -- no storm -------------------------------------------------------------------------------------------------------


def test_a_hundred_equal_errors_are_one_message_and_one_that_sums_up(place: Place) -> None:
    place.run_ended("failed", "Systemet svarar inte", case_number="KC-0")
    assert len(place.at("2026-11-09 09:01")) == 1
    for minute in (5, 12, 29):
        place.run_ended("failed", "Systemet svarar inte", count=33)
        assert place.at(f"2026-11-09 09:{minute:02}") == []
    assert place.at("2026-11-09 09:30:59") == []
    assert place.at("2026-11-09 09:31:00") == ["Räkna kön misslyckades ytterligare 99 gånger: Systemet svarar inte"]
    assert place.at("2026-11-09 12:00") == []
    assert_told("storm", *place.office.delivered)


def test_control_without_a_window_each_is_a_message(place: Place) -> None:
    place.set(news_minutes=0)
    for number in range(5):
        place.run_ended("failed", "Systemet svarar inte", case_number=f"KC-{number}")
        assert len(place.at("2026-11-09 09:01")) == 1


def test_what_came_at_once_is_one_message_and_another_reason_is_another(place: Place) -> None:
    for number in range(3):
        place.run_ended("handed_over", "Inga ritningar", case_number=f"KC-{number}")
    place.run_ended("handed_over", "Sekretess", case_number="KC-9")
    assert place.at("2026-11-09 09:01") == [
        "Räkna kön lämnade över 3 ärenden: Inga ritningar",
        "Räkna kön lämnade över ärende KC-9: Sekretess",
    ]


def test_a_system_that_comes_and_goes_is_told_of_as_it_stands_in_the_end(place: Place) -> None:
    place.breaker("open", "2026-11-09 09:00")
    place.at("2026-11-09 09:00")
    place.breaker("closed", "2026-11-09 09:05")
    place.at("2026-11-09 09:05")
    for minute in (6, 10, 14):
        place.breaker("open", f"2026-11-09 09:{minute:02}")
        place.breaker("closed", f"2026-11-09 09:{minute + 2:02}")
    assert place.at("2026-11-09 09:20") == []
    assert place.at("2026-11-09 09:30") == [f"Robotarna når {ARCHIVE} igen (3 avbrott sedan 9 november kl. 09:06)"]
    assert place.at("2026-11-09 09:35") == []


# -- quiet hours ----------------------------------------------------------------------------------------------------


def test_what_is_not_urgent_waits_for_the_morning_and_is_one_message(place: Place) -> None:
    place.write(QUIET + 'urgent = ["deadline"]\n')
    place.now = "2026-11-09 23:00"
    place.run_ended("handed_over", "Inga ritningar", case_number="KC-1")
    assert place.at("2026-11-09 23:01") == []
    place.breaker("open", "2026-11-10 02:10")
    assert place.at("2026-11-10 02:11") == []
    place.breaker("closed", "2026-11-10 03:40")
    with place.store.begin() as connection:
        new_run(connection, place.moment, state="queued", warned_at=place.moment, case_number="KC-2")
    assert len(place.at("2026-11-10 03:41")) == 1  # a deadline is urgent here
    assert place.at("2026-11-10 06:59") == []
    assert place.at("2026-11-10 07:00") == ["2 nyheter sedan 9 november kl. 23:01"]
    assert place.at("2026-11-10 07:01") == []
    assert_told("quiet_hours", place.office.delivered[-1])


def test_a_breaker_that_opened_and_closed_at_night_is_told_as_one(place: Place) -> None:
    place.write(QUIET)
    place.breaker("open", "2026-11-09 23:00")
    place.at("2026-11-09 23:00")
    place.breaker("closed", "2026-11-10 00:20")
    place.at("2026-11-10 00:21")
    assert place.at("2026-11-10 07:00") == [f"Robotarna når {ARCHIVE} igen, efter 1 tim 20 min"]


def test_control_who_has_no_quiet_hours_is_told_at_night(place: Place) -> None:
    place.breaker("open", "2026-11-09 23:00")
    assert place.at("2026-11-09 23:00") == [f"Robotarna når inte {ARCHIVE}"]


def test_a_weekend_is_quiet_for_those_who_work_on_workdays(place: Place) -> None:
    place.write(QUIET + 'days = "workdays"\n')
    place.now = "2026-11-14 12:00"  # a Saturday
    place.run_ended("failed", "Fel")
    assert place.at("2026-11-14 12:00") == []
    assert place.at("2026-11-15 09:00") == []
    assert place.at("2026-11-16 07:00") == ["Räkna kön misslyckades för K-1: Fel"]


# -- nothing lost, nothing twice ------------------------------------------------------------------------------------


def test_two_tellers_at_the_same_moment_tell_once(place: Place) -> None:
    for number in range(5):
        place.run_ended("failed", f"Fel {number}")
        both = [place.teller(), place.teller()]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda teller: (teller.look_round(), teller.send_round()), both))
    place.at("2026-11-09 09:01")
    assert sorted(place.office.subjects) == [f"Räkna kön misslyckades för K-{n + 1}: Fel {n}" for n in range(5)]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_what_waited_for_the_morning_is_made_a_message_by_one_of_two(
    place: Place, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looks while the first has made its message and not yet committed it."""
    place.write(QUIET)
    place.now = "2026-11-09 23:00"
    place.run_ended("failed", "Fel")
    place.look()
    place.now = "2026-11-10 07:00"
    made, second_has_looked, make = threading.Event(), threading.Event(), Outbox.make_messages

    def make_and_wait(outbox: Outbox, people: People) -> None:
        make(outbox, people)
        if not made.is_set():
            made.set()
            second_has_looked.wait(1)  # in the control it waits for the first one's rows

    monkeypatch.setattr(Outbox, "make_messages", make_and_wait)
    # How far it has been looked is a row as well, and would let in one at a time where something is to be noted.
    monkeypatch.setattr(teller_module, "note_news", lambda *_: 0)
    if not guarded:
        monkeypatch.setattr(teller_module, "alone", lambda *_: True)
    first = threading.Thread(target=place.look)
    first.start()
    assert made.wait(30)
    place.look()
    second_has_looked.set()
    first.join()
    assert len(place.outbox()) == (1 if guarded else 2)


def test_a_teller_that_dies_in_the_middle_has_done_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.run_ended("failed", "Fel")

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "make_messages", die)
        with pytest.raises(RuntimeError):
            place.look()
    assert len(place.at("2026-11-09 09:01")) == 1


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_what_is_committed_late_is_told_all_the_same(
    place: Place, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that has written its row, and commits when later ones have been told of."""
    monkeypatch.setattr(finding, "MARGIN", timedelta(0))
    if not guarded:
        monkeypatch.setattr(finding, "_UNSEEN", select(func.clock_timestamp()))
    written, looked = threading.Event(), threading.Event()
    teller = Teller(place.settings, place.store)

    def commit_late() -> None:
        with place.store.begin() as connection:
            late = new_run(connection, place.moment, state="failed")
            connection.execute(insert(outcomes).values(run_id=late, outcome="failed", kind="Sent"))
            written.set()
            assert looked.wait(30)

    thread = threading.Thread(target=commit_late)
    thread.start()
    assert written.wait(30)
    with place.store.begin() as connection:
        in_time = new_run(connection, place.moment, state="failed")
        connection.execute(insert(outcomes).values(run_id=in_time, outcome="failed", kind="I tid"))
    teller.look_round()
    looked.set()
    thread.join()
    teller.look_round()
    teller.look_round()
    told = [message.subject for message in place.outbox()]
    both = [f"Räkna kön misslyckades för K-{in_time}: I tid", "Räkna kön misslyckades för K-1: Sent"]
    assert told == both[: 1 + guarded]
