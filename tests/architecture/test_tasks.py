"""No task leaves its case with the robot: after the note it closes it, or says how it stands and hands it on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.source import name_of, python_files

TASKS = python_files("tasks")
CLOSED = "Avslutat"


def endings(source: str) -> list[list[str]]:
    """What is done in the case after each note, in the order of the file: ``closed``, ``status``, ``hand_over``."""
    calls = [
        node for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name) and node.func.value.id == "cases"
    ]  # fmt: skip
    found: list[list[str]] = []
    for call in sorted(calls, key=lambda each: each.lineno):
        match call:
            case ast.Call(func=ast.Attribute(attr="add_note")):
                found.append([])
            case ast.Call(func=ast.Attribute(attr="set_status"), args=[_, ast.Constant(value=value)]):
                found[-1].append("closed" if value == CLOSED else "status")
            case ast.Call(func=ast.Attribute(attr="set_status")):
                found[-1].append("status")
            case ast.Call(func=ast.Attribute(attr="hand_over")):
                found[-1].append("hand_over")
    return found


def leaves_nothing_with_the_robot(source: str) -> bool:
    allowed = (["closed"], ["status", "hand_over"], ["status", "hand_over", "closed"])
    return endings(source) != [] and all(ending in allowed for ending in endings(source))


@pytest.mark.parametrize("path", TASKS, ids=name_of)
def test_a_task_closes_its_case_or_hands_it_on(path: Path) -> None:
    assert leaves_nothing_with_the_robot(path.read_text("utf-8"))


@pytest.mark.parametrize("ending", ["set_status", "hand_over"])
def test_control_a_task_that_leaves_it_is_seen(ending: str) -> None:
    task = next(path for path in TASKS if path.name == "propose_income_support.py").read_text("utf-8")
    assert not leaves_nothing_with_the_robot(task.replace(f"cases.{ending}(", "run.tell("))
