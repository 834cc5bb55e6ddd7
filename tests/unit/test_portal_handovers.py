"""Handovers at the desk: who sees them, who has them, and that each is finished by somebody, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from robots.portal.doors.accounts import add_account, change_account
from robots.portal.doors.sessions import new_key
from robots.portal.rights import Role
from robots.queue.orders import cancel
from robots.queue.runs import find_run
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import audit_events, handover_work, orders, outcomes, runs
from robots.task_files import LoadedTasks
from tests.unit.desk_runs import Robot, noted
from tests.unit.desks import Client, Desk, desk_over

PERSON = "19811118-9802"
STEPS = ("take", "give-back", "return", "close")


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened


@pytest.fixture
def robot(desk: Desk, tasks: LoadedTasks) -> Callable[..., Robot]:
    return lambda *told, **typed: Robot(desk, tasks, *told, **typed)


NewRun = Callable[..., Robot]


def handed_over(run: Robot, outcome: str = "handed_over", kind: str = "Arkivet är tomt", reason: str = "Inga träffar",
                todo: str = "Sök i pappersarkivet") -> Robot:  # fmt: skip
    return run.end(run.begin(), outcome, kind, reason, todo)


def page_of(run: Robot) -> str:
    return f"/handovers/{run.id}"


def listed(person: Client, group: str, **chosen: str) -> list[int]:
    """The runs under one heading of the inbox, from the top."""
    shown = person.get("/handovers", params=chosen).text
    under = re.search(rf'<section aria-labelledby="{group}">(.*?)</section>', shown, re.DOTALL)
    return [int(number) for number in re.findall(r'<h3><a href="/handovers/(\d+)"', under.group(1) if under else "")]


def count_in_menu(person: Client) -> int:
    found = re.search(r"Överlämnade&nbsp;\((\d+)\)", person.get("/me").text)
    return int(found.group(1)) if found else 0


def steps(desk: Desk, run: Robot) -> list[tuple[str, str]]:
    """Who has done what with it; looking is not doing."""
    return [each for each in noted(desk.store, run.id) if each[1] != "looked"]


def colleague(desk: Desk, name: str = "maj") -> Client:
    """Somebody more of Gun's team."""
    add_account(desk.store, name, name.capitalize(), roles={Role.GUIDE}, teams={"Samhällsbyggnad"}, by="prov")
    return desk.person(name)


# -- the inbox --------------------------------------------------------------------------------------------------------


def test_the_team_sees_what_waits_for_a_person_with_the_oldest_promise_first(desk: Desk, robot: NewRun) -> None:
    late, later, failed = handed_over(robot()), handed_over(robot()), handed_over(robot(), "failed", "Systemet är nere")
    nightly = handed_over(robot(by="natten", source="schedule"))
    robot().begin()
    handed_over(robot(), "done")
    handed_over(robot(), "cancelled")
    handed_over(robot(dry_run=True))
    for hours, run in enumerate((nightly, late, failed, later), -2):
        with desk.store.begin() as connection:
            at = func.clock_timestamp() + span(hours * 3600 + 60)
            connection.execute(update(runs).where(runs.c.id == run.id).values(deadline_at=at))
    gun = desk.person("gun")
    assert listed(gun, "free") == [nightly.id, late.id, failed.id, later.id]
    shown = gun.get("/handovers").text
    assert shown.count("Lovat svar har passerat") == 2
    for words in (late.case, "Arkivet är tomt", "Inga träffar", "Sök i pappersarkivet", "schema natten"):
        assert words in shown, words
    assert count_in_menu(gun) == 4


def test_the_filters_choose_by_task_reason_and_case(desk: Desk, robot: NewRun) -> None:
    tidy, empty = handed_over(robot(), kind="Sekretess"), handed_over(robot())
    plan = handed_over(robot("send-detail-plan", property_id="EKBACKEN 3:14"))
    gun = desk.person("gun")
    assert set(listed(gun, "free")) == {tidy.id, empty.id, plan.id}
    assert listed(gun, "free", kind="Sekretess") == [tidy.id]
    assert listed(gun, "free", task="send_detail_plan") == [plan.id]
    assert listed(gun, "free", case=f" {empty.case.lower()} ") == [empty.id]
    assert listed(gun, "free", kind="Sekretess", task="send_detail_plan") == []
    assert "<option selected>Sekretess</option>" in gun.get("/handovers?kind=Sekretess").text


