"""Seats: how many robots may be in a system at once, over all workers, and who comes first when there are too few.

All seats of a run are taken in one go, in the order of the systems' names, so that no two runs wait for each other.
A run that lacks one waits in a line, without a slot. The line is not overtaken by a run that comes after it, unless
the seat is of no use yet to those in front; after ``PATIENCE_SECONDS`` it is kept for them even then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.opening_hours import OpeningHours
from robots.queue.engine import wake
from robots.store.clock import seconds_since, span
from robots.store.schema import runs, seat_waits, seats

PATIENCE_SECONDS = 30.0
# So many of those that want the same are looked at, however long the line is.
WOKEN_AT_ONCE = 16
MOST_AHEAD = 50


@dataclass(frozen=True)
class Need:
    """One system that a run wants to be in, as one robot account, and what the system allows; 0 is no limit."""

    system: str
    title: str
    account: str
    most: int = 0
    most_for_account: int = 0
    starts_a_minute: int = 0
    hours: OpeningHours | None = field(default=None, compare=False)
    looks: bool = field(default=False, compare=False)  # to see whether the system is back
    takes_handovers: bool = field(default=False, compare=False)  # the case system: without it nobody can be told

    @property
    def limited(self) -> bool:
        return bool(self.most or self.most_for_account or self.starts_a_minute)

    def as_waiting(self) -> dict[str, Any]:
        """What the line remembers of it, and ``Need(**told)`` makes it of again."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.compare}


class Room:
    """What is free in some systems right now."""

    def __init__(self, taken: Iterable[tuple[str, str, int]], started: dict[str, int]) -> None:
        taken = list(taken)
        self._numbers = {(system, number) for system, _, number in taken}
        self._inside = Counter(system for system, _, _ in taken)
        self._by_account = Counter((system, account) for system, account, _ in taken)
        self._started = Counter(started)

    def lacks(self, need: Need) -> str:
        """Why there is no seat, in words for people; "" when there is one."""
        if need.most and self._inside[need.system] >= need.most:
            return f"Väntar på en plats i {need.title}: {need.most} robotar arbetar där redan."
        if need.most_for_account and self._by_account[need.system, need.account] >= need.most_for_account:
            return f"Väntar på kontot {need.account} i {need.title}: det används redan."
        if need.starts_a_minute and self._started[need.system] >= need.starts_a_minute:
            return f"Väntar på {need.title}, där högst {need.starts_a_minute} körningar börjar per minut."
        return ""

    def enter(self, need: Need) -> int:
        """Take a seat. Returns its number, the lowest that is free."""
        number = 1
        while (need.system, number) in self._numbers:
            number += 1
        self._numbers.add((need.system, number))
        self._inside[need.system] += 1
        self._by_account[need.system, need.account] += 1
        self._started[need.system] += 1
        return number


@dataclass(frozen=True)
class Chosen:
    """The seats that a run may take, or why it may not."""

    seats: tuple[tuple[Need, int], ...] = ()
    lacking: str = ""


def choose(connection: Connection, run: Row[Any], needs: Sequence[Need], *, line: bool) -> Chosen:
    """The run's seats, kept for it until the end of this transaction; or a place in the line and what is lacking.

    ``line`` is False when nobody waits for any seat.
    """
    limited = sorted((need for need in needs if need.limited), key=lambda need: need.system)
    if not limited:
        return Chosen()
    systems = [need.system for need in limited]
    connection.execute(
        text("select pg_advisory_xact_lock(hashtext('seats in ' || s)) from unnest(cast(:systems as text[])) s"),
        {"systems": systems},
    )
    room = _room_in(connection, systems)
    for other, impatient in _ahead_of(connection, run, systems) if line else ():
        if impatient or not any(room.lacks(need) for need in other):
            for need in other:
                room.enter(need)
    if lacking := next((words for need in limited if (words := room.lacks(need))), ""):
        connection.execute(
            upsert(seat_waits)
            .values(run_id=run.id, needs=[need.as_waiting() for need in limited])
            .on_conflict_do_nothing(index_elements=["run_id"])
        )
        return Chosen(lacking=lacking)
    if line:
        leave_line(connection, run.id)
    return Chosen(tuple((need, room.enter(need)) for need in limited))


