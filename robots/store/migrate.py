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
    from alembic import command  # a quarter second for every command, and needed once a release
    from alembic.util import CommandError

    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        try:
            command.upgrade(_config(connection), "head")
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


def _is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(text("select version_num from alembic_version")).scalar() == newest_version()
