"""Who works in which file. A file is changed by one session at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from robots.practice.sessions import Session, Sessions

LOCK_MINUTES = 15.0
# How long a lock outlives its session before the system's own sweep takes it away; minutes, in the real ones.
SWEPT_AFTER_SECONDS = 1.5


@dataclass
class Lock:
    """``token`` is the session's; "" for a colleague, who has none in the practice town."""

    display: str
    token: str
    since: str
    last_seen: float
    ended_at: float | None = None


class Locks:
    """The locks of all files, by the file's number."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.swept_after = SWEPT_AFTER_SECONDS
        self._held: dict[str, Lock] = {}

    def take(self, file: str, session: Session) -> Lock | None:
        """The lock that stands in the way; None where the session has the file now."""
        held = self.held(file)
        if held and held.token != session.token:
            return held
        if held is None:
            self._held[file] = Lock(session.user.display, session.token, _clock(), time.monotonic())
        return None

    def has(self, file: str, session: Session) -> bool:
        """Whether the session may change the file; asking is a sign of life."""
        held = self.held(file)
        if held is None or held.token != session.token:
            return False
        held.last_seen = time.monotonic()
        return True

    def held(self, file: str) -> Lock | None:
        """The lock that lies on the file now."""
        held = self._held.get(file)
        if held and self._is_over(held):
            del self._held[file]
            return None
        return held

    def release(self, file: str, session: Session) -> None:
        held = self._held.get(file)
        if held and held.token == session.token:
            del self._held[file]

    def put(self, file: str, display: str, token: str = "") -> None:
        """As somebody else has done; for tests, and for the records that the town begins with."""
        self._held[file] = Lock(display, token, _clock(), time.monotonic())

    def clear(self, file: str) -> None:
        self._held.pop(file, None)

    def let_time_pass(self, minutes: float) -> None:
        for lock in self._held.values():
            lock.last_seen -= minutes * 60

    def _is_over(self, lock: Lock) -> bool:
        now = time.monotonic()
        # Not sessions.get: to ask for a lock is no sign of life from the session that holds it.
        if lock.token and lock.token not in self.sessions._open:
            lock.ended_at = lock.ended_at or now
            return now - lock.ended_at > self.swept_after
        return now - lock.last_seen > LOCK_MINUTES * 60


def _clock() -> str:
    return f"{datetime.now():%H.%M}"
