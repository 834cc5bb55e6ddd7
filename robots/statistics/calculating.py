"""From the rows of a period to its figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import pandas as pd
from sqlalchemy import func, select

from robots.evidence.redaction import one_line, redact
from robots.local_time import on_the_wall
from robots.settings import Settings
from robots.statistics.baselines import Baseline, Baselines, Basis, read_baselines
from robots.statistics.figures import (
    Counts,
    Figures,
    HandoverFigures,
    MonthFigures,
    Saved,
    SourceFigures,
    Spread,
    TaskFigures,
    Times,
    Totals,
)
from robots.statistics.period import Period
from robots.statistics.reading import read_rows
from robots.statistics.wording import SOURCE_WORDS, alphabetical
from robots.store import Store
from robots.task import Task
from robots.task_files import LoadedTasks

NO_REASON = "Utan angiven orsak"
_OUTCOMES = ("done", "handed_over", "failed", "cancelled")
_COUNTED = ("runs", "done", "alone", "handed_over", "failed", "cancelled")
_TIMED = ("whole", "queue", "work")


def today_of(store: Store) -> date:
    """What day it is in Sweden, by the database's clock."""
    with store.begin() as connection:
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return on_the_wall(now).date()


def figures_of(
    store: Store, settings: Settings, tasks: LoadedTasks, period: Period, *, owners: Sequence[str] | None = None
) -> Figures:
    """The period's figures beside those of the period before.

    ``owners`` narrows to the tasks of these teams, and of no team to none. Of the two periods each row is read once and
    no other row at all.
    Raises ``ConfigurationError`` when ``config/baselines.toml`` cannot be used.
    """
    baselines = read_baselines(settings.config_dir / "baselines.toml")
    with store.begin() as connection:
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        compared = period.before(on_the_wall(now).date())
        read = {each: read_rows(connection, each) for each in (period, compared)}
    chosen = {name: task for name, task in tasks.by_name.items() if owners is None or task.owner in owners}
    if owners is not None:
        read = {each: frame[frame["task"].isin(list(chosen))] for each, frame in read.items()}
    return _Calculation(chosen, baselines, _Rows(period, read[period]), _Rows(compared, read[compared])).figures(
        now, None if owners is None else tuple(owners)
    )


@dataclass(frozen=True)
class _Rows:
    """The rows of one period, with what is counted of each."""

    period: Period
    frame: pd.DataFrame

    @cached_property
    def decided(self) -> pd.DataFrame:
        """One row a request: the last try of each, the earlier ones being what a person has ordered anew."""
        last = self.frame[~self.frame["id"].isin(self.frame["retries"].dropna())]
        outcomes = {name: last["outcome"] == name for name in _OUTCOMES}
        queue = (last["whole"] - last["work"]).clip(lower=0)
        alone = outcomes["done"] & last["retries"].isna()
        return last.assign(runs=True, alone=alone, queue=queue, **outcomes)

    @cached_property
    def counts(self) -> Mapping[str, Counts]:
        """By task."""
        return _counts_by(self.decided, "task")

    @cached_property
    def times(self) -> Mapping[str, Times]:
        """By task."""
        return _times_by(self.decided, "task")

    @cached_property
    def endings(self) -> Mapping[tuple[str, str], int]:
        """How often each task ended in each way, every try counted."""
        return _sizes(self.frame, "task", "outcome")

    def saved(self, task: str, baseline: Baseline) -> Saved:
        done = self.counts.get(task, Counts()).done * baseline.case.minutes
        handed = self.endings.get((task, "handed_over"), 0) * baseline.handover.minutes
        return Saved(done - handed - self.endings.get((task, "failed"), 0) * baseline.failure.minutes, baseline.basis)


