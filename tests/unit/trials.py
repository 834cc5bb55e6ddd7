"""A run whose task does what the test wants, tried as a slot would try it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from robots.cases import Cases
from robots.fields import CaseNumber, ShortText
from robots.queue.engine import RetryLater
from robots.queue.runs import find_run, submit
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import attempts
from robots.systems import drawing_archive
from robots.task import Run, task
from robots.task_files import LoadedTasks
from robots.worker.attempt import attempt_run
from robots.worker.warm_browser import WarmBrowser
from tests.in_this_process import in_this_process

Happening = Callable[[Run], None]
_happenings: list[Happening] = []


@task(title="Prov", owner="Ingen", saves_minutes=1)
def happen(run: Run, words: ShortText = "hej") -> None:
    """Gör det som provet vill."""
    _happenings[0](run)


@task(title="Prov i ärende", owner="Ingen", saves_minutes=1)
def happen_in_case(run: Run, case_number: CaseNumber, *, cases: Cases.Writer) -> None:
    """Gör det som provet vill, i ett ärende."""
    _happenings[0](run)


@task(title="Läs i arkivet", owner="Ingen", saves_minutes=1)
def look(run: Run, *, archive: drawing_archive.Reader) -> None:
    """Gör det som provet vill, med arkivet."""
    _happenings[0](run)


class Trial:
    """One run at a time, tried as a slot would; ``pauses`` are what the attempts asked for."""

    def __init__(self, settings: Settings, store: Store, browser: WarmBrowser) -> None:
        self.settings = settings.model_copy(update={"retry_seconds": 2.0, "attempts": 4, "evidence": "steps"})
        self.store = store
        self.browser = browser
        functions: list[Any] = [happen, happen_in_case, look]
        self.tasks = LoadedTasks({f.__name__: f.__ragnhild_task__ for f in functions})
        self.pauses: list[float] = []
        self.run_id = 0

    def ask(self, name: str = "happen", robot: str = "ragnhild", *, dry_run: bool = False, **typed: Any) -> int:
        asked = self.tasks.find(name)
        values = asked.inputs.parse(typed)
        told = submit(self.store, asked, values, robot=robot, source="guide", started_by="test", dry_run=dry_run)
        self.run_id = told.run_id
        return told.run_id

    def attempt(self, happening: Happening) -> str | None:
        """The outcome's word, or None when the attempt asked for another."""
        _happenings[:] = [happening]
        try:
            return attempt_run(self.settings, self.store, self.tasks, self.browser, self.run_id, carry=in_this_process)
        except RetryLater as later:
            self.pauses.append(later.seconds)
            return None
        finally:
            self.browser.prepare()

    @property
    def run(self) -> Any:
        return find_run(self.store, self.run_id)

    def attempts(self) -> list[str]:
        with self.store.begin() as connection:
            rows = connection.execute(select(attempts).order_by(attempts.c.id)).all()
        return [str(row.ending) for row in rows]


def raising(error: Exception) -> Happening:
    def raise_it(_: Run) -> None:
        raise error

    return raise_it


def well(_: Run) -> None:
    """Nothing goes wrong."""
