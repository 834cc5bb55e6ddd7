"""The database: the embedded or the municipality's own PostgreSQL, its tables and their migrations."""

from robots.store.connect import Store, open_store
from robots.store.schema import metadata

__all__ = ["Store", "metadata", "open_store"]
