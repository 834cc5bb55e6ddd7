"""Runs that have ended, as rows with times that a test sets, and the municipality whose tasks they are of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import insert, update

from robots.local_time import moment_of
from robots.settings import Settings
from robots.statistics.calculating import figures_of
from robots.statistics.figures import Counts, Figures, TaskFigures
from robots.statistics.period import Period
from robots.store import Store
from robots.store.schema import attempts, outcomes, runs
from robots.task_files import load_tasks
from tests.unit.told_people import new_run

TASKS = '''"""Två uppgifter utan system, i var sitt team."""
from robots import Run, task


@task(title="Skicka ritningar", owner="Samhällsbyggnad", saves_minutes=12)
def drawings(run: Run, number: float) -> None:
    """Skickar."""


@task(title="Boka tömning", owner="Teknik och renhållning", saves_minutes=7)
def sludge(run: Run, number: float) -> None:
    """Bokar."""
'''
ROBOTS = '[ada]\ntitle = "Ada"\nowner = "Prov"\nuser = "robot.ada"\ntasks = ["drawings", "sludge"]\n'


@dataclass
class Ended:
    """A municipality of two tasks, and what its robots have done."""

    settings: Settings
    store: Store

    @classmethod
    def laid(cls, machine: Settings, store: Store, folder: Path) -> Ended:
        for name in ("config", "tasks"):
            (folder / name).mkdir()
        (folder / "config/robots.toml").write_text(ROBOTS, "utf-8")
        (folder / "tasks/two.py").write_text(TASKS, "utf-8")
        places = {f"{name}_dir": folder / name for name in ("config", "tasks", "schedules", "data")}
        values = machine.model_dump() | places | {"database_url": SecretStr(store.url)}
        return cls(Settings(**values), store)

    def run(
        self, outcome: str, at: str, *, task: str = "drawings", kind: str = "", waited: float = 0, worked: float = 60,
        count: int = 1, **columns: Any,
    ) -> int:  # fmt: skip
        """A run that ended ``at`` (Swedish time), after so many seconds in line and at work; the last of ``count``."""
        end = moment_of(datetime.fromisoformat(at))
        started = end - timedelta(seconds=worked)
        told = {"task": task, "state": outcome, "source": "guide", "attempts": 1, "started_at": started,
                "finished_at": end}  # fmt: skip
        with self.store.begin() as connection:
            asked = started - timedelta(seconds=waited)
            made = [new_run(connection, asked, **(told | columns)) for _ in range(count)]
            endings = [{"run_id": run_id, "outcome": outcome, "kind": kind, "at": end} for run_id in made]
            connection.execute(insert(outcomes), endings)
        return made[-1]

    def anew(self, earlier: int, outcome: str, at: str, *, again: int = 0, **columns: Any) -> int:
        """A run that a person ordered after an earlier one: tried anew, or (``again``) made once more."""
        shared: dict[str, Any] = {"request": f"request-{earlier}", "earlier_run": earlier, "again": again}
        with self.store.begin() as connection:
            known = connection.execute(
                update(runs).where(runs.c.id == earlier, runs.c.earlier_run.is_(None))
                .values(request=shared["request"]).returning(runs.c.id)
            ).scalar()  # fmt: skip
            if known is None:
                shared["request"] = connection.execute(
                    runs.select().with_only_columns(runs.c.request).where(runs.c.id == earlier)
                ).scalar_one()
        return self.run(outcome, at, **(shared | columns))

    def tries(self, run_id: int, *seconds: float) -> None:
        """The run's attempts, each at work for so long."""
        with self.store.begin() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(attempts=len(seconds)))
            begun = connection.execute(
                runs.select().with_only_columns(runs.c.started_at).where(runs.c.id == run_id)
            ).scalar_one()
            for number, lasted in enumerate(seconds, 1):
                connection.execute(
                    insert(attempts).values(
                        run_id=run_id, number=number, host="h", pid=1, pid_started="1", started_at=begun,
                        ended_at=begun + timedelta(seconds=lasted), ending="retry",
                    )
                )  # fmt: skip

    def measured(self, text: str) -> Path:
        """What ``config/baselines.toml`` says."""
        file = self.settings.config_dir / "baselines.toml"
        file.write_text(text, "utf-8")
        return file

    def figures(self, first: str = "2026-10-01", last: str = "2026-10-31", **chosen: Any) -> Figures:
        period = Period(datetime.fromisoformat(first).date(), datetime.fromisoformat(last).date())
        return figures_of(self.store, self.settings, load_tasks(self.settings.tasks_dir), period, **chosen)


def task_in(figures: Figures, name: str) -> TaskFigures:
    return next(each for each in figures.tasks if each.task == name)


def counts(figures: Figures, name: str = "drawings") -> Counts:
    return task_in(figures, name).now.counts
