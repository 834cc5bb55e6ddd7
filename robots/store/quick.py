"""A statement that is asked for every run, taken apart once and handed straight to the driver.

SQLAlchemy's way to the driver takes longer than PostgreSQL takes to answer. Its pool is used all the same, and its
errors are what a caller meets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row
from sqlalchemy import Engine, Executable, make_url
from sqlalchemy.exc import DBAPIError


class Quick:
    """One statement, which is a transaction of its own, in one trip.

    Its parameters must be such as the driver takes as they are: text, numbers, truth and None.
    """

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=make_url("postgresql+psycopg://").get_dialect()())  # type: ignore[attr-defined]
        self._words = str(compiled)
        self._defaults = compiled.params

    def ask(self, engine: Engine, values: Mapping[str, Any]) -> Any:
        """The first row of the answer, its columns by name, or None. Raises SQLAlchemy's ``DBAPIError``."""
        try:
            held = engine.raw_connection()
        except psycopg.Error as error:  # the pool hands on what the driver says
            raise self._met(error, lost=True) from error
        driver: psycopg.Connection[Any] = held.driver_connection  # type: ignore[assignment]  # the one of our dialect
        try:
            driver.autocommit = True
            with driver.cursor(row_factory=namedtuple_row) as cursor:
                return cursor.execute(self._words, {**self._defaults, **values}).fetchone()
        except psycopg.Error as error:
            raise self._met(error, lost=driver.closed) from error
        finally:
            if driver.info.transaction_status is TransactionStatus.IDLE:
                driver.autocommit = False
                held.close()
            else:  # cut off, maybe without having noticed it yet
                held.invalidate()

    def _met(self, error: psycopg.Error, *, lost: bool) -> BaseException:
        return DBAPIError.instance(
            self._words, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost
        )
