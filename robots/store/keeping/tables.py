"""All rows of a database: read out, written into another, and counted and summed up, the same on both sides.

By COPY over the connection that is open already: it works between all releases of the server, needs no program beside
us, and no password leaves this one. The tables themselves are made by our migrations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from pydantic import BaseModel
from sqlalchemy import Connection, inspect, text

from robots.errors import ConfigurationError

# Which migrations have been run is told by the migrations that make the tables.
VERSION_TABLE = "alembic_version"
# Values are written as text in one way, whatever a server or a user has set.
_AS_TEXT = (
    "set local client_encoding to 'UTF8'", "set local timezone to 'UTC'", "set local datestyle to 'ISO, YMD'",
    "set local intervalstyle to 'postgres'", "set local extra_float_digits to 1", "set local bytea_output to 'hex'",
)  # fmt: skip


class Content(BaseModel):
    """What is in a table: its columns, how many rows, and a sum over them that does not depend on their order."""

    columns: list[str]
    rows: int
    checksum: str


def write_alike(connection: Connection) -> None:
    """From now on, and until the end of this transaction, values are written as every other database does here."""
    for setting in _AS_TEXT:
        connection.execute(text(setting))


def table_names(connection: Connection) -> list[str]:
    """All tables, those that others point to first."""
    ordered = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in ordered if name and name != VERSION_TABLE]


def content_of(connection: Connection, table: str, columns: list[str] | None = None) -> Content:
    """Count the table's rows and sum them up; ``write_alike`` must have been said."""
    columns = columns or _columns(connection, table)
    query = sql.SQL(
        "select count(*), coalesce(sum(('x' || left(encode(sha256(convert_to(told, 'UTF8')), 'hex'), 15))"
        "::bit(60)::bigint), 0)::text from (select row({})::text as told from {}) as rows"
    ).format(_listed(columns), sql.Identifier(table))
    count, checksum = driver_of(connection).execute(query).fetchone() or (0, "0")
    return Content(columns=columns, rows=count, checksum=checksum)


def read_rows(connection: Connection, table: str, columns: list[str]) -> Iterator[bytes]:
    """The table's rows as COPY writes them, block by block."""
    query = sql.SQL("copy {} ({}) to stdout").format(sql.Identifier(table), _listed(columns))
    with driver_of(connection).cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            yield bytes(block)


def write_rows(connection: Connection, table: str, columns: list[str], blocks: Iterable[bytes]) -> None:
    """What ``read_rows`` told, into a table that has these columns."""
    query = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), _listed(columns))
    with driver_of(connection).cursor() as cursor, cursor.copy(query) as copy:
        for block in blocks:
            copy.write(block)


@contextmanager
def as_they_were(connection: Connection, tables: list[str]) -> Iterator[None]:
    """Empty the tables, and let rows be written as they were: the engine's triggers would add some of their own."""
    driver = driver_of(connection)
    every = sql.SQL(", ").join(map(sql.Identifier, tables))
    for table in tables:
        driver.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(table)))
    driver.execute(sql.SQL("truncate {}").format(every))
    yield
    for table in tables:
        driver.execute(sql.SQL("alter table {} enable trigger user").format(sql.Identifier(table)))


def sequences_of(connection: Connection) -> dict[str, int]:
    """How far each sequence has come. They stand outside of transactions: read them after the rows."""
    told = "select sequencename, last_value from pg_sequences where schemaname = current_schema()"
    return {row[0]: row[1] for row in connection.execute(text(told)) if row[1] is not None}


def set_sequences(connection: Connection, told: Mapping[str, int]) -> None:
    for name, value in told.items():
        connection.execute(text("select setval(quote_ident(:name)::regclass, :value)"), {"name": name, "value": value})


def demand_empty(connection: Connection) -> None:
    """Raise ``ConfigurationError`` where there is any table already: what is there is never written over."""
    found = inspect(connection).get_table_names()
    if found:
        name = connection.engine.url.database
        raise ConfigurationError(
            f"Databasen {name} är inte tom: den har {len(found)} tabeller ({', '.join(sorted(found)[:3])} …). "
            "Lägg upp en ny, tom databas (docs/operations.md) och ange den."
        )


def demand_same(wanted: Mapping[str, Content], found: Mapping[str, Content]) -> None:
    """Raise ``ConfigurationError`` unless both have the same tables with the same rows."""

    def rows(told: Mapping[str, Content], name: str) -> str:
        return str(told[name].rows) if name in told else "ingen tabell"

    apart = [
        f"{name} (rader: {rows(wanted, name)} mot {rows(found, name)})"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
    if apart:
        raise ConfigurationError(
            f"Databaserna är inte lika: {', '.join(apart)}. Inget är ändrat. Försök igen, och visa detta för "
            "robotägaren om det händer en gång till."
        )


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection, in the same transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _columns(connection: Connection, table: str) -> list[str]:
    told = text(
        "select attname from pg_attribute where attrelid = quote_ident(:name)::regclass and attnum > 0"
        " and not attisdropped and attgenerated = '' order by attnum"
    )
    return list(connection.execute(told, {"name": table}).scalars())


def _listed(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
