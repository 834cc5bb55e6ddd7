"""What a start asks for: one run with the schedule's inputs, or one that reads an inbox, a folder or a mailbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row

from robots.errors import ConfigurationError, WrongInput
from robots.queue.runs import submit_within
from robots.scheduler.schedule import Schedule
from robots.scheduler.starts import CannotStart
from robots.settings import Settings
from robots.task import Task
from robots.task_files import LoadedTasks
from robots.worker.read_folder import READ_FOLDER
from robots.worker.read_inbox import READ_INBOX
from robots.worker.read_mailbox import READ_MAILBOX


def asks_in(
    connection: Connection, settings: Settings, tasks: Callable[[], LoadedTasks]
) -> Callable[[Schedule, Row[Any]], list[int]]:
    """Asks for a start's runs in the transaction that notes the start: they are there together, or neither is.

    ``tasks`` is asked for them only when something starts: to load them takes as long as to look at all schedules.
    """

    def ask(schedule: Schedule, start: Row[Any]) -> list[int]:
        try:
            wanted = task_of(schedule, tasks())
            task, typed = _what_is_asked(schedule, wanted, start.id)
            asked = submit_within(
                connection, task, task.inputs.parse(typed), robot=settings.robot_for(wanted.name).name,
                source="schedule", started_by=f"schema {schedule.name}",
                apart=f"{schedule.name} {start.local_time.isoformat()}", answer_hours=settings.answer_hours,
            )  # fmt: skip
        except (ConfigurationError, WrongInput) as error:
            raise CannotStart(str(error)) from None
        return [asked.run_id]

    return ask


def _what_is_asked(schedule: Schedule, wanted: Task, start_id: int) -> tuple[Task, dict[str, Any]]:
    """The task itself, or the one that reads what the task is wanted for; and what is typed for it."""
    common = {"schedule": schedule.name, "asks_for": wanted.name}
    if schedule.cases:
        told = {"inbox": schedule.cases.inbox, "titles": "\n".join(schedule.cases.titles), "most": schedule.cases.most}
        return READ_INBOX, common | told | {"start": start_id, "given": json.dumps(schedule.inputs)}
    if schedule.rows:
        told = {"folder": str(schedule.rows.folder), "settled_seconds": schedule.rows.settled_seconds}
        return READ_FOLDER, common | told
    if schedule.messages:
        told = {"messages": schedule.messages.model_dump_json(), "start": start_id}
        return READ_MAILBOX, common | told | {"given": json.dumps(schedule.inputs)}
    return wanted, schedule.inputs


def task_of(schedule: Schedule, tasks: LoadedTasks) -> Task:
    """Raises ``CannotStart`` where the task is missing or its file is broken, and where the inputs do not fit it."""
    broken = next((p for p in tasks.problems if p.file.stem == schedule.task), None)
    if broken and schedule.task not in tasks.by_name:
        raise CannotStart(f"Uppgiften {schedule.task} går inte att läsa: {broken}")
    task = tasks.find(schedule.task)
    for problem in schedule.problems(task):
        raise CannotStart(problem)
    return task
