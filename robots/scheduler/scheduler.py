"""The scheduler: looks at every schedule, again and again. Two of them do no harm, and none loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from loguru import logger
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from robots.errors import RagnhildError
from robots.evidence.redaction import redact
from robots.scheduler.asking import asks_in
from robots.scheduler.known import take_note
from robots.scheduler.schedule import Schedule
from robots.scheduler.starts import Look
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks, load_tasks
from robots.workdays import read_calendar

LOOK_SECONDS = 1.0


def database_time(connection: Connection) -> datetime:
    """The one clock that all machines share."""
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now


class Scheduler:
    """``now`` is what time it is: by the database, where nothing else is given."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        tasks: Callable[[], LoadedTasks] | None = None,
        now: Callable[[Connection], datetime] = database_time,
    ) -> None:
        self.settings = settings
        self.store = store
        self._tasks = tasks or (lambda: load_tasks(settings.tasks_dir))
        self._now = now
        self._told: dict[str, str] = {}

    def look_round(self) -> None:
        """One look at every schedule, each in a transaction of its own: what ails one stops no other."""
        with self.store.begin() as connection:
            known = take_note(connection, self.settings.schedules_dir, self._now(connection))
        for schedule in known.schedules:
            try:
                self._look_at(schedule)
            except (RagnhildError, SQLAlchemyError) as error:
                self._tell(schedule, str(error))
            else:
                self._told.pop(schedule.name, None)

    def _look_at(self, schedule: Schedule) -> None:
        calendar = read_calendar(self.settings.config_dir / "calendar.toml")
        with self.store.begin() as connection:
            ask = asks_in(connection, self.settings, self._tasks)
            Look(connection, schedule, calendar, self._now(connection), ask).look()

    def _tell(self, schedule: Schedule, words: str) -> None:
        """Once, however often it is looked."""
        if self._told.get(schedule.name) != words:
            logger.error("schedule {} could not be looked at: {}", schedule.name, redact(words))
        self._told[schedule.name] = words
