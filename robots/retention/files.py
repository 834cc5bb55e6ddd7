"""What lies on a machine's own disks and goes when its time is over: each machine sees to its own.

The database has told first that evidence is gone; folders are taken away afterwards, by whoever has them. So whatever
is killed on the way goes on the next time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import text

from robots.evidence.full_trace import all_traces
from robots.evidence.recorder import TRACES as TRACE_FOLDER
from robots.local_time import moment_of
from robots.retention.classes import BACKUPS, EVIDENCE, LOGS, PUT_ASIDE, RUNS, SHEETS, TRACES
from robots.settings import Settings
from robots.store import Store
from robots.store.keeping.backup import remove_backup
from robots.store.keeping.manifest import whole_backups
from robots.store.keeping.restore import ASIDE

_GONE = text(
    "select distinct told.id from (select unnest(ids) as id, at from retention_log where class = any(:classes)) told"
    " where told.id = any(:there)"
    " and not exists (select from runs r where r.id = told.id and r.created_at > told.at)"
)


@dataclass(frozen=True)
class OldFile:
    """``at`` is when it was made, or last written."""

    path: Path
    at: datetime
    remove: Callable[[], object]


def old_files(settings: Settings, class_name: str) -> list[OldFile]:
    """Everything of that class on this machine which its time may take, the oldest first."""
    found = {BACKUPS: _backups, PUT_ASIDE: _put_aside, LOGS: _logs, SHEETS: _sheets, TRACES: _traces}.get(class_name)
    return sorted(found(settings), key=lambda each: each.at) if found else []


def remove_gone_evidence(settings: Settings, store: Store) -> int:
    """The folders of runs whose evidence is removed, as far as they lie here. Returns how many."""
    folder = settings.evidence_dir
    if not folder.is_dir():
        return 0
    there = [int(each.name) for each in folder.iterdir() if each.name.isdecimal()]
    with store.begin() as connection:
        gone = connection.execute(_GONE, {"classes": [EVIDENCE, RUNS], "there": there}).scalars().all()
    for run_id in gone:
        shutil.rmtree(folder / str(run_id), ignore_errors=True)
        shutil.rmtree(folder / TRACE_FOLDER / str(run_id), ignore_errors=True)
    return len(gone)


def _backups(settings: Settings) -> Iterator[OldFile]:
    """All but the newest: it is what there is when everything else is lost."""
    if settings.backup_folder is None or not settings.backup_folder.is_dir():
        return
    for each in whole_backups(settings.backup_folder)[:-1]:
        yield OldFile(each.folder, each.manifest.made_at, partial(remove_backup, each.folder))


def _put_aside(settings: Settings) -> Iterator[OldFile]:
    for folder in {settings.data_dir, settings.evidence_dir}:
        for path in folder.glob(f"{ASIDE}*"):
            with suppress(ValueError):  # named by somebody else
                local = datetime.strptime(path.name.removeprefix(ASIDE), "%Y-%m-%d-%H%M%S-%f")
                yield OldFile(path, moment_of(local), partial(shutil.rmtree, path, ignore_errors=True))


def _logs(settings: Settings) -> Iterator[OldFile]:
    """A program writes on in the file that has its plain name, so that one is emptied and stays."""
    for path in (settings.data_dir / "logs").glob("*.log*"):
        if path.name.count(".") > 1:
            yield OldFile(path, _written(path), partial(path.unlink, missing_ok=True))
        elif path.stat().st_size:
            yield OldFile(path, _written(path), partial(os.truncate, path, 0))


def _sheets(settings: Settings) -> Iterator[OldFile]:
    for path in (settings.data_dir / "sheets").glob("*"):
        yield OldFile(path, _written(path), partial(path.unlink, missing_ok=True))


def _traces(settings: Settings) -> Iterator[OldFile]:
    for path, made in all_traces(settings.evidence_dir):
        yield OldFile(path, made, partial(path.unlink, missing_ok=True))


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
