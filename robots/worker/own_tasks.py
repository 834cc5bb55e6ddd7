"""The toolkit's own tasks, which run as the municipality's do."""

from __future__ import annotations

from robots.settings import Settings
from robots.store import Store
from robots.task import Run, Task
from robots.task_files import LoadedTasks
from robots.worker.asking_run import AskingRun
from robots.worker.read_folder import READ_FOLDER
from robots.worker.read_inbox import READ_INBOX
from robots.worker.waiting_note import WAITING_NOTE

OWN_TASKS = {own.name: own for own in (WAITING_NOTE, READ_INBOX, READ_FOLDER)}


def find_task(tasks: LoadedTasks, name: str) -> Task:
    """The municipality's task of that name, or the toolkit's own. Raises ``WrongInput`` when there is none."""
    return OWN_TASKS.get(name) or tasks.find(name)


def run_for(task: Task, run: Run, settings: Settings, store: Store, tasks: LoadedTasks) -> Run:
    """What the task is given: the toolkit's own may ask for other runs."""
    return AskingRun(run, settings, store, tasks) if task.name in OWN_TASKS else run
