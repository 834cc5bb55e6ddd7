"""What runs are recorded in goes away in the middle of them: the database, the disk's last room, the right to write.

``python -m tests.chaos storage --seconds 60``. Nothing may be armed that cannot be recorded, and when it is over
everything must go on by itself, with one change each. The judge is the town.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence

from robots.store import Store
from tests.chaos.disk_trials import missing, on_bad_disk
from tests.chaos.storage_trials import (
    BEFORE_ARMING,
    MOMENTS,
    OVER_BY_THEN,
    SETTLE_SECONDS,
    WAITING,
    Fault,
    Tried,
    holding,
    meet,
    rows_of,
)
from tests.chaos.table import Row, some, told
from tests.chaos.three_flows import own_ground

SECONDS = 60.0
# Longer than all the tries of a run take, so that one that gives up is seen; and no longer than to see a change.
DISK_SECONDS, SHORT_SECONDS = 20.0, 4.0
# So many runs meet the fault at once, each in a slot of its own.
TOGETHER = 4
MOMENTS_OF_RUN = [moment for moment in MOMENTS if moment != OVER_BY_THEN]
BAD_DISKS = {
    "nearly full": (BEFORE_ARMING, WAITING),
    "full": (BEFORE_ARMING, "sent, and not seen", "at the outcome", WAITING),
    "read-only": (BEFORE_ARMING, "sent, and not seen", "at the outcome", WAITING),
}


def database_away(store: Store) -> Fault:
    """The own server is stopped as for an upgrade, and started again with all that was on its disk."""
    server = store.server

    def comes() -> None:
        server.stop()

    def goes() -> None:
        with server._lock:
            server.ensure_postgres_running()
        store.engine.dispose()

    return Fault(comes, goes)


def without_database(
    moments: Sequence[str], seconds: float, *, slots: int = TOGETHER, unrecorded: bool = False
) -> Tried:
    """On ground of its own. ``unrecorded``: without the guard."""
    with own_ground(settle=SETTLE_SECONDS, slots=slots) as ground:
        with holding(ground, unrecorded=unrecorded) as at:
            return meet(at, database_away(ground.store), moments, seconds)


def rows_of_database(seconds: float) -> Iterator[Row]:
    """All moments, some at a time."""
    for together in (MOMENTS_OF_RUN[:TOGETHER], MOMENTS_OF_RUN[TOGETHER:]):
        tried = _told(without_database([*together, WAITING], seconds, slots=len(together)))
        yield from rows_of("database away", tried)
    yield from rows_of("database away", _told(without_database([OVER_BY_THEN], SHORT_SECONDS)))
    blind = without_database([OVER_BY_THEN], SHORT_SECONDS, unrecorded=True)
    yield some("control, without the guard: armed by an attempt whose steps are not on record", blind.unrecorded)


def rows_of_disk(seconds: float) -> Iterator[Row]:
    """Each kind of bad disk; the control of each that it changes something while nothing can be kept."""
    if why := missing():
        yield told(f"bad disks: not tried, {why}", 0)
        return
    for kind, moments in BAD_DISKS.items():
        tried = _told(on_bad_disk(kind, moments, seconds))
        yield from rows_of(f"disk {kind}", tried)
        yield some(f"    refused in Swedish: {tried.words[0] if tried.words else ''}", len(swedish(tried)))
        blind = on_bad_disk(kind, [BEFORE_ARMING], SHORT_SECONDS, unrecorded=True)
        yield some(f"control, disk {kind}, without the guard: changes that the town saw meanwhile", blind.changed)


def swedish(tried: Tried) -> list[str]:
    """Those of its words that say why nothing is saved."""
    return [words for words in tried.words if re.match(r"(Disken är full|Underlaget går inte att spara)", words)]


def _told(tried: Tried) -> Tried:
    for story in tried.account.stories:
        print(story, file=sys.stderr, flush=True)
    return tried


def rows(arguments: Sequence[str]) -> list[Row]:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos storage", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the database is away")
    parser.add_argument("--disk-seconds", type=float, default=DISK_SECONDS, help="how long nothing can be written")
    asked = parser.parse_args(arguments)
    return [*rows_of_database(asked.seconds), *rows_of_disk(asked.disk_seconds)]
