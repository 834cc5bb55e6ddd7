"""A robot user's way into one system, whether by its pages or by its programming interface."""

from __future__ import annotations

import time
from typing import Any, ClassVar, Literal

from robots.systems.bench import Bench, Committing


class SystemAccess:
    """Base of all drivers and interfaces. The system's key is the name of the folder that the class lies in."""

    system: ClassVar[str] = ""
    level: ClassVar[Literal["read", "journal"]] = "read"

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if SystemAccess in cls.__bases__:  # one of the two ways, and not a system yet
            return
        cls.system = cls.system or cls.__module__.rpartition(".")[0].rpartition(".")[2]
        cls.level = "journal" if cls.__name__ == "Writer" else "read"

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._committing: Committing | None = None

    def pause(self, seconds: float) -> None:
        """Let time pass between two looks for what the system may still be about to show."""
        time.sleep(seconds)  # nothing tells when a system commits late

    def close(self) -> None:
        """The attempt is over: let go of what only this way into the system holds."""

    def making(self) -> Committing:
        """The effect that is being carried out. Raises ``RuntimeError`` outside a method declared with ``@effect``."""
        if self._committing is None:
            raise RuntimeError("commit outside a method that is declared with @effect")
        return self._committing
