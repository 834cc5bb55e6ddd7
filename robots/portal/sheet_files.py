"""The files of the sheets that people give: where they lie on this machine, for how long, and how many are read.

They lie with the machine that took them, and not in the database: a sheet is up to 10 MB of citizens, which would go
into every backup and stay there. What is done with a sheet is therefore done by a portal that has its file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import delete, func, select

from robots.errors import WrongInput
from robots.portal.desk import Desk
from robots.portal.wording import marked as _
from robots.store.clock import span
from robots.store.schema import sheets

# A sheet that was never started, and one whose result people come back for. Given again it is the same batch.
UNUSED_SECONDS = 24 * 3600.0
KEPT_SECONDS = 30 * 24 * 3600.0
# A file whose row has gone, or never came: nobody is just giving it any more.
STRAY_SECONDS = 3600.0
# To read a large sheet takes all that Python can do at a time: the pages of the others come first.
READING = threading.BoundedSemaphore(2)
GONE = _("Den sparas inte längre här. Lämna samma fil igen, så får du resultatet; inget görs om.")
_WAIT_SECONDS = 30.0


def file_of(desk: Desk, number: int) -> Path:
    return folder_of(desk) / f"{number}.xlsx"


def demand_file(desk: Desk, number: int, name: str) -> Path:
    """Raises ``WrongInput`` when it is not kept here; ``name`` is what people call it."""
    file = file_of(desk, number)
    if not file.is_file():
        raise WrongInput("Filen", name, GONE)
    return file


def folder_of(desk: Desk) -> Path:
    """In the machine's data folder, for nobody else's eyes."""
    folder = desk.settings.data_dir / "sheets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write(file: Path, content: IO[bytes]) -> None:
    with file.open("xb") as kept:
        file.chmod(0o600)
        while block := content.read(1 << 20):
            kept.write(block)


@contextmanager
def place_to_read() -> Iterator[None]:
    """A place among those who read a workbook. Raises ``WrongInput`` when none is free in time."""
    if not READING.acquire(timeout=_WAIT_SECONDS):
        raise WrongInput("Filen", "", _("Flera stora filer läses just nu. Försök igen om en stund."))
    try:
        yield
    finally:
        READING.release()


def clear_old(desk: Desk) -> None:
    """Take away the sheets that nobody needs any more; the batches and their runs stay."""
    unused = sheets.c.batch_id.is_(None) & sheets.c.trial_id.is_(None)
    now = func.clock_timestamp()
    old = (sheets.c.at < now - span(KEPT_SECONDS)) | (unused & (sheets.c.at < now - span(UNUSED_SECONDS)))
    with desk.store.begin() as connection:
        gone = list(connection.execute(delete(sheets).where(old).returning(sheets.c.id)).scalars())
        known = {f"{number}.xlsx" for number in connection.execute(select(sheets.c.id)).scalars()}
    for number in gone:
        file_of(desk, number).unlink(missing_ok=True)
    # What another portal's row stood for, and what a process that died while it took a file in has left behind.
    for file in folder_of(desk).iterdir():
        if time.time() - file.stat().st_mtime > (KEPT_SECONDS if file.name in known else STRAY_SECONDS):
            file.unlink(missing_ok=True)