def test_who_started_it_reaches_it_and_another_team_does_not(desk: Desk, robot: NewRun) -> None:
    own, foreign = handed_over(robot(by="olle")), handed_over(robot())
    olle = desk.person("olle")
    assert listed(olle, "free") == [own.id]
    assert count_in_menu(olle) == 1
    assert olle.get(page_of(own)).status_code == 200
    assert olle.get(page_of(foreign)).status_code == 404
    for step in STEPS:
        assert olle.send_form(f"{page_of(foreign)}/{step}", reason="x", way="other", done="x").status_code == 404
    assert noted(desk.store, foreign.id) == []


@pytest.mark.parametrize("outcome", ["done", "cancelled", ""])
def test_what_is_no_handover_has_no_page(desk: Desk, robot: NewRun, outcome: str) -> None:
    run = handed_over(robot(), outcome) if outcome else robot()
    gun = desk.person("gun")
    assert gun.get(page_of(run)).status_code == 404
    assert gun.send_form(f"{page_of(run)}/take").status_code == 404
    assert gun.get("/handovers/999").status_code == 404


def test_an_admin_and_an_auditor_look_with_personal_data_covered_and_touch_nothing(desk: Desk, robot: NewRun) -> None:
    run = handed_over(robot(), reason=f"Två träffar på {PERSON}", todo=f"Fråga {PERSON}")
    gun = desk.person("gun")
    gun.send_form(f"{page_of(run)}/close", way="by_hand", done=f"Ringde {PERSON}")
    open_one = handed_over(robot(), reason=f"Två träffar på {PERSON}")
    assert gun.get(page_of(run)).text.count(PERSON) == 3
    for name in ("adam", "rut"):
        person = desk.person(name)
        for page in ("/handovers", "/handovers?closed=true", page_of(run), page_of(open_one)):
            answer = person.get(page)
            assert (answer.status_code, PERSON in answer.text) == (200, False), page
        assert "<textarea" not in person.get(page_of(open_one)).text
        for step in (*STEPS, "assign"):
            assert person.send_form(f"{page_of(open_one)}/{step}", reason="x", way="other", done="x").status_code == 403
        assert count_in_menu(person) == 0
    number = add_account(desk.store, "etjanst", "E-tjänsten", roles=[Role.API], teams=["*"], by="prov")
    program = desk.program(new_key(desk.store, number, "prov", by="prov"))
    assert program.get(page_of(open_one)).status_code == 403
    assert desk.guest().get(page_of(open_one)).status_code == 303


def test_that_it_was_looked_at_is_noted(desk: Desk, robot: NewRun) -> None:
    run = handed_over(robot())
    desk.person("gun").get(page_of(run))
    assert noted(desk.store, run.id) == [("gun", "looked")]


def test_the_page_tells_what_the_robot_had_done(desk: Desk, robot: NewRun) -> None:
    run = robot()
    run.end(run.work(), "handed_over", "Sekretess", "En ritning är hemlig", "Pröva den")
    shown = desk.person("gun").get(page_of(run)).text
    for words in ("Sekretess", "En ritning är hemlig", "Pröva den", "ritningar: M-17", f'href="/runs/{run.id}"',
                  "EKBACKEN 3:14", run.case):  # fmt: skip
        assert words in shown, words


