"""What can be wrong with a system today, and how the server makes it so.

A fault is set through the control API and hits a number of requests, then it is over. Every fault works on
the HTTP layer, so that no system has to know about faults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal["slow", "down", "logged_out", "answer_lost", "late_list", "label_renamed", "dialog"]
LostHow = Literal["fin", "rst", "partial", "408"]

KINDS: dict[str, str] = {
    "slow": "every matching answer waits `seconds`",
    "down": "503 with the system's maintenance page, Retry-After `seconds`",
    "logged_out": "all sessions of the system end before the request is answered",
    "answer_lost": "the answer of a request that committed is lost, `how`: fin, rst, partial or 408; "
    "with `before_commit` the request itself is lost",
    "late_list": "the rows of lists (paths that end in /rows) come `seconds` late; the page itself is on time",
    "label_renamed": "the text `old` reads `new` on every page, and in every answer in JSON",
    "dialog": "an unexpected message box lies over the page: `how` is modal, alert or confirm",
}


@dataclass
class Fault:
    """``path`` is a regular expression searched for in the path after the system's own prefix."""

    system: str
    kind: FaultKind
    times: int = 1
    path: str = ""
    method: str = ""
    seconds: float = 0.0
    how: str = ""
    old: str = ""
    new: str = ""
    before_commit: bool = False
    hits: int = field(default=0, init=False)

    def matches(self, system: str, method: str, path: str) -> bool:
        return (
            self.hits < self.times
            and self.system == system
            and self.method in ("", method)
            and re.search(self.path, path) is not None
        )


class Faults:
    """The faults that are set. A fault that has hit ``times`` times stays listed, with its hits."""

    def __init__(self) -> None:
        self.all: list[Fault] = []

    def add(self, fault: Fault) -> None:
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}; there are {', '.join(KINDS)}")
        self.all.append(fault)

    def peek(self, kind: FaultKind, system: str, method: str, path: str) -> Fault | None:
        """The fault of this kind that would hit the request, not yet counted."""
        for fault in self.all:
            if fault.kind == kind and fault.matches(system, method, path):
                return fault
        return None

    def take(self, kind: FaultKind, system: str, method: str, path: str) -> Fault | None:
        """The fault of this kind that hits the request, counted."""
        fault = self.peek(kind, system, method, path)
        if fault:
            fault.hits += 1
        return fault

    def clear(self) -> None:
        self.all.clear()
