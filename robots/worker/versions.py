"""What a version of a task is made of: its file, the folders of the systems that it works in, and its tables."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, Row

from robots.errors import ConfigurationError
from robots.queue.task_versions import Version, why_not
from robots.settings import Settings
from robots.task import Task
from robots.task_files import LoadedTasks
from robots.worker.needs import drivers_of
from robots.worker.task_rules import tables_of

# What a driver is written in; what it leaves beside itself when it is used is not its text.
WRITTEN_IN = (".py", ".toml", ".js")

Versions = Mapping[str, Version]


def version_of(settings: Settings, task: Task) -> Version:
    """The task as its files are at this moment. Raises ``ConfigurationError`` for a case system that there is not."""
    files = {f"{task.file.parent.name}/{task.file.name}": task.file}
    for key, driver in drivers_of(settings, task, settings.robot_of(task.name)):
        folder = Path(inspect.getfile(driver)).parent
        files |= {f"{key}/{file.relative_to(folder).as_posix()}": file for file in _texts(folder)}
    for table in tables_of(task):
        files[f"tables/{table.name}.toml"] = settings.config_dir / "tables" / f"{table.name}.toml"
    return Version(task.name, {name: _text(file) for name, file in files.items()})


def versions_of(settings: Settings, tasks: LoadedTasks) -> Versions:
    """Of all tasks, where somebody must have approved them.

    Read when they are loaded: it is what this process carries out, whatever is written later.
    """
    found: dict[str, Version] = {}
    for name, task in tasks.by_name.items() if settings.four_eyes else ():
        try:
            found[name] = version_of(settings, task)
        except ConfigurationError:  # without its systems nobody can have approved it
            found[name] = Version(name, {})
    return found


def unapproved(versions: Versions, connection: Connection, run: Row[object]) -> str:
    """Why the run may not begin with the version that this process has; "" when it may. The toolkit's own tasks may."""
    version = versions.get(run.task)
    return "" if run.dry_run or version is None else why_not(connection, version)


def _texts(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.suffix in WRITTEN_IN and file.is_file())


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""
