"""A backup of everything, while the robots work: first the database as it is at one moment, then the files.

In that order, since each row must have its file: what is written while the files are copied is then only more than the
rows know of. The other way round, a run that ends meanwhile would have rows without pictures.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psycopg
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from robots.errors import ConfigurationError
from robots.local_time import on_the_wall
from robots.sources.folders import settle
from robots.store import Store
from robots.store.address import explain
from robots.store.keeping import files
from robots.store.keeping.manifest import EVIDENCE, MANIFEST, PREFIX, Backup, Manifest, rows_file, whole_backups
from robots.store.keeping.tables import content_of, read_rows, sequences_of, table_names, write_alike
from robots.store.schema import runs

# Any number that nobody else on the database uses as an advisory lock.
BACKUP_LOCK = 7_246_244_544
UNFINISHED = ".halv-"
TELL_EVERY = 1000
# Rows are mostly text that resembles itself: the quickest level makes them a tenth, the best one little less.
QUICK = 1


@dataclass
class Progress:
    """``told`` is given a line now and then, in words for people."""

    told: Callable[[str], None]
    copied: int = 0
    shared: int = 0

    def file(self, *, shared: bool) -> None:
        self.shared += shared
        self.copied += not shared
        if (self.copied + self.shared) % TELL_EVERY == 0:
            self.told(f"{self.copied + self.shared} filer klara …")


def make_backup(
    store: Store,
    folder: Path,
    *,
    evidence: Path,
    sources: Mapping[str, Path],
    secrets: bool,
    keep: int = 0,
    told: Callable[[str], None] = lambda words: None,  # noqa: ARG005
) -> Backup:
    """Make a backup in ``folder``, which must be there, and return it.

    ``sources`` are folders that are copied as they are, by name; ``secrets`` says whether those are among them. With
    ``keep``, older whole ones than so many are removed afterwards. Raises ``ConfigurationError`` when the folder cannot
    be used, is full, or another backup is at work; what was half done is then taken away.
    """
    with _explained(store, folder), _alone(store):
        earlier = whole_backups(folder)
        for left in folder.glob(f"{UNFINISHED}*"):  # by one that was killed: while we are alone nobody is at work there
            shutil.rmtree(left)
        part = folder / f"{UNFINISHED}{os.getpid()}"
        part.mkdir(mode=0o700)
        try:
            made = _fill(
                store, part, evidence=evidence, sources=sources, secrets=secrets,
                earlier=earlier[-1] if earlier else None, progress=Progress(told),
            )  # fmt: skip
            files.write_whole(part / MANIFEST, made.model_dump_json(indent=1))
            place = _final_place(folder, made)
            part.rename(place)
            settle(folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        for old in earlier[: max(0, len(earlier) + 1 - keep)] if keep else []:
            told(f"Tar bort den gamla kopian {old.folder.name}.")
            remove_backup(old.folder)
    return Backup(place, made)


def remove_backup(place: Path) -> None:
    """By the name of a half one first: cut short in the middle, it must not pass for whole."""
    shutil.rmtree(place.rename(place.with_name(f"{UNFINISHED}{place.name}")))


def _fill(
    store: Store, part: Path, *, evidence: Path, sources: Mapping[str, Path], secrets: bool, earlier: Backup | None,
    progress: Progress,
) -> Manifest:  # fmt: skip
    manifest, known = _write_rows(store, part, secrets)
    progress.told(f"Databasen är kopierad: {sum(table.rows for table in manifest.tables.values())} rader.")
    for name, source in sources.items():
        for path in files.files_in(source):
            place = f"{name}/{path.relative_to(source).as_posix()}"
            manifest.files[place] = files.copy(path, part / place)
    for path in _evidence_of(evidence, known):
        place = f"{EVIDENCE}/{path.relative_to(evidence).as_posix()}"
        told = earlier.manifest.files.get(place) if earlier else None
        shared = files.share(path, earlier.folder / place, told, part / place) if earlier else None
        try:
            manifest.files[place] = shared or files.copy(path, part / place)
        except FileNotFoundError:
            manifest.gone.append(place)
        progress.file(shared=shared is not None)
    progress.told(f"Filerna är kopierade: {progress.copied} nya, {progress.shared} som i den förra kopian.")
    return manifest


def _write_rows(store: Store, part: Path, secrets: bool) -> tuple[Manifest, set[str]]:
    """Every table as it is at one moment, and the folders of the runs that there are then."""
    alone = store.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    written, tables = {}, {}
    with alone as connection, connection.begin():
        write_alike(connection)
        made_at = connection.execute(text("select clock_timestamp()")).scalar_one()
        for table in table_names(connection):
            tables[table] = content_of(connection, table)
            path = part / rows_file(table)
            with files.new(path) as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=QUICK) as file:
                for block in read_rows(connection, table, tables[table].columns):
                    file.write(block)
            settle(path)
            written[rows_file(table)] = files.kept(path)
        known = {str(run_id) for run_id in connection.execute(select(runs.c.id)).scalars()}
        manifest = Manifest(
            made_at=made_at, program=_version(), secrets=secrets, tables=tables, files=written,
            server=connection.execute(text("show server_version")).scalar_one(),
            schema_version=connection.execute(text("select version_num from alembic_version")).scalar_one(),
            sequences=sequences_of(connection), audit_head=connection.execute(_AUDIT_HEAD).scalar() or "",
        )  # fmt: skip
    return manifest, known


# The folder of full traces, as robots/evidence/recorder.py calls it.
LEFT_BEHIND = "traces"
_AUDIT_HEAD = text("select seq || ':' || hash from audit_chain order by seq desc limit 1")


def _evidence_of(evidence: Path, known: set[str]) -> Iterator[Path]:
    """The evidence of those runs, and what belongs to no run; a run that has come since has no row to belong to.

    Full traces stay behind: a backup is kept for longer than they may be.
    """
    if not evidence.is_dir():
        return
    for place in sorted(evidence.iterdir()):
        if place.is_dir() and place.name != LEFT_BEHIND and (place.name in known or not place.name.isdigit()):
            yield from files.files_in(place)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """One backup of a database at a time, on whichever machine; a lock that ends with its process."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(text("select pg_try_advisory_lock(:n)"), {"n": BACKUP_LOCK}).scalar_one():
            raise ConfigurationError("En annan säkerhetskopiering pågår redan. Vänta tills den är klar.")
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:n)"), {"n": BACKUP_LOCK})


