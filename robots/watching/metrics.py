"""The figures as Prometheus reads them. No label holds what a person has typed, a case or a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path

from loguru import logger
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

import robots
from robots.settings import Settings
from robots.store import Store
from robots.systems.card import read_card
from robots.watching.figures import Figures, Reader
from robots.watching.steps import BOUNDS, StepTimes

# Several may ask at once and often; the database is asked no more often than this.
TRUSTED_SECONDS = 5.0
Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class Metrics(Collector):
    """Everything that is told of the robots, read anew when it is asked for."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._reader = Reader(store, StepTimes(settings.tasks_dir))
        self._reading = threading.Lock()
        self._families: list[Family] = []
        self._read_at: float | None = None
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """The answer to Prometheus; while the database is away it says that, and nothing else of the robots."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Family]:
        with self._reading:
            now = time.monotonic()
            if self._read_at is None or now - self._read_at > TRUSTED_SECONDS:
                self._families = list(self._look())
                self._read_at = time.monotonic()
            yield from self._families

    def describe(self) -> list[Family]:
        return []

    def _look(self) -> Iterator[Family]:
        began = time.monotonic()
        try:
            figures = self._reader.read()
        except SQLAlchemyError as error:
            logger.warning("no figures: the database does not answer ({})", type(error).__name__)
            yield GaugeMetricFamily("ragnhild_database_up", "1 when the database answers", 0)
            return
        yield GaugeMetricFamily("ragnhild_database_up", "1 when the database answers", 1)
        yield from families_of(figures, seats_allowed(self._settings))
        yield GaugeMetricFamily("ragnhild_look_seconds", "How long this look took", time.monotonic() - began)
        build = GaugeMetricFamily("ragnhild_build_info", "Which version this is", labels=["version"])
        build.add_metric([_version()], 1)
        yield build


def families_of(figures: Figures, allowed: Mapping[str, int]) -> Iterator[Family]:
    """The figures under their names."""
    ended = CounterMetricFamily("ragnhild_runs_ended", "Runs that have ended", labels=["task", "outcome"])
    for (task, outcome), number in figures.ended.items():
        ended.add_metric([task, outcome], number)
    yield ended
    waiting = {name: figures.waiting.get(name, 0) for name in ("guide", "schedule", "batch")}
    yield _gauge("runs_waiting", "Runs in the queue", "priority", waiting)
    yield _gauge("runs_at_work", "Runs that have begun and not ended", "state", {"running": 0} | figures.at_work)
    yield _plain("runs_held", "Runs of those in the queue that wait for a seat, a system or a person", figures.held)
    yield _plain("runs_late", "Runs in the queue that are past the answer that was promised", figures.late)
    yield _plain("oldest_waiting_seconds", "Age of the oldest run in the queue; 0 without one", figures.oldest_waiting)
    yield _gauge("seats_allowed", "Robots that a system lets in at once; 0 is any number", "system", allowed)
    yield _gauge("seats_taken", "Robots in a system", "system", dict.fromkeys(allowed, 0) | figures.seats_taken)
    open_breakers = GaugeMetricFamily(
        "ragnhild_breaker_open", "1 while a system is not tried; robot is empty where that holds for all",
        labels=["system", "robot"],
    )  # fmt: skip
    for (system, robot), is_open in figures.breakers.items():
        open_breakers.add_metric([system, robot], is_open)
    yield open_breakers
    standings = {name: figures.workers.get(name, 0) for name in ("working", "draining", "silent")}
    yield _gauge("workers", "Workers that have not ended, by their standing", "standing", standings)
    yield _plain("slots", "Runs that the workers can carry out at once", figures.slots)
    starts = "When a schedule last started anything, in seconds since 1970"
    yield _gauge("schedule_latest_start_timestamp_seconds", starts, "schedule", figures.latest_start)
    open_starts = GaugeMetricFamily(
        "ragnhild_schedule_open_starts", "Starts that are due, or that a person is asked about",
        labels=["schedule", "state"],
    )  # fmt: skip
    for (schedule, state), number in figures.open_starts.items():
        open_starts.add_metric([schedule, state], number)
    yield open_starts
    yield _plain("schedules_broken", "Schedules whose file cannot be used as it is", figures.schedules_broken)
    yield _plain("messages_unsent", "Messages to people that are not sent yet", figures.unsent)
    steps = HistogramMetricFamily("ragnhild_step_seconds", "How long steps took", labels=["task", "step"])
    for (task, step), times in figures.steps.items():
        upto = zip([*map(str, BOUNDS), "+Inf"], accumulate(times.counts), strict=True)
        steps.add_metric([task, step], buckets=list(upto), sum_value=times.seconds)
    yield steps


def seats_allowed(settings: Settings) -> dict[str, int]:
    """How many robots each system of this municipality lets in at once; 0 is no limit."""
    allowed = {}
    for key, told in settings.systems.items():
        folders = [Path(robots.__file__).parent / kind / key for kind in ("systems", "cases")]
        cards = [read_card(folder) for folder in folders if (folder / "system.toml").is_file()]
        if told.most_sessions is not None or cards:
            allowed[key] = cards[0].sessions if told.most_sessions is None else told.most_sessions
    return allowed


def _plain(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"ragnhild_{name}", words, value)


def _gauge(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"ragnhild_{name}", words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _version() -> str:
    try:
        return version("ragnhild")
    except PackageNotFoundError:
        return ""
