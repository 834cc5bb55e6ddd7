"""Files of a backup: copied with their size and sum, and looked at again before they are trusted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from io import BufferedWriter
from pathlib import Path

from pydantic import BaseModel

BLOCK = 1 << 20
# What a program leaves beside its source is made anew by it.
LEFT_OUT = "__pycache__"


class Kept(BaseModel):
    """A file as it was when it was copied: ``size`` in bytes, and its SHA-256."""

    size: int
    sha256: str


def files_in(folder: Path) -> Iterator[Path]:
    """Every ordinary file below the folder, in order; whatever links point to is somebody else's."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != LEFT_OUT)
        for name in sorted(names):
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield path


def kept(path: Path) -> Kept:
    """The file as it is now. Raises ``OSError``."""
    summed, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            summed.update(block)
            size += len(block)
    return Kept(size=size, sha256=summed.hexdigest())


def copy(source: Path, target: Path) -> Kept:
    """Copy a file, for its owner alone, and tell what was written: the source may change meanwhile."""
    summed, size = hashlib.sha256(), 0
    with source.open("rb") as read, new(target) as written:
        while block := read.read(BLOCK):
            summed.update(block)
            size += written.write(block)
        written.flush()
        os.fsync(written.fileno())
    return Kept(size=size, sha256=summed.hexdigest())


def share(source: Path, earlier: Path, told: Kept | None, target: Path) -> Kept | None:
    """Let a backup have a file together with the one before it, where both are certainly what ``source`` is.

    None where they are not, or where the disk cannot do that. Both are read: a fault in the earlier one must not
    spread to all that come after it.
    """
    try:
        if told is None or source.stat().st_size != told.size or not kept(source) == kept(earlier) == told:
            return None
        make_folder(target.parent)
        os.link(earlier, target)
    except OSError:
        return None
    return told


def new(path: Path) -> BufferedWriter:
    """A file that was not there before, for its owner alone."""
    make_folder(path.parent)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def write_whole(path: Path, text: str) -> None:
    """Write a file and wait until the disk has it."""
    with new(path) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
