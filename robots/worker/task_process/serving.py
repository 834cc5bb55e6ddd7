"""The slot's side of one run: what the task's process asks for, looked at and carried out by the real run and systems.

Nothing is believed that comes from there. A method must be one that the declared class publishes, its arguments are
made into the types of its own annotations, a file is one that this run has handed out. What the process may ask for
beside that is here, in ``_answer``, and nothing else is.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, cached_property
from inspect import Signature
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError

from robots.errors import (
    ApprovalNeeded,
    BusinessException,
    CommitsStopped,
    EffectLost,
    ProtectedPerson,
    RunCancelled,
)
from robots.systems.access import SystemAccess
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.interface import Interface
from robots.task import Run, StepLog, Task
from robots.worker.task_process.inside import SAID
from robots.worker.task_process.wire import IDENTIFIERS, Rubbish, packed, packed_error

# What ends a run whatever its task thinks of it: nothing more is done, and no task has caught it for good.
FINAL = (ApprovalNeeded, CommitsStopped, EffectLost, ProtectedPerson, RunCancelled)
# What a task writes in the log by itself.
EVENTS = ("told", "letter", "table")
_BASES = (SystemAccess, Driver, Interface)


class TaskFault(Exception):
    """An error of another kind than the toolkit's, in a task's code; the words begin with what it is called there.

    ``where`` is the task's file, and its line there.
    """

    def __init__(self, words: str, where: str) -> None:
        super().__init__(words)
        self.where = where


@dataclass(frozen=True)
class Method:
    """One method of a system as a task may call it, with the types of its arguments."""

    name: str
    signature: Signature
    hints: Mapping[str, Any]

    @cached_property
    def makes(self) -> dict[str, TypeAdapter[Any]]:
        """What makes each argument what it should be. Raises ``TypeError`` where one takes what is no value."""
        try:
            return {name: TypeAdapter(hint) for name, hint in self.hints.items()}
        except PydanticSchemaGenerationError:
            raise TypeError(f"{self.name} är inte till för uppgifter") from None

    def bound(self, args: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name. Raises ``TypeError`` as the method itself would, and tells no value."""
        bound = self.signature.bind(None, *args, **named)
        bound.apply_defaults()
        found = dict(list(bound.arguments.items())[1:])
        for name, made in self.makes.items():
            if type(found[name]) in _either(self.hints[name]):  # of several types it is one already, and no other
                continue
            try:
                found[name] = made.validate_python(found[name])
            except ValidationError as error:
                kind = self.signature.parameters[name].annotation
                raise TypeError(f"{self.name}: {name} ska vara {kind} ({error.errors()[0]['type']})") from None
        return found


@cache
def published(kind: type) -> dict[str, Method]:
    """What a class of a system has for its tasks, by name: its own public methods, and nothing of what it stands on."""
    names = {name for name in dir(kind) if not name.startswith("_")} - {n for base in _BASES for n in dir(base)}
    return {name: _method(name, found) for name in names if inspect.isfunction(found := getattr(kind, name))}


def _method(name: str, found: Any) -> Method:
    signature, hints = inspect.signature(found), get_type_hints(found)
    return Method(name, signature, {each: hints[each] for each in list(signature.parameters)[1:] if each in hints})


def _either(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else ()


class Serving:
    """One run. ``declared`` is, for each system of the task, the class that its signature names."""

    def __init__(
        self, task: Task, run: Run, log: StepLog, systems: Mapping[str, SystemAccess], declared: Mapping[str, type]
    ) -> None:
        self._file = task.file
        self._module = task.function.__module__
        self._run = run
        self._log = log
        self._systems = systems
        self._declared = declared
        self._steps: list[AbstractContextManager[None]] = []
        self._raised: list[Exception] = []
        self._handed_out: dict[str, bytes] = {}
        self._final: Exception | None = None

    def answer(self, asked: dict[str, Any]) -> bytes:
        """What the process is to hear. Raises ``Rubbish`` for what the toolkit's own side of it never asks."""
        try:
            return packed(("is", self._answer(asked)), module=self._module, seen=self._hand_out)
        except Rubbish:
            raise
        except Exception as error:  # the task's to catch, or to let through; it comes back by its number
            self._raised.append(error)
            if isinstance(error, FINAL):
                self._final = self._final or error
            return packed_error(error, len(self._raised) - 1)

    def end(self, told: Any) -> None:
        """The task has ended: raise what it ended with, if not well."""
        if self._final:
            raise self._final
        if told is not None:
            raise self._error(told)

    def _answer(self, asked: dict[str, Any]) -> Any:
        match asked:
            case {"call": str(argument), "method": str(method), "args": list(args), "named": dict(named)}:
                return self._call(argument, method, args, named)
            case {"step": str(title)}:
                step = self._run.step(title)
                step.__enter__()
                self._steps.append(step)
            case {"stopped": told} if self._steps:
                error = None if told is None else self._error(told)
                ends = self._steps.pop()
                ends.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
            case {"event": str(kind), "title": str(title), "detail": dict(detail)} if kind in EVENTS:
                self._log.event(kind, title, **detail)
            case {"hide": list(values)} if all(isinstance(each, str) for each in values):
                self._log.hide(*values)
            case {"made": str(mark)}:
                return self._run.has_made(mark)
            case _:
                raise Rubbish(f"asks for {sorted(asked)[:5]}")
        return None

    def _call(self, argument: str, name: str, args: list[Any], named: dict[str, Any]) -> Any:
        if self._final:
            raise self._final
        method = published(self._declared[argument]).get(name) if argument in self._declared else None
        if method is None:
            raise Rubbish(f"calls {argument[:50]}.{name[:50]}")
        system = self._systems[argument]
        told = method.bound(self._restored(args, system), self._restored(named, system))
        return getattr(system, name)(**told)

    def _hand_out(self, document: Document) -> None:
        self._handed_out[document.sha256] = document.content

    def _restored(self, told: Any, system: SystemAccess) -> Any:
        """The same with files and identifiers in it. Raises ``FileNotHeld`` for a file that was not handed out."""
        if isinstance(told, list):
            return [self._restored(each, system) for each in told]
        if not isinstance(told, dict):
            return told
        match told:
            case {"$file": str(sha256), "name": str(name), "type": str(kind)}:
                if sha256 not in self._handed_out:
                    raise system.not_held(name)
                return Document(name, self._handed_out[sha256], kind)
            case {"$identifier": str(kind), "value": str(value)} if kind in IDENTIFIERS:
                return IDENTIFIERS[kind](value)
        return {name: self._restored(each, system) for name, each in told.items()}

    def _error(self, told: Any) -> Exception:
        match told:
            case {"again": int(number)} if 0 <= number < len(self._raised):
                return self._raised[number]
            case {"said": str(called), "words": str(words), "kind": str(kind), "todo": str(todo)} if called in SAID:
                return _said(SAID[called], words, kind, todo)
            case {"fault": str(called), "words": str(words), "line": int(line)}:
                return TaskFault(f"{called[:100]}: {words}", f"{self._file}:{line}")
        raise Rubbish("ends in another way")


def _said(called: type[Exception], words: str, kind: str, todo: str) -> Exception:
    if called is ProtectedPerson:
        return ProtectedPerson(words)
    if called is BusinessException:
        return BusinessException(words, todo=todo, kind=kind)
    error = called(words)
    vars(error).update({name: told for name, told in (("kind", kind), ("todo", todo)) if told})
    return error
