"""A task that tries to get at what it was not given, one thing a run: it is done if it got it."""

from __future__ import annotations

import builtins
import ctypes
import errno
import gc
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from robots import Run, ShortText, task

_libc = ctypes.CDLL(None, use_errno=True)


def _demand(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def see_memory(pid: str) -> None:
    with Path(f"/proc/{pid}/mem").open("rb"):
        pass


def trace(pid: str) -> None:
    seize, let_go = 0x4206, 17
    _demand(_libc.ptrace(seize, int(pid), None, None))
    _libc.ptrace(let_go, int(pid), None, None)


def copy_memory(pid: str) -> None:
    """From an address where nothing is: whether it may be asked for at all."""
    if _libc.process_vm_readv(int(pid), bytes(16), 1, bytes(16), 1, 0) < 0 and ctypes.get_errno() != errno.EFAULT:
        _demand(-1)


def connect(address: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5):
        pass


def connect_to_file(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(path)


def start(program: str) -> None:
    subprocess.run([program], check=True)


def copy_itself(_: str) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def find_browser(_: str) -> None:
    """The slot's own, among all that this process holds."""
    next(each for each in gc.get_objects() if type(each).__name__ == "WarmBrowser")


def leave(words: str) -> None:
    vars(builtins)["left"] = words
    Path(tempfile.gettempdir(), "left").write_text(words)


def find(words: str) -> None:
    assert vars(builtins)["left"] == words


def find_file(words: str) -> None:
    assert Path(tempfile.gettempdir(), "left").read_text() == words


def change_toolkit(words: str) -> None:
    """So that each run after this one says that another version did it."""
    from robots.worker import attempt

    vars(attempt)["toolkit_version"] = lambda: words


WAYS: dict[str, Callable[[str], object]] = {
    "environment": lambda name: os.environ[name],
    "read": lambda path: Path(path).read_bytes(),
    "list": os.listdir,
    "write": lambda path: Path(path).write_text("hej"),
    "change rights": lambda path: Path(path).chmod(0o640),
    "see memory": see_memory,
    "trace": trace,
    "copy memory": copy_memory,
    "connect": connect,
    "connect to file": connect_to_file,
    "signal": lambda pid: os.kill(int(pid), 0),
    "start": start,
    "copy itself": copy_itself,
    "find browser": find_browser,
    "leave": leave,
    "find": find,
    "find file": find_file,
    "change toolkit": change_toolkit,
}


@task(title="Sträcker sig", owner="Ingen", saves_minutes=1)
def reach(run: Run, how: ShortText, where: ShortText) -> None:
    """Försöker komma åt något."""
    with run.step("Försöket"):
        WAYS[how](where)


@task(title="Talar på egen hand", owner="Ingen", saves_minutes=1)
def say_itself(run: Run, how: ShortText) -> None:
    """Talar med platsen på andra sätt än verktygen gör."""
    channel = run._log._channel  # type: ignore[attr-defined]  # of the task's process
    match how:
        case "garbage":
            channel.tell(b"\x80\x05garbage")
        case "nested":
            channel.tell(b"[" * 100_000)
        case "too much":
            os.write(channel._said.fileno(), b"\xff\xff\xff\xff" + bytes(100))
        case "outcome":
            channel.ask(event="outcome", title="done", detail={})
        case "a system that it has not":
            channel.ask(call="cases", method="add_note", args=[], named={})
        case "pieces":
            channel._said.write(b"\x00\x00\x10\x00" + b"{" * 10)
            channel._said.flush()
            os._exit(3)
    channel.hear()
