"""A task's function called where the test is, for tests of what an attempt does with its ending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robots.systems.access import SystemAccess
from robots.task import Run, StepLog, Task


def in_this_process(
    task: Task, run: Run, _log: StepLog, arguments: Mapping[str, Any], systems: Mapping[str, SystemAccess | None], /
) -> None:
    """No wall, and no channel: the function itself, with the real run and the real systems."""
    task.function(run, **arguments, **systems)
