"""Imports point downwards, the town and the toolkit are strangers, and tasks see only what is meant for them."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import robots
from tests.architecture.source import ROBOTS, ROOT, name_of, nodes, project_files, python_files, system_folders

TASKS = python_files("tasks")
# What a task may need beside the toolkit: its inputs may be a pydantic model.
ALSO_FOR_TASKS = frozenset({"pydantic"}) | sys.stdlib_module_names


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_point_downwards() -> None:
    told = lint_imports(ROOT)

    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("errors.py", "robots.fields"),
        ("effects.py", "robots.systems.driver"),
        ("cli/town.py", "robots.practice.faults"),
        ("practice/faults.py", "robots.errors"),
    ],
)
def test_control_an_import_upwards_is_seen(module: str, imported: str, tmp_path: Path) -> None:
    shutil.copytree(ROBOTS, tmp_path / "robots", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "robots" / module).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {imported}\n")

    told = lint_imports(tmp_path)

    assert told.returncode == 1, told.stdout
    assert "BROKEN" in told.stdout


def contracts() -> dict[str, dict[str, Any]]:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["name"]: contract for contract in told["tool"]["importlinter"]["contracts"]}


def test_every_station_is_in_the_contracts_about_the_town() -> None:
    """A list of modules says nothing about one that is not in it."""
    found = {p.relative_to(ROBOTS).parts[0].removesuffix(".py") for p in project_files() if p.is_relative_to(ROBOTS)}
    stations = {f"robots.{name}" for name in found - {"__init__", "practice"}}

    assert set(contracts()["The toolkit never imports the practice town"]["source_modules"]) == stations
    assert set(contracts()["The practice town never imports the toolkit"]["forbidden_modules"]) == stations


def test_every_system_is_in_the_contract_about_systems() -> None:
    folders = system_folders("systems") + system_folders("cases")

    assert set(contracts()["The systems know nothing of each other"]["modules"]) == {
        f"robots.{folder.parent.name}.{folder.name}" for folder in folders
    }


def imports_of(path: Path) -> list[tuple[str, str]]:
    """(module, name) of every import; the name is "" where a whole module is imported."""
    found: list[tuple[str, str]] = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [("." * node.level + (node.module or ""), alias.name) for alias in node.names]
    return found


def not_for_tasks(path: Path) -> list[tuple[str, str]]:
    systems = {folder.name for folder in system_folders("systems")}
    allowed = {("robots", name) for name in robots.__all__} | {("robots.systems", name) for name in systems}
    return [i for i in imports_of(path) if i not in allowed and i[0].partition(".")[0] not in ALSO_FOR_TASKS]


@pytest.mark.parametrize("path", TASKS, ids=name_of)
def test_a_task_imports_only_robots_and_its_systems(path: Path) -> None:
    assert not_for_tasks(path) == []


@pytest.mark.parametrize(
    "line",
    [
        "from robots.settings import load_settings",
        "from robots import load_settings",
        "import robots.queue",
        "from robots.systems.drawing_archive.driver import Reader",
        "import playwright",
        "from . import send_drawings",
    ],
)
def test_control_another_import_in_a_task_is_seen(line: str, tmp_path: Path) -> None:
    task = tmp_path / "task.py"
    task.write_text(line, "utf-8")

    assert len(not_for_tasks(task)) == 1
