"""The morning check by itself: asked for on each workday, once, however many schedulers there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from loguru import logger
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from robots.errors import RagnhildError
from robots.evidence.redaction import redact
from robots.local_time import on_the_wall
from robots.scheduler.kept_calendar import calendar_now
from robots.scheduler.scheduler import database_time
from robots.settings import Settings
from robots.store import Store

# It is for those who come to work: so much later they have met themselves what it would have told.
LATEST = timedelta(hours=2)


class Mornings:
    """``now`` is what time it is: by the database, where nothing else is given."""

    def __init__(
        self, settings: Settings, store: Store, *, now: Callable[[Connection], datetime] = database_time
    ) -> None:
        self._settings = settings
        self._store = store
        self._now = now
        self._asked: date | None = None
        self._told = ""

    def look(self) -> None:
        """Ask for this morning's checks when it is time; asked for again, they are the same runs."""
        if not self._settings.morning_check_at:
            return
        try:
            with self._store.begin() as connection:
                local = on_the_wall(self._now(connection))
                if self._asked != local.date() and self._is_time(connection, local):
                    self._ask(connection, local.date())
            self._told = ""
        except (RagnhildError, SQLAlchemyError) as error:
            if self._told != str(error):  # once, however often it is looked
                logger.error("the morning check could not be asked for: {}", redact(str(error)))
            self._told = str(error)

    def _is_time(self, connection: Connection, local: datetime) -> bool:
        due = datetime.combine(local.date(), time.fromisoformat(self._settings.morning_check_at))
        if not due <= local < due + LATEST:
            return False
        calendar, _ = calendar_now(connection, self._settings.config_dir / "calendar.toml")
        return calendar is not None and calendar.is_workday(local.date())

    def _ask(self, connection: Connection, day: date) -> None:
        from robots.worker.morning_check import ask_for_checks, checked_systems  # all drivers, once a day

        ask_for_checks(
            connection, self._settings, checked_systems(self._settings), source="schedule", by="morgonkontrollen",
            apart=f"morning {day}",
        )  # fmt: skip
        self._asked = day
