"""Real parts for every test: an own PostgreSQL, the practice town as a process, a warm Chromium.

Each is started once a test process; what a test gets of them is fresh: a database of its own, the town as new. With
RAGNHILD_TEST_DATABASE=external the database is Debian's, over TCP with TLS and a password (``make test-external``).
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Row, text

from robots.browser.origins import Origins
from robots.cli.town import Town, start_town
from robots.evidence.keys import Keys
from robots.evidence.report import REPORT
from robots.evidence.sealed import RunEvidence
from robots.queue.engine import RetryLater
from robots.queue.runs import effects_of, events_of, find_run, submit
from robots.settings import Settings, load_settings
from robots.store import Store, open_store
from robots.store.connect import connect
from robots.task_files import LoadedTasks, load_tasks
from robots.worker.attempt import attempt_run
from robots.worker.task_process.processes import TaskProcesses
from robots.worker.warm_browser import WarmBrowser
from tests.external_database import external_server

ROOT = Path(__file__).parent.parent

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Tests that are run in the background of a script would hand their deafness for Ctrl-C on to what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def machine() -> Iterator[Settings]:
    """The settings of this test process: its data folder holds the database and the secrets.

    Not in pytest's own folder: each new pytest on the machine closes that one to PostgreSQL's user.
    """
    with TemporaryDirectory(prefix="ragnhild-test-", ignore_cleanup_errors=True) as folder:
        yield load_settings(
            data_dir=Path(folder),
            config_dir=ROOT / "config",
            tasks_dir=ROOT / "tasks",
            schedules_dir=ROOT / "schedules",
            retry_seconds=0.05,
        )


@pytest.fixture(scope="session")
def database_server(machine: Settings) -> Iterator[Store]:
    """The server, with one migrated database that every test's own is copied from."""
    if os.environ.get("RAGNHILD_TEST_DATABASE") == "external":
        with external_server() as server:
            store = open_store(server.url, machine.data_dir, password=SecretStr(server.password))
            store.engine.dispose()
            yield store
        return
    store = open_store(None, machine.data_dir)
    store.engine.dispose()
    yield store
    store.close()


def new_database(server: Store, name: str) -> str:
    """The address of a database with all tables and no rows."""
    admin = connect(server.engine.url.set(database="template1").render_as_string(hide_password=False))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name} template postgres"))
    admin.close()
    return server.engine.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def own_store(database_server: Store) -> Iterator[Store]:
    """A database for all tests of this process: a new one for each test costs half a second.

    Its connections bear a name, which those of the processes that a test starts do not.
    """
    address = new_database(database_server, "test")
    opened = connect(f"{address}{'&' if '?' in address else '?'}application_name={OWN}")
    opened.url = address
    yield opened
    opened.close()


@pytest.fixture
def logged_out() -> None:
    """For a test that judges logins; in the others the robots are still logged in to the town, as from run to run."""


def _stays_logged_in(request: pytest.FixtureRequest) -> bool:
    return "logged_out" not in request.fixturenames


@pytest.fixture
def store(own_store: Store, request: pytest.FixtureRequest) -> Store:
    """All tables, and no rows but the logins to the town."""
    empty(own_store, *["login_sessions"] * ("town" in request.fixturenames and _stays_logged_in(request)))
    return own_store


def empty(own_store: Store, *kept: str) -> None:
    """No rows but in ``kept``, and numbers from 1 again; whoever an earlier test has left behind is cut off first."""
    with own_store.begin() as connection:
        connection.execute(_CUT_OFF_OTHERS)
        connection.execute(text("set local ragnhild.audit_forgets = 'on'"))
        if used := set(connection.execute(_USED_TABLES).scalars()).difference(kept):
            connection.execute(text(f"truncate {', '.join(used)} restart identity cascade"))


OWN = "ragnhild-tests"
_CUT_OFF_OTHERS = text(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
    " and backend_type = 'client backend' and pid <> pg_backend_pid()"
    f" and (application_name <> '{OWN}' or state like 'idle in transaction%')"
)
# What has been written since it was emptied, or has given a number away: to empty all of them takes ten times as long.
_USED_TABLES = text(
    "select c.relname from pg_class c"
    " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'alembic_version'"
    " and (pg_relation_size(c.oid) > 0 or exists (select from pg_depend d join pg_sequence s on s.seqrelid = d.objid"
    " where d.refobjid = c.oid and pg_sequence_last_value(s.seqrelid) is not null))"
)


@pytest.fixture(scope="session")
def town_process(machine: Settings) -> Iterator[Town]:
    with start_town(machine) as town:
        yield town


@pytest.fixture
def town(town_process: Town, request: pytest.FixtureRequest) -> Town:
    """The town as new: nothing done, no faults, and nobody logged in but the robots from the test before."""
    town_process.reset(seed=1, keep_sessions=_stays_logged_in(request))
    return town_process


class OpenOnThisMachine(Origins):
    """Every port of the machine itself, where tests have servers of their own."""

    @property
    def resolver_rules(self) -> str:
        return "MAP 127.0.0.1 127.0.0.1, MAP localhost 127.0.0.1, MAP * ~NOTFOUND"


