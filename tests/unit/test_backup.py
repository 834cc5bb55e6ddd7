"""A backup is made while others write, and is whole or none; every run, file and secret of it is accounted for."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from robots.store import Store
from robots.store.keeping.backup import BACKUP_LOCK, make_backup
from robots.store.keeping.manifest import open_backup, whole_backups
from tests.journey.commands import wait_until
from tests.saying import Say
from tests.unit.kept import Household, count, made_by

WAITING = text(
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    " and query ilike :like"
)


@contextmanager
def held_up(store: Store, statement: str, like: str) -> Iterator[Any]:
    """In the block a backup stands still; ``yield``ed is a wait until one does."""
    with store.engine.connect() as holder:
        holder.execute(text(statement))

        def stands_still() -> bool:
            with store.begin() as connection:
                return bool(connection.execute(WAITING, {"like": like}).scalar())

        yield lambda: wait_until(stands_still)
        holder.rollback()


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_it_is_one_moment_though_others_write_meanwhile(home: Household, tmp_path: Path) -> None:
    made: list[Any] = []

    def work() -> None:
        made.append(
            make_backup(home.store, tmp_path / "backups", evidence=tmp_path / "none", sources={}, secrets=False)
        )

    # The runs come after the schedules, which nobody asking for a run needs.
    with held_up(home.store, "lock table schedules in access exclusive mode", "%schedules%") as wait:
        thread = threading.Thread(target=work)
        thread.start()
        wait()
        count(home.timetable)
    thread.join(60)
    tables = made[0].manifest.tables
    assert (tables["runs"].rows, tables["procrastinate_jobs"].rows) == (3, 3)


def test_control_the_tables_one_after_the_other_are_not_one_moment(home: Household) -> None:
    with home.store.begin() as connection:
        before = connection.execute(text("select count(*) from runs")).scalar_one()
        count(home.timetable)
        assert connection.execute(text("select count(*) from procrastinate_jobs")).scalar_one() == before + 1


def test_it_holds_the_evidence_of_the_runs_it_knows_and_what_people_wrote(
    home: Household, say: Say, tmp_path: Path
) -> None:
    unknown = home.settings.evidence_dir / "999"
    unknown.mkdir()
    (unknown / "01-001.jpg").write_bytes(b"of a run that came later")
    (tmp_path / "config" / "__pycache__").mkdir()
    (tmp_path / "config" / "__pycache__" / "x.pyc").write_bytes(b"")
    home.timetable.write()
    files = files_of(made_by(say, tmp_path / "backups"))
    kept = {name for name in files if not name.startswith("database/")}
    running, done = home.running.run_id, home.done
    assert kept == {
        "manifest.json", f"evidence/{running}/01-001.jpg", f"evidence/{done}/01-001.jpg", "config/robots.toml",
        "tasks/count.py", "schedules/prov.toml",
    }  # fmt: skip
    assert files[f"evidence/{done}/01-001.jpg"] == b"picture %d" % done


def test_secrets_are_in_it_only_when_asked_for(home: Household, say: Say, tmp_path: Path) -> None:
    without = made_by(say, tmp_path / "backups")
    assert not any(b"hemligt" in content for content in files_of(without).values())
    code, told = say("backup", tmp_path / "backups", "--with-secrets")
    assert (code, "vakta den" in told, "hemligt" in told) == (0, True, False)
    with_them = whole_backups(tmp_path / "backups")[-1].folder
    assert (with_them / "secrets" / "ada").read_text("utf-8") == "hemligt"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in with_them.rglob("*") if path.is_file()}
    assert stat.S_IMODE(with_them.stat().st_mode) == 0o700
    assert modes == {0o600}


def test_an_unchanged_picture_takes_no_room_twice_and_a_spoilt_one_is_not_handed_on(
    home: Household, say: Say, tmp_path: Path
) -> None:
    first = made_by(say, tmp_path / "backups")
    pictures = [f"evidence/{run_id}/01-001.jpg" for run_id in (home.done, home.running.run_id)]
    (first / pictures[1]).write_bytes(b"pictuRe %d" % home.running.run_id)  # a fault of the disk: as long as it was
    second = made_by(say, tmp_path / "backups")
    assert [(first / name).samefile(second / name) for name in pictures] == [True, False]
    assert open_backup(second).folder == second
    (home.settings.evidence_dir / str(home.done) / "01-001.jpg").write_bytes(b"anew")
    third = made_by(say, tmp_path / "backups")
    assert (third / pictures[0]).read_bytes() == b"anew"
    assert (second / pictures[0]).read_bytes() == b"picture %d" % home.done


def test_older_ones_are_removed_when_the_new_one_is_whole(home: Household, say: Say, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = [made_by(say, folder) for _ in range(3)]
    (folder / "ragnhild-2020-01-01-000000").mkdir()  # of somebody else: no backup, and none of ours to remove
    code, told = say("backup", folder, "--keep", 2)
    assert (code, f"Tar bort den gamla kopian {made[0].name}" in told) == (0, True)
    left = [backup.folder for backup in whole_backups(folder)]
    assert (left[0], len(left)) == (made[2], 2)
    assert {p.name for p in folder.iterdir()} == {p.name for p in left} | {"ragnhild-2020-01-01-000000"}


def test_one_that_is_killed_in_the_middle_leaves_the_last_whole_one_as_the_last(
    home: Household, say: Say, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    whole = made_by(say, folder)
    before = files_of(whole)
    with held_up(home.store, "lock table outcomes in access exclusive mode", "%outcomes%") as wait:
        killed = subprocess.Popen(
            [sys.executable, "-m", "robots", "backup", str(folder)], env=os.environ, stderr=subprocess.DEVNULL
        )
        wait()
        killed.send_signal(signal.SIGKILL)
        killed.wait(60)
    (half,) = set(folder.iterdir()) - {whole}
    assert any(half.rglob("*.gz"))
    assert [backup.folder for backup in whole_backups(folder)] == [whole]
    assert files_of(whole) == before
    assert "Den senaste hela" in say("restore", half)[1] or "ingen hel säkerhetskopia" in say("restore", half)[1]
    wait_until(lambda: _is_free(home.store))
    new = made_by(say, folder)
    assert set(folder.iterdir()) == {whole, new}, "what was half done is taken away"


def _is_free(store: Store) -> bool:
    """The server has noticed that the killed one is gone."""
    with store.begin() as connection:
        lock = {"n": BACKUP_LOCK}
        return bool(connection.execute(text("select pg_try_advisory_xact_lock(:n)"), lock).scalar())


def test_one_at_a_time(home: Household, say: Say, tmp_path: Path) -> None:
    with home.store.begin() as connection:
        _lock(connection)
        code, told = say("backup", tmp_path / "backups")
    assert (code, "pågår redan" in told, list((tmp_path / "backups").iterdir())) == (2, True, [])
    made_by(say, tmp_path / "backups")


def _lock(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": BACKUP_LOCK})


def test_where_it_cannot_be_it_says_why(
    home: Household, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Ange en mapp, eller sätt inställningen backup_folder" in say("backup")[1]
    assert "finns inte. Kontrollera att disken är monterad" in say("backup", tmp_path / "borta")[1]
    inside = home.settings.data_dir / "backups"
    inside.mkdir()
    assert "Den ligger i datamappen" in say("backup", inside)[1]
    monkeypatch.setenv("RAGNHILD_BACKUP_FOLDER", str(tmp_path / "backups"))
    assert say("backup")[0] == 0
    assert len(whole_backups(tmp_path / "backups")) == 1


def test_a_full_disk_is_told_and_leaves_nothing_half_done(home: Household, say: Say, tmp_path: Path) -> None:
    """The disk is a file that may not grow: what a process writes beyond it fails as on a full one."""
    picture = home.settings.evidence_dir / str(home.done) / "01-002.jpg"
    picture.write_bytes(os.urandom(3_000_000))
    program = (
        "import errno, resource, signal, sys; from robots.cli.main import carry_out;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (2**21, 2**21));"
        "sys.exit(carry_out(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", program, "backup", str(tmp_path / "backups")]
    told = subprocess.run(line, env=os.environ, capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == 2, told.stderr
    assert "Den halva kopian är borttagen" in told.stderr
    assert list((tmp_path / "backups").iterdir()) == []
