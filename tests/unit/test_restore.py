"""What is made of a backup is what there was, and goes on only when a person has looked it over."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text

from robots.effects import Ledger, State
from robots.queue.claims import Held
from robots.queue.pauses import pause, resume
from robots.queue.restored import NUMBERS_LEFT_OUT
from robots.scheduler.scheduler import Scheduler
from robots.settings import write_secret
from robots.sources.own_keys import EVIDENCE, new_key
from robots.store import Store
from robots.store.keeping.manifest import MANIFEST, open_backup
from robots.store.keeping.marks import HALF_RESTORED
from robots.store.keeping.restore import restore_rows
from robots.store.migrate import MIGRATION_LOCK
from robots.store.schema import attempts, orders, outcomes, pauses, starts, workers
from tests.journey.commands import wait_until
from tests.saying import Say
from tests.unit.engine import ask, begin
from tests.unit.kept import Household, contents, empty_database, made_by, states
from tests.unit.sealed_runs import WORDS, written
from tests.unit.timetable import DAILY

Elsewhere = Callable[[], Store]


@pytest.fixture
def made(home: Household, say: Say, tmp_path: Path) -> Path:
    return made_by(say, tmp_path / "backups")


@pytest.fixture
def elsewhere(home: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """``elsewhere()``: from now on this is another machine, with that empty database and no data folder."""
    opened: list[Store] = []

    def machine_now() -> Store:
        opened.append(empty_database(home.store, "restored"))
        monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "new"))
        monkeypatch.setenv("RAGNHILD_DATABASE_URL", opened[0].engine.url.render_as_string(hide_password=False))
        return opened[0]

    yield machine_now
    for store in opened:
        store.close()


def _all(store: Store, wanted: Any) -> list[Any]:
    with store.begin() as connection:
        return list(connection.execute(wanted))


def test_every_row_is_as_it_was_and_the_next_is_new(home: Household, made: Path, elsewhere: Elsewhere) -> None:
    before, new = contents(home.store), elsewhere()
    restore_rows(new, open_backup(made), lambda connection: None)
    assert contents(new) == before
    assert sum(table.rows for table in before.values()) > 10
    assert ask(new) == max(states(home.store)) + 1
    assert contents(new)["procrastinate_events"].rows > before["procrastinate_events"].rows, "its triggers are back"


def test_control_one_letter_that_differs_is_seen(home: Household, made: Path, elsewhere: Elsewhere) -> None:
    before, new = contents(home.store), elsewhere()

    def change(connection: Connection) -> None:
        connection.execute(text("update runs set robot = 'adA' where id = 1"))

    restore_rows(new, open_backup(made), change)
    after = contents(new)
    assert {table for table in before if before[table] != after[table]} == {"runs"}


def test_nothing_goes_on_by_itself_until_a_person_lets_it(
    home: Household, made: Path, say: Say, elsewhere: Elsewhere
) -> None:
    new = elsewhere()
    code, told = say("restore", made)
    assert code == 0, told
    assert "Se över de 2 körningar som väntar" in told
    assert states(new) == {home.done: "done", home.running.run_id: "queued", home.queued: "queued"}
    (paused,) = _all(new, select(pauses))
    assert paused.reason.startswith("Återställd från säkerhetskopia 20")
    assert paused.reason.endswith("se över, och återuppta med ragnhild resume --everything.")
    assert [row.order for row in _all(new, select(orders))] == ["restore"]
    assert {row.held_for for row in _all(new, text("select held_for from runs where state = 'queued'"))} == {
        f"Allt är pausat: {paused.reason}"
    }
    with pytest.raises(Held):
        begin(new, home.queued)
    assert resume(new, "everything", by="test") is not None
    assert begin(new, home.queued).attempt_id


def test_who_was_at_work_then_is_gone_and_it_counts_against_nobody(
    home: Household, made: Path, say: Say, elsewhere: Elsewhere
) -> None:
    new = elsewhere()
    assert say("restore", made)[0] == 0
    assert [row.ending for row in _all(new, select(attempts).order_by(attempts.c.id))] == ["done", "held"]
    assert all(row.ended_at for row in _all(new, select(workers)))
    assert _all(new, text("select status from procrastinate_jobs where args ->> 'run_id' <> '1'")) == [("todo",)] * 2
    resume(new, "everything", by="test")
    again = begin(new, home.running.run_id)
    assert (again.number, again.tried, again.lost_before) == (2, 1, 0)


def test_a_change_that_may_have_been_made_is_looked_for(
    home: Household, made: Path, say: Say, elsewhere: Elsewhere
) -> None:
    new = elsewhere()
    assert say("restore", made)[0] == 0
    resume(new, "everything", by="test")
    claimed = begin(new, home.running.run_id)
    ledger = Ledger(
        new, run_id=claimed.run_id, attempt_id=claimed.attempt_id, task=claimed.task, case_number=None, subject="s"
    )
    effect = ledger.intend("archive", "send", "brev")
    assert (effect.state, effect.may_have_happened, effect.armed_times) == (State.ARMED, True, 1)
    assert effect.age is not None
    assert effect.age < 60, "it settles anew: the link to the system may be slower than the restore"
    ledger.demand_owner_gone(effect)


def test_a_run_whose_changes_cannot_be_looked_for_is_a_persons(
    home: Household, say: Say, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    (tmp_path / "tasks" / "text.py").write_text(TEXTING, "utf-8")
    unknown = ask(home.store)  # of a task that has no file here
    made = made_by(say, tmp_path / "backups")
    with home.store.begin() as connection:
        connection.execute(text("update runs set task = 'send_text' where id = :id"), {"id": home.queued})
    made = made_by(say, tmp_path / "backups")
    new = elsewhere()
    code, told = say("restore", made)
    assert (code, f"väntar på en person: K-{home.queued}, K-{unknown}." in told) == (0, True), told
    assert states(new)[home.queued] == "handed_over"
    assert states(new)[home.running.run_id] == "queued", "control: it has nothing that leaves no trace"
    (outcome, _) = _all(new, select(outcomes).where(outcomes.c.outcome == "handed_over"))
    assert (outcome.kind, outcome.in_case) == ("Återställd från säkerhetskopia", False)
    assert "ragnhild retry" in outcome.todo
    assert say("retry", f"K-{home.queued}", "--reason", "inte gjort")[0] == 0


TEXTING = '''"""En uppgift som skickar sms."""
from robots import Run, task
from tests.unit.bookings import Writer


@task(title="Skicka sms", owner="Prov", saves_minutes=0)
def send_text(run: Run, number: float, *, bookings: Writer) -> None:
    """Skickar."""
'''


def test_no_number_is_given_twice(home: Household, made: Path, say: Say, elsewhere: Elsewhere) -> None:
    new = elsewhere()
    assert say("restore", made)[0] == 0
    assert ask(new) == max(states(home.store)) + NUMBERS_LEFT_OUT + 1


def test_an_earlier_pause_is_not_forgotten(home: Household, say: Say, elsewhere: Elsewhere, tmp_path: Path) -> None:
    pause(home.store, "everything", by="eva", reason="systembyte")
    made = made_by(say, tmp_path / "backups")
    new = elsewhere()
    assert say("restore", made)[0] == 0
    assert _all(new, select(pauses))[0].reason.endswith("Var redan pausat: systembyte")


# -- evidence -------------------------------------------------------------------------------------------------------


def test_sealed_evidence_opens_with_the_key_it_was_sealed_with_and_with_no_other(
    home: Household, say: Say, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    written(home.settings, home.store, home.done)
    kept = EVIDENCE.files(home.settings)[0].read_text("utf-8")
    made = made_by(say, tmp_path / "backups")
    assert not [path for path in made.rglob("*") if path.is_file() and kept in path.read_text("utf-8", "replace")]
    elsewhere()
    code, told = say("restore", made)
    assert (code, "med evidence.key som öppnar" in told) == (0, True), told
    secrets, report = tmp_path / "new" / "secrets", ("report", f"K-{home.done}", "--out", tmp_path / "report.html")
    for key, words in (("", "Nyckeln till underlaget saknas"), (new_key(), "Nyckeln till underlaget är en annan")):
        if key:
            write_secret(secrets / EVIDENCE.current, key)
        code, told = say(*report)
        assert (code, words in told, (tmp_path / "report.html").exists()) == (2, True, False), told
        assert (secrets / EVIDENCE.current).exists() == bool(key), "none is made in place of the one that is gone"
    write_secret(secrets / EVIDENCE.former, kept)  # it has been changed since the backup was made
    assert say(*report)[0] == 0
    assert (tmp_path / "report.html").read_bytes() == WORDS
    assert say("evidence", "rewrap")[0] == 0
    (secrets / EVIDENCE.former).unlink()
    assert say(*report)[0] == 0


# -- schedules ------------------------------------------------------------------------------------------------------


@pytest.fixture
def missed_rule(home: Household) -> Callable[[str], None]:
    """A schedule with a rule for what was missed, which a scheduler saw a day before the backup was made."""

    def laid(rule: str) -> None:
        home.timetable.write(f'missed = "{rule}"\noverlap = "parallel"\n{DAILY}')
        home.timetable.at("2026-11-09 00:00")
        with home.store.begin() as connection:
            connection.execute(text("update schedules set looked_until = clock_timestamp() - interval '1 day'"))
            waiting = {"schedule": "prov", "local_time": "2026-01-05 06:00", "due_at": "2026-01-05T05:00:00Z"}
            connection.execute(insert(starts).values(**waiting, state="due", waits_for="hours", by="klockan"))

    return laid


@pytest.mark.parametrize("rule", ["run-once", "run-all"])
def test_what_came_since_the_backup_is_asked_about_whatever_the_schedule_says(
    home: Household, say: Say, elsewhere: Elsewhere, tmp_path: Path, missed_rule: Callable[[str], None], rule: str
) -> None:
    missed_rule(rule)
    made = made_by(say, tmp_path / "backups")
    new = elsewhere()
    code, told = say("restore", made)
    assert code == 0, told
    assert "Svara på de 2 starter av scheman som kan vara gjorda" in told
    Scheduler(home.settings, new).look_round()
    (first, second) = _all(new, select(starts).order_by(starts.c.due_at))
    assert (first.state, second.state) == ("asked", "asked")
    assert second.reason.startswith("Återställd från säkerhetskopia")
    assert say("run-now", "prov", "--at", "2026-01-05 06:00")[0] == 0, "a person may make it after all"


def test_control_without_that_it_would_be_started_once_more(
    home: Household, say: Say, elsewhere: Elsewhere, tmp_path: Path, missed_rule: Callable[[str], None]
) -> None:
    missed_rule("run-once")
    made = made_by(say, tmp_path / "backups")
    new = elsewhere()
    restore_rows(new, open_backup(made), lambda connection: None)
    Scheduler(home.settings, new).look_round()
    assert [row.state for row in _all(new, select(starts))] == ["started", "started"]


# -- what is in the way, and what is cut short ----------------------------------------------------------------------


def _changed(made: Path) -> str:
    path = made / "tasks" / "count.py"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    return "tasks/count.py (är ändrad)"


def _missing(made: Path) -> str:
    (made / "database" / "runs.copy.gz").unlink()
    return "database/runs.copy.gz (saknas)"


def _leading_out(made: Path) -> str:
    manifest = json.loads((made / MANIFEST).read_text("utf-8"))
    manifest["files"]["evidence/../../ute"] = {"size": 0, "sha256": ""}
    (made / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return "evidence/../../ute (leder ut ur kopian)"


def _newer(made: Path) -> str:
    manifest = json.loads((made / MANIFEST).read_text("utf-8"))
    (made / MANIFEST).write_text(json.dumps(manifest | {"schema_version": "9999"}), "utf-8")
    return "är gjord med en nyare version"


def _torn(made: Path) -> str:
    (made / MANIFEST).write_text((made / MANIFEST).read_text("utf-8")[:200], "utf-8")
    return "Innehållsförteckningen går inte att läsa"


def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_touched(
    made: Path, say: Say, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    new = elsewhere()
    for spoil in (_changed, _missing, _leading_out, _newer, _torn):
        spoilt = shutil.copytree(made, tmp_path / spoil.__name__)
        words = spoil(spoilt)
        code, told = say("restore", spoilt)
        assert (code, words in told) == (2, True), told
    assert not (tmp_path / "new").exists()
    assert contents(new) == {}


def test_what_is_in_the_way_is_refused_and_moved_aside_when_asked(
    made: Path, say: Say, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere()
    (tmp_path / "new" / "secrets").mkdir(parents=True)
    (tmp_path / "new" / "evidence").mkdir()
    (tmp_path / "new" / "evidence" / "old").write_text("gammalt")
    code, told = say("restore", made)
    assert (code, "är inte tom (evidence)" in told, "Inget är ändrat" in told) == (2, True, True)
    assert {p.name for p in (tmp_path / "new").iterdir()} == {"secrets", "evidence"}
    code, told = say("restore", made, "--replace")
    assert code == 0, told
    (aside,) = (tmp_path / "new").glob("undan-*")
    assert (aside / "evidence" / "old").read_text() == "gammalt"
    assert str(aside) in told
    assert (tmp_path / "new" / "secrets").is_dir()


def test_a_database_that_holds_anything_is_never_written_over(
    home: Household, made: Path, say: Say, tmp_path: Path
) -> None:
    before, there = contents(home.store), set(home.settings.data_dir.iterdir())
    code, told = say("restore", made, "--replace")
    assert (code, "är inte tom" in told) == (2, True), told
    assert contents(home.store) == before
    assert set(home.settings.data_dir.iterdir()) == there


def test_a_restore_that_is_killed_leaves_a_folder_that_refuses_to_be_used(
    made: Path, say: Say, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    new = elsewhere()
    mark = tmp_path / "new" / HALF_RESTORED
    with new.engine.connect() as holder:
        holder.execute(text("select pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        killed = subprocess.Popen(
            [sys.executable, "-m", "robots", "restore", str(made)], env=os.environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(lambda: _waits(new))
        killed.send_signal(signal.SIGKILL)
        killed.wait(60)
        holder.rollback()
    assert mark.is_file()
    code, told = say("runs")
    assert (code, f"En återställning av {made}" in told, f"ragnhild restore {made} --replace" in told) == (
        2,
        True,
        True,
    )
    assert contents(new) == {}
    wait_until(lambda: not _waits(new))
    assert say("restore", made)[0] == 2, "what is half done is in the way"
    code, told = say("restore", made, "--replace")
    assert code == 0, told
    assert not mark.exists()
    assert say("runs")[0] == 0


def _waits(store: Store) -> bool:
    with store.begin() as connection:
        told = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        return bool(connection.execute(text(told)).scalar())


# -- on a machine with nothing --------------------------------------------------------------------------------------


def test_a_machine_with_nothing_has_everything_again_with_a_database_of_its_own(
    home: Household, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(home.settings, home.store, home.done)
    code, told = say("backup", tmp_path / "backups", "--with-secrets")
    assert code == 0, told
    (made,) = (tmp_path / "backups").iterdir()
    new = tmp_path / "machine"
    new.mkdir()
    for name in ("config", "tasks", "schedules"):
        monkeypatch.setenv(f"RAGNHILD_{name.upper()}_DIR", str(new / name))
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(new / "data"))
    monkeypatch.delenv("RAGNHILD_DATABASE_URL")
    code, told = say("restore", made)
    assert code == 0, told
    assert (new / "tasks" / "count.py").read_bytes() == (tmp_path / "tasks" / "count.py").read_bytes()
    assert (new / "data" / "secrets" / "ada").read_text("utf-8") == "hemligt"
    picture = new / "data" / "evidence" / str(home.done) / "01-001.jpg"
    assert picture.read_bytes() == b"picture %d" % home.done
    assert say("report", f"K-{home.done}", "--out", new / "report.html")[0] == 0, "its key came with it"
    assert (new / "report.html").read_bytes() == WORDS
    code, told = say("runs", "--json")
    assert code == 0, told
    assert sorted(run["state"] for run in json.loads(told[told.index("{") :])["runs"]) == ["done", "queued", "queued"]
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", home.store.url)
    code, told = say("restore", made, "--into", new / "data")
    assert (code, f"Mappen {new / 'data'} är inte tom" in told) == (2, True), "a trial never looks at the server"
