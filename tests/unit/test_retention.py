"""What is old goes, by decision and logged; what is needed stays; and what is gone is never made once more."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text

from robots.audit.chain import verify
from robots.cli.examined.files import retention_finding
from robots.effects import Ledger, State
from robots.errors import EffectUncertain
from robots.local_time import moment_of
from robots.retention import carrying_out
from robots.retention.carrying_out import alone
from robots.retention.cases import WAITS, lock_runs
from robots.retention.classes import CLASSES, KEPT, REMOVED_WORDS, TRACES
from robots.retention.nights import Nights
from robots.retention.outside import LIST
from robots.retention.plan import read_plan
from robots.retention.standing import standing_of
from robots.settings import Settings
from robots.store import Store
from robots.store.keeping.tables import table_names
from robots.store.schema import audit_events, evidence_keys, metadata
from tests.conftest import ROOT
from tests.saying import Say
from tests.unit import told_people
from tests.unit.old_cases import ALL_A_YEAR, HANG_ON_RUNS, Archive, ago, plan_text
from tests.unit.runs import new_attempt, new_run

A, B = "KC-26110042-4", "KC-26110043-2"


@pytest.fixture
def archive(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    return Archive.laid(machine, store, tmp_path, monkeypatch)


OF_A_CLASS = {
    table for each in CLASSES.values() for table in (*each.tables, *(step.table for step in each.steps))
}  # fmt: skip


def without_class(tables: set[str]) -> set[str]:
    return tables - OF_A_CLASS - KEPT.keys()


def test_every_table_has_a_class_or_a_reason_to_stay(store: Store) -> None:
    with store.begin() as connection:
        there = {*table_names(connection), "alembic_version"}
    assert metadata.tables.keys() <= there
    assert without_class(there) == set()
    assert OF_A_CLASS | KEPT.keys() == there, "and names no table that is not there"
    assert OF_A_CLASS.isdisjoint(KEPT)
    assert without_class(there | {"new_table"}) == {"new_table"}, "control"


def test_the_municipality_of_the_repository_has_decided_about_all(tmp_path: Path) -> None:
    assert read_plan(ROOT / "config/retention.toml").undecided == []
    assert read_plan(tmp_path / "none.toml").undecided == [name for name in CLASSES if name != TRACES]


def test_an_old_case_goes_whole_and_what_was_used_again_stays(archive: Archive, say: Say) -> None:
    first = archive.case(A, 800)
    second = archive.case(A, 700, earlier_run=first)
    used_again, recent = archive.case(B, 800), archive.case(B, 10)
    without = archive.case(None, 600)
    with archive.store.begin() as connection:
        sealed = {"wrapped": b"w", "provider": "p", "key_id": "k"}
        connection.execute(insert(evidence_keys).values([sealed | {"name": f"case:{each}"} for each in (A, B)]))
    before = {table: archive.count(table) for table in HANG_ON_RUNS}

    code, told = say("retention", "--carry-out")

    assert code == 0, told
    assert archive.runs() == {used_again, recent}
    assert archive.evidence() == {used_again, recent}
    for table in HANG_ON_RUNS:
        old = table in ("start_runs", "batch_rows", "procrastinate_jobs", "procrastinate_events")  # rows of a class too
        assert archive.count(table) == (1 if old else 2) * before[table] / 5, table
    with archive.store.begin() as connection:
        keys = connection.execute(text("select name, wrapped is null, decision from evidence_keys order by id")).all()
        logged = connection.execute(text("select * from retention_log where ids is not null order by class")).all()
        noted = connection.execute(
            text("select detail ->> 'removed' from audit_events where about = 'retention'")
        ).one()
        words = connection.execute(text("select done from handover_work order by run_id")).scalars().all()
    assert keys == [("", True, "Dnr 2026/1"), (f"case:{B}", False, "")]
    gone = [first, second, without]
    assert [(row._mapping["class"], row.what, row.number, row.ids, row.decision) for row in logged] == [
        ("körningar", "runs", 3, gone, "Dnr 2026/8"), ("underlag", "evidence", 3, gone, "Dnr 2026/1"),
    ]  # fmt: skip
    assert all(ago(701) < row.oldest < ago(699) and ago(601) < row.newest < ago(599) for row in logged)
    assert json.loads(noted[0]) | {"körningar": 3, "överlämningar": 4} == json.loads(noted[0])
    assert words == [REMOVED_WORDS, f"ord i {B}"]
    assert A not in "".join(archive.settings.backup_folder.joinpath(LIST).read_text("utf-8"))  # type: ignore[union-attr]
    code, told = say("retention", "--log", "--json")
    assert code == 0
    assert "Dnr 2026/7" in told
    assert A not in told
    code, told = say("retention", "--carry-out", "--json")
    assert '"removed": {}' in told, "nothing is left to do"


def test_a_case_that_is_used_again_at_that_very_moment_stays(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    used, other = archive.case(A, 800), archive.case(B, 800)

    def lock_too_late(connection: Connection, ids: Sequence[int]) -> None:
        lock_runs(connection, ids)
        if archive.count("runs", f"case_number = '{A}'") == 1:
            archive.case(A, 0)

    monkeypatch.setattr(carrying_out, "lock_runs", lock_too_late)
    archive.carrying_out().all_rows()
    assert used in archive.runs()
    assert archive.count("retention_log", f"{used} = any(ids)") == 0, "nor is its evidence"
    assert other not in archive.runs()


def test_a_number_that_is_given_again_keeps_its_evidence(archive: Archive) -> None:
    """As after a restore that did not know of all numbers that were given."""
    first = archive.case(A, 800)
    archive.carrying_out().all_rows()
    (archive.settings.evidence_dir / str(first)).mkdir(exist_ok=True)
    again = {"id": first, "created_at": ago(-1)}
    with archive.store.begin() as connection:
        told_people.new_run(connection, ago(0), **again)
    archive.carrying_out().files(archive.settings)
    assert archive.evidence() == {first}
    archive.change("update runs set created_at = :at", at=ago(800))
    archive.carrying_out().files(archive.settings)
    assert archive.evidence() == set(), "control: it is its age that tells"


def test_what_is_needed_stays_however_old_it_is(archive: Archive, say: Say) -> None:
    going, opened, armed, unknown, page = (archive.case(None, 900 + n) for n in range(5))
    archive.change("update runs set state = 'running' where id = :id", id=going)
    archive.change("update outcomes set outcome = 'failed', settled = false where run_id = :id", id=opened)
    archive.change("update effects set state = 'ARMED' where run_id = :id", id=armed)
    archive.change("update effects set state = 'UNKNOWN' where run_id = :id", id=unknown)
    archive.open_page(page)
    needed = {going, opened, armed, unknown, page}

    archive.carrying_out().all_rows()

    assert archive.runs() == needed
    with archive.store.begin() as connection:
        told = standing_of(connection, archive.settings, archive.carrying_out().plan)
    for name in ("körningar", "underlag"):
        assert told[name].waits == {"going": 1, "open": 1, "unsure": 2, "accepted": 1}
        assert told[name].due == 0
    code, shown = say("retention")
    assert code == 0
    assert "Behövs ännu" in shown
    assert "2:" in shown
    assert set(WAITS) == set(told["körningar"].waits)
    archive.change("update runs set state = 'done'")
    archive.change("update outcomes set settled = true")
    archive.change("update effects set state = 'CONFIRMED'")
    archive.change("delete from accepted_pages")
    archive.carrying_out().all_rows()
    assert archive.runs() == set(), "control: it was what they waited for"


def test_what_was_made_is_not_made_again_when_its_run_is_gone(archive: Archive) -> None:
    def ledger() -> Ledger:
        run_id = new_run(archive.store)
        return Ledger(
            archive.store, run_id=run_id, attempt_id=new_attempt(archive.store, run_id), task="t", case_number=A,
            subject=A,
        )  # fmt: skip

    first = ledger()
    effect = first.intend("s", "send", "brev")
    first.arm(effect, "")
    first.confirm(effect, "kvittens", "")
    archive.change("update runs set state = 'done', finished_at = :at", at=ago(800))
    archive.change("update attempts set ended_at = :at", at=ago(800))
    archive.carrying_out().all_rows()
    assert archive.runs() == set()

    later = ledger()
    again = later.intend("s", "send", "brev")
    assert again.state is State.INTENDED, "it may be looked for, and found by its mark"
    with pytest.raises(EffectUncertain, match="redan gjort"):
        later.arm(again, "")
    assert later.read(again.key).state is State.INTENDED
    archive.change("delete from past_effects")
    later.arm(again, "")  # control: it is the memory that stops it


def test_each_class_of_rows_loses_its_old_ones_only(archive: Archive) -> None:
    with archive.store.begin() as connection:
        connection.execute(text("insert into schedules (name, written, looked_until) values ('x', '', now())"))
        for days in (400, 1):
            for statement in _OLD_ROWS:
                connection.execute(text(statement), {"at": ago(days), "name": f"n{days}", "id": days})
    tables = {step.table for each in CLASSES.values() for step in each.steps}
    left_out = {"handover_work", "start_runs", "batch_rows", "procrastinate_jobs"}  # of a run: told of above
    assert {table for table in tables - left_out if archive.count(table) < 2} == set()
    with archive.store.begin() as connection:
        told = standing_of(connection, archive.settings, archive.carrying_out().plan)
    assert {name for name, each in told.items() if each.due} == {
        name for name, each in CLASSES.items() if each.steps and name not in ("överlämningar", "kön")
    }
    assert told["drift"].oldest
    assert told["drift"].oldest < ago(399)
    assert told["drift"].next
    assert ago(-363) < told["drift"].next < ago(-366)

    archive.carrying_out().all_rows()

    assert {table: archive.count(table) for table in tables - left_out} == dict.fromkeys(tables - left_out, 1) | {
        "messages": 3, "news": 3, "tellings": 3  # what waits to be sent is kept
    }  # fmt: skip
    with archive.store.begin() as connection:
        logged = connection.execute(text("select what, number, oldest, newest, decision from retention_log")).all()
    assert sorted((row.what, row.number) for row in logged) == [(table, 1) for table in sorted(tables - left_out)]
    assert all(ago(401) < row.oldest == row.newest < ago(399) and row.decision for row in logged)
    archive.plan(plan_text(drift="1 dag"))
    archive.change("update orders set at = :at", at=ago(3))
    archive.carrying_out().all_rows()
    assert archive.count("orders") == 0
    assert archive.count("failed_logins") == 1, "a class without a line loses nothing"


_OLD_ROWS = (
    "insert into orders (\"order\", about, by, reason, at) values ('cancel', 'K-1', 'a', '', :at)",
    "insert into breaker_history (system, robot, state, why, at) values ('s', '', 'open', '', :at)",
    "insert into workers (name, host, pid, pid_started, slots, queues, ended_at)"
    " values (:name, '', 1, '', 1, '{}', :at)",
    "insert into accounts (id, name, shown_name, roles, teams) overriding system value"
    " values (:id, :name, '', '{}', '{}')",
    "insert into portal_sessions (token_hash, account_id, csrf, ends_at) values (:name, :id, '', :at)",
    "insert into webhooks (id, account_id, url, events, secret, ended_at) overriding system value"
    " values (:id, :id, '', '{}', '', now())",
    "insert into webhook_deliveries (webhook_id, run_id, event, made_at) values (:id, 1, 'handover', :at)",
    "insert into failed_logins (name, at) values (:name, :at)",
    "insert into login_attempts (state_hash, browser_hash, nonce, verifier, go_to, at)"
    " values (:name, '', '', '', '', :at)",
    "insert into login_sessions (robot, system, machine, renewed_at) values ('r', 's', :name, :at)",
    "insert into starts (schedule, local_time, due_at, state, by, noted_at)"
    " values ('x', :at at time zone 'UTC', :at, 'missed', '', :at)",
    "insert into batches (task, file_name, file_sha256, sheet, dry_run, started_by, created_at)"
    " values ('t', '', :name, '', false, '', :at)",
    "insert into sheets (by, task, file_name, file_sha256, sheet, checked, at) values ('', 't', '', '', '', '{}', :at)",
    "insert into runs (key, task, task_version, robot, inputs, source, started_by, dry_run, priority, request,"
    " deadline_at) values (:name, 't', '', '', '{}', 'guide', '', false, 0, :name, now())",
    "insert into start_requests (account_id, key, digest, run_id, at) select :id, '', '', max(id), :at from runs",
    "insert into messages (id, person, about, subject, text, html, state, made_at, try_at) overriding system value"
    " values (:id, 'p', '', '', '', '', 'sent', :at, :at), (:id + 1, 'p', '', '', '', '', 'waiting', :at, :at)",
    "insert into news (id, kind, key, topic, alike, about, at, noted_at) overriding system value"
    " values (:id, 'k', :name, '', '', '{}', :at, :at), (:id + 1, 'l', :name, '', '', '{}', :at, :at)",
    "insert into tellings (news_id, person, message_id) values (:id, 'p', :id), (:id + 1, 'p', :id + 1)",
)


def test_the_audit_goes_from_its_beginning_and_stays_whole(archive: Archive) -> None:
    with archive.store.begin() as connection:
        for days in (800, 700, 3):
            connection.execute(insert(audit_events).values(by="anna", did="looked", at=ago(days)))

    assert archive.carrying_out().all_rows() == {"händelselogg": 2}

    found = verify(archive.store)
    assert (found.fault, found.forgotten) == (None, 2)
    assert archive.count("audit_events", "did = 'audit_forgotten' and reason like 'Dnr 2026/%'") == 1
    assert archive.carrying_out().all_rows() == {}


def test_a_night_is_gone_through_once_whoever_is_awake(archive: Archive, store: Store) -> None:
    now = ["2026-11-09 03:00"]

    def night(*, rows: bool = True) -> Nights:
        return Nights(
            archive.settings, store, rows=rows, now=lambda _: moment_of(datetime.fromisoformat(now[0]))
        )  # fmt: skip

    one, other = night(), night()
    first = archive.case(A, 800)
    one.look()
    assert archive.runs() == {first}, "it is not time yet"
    now[0] = "2026-11-09 04:00"
    with alone(store) as mine:
        assert mine
        one.look()
    assert archive.runs() == {first}, "somebody else is at it"
    night(rows=False).look()
    assert archive.runs() == {first}, "a machine that only works sees to its own files"
    one.look()
    assert (archive.runs(), archive.evidence()) == (set(), set())
    second = archive.case(B, 800)
    other.look()
    night().look()
    assert archive.runs() == {second}, "once a night"
    now[0] = "2026-11-10 13:00"
    other.look()
    assert archive.runs() == set(), "a night that nobody was awake in is made up for"
    assert archive.count("retention_nights") == 2


def test_files_go_on_the_machine_that_has_them(archive: Archive) -> None:
    from robots.store.keeping.backup import make_backup

    settings = archive.settings
    assert settings.backup_folder
    made = [
        make_backup(archive.store, settings.backup_folder, evidence=settings.evidence_dir, sources={}, secrets=False)
        for _ in range(2)
    ]
    for each in made:
        manifest = each.folder / "manifest.json"
        moved = each.manifest.made_at - timedelta(days=800)
        manifest.write_text(each.manifest.model_copy(update={"made_at": moved}).model_dump_json(), "utf-8")
    aside = settings.data_dir / "undan-2024-11-09-120000-000000"
    log, sheet = settings.data_dir / "logs/worker.2024-11-09.log", settings.data_dir / "sheets/1.xlsx"
    for path in (aside / "database/x", log, log.with_name("worker.log"), sheet, settings.data_dir / "logs/new.1.log"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", "utf-8")
    for path in (log, log.with_name("worker.log"), sheet):
        os.utime(path, (0, 0))

    found = archive.carrying_out().files(settings)

    assert found == {"säkerhetskopior": 1, "undanflyttat": 1, "loggar": 2, "ark": 1}
    assert [path.name for path in settings.backup_folder.glob("ragnhild-*")] == [made[1].folder.name]
    assert not aside.exists()
    assert not log.exists()
    assert not sheet.exists()
    assert log.with_name("worker.log").read_text("utf-8") == "", "a program writes on in it"
    assert archive.carrying_out().files(settings) == {}


@pytest.mark.parametrize(
    ("plan", "line", "words"),
    [
        ('["ark"]\nsparas = "1 år"\nbeslut = "Dnr 1"\nbeslutat = 2026-01-01\nkopior = 2\n', 5, "ark.kopior är inget"),
        ('["nytt"]\n', 1, "Det finns inget slag som heter nytt"),
        (
            '\n["ark"]\nsparas = "snart"\nbeslut = "Dnr 1"\nbeslutat = 2026-01-01\n',
            3,
            "ark.sparas: «snart» är ingen tid",
        ),
        ('["ark"]\nsparas = "1 år"\nbeslutat = 2026-01-01\n', 1, "ark.beslut saknas"),
        ('["ark"]\nsparas = "1 år"\nbeslut = "Dnr 1"\nbeslutat = "i fjol"\n', 4, "ark.beslutat: Skriv dagen"),
        (plan_text(körningar="1 år"), 1, "körningar kan inte gallras före sitt underlag"),
        (plan_text(underlag="13 månader", körningar="1 år"), 6, "körningar kan inte gallras före sitt underlag"),
    ],
)
def test_a_wrong_plan_is_told_with_its_line_and_removes_nothing(
    plan: str, line: int, words: str, archive: Archive, say: Say
) -> None:
    run_id = archive.case(A, 900)
    archive.plan(plan)
    code, told = say("retention", "--carry-out")
    assert code == 2
    assert words in " ".join(told.split())
    assert f"retention.toml:{line}:" in told.replace("\n", "")
    assert archive.runs() == {run_id}


def test_doctor_and_retention_name_what_nobody_has_decided_about(archive: Archive, say: Say) -> None:
    archive.plan(plan_text(underlag="1 år", ark="30 dagar"))
    code, told = say("retention")
    flat = " ".join(told.split())
    assert code == 0
    assert "Utan beslut, och gallras aldrig: överlämningar, startbegäran, buntar" in flat
    assert "händelselogg" in retention_finding(archive.settings).told
    archive.plan(ALL_A_YEAR)
    assert "Utan beslut" not in say("retention")[1]
    assert retention_finding(archive.settings).told == "beslutad för alla slag"
