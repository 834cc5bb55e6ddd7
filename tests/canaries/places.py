"""Every place that the toolkit writes to, opened: files, evidence through its seal, the database, processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import text

from robots.errors import EvidenceUnreadable
from robots.evidence.keys import Keys
from robots.evidence.sealed import RunEvidence
from robots.settings import Settings
from robots.store import Store

LOOK_SECONDS = 0.2
_COLUMNS = text(
    "select table_schema, table_name, column_name from information_schema.columns"
    " where table_schema not in ('pg_catalog', 'information_schema')"
    " and (data_type in ('text', 'json', 'jsonb', 'bytea', 'character varying', 'ARRAY', 'USER-DEFINED'))"
)


@dataclass(frozen=True)
class Place:
    """``name`` is what a report calls it, ``kind`` what is allowed there is told by."""

    kind: str
    name: str
    content: bytes


def files(folder: Path, kind: str) -> Iterator[Place]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with suppress(OSError):
                yield Place(kind, str(path.relative_to(folder)), path.read_bytes())


def data_folder(settings: Settings) -> Iterator[Place]:
    """All of it: each part by its own kind, since each may hold something else."""
    for part in sorted(settings.data_dir.iterdir()):
        if part.is_dir():
            yield from files(part, {"database": "database files", "secrets": "secrets"}.get(part.name, part.name))
        elif part.is_file():
            yield Place("data folder", part.name, part.read_bytes())


def evidence(settings: Settings, store: Store) -> Iterator[Place]:
    """Each file as whoever may look at it sees it."""
    keys = Keys.of(settings, store)
    for folder in sorted(settings.evidence_dir.iterdir() if settings.evidence_dir.is_dir() else ()):
        if not folder.name.isdigit():
            continue
        opened = RunEvidence(folder, int(folder.name), keys)
        for path in sorted(folder.iterdir()):
            with suppress(EvidenceUnreadable):
                kind = "picture" if path.suffix == ".jpg" else "report"
                yield Place(kind, f"{folder.name}/{path.name}", opened.read(path.name))


def columns(store: Store) -> Iterator[Place]:
    """Every column that can hold words, read as the database gives it: raw pages may be packed."""
    with store.begin() as connection:
        for schema, table, column in connection.execute(_COLUMNS).all():
            question = text(f'select "{column}"::text from "{schema}"."{table}" where "{column}" is not null')
            rows = connection.execute(question).scalars().all()
            if rows:
                yield Place(f"column {table}.{column}", f"{table}.{column}", "\n".join(rows).encode())


@dataclass
class Processes:
    """What anybody on the machine may read of our processes: their command lines; and their environments."""

    seen: dict[str, bytes] = field(default_factory=dict)

    def look(self) -> None:
        for process in psutil.Process().children(recursive=True):
            with suppress(OSError):
                folder = Path("/proc") / str(process.pid)
                name = (folder / "comm").read_text().strip()
                for part in ("cmdline", "environ"):
                    told = (folder / part).read_bytes()
                    self.seen.setdefault(f"{part} of {name} {hash(told)}", told)

    def places(self) -> Iterator[Place]:
        return (Place("process", name, told) for name, told in self.seen.items())


@contextmanager
def watched_processes() -> Iterator[Processes]:
    seen, over = Processes(), threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            with suppress(psutil.Error):
                seen.look()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()
