"""One run's page: who sees what of it, what is ordered there, and its pictures and report."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from robots.effects import Ledger
from robots.queue.approvals import questions_of
from robots.queue.attempts import end_attempt
from robots.queue.runs import effects_of, find_run, list_runs
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import audit_events, orders, runs
from robots.task_files import LoadedTasks
from robots.worker.left_for_later import FINISH_IN_CASE
from tests.unit.desk_runs import Robot, noted, seated
from tests.unit.desks import Desk, desk_over
from tests.unit.questions import let_time_pass, waiting_run


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


NewRun = Callable[..., Robot]


@pytest.fixture
def robot(desk: Desk, tasks: LoadedTasks) -> NewRun:
    return lambda *told, **typed: Robot(desk, tasks, *told, **typed)


# -- what is seen -----------------------------------------------------------------------------------------------------


def test_a_guide_reads_all_of_her_run(desk: Desk, robot: NewRun) -> None:
    run = robot()
    run.end(run.work(), "handed_over", "Arkivet är tomt", "Inga ritningar för EKBACKEN 3:14", "Sök i pappersarkivet")
    shown = seated(desk, "gun").get(run.page).text
    for words in (
        "Skicka ritningar", "Överlämnad till handläggare", "Arkivet är tomt", "Inga ritningar för EKBACKEN 3:14",
        "Sök i pappersarkivet", run.case, "Hämta ritningarna", "Hämtade: ritning.pdf",
        "Bekräftad: ritningar, kvittens M-17", "Ärendehantering Artina", f'src="{run.page}/evidence/01-001.jpg"',
        "Bild i steget «Hämta ritningarna»", "stannade",
    ):  # fmt: skip
        assert words in shown, words
    assert "data-live" not in shown, "a run that has ended is not followed"
    assert noted(desk.store, run.id) == [("gun", "looked")]


def test_it_is_there_in_english(desk: Desk, robot: NewRun) -> None:
    run, gun = robot(), seated(desk, "gun")
    run.end(run.work(), "cancelled", "Avbruten")
    gun.send_form("/me", language="en", theme="auto")
    shown = gun.get(run.page).text
    for words in (
        "Who and why",
        "gun (a person)",
        "Fetched: ritning.pdf",
        "Try again",
        "Confirmed: ritningar, receipt",
    ):
        assert words in shown, words


def test_who_looks_is_noted_once_for_a_while_and_then_again(desk: Desk, robot: NewRun) -> None:
    run, gun = robot(), seated(desk, "gun")
    for _ in range(3):
        gun.get(run.page)
    assert noted(desk.store, run.id) == [("gun", "looked")]
    with desk.store.begin() as connection:
        connection.execute(text("alter table audit_events disable trigger user"))
        connection.execute(update(audit_events).values(at=func.clock_timestamp() - span(3600)))
        connection.execute(text("alter table audit_events enable trigger user"))
    gun.get(run.page)
    seated(desk, "lena").get(run.page)
    assert noted(desk.store, run.id) == [("gun", "looked"), ("gun", "looked"), ("lena", "looked")]


@pytest.mark.parametrize(("name", "sees"), [("gun", True), ("lena", True), ("adam", False), ("rut", False)])
def test_personal_data_is_covered_for_those_who_have_no_business_with_it(
    desk: Desk, robot: NewRun, name: str, sees: bool
) -> None:
    run = robot("book-civil-wedding", by="gun", witness_1="Vera Tall", witness_2="Ivar Strand")
    if name == "lena":  # whose team does not marry anybody
        run = robot("send-drawings", property_id="EKBACKEN 3:15", message="Vera Tall, 19811118-9802")
    run.begin()
    picture = run.picture()
    person = seated(desk, name)
    shown = person.get(run.page).text
    assert ("Vera Tall" in shown) is sees
    assert ("Personuppgifter är övertäckta" in shown) is not sees
    assert ("evidence/01-001.jpg" in shown, "1 bild, som ditt konto inte visar." in shown) == (sees, not sees)
    assert (person.get(picture).status_code, person.get(f"{run.page}/report").status_code) == (
        (200, 200) if sees else (403, 403)
    )


@pytest.mark.parametrize(("name", "sees"), [("gun", False), ("lena", True), ("adam", True), ("rut", True)])
def test_errors_and_machines_are_for_those_who_see_the_machinery(
    desk: Desk, robot: NewRun, name: str, sees: bool
) -> None:
    run = robot()
    run.note("step", "Hämta ritningarna")
    run.note("step_stopped", "Hämta ritningarna", seconds=1.5, error="PageNotRecognised: sidan är en annan")
    claimed = run.begin()
    run.note("retry", "Arkivet svarade inte i tid")
    end_attempt(desk.store, claimed, "Arkivet svarade inte i tid")
    shown = seated(desk, name).get(run.page).text
    assert "Försöker igen" in shown
    found = {words: words in shown for words in ("inte i tid", "sidan är en annan", "Maskin")}
    assert found == dict.fromkeys(found, sees)


def test_a_run_that_is_not_reached_is_not_there(desk: Desk, robot: NewRun) -> None:
    run = robot()
    run.work()
    olle, reached = seated(desk, "olle"), seated(desk, "gun")
    looks = [run.page, f"{run.page}/live", f"{run.page}/evidence/01-001.jpg", f"{run.page}/report"]
    for address in looks:
        assert olle.get(address).status_code == 404, address
    assert [reached.get(address).status_code for address in (looks[0], *looks[2:])] == [200, 200, 200]
    for order in ("stop", "retry", "again"):
        assert olle.send_form(f"{run.page}/{order}", reason="nyfiken").status_code == 404
    assert olle.send_form(f"{run.page}/answer", asked="1", send="yes").status_code == 404
    assert ("olle", "looked") not in noted(desk.store, run.id)
    assert find_run(desk.store, run.id).state == "running"


@pytest.mark.parametrize("number", ["4711", "0", "9" * 30, "K-1", "-1", "1.5"])
def test_a_number_that_is_no_runs_is_told_as_a_page_that_is_not_there(desk: Desk, number: str) -> None:
    answer = seated(desk, "rut").get(f"/runs/{number}")
    assert (answer.status_code, "Sidan finns inte" in answer.text) == (404, True)


def test_what_it_waits_for_and_who_wanted_it_are_told(desk: Desk, robot: NewRun) -> None:
    run = robot()
    with desk.store.begin() as connection:
        held = {"held_for": "Väntar på en plats i Ritningsarkivet", "held_until": func.now() + span(3600)}
        connection.execute(update(runs).values(held))
    shown = seated(desk, "gun").get(run.page).text
    assert "Väntar på en plats i Ritningsarkivet" in shown
    assert "Går vidare" in shown
    assert "gun (en person)" in shown
    assert "Ladda om för att se nya steg." in shown, "for those without script"


def test_what_is_left_for_later_is_told_with_the_run_that_makes_it(desk: Desk, robot: NewRun) -> None:
    run = robot()
    claimed = run.work()
    left: dict[str, Any] = {"change": "add_note", "given": "{}", "once": "anteckning", "of_task": "x", "subject": "s"}
    own = LoadedTasks({FINISH_IN_CASE.name: FINISH_IN_CASE})
    later = Robot(desk, own, FINISH_IN_CASE.name, by=f"K-{run.id}", source="batch", case_number=run.case, **left)
    ledger = Ledger(
        desk.store, run_id=run.id, attempt_id=claimed.attempt_id, task="x", case_number=run.case, subject="s"
    )
    ledger.intend("case_management", "add_note", "anteckning")
    run.end(claimed)
    gun = seated(desk, "gun")
    shown = re.sub(r"\s+", " ", gun.get(run.page).text)
    assert "anteckningen väntar" in shown
    assert f'<a href="{later.page}">K-{later.id}</a>' in shown
    assert gun.get(later.page).status_code == 200, "though nobody's team has the task"
    assert seated(desk, "olle").get(later.page).status_code == 404


def test_hostile_words_are_shown_and_run_nothing(desk: Desk, robot: NewRun) -> None:
    words = "<script>alert(1)</script>{{ 7*7 }}\"'><img src=x onerror=alert(1)>"
    run = robot("send-drawings", property_id="EKBACKEN 3:14", message=words)
    run.begin()
    run.note("step", words)
    run.picture(title=words)
    shown = seated(desk, "gun").get(run.page).text
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "{{ 7*7 }}" in shown


# -- what is ordered --------------------------------------------------------------------------------------------------


def test_a_run_is_stopped_with_a_reason_that_is_kept(desk: Desk, robot: NewRun) -> None:
    run, gun = robot(), seated(desk, "gun")
    refused = gun.send_form(f"{run.page}/stop", reason="  ")
    assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (422, True)
    assert find_run(desk.store, run.id).state == "queued"
    for _ in range(2):  # a double click
        answer = gun.send_form(f"{run.page}/stop", reason="fel ärende")
        assert (answer.status_code, answer.headers["location"]) == (303, run.page)
    assert find_run(desk.store, run.id).state == "cancelled"
    shown = gun.get(run.page).text
    assert "Avbruten" in shown
    assert "gun: stoppad, «fel ärende»" in shown
    assert noted(desk.store, run.id).count(("gun", "stopped")) == 1
    with desk.store.begin() as connection:
        assert connection.execute(select(orders.c.order, orders.c.by)).all() == [("cancel", "gun")]


def test_one_that_is_at_work_is_told_to_be_stopping(desk: Desk, robot: NewRun) -> None:
    run, gun = robot(), seated(desk, "gun")
    claimed = run.work()
    gun.send_form(f"{run.page}/stop", reason="fel")
    assert "Stoppas: inget mer sparas" in gun.get(run.page).text
    run.end(claimed, "cancelled", "Avbruten")
    late = gun.send_form(f"{run.page}/stop", reason="fel")
    assert late.status_code == 303


def test_what_has_ended_by_itself_meanwhile_is_told_and_the_words_are_kept(desk: Desk, robot: NewRun) -> None:
    run = robot()
    run.end(run.work())
    answer = seated(desk, "gun").send_form(f"{run.page}/stop", reason="fel ärende")
    assert answer.status_code == 422
    assert "Den är redan avslutad och går inte att avbryta." in answer.text


def test_a_cancelled_run_is_tried_again_once(desk: Desk, robot: NewRun) -> None:
    run, gun = robot(), seated(desk, "gun")
    run.end(run.work(), "cancelled", "Avbruten")
    assert f'action="{run.page}/retry"' in gun.get(run.page).text
    with ThreadPoolExecutor(2) as both:  # a double click that the script has not stopped
        led = {each.headers["location"] for each in both.map(lambda _: gun.send_form(f"{run.page}/retry"), range(2))}
    (new,) = led
    assert new != run.page
    shown = gun.get(new).text
    assert f'href="{run.page}"' in shown
    assert "försök igen" in shown
    old = gun.get(run.page).text
    assert f'href="{new}"' in old
    assert f'action="{run.page}/retry"' not in old


def test_what_is_done_is_made_again_only_with_a_reason_and_tells_what_was_done(desk: Desk, robot: NewRun) -> None:
    run, gun = robot(), seated(desk, "gun")
    run.end(run.work())
    shown = gun.get(run.page).text
    assert re.search(r"Det här är redan gjort \d\d:\d\d, beställt av gun:", shown)
    assert "ritningar, Ärendehantering Artina" in shown
    assert gun.send_form(f"{run.page}/again", reason="").status_code == 422
    assert len(list_runs(desk.store)) == 1
    answer = gun.send_form(f"{run.page}/again", reason="Brevet kom bort")
    assert answer.status_code == 303
    new = gun.get(answer.headers["location"]).text
    assert "gör en gång till, «Brevet kom bort»" in new
    assert gun.send_form(f"{run.page}/retry").status_code == 422
    assert len(list_runs(desk.store)) == 2


@pytest.mark.parametrize("outcome", ["handed_over", "failed"])
def test_what_lies_with_people_is_led_to_its_handover(desk: Desk, robot: NewRun, outcome: str) -> None:
    run, gun = robot(), seated(desk, "gun")
    run.end(run.work(), outcome, "Stopp", "Något")
    assert f'href="/handovers/{run.id}"' in gun.get(run.page).text
    assert gun.send_form(f"{run.page}/retry").status_code == 422
    assert f'href="/handovers/{run.id}"' not in seated(desk, "rut").get(run.page).text
    assert len(list_runs(desk.store)) == 1


@pytest.mark.parametrize(
    ("name", "may"),
    [("gun", {"stop", "retry", "again", "answer"}), ("adam", {"stop"}), ("rut", set())],
)  # fmt: skip
def test_who_may_order_what(desk: Desk, robot: NewRun, name: str, may: set[str]) -> None:
    run, person = robot(), seated(desk, name)
    shown = person.get(run.page).text
    assert (f'action="{run.page}/stop"' in shown) is ("stop" in may)
    for order in ("retry", "again", "answer", "stop"):
        answer = person.send_form(f"{run.page}/{order}", reason="prov", asked="1", send="yes")
        assert (answer.status_code != 403) is (order in may), order
    assert (find_run(desk.store, run.id).state == "cancelled") is ("stop" in may)


# -- look before it leaves --------------------------------------------------------------------------------------------


@pytest.fixture
def asking(desk: Desk) -> int:
    """A run that waits for somebody to have looked; of no team, and started by «gun»."""
    run_id = waiting_run(desk.store)
    with desk.store.begin() as connection:
        connection.execute(update(runs).values(started_by="gun"))
    return run_id


def send(desk: Desk, person: str, run_id: int, answer: str, **more: str) -> Any:
    asked = str(questions_of(desk.store, run_id)[-1].id)
    return seated(desk, person).send_form(f"/runs/{run_id}/answer", **({"asked": asked, "send": answer} | more))


def test_the_filled_form_is_shown_and_sent(desk: Desk, asking: int) -> None:
    shown = seated(desk, "gun").get(f"/runs/{asking}").text
    assert "Ska det här skickas? «bokning»" in shown
    assert "en tunna" in shown
    assert f'src="/runs/{asking}/evidence/01-001.jpg"' in shown
    assert send(desk, "gun", asking, "yes").status_code == 303
    (question,) = questions_of(desk.store, asking)
    assert (question.answer, question.answered_by) == ("send", "gun")
    assert send(desk, "gun", asking, "yes").status_code == 303, "the same click once more"
    assert noted(desk.store, asking).count(("gun", "sent")) == 1
    assert "Ska det här skickas?" not in seated(desk, "gun").get(f"/runs/{asking}").text


def test_no_stops_the_run(desk: Desk, asking: int) -> None:
    assert send(desk, "gun", asking, "no").status_code == 303
    assert (find_run(desk.store, asking).state, effects_of(desk.store, asking)[0].armed_times) == ("cancelled", 0)


def test_only_what_stood_on_the_page_is_answered(desk: Desk, asking: int) -> None:
    refused = send(desk, "gun", asking, "yes", asked="4711")
    assert (refused.status_code, "Den har frågat igen sedan du tittade." in refused.text) == (422, True)
    assert send(desk, "gun", asking, "kanske").status_code == 422
    let_time_pass(desk.store, asking)
    late = send(desk, "gun", asking, "yes")
    assert (late.status_code, "Tiden att svara gick ut" in late.text) == (422, True)
    assert questions_of(desk.store, asking)[0].answer is None


def test_who_may_not_see_the_form_may_not_let_it_leave(desk: Desk, asking: int) -> None:
    for name in ("adam", "rut"):
        shown = seated(desk, name).get(f"/runs/{asking}").text
        assert "en tunna" not in shown
        assert f'action="/runs/{asking}/answer"' not in shown
        assert send(desk, name, asking, "yes").status_code == 403
    assert questions_of(desk.store, asking)[0].answer is None


# -- evidence ---------------------------------------------------------------------------------------------------------


def test_only_what_the_runs_own_events_name_is_served(desk: Desk, robot: NewRun) -> None:
    run, other, gun = robot(), robot(), seated(desk, "gun")
    picture = run.picture()
    other.picture("01-002.jpg")
    (run.recorder.folder / "01-009.jpg").write_bytes(b"not named by any event")
    (run.recorder.folder / "report.html").write_text("<h1>rapport</h1>")
    answer = gun.get(picture)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["content-disposition"].startswith("inline; filename")
    assert answer.headers["cache-control"] == "no-store"
    outside = (
        "01-009.jpg",
        "01-002.jpg",
        "report.html",
        f"..%2F{other.id}%2F01-002.jpg",
        "%2e%2e",
        "",
        "01-001.jpg%00",
    )
    for file in outside:
        assert gun.get(f"{run.page}/evidence/{file}").status_code == 404, file
    assert ("gun", "looked_at_pictures") in noted(desk.store, run.id)


def test_a_picture_that_is_weeded_out_is_told(desk: Desk, robot: NewRun) -> None:
    run = robot()
    run.end(run.work())
    shutil.rmtree(run.recorder.folder)
    gun = seated(desk, "gun")
    assert "bilden är gallrad" in gun.get(run.page).text
    assert gun.get(f"{run.page}/evidence/01-001.jpg").status_code == 404


def test_the_report_is_one_file_with_its_pictures(desk: Desk, robot: NewRun) -> None:
    run = robot()
    run.work()
    answer = seated(desk, "gun").get(f"{run.page}/report")
    assert answer.headers["content-disposition"] == f'attachment; filename="K-{run.id}.html"'
    assert "data:image/jpeg;base64," in answer.text
    assert "Skicka ritningar" in answer.text
    assert ("gun", "downloaded_report") in noted(desk.store, run.id)


def test_the_case_is_linked_to_where_that_is_set(machine: Settings, store: Store, tasks: LoadedTasks) -> None:
    told = machine.model_copy(update={"case_page": "https://arenden.example.se/{case_number}"})
    with desk_over(told, store) as desk:
        run = Robot(desk, tasks)
        assert f'href="https://arenden.example.se/{run.case}"' in seated(desk, "gun").get(run.page).text
