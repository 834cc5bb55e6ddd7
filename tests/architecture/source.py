"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROBOTS = ROOT / "robots"


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted(path for line in told.stdout.splitlines() if (path := ROOT / line).is_file()))


def python_files(*folders: str) -> list[Path]:
    return [p for p in project_files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in folders]


def in_toolkit(path: Path) -> bool:
    """In ``robots/``, but not in the practice town, which is a program of its own."""
    return path.is_relative_to(ROBOTS) and not path.is_relative_to(ROBOTS / "practice")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(tree_of(path))


def system_folders(within: str) -> list[Path]:
    """The folders of ``robots/systems`` or ``robots/cases`` that are a system each."""
    found = {p.parent for p in project_files() if p.name == "driver.py" and p.parent.parent == ROBOTS / within}
    return sorted(found)
