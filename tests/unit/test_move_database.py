"""From the embedded database to a server: all of it, alike on both sides, or nothing; nobody writes in the old one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from robots.audit.chain import verify
from robots.cli.move_database import _write_address
from robots.errors import ConfigurationError
from robots.settings import load_settings, write_secret
from robots.store import Store, open_store
from robots.store.connect import connect
from robots.store.keeping import moving
from robots.store.keeping.marks import MOVED
from robots.store.keeping.tables import Content, demand_same, write_rows
from robots.store.migrate import MIGRATION_LOCK
from robots.store.processes import this_process
from robots.store.schema import workers
from tests.journey.commands import wait_until
from tests.saying import Say
from tests.unit.engine import ask, begin, end
from tests.unit.kept import contents, empty_database


@dataclass
class Machine:
    """One with an embedded database that has runs in it."""

    data_dir: Path
    store: Store


@pytest.fixture(scope="module")
def shared_machine() -> Iterator[Machine]:
    """Not in pytest's own folder, which PostgreSQL's user may not pass."""
    with TemporaryDirectory(prefix="ragnhild-move-", ignore_cleanup_errors=True) as name:
        store = open_store(None, Path(name))
        end(store, begin(store, ask(store)))
        ask(store)
        yield Machine(Path(name), store)
        store.close()


@pytest.fixture
def machine_now(shared_machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(shared_machine.data_dir))
    monkeypatch.setenv("RAGNHILD_CONFIG_DIR", str(tmp_path / "config"))
    return shared_machine


@pytest.fixture
def target(database_server: Store, shared_machine: Machine) -> Iterator[Store]:
    """An empty database on a server."""
    store = empty_database(database_server, "moved")
    if store.engine.url.password:
        write_secret(shared_machine.data_dir / "secrets" / "database", store.engine.url.password)
    yield store
    store.close()


def _address(store: Store) -> str:
    return store.engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _is_as_before(machine: Machine) -> bool:
    return not (machine.data_dir / MOVED).exists() and contents(machine.store)["runs"].rows == 2


def test_a_target_that_holds_anything_is_refused(machine_now: Machine, target: Store, say: Say) -> None:
    with target.begin() as connection:
        connection.execute(text("create table theirs (a int)"))
    code, told = say("move-database", _address(target))
    assert (code, "är inte tom: den har 1 tabeller (theirs" in told) == (2, True), told
    assert _is_as_before(machine_now)


def test_a_target_that_does_not_take_it_leaves_everything_as_it_was(
    machine_now: Machine, target: Store, say: Say
) -> None:
    with target.begin() as connection:
        connection.execute(text("alter database moved set default_transaction_read_only = on"))
    code, told = say("move-database", _address(target))
    assert (code, "går inte att använda" in told) == (2, True), told
    assert _is_as_before(machine_now)


@pytest.mark.parametrize("fault", ["lost", "changed"])
def test_a_row_that_did_not_arrive_as_it_was_is_seen(
    machine_now: Machine, target: Store, say: Say, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def spoilt(connection, table, columns, blocks):  # type: ignore[no-untyped-def]
        lines = b"".join(blocks).splitlines(keepends=True)
        if table == "runs":
            lines = lines[1:] if fault == "lost" else [lines[0].replace(b"ada", b"adA"), *lines[1:]]
        write_rows(connection, table, columns, lines)

    monkeypatch.setattr(moving, "write_rows", spoilt)
    code, told = say("move-database", _address(target), "--switch")
    if fault == "lost":  # its attempt has nothing to belong to, which the server itself sees
        assert "violates foreign key constraint" in told
    else:
        assert "Databaserna är inte lika: runs (rader: 2 mot 2)" in told
    assert code == 2
    assert contents(target) == {}
    assert _is_as_before(machine_now)


def test_tables_and_rows_that_differ_are_told_by_name() -> None:
    one, two = (Content(columns=["a"], rows=rows, checksum="7") for rows in (1, 2))
    demand_same({"runs": one}, {"runs": one})
    with pytest.raises(
        ConfigurationError, match=r"inte lika: gone \(rader: 1 mot ingen tabell\), runs \(rader: 1 mot 2\)"
    ):
        demand_same({"runs": one, "gone": one}, {"runs": two})


def test_a_worker_at_work_is_named(machine_now: Machine, target: Store, say: Say) -> None:
    me = this_process()
    values = {"host": me.host, "pid": me.pid, "pid_started": me.started, "slots": 1, "queues": []}
    with machine_now.store.begin() as connection:
        connection.execute(insert(workers).values(name="ada", **values))
    code, told = say("move-database", _address(target))
    assert (code, "Workers är igång: ada. Töm dem först" in told) == (2, True), told
    with machine_now.store.begin() as connection:
        connection.execute(workers.delete())


def test_another_program_that_uses_the_database_is_named(machine_now: Machine, target: Store, say: Say) -> None:
    program = (
        "from pathlib import Path; import sys; from robots.store.embedded import start_embedded;"
        f"start_embedded(Path({str(machine_now.data_dir / 'database')!r})); print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        code, told = say("move-database", _address(target))
        other.communicate(timeout=60)
    assert (code, f"({other.pid}). Avsluta dem först" in told) == (2, True), told
    assert contents(target) == {}


def test_a_password_on_the_command_line_is_refused(machine_now: Machine, say: Say) -> None:
    code, told = say("move-database", "postgresql://anna:hemligt@db.example/x")
    assert (code, "ADRESS: adressen har ett lösenord i sig" in told, "hemligt" in told) == (2, True, False)


def test_what_is_on_a_server_already_is_not_moved(
    machine_now: Machine, target: Store, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", _address(target))
    assert "Databasen ligger redan på en server" in say("move-database", _address(target))[1]


@pytest.mark.parametrize(
    "before",
    ["", '# om oss\ncases = "email"\n', 'database_url = "x"\nreaches = ["a"]\n', 'a = [\n  "b",\n]\n[t]\nb = 1\n'],
)
def test_the_address_is_written_and_nothing_else_changed(tmp_path: Path, before: str) -> None:
    file = tmp_path / "ragnhild.toml"
    file.write_text(before, "utf-8")
    _write_address(file, 'postgresql://ö"@db/x')
    left = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("database_url")]
    assert left == [line for line in before.splitlines() if not line.startswith("database_url")]


# The last of the file: afterwards the machine's database is no more.
def test_everything_is_moved_and_whoever_would_write_meanwhile_is_told_no(
    machine_now: Machine, target: Store, say: Say, tmp_path: Path
) -> None:
    (tmp_path / "config" / "ragnhild.toml").write_text('# om oss\ncases = "email"\n', "utf-8")
    before = contents(machine_now.store)
    ended: list[tuple[int, str]] = []
    refused: list[Exception] = []
    moved = threading.Thread(target=lambda: ended.append(say("move-database", _address(target), "--switch")))
    writer = connect(machine_now.store.url)

    def write() -> None:
        try:
            ask(writer)
        except DBAPIError as error:
            refused.append(error)

    with target.engine.connect() as holder:  # the move stands still when it would make the tables
        holder.execute(text("select pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        moved.start()
        wait_until(lambda: _waiting(target, "advisory"))
        writing = threading.Thread(target=write)
        writing.start()
        wait_until(lambda: _waiting(machine_now.store, "relation"))
        holder.rollback()
    moved.join(120)
    writing.join(60)
    writer.close()
    ((code, told),) = ended
    assert code == 0, told
    assert "lika i antal och kontrollsummor på båda sidor" in told
    assert len(refused) == 1
    moved_rows = contents(target)
    for name in ("audit_events", "audit_chain"):  # the order itself has come along
        assert moved_rows.pop(name).rows == before.pop(name).rows + 1
    assert moved_rows == before
    assert verify(target).fault is None
    assert (machine_now.data_dir / "database" / "PG_VERSION").is_file(), "the old one is kept"
    with pytest.raises(ConfigurationError, match="är flyttad till moved på"):
        open_store(None, machine_now.data_dir)
    settings = load_settings()
    assert settings.database_url is not None
    assert (settings.database_url.get_secret_value(), settings.cases) == (_address(target), "email")
    assert say("runs")[0] == 0
    assert ask(target) == 3, "its numbers go on"


def _waiting(store: Store, kind: str) -> bool:
    with store.begin() as connection:
        told = text("select count(*) from pg_locks where locktype = :kind and not granted")
        return bool(connection.execute(told, {"kind": kind}).scalar())
