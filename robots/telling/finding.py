"""What has happened that people are told of, read out of the database: no engine knows that anybody is told.

How far it has been looked is remembered for each kind. A row that is written in a transaction still open may carry an
earlier time than one that is seen already, so a position never passes the beginning of the oldest open transaction;
what is then seen twice is told by its key from what is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, cast, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.store.schema import news, telling_positions
from robots.telling.people import Concerns, Kind
from robots.telling.wording import Names

# So much further back than needed it is looked, in case somebody sets the server's clock back.
MARGIN = timedelta(minutes=10)
_UNSEEN = text(
    "select least(statement_timestamp(), min(xact_start)) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Found:
    """One piece of news. ``key`` makes it one; ``topic`` is what a message is about, ``alike`` what makes news equal.

    ``about`` is how it is told: ``one`` and ``many`` (with {n}) are headlines, ``line`` stands for it in a list.
    """

    concerns: Concerns
    key: str
    topic: str
    alike: str
    at: datetime
    about: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Search:
    """One look: ``since`` when, ``now``, and the words for what is found."""

    connection: Connection
    since: datetime
    now: datetime
    names: Names

    def rows(self, statement: Any) -> Sequence[Row[Any]]:
        return self.connection.execute(statement).all()


def look_since(connection: Connection, kind: Kind, now: datetime) -> datetime:
    """From when on to look for this kind. The first time it is from now: what was before nobody waits to hear."""
    connection.execute(upsert(telling_positions).values(name=kind, at=now).on_conflict_do_nothing())
    since: datetime = connection.execute(
        select(telling_positions.c.at).where(telling_positions.c.name == kind)
    ).scalar_one()
    return since


def seen_until(connection: Connection, now: datetime) -> datetime:
    """What is older than this has been written for good. Asked before anything is looked for."""
    unseen: datetime = connection.execute(_UNSEEN).scalar_one()
    return min(unseen, now) - MARGIN


def is_new(kind: Kind, key: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the row has not been noted."""
    return ~select(news.c.id).where(news.c.kind == kind, news.c.key == key).exists()


def as_key(number: ColumnElement[Any]) -> ColumnElement[Any]:
    """A row's number as the key of its news."""
    return cast(number, Text)
