"""Commands that stay, as processes of their own, and waiting for what they do."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS = 120.0


@contextmanager
def resident(environment: dict[str, str], *line: str, module: str = "robots") -> Iterator[subprocess.Popen[str]]:
    """``module``: the program, where it is not the toolkit's own."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *line], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=SECONDS)


def wait_until(until: Callable[[], object], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)  # another process works; there is nothing to wait on but what it writes
