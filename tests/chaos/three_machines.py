"""Three workers as three machines: a PostgreSQL over TCP with TLS and a password, one town, one folder for evidence.

Whoever calls this is the data centre: it has the database and the town, and reaches every machine's processes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from pydantic import SecretStr
from sqlalchemy import Row, select

from robots.cli.town import start_town
from robots.evidence.master_key import SecretMasterKeys
from robots.settings import Settings, load_settings
from robots.store import Store, open_store
from robots.store.clock import seconds_since
from robots.store.schema import attempts, workers
from tests.chaos import machine_worker
from tests.chaos.browser_kills import until
from tests.chaos.namespaces import Cut, Machine, Switch, relay
from tests.chaos.three_flows import Ground, ground_of, settling
from tests.conftest import ROOT
from tests.external_database import external_server

MACHINES = 3
READY_SECONDS = 90.0


@dataclass
class WorkerMachine:
    """One machine with its worker. ``kind`` is the module that its slots run, ``environment`` what that is told."""

    name: str
    settings: Settings
    database: str = field(repr=False)
    kind: str
    environment: dict[str, str]
    switch: Switch
    machine: Machine = field(init=False)

    def start(self) -> None:
        """Begin to start it; ``wait_until_ready`` waits for the rest."""
        folder = self.settings.data_dir
        self.machine = Machine(
            [sys.executable, "-m", machine_worker.MODULE], self.environment, folder / "errors.log"
        )  # fmt: skip
        self.machine.plug_in(self.switch)
        told = {"slot": self.kind, "settings": self.settings.model_dump(mode="json", exclude={"database_url"})}
        pipe = self.machine.process.stdin
        assert pipe
        pipe.write(json.dumps(told | {"database": self.database}) + "\n")
        pipe.flush()

    def wait_until_ready(self) -> None:
        assert self.machine.process.stdout
        if not self.machine.process.stdout.readline():
            raise RuntimeError((self.settings.data_dir / "errors.log").read_text("utf-8", "replace")[-2000:])

    def kill(self) -> None:
        """At once, with everything on it; also one that has never been started."""
        if hasattr(self, "machine"):
            self.machine.kill()

    def slots(self) -> list[psutil.Process]:
        """Its slots' own processes: those that its worker, which is the first process, has started itself."""
        return [each for each in self.machine.family()[1:] if self.kind in _words_of(each)]


@dataclass
class Site:
    """The whole of it. ``folder`` is shared by all."""

    ground: Ground
    folder: Path
    switch: Switch
    machines: list[WorkerMachine]

    @property
    def store(self) -> Store:
        return self.ground.store

    def attempts_of(self, run_id: int) -> list[Row[tuple[object, ...]]]:
        """The run's attempts, oldest first, each with ``worker``, the name of its machine."""
        asked = (
            select(attempts, workers.c.name.label("worker"))
            .join(workers, workers.c.id == attempts.c.worker_id)
            .where(attempts.c.run_id == run_id)
            .order_by(attempts.c.number)
        )
        with self.store.begin() as connection:
            return list(connection.execute(asked))

    def machine_of(self, run_id: int) -> WorkerMachine:
        """Where the run's newest attempt is made."""
        until(lambda: bool(self.attempts_of(run_id)), READY_SECONDS)
        name = self.attempts_of(run_id)[-1].worker
        return next(each for each in self.machines if each.name == name)

    def silent_for(self, machine: WorkerMachine) -> float:
        """Seconds since the newest worker of that name gave a sign of life, by database time."""
        asked = select(seconds_since(workers.c.seen_at).label("silent")).where(workers.c.name == machine.name)
        row = self.store.ask(asked.order_by(workers.c.id.desc()))
        assert row
        return float(row.silent)

    def cut(self, machine: WorkerMachine, how: Cut) -> float:
        """Cut its link. Returns when, by this machine's clock."""
        machine.machine.cut(how)
        return time.monotonic()


def _words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return []


@contextmanager
def three_machines(
    *, settle: float, timeout: float, kind: str, environment: Callable[[Path], dict[str, str]], **changes: object
) -> Iterator[Site]:
    """All of it, gone afterwards. ``environment`` of the slots is made from the shared folder, which is empty."""
    switch = Switch()
    with ExitStack() as stack:
        name = tempfile.TemporaryDirectory(prefix="ragnhild-chaos-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(name))
        (folder / "shared").mkdir()
        centre = load_settings(
            data_dir=folder / "centre", config_dir=settling(folder / "config", settle, timeout=timeout),
            tasks_dir=ROOT / "tasks", schedules_dir=ROOT / "schedules", retry_seconds=0.1, slots=1,
            evidence_folder=folder / "evidence", **changes,
        )  # fmt: skip
        server = stack.enter_context(external_server((switch.address,)))
        store = open_store(server.url, centre.data_dir, password=SecretStr(server.password))
        stack.callback(store.close)
        town = stack.enter_context(start_town(centre))
        port = stack.enter_context(relay(switch.own_address, urlsplit(town.address).port or 0))
        told = environment(folder / "shared")
        centre_seen = centre.model_copy(update={"town": f"http://{switch.own_address}:{port}"})
        machines = stack.enter_context(worker_machines(folder, centre_seen, store, switch, kind, told))
        yield Site(ground_of(centre, store, town), folder / "shared", switch, machines)


@contextmanager
def worker_machines(
    folder: Path, settings: Settings, store: Store, switch: Switch, kind: str, environment: dict[str, str]
) -> Iterator[list[WorkerMachine]]:
    """Workers that take runs, each with a data folder of its own in ``folder``, which begins with the same secrets."""
    machines = []
    for number in range(1, MACHINES + 1):
        name = f"machine {number}"
        own = settings.model_copy(update={"data_dir": folder / name, "worker_name": name})
        SecretMasterKeys(settings).make()  # they share the key of evidence
        shutil.copytree(settings.secrets_dir, own.secrets_dir)
        machines.append(WorkerMachine(name, own, store.url, kind, environment, switch))
    try:
        for machine in machines:
            machine.start()
        for machine in machines:
            machine.wait_until_ready()
        yield machines
    finally:
        for machine in machines:
            machine.kill()
