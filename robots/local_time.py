"""Times on the wall in Sweden, and the moments that they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Stockholm")
# No clock is put forward or back by more than this.
LONGEST_JUMP = timedelta(hours=3)
_MINUTE = timedelta(minutes=1)


def on_the_wall(moment: datetime) -> datetime:
    """What the clocks in Sweden show then; without a zone."""
    return moment.astimezone(ZONE).replace(tzinfo=None)


def moment_of(local: datetime) -> datetime:
    """The moment (UTC) when the clocks show this.

    Of the hour that comes twice in October it is the first; for a time that the clocks jump over in March it is when
    they have jumped.
    """
    while on_the_wall(_as_written(local)) != local:
        local = local.replace(second=0, microsecond=0) + _MINUTE
    return _as_written(local)


def _as_written(local: datetime) -> datetime:
    return local.replace(tzinfo=ZONE, fold=0).astimezone(UTC)
