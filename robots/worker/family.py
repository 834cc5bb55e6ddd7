"""All that a slot has started: its driver, its browser, whatever a task started, and the children of those."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
from loguru import logger

# Every process inherits where its temporary files belong, also one that has left the session and outlived its parent.
MARK = "TMPDIR"
ENDING_SECONDS = 8.0


class Family:
    """A slot and its descendants: those in its process group, those below it, and those that carry its mark.

    ``folder`` is the slot's own, as in ``SlotFolder``. Without ``slot``, the descendants of one that is gone.
    """

    def __init__(self, folder: Path, slot: int | None = None) -> None:
        self._mark = str(folder)
        self._slot = psutil.Process(slot) if slot is not None else None
        self._seen: set[psutil.Process] = {self._slot} if self._slot else set()
        self._ended = False
        self._looking = threading.Lock()

    def memory(self) -> int:
        """The resident memory of all of them, in bytes; what a browser's processes share counts once.

        Whoever is met is remembered, and found again when its parent is gone. Cheap enough for every second.
        """
        with self._looking:
            if self._slot:
                with suppress(psutil.Error, OSError):
                    self._seen.update(self._slot.children(recursive=True))
            self._seen = {each for each in self._seen if _lives(each)}
            resident = [_resident(each) for each in self._seen]
            return sum(own for own, _ in resident) + max((shared for _, shared in resident), default=0)

    def end(self) -> None:
        """Kill them all, and return when they are gone. What cannot be killed in time is left, and told in the log."""
        with self._looking:
            deadline = time.monotonic() + ENDING_SECONDS
            # Only once: afterwards the operating system may give the group's number to somebody else.
            while not self._ended and (living := self._living()):
                if time.monotonic() > deadline:
                    logger.error("these could not be ended: {}", [each.pid for each in living])
                    break
                for each in living:
                    with suppress(psutil.Error):
                        each.kill()
                # Waited for by looking again: waiting on the slot would take its exit code from the event loop.
                time.sleep(0.01)
            self._ended = True

    def _living(self) -> list[psutil.Process]:
        everyone = {each.pid: each for each in psutil.process_iter() if each.pid != os.getpid()}
        parents = dict(_parents(everyone))
        ours = {pid for pid, each in everyone.items() if each in self._seen or self._belongs(each)}
        # Some hide their environment, as a slot does, and are known by the company that they keep.
        groups = {_group_of(pid) for pid in ours} - {None, _group_of(os.getpid())}
        ours |= {pid for pid in everyone if _group_of(pid) in groups}
        while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
            ours |= more
        return [everyone[pid] for pid in ours if _lives(everyone[pid])]

    def _belongs(self, each: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            if self._slot and _group_of(each.pid) == self._slot.pid:
                return True
            return each.environ().get(MARK) == self._mark
        return False  # it has ended meanwhile, or belongs to another user


def _parents(everyone: dict[int, psutil.Process]) -> Iterator[tuple[int, int]]:
    for pid, each in everyone.items():
        with suppress(psutil.Error):
            yield pid, each.ppid()


def _group_of(pid: int) -> int | None:
    with suppress(OSError):
        return os.getpgid(pid) if hasattr(os, "getpgid") else None
    return None


def _lives(each: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return each.is_running() and each.status() != psutil.STATUS_ZOMBIE
    return False


def _resident(each: psutil.Process) -> tuple[int, int]:
    """Its own memory and what it may share with others; where the system does not tell them apart, all is its own."""
    with suppress(psutil.Error):
        told = each.memory_info()
        shared = getattr(told, "shared", 0)
        return told.rss - shared, shared
    return 0, 0
