"""The municipality's calendar: its file, and how it was when it could last be used.

Without one no schedule knows which days are off. So a file that somebody has broken, or is just writing, stops nothing:
the days go on as they were, and the fault is told.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from loguru import logger
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.errors import ConfigurationError
from robots.scheduler.schedule import written_in
from robots.store.schema import kept_calendars
from robots.workdays import Calendar, read_calendar


def calendar_now(connection: Connection, path: Path) -> tuple[Calendar | None, str]:
    """The days as the file says, or as it said when it could last be read; and what is wrong with it now, or "".

    None where it never could be: nobody may guess that a day is a workday. Table ``kept_calendars`` has the same.
    """
    kept = connection.execute(select(kept_calendars).where(kept_calendars.c.file == path.name)).first()
    before = (kept.closed, kept.error) if kept else (None, "")
    try:
        if path.exists():
            written_in(path)
        calendar = read_calendar(path)
    except ConfigurationError as error:
        if before[1] != str(error):
            logger.error("the calendar cannot be read; its days go on as they were: {}", error)
        _remember(connection, path.name, before, (before[0], str(error)))
        return (None if before[0] is None else _calendar(before[0])), str(error)
    _remember(connection, path.name, before, ({f"{day}": why for day, why in calendar.closed.items()}, ""))
    return calendar, ""


def _calendar(closed: dict[str, str]) -> Calendar:
    return Calendar({date.fromisoformat(day): why for day, why in closed.items()})


Kept = tuple[dict[str, str] | None, str]


def _remember(connection: Connection, file: str, before: Kept, after: Kept) -> None:
    if after == before:
        return
    values = {"closed": after[0], "error": after[1], "changed_at": func.clock_timestamp()}
    connection.execute(
        upsert(kept_calendars).values(file=file, **values).on_conflict_do_update(index_elements=["file"], set_=values)
    )
