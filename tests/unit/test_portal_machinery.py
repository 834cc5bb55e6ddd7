"""What leaders and admins see and change: figures, the machinery, accounts, the audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, insert, select

from robots.effects import STOPPED_COMMITS
from robots.local_time import moment_of
from robots.portal.doors.sessions import keys_of
from robots.queue.pauses import pauses_now
from robots.queue.runs import list_runs
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts, audit_events, messages, orders, starts
from tests.unit.desk_runs import new_case
from tests.unit.desks import PASSWORD, Desk, desk_over
from tests.unit.ended_runs import Ended

SEEN_BY_ALL = ("/statistics", "/machinery", "/machinery/tasks", "/machinery/robots", "/systems",
               "/systems/drawing_archive", "/schedules", "/messages")  # fmt: skip
ORDERS = {
    "/machinery/pause": {"scope": STOPPED_COMMITS}, "/machinery/resume": {"scope": STOPPED_COMMITS},
    "/machinery/drain": {"worker": ""}, "/machinery/tasks/send_drawings/starters": {"roles": "leader"},
    "/systems/drawing_archive/accept": {}, "/schedules/x/start": {}, "/schedules/x/let-go": {}, "/messages/again": {},
}  # fmt: skip


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened


def did(store: Store) -> list[tuple[str, str, str, str]]:
    with store.begin() as connection:
        rows = connection.execute(select(audit_events).order_by(audit_events.c.id)).all()
    return [(row.by, row.did, row.about, row.reason) for row in rows if row.by != "prov" and row.did != "logged_in"]


def paused(store: Store) -> dict[str, str]:
    return {str(row.scope): str(row.reason) for row in pauses_now(store)}


# -- who --------------------------------------------------------------------------------------------------------------


def test_a_guide_sees_none_of_it_and_a_leader_changes_nothing(desk: Desk) -> None:
    gun, lena, adam, rut = (desk.person(name) for name in ("gun", "lena", "adam", "rut"))
    for address in SEEN_BY_ALL:
        assert gun.get(address).status_code == 403
        for seer in (lena, adam, rut):
            assert seer.get(address).status_code == 200, address
    for address in ("/accounts", "/accounts/gun", "/audit", "/audit/file"):
        assert {each.get(address).status_code for each in (gun, lena)} == {403}
        assert adam.get(address).status_code == 200
        assert rut.get(address).status_code == (200 if "audit" in address else 403)
    for address, fields in ORDERS.items():
        for none in (gun, lena, rut):
            assert none.send_form(address, reason="Prov", **fields).status_code == 403
    assert paused(desk.store) == {}
    assert '<details class="act"' not in lena.get("/machinery").text
    assert '<details class="act"' in adam.get("/machinery").text


# -- figures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ended(machine: Settings, store: Store, tmp_path: Path) -> Ended:
    laid = Ended.laid(machine, store, tmp_path)
    laid.run("done", "2026-10-05 10:00", count=7)
    laid.run("done", "2026-10-06 10:00", task="sludge", count=5)
    laid.run("handed_over", "2026-10-07 10:00", kind="<b>Inga</b> ritningar")
    return laid


def test_a_leader_sees_the_figures_of_the_own_team_and_takes_them_along(ended: Ended) -> None:
    with desk_over(ended.settings, ended.store) as desk:
        lena, rut = desk.person("lena"), desk.person("rut")
        text = lena.get("/statistics?month=2026-10").text
        assert "Skicka ritningar" in text
        assert "Boka tömning" not in text
        assert "&lt;b&gt;Inga&lt;/b&gt; ritningar" in text
        assert "<b>Inga" not in text
        assert "Boka tömning" in rut.get("/statistics?month=2026-10").text
        file = lena.get("/statistics/workbook?month=2026-10")
        assert "statistik-2026-10.xlsx" in file.headers["content-disposition"]
        cells = {cell.value for sheet in load_workbook(io.BytesIO(file.content)) for row in sheet for cell in row}
        assert "Skicka ritningar" in cells
        assert "Boka tömning" not in cells


def test_a_leader_without_a_team_sees_the_figures_of_none(ended: Ended) -> None:
    with desk_over(ended.settings, ended.store) as desk:
        with desk.store.begin() as connection:
            connection.execute(accounts.update().where(accounts.c.name == "lena").values(teams=[]))
        text = desk.person("lena").get("/statistics?month=2026-10").text
        assert "Inga körningar i perioden." in text
        assert "Skicka ritningar" not in text


def test_a_period_that_cannot_be_is_told_at_the_form(desk: Desk) -> None:
    lena = desk.person("lena")
    for query in ("month=2026-13", "from=2026-10-09&to=2026-10-01", "to=2026-10-01", "from=x"):
        answer = lena.get(f"/statistics?{query}")
        assert answer.status_code == 422
        assert 'aria-invalid="true" aria-describedby="wrong"' in answer.text


# -- the machinery ----------------------------------------------------------------------------------------------------


def test_the_emergency_stop_takes_a_reason_and_is_ended_with_one(desk: Desk) -> None:
    adam = desk.person("adam")
    without = adam.send_form("/machinery/pause", scope=STOPPED_COMMITS, reason="  ")
    assert without.status_code == 422
    assert "Skriv varför" in without.text
    assert paused(desk.store) == {}
    assert adam.send_form("/machinery/pause", scope=STOPPED_COMMITS, reason="Fel <mottagare>").status_code == 303
    adam.send_form("/machinery/pause", scope=STOPPED_COMMITS, reason="igen")
    assert paused(desk.store) == {STOPPED_COMMITS: "Fel <mottagare>"}
    assert "Fel &lt;mottagare&gt;" in desk.person("lena").get("/machinery").text
    assert adam.send_form("/machinery/resume", scope=STOPPED_COMMITS, reason="Rättat").status_code == 303
    assert paused(desk.store) == {}
    assert did(desk.store) == [
        ("adam", "paused", STOPPED_COMMITS, "Fel <mottagare>"), ("adam", "resumed", STOPPED_COMMITS, "Rättat"),
    ]  # fmt: skip
    with desk.store.begin() as connection:
        assert [row.order for row in connection.execute(select(orders))] == ["pause", "resume"]


def test_what_is_paused_is_shown_where_it_was_paused(desk: Desk) -> None:
    adam = desk.person("adam")
    pages = {"task:send_drawings": "/machinery/tasks", "system:drawing_archive": "/systems/drawing_archive",
             "everything": "/machinery"}  # fmt: skip
    for scope, page in pages.items():
        reason = f"Underhåll av {scope}"
        assert adam.send_form("/machinery/pause", scope=scope, reason=reason).headers["location"] == page
        assert reason in adam.get(page).text


def test_nothing_is_paused_that_there_is_not(desk: Desk) -> None:
    adam = desk.person("adam")
    for scope in ("task:nix", "system:nix", "schedule:../x", "nix", ""):
        assert adam.send_form("/machinery/pause", scope=scope, reason="Prov").status_code == 422
    assert paused(desk.store) == {}


def test_what_there_is_not_is_not_found(desk: Desk) -> None:
    adam = desk.person("adam")
    for address in ("/systems/nix", "/schedules/nix", "/accounts/nix", "/systems/drawing_archive/pictures/1"):
        assert adam.get(address).status_code == 404
    assert "Ingen sådan worker" in adam.send_form("/machinery/drain", worker="nix", reason="Prov").text
    assert "Ingen morgonkontroll" in adam.send_form("/systems/drawing_archive/accept", reason="Prov").text


def test_a_broken_task_file_shows_its_fault_where_it_is(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "broken.py").write_text('"""Trasig."""\n\nnot <b>python</b>\n', "utf-8")
    desk.settings.__dict__["tasks_dir"], kept = folder, desk.settings.tasks_dir
    try:
        text = desk.person("adam").get("/machinery/tasks").text
    finally:
        desk.settings.__dict__["tasks_dir"] = kept
    assert "broken.py, rad 3" in text
    assert "<b>python" not in text


def test_only_those_who_are_named_may_start_a_task(desk: Desk) -> None:
    adam, gun, lena = (desk.person(name) for name in ("adam", "gun", "lena"))
    address, page = "/machinery/tasks/send_drawings/starters", "/run/send-drawings"
    words = "Bara den som är teamledare får starta uppgiften."
    assert words not in gun.get(page).text
    assert adam.send_form(address, reason="Prov", roles="auditor").status_code == 422
    assert adam.send_form(address, reason="", roles="leader").status_code == 422
    assert adam.send_form(address, reason="Utbildning först", roles="leader").status_code == 303
    assert words in gun.get(page).text
    assert words not in lena.get(page).text
    assert adam.send_form(address, reason="Bara renhållningen", teams="Renhållning").status_code == 422
    assert adam.send_form(address, reason="Alla kan nu").status_code == 303
    assert words not in gun.get(page).text


@pytest.fixture
def timed(machine: Settings, store: Store, tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / "dull.toml").write_text("inget = här\n", "utf-8")
    (folder / "morning.toml").write_text(
        'title = "Ritningar varje morgon"\ntask = "send_drawings"\nmissed = "ask"\n[when]\ncron = "0 6 * * *"\n'
        f'[inputs]\ncase_number = "{new_case()}"\nproperty_id = "EKBACKEN 3:1"\n',
        "utf-8",
    )
    with desk_over(machine.model_copy(update={"schedules_dir": folder}), store) as opened:
        yield opened


def test_a_broken_schedule_is_told_and_a_paused_one_shown(timed: Desk) -> None:
    adam = timed.person("adam")
    assert "dull" in adam.get("/schedules").text
    assert adam.get("/schedules/dull").status_code == 200
    assert adam.send_form("/schedules/dull/start", reason="Prov").status_code == 422


def test_a_schedule_is_started_once_by_a_page_and_what_it_missed_is_answered(timed: Desk) -> None:
    adam, lena, address = timed.person("adam"), timed.person("lena"), "/schedules/morning"
    assert "06:00" in adam.get(address).text
    assert adam.send_form(f"{address}/start", reason=" ").status_code == 422
    assert adam.send_form(f"{address}/start", reason="Mötet är nu").headers["location"] == address
    again = adam.send_form(f"{address}/start", reason="Mötet är nu")
    assert again.status_code == 422
    assert "Schemat har startat sedan sidan visades" in again.text
    assert len(list_runs(timed.store)) == 1
    assert f"/runs/{list_runs(timed.store)[0].id}" in lena.get(address).text
    missed = [datetime(2026, 3, day, 6) for day in (2, 3)]
    with timed.store.begin() as connection:
        rows = [{"schedule": "morning", "local_time": at, "due_at": moment_of(at), "state": "asked", "by": "schema"}
                for at in missed]  # fmt: skip
        connection.execute(insert(starts), rows)
    assert "Frågar om en missad start" in lena.get("/schedules").text
    assert "2026-03-02 06:00" in adam.get(address).text
    assert adam.send_form(f"{address}/start", reason="Efterfrågad", at="2026-03-02T06:00:00").status_code == 303
    assert adam.send_form(f"{address}/start", reason="Igen", at="2026-03-02T06:00:00").status_code == 422
    assert adam.send_form(f"{address}/start", reason="Prov", at="i går").status_code == 422
    assert adam.send_form(f"{address}/let-go", reason="För gammalt").status_code == 303
    assert "Schemat frågar" not in adam.get(address).text
    words = {word for _by, word, about, _reason in did(timed.store) if about == "schedule:morning"}
    assert words == {"schedule_started", "schedule_let_go"}


def test_a_paused_schedule_says_so_and_goes_on_when_it_is_let(timed: Desk) -> None:
    adam, scope = timed.person("adam"), "schedule:morning"
    adam.get("/schedules")
    assert (
        adam.send_form("/machinery/pause", scope=scope, reason="Semester").headers["location"] == "/schedules/morning"
    )
    assert "Semester" in adam.get("/schedules/morning").text
    assert adam.send_form("/machinery/resume", scope=scope, reason="").status_code == 422
    assert adam.send_form("/machinery/resume", scope=scope, reason="Åter").status_code == 303
    assert paused(timed.store) == {}


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_a_password_that_holds_once_lets_in_to_change_it_and_no_further(desk: Desk) -> None:
    adam = desk.person("adam")
    made = adam.send_form("/accounts", name="Nils", shown_name="Nils Ö", roles="guide", teams="Samhällsbyggnad")
    password = made.text.split("<code>")[1].split("</code>")[0]
    assert password not in adam.get("/accounts/nils").text
    nils = desk.guest()
    assert nils.post("/login", data={"name": "nils", "password": password}).status_code == 303
    for address in ("/", "/runs"):
        assert nils.get(address).headers["location"] == "/me"
    assert "Välj ett eget lösenord" in nils.get("/me").text
    nils.send_form("/me/password", now=password, wanted=PASSWORD)
    nils = desk.guest()
    nils.post("/login", data={"name": "nils", "password": PASSWORD})
    assert nils.get("/runs").status_code == 200
    with desk.store.begin() as connection:
        assert password not in str(connection.execute(select(audit_events)).all())


def test_an_account_that_cannot_be_is_refused_and_what_was_typed_kept(desk: Desk) -> None:
    adam = desk.person("adam")
    for wrong in ({"roles": ""}, {"roles": "king"}, {"teams": "Nix"}, {"name": "gun"}, {"name": "../x"},
                  {"shown_name": "x" * 101}):  # fmt: skip
        typed = {"name": "nils", "shown_name": "Nils", "roles": "guide", "teams": "Samhällsbyggnad"} | wrong
        answer = adam.send_form("/accounts", **typed)
        assert answer.status_code == 422, wrong
        assert f'value="{typed["shown_name"]}"' in answer.text
    with desk.store.begin() as connection:
        assert connection.execute(select(accounts).where(accounts.c.name == "nils")).first() is None


def test_what_is_changed_in_an_account_holds_at_once(desk: Desk) -> None:
    adam, gun = desk.person("adam"), desk.person("gun")
    adam.send_form("/accounts/gun", shown_name="Gun", roles="auditor")
    assert gun.get("/runs").status_code == 303
    assert adam.send_form("/accounts/gun/active", active="no").status_code == 303
    assert desk.guest().post("/login", data={"name": "gun", "password": PASSWORD}).status_code == 422
    alone = adam.send_form("/accounts/adam/active", active="no")
    assert alone.status_code == 422
    assert "Minst ett aktivt konto" in alone.text


def test_a_key_is_shown_once_and_ends(desk: Desk) -> None:
    adam = desk.person("adam")
    assert adam.send_form("/accounts/gun/keys", key_name=" ").status_code == 422
    key = adam.send_form("/accounts/gun/keys", key_name="E-tjänsten").text.split('<code class="whole-words">')[1][:46]
    assert key not in adam.get("/accounts/gun").text
    assert desk.program(key).get("/runs").status_code == 200
    with desk.store.begin() as connection:
        number = connection.execute(select(accounts.c.id).where(accounts.c.name == "gun")).scalar_one()
    (row,) = keys_of(desk.store, number)
    assert adam.send_form(f"/accounts/olle/keys/{row.id}/end").status_code == 404
    assert desk.program(key).get("/runs").status_code == 200
    assert adam.send_form(f"/accounts/gun/keys/{row.id}/end").status_code == 303
    assert desk.program(key).get("/runs").status_code == 303


# -- the audit --------------------------------------------------------------------------------------------------------


def test_the_audit_is_read_by_person_run_and_day_and_knows_its_readers(desk: Desk) -> None:
    rows = [
        {"by": "gun", "did": "looked", "about": "K-5"}, {"by": "olle", "did": "looked", "about": "K-6"},
        {"by": "=HYPERLINK(1)", "did": "looked", "about": "K-7", "reason": "<i>"},
    ]  # fmt: skip
    with desk.store.begin() as connection:
        connection.execute(insert(audit_events), [{"about": "", "reason": ""} | row for row in rows])
    rut = desk.person("rut")
    by_run = rut.get("/audit?about=5").text
    assert "K-5" in by_run
    assert "K-6" not in by_run
    assert "/runs/6" in rut.get("/audit?by=Olle").text
    assert "K-5" not in rut.get("/audit?day=2020-01-01").text
    assert rut.get("/audit?day=i+g%C3%A5r").status_code == 422
    assert "&lt;i&gt;" in rut.get("/audit?about=K-7").text
    told = list(csv.reader(io.StringIO(rut.get("/audit/file").text.lstrip("\ufeff")), delimiter=";"))
    assert told[0][2] == "Vem"
    assert "'=HYPERLINK(1)" in {row[2] for row in told}
    assert [row[1] for row in did(desk.store)][-2:] == ["audit_read", "audit_exported"]


# -- messages ---------------------------------------------------------------------------------------------------------


def test_what_did_not_arrive_is_seen_and_sent_again_by_an_admin(desk: Desk) -> None:
    at = {"made_at": func.clock_timestamp(), "try_at": func.clock_timestamp()}
    row = {"person": "anna", "about": "x", "subject": "Ett <b>fel</b>", "text": "Hemligt", "html": "", "error": "550"}
    with desk.store.begin() as connection:
        connection.execute(insert(messages).values(**row, **at, state="given_up"))
    text = desk.person("lena").get("/messages?unsent=true").text
    assert "Ett &lt;b&gt;fel&lt;/b&gt;" in text
    assert "kom inte fram" in text
    assert "Hemligt" not in text
    assert desk.person("adam").send_form("/messages/again").status_code == 303
    with desk.store.begin() as connection:
        assert connection.execute(select(messages.c.state)).scalar_one() == "waiting"
    assert ("adam", "messages_sent_again", "", "") in did(desk.store)
