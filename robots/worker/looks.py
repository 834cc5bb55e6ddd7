"""The toolkit's own looks into a system: a task for each system, so that workers who reach it carry them out."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import replace
from functools import cache
from pathlib import Path

from robots.cases.connectors import connector
from robots.errors import ConfigurationError
from robots.systems.access import SystemAccess
from robots.task import Access, Task

# What each look is called, and after it the system that it looks at.
MORNING_CHECK, LOOK_BEHIND = LOOKS = ("morning_check_", "look_behind_")


def system_looked_at(task_name: str) -> str:
    """The system that a look is into; "" for any other task."""
    return next(
        (task_name.removeprefix(look) for look in LOOKS if task_name.startswith(look)),
        "",
    )


def into_system(look: Task, named: str, system: str) -> Task:
    """The look into just this system, as its argument ``system``. Raises ``ConfigurationError`` where it is not."""
    return replace(
        look,
        name=named + system,
        systems=(Access("system", system, "read", reader_of(system)),),
    )


@cache
def reader_of(system: str) -> type[SystemAccess]:
    """What reads in a system, whether it is a case system or another. Raises ``ConfigurationError``."""
    try:
        found: type[SystemAccess] = importlib.import_module(f"robots.systems.{system}").Reader
    except (ModuleNotFoundError, AttributeError):
        try:
            return connector(system, "read")
        except ConfigurationError:
            raise ConfigurationError(f"Systemet {system} har ingen drivrutin.") from None
    return found


def has_driver(system: str) -> bool:
    """Whether the toolkit can work in the system at all."""
    try:
        reader_of(system)
    except ConfigurationError:
        return False
    return True


def folder_of(kind: type[SystemAccess]) -> Path:
    """Where all that is known of the driver's system lies."""
    return Path(inspect.getfile(kind)).parent
