"""A driver at its workbench, exactly as a run has it: a claimed run, an open attempt, the ledger, a fresh window.

``bench_for(drawing_archive.Reader)`` is all that most tests need. Several drivers of one attempt, a second attempt of
the same run and a run that died come from ``bench_for.new_run()``.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import Row, select, update

from robots.cli.town import LOOKER, Town
from robots.evidence.keys import Keys
from robots.queue.attempts import Claimed, end_attempt
from robots.queue.claims import claim
from robots.queue.runs import events_of, submit
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import ProcessId, this_process
from robots.store.schema import attempts, effects
from robots.systems.access import SystemAccess
from robots.task import Run, Task, task
from robots.task_files import LoadedTasks
from robots.worker.attempt import Attempt
from robots.worker.left_for_later import ledger_of
from robots.worker.warm_browser import WarmBrowser
from tests.contract.levels import pytest_runtest_logreport, pytest_sessionfinish
from tests.contract.shares import leave_to_long
from tests.contract.systems import InterfaceUnderTest, SystemUnderTest
from tests.in_this_process import in_this_process

__all__ = ["pytest_runtest_logreport", "pytest_sessionfinish"]  # the suite computes each system's level


@pytest.hookimpl(tryfirst=True)  # before what is marked is chosen from
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    leave_to_long(items)


D = TypeVar("D", bound=SystemAccess)
# Short enough that a page which stays silent does not hold up the suite, long enough for four busy cores.
TIMEOUT_SECONDS = 5
SETTLE_SECONDS = 1


@task(title="Förarprov", owner="Tallinge kommun", saves_minutes=0)
def driver_trial(run: Run, number: float) -> None:
    """Står för den uppgift som en körning i kontraktsproven annars skulle ha."""


@pytest.fixture
def pictures() -> None:
    """For a test that judges pictures: the others take none, an eighth of what a change costs."""


@pytest.fixture
def settings(machine: Settings, tmp_path: Path, town: Town, request: pytest.FixtureRequest) -> Settings:
    """The machine's settings with short waits, and with the looker as a robot that may read everywhere."""
    folder = tmp_path / "config"
    shutil.copytree(machine.config_dir, folder)
    told = (folder / "systems.toml").read_text("utf-8")
    systems = tomllib.loads(told)
    waits = f"settle_seconds = {SETTLE_SECONDS}\ntimeout_seconds = {TIMEOUT_SECONDS}\n"
    told = re.sub(r"^(settle|timeout)_seconds = .*\n", "", told, flags=re.MULTILINE)
    told = re.sub(r"^(url = .*\n)", rf"\1{waits}", told, flags=re.MULTILINE)
    (folder / "systems.toml").write_text(told, "utf-8")
    with (folder / "robots.toml").open("a", encoding="utf-8") as robots:
        robots.write(f'\n[{LOOKER}]\ntitle = "Titta"\nowner = "Tallinge kommun"\nuser = "{LOOKER}"\ntasks = []\n')
    with (folder / "access.toml").open("a", encoding="utf-8") as access:
        access.write(f"\n[{LOOKER}]\n" + "".join(f'{key} = "read"\n' for key in systems))
    evidence = "full" if "pictures" in request.fixturenames else "steps"
    values = machine.model_dump(exclude={"config_dir", "town", "evidence"})
    return Settings(**values, evidence=evidence, config_dir=folder, town=town.address)


class RunAtWork:
    """A run whose attempt is open, with the drivers that it has taken into use.

    The attempt is the worker's own ``Attempt``; only the task is missing from it.
    """

    def __init__(self, benches: Benches, run_id: int, robot: str, claimed: Claimed, task: Task, number: int) -> None:
        self.run_id = run_id
        self.robot = robot
        self._benches = benches
        self._task = task
        self._number = number
        self._begin(claimed)

    def _begin(self, claimed: Claimed) -> None:
        self.claimed = claimed
        self.attempt = Attempt(
            self._benches.settings, self._benches.store, self._benches.tasks, self._benches.browser, claimed,
            keys=Keys.of(self._benches.settings, self._benches.store), carry=in_this_process,
        )  # fmt: skip
        self.attempt.systems._held = None  # the files that tests attach come out of no system
        values = self._task.inputs.parse({"number": self._number})
        self.attempt.systems.ledger = ledger_of(self._benches.store, claimed, self._task.name, values)

    def driver(self, kind: type[D]) -> D:
        """The attempt's driver of this kind; raises ``AccessDenied`` when the robot has not been granted its level."""
        self._benches.settings.demand_access(self.robot, kind.system, kind.level)
        found = cast("D", self.attempt.systems.driver(kind))
        found.bench.stops_at_protected = False  # a driver must see it by itself; the guard has tests of its own
        return found

    def try_again(self) -> None:
        """The attempt ends in good order, and the next one of the same run begins: a new window, all reads anew."""
        end_attempt(self._benches.store, self.claimed, "nytt försök")
        self._next()

    def die(self) -> None:
        """The process of the attempt is gone, without a word: its attempt stays open, as after a kill."""
        gone = ProcessId(this_process().host, this_process().pid, "0.00")  # somebody who had our number before us
        with self._benches.store.begin() as connection:
            connection.execute(
                update(attempts).where(attempts.c.id == self.claimed.attempt_id).values(pid_started=gone.started)
            )
        assert gone.certainly_dead

    def die_and_try_again(self) -> None:
        """The process dies, and another takes the run over."""
        self.die()
        self._next()

    def effect_states(self) -> dict[str, str]:
        """What the ledger says of each of the run's effects, by its ``once``."""
        with self._benches.store.begin() as connection:
            found = connection.execute(select(effects.c.once, effects.c.state).where(effects.c.run_id == self.run_id))
            return {row.once: row.state for row in found}

    def events(self) -> list[Row[Any]]:
        """The run's step log so far."""
        self.attempt.recorder.flush()
        return events_of(self._benches.store, self.run_id)

    def pictures(self) -> list[Path]:
        """The pictures that the attempt has taken so far, on disk."""
        self.attempt.recorder.finish()
        return sorted(self.attempt.recorder.folder.glob("*.jpg"))

    def close(self) -> None:
        self.attempt.systems.close()
        with suppress(PlaywrightError, RuntimeError):
            self.attempt.recorder.finish()

    def _next(self) -> None:
        self.close()
        claimed = claim(self._benches.store, self.run_id, this_process())
        assert claimed is not None
        self._begin(claimed)


class Benches:
    """Makes runs and the drivers in them. Everything it opened is closed when the test ends."""

    def __init__(self, settings: Settings, store: Store, tasks: LoadedTasks, browser: WarmBrowser) -> None:
        self.settings = settings
        self.store = store
        self.tasks = tasks
        self.browser = browser
        self._open: list[RunAtWork] = []

    def __call__(self, kind: type[D], *, robot: str = "", run: RunAtWork | None = None, dry_run: bool = False) -> D:
        """A driver in a run of its own, or in ``run``. Without ``robot`` the first one that has the right."""
        if run is None:
            run = self.new_run(robot or self.robot_for(kind), dry_run=dry_run)
        return run.driver(kind)

    def new_run(self, robot: str, *, dry_run: bool = False) -> RunAtWork:
        """A run that nobody has asked for before, claimed by this process."""
        number = len(self._open) + 1
        trial: Task = driver_trial.__ragnhild_task__  # type: ignore[attr-defined]  # put there by @task
        asked = submit(
            self.store, trial, trial.inputs.parse({"number": number}), robot=robot, source="guide", started_by="test",
            dry_run=dry_run,
        )  # fmt: skip
        claimed = claim(self.store, asked.run_id, this_process())
        assert claimed is not None
        self._open.append(RunAtWork(self, asked.run_id, robot, claimed, trial, number))
        return self._open[-1]

    def robot_for(self, kind: type[SystemAccess]) -> str:
        """The first robot in ``config/access.toml`` that has the level which the driver asks for."""
        for robot, rights in self.settings.access.items():
            if rights.get(kind.system) in (kind.level, "journal"):
                return robot
        raise LookupError(f"nobody may use {kind.system} at the level {kind.level}")

    def close(self) -> None:
        for run in self._open:
            run.close()
        self.browser.prepare()


@pytest.fixture
def bench_for(
    settings: Settings, store: Store, tasks: LoadedTasks, browser: WarmBrowser, evidence: Path
) -> Iterator[Benches]:
    """``bench_for(Reader)`` is a driver ready for work; ``bench_for.new_run("ragnhild")`` a run to make several in."""
    benches = Benches(settings, store, tasks, browser)
    yield benches
    benches.close()


@pytest.fixture
def run(bench_for: Benches, system: SystemUnderTest | InterfaceUnderTest) -> RunAtWork:
    """A run of a robot that may change the system that the test is about."""
    assert system.writer is not None
    return bench_for.new_run(bench_for.robot_for(system.writer))
