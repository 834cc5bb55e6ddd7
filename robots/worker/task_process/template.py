"""``python -I …/template.py``: has imported all that a task may want, and makes a copy of itself for each run.

A new process takes half a second to import that, a copy some milliseconds. It runs no task itself, and so holds
nothing of any run; it hears from its slot on the socket whose number it is given, one line of JSON at a time. Where a
process cannot be copied it is told of a run instead, and is that run's process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

LONGEST_LINE = 1 << 16
# How often a process that is about to end is looked at.
LOOK_SECONDS = 0.002


def main() -> None:
    """Until the slot is gone."""
    from robots.worker.task_process.walls import die_with_parent, hide_memory

    die_with_parent()
    hide_memory()
    if not sys.argv[1].isdecimal():
        _import_all()
        _alone(json.loads(sys.argv[1]))
    slot = socket.socket(fileno=int(sys.argv[1]))
    _import_all()
    gc.collect()
    gc.freeze()  # a copy shares what nobody touches
    _answer(slot, pid=os.getpid())
    while True:
        line, passed, _, _ = socket.recv_fds(slot, LONGEST_LINE, 1)
        if not line:
            os._exit(0)
        told = json.loads(line)
        if passed:
            _answer(slot, pid=_copy(slot, passed[0], told))
        else:
            _answer(slot, code=_end(told["end"], told["seconds"]))


def _import_all() -> None:
    """Every system that a task can name."""
    import robots.systems
    import robots.worker.task_process.inside

    for name in robots.__all__:
        getattr(robots, name)
    for found in pkgutil.iter_modules(robots.systems.__path__, "robots.systems."):
        if found.ispkg:
            importlib.import_module(found.name)


def _copy(slot: socket.socket, channel: int, told: dict[str, Any]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(channel)
        return pid
    try:
        slot.close()
        _begin(channel, told, parent)
    except BaseException as error:  # nothing of the template's own may go on in its copy
        print(f"a task's process could not be made ready: {error}", file=sys.stderr, flush=True)
    os._exit(1)


def _alone(told: dict[str, Any]) -> NoReturn:
    """The channel is standard input and output; what a task prints goes elsewhere, as in a slot."""
    from robots.worker.task_process.inside import carry_out

    heard, said = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    _be_shut_in(told)
    carry_out(heard, said)


def _begin(channel: int, told: dict[str, Any], parent: int) -> NoReturn:
    from robots.worker.task_process.inside import carry_out
    from robots.worker.task_process.walls import die_with_parent

    die_with_parent(parent)
    with socket.socket(fileno=channel) as asked, asked.makefile("rb") as heard, asked.makefile("wb") as said:
        _be_shut_in(told)
        carry_out(heard, said)


def _be_shut_in(told: dict[str, Any]) -> None:
    """Before anything is read that a task consists of."""
    from robots.worker.task_process.walls import shut_in

    folder = told["folder"]
    os.chdir(folder)
    tempfile.tempdir = os.environ["HOME"] = folder  # TMPDIR stays: it tells whose family this is
    shut_in(Path(folder), [Path(each) for each in told["readable"]])


def _end(pid: int, seconds: float) -> int:
    """How the process ended, as ``subprocess`` puts it: by itself within so many seconds, or killed."""
    until = time.monotonic() + seconds
    ended, status = os.waitpid(pid, os.WNOHANG)
    while not ended and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)  # what ends a process tells its parent in no other way without a signal handler
        ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _answer(slot: socket.socket, **told: int) -> None:
    slot.sendall(json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[3]))  # last: nothing of the standard library is found there
    sys.dont_write_bytecode = True
    main()
