"""What people and programs do and look at in the portal, so that it can be accounted for years later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from robots.store import Store
from robots.store.schema import audit_events


def note(connection: Connection, by: str, did: str, about: str = "", /, *, reason: str = "", **detail: Any) -> None:
    """In the transaction that does it: nothing is done that is not noted, and nothing noted that was not done.

    ``did`` is a short word (``looked``, ``started``); ``about`` is what it was done to, ``K-5`` or ``account:anna``. No
    citizen's data belongs in it.
    """
    connection.execute(insert(audit_events).values(by=by, did=did, about=about, reason=reason, detail=detail))


def noted(
    store: Store,
    *,
    about: str = "",
    by: str = "",
    did: Collection[str] = (),
    before: int = 0,
    limit: int = 100,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Row[Any]]:
    """The newest first; ``did`` are the words that are wanted, ``before`` the number of an event, for the next page.

    ``since`` is the first moment that is wanted, ``until`` the first that is not.
    """
    wanted = select(audit_events).order_by(audit_events.c.id.desc()).limit(limit)
    if about:
        wanted = wanted.where(audit_events.c.about == about)
    if by:
        wanted = wanted.where(audit_events.c.by == by)
    if did:
        wanted = wanted.where(audit_events.c.did.in_(did))
    if since:
        wanted = wanted.where(audit_events.c.at >= since)
    if until:
        wanted = wanted.where(audit_events.c.at < until)
    if before:
        wanted = wanted.where(audit_events.c.id < before)
    with store.begin() as connection:
        return list(connection.execute(wanted))