@contextmanager
def _explained(store: Store, folder: Path) -> Iterator[None]:
    if not folder.is_dir():
        raise ConfigurationError(
            f"Mappen för säkerhetskopior, {folder}, finns inte. Kontrollera att disken är monterad, eller skapa mappen."
        )
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            free = shutil.disk_usage(folder).free // 1_000_000
            raise ConfigurationError(
                f"Disken är full, eller tar inte så stora filer ({free} MB kvar i {folder}). Den halva kopian är "
                "borttagen; de hela finns kvar. Frigör plats, eller spara färre med --keep."
            ) from error
        raise ConfigurationError(
            f"Säkerhetskopian i {folder} gick inte att göra: {error.strerror} ({error.filename}). De hela finns kvar."
        ) from error
    except (DBAPIError, psycopg.Error) as error:
        raise ConfigurationError(explain(getattr(error, "orig", None) or error, store.engine.url)) from error


def _final_place(folder: Path, made: Manifest) -> Path:
    name = f"{PREFIX}{on_the_wall(made.made_at):%Y-%m-%d-%H%M%S}"
    place, number = folder / name, 2
    while place.exists():  # the hour that comes twice in October
        place, number = folder / f"{name}-{number}", number + 1
    return place


def _version() -> str:
    try:
        return version("ragnhild")
    except PackageNotFoundError:  # out of a checkout that nobody has installed
        return "utan nummer"
