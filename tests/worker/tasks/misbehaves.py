"""Tasks that do what no task should, for the tests of a slot's bounds. They write what a test must know in a folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from robots import Run, ShortText, task

SECRET = "hemligt-7731"


def start_deaf_child() -> None:
    """In a session of its own, and deaf to a polite request to end."""
    child = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo; exec sleep 3600"], start_new_session=True, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    note(child.pid)


def leave_orphan() -> None:
    """A child that nobody is the parent of any more, in a session of its own."""
    start = "trap '' TERM; sleep 3600 > /dev/null 2>&1 & echo $!"
    told = subprocess.run(["sh", "-c", start], start_new_session=True, capture_output=True, text=True, check=True)
    note(int(told.stdout))


def fork_with_open_pipes() -> None:
    """A copy, which keeps the channel to the slot open when the task's process is gone."""
    child = os.fork()
    if child == 0:
        os.setsid()
        time.sleep(3600)
    note(child)
    os._exit(3)


def eat_memory() -> None:
    """A gigabyte: so much that it is seen, and the machine stands it where nobody stops it."""
    eaten = [b"x" * 25_000_000 for _ in range(40)]
    time.sleep(3600)
    assert eaten


def stop_the_driver() -> None:
    """Playwright's own process hears nothing more: the slot meets that when it closes the run's window afterwards."""
    next(each for each in this_slot().children() if "node" in each.name()).suspend()


def print_like_an_answer() -> None:
    """As a person would, as a child would, and where the slot's own channel would be in the slot."""
    told = json.dumps({"run": 1, "ended": "done", "password": SECRET})
    print(told, flush=True)
    os.write(1, told.encode() + b"\n")
    subprocess.run([sys.executable, "-c", f"print({told!r})"], check=True)


def this_slot() -> psutil.Process:
    """This process is a copy of the template's, which the slot has started."""
    return psutil.Process(os.getppid()).parent() or psutil.Process()


def step_after_step(run: Run) -> None:
    for number in range(1000):
        with run.step(f"Del {number}"):
            time.sleep(0.2)


def sleep() -> None:
    time.sleep(3600)


def loop() -> None:
    while True:
        pass


def leave() -> None:
    os._exit(3)


WAYS: dict[str, list[Callable[[], object]]] = {
    "sleeps": [sleep],
    "loops": [loop],
    "lets nobody else in": [lambda: re.match(r"(a+)+$", "a" * 64 + "b")],  # holds the interpreter's lock throughout
    "waits for a child": [lambda: subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE).wait()],
    "reads": [sys.stdin.read, lambda: subprocess.run([sys.executable, "-c", "open(0).read()"], check=True)],
    "stops itself": [lambda: os.kill(os.getpid(), signal.SIGSTOP)],
    "stops the driver": [stop_the_driver],
    "eats memory": [eat_memory],
    "leaves": [leave],
    "exits": [lambda: sys.exit(3)],
    "is killed": [lambda: os.kill(os.getpid(), signal.SIGKILL)],
    "forks": [fork_with_open_pipes],
    "starts a deaf child": [start_deaf_child, sleep],
    "leaves an orphan and goes": [leave_orphan, leave],
    "starts a deaf child and ends well": [start_deaf_child],
    "leaves a thread": [lambda: threading.Thread(target=sleep).start()],
    "raises": [[].pop],
    "prints": [print_like_an_answer],
}


@task(title="Sköter sig", owner="Ingen", saves_minutes=1)
def behave(run: Run, words: ShortText) -> None:
    """Gör det den ska."""
    with run.step("Det vanliga"):
        note()


@task(title="Sköter sig illa", owner="Ingen", saves_minutes=1)
def misbehave(run: Run, how: ShortText) -> None:
    """Gör dumheter, varje gång."""
    with run.step("Dumheter"):
        note()
        do(how)


@task(title="Sköter sig illa en gång", owner="Ingen", saves_minutes=1)
def misbehave_once(run: Run, how: ShortText) -> None:
    """Gör dumheter första gången, och sköter sig sedan."""
    if (_folder() / f"{run.id}.once").exists():
        return
    (_folder() / f"{run.id}.once").touch()
    if how == "takes step after step":
        note()
        step_after_step(run)
    elif how == "takes no step":
        note()
        time.sleep(3600)
    else:
        with run.step("Dumheter"):
            note()
            do(how)


def do(how: str) -> None:
    for act in WAYS[how]:
        act()


def note(child: int = 0) -> None:
    """What the test must know: who the slot and its descendants are, and where its temporary files lie."""
    with tempfile.NamedTemporaryFile(delete=False) as left:  # never removed by the task
        left.write(b"personal")
    slot = this_slot()
    pids = [slot.pid, *(each.pid for each in slot.children(recursive=True)), *([child] if child else [])]
    with (_folder() / f"{slot.pid}.jsonl").open("a") as file:
        file.write(json.dumps({"pids": pids, "folder": str(Path(left.name).parent)}) + "\n")


def _folder() -> Path:
    return Path(os.environ["BOUNDS_FOLDER"])
