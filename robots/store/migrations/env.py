"""Alembic's entry: the connection is handed over by robots.store.migrate, never made from a file."""

from alembic import context

from robots.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
