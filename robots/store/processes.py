"""Who owns a piece of work, and whether that process is certainly dead.

A process is known by host, number and start time; the number alone is used again by the operating system.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import cache

import psutil


@dataclass(frozen=True)
class ProcessId:
    host: str
    pid: int
    started: str

    @property
    def certainly_dead(self) -> bool:
        """True only for a process of this machine that is gone; of another machine nothing is known."""
        if self.host != host_name():
            return False
        return _started(self.pid) != self.started


def this_process() -> ProcessId:
    return ProcessId(host_name(), os.getpid(), _started(os.getpid()))


def process(pid: int) -> ProcessId:
    return ProcessId(host_name(), pid, _started(pid))


@cache
def host_name() -> str:
    return socket.gethostname()


def _started(pid: int) -> str:
    try:
        found = psutil.Process(pid)
        return "" if found.status() == psutil.STATUS_ZOMBIE else f"{found.create_time():.2f}"
    except psutil.NoSuchProcess:
        return ""