def test_the_case_is_one_click_away(desk: Desk, robot: NewRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    for address, shown in (("", False), ("https://arenden.example/{case_number}", True)):
        monkeypatch.setattr(desk.settings, "case_page", address)
        assert (f'href="https://arenden.example/{run.case}"' in gun.get(page_of(run)).text) is shown


# -- whose it is ------------------------------------------------------------------------------------------------------


def test_one_person_takes_it_and_the_others_see_who(desk: Desk, robot: NewRun) -> None:
    run, gun, maj = handed_over(robot()), desk.person("gun"), colleague(desk)
    assert gun.send_form(f"{page_of(run)}/take").headers["location"] == page_of(run)
    assert gun.send_form(f"{page_of(run)}/take").status_code == 303, "a double click is no fault"
    assert (listed(gun, "mine"), listed(gun, "free")) == ([run.id], [])
    assert (listed(maj, "others"), listed(maj, "free")) == ([run.id], [])
    assert (count_in_menu(gun), count_in_menu(maj)) == (1, 0)
    for step in STEPS:
        answer = maj.send_form(f"{page_of(run)}/{step}", reason="x", way="other", done="x")
        assert (answer.status_code, "Gun har redan tagit den." in answer.text) == (409, True), step
    assert steps(desk, run) == [("gun", "handover_taken")]


def test_of_many_at_once_one_gets_it_and_all_others_are_told_who(desk: Desk, robot: NewRun) -> None:
    run = handed_over(robot())
    people = [desk.person("gun"), *(colleague(desk, f"k{n}") for n in range(5))]
    with ThreadPoolExecutor(len(people)) as hands:
        answers = list(hands.map(lambda person: person.send_form(f"{page_of(run)}/take"), people))
    assert sorted(answer.status_code for answer in answers) == [303, *[409] * 5]
    (step,) = steps(desk, run)
    with desk.store.begin() as connection:
        kept = connection.execute(select(handover_work)).one()
    assert (kept.taken_by, "handover_taken") == step
    assert all(
        f"{step[0].capitalize()} har redan tagit den." in each.text for each in answers if each.status_code > 303
    )


def test_it_is_given_back_to_the_team(desk: Desk, robot: NewRun) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    gun.send_form(f"{page_of(run)}/take")
    for _ in range(2):
        assert gun.send_form(f"{page_of(run)}/give-back").status_code == 303
    assert listed(gun, "free") == [run.id]
    assert steps(desk, run) == [("gun", "handover_taken"), ("gun", "handover_given_back")]


def test_a_leader_gives_it_to_somebody_of_the_team_whoever_has_it(desk: Desk, robot: NewRun) -> None:
    run, gun, lena = handed_over(robot()), desk.person("gun"), desk.person("lena")
    maj = colleague(desk)
    gun.send_form(f"{page_of(run)}/take")
    assert gun.send_form(f"{page_of(run)}/assign", to="gun").status_code == 403
    for nobody in ("olle", "adam", "", "ingen"):
        answer = lena.send_form(f"{page_of(run)}/assign", to=nobody)
        assert (answer.status_code, "Välj någon i teamet." in answer.text) == (422, True), nobody
        assert 'aria-invalid="true"' in answer.text
    assert lena.send_form(f"{page_of(run)}/assign", to="maj").status_code == 303
    assert listed(maj, "mine") == [run.id]
    assert "Lena" not in maj.get("/handovers").text
    assert "lena gav den till en kollega: maj" in maj.get(page_of(run)).text
    assert lena.send_form(f"{page_of(run)}/give-back").status_code == 303
    assert listed(maj, "free") == [run.id]
    change_account(desk.store, "lena", by="adam", teams=["Renhållning"])
    assert desk.person("lena").send_form(f"{page_of(run)}/assign", to="maj").status_code == 404


def test_a_leader_who_only_started_it_does_not_lead_that_team(desk: Desk, robot: NewRun) -> None:
    run = handed_over(robot(by="lena"))
    change_account(desk.store, "lena", by="adam", teams=["Renhållning"])
    lena = desk.person("lena")
    assert "Ge den till någon" not in lena.get(page_of(run)).text
    assert lena.send_form(f"{page_of(run)}/assign", to="gun").status_code == 404


def test_the_count_on_every_page_looks_at_the_open_ones_only(desk: Desk, robot: NewRun) -> None:
    """By the index of those that nobody has settled, which closing and going on take them out of."""
    open_one, closed, done = handed_over(robot()), handed_over(robot()), handed_over(robot())
    gun = desk.person("gun")
    gun.send_form(f"{page_of(closed)}/close", way="other", done="Ringde")
    end(done, sent_back(gun, done), "done")
    gun.get("/handovers")
    with desk.store.begin() as connection:
        left = connection.execute(
            select(outcomes.c.run_id).where(outcomes.c.outcome != "done", ~outcomes.c.settled)
        ).scalars()  # fmt: skip
        assert left.all() == [open_one.id]
    assert count_in_menu(gun) == 1


# -- back to the robot ------------------------------------------------------------------------------------------------


def sent_back(person: Client, run: Robot, reason: str = "Rättat fastigheten") -> int:
    """Let the robot try again. Returns the new run."""
    answer = person.send_form(f"{page_of(run)}/return", reason=reason)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].removeprefix("/runs/"))


