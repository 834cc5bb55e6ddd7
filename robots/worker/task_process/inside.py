"""Inside a task's process: read the task's file, call its function, and ask the slot for all that it wants done."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any, NoReturn, TypeVar

from loguru import logger

from robots.errors import (
    ApplicationException,
    BusinessException,
    ConfigurationError,
    ProtectedPerson,
    TakenMeanwhile,
)
from robots.letters import Letters
from robots.tables import Tables
from robots.task import Run, task
from robots.task_files import NAMESPACE
from robots.worker.task_process.wire import (
    LONGEST_WORDS,
    NUMBER,
    own_module,
    put,
    rebuilt,
    receive,
    send,
    unpacked,
)

F = TypeVar("F", bound=Callable[..., None])
# What a task may say of its own that went wrong; a kind of its own counts as the nearest of them.
SAID = {each.__name__: each for each in (
    ProtectedPerson, BusinessException, TakenMeanwhile, ApplicationException, ConfigurationError,
)}  # fmt: skip
# A file that came out of a system is at most a hundred megabytes, and there may be several.
MOST_ANSWERED = 1 << 31


class Channel:
    """One question at a time, whichever thread asks."""

    def __init__(self, heard: IO[bytes], said: IO[bytes]) -> None:
        self._heard = heard
        self._said = said
        self._asking = threading.Lock()

    def hear(self) -> Any:
        content = receive(self._heard, MOST_ANSWERED)
        if content is None:  # the slot has gone, and whoever took its place begins anew
            os._exit(1)
        return content

    def ask(self, **asked: Any) -> Any:
        """What the slot answers. Raises what it raises there."""
        question = put(**asked)
        with self._asking:
            self.tell(question)
            answer = self.hear()
        match unpacked(answer):
            case ("raised", number, kind, args, state):
                raise rebuilt(number, kind, args, state)
            case (_, value):
                return value

    def tell(self, content: bytes) -> None:
        send(self._said, content)

    def leave_to_parent(self) -> None:
        """In a copy that a task has made of the process: the slot is to see when the process itself ends."""
        for each in {self._heard.fileno(), self._said.fileno()}:
            os.close(each)


class Access:
    """Stands for a system: has the methods that its class publishes for a task, and nothing else."""

    def __init__(self, channel: Channel, argument: str, published: frozenset[str]) -> None:
        self._channel = channel
        self._argument = argument
        self._published = published

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method not in self._published:
            raise AttributeError(f"{self._argument} har inget som heter {method}")
        return lambda *args, **named: self._channel.ask(call=self._argument, method=method, args=args, named=named)


class Log:
    """Stands for the run's log; a step that begins here begins there."""

    def __init__(self, channel: Channel, file: str) -> None:
        self._channel = channel
        self._file = file

    def event(self, kind: str, title: str, /, **detail: Any) -> None:
        self._channel.ask(event=kind, title=str(title), detail=detail)

    def hide(self, *values: str) -> None:
        self._channel.ask(hide=[str(each) for each in values if each])

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._channel.ask(step=str(title))
        try:
            yield
        except BaseException as error:
            self._channel.ask(stopped=told_of(error, self._file))
            raise
        self._channel.ask(stopped=None)


def told_of(error: BaseException, file: str) -> dict[str, Any]:
    """An error as the slot is told of it: one of its own by its number, what a task may say, or a fault in its code."""
    if isinstance(number := vars(error).get(NUMBER), int):
        return {"again": number}
    words = _words(error)
    for kind in type(error).__mro__:
        if kind.__name__ in SAID and SAID[kind.__name__] is kind:
            more = {name: str(getattr(error, name, ""))[:LONGEST_WORDS] for name in ("kind", "todo")}
            return {"said": kind.__name__, "words": words, **more}
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == file]
    return {"fault": type(error).__name__, "words": words, "line": lines[-1] if lines else 0}


def _words(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST_WORDS]
    except Exception:  # an error of a task's own kind, which cannot even say what it is
        return ""


def carry_out(heard: IO[bytes], said: IO[bytes]) -> NoReturn:
    """The one run of this process: it ends with it."""
    _log_nothing()
    channel = Channel(heard, said)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=channel.leave_to_parent)
    begin = unpacked(channel.hear())
    file = begin["file"]
    ended: dict[str, Any] | None = None
    try:
        function = _function(file, begin["source"], begin["function"])
        run = Run(
            begin["run"], begin["robot"], begin["today"], Log(channel, file), dry_run=begin["dry_run"],
            has_made=lambda mark: bool(channel.ask(made=str(mark))),
            letters=Letters(begin["letters"]), tables=Tables(begin["tables"]),
        )  # fmt: skip
        systems = {name: Access(channel, name, published) for name, published in begin["systems"].items()}
        function(run, **unpacked(begin["arguments"]), **systems, **dict.fromkeys(begin["without"]))
    except SystemExit as leaving:
        _leave(leaving.code if isinstance(leaving.code, int) else bool(leaving.code))
    except BaseException as error:  # whatever it is, the slot is told and nothing else is there to notice
        ended = told_of(error, file)
    with suppress(OSError, ValueError):  # a task may have closed them
        sys.stdout.flush()
    with suppress(OSError):  # closed as well; then it has ended in the middle, and at once
        channel.tell(put(ended=ended))
        _leave(0)
    _leave(1)


def _log_nothing() -> None:
    """Only the slot knows what must not be written. What a task prints is its own."""
    logger.remove()
    logging.disable()
    warnings.simplefilter("ignore")
    threading.excepthook = lambda told: print(f"a task's thread ended: {told.exc_type.__name__}", file=sys.stderr)


def _leave(code: int) -> NoReturn:
    os._exit(code)  # a task may have left threads that never end


def _function(file: str, source: bytes, name: str) -> Callable[..., None]:
    """The task's function, out of just the source that the slot has read, under the name that it has there."""
    module = ModuleType(f"{NAMESPACE}.{Path(file).stem}")
    module.__file__ = file
    sys.modules[module.__name__] = module
    found: dict[str, Callable[..., None]] = {}
    declare = task

    def mark(**declared: Any) -> Callable[[F], F]:
        """What a task declares has been read by the slot. Here it is its function."""

        def marked(function: F) -> F:
            if function.__module__ != module.__name__:  # the toolkit's own, which the task's file has imported
                return declare(**declared)(function)
            found[function.__name__] = function
            return function

        return marked

    vars(sys.modules["robots.task"])["task"] = mark  # ``robots.task`` is the decorator itself
    exec(compile(source, file, "exec", dont_inherit=True), vars(module))  # noqa: S102 - what this process is for
    own_module.update(vars(module))
    return found[name]
