"""Work that ends itself with -9 at a moment that it is told, in a process forked off from the test's own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

_MOVED = ("os.link", "os.rename", "os.remove", "os.rmdir")
_SECONDS = 60


def killed(work: Callable[[], int], kill_at: int, folder: Path, since: str = "") -> tuple[bool, int]:
    """Whether it was killed at the moment of that number (0 is never), or else how many moments there were.

    A moment is round every statement and commit, and before a file in ``folder`` is opened for writing, linked, renamed
    or removed; ``since`` are words of the statement that the count begins with.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 3
        try:
            signal.alarm(_SECONDS)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            moments = _Moments(kill_at, str(folder), since)
            code = work()
            os.write(write, str(moments.seen).encode())
        finally:
            os._exit(code)
    os.close(write)
    _, status = os.waitpid(pid, 0)
    with os.fdopen(read) as told:
        seen = told.read()
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), code
    return code != 0, int(seen or 0)


class _Moments:
    def __init__(self, kill_at: int, folder: str, since: str) -> None:
        self.seen, self._kill_at = 0, kill_at
        self._folder, self._since = folder, since
        # A commit is no statement of the driver's, and the moments round it are what matters most.
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(Engine, moment, self._of_database)
        sys.addaudithook(self._of_files)

    def _of_database(self, *told: object) -> None:
        if self._since and any(isinstance(each, str) and self._since in each for each in told):
            self._since = ""
        self._pass()

    def _of_files(self, what: str, told: tuple[Any, ...]) -> None:
        opened = what == "open" and isinstance(told[2], int) and told[2] & (os.O_WRONLY | os.O_RDWR)
        if (opened or what in _MOVED) and str(told[0]).startswith(self._folder):
            self._pass()

    def _pass(self) -> None:
        if self._since:
            return
        self.seen += 1
        if self.seen == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
