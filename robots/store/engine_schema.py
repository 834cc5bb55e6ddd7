"""The queue engine's own tables, brought in by our migrations in the engine's own steps."""

from __future__ import annotations

import re
from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

_CREATED = re.compile(r"CREATE TYPE (\w+) AS ENUM \((.*?)\);", re.DOTALL | re.IGNORECASE)
_ADDED = re.compile(r"ALTER TYPE (\w+) ADD VALUE '(\w+)'(?: (BEFORE|AFTER) '(\w+)')?;", re.IGNORECASE)


def apply_engine_migrations(connection: Connection, *, after: str = "", up_to: str) -> None:
    """Run procrastinate's migration files whose names lie after ``after`` and not beyond ``up_to``.

    A migration of ours names the range it was written for, so that an old and a fresh database become the same
    whichever release of the engine is installed.
    """
    raw = connection.connection.driver_connection
    assert raw is not None
    for step in _with_whole_kinds(engine_steps(after=after, up_to=up_to)):
        raw.execute(step)


def engine_steps(*, after: str = "", up_to: str) -> list[str]:
    """The engine's own migration files in that range, as it wrote them."""
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    return [file.read_text("utf-8") for file in files if after < file.name[:8] <= up_to]


def _with_whole_kinds(steps: list[str]) -> list[str]:
    """The same steps, with each enum that they create given at once the values that later steps add to it.

    We run them in one transaction, so that a crash leaves nothing half done, and before PostgreSQL 17 a value that
    was added to an enum cannot be used in the transaction that added it.
    """
    kinds = {name: re.findall(r"'(\w+)'", body) for step in steps for name, body in _CREATED.findall(step)}
    for name, value, side, beside in (added for step in steps for added in _ADDED.findall(step)):
        if name in kinds:
            values = kinds[name]
            place = values.index(beside) + (side.upper() == "AFTER") if beside else len(values)
            values.insert(place, value)

    def whole(created: re.Match[str]) -> str:
        values = ", ".join(f"'{value}'" for value in kinds[created[1]])
        return f"CREATE TYPE {created[1]} AS ENUM ({values});"

    def none_left(added: re.Match[str]) -> str:
        return "" if added[1] in kinds else added[0]

    return [_ADDED.sub(none_left, _CREATED.sub(whole, step)) for step in steps]
