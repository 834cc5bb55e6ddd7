"""Sheets whose rows are laid beside the requests: who is at each of them, and who goes on with it when they die.

A piece is held by one portal until a time of the database's, which the portal puts off while it lives; then whoever has
the file may take it. What has ended is ended by its holder alone, together with what came of it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from loguru import logger
from sqlalchemy import Connection, Row, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.portal.desk import Desk
from robots.portal.rights import Visitor
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import sheet_work, sheets

# A portal that dies is followed after this time at the latest.
LEASE_SECONDS = 10.0
RENEW_SECONDS = 1.0
# A sheet that ends whoever takes it is not tried for ever.
MOST_TRIES = 3
# Whoever has the file would have taken it by now.
LONG_SECONDS = 60.0

_Row = TypeVar("_Row")


class Lost(Exception):
    """It is somebody else's by now, or the portal ends."""


@dataclass(frozen=True)
class Work:
    """One sheet that this process lays in the batch. ``holder`` is of this go."""

    id: int
    sheet_id: int
    batch_id: int
    account_id: int
    tries: int
    holder: str


def order_laying(connection: Connection, visitor: Visitor, sheet: int, batch: int) -> int:
    """Have the sheet's rows laid in the batch; returns the work, which is the same while it goes on.

    One that nobody is at goes on with this sheet: the machine that has the file of the other may be gone.
    """
    told = {"sheet_id": sheet, "account_id": visitor.account_id}
    ordered = (
        upsert(sheet_work)
        .values(**told, batch_id=batch)
        .on_conflict_do_update(index_elements=["batch_id"], index_where=_OPEN, set_=told, where=_FREE)
        .returning(sheet_work.c.id)
    )
    going = select(sheet_work.c.id).where(sheet_work.c.batch_id == batch, _OPEN)
    made = None
    while made is None:  # what somebody was at when it was ordered may have ended when it is looked for
        made = connection.execute(ordered).scalar() or connection.execute(going).scalar()
    return int(made)


def wait_for(desk: Desk, work: int) -> str:
    """Give it as long as the desk has patience. Returns why it ended undone, "" otherwise."""
    desk.begin_laying()
    until = time.monotonic() + desk.patience
    while True:
        heard = desk.bell.rung
        row = desk.store.ask(select(sheet_work.c.ended_at, sheet_work.c.fault).where(sheet_work.c.id == work))
        left = until - time.monotonic()
        if row is None or row.ended_at is not None or left <= 0:
            return row.fault if row else ""
        desk.bell.wait(heard, min(left, RENEW_SECONDS))  # another portal that has the file may do it, and rings another


def laying_of(store: Store, batch: int) -> Row[Any] | None:
    """The newest go at laying the batch: ``is_open``, ``is_left`` (nobody is at it, and that for long), ``fault``, and
    how many ``rows`` there are in all; None where no sheet was laid by a portal."""
    checked = sheets.c.checked
    rows = (checked["good"].as_integer() + checked["bad"].as_integer()).label("rows")
    wanted = select(*_STANDING, rows).join(sheets, sheets.c.id == sheet_work.c.sheet_id)
    with store.begin() as connection:
        newest = wanted.where(sheet_work.c.batch_id == batch).order_by(sheet_work.c.id.desc()).limit(1)
        return connection.execute(newest).first()


def is_laid_now(laying: Row[Any] | None) -> bool:
    """Whether somebody is at it, or will be before long."""
    return laying is not None and laying.is_open and not laying.is_left


# -- whoever does it --------------------------------------------------------------------------------------------------


def take(store: Store, has: Callable[[int], bool]) -> Work | None:
    """The oldest that is nobody's, of a sheet that we have the file of; None where there is none."""
    with store.begin() as connection:
        free = connection.execute(
            select(sheet_work.c.id, sheet_work.c.sheet_id).where(_FREE).order_by(sheet_work.c.id)
        ).all()
        for each in (row for row in free if has(row.sheet_id)):
            holder = secrets.token_hex(8)
            taken = update(sheet_work).where(sheet_work.c.id == each.id, _FREE)
            values = {"held_by": holder, "held_until": _lease(), "tries": sheet_work.c.tries + 1}
            if row := connection.execute(taken.values(values).returning(sheet_work)).first():
                return Work(row.id, row.sheet_id, row.batch_id, row.account_id, row.tries, holder)
    return None


class Hold:
    """What is held while it is done."""

    def __init__(self, is_ending: Callable[[], bool]) -> None:
        self.is_lost = False
        self._is_ending = is_ending

    def watching(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """The rows, as long as it is ours. Raises ``Lost``."""
        for row in rows:
            if self.is_lost or self._is_ending():
                raise Lost
            yield row


@contextmanager
def holding(store: Store, work: Work, is_ending: Callable[[], bool]) -> Iterator[Hold]:
    """Keep the work ours until the end of the block: a thread of its own renews it, whatever the doer waits for."""
    hold, over = Hold(is_ending), threading.Event()

    def renew() -> None:
        until = time.monotonic() + LEASE_SECONDS
        while not over.wait(RENEW_SECONDS) and not hold.is_lost:
            asked_at = time.monotonic()
            mine = update(sheet_work).where(*_mine(work)).values(held_until=_lease())
            try:
                with store.begin() as connection:
                    hold.is_lost = not connection.execute(mine).rowcount
                until = asked_at + LEASE_SECONDS
            except Exception as error:  # the database is away: what is ours is ours until its time is out
                logger.warning("the work with a sheet cannot be renewed: {}", type(error).__name__)
                hold.is_lost = time.monotonic() > until

    thread = threading.Thread(target=renew, name="sheet lease", daemon=True)
    thread.start()
    try:
        yield hold
    finally:
        over.set()
        thread.join()


def end_within(connection: Connection, work: Work, fault: str = "") -> None:
    """It is done, or cannot be done. Raises ``Lost`` when it is not ours any more."""
    ended = update(sheet_work).where(*_mine(work)).values(ended_at=func.clock_timestamp(), fault=fault, held_until=None)
    if not connection.execute(ended).rowcount:
        raise Lost


def give_back(store: Store, work: Work) -> None:
    """Let another take it now, as if it had not been tried."""
    given = update(sheet_work).where(*_mine(work)).values(held_until=None, tries=work.tries - 1)
    with store.begin() as connection:
        connection.execute(given)


def _lease() -> Any:
    return func.clock_timestamp() + span(LEASE_SECONDS)


def _mine(work: Work) -> tuple[Any, ...]:
    return sheet_work.c.id == work.id, sheet_work.c.held_by == work.holder, _OPEN


_OPEN = sheet_work.c.ended_at.is_(None)
_FREE = _OPEN & or_(sheet_work.c.held_until.is_(None), sheet_work.c.held_until < func.clock_timestamp())
_LEFT_SINCE = func.coalesce(sheet_work.c.held_until, sheet_work.c.at) + span(LONG_SECONDS)
_STANDING = (
    _OPEN.label("is_open"), (_OPEN & (func.clock_timestamp() > _LEFT_SINCE)).label("is_left"), sheet_work.c.fault,
)  # fmt: skip
