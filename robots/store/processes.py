"""Who owns a piece of work, and whether that process is certainly dead.

A process is known by host, number and start time; the number alone is used again by the operating system.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil


@dataclass(frozen=True)
class ProcessId:
    host: str
    pid: int
    started: str

    @property
    def on_this_machine(self) -> bool:
        return self.host == host_name()

    @property
    def certainly_dead(self) -> bool:
        """True only for a process of this machine that is gone; of another machine nothing is known."""
        return self.on_this_machine and _started(self.pid) != self.started


def this_process() -> ProcessId:
    return _alive_as_we_ask(os.getpid())


def process(pid: int) -> ProcessId:
    return ProcessId(host_name(), pid, _started(pid))


@cache
def _alive_as_we_ask(pid: int) -> ProcessId:
    """Of the process itself: while it asks, its number cannot become another's."""
    return process(pid)


@cache
def host_name() -> str:
    """The machine's name, and what tells apart two that share it: its start, and who sees whose processes.

    Containers of one host may have the same name and number their processes each on its own; taken for one machine,
    the living of the one would be the dead of the other.
    """
    apart = "".join(_told_by_kernel())
    return f"{socket.gethostname()}/{hashlib.sha256(apart.encode()).hexdigest()[:8]}" if apart else socket.gethostname()


def _told_by_kernel() -> Iterator[str]:
    with suppress(OSError):
        yield Path("/proc/sys/kernel/random/boot_id").read_text()
        yield str(Path("/proc/self/ns/pid").readlink())


def _started(pid: int) -> str:
    """When the process was started, in words that nothing changes while it lives; "" when it is gone.

    On Linux in the kernel's own ticks: a time of day would move with every adjustment of the clock.
    """
    try:
        found = psutil.Process(pid)
        if found.status() == psutil.STATUS_ZOMBIE:
            return ""
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            return stat.read_text().rpartition(")")[2].split()[19]  # field 22; the name before it may have spaces
        return f"{found.create_time():.2f}"
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return ""
