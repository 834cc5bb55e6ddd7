"""A scheduler with a clock that a test sets, on schedules that a test writes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from robots.local_time import moment_of
from robots.queue.pauses import pause, resume, schedule_scope
from robots.scheduler.scheduler import Scheduler
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import kept_calendars, runs, schedules, start_runs, starts

TASK = '''"""En uppgift utan system."""
from robots import Run, task


@task(title="Räkna", owner="Prov", saves_minutes=0)
def count(run: Run, number: float) -> None:
    """Räknar."""
'''
ROBOT = '[ada]\ntitle = "Ada"\nowner = "Prov"\nuser = "robot.ada"\ntasks = ["count"]\n'
DAILY = 'title = "Prov"\ntask = "count"\n[when]\ncron = "0 6 * * *"\n[inputs]\nnumber = 1\n'


@dataclass
class Timetable:
    """``now`` is what the clocks in Sweden show; the scheduler knows no other time."""

    settings: Settings
    store: Store
    now: str = "2026-11-09 00:00"

    @classmethod
    def laid(cls, machine: Settings, store: Store, folder: Path) -> Timetable:
        """A municipality with one robot, one task and no schedule yet."""
        for name in ("config", "tasks", "schedules"):
            (folder / name).mkdir()
        (folder / "config/robots.toml").write_text(ROBOT, "utf-8")
        (folder / "tasks/count.py").write_text(TASK, "utf-8")
        places = {f"{name}_dir": folder / name for name in ("config", "tasks", "schedules")}
        values = machine.model_dump() | places  # a copy would keep the robots that the machine has read
        return cls(Settings(**values), store)

    def write(self, text: str = DAILY, name: str = "prov") -> Path:
        file = self.settings.schedules_dir / f"{name}.toml"
        file.write_text(text, "utf-8")
        return file

    def at(self, now: str, scheduler: Scheduler | None = None) -> list[tuple[str, str]]:
        """Let the scheduler look then. Returns all starts so far: the time on the wall and the state."""
        self.now = now
        (scheduler or self.scheduler()).look_round()
        return self.starts()

    def scheduler(self) -> Scheduler:
        """A new one each time: a scheduler remembers nothing that is not in the database."""
        return Scheduler(self.settings, self.store, now=self._moment)

    def _moment(self, _: Connection) -> datetime:
        return moment_of(datetime.fromisoformat(self.now))

    def starts(self) -> list[tuple[str, str]]:
        return [(row.local_time.strftime("%m-%d %H:%M"), row.state) for row in self.rows()]

    def rows(self) -> list[Any]:
        with self.store.begin() as connection:
            return list(connection.execute(select(starts).order_by(starts.c.due_at)))

    def asked(self) -> list[str]:
        """The times on the wall of the starts that have a run, once for each run."""
        wanted = select(starts.c.local_time).join(start_runs, start_runs.c.start_id == starts.c.id)
        with self.store.begin() as connection:
            told = connection.execute(wanted.order_by(start_runs.c.run_id)).scalars()
            return [local.strftime("%m-%d %H:%M") for local in told]

    def runs(self) -> list[Any]:
        with self.store.begin() as connection:
            return list(connection.execute(select(runs).order_by(runs.c.id)))

    def end_runs(self) -> None:
        """As if a worker had carried them out."""
        with self.store.begin() as connection:
            connection.execute(update(runs).values(state="done"))

    def pause(self, name: str = "prov") -> None:
        pause(self.store, schedule_scope(name), by="Karin", reason="semester")

    def resume(self, name: str = "prov") -> None:
        resume(self.store, schedule_scope(name), by="Karin")

    def error(self, name: str = "prov") -> str:
        with self.store.begin() as connection:
            told: str = connection.execute(select(schedules.c.error).where(schedules.c.name == name)).scalar_one()
        return told

    def calendar_fault(self) -> str:
        with self.store.begin() as connection:
            told: str = connection.execute(select(kept_calendars.c.error)).scalar_one()
        return told

    def remove(self) -> None:
        shutil.rmtree(self.settings.schedules_dir)
        self.settings.schedules_dir.mkdir()
