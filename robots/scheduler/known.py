"""Which schedules there are: their files, and how each was when it could last be used.

A file that somebody has broken, or is just writing, loses no start: the schedule goes on as it was, and the fault is
told. A file that has gone ends its schedule, and one that comes begins when it is first seen: neither has missed what
came while it was not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from loguru import logger
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.errors import ConfigurationError
from robots.scheduler.schedule import Schedule, parse_schedule, written_in
from robots.store.schema import schedules


@dataclass(frozen=True)
class Known:
    """The schedules to look at, and what is wrong with files, by the schedule's name.

    ``looked_until`` says until when each has been looked at; nothing for one that is seen for the first time.
    """

    schedules: list[Schedule]
    looked_until: Mapping[str, datetime]
    faults: dict[str, str]


def take_note(connection: Connection, folder: Path, now: datetime) -> Known:
    """Read the folder, and remember what can be used of it."""
    before = {row.name: row for row in connection.execute(select(schedules).with_for_update())}
    files = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    known: list[Schedule] = []
    faults: dict[str, str] = {}
    for name, path in files.items():
        row = before.get(name)
        try:
            written = written_in(path)
            schedule = parse_schedule(name, written, path)
        except ConfigurationError as error:
            faults[name] = str(error)
            _remember_fault(connection, row, str(error))
            if row is not None and not row.gone:
                known.append(parse_schedule(name, row.written, path))
            continue
        _remember(connection, name, written, row, now)
        known.append(schedule)
    for name in before.keys() - files.keys():
        connection.execute(update(schedules).where(schedules.c.name == name).values(gone=True))
    until = {name: now if row.gone else row.looked_until for name, row in before.items()}
    return Known(known, until, faults)


def _remember(
    connection: Connection, name: str, written: str, row: Row[tuple[object, ...]] | None, now: datetime
) -> None:
    if row is not None and (row.written, row.error, row.gone) == (written, "", False):
        return
    values: dict[str, object] = {"written": written, "error": "", "gone": False}
    if row is None:  # another scheduler may see it for the first time at the same moment
        connection.execute(upsert(schedules).values(name=name, looked_until=now, **values).on_conflict_do_nothing())
        return
    if row.gone:
        values["looked_until"] = now
    connection.execute(update(schedules).where(schedules.c.name == name).values(**values))


def _remember_fault(connection: Connection, row: Row[tuple[object, ...]] | None, words: str) -> None:
    if row is not None and row.error != words:
        logger.error("a schedule cannot be read and goes on as it was: {}", words)
        connection.execute(update(schedules).where(schedules.c.name == row.name).values(error=words))
