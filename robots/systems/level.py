"""What a system's driver has shown in the contract suite, written down by the suite itself (``make levels``).

The driver that lies here is the one that was tried only as long as nobody has changed it: each level is kept with the
fingerprint of the driver's folder.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PROVEN = Path(__file__).with_name("levels.toml")
PARTS_OF_A_DRIVER = ("*.py", "*.js", "*.toml")
# What the morning check looks at is no part of what the suite has tried.
NO_PART_OF_A_DRIVER = "landmarks.toml"


class Level(StrEnum):
    """Each is reached by the one before it and more: reads right, journals once, withstands what goes wrong."""

    UNPROVEN = "unproven"
    READS = "reads"
    JOURNALS = "journals"
    HARDENED = "hardened"


@dataclass(frozen=True)
class Proven:
    """``tests`` is how many of the suite's tests the driver has passed."""

    level: Level
    tests: int


def level_of(key: str, folder: Path, shown: Path = PROVEN) -> Proven:
    """What the driver in ``folder`` has shown as it is now; ``UNPROVEN`` where it was changed since, or never tried."""
    told = tomllib.loads(shown.read_text("utf-8")).get(key) if shown.exists() else None
    if told is None or told["driver"] != fingerprint(folder):
        return Proven(Level.UNPROVEN, 0)
    return Proven(Level(told["level"]), told["tests"])


def fingerprint(folder: Path) -> str:
    """Of all that a driver is made of; a line's ending, which differs between systems, is no part of it."""
    digest = hashlib.sha256()
    parts = {p for pattern in PARTS_OF_A_DRIVER for p in folder.rglob(pattern)} - {folder / NO_PART_OF_A_DRIVER}
    for path in sorted(parts):
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]
