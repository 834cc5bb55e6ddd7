"""What the database tells of the robots, in figures: read when somebody asks, and cheaply however old it has grown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, select, text, union_all

from robots.queue.engine import PRIORITIES
from robots.queue.standing import SILENT_SECONDS
from robots.store import Store
from robots.store.clock import seconds_since, span
from robots.store.schema import OUTCOMES, breakers, messages, runs, schedules, seats, starts, workers
from robots.watching.steps import StepTimes, Times

# Whoever watches must never hold up those who work.
LONGEST_LOOK_MS = 20_000
# A run that was asked for in a transaction that is still open is seen within this.
YOUNG_SECONDS = 3600.0
# A worker that nobody has seen for longer is history, whatever its row says.
FORGOTTEN_SECONDS = 86_400.0
_OPEN = ("queued", "running", "waiting_approval")


@dataclass
class Figures:
    """One look. Times are seconds; ``ended`` counts since the database was new."""

    ended: dict[tuple[str, str], int] = field(default_factory=dict)
    at_work: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    held: int = 0
    oldest_waiting: float = 0.0
    late: int = 0
    seats_taken: dict[str, int] = field(default_factory=dict)
    breakers: dict[tuple[str, str], bool] = field(default_factory=dict)
    workers: dict[str, int] = field(default_factory=dict)
    slots: int = 0
    latest_start: dict[str, float] = field(default_factory=dict)
    open_starts: dict[tuple[str, str], int] = field(default_factory=dict)
    schedules_broken: int = 0
    unsent: int = 0
    steps: Mapping[tuple[str, str], Times] = field(default_factory=dict)


class Ended:
    """How many runs have ended and how, without counting those of years past each time anew.

    Everything below the first run that is open or young has ended for good, and is counted once.
    """

    def __init__(self) -> None:
        self._settled: Counter[tuple[str, str]] = Counter()
        self._upto = 0

    def count(self, connection: Connection) -> dict[tuple[str, str], int]:
        border = connection.execute(_FIRST_UNSETTLED).scalar()
        if border is None:
            border = (connection.execute(select(func.max(runs.c.id))).scalar() or 0) + 1
        if border - 1 > self._upto:
            self._settled += self._between(connection, self._upto, border - 1)
            self._upto = border - 1
        return dict(self._settled + self._between(connection, self._upto, None))

    def _between(self, connection: Connection, after: int, upto: int | None) -> Counter[tuple[str, str]]:
        counted = select(runs.c.task, runs.c.state, func.count()).where(runs.c.id > after, runs.c.state.in_(OUTCOMES))
        if upto is not None:
            counted = counted.where(runs.c.id <= upto)
        rows = connection.execute(counted.group_by(runs.c.task, runs.c.state))
        return Counter({(task, state): number for task, state, number in rows})


_unsettled = union_all(
    select(func.min(runs.c.id).label("id")).where(runs.c.state.in_(_OPEN)),
    # Each state is named, or the index by state and age would be of no use.
    *(
        select(func.min(runs.c.id)).where(runs.c.state == state, runs.c.created_at > func.now() - span(YOUNG_SECONDS))
        for state in OUTCOMES
    ),
).subquery()
_FIRST_UNSETTLED = select(func.min(_unsettled.c.id))


class Reader:
    """Reads the figures; remembers between two looks what cannot change any more."""

    def __init__(self, store: Store, steps: StepTimes) -> None:
        self._store = store
        self._steps = steps
        self._ended = Ended()

    def read(self) -> Figures:
        """Raises ``SQLAlchemyError`` when the database does not answer, or not soon enough."""
        with self._store.begin() as connection:
            # One picture of one moment, which waits for nobody and changes nothing.
            connection.execute(text("set transaction isolation level repeatable read, read only"))
            connection.execute(text(f"set local statement_timeout = {LONGEST_LOOK_MS}"))
            return self._read(connection)

    def _read(self, connection: Connection) -> Figures:
        figures = Figures(ended=self._ended.count(connection))
        for row in connection.execute(_STANDING):
            if row.state == "queued":
                figures.waiting[row.class_] = row.number
                figures.held += row.held
                figures.oldest_waiting = max(figures.oldest_waiting, float(row.oldest))
                figures.late += row.late
            else:
                figures.at_work[row.state] = figures.at_work.get(row.state, 0) + row.number
        figures.seats_taken = _pairs(connection, _SEATS)
        figures.breakers = {(row.system, row.robot): row.state == "open" for row in connection.execute(_BREAKERS)}
        for row in connection.execute(_WORKERS):
            figures.workers[row.standing] = row.number
            figures.slots += row.slots if row.standing != "silent" else 0
        figures.latest_start = _pairs(connection, _LATEST_START)
        figures.open_starts = {(row.schedule, row.state): row.number for row in connection.execute(_OPEN_STARTS)}
        figures.schedules_broken = connection.execute(_BROKEN).scalar_one()
        figures.unsent = connection.execute(_UNSENT).scalar_one()
        figures.steps = self._steps.read(connection)
        return figures


def _pairs(connection: Connection, asked: Select[Any]) -> dict[str, Any]:
    return {row[0]: row[1] for row in connection.execute(asked)}


def _class_of(priority: Any) -> Any:
    """Which class a run's priority was reckoned from: what is left of it lies less than one class below."""
    named = sorted({value: name for name, value in reversed(PRIORITIES.items())}.items())
    return case(*((priority <= value, name) for value, name in named), else_=named[-1][1])


_STANDING = (
    select(
        runs.c.state,
        _class_of(runs.c.priority).label("class_"),
        func.count().label("number"),
        func.count(runs.c.held_for).label("held"),
        func.count().filter(runs.c.deadline_at < func.now()).label("late"),
        func.max(seconds_since(runs.c.created_at)).label("oldest"),
    )
    .where(runs.c.state.in_(_OPEN))
    .group_by("state", "class_")
)
_SEATS = select(seats.c.system, func.count()).where(seats.c.given_back_at.is_(None)).group_by(seats.c.system)
_BREAKERS = select(breakers.c.system, breakers.c.robot, breakers.c.state)
_silent = seconds_since(workers.c.seen_at)
_WORKERS = (
    select(
        case((_silent > SILENT_SECONDS, "silent"), (workers.c.draining, "draining"), else_="working").label("standing"),
        func.count().label("number"),
        func.sum(workers.c.slots).label("slots"),
    )
    .where(workers.c.ended_at.is_(None), _silent < FORGOTTEN_SECONDS)
    .group_by("standing")
)
_latest = (
    select(func.extract("epoch", starts.c.started_at))
    .where(starts.c.schedule == schedules.c.name, starts.c.started_at.is_not(None))
    .order_by(starts.c.local_time.desc())
    .limit(1)
    .scalar_subquery()
)
_LATEST_START = select(schedules.c.name, _latest).where(schedules.c.gone.is_(False), _latest.is_not(None))
_OPEN_STARTS = (
    select(starts.c.schedule, starts.c.state, func.count().label("number"))
    .where(starts.c.state.in_(("due", "asked")))
    .group_by(starts.c.schedule, starts.c.state)
)
_BROKEN = select(func.count()).where(schedules.c.gone.is_(False), schedules.c.error != literal(""))
_UNSENT = select(func.count()).where(messages.c.state.in_(("waiting", "sending")))