class BrowserOfTests(WarmBrowser):
    def reachable(self) -> Origins:
        return OpenOnThisMachine(frozenset())


@pytest.fixture(scope="session")
def browser(machine: Settings) -> Iterator[WarmBrowser]:
    warm = BrowserOfTests(machine, spare_pages=1)  # most tests visit one system; each page is a process
    yield warm
    warm.close()


@pytest.fixture
def settings(machine: Settings, tmp_path: Path, town: Town) -> Settings:
    """The machine's settings with the town's address; a test may copy and change them.

    What earlier runs of the same numbers have left is gone.
    """
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)
    return machine.model_copy(update={"town": town.address})


@dataclass
class Finished:
    """How a run stands after its attempts: the row, what the ledger says of each effect, and its evidence."""

    run: Row[Any]
    effects: dict[str, str]
    attempts: int
    events: list[tuple[str, str]]
    pictures: list[str]
    evidence: RunEvidence

    @property
    def outcome(self) -> str:
        return str(self.run.outcome)

    @property
    def report(self) -> str:
        return self.evidence.read(REPORT).decode()


@pytest.fixture(scope="session")
def tasks(machine: Settings) -> LoadedTasks:
    """The municipality's own, which no test changes."""
    return load_tasks(machine.tasks_dir)


@pytest.fixture(scope="session")
def processes(machine: Settings) -> Iterator[TaskProcesses]:
    """What a slot's tasks run in."""
    found = TaskProcesses(machine)
    yield found
    found.close()


@pytest.fixture
def carry_out(
    settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks, processes: TaskProcesses
) -> Callable[..., Finished]:
    """Ask for a run and try it until it has ended, as a slot does: ``carry_out("send-drawings", case_number=…)``.

    Pictures are taken of a dry run, which is judged by them; of other runs a worker's are, here they cost a tenth.
    """

    def run_to_the_end(name: str, *, dry_run: bool = False, most: int = 8, **typed: Any) -> Finished:
        task = tasks.find(name)
        pictured = settings.model_copy(update={"evidence": "full" if dry_run else "steps"})
        asked = submit(
            store, task, task.inputs.parse(typed), robot=settings.robot_for(task.name).name, source="guide",
            started_by="test", dry_run=dry_run,
        )  # fmt: skip
        for _ in range(most):
            try:
                attempt_run(pictured, store, tasks, browser, asked.run_id, carry=processes.carry_out)
            except RetryLater:
                continue
            finally:
                processes.prepare()
                browser.prepare()
            break
        run, events = find_run(store, asked.run_id), events_of(store, asked.run_id)
        return Finished(
            run,
            {e.once: e.state for e in effects_of(store, asked.run_id)},
            run.attempts,
            [(e.kind, f"{e.title} {e.detail}" if e.kind != "picture" else e.title) for e in events],
            [e.detail["file"] for e in events if e.kind == "picture"],
            RunEvidence.below(settings.evidence_dir, asked.run_id, Keys.of(settings, store)),
        )

    return run_to_the_end


@pytest.fixture
def evidence(machine: Settings) -> Iterator[Path]:
    """The evidence folder, empty before and after."""
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)
    yield machine.evidence_dir
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


# Of a system's further readings and changes, what «make test» tries all the same: the promises themselves.
ALWAYS = (
    "test_asked_for_again_it_is_made_once",
    "test_a_dry_run_changes_nothing_and_shows_the_form",
    "test_an_answer_lost_after_the_change[fin",
    "test_a_process_that_dies[made",
)


# Tests that start processes of their own and wait for them.
SLOW = {"chaos", "journey"}


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Mark what is left to the long suites; and of what is chosen, let each test process begin with its slow ones."""
    _mark_long(items)
    yield
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = spread(items, processes)


def pytest_collection_finish() -> None:
    """What thousands of collected tests are made of stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def spread(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """In as many stretches as there are processes, each with its share of the slow tests first.

    Each process is given one stretch to begin with, and takes from the ends of the others' when it has done its own: a
    slow test at an end would be waited for by all.
    """
    slow = [item for item in items if item.path.parent.name in SLOW]
    quick = [item for item in items if item.path.parent.name not in SLOW]
    stretches: list[pytest.Item] = []
    for n in range(processes):
        share = slow[n::processes]
        upto = round(len(items) * (n + 1) / processes) - len(stretches) - len(share)
        stretches += share + quick[:upto]
        quick = quick[upto:]
    return stretches + quick


def _mark_long(items: list[pytest.Item]) -> None:
    """Every system is tried in every way by «make test» with its first reading and change; the others are long."""
    for item in items:
        told: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        if not hasattr(told.get("system"), "readings"):
            continue  # another test's own kind of system
        firsts = {"reading": told["system"].readings[:1], "change": told["system"].changes[:1]}
        further = any(name in told and told[name] not in first for name, first in firsts.items())
        if further and not item.name.startswith(ALWAYS):
            item.add_marker(pytest.mark.long)
