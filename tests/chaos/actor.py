"""An actor: a forked process that asks for runs and tries them until it is killed, as a slot does without a browser."""

from __future__ import annotations

import json
import os
import signal
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from robots.queue.attempts import StillAtWork
from robots.queue.engine import RetryLater
from tests.chaos.orders import Work

# What a slot says when another attempt may still be alive, in the tests' shorter time.
PAUSE_WHILE_ANOTHER_WORKS = 0.02


@dataclass
class Actor:
    """Seen from the crew: the process, and the channel it is told on.

    ``turn`` counts what it has been told. ``given_away``: it was paused, and its run has been told to another.
    """

    pid: int
    channel: socket.socket
    turn: int = 0
    doing: dict[str, Any] | None = None
    given_away: bool = False
    rest: bytes = b""

    def tell(self, message: dict[str, Any]) -> None:
        self.turn += 1
        self.doing = message
        self.channel.sendall(json.dumps(message).encode() + b"\n")

    def kill(self) -> None:
        """Dead, and known to be: its number is not used again before this returns."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.channel.close()


def fork_actor(work: Work, others: list[socket.socket], first: Callable[[], None]) -> Actor:
    """A new actor. ``others`` are the crew's channels, which it must not hold open; ``first`` is what it does first."""
    mine, its = socket.socketpair()
    pid = os.fork()
    if pid:
        its.close()
        mine.setblocking(False)
        return Actor(pid, mine)
    try:
        mine.close()
        for channel in others:
            channel.close()
        first()
        _serve(work, its)
    except BaseException:  # told where a person sees it; a forked process must not run its parent's endings
        traceback.print_exc()
    finally:
        os._exit(1)


def _serve(work: Work, channel: socket.socket) -> None:
    rest = b""
    channel.sendall(b'{"ready": true}\n')
    while came := channel.recv(65536):
        rest += came
        while b"\n" in rest:
            line, _, rest = rest.partition(b"\n")
            channel.sendall(json.dumps(_carry_out(work, json.loads(line))).encode() + b"\n")


def _carry_out(work: Work, told: dict[str, Any]) -> dict[str, Any]:
    if "ask_for" in told:
        return {"made": [work.ask_for(number) for number in told["ask_for"]]}
    run_id = told["run"]
    try:
        return {"run": run_id, "ended": work.attempt(run_id)}
    except RetryLater as later:
        return {"run": run_id, "retry": later.seconds}
    except StillAtWork:
        return {"run": run_id, "retry": PAUSE_WHILE_ANOTHER_WORKS, "still_at_work": True}
    except Exception as error:  # as a slot: the run is tried again, and what broke is counted
        return {"run": run_id, "retry": 0.0, "broke": f"{type(error).__name__}: {error}"}
