"""What a robot must have been given before a task may open its first page."""

from __future__ import annotations

from datetime import date

from robots.settings import Settings
from robots.task import Access, Task


def demand_rights(settings: Settings, task: Task, robot: str) -> None:
    """Raise ``AccessDenied`` unless the robot has the level in every system, and may decide where the task decides."""
    for access in given(settings, task, robot):
        settings.demand_access(robot, system_key(settings, access), access.level)
    if task.level == "beslut":
        settings.demand_delegation(robot, task.name, date.today())


def given(settings: Settings, task: Task, robot: str) -> tuple[Access, ...]:
    """The systems that the robot works in for the task: one that it can do without only where the robot may."""
    return tuple(
        each for each in task.systems
        if not each.optional or settings.grants(robot, system_key(settings, each), each.level)
    )  # fmt: skip


def robot_with_rights(settings: Settings, task: Task) -> str:
    """The robot that has the task. Raises ``ConfigurationError`` without one, ``AccessDenied`` without its rights."""
    robot = settings.robot_for(task.name).name
    demand_rights(settings, task, robot)
    return robot


def system_key(settings: Settings, access: Access) -> str:
    """The system behind an argument of a task: ``cases`` stands for the case system that is configured."""
    return settings.cases if access.system == "cases" else access.system
