"""The shape that makes one system like the next, one effect like the next, and one error findable."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from typing import Annotated, get_origin

import pytest
from pydantic import BaseModel

import robots
from robots import errors, fields
from robots.settings import Settings, SystemSettings
from tests.architecture.source import (
    ROBOTS,
    ROOT,
    in_toolkit,
    name_of,
    nodes,
    project_files,
    python_files,
    system_folders,
)

MOST_LINES = 320
# Longer than that, and why.
LONGER: dict[str, str] = {}
SYSTEM_FILES = {"__init__.py", "driver.py", "landmarks.toml", "model.py", "system.toml"}
WIRE = "wire.py"  # how a case system with an interface puts things; one that is worked in by its pages has none
CASE_SYSTEM_FILES = SYSTEM_FILES - {"model.py"}  # the model of all case systems is robots/cases/contract.py


# -- files ----------------------------------------------------------------------------------------------------------


def lines_in(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("path", python_files("robots", "tasks"), ids=name_of)
def test_a_file_is_one_idea_long(path: Path) -> None:
    assert lines_in(path) <= MOST_LINES or name_of(path) in LONGER


def test_no_file_is_excused_without_need() -> None:
    assert [name for name in LONGER if lines_in(ROOT / name) <= MOST_LINES] == []


@pytest.mark.parametrize("folder", system_folders("systems") + system_folders("cases"), ids=name_of)
def test_every_system_has_the_same_files(folder: Path) -> None:
    wanted = CASE_SYSTEM_FILES if folder.parent.name == "cases" else SYSTEM_FILES
    found = {p.name for p in project_files() if p.parent == folder}

    assert found - ({WIRE} if folder.parent.name == "cases" else set()) == wanted


# -- drivers --------------------------------------------------------------------------------------------------------


def effects_in(path: Path) -> list[tuple[str, ast.Call]]:
    found = []
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "effect":
                    found.append((node.name, decorator))
    return found


EFFECTS = [
    pytest.param(call, id=f"{folder.name}.{name}")
    for folder in system_folders("systems") + system_folders("cases")
    for name, call in effects_in(folder / "driver.py")
]


@pytest.mark.parametrize("call", EFFECTS)
def test_every_effect_says_how_it_is_found_again(call: ast.Call) -> None:
    """``found_by`` always; and a control, since a page that shows nothing to anybody is no proof of absence."""
    told = {keyword.arg: keyword.value for keyword in call.keywords}

    assert "found_by" in told
    unseeable = isinstance(told["found_by"], ast.Constant) and told["found_by"].value is None
    assert unseeable or "control" in told


def test_effects_were_found_to_look_at() -> None:
    assert len(EFFECTS) >= 5


LOCATORS = re.compile(
    r"\bget_by_(role|text|label|title|placeholder|alt_text|test_id)\(|\.(frame_)?locator\(|\bquery_selector"
)
LOCATORS_ELSEWHERE = {
    "robots/cli/doctor.py": "asks the browser to show a page of the doctor's own, to see that it works",
}


def locators_outside_drivers() -> set[str]:
    drivers = (ROBOTS / "systems", ROBOTS / "cases")
    return {
        name_of(p)
        for p in python_files("robots", "tasks")
        if not any(p.is_relative_to(d) for d in drivers) and LOCATORS.search(p.read_text("utf-8"))
    }


def test_locators_are_in_drivers_only() -> None:
    assert locators_outside_drivers() == set(LOCATORS_ELSEWHERE)


SLEEPS = re.compile(r"\bsleep\(|\bwait_for_timeout\(")


def sleeps_without_reason(text: str) -> list[int]:
    """Line numbers of pauses with no comment on the line or in the two above it."""
    lines = text.splitlines()
    return [
        number + 1
        for number, line in enumerate(lines)
        if SLEEPS.search(line) and not any("#" in near for near in lines[max(0, number - 2) : number + 1])
    ]


@pytest.mark.parametrize("path", [p for p in python_files("robots", "tasks") if in_toolkit(p)], ids=name_of)
def test_every_pause_has_its_reason_beside_it(path: Path) -> None:
    assert sleeps_without_reason(path.read_text("utf-8")) == []


def test_control_a_pause_without_reason_is_seen() -> None:
    assert sleeps_without_reason("a = 1\nb = 2\ntime.sleep(1)\npage.wait_for_timeout(5)  # the town is late") == [3]


# -- settings, names, errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Settings, SystemSettings], ids=lambda m: m.__name__)
def test_every_setting_is_described(model: type[BaseModel]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_robots_offers_exactly_what_tasks_may_use() -> None:
    """All kinds of inputs, the exceptions that a task raises or meets, the case, figures, days, the run, ``@task``."""
    inputs = {
        name
        for name, value in vars(fields).items()
        if (inspect.isclass(value) and issubclass(value, fields.Identifier) and value is not fields.Identifier)
        or get_origin(value) is Annotated
    }

    rest = {"ApplicationException", "Attachment", "BusinessException", "Case", "Cases", "Describe", "Run",
            "TakenMeanwhile", "YearTable", "task", "workdays_after"}  # fmt: skip
    assert set(robots.__all__) == inputs | rest
    assert list(robots.__all__) == sorted(robots.__all__)
    assert all(getattr(robots, name) is not None for name in robots.__all__)


def drawn_errors() -> dict[str, str]:
    """The tree at the top of ``errors.py``: each class and the one above it."""
    found: dict[str, str] = {}
    above: list[str] = []
    for line in inspect.getsource(errors).splitlines():
        drawn = re.match(r"    ([│ ]*)(?:[├└]── )?([A-Z]\w+)(?:  |$)", line)
        if line.startswith("Messages are for people"):
            break
        if drawn and ("──" in line or not found):
            depth = 0 if "──" not in line else len(drawn[1]) // 4 + 1
            above[depth:] = [drawn[2]]
            found[drawn[2]] = above[depth - 1] if depth else "Exception"
    return found


def every_error() -> dict[str, str]:
    """Every class below ``RagnhildError`` in the whole toolkit, and the one above it."""
    for module in pkgutil.walk_packages(robots.__path__, "robots."):
        if not module.name.startswith(("robots.practice", "robots.__main__", "robots.store.migrations")):
            import_module(module.name)
    found = {"RagnhildError": "Exception"}
    waiting: list[type[Exception]] = [errors.RagnhildError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.startswith("robots."):
                found[kind.__name__] = kind.__bases__[0].__name__
                waiting.append(kind)
    return found


def test_every_error_stands_in_the_drawn_tree() -> None:
    assert drawn_errors() == every_error()
