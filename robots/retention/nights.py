"""The plan by itself: each night once, however many machines there are, and on every machine its own files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time

from loguru import logger
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from robots.errors import RagnhildError
from robots.evidence.full_trace import remove_old_traces
from robots.evidence.redaction import redact
from robots.local_time import on_the_wall
from robots.retention.carrying_out import CarryingOut, alone
from robots.retention.outside import Outside
from robots.retention.plan import plan_of
from robots.scheduler.scheduler import database_time
from robots.scheduler.ticking import each_in_its_time
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import retention_log, retention_nights

LOOK_SECONDS = 60.0
BY_CLOCK = "gallringen"


class Nights:
    """``now`` is what time it is: by the database, where nothing else is given. ``rows``: also what is in the database.

    A night that nobody was at work in is made up for as soon as somebody is, the same day.
    """

    def __init__(
        self, settings: Settings, store: Store, *, rows: bool, now: Callable[[Connection], datetime] = database_time
    ) -> None:
        self._settings = settings
        self._store = store
        self._rows = rows
        self._now = now
        self._done: date | None = None
        self._swept: tuple[date, int] | None = None
        self._told = ""

    def look(self) -> None:
        """Remove what is due, when it is time. Full traces go by themselves, whatever is decided."""
        with suppress(OSError):
            remove_old_traces(self._settings.evidence_dir)
        if not self._settings.retention_at:
            return
        try:
            with self._store.begin() as connection:
                local = on_the_wall(self._now(connection))
            if (
                self._rows
                and self._done != local.date()
                and local.time() >= time.fromisoformat(self._settings.retention_at)
            ):
                self._go_through(local.date())
            self._sweep(local.date())
            self._told = ""
        except (RagnhildError, SQLAlchemyError, OSError) as error:
            if self._told != str(error):  # once, however often it is looked
                logger.error("the retention plan could not be carried out: {}", redact(str(error)))
            self._told = str(error)

    def _go_through(self, night: date) -> None:
        with alone(self._store) as mine:
            if not mine:
                return
            with self._store.begin() as connection:
                known = connection.execute(select(retention_nights).where(retention_nights.c.night == night)).first()
            if known is None:
                carrying_out = self._carrying_out()
                carrying_out.finish(carrying_out.all_rows(), night)
            self._done = night

    def _sweep(self, today: date) -> None:
        """This machine's files, each day and whenever more is gone in the database."""
        with self._store.begin() as connection:
            newest = connection.execute(select(func.coalesce(func.max(retention_log.c.id), 0))).scalar_one()
        if self._swept != (today, newest):
            self._carrying_out().files(self._settings)
            self._swept = (today, newest)

    def _carrying_out(self) -> CarryingOut:
        return CarryingOut(self._store, plan_of(self._settings), BY_CLOCK, list_of(self._settings))


def list_of(settings: Settings) -> Outside | None:
    """The list beside the backups of this machine."""
    return Outside(settings.backup_folder) if settings.backup_folder else None


@contextmanager
def keeping_to_plan(settings: Settings, store: Store, *, rows: bool) -> Iterator[None]:
    """Until the end of the block. The portion under way is waited for."""
    with each_in_its_time([(Nights(settings, store, rows=rows).look, LOOK_SECONDS)]):
        yield
