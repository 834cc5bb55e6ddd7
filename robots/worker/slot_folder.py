"""Where one slot and all that it starts put their temporary files; it goes when the slot goes, however that ended."""

from __future__ import annotations

import secrets
import shutil
import sys
from pathlib import Path
from typing import IO

from loguru import logger

from robots.worker.family import MARK, Family

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class SlotFolder:
    """A folder of its own, and beside it a lock that the supervisor holds while it lives.

    Whatever kills the supervisor lets go of the lock. That tells the next worker that nobody uses the folder any
    more, also after the machine has been started anew, when process numbers say nothing.
    """

    def __init__(self, data_dir: Path) -> None:
        """Raises ``OSError`` when it cannot be made: no disk left, or no right to write there."""
        home = home_of_slots(data_dir)
        home.mkdir(parents=True, exist_ok=True)
        self.path = home / secrets.token_hex(4)  # short: the browser puts a socket in it, whose path may not be long
        lock = _lock_of(self.path)
        assert lock is not None  # nobody else knows the name yet
        self._lock = lock
        try:
            self.path.mkdir(mode=0o700)
        except OSError:
            self.remove()
            raise

    @property
    def environment(self) -> dict[str, str]:
        """Where Python, Playwright and the browser look for a place for temporary files, on every kind of machine."""
        return dict.fromkeys((MARK, "TMP", "TEMP"), str(self.path))

    def remove(self) -> None:
        _remove(self.path, self._lock)


def home_of_slots(data_dir: Path) -> Path:
    return data_dir.resolve() / "tmp"


def sweep(data_dir: Path) -> None:
    """Remove the folders of slots whose supervisor was killed, and end what still lives of those slots."""
    home = home_of_slots(data_dir)
    for folder in [each for each in home.iterdir() if each.is_dir()] if home.is_dir() else []:
        lock = _lock_of(folder)
        if lock is None:
            continue  # its supervisor lives
        logger.warning("the folder {} was left by a worker that was killed", folder.name)
        Family(folder).end()
        _remove(folder, lock)


def _remove(folder: Path, lock: IO[bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    left = folder.exists()
    if left:
        logger.warning("the folder {} could not be removed; the next worker tries again", folder)
    lock.close()
    if not left:
        Path(lock.name).unlink(missing_ok=True)


def _lock_of(folder: Path) -> IO[bytes] | None:
    """The folder's lock, held from now on until it is closed; None when somebody else holds it."""
    file = folder.with_suffix(".lock").open("ab")
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
