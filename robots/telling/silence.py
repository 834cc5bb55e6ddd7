"""That Ragnhild itself is silent: what gives signs of life, and the heartbeat that an outside monitor waits for."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from loguru import logger
from sqlalchemy import Connection, func, select

from robots.store import Store
from robots.store.clock import seconds_since
from robots.store.schema import signs_of_life, workers
from robots.store.signs import SCHEDULER, TELLER
from robots.tls import trusted

# A heart that beats once a minute must not stop for a machine that was busy for some seconds.
BEATING_SECONDS = 60.0
PARTS = {
    "database": "databasen",
    "worker": "workern (som kör uppgifterna)",
    "scheduler": "schemaläggaren",
    "teller": "det som skickar meddelanden",
}


@dataclass(frozen=True)
class Signs:
    """How many seconds each part has been silent, by its key in ``PARTS``; None for one that never gave a sign."""

    silent: dict[str, float | None]

    @property
    def never_heard(self) -> set[str]:
        """The parts that have never given a sign in this database."""
        return {part for part, silent in self.silent.items() if silent is None}

    def gone(self, seconds: float) -> set[str]:
        """The parts that have been silent for longer than this."""
        return {part for part, silent in self.silent.items() if silent is None or silent > seconds}


def signs(connection: Connection) -> Signs:
    """What the database knows. A worker that has ended in order is as silent as one that has died."""
    newest = select(func.min(seconds_since(workers.c.seen_at))).where(workers.c.ended_at.is_(None))
    worker = connection.execute(newest).scalar()
    told = connection.execute(select(signs_of_life.c.name, seconds_since(signs_of_life.c.seen_at)))
    rows = {row[0]: float(row[1]) for row in told}
    silent = {"worker": None if worker is None else float(worker)}
    return Signs(silent | {part: rows.get(part) for part in (SCHEDULER, TELLER)})


def fetch_heartbeat(store: Store, url: str) -> bool:
    """Fetch the monitor's address, unless something is silent: it alarms when it is not fetched any more."""
    with store.begin() as connection:
        gone = signs(connection).gone(BEATING_SECONDS)
    if gone:
        logger.warning("no heartbeat: {} gave no sign of life", ", ".join(sorted(gone)))
        return False
    try:
        httpx.get(url, timeout=10, follow_redirects=True, verify=trusted()).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:  # its words would show the address, which is a secret
        logger.warning("the heartbeat did not arrive: {}", type(error).__name__)
        return False
    return True
