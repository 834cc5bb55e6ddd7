"""What a start asks for: one run with the schedule's own inputs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from robots.errors import ConfigurationError, WrongInput
from robots.queue.runs import submit_within
from robots.scheduler.schedule import Schedule
from robots.scheduler.starts import CannotStart
from robots.settings import Settings
from robots.task import Task
from robots.task_files import LoadedTasks


def asks_in(
    connection: Connection, settings: Settings, tasks: Callable[[], LoadedTasks]
) -> Callable[[Schedule, datetime], list[int]]:
    """Asks for a start's runs in the transaction that notes the start: they are there together, or neither is.

    ``tasks`` is asked for them only when something starts: to load them takes as long as to look at all schedules.
    """

    def ask(schedule: Schedule, local: datetime) -> list[int]:
        try:
            task = task_of(schedule, tasks())
            values = task.inputs.parse(schedule.inputs)
            asked = submit_within(
                connection, task, values, robot=settings.robot_for(task.name).name, source="schedule",
                started_by=f"schema {schedule.name}", apart=f"{schedule.name} {local.isoformat()}",
                answer_hours=settings.answer_hours,
            )  # fmt: skip
        except (ConfigurationError, WrongInput) as error:
            raise CannotStart(str(error)) from None
        return [asked.run_id]

    return ask


def task_of(schedule: Schedule, tasks: LoadedTasks) -> Task:
    """Raises ``CannotStart`` where the task is missing or its file is broken, and where the inputs do not fit it."""
    broken = next((p for p in tasks.problems if p.file.stem == schedule.task), None)
    if broken and schedule.task not in tasks.by_name:
        raise CannotStart(f"Uppgiften {schedule.task} går inte att läsa: {broken}")
    task = tasks.find(schedule.task)
    for problem in schedule.problems(task):
        raise CannotStart(problem)
    return task
