"""A worker with real slots in this process, and what its naughty tasks have left for the test to read."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Row, select, text

from robots.queue.runs import find_run, submit
from robots.settings import Settings
from robots.store import Store
from robots.store.connect import connect
from robots.store.schema import attempts
from robots.task_files import load_tasks
from robots.worker.slot_process import SlotProcess
from robots.worker.supervisor import Supervisor
from tests.conftest import new_database
from tests.worker.open_slots import MODULE

TASKS = Path(__file__).parent / "tasks"
AT_WORK = ("queued", "running")


def wait_until(seen: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, f"in {seconds} s it did not happen: {what}"
        time.sleep(0.02)  # other processes are watched


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass
class Noted:
    """What a task has written down of the slot that it ran in."""

    pids: list[int]
    folder: Path

    def nothing_left(self) -> bool:
        return not any(map(lives, self.pids)) and not self.folder.exists()


@dataclass
class Bench:
    """The store with the naughty tasks, and the folder that these write in."""

    settings: Settings
    store: Store
    notes: Path

    def ask(self, name: str, **typed: Any) -> int:
        task = self.tasks.find(name)
        values = task.inputs.parse(typed)
        # A dry run is always a run of its own; there is nothing else to tell two of these tasks' runs apart.
        asked = submit(
            self.store, task, values, robot="ragnhild", source="guide", started_by="test", dry_run=True
        )  # fmt: skip
        return asked.run_id

    @property
    def tasks(self) -> Any:
        return load_tasks(TASKS)

    def run(self, run_id: int) -> Row[Any]:
        return find_run(self.store, run_id)

    def attempts(self, run_id: int) -> list[Row[Any]]:
        with self.store.begin() as connection:
            wanted = select(attempts).where(attempts.c.run_id == run_id).order_by(attempts.c.number)
            return list(connection.execute(wanted))

    def empty_queue(self) -> None:
        """Nobody takes up what earlier tests asked for and did not see to its end."""
        with self.store.begin() as connection:
            connection.execute(text("truncate procrastinate_jobs cascade"))

    def ended(self, run_id: int) -> bool:
        return self.run(run_id).state not in AT_WORK

    def wait_for(self, run_id: int, seconds: float = 60.0) -> Row[Any]:
        wait_until(lambda: self.ended(run_id), f"the end of run {run_id}", seconds)
        return self.run(run_id)

    def ask_and_wait(self, name: str, **typed: Any) -> Row[Any]:
        """The one attempt of a run that is done."""
        run_id = self.ask(name, **typed)
        assert self.wait_for(run_id).outcome == "done"
        (only,) = self.attempts(run_id)
        return only

    def noted(self, attempt: Row[Any]) -> Noted:
        """What was noted last in the attempt's slot."""
        lines = self.notes.joinpath(f"{attempt.pid}.jsonl").read_text().splitlines()
        told = [json.loads(line) for line in lines]
        return Noted(sorted({pid for line in told for pid in line["pids"]}), Path(told[-1]["folder"]))

    def has_noted(self, run_id: int, times: int = 1) -> bool:
        tries = self.attempts(run_id)
        file = self.notes / (f"{tries[-1].pid}.jsonl" if tries else "none")
        return file.exists() and len(file.read_text().splitlines()) >= times

    def slot_folders(self) -> list[Path]:
        return sorted((self.settings.data_dir / "tmp").glob("*"))


@contextmanager
def working(settings: Settings, store: Store) -> Iterator[Supervisor]:
    """A worker whose slots are ready, in a thread of its own; cut off at the end, whatever its slots are at."""
    supervisor = Supervisor(settings, store)
    began: threading.Event = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def work() -> None:
        loops.append(asyncio.get_running_loop())
        began.set()
        await supervisor.run()

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    began.wait(10)
    try:
        wait_until(supervisor.ready.is_set, "a worker that is ready", 90)
        yield supervisor
    finally:
        ending = asyncio.run_coroutine_threadsafe(supervisor.end_now(), loops[0])
        thread.join(60)
        assert not thread.is_alive()
        assert ending.done()


@pytest.fixture(scope="module")
def bench(machine: Settings, database_server: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    store = connect(new_database(database_server, "bounds"))
    notes = tmp_path_factory.mktemp("notes")
    # Its runs have the numbers that others' have in their databases.
    own_evidence = tmp_path_factory.mktemp("evidence")
    changes = {
        "tasks_dir": TASKS, "evidence": "steps", "evidence_folder": own_evidence, "slots": 2, "retry_seconds": 0.1
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOUNDS_FOLDER", str(notes))
        patch.setattr(SlotProcess, "module", MODULE)  # with walls these tasks could do nothing of what is tried
        yield Bench(machine.model_copy(update=changes), store, notes)
    store.close()
