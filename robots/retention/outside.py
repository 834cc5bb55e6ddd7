"""The list of what is removed, kept beside the backups: a backup that is restored must not bring it back.

A line is written before the removal it tells of is done. What a line tells and was not done after all was due, so to do
it after a restore is right.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from loguru import logger
from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy import Connection, Row, select

from robots.store.schema import retention_log

LIST = "gallrat.jsonl"


class Line(BaseModel, extra="forbid"):
    """A row of ``retention_log`` that names its runs."""

    at: AwareDatetime
    class_name: str
    what: str
    number: int
    oldest: AwareDatetime
    newest: AwareDatetime
    decision: str
    decided: date
    by: str
    ids: list[int]


def line_of(row: Row[Any]) -> Line:
    told = row._mapping
    return Line(class_name=told["class"], **{name: told[name] for name in Line.model_fields if name != "class_name"})


class Outside:
    """The list in one folder of backups."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / LIST

    def add(self, *lines: Line) -> None:
        """Wait until the disk has them. Where the folder is away the next backup brings the list up to date."""
        try:
            with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb") as file:
                # Begun on a line of its own: the last one may have been cut short.
                file.write(b"\n" + b"".join(line.model_dump_json().encode() + b"\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            logger.warning("the list of what is removed could not be written: {}", error.strerror)

    def bring_up_to_date(self, connection: Connection) -> None:
        """Add what the database tells and the list does not."""
        known = {(line.at, line.class_name) for line in self.lines()}
        rows = connection.execute(NAMED.order_by(retention_log.c.id))
        missing = [line for line in map(line_of, rows) if (line.at, line.class_name) not in known]
        if missing:
            self.add(*missing)

    def lines(self) -> Iterator[Line]:
        """What stands in it. A last line that was cut short was of a removal that was not done."""
        if not self.file.is_file():
            return
        for told in filter(None, self.file.read_text("utf-8", errors="replace").split("\n")):
            try:
                yield Line.model_validate_json(told)
            except ValidationError:
                logger.warning("a line of {} cannot be read", LIST)


NAMED = select(retention_log).where(retention_log.c.ids.is_not(None))
