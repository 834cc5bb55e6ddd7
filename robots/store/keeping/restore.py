"""What a backup holds, put back: all its rows in one transaction, and its files where they belong."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from robots.errors import ConfigurationError
from robots.local_time import on_the_wall
from robots.store import Store
from robots.store.address import explain
from robots.store.keeping import files
from robots.store.keeping.manifest import SECRETS, Backup
from robots.store.keeping.tables import (
    as_they_were,
    content_of,
    demand_empty,
    demand_same,
    set_sequences,
    write_alike,
    write_rows,
)
from robots.store.migrate import migrate_within

# What may lie in a data folder that is otherwise empty: what was moved aside before, and what a person put there.
NOT_IN_THE_WAY = ("logs", SECRETS)
ASIDE = "undan-"


def restore_rows(store: Store, backup: Backup, then: Callable[[Connection], None]) -> None:
    """Fill an empty database with the backup's rows, bring its tables up to date, and do what is to be done ``then``.

    All in one transaction, so that nobody ever meets it half filled, or before ``then`` is done. Raises
    ``ConfigurationError`` where the database is not empty, cannot be used, or does not become what it was.
    """
    told = backup.manifest
    tables = list(told.tables)
    with explained(store), store.begin() as connection:
        demand_empty(connection)
        migrate_within(connection, told.schema_version)
        write_alike(connection)
        with as_they_were(connection, tables):
            for table in tables:
                write_rows(connection, table, told.tables[table].columns, _blocks(backup.rows_of(table)))
        set_sequences(connection, told.sequences)
        demand_same(told.tables, {table: content_of(connection, table, told.tables[table].columns) for table in tables})
        migrate_within(connection)
        then(connection)


@contextmanager
def explained(store: Store) -> Iterator[None]:
    """What the database's server says is told as everywhere. Raises ``ConfigurationError``."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        raise ConfigurationError(explain(getattr(error, "orig", None) or error, store.engine.url)) from error


def put_files(backup: Backup, part: str, target: Path) -> int:
    """The files of one folder of the backup. Returns how many; raises ``ConfigurationError`` where one is not whole."""
    count = 0
    for name, source in backup.files_of(part):
        count += 1
        if (target / name).exists():
            continue  # of what a person has put there before: a password, and nothing else
        if files.copy(source, target / name) != backup.manifest.files[f"{part}/{name}"]:
            raise ConfigurationError(f"Filen {source} ändrades medan den återställdes. Ta en annan kopia.")
    return count


def in_the_way(folder: Path) -> list[Path]:
    """What a folder holds that a restore would be mixed up with."""
    if not folder.is_dir():
        return [folder] if folder.exists() else []
    return [p for p in sorted(folder.iterdir()) if p.name not in NOT_IN_THE_WAY and not p.name.startswith(ASIDE)]


def put_aside(folder: Path, found: list[Path], now: datetime) -> Path:
    """Move what is in the way into a folder beside it, which is returned: in the same place, which may be a disk."""
    aside = folder / f"{ASIDE}{on_the_wall(now):%Y-%m-%d-%H%M%S-%f}"
    aside.mkdir(mode=0o700)
    for path in found:
        path.rename(aside / path.name)
    return aside


def _blocks(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        while block := file.read(files.BLOCK):
            yield block
