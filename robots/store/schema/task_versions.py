"""The versions of the tasks, and the two persons who stand for each that may run for real."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from robots.store.schema.base import metadata, now

# ``digest`` is the sum of ``files``, the text of each by its name: so that the second person sees what is new.
task_versions = Table(
    "task_versions", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("task", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("files", JSONB, nullable=False),
    now("seen_at"),
    Column("put_forward_by", Text),
    Column("put_forward_at", DateTime(timezone=True)),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    UniqueConstraint("task", "digest"),
    CheckConstraint("approved_by is null or lower(approved_by) <> lower(put_forward_by)", name="four_eyes"),
    CheckConstraint("approved_by is null or put_forward_by is not null", name="put_forward_first"),
)  # fmt: skip
