"""That the retention plan has not been carried out: what is not removed nobody misses, so somebody has to ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.local_time import on_the_wall
from robots.settings import Settings
from robots.store.schema import retention_nights, telling_positions
from robots.telling.wording import day
from robots.workdays import DAY

# A night that nobody was at work in is made up for the same day, so what is still undone by then has gone wrong.
LATE = timedelta(hours=26)
_UNDONE = "retention undone"


@dataclass(frozen=True)
class Undone:
    """``latest``: the last night that was gone through to its end, if any was. ``since`` then it is waited for."""

    latest: date | None
    since: datetime

    @property
    def words(self) -> str:
        """What is said of it, after «gallringen»."""
        return f"har inte gjorts sedan natten {day(self.latest)}" if self.latest else "har aldrig gjorts till slutet"


def undone_nights(connection: Connection, settings: Settings, now: datetime) -> Undone | None:
    """That the night before last has not been made up for either; None while all is well, and without ``retention_at``.

    Since when it is waited for is remembered from one look to the next: a machine that was off for a week has first to
    have had its time.
    """
    mine = telling_positions.c.name == _UNDONE
    latest: date | None = connection.execute(select(func.max(retention_nights.c.night))).scalar()
    if not settings.retention_at or (latest is not None and latest >= _due(settings.retention_at, now)):
        connection.execute(delete(telling_positions).where(mine))
        return None
    connection.execute(upsert(telling_positions).values(name=_UNDONE, at=now).on_conflict_do_nothing())
    since: datetime = connection.execute(select(telling_positions.c.at).where(mine)).scalar_one()
    return Undone(latest, since) if now - since >= LATE else None


def _due(retention_at: str, now: datetime) -> date:
    """The newest night whose hour has come."""
    local = on_the_wall(now)
    return local.date() if local.time() >= time.fromisoformat(retention_at) else local.date() - DAY
