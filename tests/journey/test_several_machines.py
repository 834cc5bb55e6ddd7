"""Two machines and a PostgreSQL that is not ours: real workers, each with its own data folder and key.

They know of each other by the database, the folder for evidence and the town alone. The judge is the town.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from robots.cli.town import Town
from robots.evidence.master_key import SecretMasterKeys
from robots.queue.runs import list_runs, submit
from robots.settings import Settings, write_secret
from robots.store import Store, open_store
from robots.task_files import LoadedTasks
from tests.conftest import ROOT
from tests.external_database import MISSING, ExternalServer, external_server, server_programs

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("logged_out"),
    pytest.mark.skipif(server_programs() is None, reason=MISSING),
]
SECONDS = 120.0
RUNS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[ExternalServer]:
    with external_server() as running:
        yield running


@pytest.fixture
def address(server: ExternalServer) -> str:
    """Of this test's own empty database; the password is not in it."""
    server.ask("drop database if exists journey with (force)")
    server.ask("create database journey owner ragnhild")
    return server.url_at("127.0.0.1", database="journey")


@pytest.fixture
def store(server: ExternalServer, address: str) -> Iterator[Store]:
    opened = open_store(address, Path("nowhere"), password=SecretStr(server.password))
    yield opened
    opened.close()


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


@pytest.fixture
def new_machine(
    machine: Settings, town: Town, tmp_path: Path, shared: Path, server: ExternalServer
) -> Callable[[str], dict[str, str]]:
    """The environment of another machine: the robots' passwords and the database's in files, a key of its own for
    logins, and for evidence the one that all share."""
    SecretMasterKeys(machine).make()

    def one(name: str) -> dict[str, str]:
        data = tmp_path / name
        shutil.copytree(machine.secrets_dir, data / "secrets", ignore=shutil.ignore_patterns("machine.key"))
        write_secret(data / "secrets" / "database", server.password)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("RAGNHILD_")}
        return clean | {
            "RAGNHILD_DATA_DIR": str(data), "RAGNHILD_CONFIG_DIR": str(machine.config_dir),
            "RAGNHILD_TASKS_DIR": str(machine.tasks_dir), "RAGNHILD_TOWN": town.address,
            "RAGNHILD_EVIDENCE_FOLDER": str(shared), "RAGNHILD_RETRY_SECONDS": "0.1", "PYTHONPATH": str(ROOT),
        }  # fmt: skip

    return one


@contextmanager
def _worker(environment: dict[str, str], address: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that takes runs, until the end of the block."""
    command = [sys.executable, "-m", "robots", "worker", "--slots", "1", "--database", address]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    try:
        while "Igång." not in (line := running.stderr.readline()):
            assert line, "the worker has ended"
        yield running
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGTERM)
        running.communicate(timeout=SECONDS)


def _wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # other processes work; there is nothing to wait on but what they write


def _order(store: Store, tasks: LoadedTasks, cases: list[dict[str, Any]]) -> list[int]:
    task = tasks.find("send-drawings")
    values = [task.inputs.parse({"case_number": case["number"], "property_id": case["property_id"]}) for case in cases]
    return [submit(store, task, v, robot="ragnhild", source="guide", started_by="test").run_id for v in values]


def _waiting_for_password(store: Store) -> list[str]:
    return [run.held_for for run in list_runs(store) if run.held_for and "lösenordet" in run.held_for]


def _ended(store: Store) -> list[str]:
    return [run.state for run in list_runs(store) if run.state not in ("queued", "running")]


def _count_logins(town: Town, system: str) -> Callable[[], int]:
    """The town counts the passwords it is sent: a fault that does nothing tells how often it was met."""
    town.fault(system, "slow", method="POST", path="logga-in", seconds=0.001, times=1000)
    return lambda: sum(f["hits"] for f in town.ask("/faults")["set"] if f["system"] == system)


@pytest.mark.timeout(300)
@pytest.mark.long
def test_two_machines_share_the_work_and_each_logs_in_once(
    town: Town, store: Store, tasks: LoadedTasks, address: str, shared: Path, server: ExternalServer,
    new_machine: Callable[[str], dict[str, str]],
) -> None:  # fmt: skip
    first, second = new_machine("first"), new_machine("second")
    logins = _count_logins(town, "case_management")
    with _worker(first, address) as one, _worker(second, address) as other:
        runs = _order(store, tasks, town.cases("drawings", "normal")[:RUNS])
        told = _told_to(one.pid, other.pid)
        _wait(lambda: len(_ended(store)) == RUNS)

    assert _ended(store) == ["done"] * RUNS
    assert sorted(c["kind"] for c in town.truth()) == [
        *["message_sent"] * RUNS, *["note_added"] * RUNS, *["status_set"] * RUNS,
    ]  # fmt: skip
    assert len(town.mail()) == RUNS
    with store.begin() as connection:
        slots = connection.execute(text("select count(distinct pid) from attempts")).scalar_one()
    assert slots == 2, "both machines had runs"
    assert logins() == 2
    assert server.password not in told
    assert all((shared / str(run) / "report.html").is_file() for run in runs)
    assert not (Path(second["RAGNHILD_DATA_DIR"]) / "evidence").exists()
    for environment in (first, second):  # whoever asks, wherever, sees every report
        told_to = environment | {"RAGNHILD_DATABASE_URL": address}
        out = shared.parent / "report.html"
        command = [sys.executable, "-m", "robots", "report", f"K-{runs[0]}", "--out", str(out)]
        subprocess.run(command, env=told_to, capture_output=True, check=True)
        assert "Skicka ritningar" in out.read_text("utf-8")
        shown = subprocess.run(
            [sys.executable, "-m", "robots", "show", f"K-{runs[0]}", "--json"],
            env=told_to, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert Path(json.loads(shown.stdout)["report"]) == shared / str(runs[0]) / "report.html"


def _told_to(*workers: int) -> str:
    """The command lines and environments of the workers and all that they have started."""
    family = [psutil.Process(pid) for pid in workers]
    family += [child for process in family for child in process.children(recursive=True)]
    assert len(family) > 4, "a supervisor, a slot, a driver and a browser each"
    return str([(p.cmdline(), p.environ()) for p in family if p.status() != psutil.STATUS_ZOMBIE])


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_wrong_password_on_two_machines_is_typed_once_in_all(
    town: Town, store: Store, tasks: LoadedTasks, address: str, new_machine: Callable[[str], dict[str, str]]
) -> None:
    machines = [new_machine("first"), new_machine("second")]
    for environment in machines:
        secrets = Path(environment["RAGNHILD_DATA_DIR"]) / "secrets"
        for file in secrets.glob("ragnhild*"):
            file.unlink()
        write_secret(secrets / "ragnhild", "fel lösenord")
    with _worker(machines[0], address), _worker(machines[1], address):
        _order(store, tasks, town.cases("drawings", "normal")[:2])
        _wait(lambda: len(_waiting_for_password(store)) == 2)  # and nobody has got the case: nobody can be told

    systems = {s["key"]: s["failed_logins"] for s in town.ask("/systems")}
    assert systems["case_management"] == 1
    assert town.truth() == []