def end(run: Robot, run_id: int, *outcome: str) -> None:
    """The run that came after ends."""
    first, run.id = run.id, run_id
    run.end(run.begin(), *outcome)
    run.id = first


def test_it_goes_back_to_the_robot_with_what_was_mended(desk: Desk, robot: NewRun) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    for reason in ("", "   ", "x" * 2001):
        answer = gun.send_form(f"{page_of(run)}/return", reason=reason)
        assert answer.status_code == 422
        assert 'aria-describedby="fault-reason"' in answer.text
    new = sent_back(gun, run)
    assert find_run(desk.store, new).started_by == "gun"
    with desk.store.begin() as connection:
        given = connection.execute(select(orders)).one()
    assert (given.order, given.about, given.by, given.reason) == ("retry", f"K-{run.id}", "gun", "Rättat fastigheten")
    assert listed(gun, "robot") == [run.id]
    assert count_in_menu(gun) == 0
    for step in ("return", "close", "take"):
        answer = gun.send_form(f"{page_of(run)}/{step}", reason="x", way="other", done="x")
        assert (answer.status_code, f"Roboten arbetar med den nu: K-{new}." in answer.text) == (409, True), step
    assert find_run(desk.store, new).state == "queued"


def test_done_by_the_robot_it_closes_by_itself_and_is_shown_as_such(desk: Desk, robot: NewRun) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    new = sent_back(gun, run)
    end(run, new, "done")
    assert gun.get("/handovers").text.count(f"/handovers/{run.id}") == 0
    assert f"Gjort av roboten, K-{new}" in gun.get("/handovers?closed=true").text
    assert "Gjort av roboten" in gun.get(page_of(run)).text
    answer = gun.send_form(f"{page_of(run)}/close", way="by_hand", done="Gjorde det")
    assert f"Roboten har redan gjort klart den: K-{new}." in answer.text
    with desk.store.begin() as connection:
        assert connection.execute(select(func.count()).where(handover_work.c.closed_at.is_not(None))).scalar() == 0


def test_handed_over_again_it_is_one_handover_and_still_the_same_persons(desk: Desk, robot: NewRun) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    promised = find_run(desk.store, run.id).deadline_at
    with desk.store.begin() as connection:
        connection.execute(update(runs).values(deadline_at=promised - (promised - run_created(desk, run)) / 2))
    earlier = find_run(desk.store, run.id).deadline_at
    new = sent_back(gun, run)
    end(run, new, "handed_over", "Arkivet är tomt", "Fortfarande")
    assert (listed(gun, "mine"), listed(gun, "free"), listed(gun, "robot")) == ([new], [], [])
    assert earlier.isoformat() in gun.get("/handovers").text, "the citizen was promised an answer once"
    assert f'href="/handovers/{new}"' in gun.get(page_of(run)).text
    answer = gun.send_form(f"{page_of(run)}/close", way="by_hand", done="Gjorde det")
    assert (answer.status_code, f"på nytt: K-{new}" in answer.text) == (409, True)


def run_created(desk: Desk, run: Robot) -> Any:
    return find_run(desk.store, run.id).created_at


def test_stopped_on_its_way_it_waits_for_a_person_again_and_may_go_back_once_more(desk: Desk, robot: NewRun) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    new = sent_back(gun, run)
    cancel(desk.store, new, by="gun")
    assert listed(gun, "mine") == [run.id]
    assert sent_back(gun, run) > new


# -- closed -----------------------------------------------------------------------------------------------------------


