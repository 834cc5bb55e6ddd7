"""The systems of ``config/systems.toml`` as a person sees them: whose they are, when they are open, how well proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from robots.opening_hours import OpeningHours
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import seats
from robots.systems import level
from robots.systems.card import folder_of, read_card


@dataclass(frozen=True)
class KnownSystem:
    """``sessions`` is how many robots it takes at once, 0 for no limit; ``closed`` why it is closed, "" when open.

    ``robots`` is what each robot may there.
    """

    key: str
    title: str
    stands_for: str
    owner: str
    proven: level.Proven
    sessions: int
    hours: str
    closed: str
    secrecy: str
    settle_seconds: float
    robots: Mapping[str, str]


def known_systems(settings: Settings, now: datetime) -> list[KnownSystem]:
    """Those with a driver, in the file's order. Raises ``ConfigurationError`` for a broken file."""
    found = []
    for key, told in settings.systems.items():
        if not (folder := folder_of(key)):
            continue
        card = read_card(folder)
        hours = OpeningHours(told.hours or card.hours, told.maintenance)
        closed = hours.closed_at(now)
        found.append(
            KnownSystem(
                key, card.title, card.stands_for, card.owner, level.level_of(key, folder),
                card.sessions if told.most_sessions is None else told.most_sessions, hours.hours,
                f"{closed.words[0].upper()}{closed.words[1:]}." if closed else "", card.secrecy, told.settle_seconds,
                {name: rights[key] for name, rights in settings.access.items() if key in rights},
            )
        )  # fmt: skip
    return found


def seats_taken(store: Store) -> dict[str, int]:
    """How many robots are in each system now; nothing of those that none is in."""
    taken = select(seats.c.system, func.count().label("number")).where(seats.c.given_back_at.is_(None))
    with store.begin() as connection:
        return {row.system: row.number for row in connection.execute(taken.group_by(seats.c.system))}
