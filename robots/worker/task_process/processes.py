"""A slot's processes for tasks: one spare that lies ready, and the one that is at work."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from loguru import logger

from robots.cases import Cases
from robots.errors import ConfigurationError
from robots.settings import Settings
from robots.systems.access import SystemAccess
from robots.task import Run, StepLog, Task
from robots.worker.task_process import walls
from robots.worker.task_process.copies import LAST_BREATH_SECONDS, Copies, Copy, Forked, Started, TaskProcessDied
from robots.worker.task_process.serving import Serving, TaskFault, published
from robots.worker.task_process.wire import Rubbish, packed, read

__all__ = ["Carrier", "TaskProcessDied", "TaskProcesses"]


class Carrier(Protocol):
    """What carries out a task's function, and raises what it ends with."""

    def __call__(
        self, task: Task, run: Run, log: StepLog, arguments: Mapping[str, Any],
        systems: Mapping[str, SystemAccess | None], /,
    ) -> None: ...  # fmt: skip


class TaskProcesses:
    """Started with the slot, and ended with it. Every method belongs to the slot's one thread."""

    def __init__(self, settings: Settings) -> None:
        """Raises ``ConfigurationError`` where tasks are to be shut in and cannot be."""
        _see_to_walls(settings)
        # All that a task reads by itself; what else it needs goes over the channel.
        self._letters = (settings.config_dir / "letters").resolve()
        self._tables = (settings.config_dir / "tables").resolve()
        self._copies: Copies = Forked() if hasattr(os, "fork") else Started()
        self._spare: Copy | None = None
        self._used: list[Copy] = []

    def prepare(self) -> None:
        """Lay the next one ready, and remove what the last one has left. Raises ``TaskProcessDied``."""
        self._copies.wait_ready()
        while self._used:
            used = self._used.pop()
            self._copies.end(used, LAST_BREATH_SECONDS)
            shutil.rmtree(used.folder, ignore_errors=True)
        if self._spare is None:
            folder = Path(tempfile.mkdtemp(prefix="run-"))
            self._spare = self._copies.new(folder, [self._letters, self._tables])

    def carry_out(
        self, task: Task, run: Run, log: StepLog, arguments: Mapping[str, Any],
        systems: Mapping[str, SystemAccess | None], /,
    ) -> None:  # fmt: skip
        """Call the task's function in a process of its own, and raise what it ends with."""
        self.prepare()
        copy, self._spare = self._spare, None
        assert copy is not None
        used = {name: system for name, system in systems.items() if system is not None}
        declared = {a.argument: a.driver or _contract(a.level) for a in task.systems if a.argument in used}
        serving = Serving(task, run, log, used, declared)
        try:
            copy.tell(self._begin(task, run, arguments, declared))
            while (content := copy.hear()) is not None:
                asked = read(content)
                if "ended" in asked:
                    self._leave(copy)
                    serving.end(asked["ended"])
                    return
                copy.tell(serving.answer(asked))
        except Rubbish as rubbish:  # not tried again: a task that says that means something by it
            self._leave(copy)
            raise TaskFault(f"Rubbish: {rubbish}", str(task.file)) from None
        raise TaskProcessDied(self._copies.end(copy, LAST_BREATH_SECONDS))

    def close(self) -> None:
        for copy in [*self._used, *([self._spare] if self._spare else [])]:
            self._copies.end(copy, LAST_BREATH_SECONDS)
            shutil.rmtree(copy.folder, ignore_errors=True)
        self._copies.close()

    def _leave(self, copy: Copy) -> None:
        """Nothing is heard from it any more. Ended for sure between the runs: no outcome waits for that."""
        copy.close()
        self._used.append(copy)

    def _begin(self, task: Task, run: Run, arguments: Mapping[str, Any], declared: Mapping[str, type]) -> bytes:
        return packed({
            "file": str(task.file), "source": task.source, "function": task.name, "run": run.id, "robot": run.robot,
            "today": run.today, "dry_run": run.dry_run, "letters": self._letters, "tables": self._tables,
            "systems": {name: frozenset(published(kind)) for name, kind in declared.items()},
            "without": [each.argument for each in task.systems if each.argument not in declared],
            "arguments": packed(dict(arguments), module=task.function.__module__),
        })  # fmt: skip


def _see_to_walls(settings: Settings) -> None:
    if lacks := ", ".join(walls.missing()):
        if settings.walls_required:
            raise ConfigurationError(f"Uppgifterna kan inte stängas in på den här maskinen: det som saknas är {lacks}")
        logger.warning("a task's process is not shut in as it should be: there is no {}", lacks)


def _contract(level: str) -> type:
    """What every case system has for a task, whichever it is."""
    return Cases.Writer if level == "journal" else Cases.Reader
