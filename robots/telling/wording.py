"""What things are called in a message: titles for names, dates as people say them, and no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import robots.systems
from robots.errors import ConfigurationError
from robots.evidence.redaction import one_line, redact
from robots.local_time import on_the_wall
from robots.settings import Settings
from robots.systems.card import read_card
from robots.task_files import LoadedTasks, load_tasks
from robots.worker.own_tasks import OWN_TASKS

_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
)  # fmt: skip
# What a person writes freely may hold a name or an address, whatever the field is for.
_FREE = ("text", "long_text")


class Names:
    """``settings`` say who has which task; the tasks are loaded when the first title is asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def task(self, name: str) -> str:
        """The task's title; its name where its file has gone."""
        found = OWN_TASKS.get(name) or self._tasks.by_name.get(name)
        return found.title if found else name

    def owner(self, robot: str) -> str:
        """Who answers for the robot; "" for one that there is no more."""
        found = self.settings.robots.get(robot)
        return found.owner if found else ""

    def robot(self, name: str) -> str:
        found = self.settings.robots.get(name)
        return found.title if found else name

    def system(self, key: str) -> str:
        """What the system's own card calls it."""
        folder = Path(robots.systems.__file__).parent
        for place in (folder / key, folder.parent / "cases" / key):
            try:
                return read_card(place).title
            except ConfigurationError:
                continue
        return key

    def safe(self, text: str, task: str, inputs: Mapping[str, Any]) -> str:
        """Text of a run as it may leave the house: without what was typed into personal and free fields."""
        found = self._tasks.by_name.get(task)
        fields = {each.name for each in found.inputs if each.words.personal or each.kind in _FREE} if found else inputs
        return covered(text, [value for name in fields if isinstance(value := inputs.get(name), str)])

    @cached_property
    def _tasks(self) -> LoadedTasks:
        return load_tasks(self.settings.tasks_dir)


def covered(text: str, known: Iterable[str] = ()) -> str:
    """As it may leave the house: on one line, without what looks personal, and without the ``known`` values."""
    return one_line(redact(text, known))


def day(when: date) -> str:
    """«9 november»."""
    return f"{when.day} {_MONTHS[when.month - 1]}"


def clock(moment: datetime) -> str:
    """«9 november kl. 06:00», in Swedish time."""
    local = on_the_wall(moment)
    return f"{day(local)} kl. {local:%H:%M}"


def in_days(days: int, when: date) -> str:
    """When something ends that lasts to the end of a day: «går ut om 7 dagar, den 30 november»."""
    if days < 0:
        return f"gick ut den {day(when)}"
    return {0: "går ut i dag", 1: "går ut i morgon"}.get(days, f"går ut om {days} dagar, den {day(when)}")


def lasting(seconds: float) -> str:
    """«1 tim 20 min»."""
    minutes = max(1, round(seconds / 60))
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} tim" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )
