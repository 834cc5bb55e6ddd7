"""One engine for every process. The address of the database never stands on a command line or in a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from robots.errors import ConfigurationError
from robots.store.embedded import leave_embedded, start_embedded
from robots.store.migrate import migrate


@dataclass
class Store:
    """The open database. ``url`` is secret: it may carry a password."""

    engine: Engine
    url: str = field(repr=False)
    server: Any = field(default=None, repr=False)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an error."""
        with self.engine.begin() as connection:
            yield connection

    @property
    def conninfo(self) -> str:
        """The address as libpq wants it."""
        return self.url.replace("postgresql+psycopg://", "postgresql://", 1)

    def close(self) -> None:
        self.engine.dispose()
        if self.server is not None:
            leave_embedded(self.server)
            self.server = None


def open_store(url: str | None, data_dir: Path, *, upgrade: bool = True) -> Store:
    """Open the database at ``url``, or the embedded one in ``data_dir``, with its tables up to date.

    Raises ``ConfigurationError`` when it does not answer.
    """
    server = None
    if url is None:
        server = start_embedded(data_dir / "database")
        url = server.get_uri()
    store = connect(url)
    store.server = server
    if upgrade:
        try:
            migrate(store.engine)
        except OperationalError as error:
            shown = make_url(store.url).render_as_string(hide_password=True)
            raise ConfigurationError(f"Databasen {shown} svarar inte: {error.orig}") from None
    return store


def connect(url: str) -> Store:
    """An engine on a database that is known to be up; used by slots, which are told the address by their worker."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, pool_size=4, max_overflow=8, pool_pre_ping=True)
    return Store(engine, address.render_as_string(hide_password=False))
