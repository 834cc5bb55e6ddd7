"""The toolkit's own tasks, which run as the municipality's do."""

from __future__ import annotations

from robots.task import Task
from robots.task_files import LoadedTasks
from robots.worker.read_inbox import READ_INBOX, AskingRun
from robots.worker.waiting_note import WAITING_NOTE

OWN_TASKS = {own.name: own for own in (WAITING_NOTE, READ_INBOX)}


def find_task(tasks: LoadedTasks, name: str) -> Task:
    """The municipality's task of that name, or the toolkit's own. Raises ``WrongInput`` when there is none."""
    return OWN_TASKS.get(name) or tasks.find(name)


__all__ = ["OWN_TASKS", "AskingRun", "find_task"]
