"""What a backup says of itself, and which folders are whole backups.

A backup gets its final name, and its manifest, only when everything in it is on disk: what has been cut short is
never taken for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from robots.errors import ConfigurationError
from robots.store.keeping.files import Kept, kept
from robots.store.keeping.tables import Content
from robots.store.migrate import newest_version

MANIFEST = "manifest.json"
PREFIX = "ragnhild-"
# What lies in a backup beside the manifest, each a folder.
DATABASE, EVIDENCE, SECRETS = "database", "evidence", "secrets"
WRITTEN = ("config", "tasks", "schedules")  # what people have written
MOST_TOLD = 5


class Manifest(BaseModel):
    """``made_at`` is database time, ``schema_version`` that of the tables; ``files`` are by their path in the backup.

    ``gone`` are pictures and reports that somebody took away while they were copied. ``audit_head`` is the newest link
    of the audit's chain, as ``ragnhild audit verify --anchor`` wants it.
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    made_at: datetime
    program: str
    server: str
    schema_version: str
    secrets: bool
    tables: dict[str, Content]
    sequences: dict[str, int]
    files: dict[str, Kept] = {}
    gone: list[str] = []
    audit_head: str = ""


@dataclass(frozen=True)
class Backup:
    """A whole backup: its folder and what it says of itself."""

    folder: Path
    manifest: Manifest

    def rows_of(self, table: str) -> Path:
        return self.folder / rows_file(table)

    def files_of(self, part: str) -> Iterator[tuple[str, Path]]:
        """The files of one of its folders: the path within that folder, and where it lies."""
        for name in self.manifest.files:
            first, _, rest = name.partition("/")
            if first == part:
                yield rest, self.folder / name


def rows_file(table: str) -> str:
    return f"{DATABASE}/{table}.copy.gz"


def whole_backups(folder: Path) -> list[Backup]:
    """Those in the folder, the oldest first. Raises ``OSError`` where the folder cannot be read."""
    found = []
    for place in folder.iterdir():
        if place.name.startswith(PREFIX) and (place / MANIFEST).is_file():
            try:
                found.append(Backup(place, _read(place)))
            except ConfigurationError:  # not one that can be relied on
                continue
    return sorted(found, key=lambda backup: backup.manifest.made_at)


def open_backup(folder: Path) -> Backup:
    """The backup in this folder, every file of it looked at.

    Raises ``ConfigurationError`` when it is none, when it is of a newer program, and when a file is not what it was.
    """
    if not (folder / MANIFEST).is_file():
        raise ConfigurationError(f"{folder} är ingen hel säkerhetskopia. {_where_they_are(folder)}")
    backup = Backup(folder, _read(folder))
    if backup.manifest.schema_version > newest_version():
        raise ConfigurationError(
            f"Säkerhetskopian {folder} är gjord med en nyare version (Ragnhild {backup.manifest.program}). "
            "Uppgradera Ragnhild på den här maskinen först."
        )
    wrong = [f"{name} ({why})" for name, told in backup.manifest.files.items() if (why := _fault(folder, name, told))]
    if wrong:
        more = f" och {len(wrong) - MOST_TOLD} till" if len(wrong) > MOST_TOLD else ""
        raise ConfigurationError(
            f"Säkerhetskopian {folder} är skadad: {', '.join(wrong[:MOST_TOLD])}{more}. Inget är återställt. "
            "Ta en annan kopia."
        )
    return backup


def _read(folder: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigurationError(
            f"Innehållsförteckningen går inte att läsa ({type(error).__name__}). Ta en annan kopia.",
            str(folder / MANIFEST),
        ) from None
    missing = [table for table in manifest.tables if rows_file(table) not in manifest.files]
    if missing:
        raise ConfigurationError(f"Tabellen {missing[0]} saknas. Ta en annan kopia.", str(folder / MANIFEST))
    return manifest


def _fault(folder: Path, name: str, told: Kept) -> str:
    """What is wrong with a file; "" when nothing is. A path that leads out of the backup is not followed."""
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or (folder / name).is_symlink():
        return "leder ut ur kopian"
    try:
        return "" if kept(folder / name) == told else "är ändrad"
    except FileNotFoundError:
        return "saknas"
    except OSError as error:
        return f"går inte att läsa: {error.strerror}"


def _where_they_are(folder: Path) -> str:
    found = whole_backups(folder) if folder.is_dir() else []
    return f"Den senaste hela i mappen är {found[-1].folder}." if found else "Ange mappen som ragnhild backup skrev."