def test_it_is_closed_with_a_way_and_words_by_an_account(desk: Desk, robot: NewRun) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    long = "x" * 2001
    wrong = (("", "Ringde", "way"), ("genväg", "Ringde", "way"), ("by_hand", " ", "done"), ("other", long, "done"))
    for way, done, field in wrong:
        answer = gun.send_form(f"{page_of(run)}/close", way=way, done=done)
        assert (answer.status_code, f'id="fault-{field}"' in answer.text) == (422, True)
        assert done.strip() in answer.text, "what was typed is kept"
    assert steps(desk, run) == []
    closed = {"way": "by_hand", "done": "Skickade kopior ur pappersarkivet"}
    assert gun.send_form(f"{page_of(run)}/close", **closed).headers["location"] == f"/handovers?ended={run.id}"
    assert gun.send_form(f"{page_of(run)}/close", **closed).status_code == 303, "a double click is no fault"
    assert steps(desk, run) == [("gun", "handover_closed")]
    shown = gun.get(f"/handovers?ended={run.id}").text
    assert f"K-{run.id} är avslutad." in shown
    assert count_in_menu(gun) == 0
    listed_closed = gun.get("/handovers?closed=true").text
    assert all(words in listed_closed for words in (run.case, "Gjort för hand", "Gun"))
    assert "Skickade kopior ur pappersarkivet" in gun.get(page_of(run)).text
    with desk.store.begin() as connection:
        kept = str(connection.execute(select(audit_events.c.detail, audit_events.c.reason)).all())
    assert "by_hand" in kept
    assert "pappersarkivet" not in kept, "what was done may name the citizen, and the audit lives longer"
    answer = colleague(desk).send_form(f"{page_of(run)}/take")
    assert (answer.status_code, "Gun har redan avslutat den." in answer.text) == (409, True)


@pytest.mark.parametrize("missing", ["closed_by", "way", "done"])
def test_the_database_itself_lets_nobody_close_nothing(desk: Desk, robot: NewRun, missing: str) -> None:
    run = handed_over(robot())
    values: dict[str, Any] = {"run_id": run.id, "closed_by": "gun", "way": "other", "done": "Ringde"}
    values |= {"closed_at": func.clock_timestamp()}
    values.pop(missing)
    with pytest.raises(IntegrityError, match="closed_by_somebody"), desk.store.begin() as connection:
        connection.execute(insert(handover_work).values(**values))


def test_what_was_closed_long_ago_is_not_listed_and_still_found(desk: Desk, robot: NewRun) -> None:
    run, gun = handed_over(robot()), desk.person("gun")
    gun.send_form(f"{page_of(run)}/close", way="not_needed", done="Hade redan fått dem")
    assert run.case in gun.get("/handovers?closed=true").text
    with desk.store.begin() as connection:
        connection.execute(update(handover_work).values(closed_at=func.clock_timestamp() - span(91 * 86400)))
    assert run.case not in gun.get("/handovers?closed=true").text
    assert "Hade redan fått dem" in gun.get(page_of(run)).text


def test_closed_and_sent_back_at_once_only_one_of_them_happens(desk: Desk, robot: NewRun) -> None:
    gun, maj = desk.person("gun"), colleague(desk)

    def close(run: Robot) -> httpx.Response:
        return gun.send_form(f"{page_of(run)}/close", way="by_hand", done="Gjorde det")

    def send_back(run: Robot) -> httpx.Response:
        return maj.send_form(f"{page_of(run)}/return", reason="Rättat")

    for _ in range(4):
        run = handed_over(robot())
        with ThreadPoolExecutor(2) as hands:
            first, second = hands.submit(close, run), hands.submit(send_back, run)
            answers = [first.result().status_code, second.result().status_code]
        assert sorted(answers) == [303, 409]
        with desk.store.begin() as connection:
            is_closed = connection.execute(
                select(handover_work.c.closed_at.is_not(None)).where(handover_work.c.run_id == run.id)
            ).scalar_one()
            tried = connection.execute(select(func.count()).where(runs.c.earlier_run == run.id)).scalar_one()
        assert (is_closed, tried) == ((True, 0) if answers[0] == 303 else (False, 1))


def test_hostile_words_are_shown_as_words(desk: Desk, robot: NewRun) -> None:
    script = "<script>alert(1)</script>{{ 7 * 7 }}%(x)s"
    run = handed_over(robot(), kind=script, reason=script, todo=script)
    gun = desk.person("gun")
    gun.send_form(f"{page_of(run)}/return", reason="")
    assert "&lt;script&gt;" in gun.send_form(f"{page_of(run)}/close", way=script, done=script).text
    gun.send_form(f"{page_of(run)}/close", way="other", done=script)
    for page in ("/handovers", "/handovers?closed=true", page_of(run), f"/handovers?kind={script}"):
        shown = gun.get(page).text
        assert "<script>" not in shown
        assert "49%" not in shown
