"""A schedule's folder: each Excel file laid there becomes a batch, and its answer lies beside it when all has ended.

A file is taken when it is whole, and stays where it is. The same file again is the same batch; one that cannot be used
is answered with why. So a folder may be read as often as one likes.
"""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import BaseModel

from robots.task import Task, task
from robots.worker.asking_run import AskingRun


class FolderErrand(BaseModel):
    """``settled_seconds``: a file that has not changed for so long is whole. ``asks_for`` is the task of its rows."""

    schedule: str
    folder: str
    settled_seconds: float
    asks_for: str


@task(title="Läs mappen", owner="Ragnhild", saves_minutes=0)
def read_folder(run: AskingRun, errand: FolderErrand) -> None:
    """Tar emot de Excelfiler som ligger i en mapp, och svarar bredvid dem."""
    from robots.worker.folder_files import files_in, take_file  # Excel, which no other run has to wait for

    with run.step("Läs mappen"):
        found = files_in(Path(errand.folder), errand.settled_seconds, time.time())
    for file in found:
        with run.step(f"Ta emot {file.name}"):
            take_file(run, errand, file)


READ_FOLDER: Task = read_folder.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator
