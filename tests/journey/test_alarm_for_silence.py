"""The alarm for silence, with real programs: each is killed by its process number, and a watch beside them tells.

By real mail. The heartbeat that an outside monitor waits for stays away meanwhile, and comes back with what was dead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.conftest import ROOT
from tests.journey.commands import SECONDS, wait_until
from tests.unit.pages import Answer, PageServer, serving
from tests.unit.told_people import PostOffice, post_office

pytestmark = pytest.mark.browser
PEOPLE = '[drift]\nmail = "drift@tallinge.example"\nkinds = ["silence"]\n'
# Whatever gives signs of life does so each second, and the teller each five.
SILENT, EVERY = "20", "0.5"
OPTIONS = {"watch": ("--every", EVERY, "--silent", SILENT), "worker": ("--slots", "1")}
READY = {
    "database": "Databasen är igång", "worker": "Igång.", "scheduler": "Schemaläggaren är igång",
    "watch": "Vakten är igång",
}  # fmt: skip
TELLER = "det som skickar meddelanden"
NAMES = {
    "database": {"databasen"},
    "worker": {"workern (som kör uppgifterna)"},
    "scheduler": {"schemaläggaren", TELLER},
}
SILENCE, OVER = "Ragnhild är tyst: inga livstecken från ", "Ragnhild är igång igen, efter "
# The heart beats once a minute, and stops when something has been silent for as long.
BEATS = 200.0


@dataclass
class Machine:
    """With programs that run, an ``office`` that has the mails that left it, and a ``monitor`` that hears its heart."""

    folder: Path
    office: PostOffice
    monitor: PageServer
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def lay(self) -> None:
        for name in ("tasks", "schedules"):
            (self.folder / name).mkdir()
        shutil.copytree(ROOT / "config", self.folder / "config")
        (self.folder / "config/people.toml").write_text(PEOPLE, "utf-8")

    def start(self, *parts: str) -> None:
        """As the service system does. Each is there when the next begins."""
        for part in parts:
            line = [sys.executable, "-m", "robots", part, *OPTIONS.get(part, ())]
            process = subprocess.Popen(
                line, cwd=ROOT, env=self._environment(), text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            self.running[part] = process
            assert process.stderr is not None
            said = ""
            while READY[part] not in said:
                heard = process.stderr.readline()
                assert heard, said
                said += heard

    def _environment(self) -> dict[str, str]:
        told = {
            "DATA_DIR": self.folder / "data", "CONFIG_DIR": self.folder / "config", "TASKS_DIR": self.folder / "tasks",
            "SCHEDULES_DIR": self.folder / "schedules", "SMTP_URL": f"smtp://127.0.0.1:{self.office.port}",
            "MAIL_FROM": "robotar@tallinge.example", "HEARTBEAT_URL": f"{self.monitor.address}/slag", "PORTAL_PORT": 0,
        }  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RAGNHILD_")}
        return clean | {f"RAGNHILD_{name}": str(value) for name, value in told.items()}

    def kill(self, *parts: str) -> None:
        """At once and with all that they have started, as when the machine's memory is gone."""
        for part in parts:
            if part == "database":
                _kill(self._server())
            if part != "database":
                _kill(self.running[part].pid)
                self.ended(part)

    def _server(self) -> int:
        """The process number of PostgreSQL itself, which whoever has started it only looks after."""
        return int((self.folder / "data/database/postmaster.pid").read_text().split()[0])

    def ended(self, part: str) -> int:
        """Its exit code, once it has ended."""
        process = self.running.pop(part)
        process.communicate(timeout=SECONDS)
        return process.returncode

    def end(self) -> None:
        for process in self.running.values():
            process.terminate()
        for part in list(self.running):
            self.ended(part)

    # -- what is heard of it ------------------------------------------------------------------------------------

    @property
    def silent(self) -> set[str]:
        """What the mails have called silent since it was last all well."""
        found: set[str] = set()
        for subject in self.office.subjects:
            if subject.startswith(OVER):
                found.clear()
            else:
                found.update(subject.removeprefix(SILENCE).replace(" och ", ", ").split(", "))
        return found

    @property
    def beats(self) -> int:
        return len(self.monitor.asked)

    def said_no(self) -> int:
        """How often the heart did not beat, and why stands in the log."""
        log = (self.folder / "data/logs/scheduler.log").read_text("utf-8")
        return log.count("no heartbeat: ") + log.count("Teller.beat")


def _kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.suspend()  # so that it starts nobody meanwhile
        family = [process, *process.children(recursive=True)]
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family, 10)


@pytest.fixture
def here() -> Iterator[Machine]:
    """Not in pytest's own folder, which PostgreSQL's user cannot reach."""
    with (
        TemporaryDirectory(prefix="ragnhild-silence-", ignore_cleanup_errors=True) as name,
        post_office() as office,
        serving(lambda asked: Answer("OK")) as monitor,
    ):
        machine = Machine(Path(name), office, monitor)
        machine.lay()
        try:
            yield machine
        finally:
            machine.end()


@pytest.mark.long
def test_a_database_that_dies_is_told_and_so_is_that_it_is_back(here: Machine) -> None:
    here.start("database", "worker", "scheduler", "watch")
    here.kill("database")
    assert here.ended("database") == 1, "its service ends, for systemd to start it anew"
    wait_until(lambda: here.silent == {"databasen"})
    here.start("database")
    wait_until(lambda: not here.silent)
    assert len(here.office.subjects) == 2


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "dead", [("scheduler",), ("worker",), ("database",), ("scheduler", "worker", "database")], ids="-".join
)
def test_each_that_dies_is_told_and_the_heart_stops_until_it_is_back(here: Machine, dead: tuple[str, ...]) -> None:
    here.start("database", "worker", "scheduler", "watch")
    wait_until(lambda: here.beats, BEATS)
    assert here.office.subjects == [], "control: all are alive, for longer than something may be silent"

    here.kill(*dead)
    names = {"databasen"} if "database" in dead else set().union(*(NAMES[part] for part in dead))
    wait_until(lambda: here.silent == names)
    if "scheduler" not in dead:
        wait_until(here.said_no, BEATS)
    beats = here.beats
    if "database" in dead:
        here.ended("database")
    here.start(*(part for part in ("database", "worker", "scheduler") if part in dead))
    wait_until(lambda: not here.silent)
    assert here.beats == beats, "nothing before that"
    wait_until(lambda: here.beats > beats, BEATS)
    assert sum(subject.startswith(OVER) for subject in here.office.subjects) == 1
