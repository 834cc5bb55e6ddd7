"""What would go tonight and what goes next, class by class, and what was removed: nothing is changed by looking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Row, func, literal, select, text

from robots.retention.carrying_out import line_at
from robots.retention.cases import next_group, old_groups
from robots.retention.classes import AUDIT, CLASSES, EVIDENCE, RUNS, Step
from robots.retention.files import old_files
from robots.retention.plan import Period, Plan
from robots.settings import Settings
from robots.store.schema import retention_log, retention_nights


@dataclass
class Standing:
    """One class: how much is ``due``, since when the ``oldest`` of it counts, and when the ``next`` after it is due.

    ``waits`` is what is old enough and still needed, by why. Runs and evidence are counted by run, the rest by row or
    file; files are those of this machine.
    """

    due: int = 0
    oldest: datetime | None = None
    next: datetime | None = None
    waits: Counter[str] = field(default_factory=Counter)


def standing_of(connection: Connection, settings: Settings, plan: Plan) -> dict[str, Standing]:
    """By class, those that something is decided about."""
    found = {}
    for name, rule in plan.rules.items():
        line = line_at(connection, rule.kept)
        if name in (EVIDENCE, RUNS):
            told = _cases(connection, name, line)
        else:
            told = _rows(connection, _AUDIT if name == AUDIT else CLASSES[name].steps, line)
            _add_files(told, settings, name, line)
        told.next = _after(connection, told.next, rule.kept)
        found[name] = told
    return found


def latest_removals(connection: Connection, limit: int) -> list[Row[Any]]:
    """The log by day, class and kind of record, the newest first."""
    log = retention_log.c
    day = func.date_trunc("day", log.at, "Europe/Stockholm").label("day")
    by = (day, log["class"], log.what, log.decision, log.decided, log.by)
    counted = select(
        *by, func.sum(log.number).label("number"), func.min(log.oldest).label("oldest"),
        func.max(log.newest).label("newest"),
    )  # fmt: skip
    return list(connection.execute(counted.group_by(*by).order_by(day.desc(), log["class"]).limit(limit)))


def latest_night(connection: Connection) -> datetime | None:
    """When the plan was last carried out to its end by itself."""
    return connection.execute(select(func.max(retention_nights.c.ended_at))).scalar()


def _cases(connection: Connection, name: str, line: datetime) -> Standing:
    told = Standing(next=next_group(connection, name, line))
    for group in old_groups(connection, name, line):
        if group.waits_for:
            told.waits[group.waits_for] += len(group.ids)
        else:
            told.due += len(group.ids)
            told.oldest = told.oldest or group.last
    return told


# Its own rows go by another way than those of a step, and are looked at like them.
_AUDIT = (Step("audit_events", "t.at"),)


def _rows(connection: Connection, steps: Sequence[Step], line: datetime) -> Standing:
    told = Standing()
    for step in steps:
        seen = text(
            "select count(*) filter (where at < :line) as due, min(at) filter (where at < :line) as oldest,"  # noqa: S608
            f" min(at) filter (where at >= :line) as next from (select {step.at} as at from {step.table} t"
            f" where ({step.only})) seen"
        )
        row = connection.execute(seen, {"line": line}).one()
        told.due += row.due
        told.oldest = min(filter(None, (told.oldest, row.oldest)), default=None)
        told.next = min(filter(None, (told.next, row.next)), default=None)
    return told


def _add_files(told: Standing, settings: Settings, name: str, line: datetime) -> None:
    for each in old_files(settings, name):
        if each.at < line:
            told.due += 1
            told.oldest = min(filter(None, (told.oldest, each.at)))
        else:
            told.next = min(filter(None, (told.next, each.at)))


def _after(connection: Connection, moment: datetime | None, period: Period) -> datetime | None:
    if moment is None:
        return None
    after = func.make_interval(0, period.months, 0, period.days)
    due: datetime = connection.execute(select(literal(moment, DateTime(timezone=True)) + after)).scalar_one()
    return due
