"""Which systems a run is in while it goes on, and how many robots each of them lets in."""

from __future__ import annotations

from robots.cases.connectors import connector
from robots.errors import ConfigurationError
from robots.opening_hours import OpeningHours
from robots.queue.seats import Need
from robots.settings import Settings
from robots.systems.access import SystemAccess
from robots.systems.card import card_of
from robots.task import Task
from robots.task_files import LoadedTasks
from robots.worker.looks import system_looked_at
from robots.worker.own_tasks import OWN_TASKS
from robots.worker.rights import given


def needs_of(settings: Settings, tasks: LoadedTasks, task: str, robot: str) -> list[Need]:
    """What a run of the task wants a seat in. Nothing where something is configured wrongly: the attempt tells what."""
    if robot not in settings.robots:
        return []
    try:
        found = OWN_TASKS.get(task) or tasks.by_name.get(task)
        if found is None:
            return []
        account, looks = settings.robots[robot].user, bool(system_looked_at(task))
        return [_need(settings, key, kind, account, looks=looks) for key, kind in drivers_of(settings, found, robot)]
    except ConfigurationError:
        return []


def systems_of(settings: Settings, task: Task) -> set[str]:
    """The keys of the systems that the task's runs must be able to reach."""
    return {key for key, _ in drivers_of(settings, task, settings.robot_of(task.name))}


def drivers_of(settings: Settings, task: Task, robot: str) -> list[tuple[str, type[SystemAccess]]]:
    """The case system is one of them when there is a case, asked for or not: a handover is written there."""
    found = {access.system: access.driver for access in given(settings, task, robot) if access.driver}
    if task.inputs.case_number or any(access.driver is None for access in task.systems):
        found[settings.cases] = connector(settings.cases, "journal")
    return sorted(found.items())


def _need(settings: Settings, key: str, kind: type[SystemAccess], account: str, *, looks: bool) -> Need:
    told, card = settings.system(key), card_of(kind)
    most = card.sessions if told.most_sessions is None else told.most_sessions
    return Need(
        key, card.title, account, most, told.most_sessions_per_robot, told.starts_per_minute,
        hours=OpeningHours(told.hours or card.hours, told.maintenance), looks=looks,
        takes_handovers=key == settings.cases,
    )  # fmt: skip