@dataclass(frozen=True)
class _Calculation:
    tasks: Mapping[str, Task]
    baselines: Baselines
    now: _Rows
    before: _Rows

    def figures(self, made_at: datetime, owners: tuple[str, ...] | None) -> Figures:
        each = self._tasks()
        return Figures(
            self.now.period, self.before.period, made_at, owners, _total(self.now, [task.now for task in each]),
            _total(self.before, [task.before for task in each]), each, self._months(), self._handovers(),
            self._sources(), _hours(self.now.decided),
        )  # fmt: skip

    def _tasks(self) -> tuple[TaskFigures, ...]:
        """Those there are and those that ran; the most used first, then by title."""
        found = [self._task(name) for name in {*self.tasks, *self.now.counts, *self.before.counts}]
        return tuple(sorted(found, key=lambda each: (-each.now.counts.runs, alphabetical(each.title), each.task)))

    def _task(self, name: str) -> TaskFigures:
        task = self.tasks.get(name)
        baseline, earlier = (self.baselines.of(task, name, rows.period.last) for rows in (self.now, self.before))
        title, owner = (task.title, task.owner) if task else (name, "")
        now, before = _one(self.now, name, baseline), _one(self.before, name, earlier)
        return TaskFigures(name, title, owner, task is not None, now, before, baseline)

    def _months(self) -> tuple[MonthFigures, ...]:
        """Every month for all tasks together, whether or not anything ran; then each task's own."""
        frame = self.now.decided
        frame = frame.assign(month=frame["ended"].dt.year * 100 + frame["ended"].dt.month)
        whole = _counts_by(frame, "month")
        found = [MonthFigures(m, "", "", whole.get(f"{m:%Y%m}", Counts())) for m in self.now.period.months]
        for name, mine in frame.groupby("task", observed=True):
            by_month, task = _counts_by(mine, "month"), self.tasks.get(str(name))
            found += [
                MonthFigures(m, str(name), task.title if task else str(name), by_month[f"{m:%Y%m}"])
                for m in self.now.period.months
                if f"{m:%Y%m}" in by_month
            ]
        return tuple(sorted(found, key=lambda each: (alphabetical(each.title), each.task, each.month)))

    def _handovers(self) -> tuple[HandoverFigures, ...]:
        now, before = self._handed(self.now), self._handed(self.before)
        found = [HandoverFigures(*key, now.get(key, 0), before.get(key, 0)) for key in {*now, *before}]
        return tuple(sorted(found, key=lambda h: (-h.count, -h.before, alphabetical(h.owner), alphabetical(h.kind))))

    def _handed(self, rows: _Rows) -> dict[tuple[str, str], int]:
        """By team and reason; a reason tells nothing personal, whatever a task has put in it."""
        handed = rows.frame[rows.frame["outcome"] == "handed_over"]
        found: dict[tuple[str, str], int] = {}
        for (task, kind), count in _sizes(handed, "task", "kind").items():
            owner = self.tasks[task].owner if task in self.tasks else ""
            key = owner, one_line(redact(kind)) or NO_REASON
            found[key] = found.get(key, 0) + count
        return found

    def _sources(self) -> tuple[SourceFigures, ...]:
        now, before = (_counts_by(rows.decided, "source") for rows in (self.now, self.before))
        times = _times_by(self.now.decided, "source")
        names = [*SOURCE_WORDS, *sorted({*now, *before} - set(SOURCE_WORDS))]
        return tuple(
            SourceFigures(name, now.get(name, Counts()), before.get(name, Counts()), times.get(name, Times()))
            for name in names
        )


def _one(rows: _Rows, task: str, baseline: Baseline) -> Totals:
    counts, times = rows.counts.get(task, Counts()), rows.times.get(task, Times())
    return Totals(counts, times, rows.saved(task, baseline))


def _total(rows: _Rows, each: Sequence[Totals]) -> Totals:
    """All tasks together. Their minutes are measured when those of every task are that ran."""
    ran = [task.saved.basis for task in each if task.counts.runs]
    basis: Basis = "partly" if len(set(ran)) > 1 else ran[0] if ran else "estimated"
    counts = Counts(**{name: sum(getattr(task.counts, name) for task in each) for name in _COUNTED})
    return Totals(counts, _times_of(rows.decided), Saved(sum(task.saved.minutes for task in each), basis))


def _counts_by(decided: pd.DataFrame, column: str) -> dict[str, Counts]:
    if decided.empty:
        return {}
    told = decided.groupby(column, observed=True)[list(_COUNTED)].sum()
    return {str(key): Counts(*(int(n) for n in row)) for key, row in zip(told.index, told.to_numpy(), strict=True)}


def _sizes(frame: pd.DataFrame, first: str, second: str) -> dict[tuple[str, str], int]:
    told = frame.groupby([first, second], observed=True).size()
    return {(str(one), str(other)): int(n) for (one, other), n in zip(told.index.tolist(), told.tolist(), strict=True)}


def _times_of(decided: pd.DataFrame) -> Times:
    done = decided[decided["done"]]
    if done.empty:
        return Times()
    told = done[list(_TIMED)].quantile([0.5, 0.9]).to_dict()
    spreads = (Spread(_known(told[name][0.5]), _known(told[name][0.9])) for name in _TIMED)
    return Times(len(done), *spreads)


def _times_by(decided: pd.DataFrame, column: str) -> dict[str, Times]:
    return {str(key): _times_of(mine) for key, mine in decided.groupby(column, observed=True)}


def _known(value: float) -> float | None:
    """What pandas has calculated; None where there was nothing to calculate with."""
    return None if math.isnan(value) else float(value)


def _hours(decided: pd.DataFrame) -> tuple[tuple[int, ...], ...]:
    counts = (decided["asked"].dt.day_of_week * 24 + decided["asked"].dt.hour).value_counts()
    return tuple(tuple(int(counts.get(day * 24 + hour, 0)) for hour in range(24)) for day in range(7))
