"""What a worker holds of the machine's goods at one moment: memory, handles, processes, threads, files, connections."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import text

from robots.settings import Settings
from robots.store import Store

KIBIBYTES = 1024  # in a mebibyte
SHARED_MEMORY = Path("/dev/shm")  # a place that is counted; nothing is written there
# Between two looks at whether everything has come to rest, and how long that may take.
LOOK_SECONDS = 0.25
REST_SECONDS = 20.0
_IN_DATABASE = text(
    "select (select count(*) from procrastinate_jobs where status = 'doing') as doing,"
    " (select count(*) from pg_stat_activity where datname = current_database()) as connections"
)


@dataclass(frozen=True)
class Vitals:
    """``memory`` is in MiB, of a part of the worker; ``counts`` are of what is named. Both per slot for slots."""

    memory: dict[str, float]
    counts: dict[str, float]


class Observer:
    """Looks at a running worker. ``temp`` is where the worker's own temporary files go, apart from its slots'."""

    def __init__(self, worker: psutil.Process, settings: Settings, store: Store, temp: Path, *, slot: str) -> None:
        self._worker, self._settings, self._store, self._temp, self._slot = worker, settings, store, temp, slot
        self._born = time.time()

    def at_rest(self) -> Vitals:
        """As it is when every slot has laid its next window ready: two looks in turn that count the same."""
        deadline = time.monotonic() + REST_SECONDS
        before = self.look()
        while True:
            time.sleep(LOOK_SECONDS)  # a browser tells nobody when it has closed its last window
            now = self.look()
            complete = now.counts["slots"] == self._settings.slot_count and all(self._below().values())
            if (complete and now.counts == before.counts) or time.monotonic() > deadline:
                return now
            before = now

    def look(self) -> Vitals:
        below = self._below()
        share = len(below) or 1
        browsers = [each for family in below.values() for each in family]
        with self._store.begin() as connection:
            told = connection.execute(_IN_DATABASE).one()
        data = self._settings.data_dir
        counts = {
            "slots": len(below),
            "processes of a browser": len(browsers) / share,
            "temp files of a slot": _files(data / "tmp") / share,
            "temp files of the supervisor": _files(self._temp),
            "files in the data folder": _files(data, apart=("evidence", "database", "database-lock", "tmp")),
            "files in shared memory": self._shared_files(),
            "database connections": told.connections,
            "rows in doing": told.doing,
        }
        parts: dict[str, Sequence[psutil.Process]] = {
            "the supervisor": [self._worker], "a slot": list(below), "a browser": browsers
        }  # fmt: skip
        memory = {}
        for part, members in parts.items():
            each = 1 if part == "the supervisor" else share
            memory[part] = sum(map(_own_memory, members)) / each / KIBIBYTES
            counts[f"file handles of {part}"] = sum(map(_handles, members)) / each
            counts[f"threads of {part}"] = sum(map(_threads, members)) / each
        return Vitals(memory, counts)

    def _below(self) -> dict[psutil.Process, list[psutil.Process]]:
        """The slots, each with its driver and its browser once they are there."""
        slots = [child for child in self._worker.children() if self._slot in _command(child) and _lives(child)]
        found = {}
        for slot in slots:
            with suppress(psutil.Error):
                found[slot] = slot.children(recursive=True)
        return found

    def _shared_files(self) -> int:
        """Those that are ours and made since; a PostgreSQL server, whosever it is, has its own."""
        found = 0
        for each in SHARED_MEMORY.iterdir() if SHARED_MEMORY.is_dir() else ():
            with suppress(OSError):
                told = each.stat()
                ours = told.st_uid == os.geteuid() and told.st_mtime > self._born
                found += ours and not each.name.startswith("PostgreSQL")
        return found


def _own_memory(process: psutil.Process) -> float:
    """KiB that are this process's own, and its share of what it shares with others.

    Without what lies in files as well: those pages are the machine's to take back, and a process's share of them
    grows when somebody else's browser ends.
    """
    with suppress(OSError, psutil.Error):
        told = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        return sum(float(line.split()[1]) for line in told.splitlines() if line.startswith(("Pss_Anon", "Pss_Shmem")))
    return 0.0


def _handles(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return process.num_fds()
    return 0


def _threads(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return process.num_threads()
    return 0


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _files(folder: Path, *, apart: Sequence[str] = ()) -> int:
    return sum(1 for _ in _walk(folder, apart))


def _walk(folder: Path, apart: Sequence[str]) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        if Path(place) == folder:
            folders[:] = [name for name in folders if name not in apart]
        yield from folders
        yield from files
