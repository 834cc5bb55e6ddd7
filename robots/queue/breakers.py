"""Breakers: a system that fails again and again is left alone until a look of its own shows that it is back.

A row in ``breakers`` is a system that has failed lately. It is open when it has failed too often in a row (then for
all robots), or when it has refused a robot's password (then for that robot, until the secret has changed). While it
is open the runs that need the system wait, whoever they belong to, and one look at a time is made.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from loguru import logger
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.store import Store
from robots.store.clock import span
from robots.store.schema import breaker_history, breakers

EVERYBODY = ""
# The first look comes this soon after a breaker opened; each further one waits twice as long, to the longest.
LOOK_SECONDS = 15.0
LONGEST_SECONDS = 600.0


def open_breaker(connection: Connection, systems: Collection[str], robot: str) -> Row[str, str] | None:
    """The first breaker that stands in the way of this robot in one of these systems."""
    return connection.execute(
        select(breakers.c.system, breakers.c.why)
        .where(breakers.c.state == "open", breakers.c.system.in_(systems), breakers.c.robot.in_((EVERYBODY, robot)))
        .order_by(breakers.c.opened_at)
    ).first()


def words_of_open(connection: Connection) -> set[str]:
    """What the runs that wait for an open breaker say that they wait for."""
    return set(connection.execute(select(breakers.c.why).where(breakers.c.state == "open")).scalars())


def note_failure(store: Store, system: str, robot: str, words: str, *, limit: int) -> str:
    """The system has failed once more. Why it is left alone from now on; "" as long as it is not.

    ``words`` are for people, without anything personal. ``limit`` is how many in a row are too many; 0 is no number.
    """
    if not limit:
        return ""
    failed = upsert(breakers).values(
        system=system, robot=EVERYBODY, state="closed", failures=1, why=words, met_by=robot
    )
    with store.begin() as connection:
        row = connection.execute(
            failed.on_conflict_do_update(
                index_elements=["system", "robot"], set_={"failures": breakers.c.failures + 1, "met_by": robot}
            ).returning(breakers)
        ).one()
        if row.state == "closed" and row.failures >= limit:
            _open(connection, system, EVERYBODY, words, look_in=LOOK_SECONDS)
            return words
    return str(row.why) if row.state == "open" else ""


def note_refusal(store: Store, system: str, robot: str, words: str) -> None:
    """The system has refused the robot's password: nobody looks again before there is another one."""
    mine = upsert(breakers).values(system=system, robot=robot, state="closed", met_by=robot)
    with store.begin() as connection:
        row = connection.execute(
            mine.on_conflict_do_update(
                index_elements=["system", "robot"], set_={"failures": breakers.c.failures + 1}
            ).returning(breakers)
        ).one()
        if row.state == "closed" or row.probe_at is not None:  # the new password was refused as well
            _open(connection, system, robot, words, look_in=None)


def note_success(store: Store, systems: Collection[str]) -> None:
    """These systems work: what went wrong in them before was not the first of many."""
    with store.begin() as connection:
        connection.execute(delete(breakers).where(breakers.c.state == "closed", breakers.c.system.in_(systems)))


def take_look(connection: Connection, reached: Collection[str]) -> Row[Any] | None:
    """An open breaker whose time it is to be looked behind, for the caller alone; ``reached`` empty is all systems."""
    breaker = breakers.c
    due = select(breakers).where(breaker.state == "open", breaker.probe_at <= func.clock_timestamp())
    within = due.where(breaker.system.in_(reached)) if reached else due
    row = connection.execute(within.order_by(breaker.probe_at).limit(1).with_for_update(skip_locked=True)).first()
    if row is not None:
        pause = min(LOOK_SECONDS * 2.0 ** min(row.probes + 1, 20), LONGEST_SECONDS)
        _set(connection, row.system, row.robot, probe_at=func.clock_timestamp() + span(pause), probes=row.probes + 1)
    return row


def refusing(connection: Connection) -> list[Row[Any]]:
    """The breakers that wait for another secret: ``system`` and ``robot``."""
    waiting = select(breakers.c.system, breakers.c.robot)
    return list(connection.execute(waiting.where(breakers.c.state == "open", breakers.c.probe_at.is_(None))))


def look_soon(connection: Connection, system: str, robot: str | None = None) -> bool:
    """Look at the next opportunity: there is another secret, or a person says that the system is back."""
    opened = breakers.c.system == system, breakers.c.state == "open"
    mine = () if robot is None else (breakers.c.robot == robot,)
    soon = update(breakers).where(*opened, *mine).values(probe_at=func.clock_timestamp(), probes=0)
    return bool(connection.execute(soon).rowcount)


def close(store: Store, system: str, robot: str, words: str) -> None:
    """The system is back; the runs that wait for it are woken by the next round of upkeep."""
    closed = breakers.c.system == system, breakers.c.robot == robot, breakers.c.state == "open"
    with store.begin() as connection:
        if connection.execute(delete(breakers).where(*closed)).rowcount:
            _remember(connection, system, robot, "closed", words)
            logger.info("{} is back", system)


def breakers_now(store: Store) -> list[Row[Any]]:
    """The open ones, with since when and why, and when they are looked behind next."""
    with store.begin() as connection:
        return list(
            connection.execute(select(breakers).where(breakers.c.state == "open").order_by(breakers.c.opened_at))
        )


def _open(connection: Connection, system: str, robot: str, words: str, *, look_in: float | None) -> None:
    look = None if look_in is None else func.clock_timestamp() + span(look_in)
    opened = {"state": "open", "why": words, "opened_at": func.clock_timestamp(), "probe_at": look, "probes": 0}
    _set(connection, system, robot, **opened)
    _remember(connection, system, robot, "open", words)
    logger.warning("{} is left alone: {}", system, words)


def _set(connection: Connection, system: str, robot: str, **values: Any) -> None:
    connection.execute(
        update(breakers).where(breakers.c.system == system, breakers.c.robot == robot).values(**values)
    )  # fmt: skip


def _remember(connection: Connection, system: str, robot: str, state: str, words: str) -> None:
    connection.execute(insert(breaker_history).values(system=system, robot=robot, state=state, why=words))
