"""From the embedded database to a server: every row copied, counted and summed up on both sides before anything counts.

Until the end nobody can write in the embedded one; then it is marked, and stopped. Whoever waited to write is told no.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, text

from robots.store import Store
from robots.store.address import name_of
from robots.store.keeping.marks import MOVED, set_mark
from robots.store.keeping.restore import explained
from robots.store.keeping.tables import (
    Content,
    as_they_were,
    content_of,
    demand_empty,
    demand_same,
    driver_of,
    read_rows,
    sequences_of,
    set_sequences,
    table_names,
    write_alike,
    write_rows,
)
from robots.store.migrate import migrate_within

LOCK_SECONDS = 10


def move(source: Store, target: Store, data_dir: Path, told: Callable[[str], None]) -> dict[str, Content]:
    """Move everything, and return what each table holds on both sides now.

    Raises ``ConfigurationError`` where the target is not empty or cannot be used, and where the two are not the same
    afterwards: then the target is empty again, and the embedded database is used as before.
    """
    with explained(source), source.engine.connect() as from_here:
        tables = table_names(from_here)
        _let_nobody_write(from_here, tables)
        write_alike(from_here)
        with explained(target), target.begin() as to_there:
            moved = _fill(from_here, to_there, tables, told)
        set_mark(data_dir, MOVED, _why_not(target))
        # While it still lets nobody write: a run that was asked for now would be in the one that nobody looks in.
        source.server.stop()
        from_here.invalidate()
    return moved


def _fill(
    from_here: Connection, to_there: Connection, tables: list[str], told: Callable[[str], None]
) -> dict[str, Content]:
    demand_empty(to_there)
    migrate_within(to_there)
    write_alike(to_there)
    wanted = {table: content_of(from_here, table) for table in tables}
    with as_they_were(to_there, tables):
        for table, content in wanted.items():
            write_rows(to_there, table, content.columns, read_rows(from_here, table, content.columns))
    set_sequences(to_there, sequences_of(from_here))
    told(f"{len(tables)} tabeller är kopierade; räknar och jämför …")
    demand_same(wanted, {table: content_of(to_there, table, wanted[table].columns) for table in tables})
    return wanted


def _let_nobody_write(connection: Connection, tables: list[str]) -> None:
    connection.execute(text(f"set local lock_timeout = '{LOCK_SECONDS}s'"))
    every = sql.SQL(", ").join(map(sql.Identifier, tables))
    driver_of(connection).execute(sql.SQL("lock table {} in share mode").format(every))


def _why_not(target: Store) -> str:
    return (
        f"Databasen i den här datamappen är flyttad till {name_of(target.engine.url)} och används inte längre. "
        "Sätt inställningen database_url till den nya adressen (se: ragnhild move-database --help). Ska den här gälla "
        "ändå, och inget har körts på den nya, så ta bort den här filen."
    )
