"""What a task's own source says of it: its steps, where it stops, what it writes, which letters and tables it uses.

A stop rule is a ``raise BusinessException(reason, kind=…, todo=…)``, in the task's file or in what it calls of a
driver. Nothing is said twice, so the description cannot fall behind the code.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from robots.cases.connectors import connector
from robots.errors import BusinessException
from robots.systems.access import SystemAccess
from robots.systems.once import effects_of
from robots.tables import YearTable
from robots.task import Access, Task

FILLED_IN = "…"  # what is not known before a run


@dataclass(frozen=True)
class StopRule:
    """When a person gets the case: ``kind`` is what it is counted as, ``todo`` what the person is asked to do."""

    kind: str
    reason: str
    todo: str


@dataclass(frozen=True)
class Change:
    """What a task writes: ``what`` is the effect's own words, ``once`` its name within the run."""

    system: str
    what: str
    once: str


@dataclass(frozen=True)
class Step:
    """A stage of the task as the guide sees it, with the changes that are made in it."""

    title: str
    changes: tuple[Change, ...]


def driver_of(access: Access, cases: str) -> type[SystemAccess]:
    """The class behind an argument of a task; ``cases`` is the case system that is configured."""
    return access.driver or connector(cases, access.level)


def tables_of(task: Task) -> list[type[YearTable]]:
    """The tables that a task's file declares, in its order."""
    declared = [kind for kind in vars(sys.modules[task.function.__module__]).values() if isinstance(kind, type)]
    return [kind for kind in declared if issubclass(kind, YearTable) and kind is not YearTable]


class TaskSource:
    """A task's file, read as code. ``drivers`` are the classes behind its arguments."""

    def __init__(self, task: Task, drivers: dict[str, type[SystemAccess]]) -> None:
        self._drivers = drivers
        self._tree = ast.parse(task.file.read_text("utf-8"))
        self._names = vars(sys.modules[task.function.__module__])

    def stop_rules(self) -> list[StopRule]:
        """The task's own, in the order of its file."""
        return list(dict.fromkeys(_stop_rules(self._tree, self._names)))

    def stop_rules_of(self, argument: str) -> list[StopRule]:
        """Those of what it calls of one driver, and of what that calls in turn."""
        driver = self._drivers[argument]
        called = {method for name, method, _ in self._calls(self._tree) if name == argument}
        found = [rule for method in sorted(called) for rule in _rules_behind(driver, method)]
        return list(dict.fromkeys(found))

    def steps(self) -> list[Step]:
        """The task's, in the order of its file. A change that a function beside the task makes is in no step."""
        blocks = [
            (_words(made.args[0], self._names), block) for block in ast.walk(self._tree) if isinstance(block, ast.With)
            for each in block.items
            if isinstance(made := each.context_expr, ast.Call) and made.args
            and isinstance(made.func, ast.Attribute) and made.func.attr == "step"
        ]  # fmt: skip
        blocks.sort(key=lambda found: found[1].lineno)
        return [Step(title, tuple(self.changes(within=block))) for title, block in blocks]

    def changes(self, within: ast.AST | None = None) -> list[Change]:
        """In the order of the file; ``within`` a part of it."""
        found = []
        for argument, method, call in self._calls(within or self._tree):
            driver = self._drivers[argument]
            if method in effects_of(driver):
                once = next((_words(k.value, self._names) for k in call.keywords if k.arg == "once"), FILLED_IN)
                what = _first_sentence(getattr(driver, method))
                if method == "set_status" and len(call.args) > 1:
                    what = f"{what.rstrip('.')}: {_words(call.args[1], self._names)}."
                found.append(Change(argument, what, once))
        return list(dict.fromkeys(found))

    def names_of_changes(self) -> set[str] | None:
        """What the task calls its effects; None where some name is made only as it runs."""
        named = [k.value for call in ast.walk(self._tree) if isinstance(call, ast.Call)
                 for k in call.keywords if k.arg == "once"]  # fmt: skip
        told = {_words(value, self._names) for value in named}
        return None if any(isinstance(v, ast.IfExp) for v in named) or FILLED_IN in "".join(told) else told

    def _calls(self, tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
        """Every call of a driver's method, by the names of the task's arguments, in the order of the file."""
        calls = [
            node for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name) and node.func.value.id in self._drivers
        ]  # fmt: skip
        for call in sorted(calls, key=lambda c: (c.lineno, c.col_offset)):
            yield call.func.value.id, call.func.attr, call  # type: ignore[attr-defined]  # as looked for above


def _stop_rules(tree: ast.AST, names: dict[str, Any]) -> Iterator[StopRule]:
    # A function that several raise from makes the exception and returns it.
    ends = [node for node in ast.walk(tree) if isinstance(node, ast.Raise | ast.Return)]
    made = [end.exc if isinstance(end, ast.Raise) else end.value for end in ends]
    calls = [each for each in made if isinstance(each, ast.Call)]
    for call in sorted(calls, key=lambda c: c.lineno):
        kind = names.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if not (isinstance(kind, type) and issubclass(kind, BusinessException)):
            continue
        told = {k.arg: _words(k.value, names) for k in call.keywords}
        reason = _words(call.args[0], names) if call.args else FILLED_IN
        unsaid = kind(reason)  # what its class says of itself, where the call does not
        yield StopRule(told.get("kind", unsaid.kind), reason, told.get("todo", unsaid.todo))


def _rules_behind(driver: type[SystemAccess], method: str) -> list[StopRule]:
    """Of one method, and of what it calls of the system's own: other methods, and functions beside them."""
    found: list[StopRule] = []
    waiting = [inspect.unwrap(getattr(driver, method, _not_there))]
    seen = set(waiting)
    while waiting:
        function = waiting.pop(0)
        tree, names = _source_of(function)
        found += _stop_rules(tree, names)
        called = [f for f in _called(tree, driver, names) if _is_the_system_s(f) and f not in seen]
        waiting += called
        seen.update(called)
    return found


def _not_there() -> None:
    """What a driver is taken to do under a name that it does not have."""


def _called(tree: ast.AST, driver: type[SystemAccess], names: dict[str, Any]) -> Iterator[Any]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield inspect.unwrap(getattr(driver, name, _not_there))
            case ast.Call(func=ast.Name(id=name)):
                yield names.get(name)


def _is_the_system_s(function: Any) -> bool:
    """Not the base's: what that may raise is the same for every task."""
    module = getattr(function, "__module__", "")
    return inspect.isfunction(function) and (module.count(".") > 2 or module.startswith("robots.cases."))


@cache
def _source_of(function: Any) -> tuple[ast.AST, dict[str, Any]]:
    return ast.parse(textwrap.dedent(inspect.getsource(function))), vars(sys.modules[function.__module__])


def _words(node: ast.expr, names: dict[str, Any]) -> str:
    """A text as it stands in the code, with «…» for what a run fills in."""
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=parts):
            return "".join(_words(part, names) for part in parts)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{_words(body, names)} / {_words(orelse, names)}"
        case ast.BinOp(left=left, right=right):
            return _words(left, names) + _words(right, names)
        case ast.Name(id=name) if isinstance(names.get(name), str):
            return str(names[name])
        case _:
            return FILLED_IN


def _first_sentence(method: Any) -> str:
    return (inspect.getdoc(method) or "").partition("\n")[0]
