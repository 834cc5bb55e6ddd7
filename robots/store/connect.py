"""One engine for every process. The address of the database never stands on a command line or in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from psycopg import Error as PsycopgError
from psycopg.errors import InsufficientPrivilege
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Executable, Row, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError

from robots.errors import ConfigurationError
from robots.store.address import as_libpq_wants_it, explain, name_of, read_address
from robots.store.embedded import leave_embedded, start_embedded
from robots.store.keeping.marks import demand_usable
from robots.store.migrate import NewerTables, migrate
from robots.store.quick import Quick

# A connection that has rested longer than this is tried before it is used: the server may have been restarted.
LONGEST_TRUSTED_REST = 1.0


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

    def write_alone(self, statement: Executable, values: Mapping[str, Any]) -> None:
        """One statement that is a transaction of its own: one trip to the server instead of three."""
        with self._alone.connect() as connection:
            connection.execute(statement, values)

    def ask(self, statement: Executable) -> Row[Any] | None:
        """The first row of the answer to one statement that is a transaction of its own, in one trip."""
        with self._alone.connect() as connection:
            return connection.execute(statement).first()

    def ask_quick(self, statement: Quick, values: Mapping[str, Any]) -> Any:
        """As ``ask``, where it is asked so often that the way to the driver counts."""
        return statement.ask(self.engine, values)

    @cached_property
    def _alone(self) -> Engine:
        """The same connections, without transactions."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def conninfo(self) -> str:
        """The address as libpq wants it."""
        return as_libpq_wants_it(self.engine.url)

    def close(self) -> None:
        self.engine.dispose()
        if self.server is not None:
            leave_embedded(self.server)
            self.server = None


def open_store(url: str | None, data_dir: Path, *, password: SecretStr | None = None, upgrade: bool = True) -> Store:
    """Open the database at ``url``, or the embedded one in ``data_dir``, with its tables up to date.

    ``password`` is for an address that has none in it. Raises ``ConfigurationError``, in one line and without the
    password, when the address is wrong, when nobody answers there, and when the robots are not let in; and when the
    data folder is marked as not to be used.
    """
    demand_usable(data_dir, embedded=url is None)
    server = None
    if url is None:
        server = start_embedded(data_dir / "database")
        url = server.get_uri()
    store = connect(url, password)
    store.server = server
    if upgrade:
        _bring_up_to_date(store)
    return store


def _bring_up_to_date(store: Store) -> None:
    """Raises as ``open_store``, and closes the store then."""
    try:
        migrate(store.engine)
    except DBAPIError as error:
        store.close()
        if not _keeps_us_out(error):
            raise
        raise ConfigurationError(explain(error.orig or error, store.engine.url)) from None
    except NewerTables:
        store.close()
        raise ConfigurationError(
            f"Databasen {name_of(store.engine.url)} har nyare tabeller än det här programmet. "
            "Uppgradera Ragnhild på den här maskinen."
        ) from None


def _keeps_us_out(error: DBAPIError) -> bool:
    """Whether nobody answers, we are turned away at the door (before any statement), or we lack a right there."""
    return isinstance(error, OperationalError) or not error.statement or isinstance(error.orig, InsufficientPrivilege)


def connect(url: str, password: SecretStr | None = None) -> Store:
    """An engine on a database that is known to be up; used by slots, which are told the address by their worker."""
    address = read_address(url, password)
    engine = create_engine(address, pool_size=4, max_overflow=8, hide_parameters=True)
    _trust_fresh_connections(engine)
    return Store(engine, address.render_as_string(hide_password=False))


def _trust_fresh_connections(engine: Engine) -> None:
    """Try a pooled connection before use only when it has rested a while.

    Tried every time, as the pool would by itself, it costs as much as most of the questions that follow.
    """

    def remember_rest(_: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    def try_after_rest(connection: Any, record: Any, _: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < LONGEST_TRUSTED_REST:
            return
        try:
            engine.dialect.do_ping(connection)
        except PsycopgError as error:  # the pool answers this with a new connection
            raise DisconnectionError("the server has gone while the connection rested") from error

    event.listen(engine, "checkin", remember_rest)
    event.listen(engine, "checkout", try_after_rest)
