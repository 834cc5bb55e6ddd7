"""The statistics of a period, with a million finished runs: a month of them, and all of them at once.

Compared to PostgreSQL counting the same rows by their outcome, which is the least that anybody could do.
"""

from __future__ import annotations

from datetime import date
from statistics import median

from sqlalchemy import text

from benchmarks.ground import own_ground
from benchmarks.pairs import Count, Figures, Pairs, alternate, timed
from benchmarks.queue_load import finished_runs
from robots.statistics.calculating import figures_of
from robots.statistics.period import Period
from robots.store import Store
from robots.task_files import load_tasks

RUNS = 1_000_000
FIRST, DAYS = date(2024, 11, 1), 730
MONTH, YEAR = "a month of them", "a year of them"
PERIODS = {
    MONTH: Period(date(2025, 10, 1), date(2025, 10, 31)),
    YEAR: Period(date(2025, 11, 1), date(2026, 10, 31)),
}
MOST_SECONDS = 2.0
# What each of them was, spread evenly over two years: ten tasks, one in five handed over.
_SPREAD = (
    """update runs set task = 'task_' || id % 10, source = (array['guide', 'batch', 'inbox', 'schedule'])[1 + id % 4],
       created_at = cast(:first as date) + id * make_interval(secs => :step),
       started_at = cast(:first as date) + id * make_interval(secs => :step) + interval '30 seconds',
       finished_at = cast(:first as date) + id * make_interval(secs => :step) + interval '75 seconds'""",
    """update outcomes set outcome = case when run_id % 5 = 0 then 'handed_over' else 'done' end,
       kind = case when run_id % 5 = 0 then 'Orsak ' || run_id % 7 else '' end,
       at = (select finished_at from runs where runs.id = run_id)""",
)
_COUNTED = text("select outcome, count(*) from outcomes where at >= :begins and at < :ends group by outcome")


def measure() -> Figures:
    told = Figures(
        f"statistics: {RUNS:,} finished runs",
        "Compared to PostgreSQL counting the same period's outcomes, and no more.",
    )
    with own_ground() as (settings, store):
        finished_runs(store, 1, RUNS)
        with store.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            for statement in _SPREAD:
                connection.execute(text(statement), {"first": FIRST, "step": DAYS * 86_400 / RUNS})
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("runs", "outcomes"):
                connection.execute(text(f"vacuum full analyze {table}"))
        tasks = load_tasks(settings.tasks_dir)
        for words, period in PERIODS.items():

            def count(_: int, period: Period = period) -> float:
                return timed(lambda: _plain(store, period))

            def ours(_: int, period: Period = period) -> float:
                return timed(lambda: figures_of(store, settings, tasks, period))

            mine, other = alternate(ours, count, rounds=3, warm_up=1, words=words)
            runs = figures_of(store, settings, tasks, period).now.counts.runs
            told.figures.append(Pairs(f"{words} ({runs:,} runs), with the period before", mine, other, "costs"))
            if words == MONTH:
                told.figures.append(
                    Count("a month, at the median", median(mine), MOST_SECONDS, f"{median(mine):.2f} s")
                )
    return told


def _plain(store: Store, period: Period) -> None:
    with store.begin() as connection:
        connection.execute(_COUNTED, {"begins": period.begins, "ends": period.ends}).all()
