"""A workbook that is unpacked in a process of its own, bounded in memory and time, and asked for its rows.

A file that is made to fill the memory, or to keep the library busy for ever, ends its own process and is told as what
it is. One process is started for each file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, cast

import psutil

from robots.errors import WrongInput

# A million different texts take 300 MB; a hundred thousand rows 60 MB.
MOST_MEMORY = 1_000_000_000
# For one answer: processor time, and time in all. A look through a hundred thousand rows takes 10 seconds.
MOST_SECONDS = 60
LONGEST_WAIT = 120.0
_LOOK_SECONDS = 0.5
# One row of a hundred columns, each of them full and written with six characters for one, is 20 MB.
_LONGEST_ANSWER = 64_000_000
# What a process on Windows cannot start without; nothing else of our environment is the file's business.
_KEPT = ("SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
_SCRIPT = Path(__file__).with_name("unpacking.py")
_KINDS: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat, "date": date.fromisoformat, "time": time_of_day.fromisoformat,
}  # fmt: skip


class Bounded:
    """One workbook in its own process. Every question raises ``WrongInput`` when the file cannot be read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._child = subprocess.Popen(
            [sys.executable, "-I", str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={key: os.environ[key] for key in _KEPT if key in os.environ},
        )  # fmt: skip
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._unfetched = 0
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def give(self, file: IO[bytes]) -> None:
        """Hand it the file, before anything is asked."""
        limits = {"size": file.seek(0, 2), "memory": MOST_MEMORY, "seconds": MOST_SECONDS}
        file.seek(0)
        self._write(json.dumps(limits).encode() + b"\n")
        while block := file.read(1 << 20):
            self._write(block)

    def about(self, mark: str) -> dict[str, Any]:
        return cast(dict[str, Any], self._ask(what="about", name=mark))

    def top(self, sheet: int, rows: int, width: int) -> list[list[Any]]:
        told = self._ask(what="top", sheet=sheet, rows=rows, width=width)
        return [[value_of(value) for value in row] for row in told]

    def shape(self, sheet: int) -> dict[str, Any]:
        return cast(dict[str, Any], self._ask(what="shape", sheet=sheet))

    def rows(self, sheet: int, first: int, width: int) -> Iterator[tuple[int, list[Any], str]]:
        """The rows that are not empty: number, values, and the first letter of what Excel calls each cell's kind."""
        chunk = self._ask(what="rows", sheet=sheet, first=first, width=width)
        while chunk:
            self._send(what="more")  # it reads on while these are looked at
            for number, values, kinds in chunk:
                yield number, [value_of(value) for value in values], kinds
            chunk = self._fetch()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._child.kill()
        self._child.wait()
        self._reader.join()
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(OSError):  # what was still to be written to it
                cast(IO[bytes], pipe).close()

    def _ask(self, **asked: Any) -> Any:
        while self._unfetched:  # of rows that nobody wanted any more
            self._fetch()
        self._send(**asked)
        return self._fetch()

    def _send(self, **asked: Any) -> None:
        self._unfetched += 1
        self._write(json.dumps(asked).encode() + b"\n")

    def _write(self, content: bytes) -> None:
        pipe = cast(IO[bytes], self._child.stdin)
        try:
            pipe.write(content)
            pipe.flush()
        except OSError:
            raise self._too_much() from None

    def _fetch(self) -> Any:
        line = self._next_line()
        self._unfetched -= 1
        if not line.endswith(b"\n"):
            raise self._too_much()
        told = json.loads(line)
        if told.get("damaged") == "MemoryError":
            raise self._too_much()
        if "damaged" in told:
            raise WrongInput(
                "Filen", self._name, "Den är skadad. Öppna den i Excel, spara den på nytt och försök igen. "
                f"({told['damaged']})",
            )  # fmt: skip
        return told["answer"]

    def _next_line(self) -> bytes:
        until = time.monotonic() + LONGEST_WAIT
        while True:
            try:
                return self._answers.get(timeout=_LOOK_SECONDS)
            except Empty:
                if time.monotonic() > until or self._memory() > MOST_MEMORY:
                    self._child.kill()
                    raise self._too_much() from None

    def _memory(self) -> int:
        """Looked at where the system keeps no limit itself."""
        try:
            return int(psutil.Process(self._child.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def _read(self) -> None:
        """In a thread of its own. The last answer is the end of the pipe, and is no whole line."""
        pipe = cast(IO[bytes], self._child.stdout)
        line = b"\n"
        while line.endswith(b"\n"):
            try:
                line = pipe.readline(_LONGEST_ANSWER)
            except OSError:
                line = b""
            self._answers.put(line)

    def _too_much(self) -> WrongInput:
        return WrongInput(
            "Filen", self._name, "Den går inte att läsa: den tar för mycket minne eller tid, eller så avbröts "
            "läsningen. Försök igen. Händer det på nytt, kopiera raderna till en ny mall.",
        )  # fmt: skip


@contextmanager
def unpacked(file: IO[bytes], name: str) -> Iterator[Bounded]:
    """The workbook in ``file``, which people call ``name``, until the end of the block."""
    opened = Bounded(name)
    try:
        opened.give(file)
        yield opened
    finally:
        opened.close()


def value_of(value: Any) -> Any:
    """What ``told`` in ``unpacking.py`` has written."""
    if not isinstance(value, dict):
        return value
    ((kind, written),) = value.items()
    return timedelta(seconds=written) if kind == "timedelta" else _KINDS[kind](written)
