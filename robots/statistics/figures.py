"""The figures of a period, as page, API, command and workbook take them. Nobody's case and nobody's name is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from robots.local_time import on_the_wall
from robots.statistics.baselines import Baseline, Basis
from robots.statistics.period import Period

WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


@dataclass(frozen=True)
class Counts:
    """How requests ended. Each is counted once: tried anew by a person, it counts as its last try in the period.

    ``alone`` are those of ``done`` that no person had to order anew.
    """

    runs: int = 0
    done: int = 0
    alone: int = 0
    handed_over: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def helped(self) -> int:
        """Done, after a person had ordered it anew."""
        return self.done - self.alone

    @property
    def share(self) -> float | None:
        """Finished without a person, of all that were not cancelled; None where there were none."""
        carried_out = self.runs - self.cancelled
        return self.alone / carried_out if carried_out else None

    def as_json(self) -> dict[str, Any]:
        return {
            "runs": self.runs, "done": self.done, "done_without_a_person": self.alone,
            "handed_over": self.handed_over, "failed": self.failed, "cancelled": self.cancelled,
            "share_without_a_person": _rounded(self.share, 4),
        }  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """The median and the 90th percentile, in seconds; None where nothing was measured."""

    median: float | None = None
    p90: float | None = None

    def as_json(self) -> dict[str, Any]:
        return {"median_seconds": _rounded(self.median, 1), "p90_seconds": _rounded(self.p90, 1)}


@dataclass(frozen=True)
class Times:
    """Of the ``count`` requests that are done: from asked for to done, without and with a robot at work on it."""

    count: int = 0
    whole: Spread = Spread()
    queue: Spread = Spread()
    work: Spread = Spread()

    def as_json(self) -> dict[str, Any]:
        return {
            "count": self.count, "to_done": self.whole.as_json(), "in_queue": self.queue.as_json(),
            "at_work": self.work.as_json(),
        }  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """Minutes: what the done ones would have taken by hand, less what came back to people. May be below zero."""

    minutes: float
    basis: Basis

    def as_json(self) -> dict[str, Any]:
        return {"minutes": round(self.minutes, 1), "basis": self.basis}


@dataclass(frozen=True)
class Totals:
    """One period's figures of one thing."""

    counts: Counts
    times: Times
    saved: Saved

    def as_json(self) -> dict[str, Any]:
        return {**self.counts.as_json(), "times": self.times.as_json(), "saved": self.saved.as_json()}


@dataclass(frozen=True)
class TaskFigures:
    """One task's, beside those of the period before. ``known`` is False for one whose file has gone."""

    task: str
    title: str
    owner: str
    known: bool
    now: Totals
    before: Totals
    baseline: Baseline

    def as_json(self) -> dict[str, Any]:
        figures = {"case": self.baseline.case, "handover": self.baseline.handover, "failure": self.baseline.failure}
        return {
            "task": self.task, "title": self.title, "owner": self.owner, "known": self.known,
            "now": self.now.as_json(), "before": self.before.as_json(),
            "baseline": {
                name: {"minutes": each.minutes, "measured": _day(each.measured), "source": each.source}
                for name, each in figures.items()
            },
        }  # fmt: skip


@dataclass(frozen=True)
class MonthFigures:
    """A calendar month, as far as it is in the period. ``task`` and ``title`` are "" for all tasks together."""

    month: date
    task: str
    title: str
    counts: Counts

    def as_json(self) -> dict[str, Any]:
        return {"month": f"{self.month:%Y-%m}", "task": self.task, "title": self.title, **self.counts.as_json()}


@dataclass(frozen=True)
class HandoverFigures:
    """How often a team was handed a case for a reason; every time counts, also what was ordered anew later."""

    owner: str
    kind: str
    count: int
    before: int

    def as_json(self) -> dict[str, Any]:
        return {"owner": self.owner, "reason": self.kind, "count": self.count, "before": self.before}


@dataclass(frozen=True)
class SourceFigures:
    """What was asked for in one way: guide, schedule, batch or inbox."""

    source: str
    now: Counts
    before: Counts
    times: Times

    def as_json(self) -> dict[str, Any]:
        return {"source": self.source, "now": self.now.as_json(), "before": self.before.as_json(),
                "times": self.times.as_json()}  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """All of a period. ``compared`` is the period before; ``owners`` are the teams it is of, None for all.

    ``hours[weekday][hour]`` is how many were asked for then, Monday first, by the clocks in Sweden.
    """

    period: Period
    compared: Period
    made_at: datetime
    owners: tuple[str, ...] | None
    now: Totals
    before: Totals
    tasks: tuple[TaskFigures, ...]
    months: tuple[MonthFigures, ...]
    handovers: tuple[HandoverFigures, ...]
    sources: tuple[SourceFigures, ...]
    hours: tuple[tuple[int, ...], ...]

    @property
    def goes_on(self) -> bool:
        """Whether the period was not over when the figures were made."""
        return self.made_at < self.period.ends

    def as_json(self) -> dict[str, Any]:
        """One document; its keys and units are those of docs/statistics.md."""
        return {
            "period": {"from": _day(self.period.first), "to": _day(self.period.last), "goes_on": self.goes_on},
            "compared_to": {"from": _day(self.compared.first), "to": _day(self.compared.last)},
            "made_at": f"{on_the_wall(self.made_at):%Y-%m-%dT%H:%M:%S}",
            "owners": None if self.owners is None else list(self.owners),
            "now": self.now.as_json(),
            "before": self.before.as_json(),
            "tasks": [each.as_json() for each in self.tasks],
            "months": [each.as_json() for each in self.months],
            "handovers": [each.as_json() for each in self.handovers],
            "sources": [each.as_json() for each in self.sources],
            "hours": {day: list(counts) for day, counts in zip(_DAYS, self.hours, strict=True)},
        }


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
