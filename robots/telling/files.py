"""Files that admins have written and that cannot be used now: told when they have stood so for a while.

A file that somebody is just writing is broken for a moment, and nobody needs to hear of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.errors import ConfigurationError
from robots.scheduler.schedule import read_schedule
from robots.settings import Settings
from robots.store.schema import standing_faults
from robots.telling.people import read_people
from robots.workdays import read_calendar

STANDS = timedelta(minutes=1)


@dataclass(frozen=True)
class StandingFault:
    """What has been wrong with a file ``since`` then."""

    file: str
    words: str
    since: datetime


def faults_of_files(connection: Connection, settings: Settings, now: datetime) -> list[StandingFault]:
    """What has been wrong for a minute at least."""
    faults = dict(_faults(settings))
    before = {row.file: row for row in connection.execute(select(standing_faults))}
    for file in before.keys() - faults.keys():
        connection.execute(delete(standing_faults).where(standing_faults.c.file == file))
    for file, words in faults.items():
        if file not in before:
            connection.execute(
                upsert(standing_faults).values(file=file, words=words, since=now).on_conflict_do_nothing()
            )
    return [
        StandingFault(file, faults[file], row.since)
        for file, row in before.items()
        if file in faults and now - row.since >= STANDS
    ]


def _faults(settings: Settings) -> Iterator[tuple[str, str]]:
    readers: dict[Path, Callable[[Path], object]] = {
        settings.config_dir / "calendar.toml": read_calendar,
        settings.config_dir / "people.toml": read_people,
        **dict.fromkeys(sorted(settings.schedules_dir.glob("*.toml")), read_schedule),
    }
    for path, read in readers.items():
        try:
            read(path)
        except ConfigurationError as error:
            yield path.name, str(error)
