"""Where the processes for tasks come from: copies of a template, or, where a process cannot be copied, new ones."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from robots.worker.task_process.wire import MOST_ASKED, receive, send

TEMPLATE = Path(__file__).with_name("template.py")
# What a process may know of where it is; nothing else of the environment is the task's business. The first tells whose
# it is (``family.py``).
KEPT = ("TMPDIR", "TEMP", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "LC_TIME", "PATH", "SYSTEMROOT")
LAST_BREATH_SECONDS = 0.5


class TaskProcessDied(BaseException):
    """The process has ended in the middle of a run, and its slot ends as it did. No error: no task has let it through.

    ``code`` is its exit code; below zero, the signal that killed it.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"the task's process ended (exit code {code})")
        self.code = code


@dataclass(frozen=True)
class Copy:
    """A process that waits for its one run, or is at it. It writes in ``folder`` alone."""

    pid: int
    folder: Path
    heard: IO[bytes]
    said: IO[bytes]

    def hear(self) -> bytes | None:
        """What it asks next; None where it has gone. Raises ``Rubbish``."""
        try:
            return receive(self.heard, MOST_ASKED)
        except OSError:
            return None

    def tell(self, content: bytes) -> None:
        with suppress(OSError):  # it has gone, and is heard no more
            send(self.said, content)

    def close(self) -> None:
        for each in (self.heard, self.said):
            with suppress(OSError):  # it has gone with something still to be written to it
                each.close()


class Copies(Protocol):
    """Makes processes one at a time, and ends them."""

    def wait_ready(self) -> None:
        """Until one can be had without waiting. Raises ``TaskProcessDied``."""

    def new(self, folder: Path, readable: list[Path]) -> Copy:
        """One that is shut in, and may read what is ``readable``. Raises ``TaskProcessDied``."""

    def end(self, copy: Copy, seconds: float) -> int:
        """How it ended: by itself within so many seconds, or killed. Raises ``TaskProcessDied``."""

    def close(self) -> None: ...


class Forked:
    """Copies of one template, which has imported what a task may want."""

    def __init__(self) -> None:
        self._slot, others = socket.socketpair()
        with others:
            self._template = subprocess.Popen(
                _command(str(others.fileno())), pass_fds=[others.fileno()], stdin=subprocess.DEVNULL, cwd="/",
                env=_environment(),
            )  # fmt: skip
        self._lines = self._slot.makefile("rb")
        self._is_ready = False

    def wait_ready(self) -> None:
        if not self._is_ready:
            self._hear()
            self._is_ready = True

    def new(self, folder: Path, readable: list[Path]) -> Copy:
        ours, others = socket.socketpair()
        with ours, others:
            try:
                socket.send_fds(self._slot, [_told(folder, readable).encode()], [others.fileno()])
            except OSError:
                raise TaskProcessDied(self._ended()) from None
            pid = self._hear()["pid"]
            return Copy(pid, folder, ours.makefile("rb"), ours.makefile("wb"))  # they keep the socket open

    def end(self, copy: Copy, seconds: float) -> int:
        copy.close()
        with suppress(OSError):
            self._slot.sendall(json.dumps({"end": copy.pid, "seconds": seconds}).encode())
        return self._hear()["code"]

    def close(self) -> None:
        self._template.kill()
        self._template.wait()
        self._lines.close()
        self._slot.close()

    def _hear(self) -> dict[str, int]:
        line = self._lines.readline()
        if not line:
            raise TaskProcessDied(self._ended())
        told: dict[str, int] = json.loads(line)
        return told

    def _ended(self) -> int:
        with suppress(subprocess.TimeoutExpired):
            return self._template.wait(LAST_BREATH_SECONDS) or 1
        return 1


class Started:
    """A new process each time, where none can be copied (Windows): half a second more, while the slot rests."""

    def __init__(self) -> None:
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def wait_ready(self) -> None: ...

    def new(self, folder: Path, readable: list[Path]) -> Copy:
        process = subprocess.Popen(
            _command(_told(folder, readable)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder,
            env=_environment(),
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        self._processes[process.pid] = process
        return Copy(process.pid, folder, process.stdout, process.stdin)

    def end(self, copy: Copy, seconds: float) -> int:
        copy.close()
        process = self._processes.pop(copy.pid)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(seconds)
        process.kill()
        return process.wait()

    def close(self) -> None: ...


def _command(told: str) -> list[str]:
    return [sys.executable, "-I", str(TEMPLATE), told]


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def _told(folder: Path, readable: list[Path]) -> str:
    told: dict[str, Any] = {"folder": str(folder), "readable": [str(each) for each in readable]}
    return json.dumps(told)
