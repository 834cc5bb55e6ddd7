"""What shuts a task's process in, so that it cannot take what it was not given, whoever it runs as.

On Linux: no new rights, no capabilities (root is nobody in particular then), no files but Python, the toolkit, letters
and tables (Landlock), and no calls that reach out (seccomp, in ``syscalls.py``). Each is put up if the machine has it,
or the process does not begin; ``missing`` tells what it lacks, and ``walls_required`` whether to go on without.
Whether any of it holds, ``tests/worker/test_walls.py`` tries from inside.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from robots.worker.task_process import syscalls

_DIE_WITH_PARENT, _DUMPABLE, _SECCOMP, _DROP_CAPABILITY, _NO_NEW_RIGHTS = 1, 4, 22, 24, 38
_CREATE_RULES, _ADD_RULE, _HOLD_TO_RULES = 444, 445, 446  # Landlock's three calls, the same on every machine
_HIGHEST_CAPABILITY = 63
_CAPABILITIES_3 = 0x20080522

# Landlock's rights to files, by their bit, and how many of them each of its versions knows.
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TO_FILES_ALONE = _EXECUTE | _WRITE | _READ | 1 << 14 | 1 << 15
_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_MOST_BITS = 16
_MAKE_DEVICES = 1 << 6 | 1 << 11  # never, not even in the run's own folder


def die_with_parent(parent: int | None = None) -> None:
    """End when the parent does; at once, where it has ended already."""
    if libc := _libc():
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def hide_memory() -> None:
    """Nobody of the same user reads this process's memory or environment, or writes there (``/proc/<pid>/mem``)."""
    if libc := _libc():
        libc.prctl(_DUMPABLE, 0, 0, 0, 0)


def shut_in(folder: Path, readable: list[Path]) -> None:
    """From here on this process writes in ``folder`` alone, and reads nothing but code and what is ``readable``.

    Raises ``OSError`` where a wall that this machine has does not come up.
    """
    libc = _libc()
    if libc is None:
        return
    rules = _rules(libc, folder, [*_code(), *readable])
    for capability in range(_HIGHEST_CAPABILITY + 1):
        libc.prctl(_DROP_CAPABILITY, capability, 0, 0, 0)
    libc.capset(struct.pack("=Ii", _CAPABILITIES_3, 0), bytes(24))
    libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0)
    if rules is not None:
        held = libc.syscall(_HOLD_TO_RULES, rules, 0)
        os.close(rules)
        if held < 0:
            raise OSError(ctypes.get_errno(), "Landlock did not take its rules")
    if _has_filters(libc) and not syscalls.put_up(libc, _SECCOMP, os.getpid()):
        raise OSError(ctypes.get_errno(), "seccomp did not take its filter")


def missing() -> list[str]:
    """What of all this the machine does not have, in words for people."""
    libc = _libc()
    if libc is None:
        return [f"Linux (det här är {sys.platform})"]
    lacks = [] if _landlock_version(libc) else ["Landlock (Linux 5.13 eller senare)"]
    if not _has_filters(libc):
        lacks.append("seccomp på x86-64 eller aarch64")
    return lacks


@cache
def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@cache
def _landlock_version(libc: ctypes.CDLL) -> int:
    return max(0, int(libc.syscall(_CREATE_RULES, None, 0, 1)))


def _has_filters(libc: ctypes.CDLL) -> bool:
    """Asked with a filter that lies nowhere: a kernel, or a container, that takes none does not even look for it."""
    if syscalls.kernel_numbers() is None:
        return False
    return bool(libc.prctl(_SECCOMP, syscalls.BY_FILTER, None, 0, 0) < 0 and ctypes.get_errno() == errno.EFAULT)


def _rules(libc: ctypes.CDLL, folder: Path, readable: list[Path]) -> int | None:
    """What Landlock is to hold the process to, as a file descriptor; None where there is no Landlock."""
    version = _landlock_version(libc)
    if not version:
        return None
    rights = (1 << _BITS.get(version, _MOST_BITS)) - 1
    every_port, outside = 0b11, 0b11  # to bind and connect; abstract sockets and signals
    wanted = struct.pack("=Q", rights)
    wanted += struct.pack("=Q", every_port) if version >= 4 else b""
    wanted += struct.pack("=Q", outside) if version >= 6 else b""
    rules = int(libc.syscall(_CREATE_RULES, wanted, len(wanted), 0))
    if rules < 0:
        raise OSError(ctypes.get_errno(), "Landlock did not make its rules")
    for place in readable:
        _allow(libc, rules, place, (_READ | _LIST) & rights)
    for device in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"):
        _allow(libc, rules, Path(device), (_READ | _WRITE) & rights)
    _allow(libc, rules, folder, rights & ~_EXECUTE & ~_MAKE_DEVICES)
    return rules


def _allow(libc: ctypes.CDLL, rules: int, place: Path, rights: int) -> None:
    """To a place and all that lies below it; one that is not there needs no right."""
    with suppress(OSError):
        held = os.open(place, os.O_PATH | os.O_CLOEXEC)
        rights = rights if place.is_dir() else rights & _TO_FILES_ALONE
        libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", rights, held), 0)
        os.close(held)


@cache
def _code() -> tuple[Path, ...]:
    """Where Python, the packages and what they are linked to lie: all code, and no setting of ours."""
    return tuple(dict.fromkeys(_places_of_code()))


def _places_of_code() -> Iterator[Path]:
    yield Path(__file__).resolve().parents[2]
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        for more in ({}, {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}):
            yield Path(sysconfig.get_path(name, vars=more))
    for each in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/localtime",
                 "/etc/ld.so.cache"):  # fmt: skip
        yield Path(each)
