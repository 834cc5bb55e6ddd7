"""A run of the toolkit's own, which may ask for other runs; a municipality's task cannot."""

from __future__ import annotations

from robots.settings import Settings
from robots.store import Store
from robots.task import Run
from robots.task_files import LoadedTasks


class AskingRun(Run):
    """``run`` with what it takes to ask for others."""

    def __init__(self, run: Run, settings: Settings, store: Store, tasks: LoadedTasks) -> None:
        vars(self).update(vars(run))
        self.settings = settings
        self.store = store
        self.tasks = tasks
