"""``python -m benchmarks.same_process``: a slot that calls a task's function itself, to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robots.settings import Settings
from robots.systems.access import SystemAccess
from robots.task import Run, StepLog, Task
from robots.worker import slot

MODULE = "benchmarks.same_process"


class SameProcess:
    """Stands where a slot's ``TaskProcesses`` stand."""

    def __init__(self, _settings: Settings) -> None: ...

    def prepare(self) -> None: ...

    def close(self) -> None: ...

    def carry_out(
        self,
        task: Task,
        run: Run,
        _log: StepLog,
        arguments: Mapping[str, Any],
        systems: Mapping[str, SystemAccess | None],
        /,
    ) -> None:
        task.function(run, **arguments, **systems)


if __name__ == "__main__":
    vars(slot)["TaskProcesses"] = SameProcess
    slot.main()
