"""Signs that the parts of this process go round, and what the service system (systemd) is told of them.

A part that goes round gives a sign; one that hangs does not, and the process is then no longer live: whoever watches it
(systemd by its watchdog, another by ``/health/live``) starts it anew.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# A look at the schedules may wait for a database that does not answer; what gives no sign for longer than this hangs.
SILENT_SECONDS = 120.0
# Whoever does not read what it has asked for is not waited for: nobody could end this process then.
TELLING_SECONDS = 1.0


class Pulse:
    """The signs of one process's parts, each by its name."""

    def __init__(self) -> None:
        self._signs: dict[str, float] = {}
        self.ready = False

    def beat(self, part: str) -> None:
        self._signs[part] = time.monotonic()

    def silent(self) -> list[str]:
        """The parts that have given no sign for too long."""
        now = time.monotonic()
        return sorted(part for part, sign in self._signs.items() if now - sign > SILENT_SECONDS)

    def is_ready(self) -> None:
        """The process has begun with what it is there for."""
        self.ready = True
        tell_systemd("READY=1")


def is_watched() -> bool:
    """Whether systemd has started this process, and so starts anew what belongs to it."""
    return "NOTIFY_SOCKET" in os.environ


def tell_systemd(words: str) -> None:
    """Nothing, where systemd has not asked for it (``NOTIFY_SOCKET``)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # a name without a file
        address = f"\0{address[1:]}"
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notes:
        notes.settimeout(TELLING_SECONDS)
        notes.connect(address)
        notes.sendall(words.encode())


@contextmanager
def kept_alive(pulse: Pulse) -> Iterator[None]:
    """Tell systemd's watchdog that the process lives as long as all its parts do, until the end of the block."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(int(microseconds) / 3_000_000):
            if not pulse.silent():
                tell_systemd("WATCHDOG=1")

    if microseconds:
        threading.Thread(target=tell, name="watchdog", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        tell_systemd("STOPPING=1")
