"""One thing that was looked at on a machine, and how it was."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robots.errors import RagnhildError


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``todo`` is for the person who mends it."""

    name: str
    ok: bool
    told: str
    todo: str = ""


def safely(name: str, look: Callable[[], Finding], todo: str) -> Finding:
    """A look that may fail in ways that nobody has thought of: that too is a finding."""
    try:
        return look()
    except Exception as error:
        words = str(error) if isinstance(error, RagnhildError) else f"{type(error).__name__}: {error}"
        return Finding(name, ok=False, told=words.splitlines()[0], todo=todo)


def readable(path: Path) -> bool:
    """Whether others than the owner may read the file; Windows tells that in other ways than by a mode."""
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
