"""A municipality with something to keep: runs in every state, evidence, and files that people have written."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from robots.effects import Ledger
from robots.queue.attempts import Claimed
from robots.queue.runs import submit
from robots.settings import Settings
from robots.store import Store
from robots.store.connect import connect
from robots.store.keeping.manifest import whole_backups
from robots.store.keeping.tables import Content, content_of, table_names, write_alike
from robots.store.schema import runs, workers
from robots.task_files import load_tasks
from tests.saying import Say
from tests.unit.engine import ask, begin, end
from tests.unit.timetable import Timetable

_numbers = itertools.count(1)


@dataclass
class Household:
    """``queued``, ``running`` and ``done`` are the numbers of its runs."""

    timetable: Timetable
    queued: int
    running: Claimed
    done: int

    @property
    def settings(self) -> Settings:
        return self.timetable.settings

    @property
    def store(self) -> Store:
        return self.timetable.store


def household(machine: Settings, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Household:
    """In ``folder``: its config, tasks and schedules, its data folder and the evidence of its runs.

    Commands work on it, and ``backups`` is a folder for those.
    """
    told = {"DATA_DIR": folder / "data", "DATABASE_URL": store.url}
    told |= {f"{name.upper()}_DIR": folder / name for name in ("config", "tasks", "schedules")}
    for name, value in told.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))
    (folder / "backups").mkdir()
    timetable = Timetable.laid(machine.model_copy(update={"data_dir": folder / "data"}), store, folder)
    with store.begin() as connection:
        connection.execute(
            insert(workers).values(
                name="å\t«ö» \\N\nny rad", host="annan", pid=1, pid_started="1", slots=2, queues=["a", "b,c"]
            )
        )
    done = begin(store, ask(store))
    end(store, done)
    running, queued = begin(store, count(timetable)), count(timetable)
    with store.begin() as connection:  # as it is while a worker carries it out
        connection.execute(
            text(
                "with taker as (insert into procrastinate_workers default values returning id)"
                " update procrastinate_jobs set status = 'doing', worker_id = taker.id from taker"
                " where args ->> 'run_id' = :run"
            ),
            {"run": str(running.run_id)},
        )
    ledger = Ledger(
        store, run_id=running.run_id, attempt_id=running.attempt_id, task=running.task, case_number=None, subject="s"
    )
    ledger.arm(ledger.intend("archive", "send", "brev"), "")
    for run_id in (done.run_id, running.run_id):
        place = timetable.settings.evidence_dir / str(run_id)
        place.mkdir(parents=True)
        (place / "01-001.jpg").write_bytes(b"picture %d" % run_id)
    (timetable.settings.secrets_dir).mkdir(parents=True)
    (timetable.settings.secrets_dir / "ada").write_text("hemligt", "utf-8")
    return Household(timetable, queued, running, done.run_id)


def count(timetable: Timetable) -> int:
    """A new run of the municipality's task, which has no systems."""
    task = load_tasks(timetable.settings.tasks_dir).find("count")
    values = task.inputs.parse({"number": str(next(_numbers))})
    return submit(timetable.store, task, values, robot="ada", source="guide", started_by="test").run_id


def made_by(say: Say, folder: Path) -> Path:
    """The folder of a new backup."""
    code, told = say("backup", folder)
    assert code == 0, told
    return whole_backups(folder)[-1].folder


def contents(store: Store) -> dict[str, Content]:
    """What every table holds."""
    with store.begin() as connection:
        write_alike(connection)
        return {table: content_of(connection, table) for table in table_names(connection)}


def states(store: Store) -> dict[int, str]:
    with store.begin() as connection:
        return {row.id: row.state for row in connection.execute(select(runs.c.id, runs.c.state))}


def empty_database(server: Store, name: str) -> Store:
    """A database without tables on the same server; the store's ``url`` is its address."""
    admin = connect(server.engine.url.set(database="template1").render_as_string(hide_password=False))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name} template template0"))
    admin.close()
    return connect(server.engine.url.set(database=name).render_as_string(hide_password=False))


def scalar(store: Store, what: Any) -> Any:
    with store.begin() as connection:
        return connection.execute(what if not isinstance(what, str) else text(what)).scalar_one()
