"""Bring the tables up to date when something starts, once, however many start at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"

# Any number that nobody else on the database uses as an advisory lock.
MIGRATION_LOCK = 7_246_244_543


class NewerTables(Exception):
    """The tables are of a version that this program has never heard of."""


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction, under a lock that all processes share.

    Raises ``NewerTables``.
    """
    if _is_current(engine):
        return
    with engine.begin() as connection:
        migrate_within(connection)


def migrate_within(connection: Connection, version: str = "head") -> None:
    """The same up to ``version``, in a transaction that is open. Raises ``NewerTables``."""
    from alembic import command  # a quarter second for every command, and needed once a release
    from alembic.util import CommandError

    connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
    try:
        command.upgrade(_config(connection), version)
    except CommandError as error:
        raise NewerTables from error


def newest_version() -> str:
    """The version of the tables that the migrations lead to: their files are named by it."""
    return max(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("*_*.py"))


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def version_of(engine: Engine) -> str | None:
    """The version of the tables that are there; None where there are none yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()


def _is_current(engine: Engine) -> bool:
    return version_of(engine) == newest_version()
