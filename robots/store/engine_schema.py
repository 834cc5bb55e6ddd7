"""The queue engine's own tables, brought in by our migrations in the engine's own steps."""

from __future__ import annotations

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection


def apply_engine_migrations(connection: Connection, *, after: str = "", up_to: str) -> None:
    """Run procrastinate's migration files whose names lie after ``after`` and not beyond ``up_to``.

    A migration of ours names the range it was written for, so that an old and a fresh database become the same
    whichever release of the engine is installed.
    """
    raw = connection.connection.driver_connection
    assert raw is not None
    for file in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        if after < file.name[:8] <= up_to:
            raw.execute(file.read_text("utf-8"))