def occupy(connection: Connection, chosen: Chosen, attempt_id: int) -> None:
    if chosen.seats:
        connection.execute(
            insert(seats),
            [
                {"system": need.system, "number": number, "account": need.account, "attempt_id": attempt_id}
                for need, number in chosen.seats
            ],
        )


def give_back(connection: Connection, attempt_ids: Sequence[int]) -> None:
    """The attempts have ended: their seats are free, and the first of the line are woken."""
    freed = connection.execute(
        update(seats)
        .where(seats.c.attempt_id.in_(attempt_ids), seats.c.given_back_at.is_(None))
        .values(given_back_at=func.clock_timestamp())
        .returning(seats.c.system)
    ).all()
    if freed:
        wake_line(connection)


def leave_line(connection: Connection, run_id: int) -> None:
    connection.execute(delete(seat_waits).where(seat_waits.c.run_id == run_id))


def wake_line(connection: Connection) -> int:
    """Let the first of the line that there may be room for try again. Returns how many were woken."""
    in_order = (runs.c.priority.desc(), runs.c.id)
    among_alike = func.row_number().over(partition_by=seat_waits.c.needs, order_by=in_order).label("among_alike")
    waiting = (
        select(seat_waits.c.needs, runs.c.key, runs.c.priority, runs.c.id, among_alike)
        .join(runs, runs.c.id == seat_waits.c.run_id)
        .where(runs.c.state == "queued")
        .subquery()
    )
    line = connection.execute(
        select(waiting.c.needs, waiting.c.key)
        .where(waiting.c.among_alike <= WOKEN_AT_ONCE)
        .order_by(waiting.c.priority.desc(), waiting.c.id)
    ).all()
    if not line:
        return 0
    first = [([Need(**told) for told in row.needs], row.key) for row in line]
    room = _room_in(connection, sorted({need.system for needs, _ in first for need in needs}))
    woken: list[str] = []
    for needs, key in first:
        if not any(room.lacks(need) for need in needs):
            for need in needs:
                room.enter(need)
            woken.append(key)
    return wake(connection, woken)


def _room_in(connection: Connection, systems: list[str]) -> Room:
    this_minute = seats.c.taken_at > func.now() - span(60)  # not the clock: an index can find that
    rows = connection.execute(
        select(seats.c.system, seats.c.account, seats.c.number, seats.c.given_back_at, this_minute.label("started"))
        .where(seats.c.system.in_(systems))
        .where(or_(seats.c.given_back_at.is_(None), this_minute))
    ).all()
    taken = [(row.system, row.account, row.number) for row in rows if row.given_back_at is None]
    return Room(taken, Counter(row.system for row in rows if row.started))


def _ahead_of(connection: Connection, run: Row[Any], systems: list[str]) -> list[tuple[list[Need], bool]]:
    """What the runs want that stand in the line before this one for any of the systems, and who is out of patience."""
    waited = seconds_since(seat_waits.c.since).label("waited")
    shared = or_(*(seat_waits.c.needs.contains([{"system": system}]) for system in systems))
    rows = connection.execute(
        select(seat_waits.c.needs, waited)
        .join(runs, runs.c.id == seat_waits.c.run_id)
        .where(runs.c.state == "queued", runs.c.id != run.id, shared)
        .where(tuple_(-runs.c.priority, runs.c.id) < tuple_(-run.priority, run.id))
        .order_by(runs.c.priority.desc(), runs.c.id)
        .limit(MOST_AHEAD)
    ).all()
    return [([Need(**told) for told in row.needs], row.waited > PATIENCE_SECONDS) for row in rows]
