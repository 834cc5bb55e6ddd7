"""The scheduler: looks at every schedule, again and again. Two of them do no harm, and none loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from loguru import logger
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import SQLAlchemyError

from robots.errors import ConfigurationError, RagnhildError, WrongInput
from robots.evidence.redaction import redact
from robots.scheduler.asking import asks_in
from robots.scheduler.kept_calendar import calendar_now
from robots.scheduler.known import Known, take_note
from robots.scheduler.quiet import pass_over_quiet
from robots.scheduler.schedule import Schedule
from robots.scheduler.starts import Look
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks, load_tasks
from robots.workdays import Calendar


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
        self.now = now
        self._told: dict[str, str] = {}

    def look_round(self) -> None:
        """One look at every schedule, each in a transaction of its own: what ails one stops no other.

        However many schedules rest, the database is asked the same few questions for all of them together.
        """
        with self.store.begin() as connection:
            now = self.now(connection)
            known = take_note(connection, self.settings.schedules_dir, now)
            calendar, _ = self.calendar(connection)  # a fault is told there, and kept
            if calendar is None:
                return
            wanting = pass_over_quiet(connection, known, calendar, now)
        for schedule in wanting:
            try:
                with self.store.begin() as connection:
                    Look(connection, schedule, calendar, self.now(connection), self.ask_in(connection)).look()
            except (RagnhildError, SQLAlchemyError) as error:
                self._tell(schedule, str(error))
            else:
                self._told.pop(schedule.name, None)

    def known(self, connection: Connection) -> Known:
        """The schedules there are now, in a transaction that is open."""
        return take_note(connection, self.settings.schedules_dir, self.now(connection))

    def find(self, connection: Connection, name: str) -> Schedule:
        """One schedule, in a transaction that is open. Raises ``WrongInput`` when there is none of that name."""
        known = self.known(connection)
        found = next((schedule for schedule in known.schedules if schedule.name == name), None)
        if found is None:
            names = ", ".join(schedule.name for schedule in known.schedules) or "inga"
            raise WrongInput("Schema", name, known.faults.get(name) or f"Det finns {names}.")
        return found

    def look_in(self, connection: Connection, schedule: Schedule) -> Look:
        """Raises ``ConfigurationError`` where the calendar never could be read."""
        calendar, fault = self.calendar(connection)
        if calendar is None:
            raise ConfigurationError(fault)
        return Look(connection, schedule, calendar, self.now(connection), self.ask_in(connection))

    def calendar(self, connection: Connection) -> tuple[Calendar | None, str]:
        """The municipality's days as they could last be read, and what is wrong with the file as it stands now."""
        return calendar_now(connection, self._calendar_file)

    @property
    def _calendar_file(self) -> Path:
        return self.settings.config_dir / "calendar.toml"

    def ask_in(self, connection: Connection) -> Callable[[Schedule, Row[Any]], list[int]]:
        return asks_in(connection, self.settings, self._tasks)

    def _tell(self, schedule: Schedule, words: str) -> None:
        """Once, however often it is looked."""
        if self._told.get(schedule.name) != words:
            logger.error("schedule {} could not be looked at: {}", schedule.name, redact(words))
        self._told[schedule.name] = words
