"""Load every file in ``tasks/``. A broken one is told with file and line, and does not stop the others."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from robots.errors import ConfigurationError, WrongInput
from robots.task import Task

# A task file lives under a name of its own space: one called h2.py must not be what «import h2» finds.
NAMESPACE = "ragnhild_tasks"


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file, where, in words for the admin who wrote it."""

    file: Path
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line or 1}: {self.message}"


@dataclass
class LoadedTasks:
    """The tasks by name, and the problems of the files that could not be loaded."""

    by_name: dict[str, Task] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def find(self, name: str) -> Task:
        """By name, written with - or _. Raises ``WrongInput`` with the names there are."""
        task = self.by_name.get(name.replace("-", "_"))
        if task is None:
            raise WrongInput("Uppgift", name, f"Det finns {', '.join(t.command for t in self.by_name.values())}.")
        return task


def load_tasks(folder: Path) -> LoadedTasks:
    loaded = LoadedTasks()
    for file in sorted(folder.glob("*.py")):
        if file.name.startswith("_"):
            continue
        try:
            for task in _tasks_in(file):
                _add(loaded, task)
        except ConfigurationError as error:
            loaded.problems.append(Problem(file, error.line, str(error).removeprefix(f"{file}:{error.line}: ")))
        except (Exception, SystemExit) as error:  # whatever an admin's file raises is told, and stops no other file
            words = error.msg if isinstance(error, SyntaxError) else str(error)
            loaded.problems.append(Problem(file, _line_in(file, error), f"{type(error).__name__}: {words}"))
    return loaded


def _tasks_in(file: Path) -> list[Task]:
    name = f"{NAMESPACE}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ConfigurationError("Filen går inte att läsa som Python.", str(file), 1)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # type hints are looked up there
    spec.loader.exec_module(module)
    found = [v.__ragnhild_task__ for v in vars(module).values() if hasattr(v, "__ragnhild_task__")]
    if not found:
        raise ConfigurationError("Filen har ingen uppgift: ingen funktion är märkt med @task.", str(file), 1)
    return found


def _add(loaded: LoadedTasks, task: Task) -> None:
    if task.name in loaded.by_name:
        other = loaded.by_name[task.name].file
        raise ConfigurationError(f"Uppgiften {task.name} finns redan i {other.name}.", str(task.file), 1)
    loaded.by_name[task.name] = task


def _line_in(file: Path, error: BaseException) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == file]
    return lines[-1] if lines else None
