"""What a system's driver has shown in the contract suite, written down by the suite itself (``make levels``).

The driver that lies here is the one that was tried only as long as nobody has changed it: each level is kept with the
fingerprint of the driver's folder, and with that of what all drivers stand on.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

PROVEN = Path(__file__).with_name("levels.toml")
PARTS_OF_A_DRIVER = ("*.py", "*.js", "*.toml")
# What the morning check looks at is no part of what the suite has tried.
NO_PART_OF_A_DRIVER = "landmarks.toml"
PARTS_OF_THE_BASE = ("*.py", "in_page/*.js")


class Level(StrEnum):
    """Each is reached by the one before it and more: reads right, journals once, withstands what goes wrong."""

    UNPROVEN = "unproven"
    READS = "reads"
    JOURNALS = "journals"
    HARDENED = "hardened"


@dataclass(frozen=True)
class Proven:
    """``tests`` is how many of the suite's tests the driver has passed.

    ``on_older_base``: what all drivers stand on has been changed since. That is no reason to call each of them untried,
    and one to try them again.
    """

    level: Level
    tests: int
    on_older_base: bool = False


def level_of(key: str, folder: Path, shown: Path = PROVEN) -> Proven:
    """What the driver in ``folder`` has shown as it is now; ``UNPROVEN`` where it was changed since, or never tried."""
    told = tomllib.loads(shown.read_text("utf-8")).get(key) if shown.exists() else None
    if told is None or told["driver"] != fingerprint(folder):
        return Proven(Level.UNPROVEN, 0)
    return Proven(Level(told["level"]), told["tests"], told.get("base") != base_fingerprint())


def fingerprint(folder: Path) -> str:
    """Of all that a driver is made of; a line's ending, which differs between systems, is no part of it."""
    parts = {p for pattern in PARTS_OF_A_DRIVER for p in folder.rglob(pattern)} - {folder / NO_PART_OF_A_DRIVER}
    return _digest(folder, parts)


@cache
def base_fingerprint(folder: Path = PROVEN.parent) -> str:
    """Of what all drivers stand on: the verbs for pages and what is asked in a page."""
    return _digest(folder, {p for pattern in PARTS_OF_THE_BASE for p in folder.glob(pattern)})


def _digest(folder: Path, parts: set[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(parts):
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]
