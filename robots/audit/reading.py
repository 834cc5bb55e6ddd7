"""What the audit says, by person, run, case, deed and time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from robots.store import Store
from robots.store.schema import audit_events


@dataclass(frozen=True)
class Wanted:
    """Which lines: each condition that is given holds. ``since`` is the first moment, ``until`` the first that is not.

    ``did`` are the deeds; ``before`` is the number of an event, for the next page.
    """

    about: str = ""
    by: str = ""
    for_whom: str = ""
    case_number: str = ""
    did: Collection[str] = field(default=())
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        told = audit_events.c
        columns = ("about", "by", "for_whom", "case_number")
        found: list[ColumnElement[bool]] = [told[name] == value for name in columns if (value := getattr(self, name))]
        found += [told.did.in_(self.did)] if self.did else []
        found += [told.at >= self.since] if self.since else []
        found += [told.at < self.until] if self.until else []
        return found + ([told.id < self.before] if self.before else [])


def noted(store: Store, wanted: Wanted, *, limit: int = 100) -> list[Row[Any]]:
    """The newest first."""
    found = select(audit_events).where(*wanted.conditions).order_by(audit_events.c.id.desc()).limit(limit)
    with store.begin() as connection:
        return list(connection.execute(found))
