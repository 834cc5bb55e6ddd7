"""The migrations, one after the other, make the very tables that the program believes in."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, Text

from robots.store import Store, metadata
from robots.store import migrate as migrations


def _differences(store: Store, wanted: MetaData) -> list[Any]:
    def ours(_: Any, name: str | None, kind: str, reflected: bool, __: Any) -> bool:
        """Neither the queue engine's tables nor the list of migrations; the engine's enums have no meaning for ours."""
        return not (kind == "table" and reflected and name not in wanted.tables)

    with store.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True, "compare_server_default": False}
        )
        return list(compare_metadata(context, wanted))


def test_a_migrated_database_is_what_the_schema_says(store: Store) -> None:
    assert _differences(store, metadata) == []


def test_control_a_column_that_no_migration_makes_is_seen(store: Store) -> None:
    wanted = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(wanted)
    wanted.tables["pauses"].append_column(Column("forgotten", Text))
    Table("also_forgotten", wanted, Column("name", Text, primary_key=True))
    assert sorted(change[0] for change in _differences(store, wanted)) == ["add_column", "add_table"]


def test_the_newest_version_is_alembics_own(store: Store) -> None:
    with store.begin() as connection:
        head = ScriptDirectory.from_config(migrations._config(connection)).get_current_head()
    assert migrations.newest_version() == head
