"""Who is logged in to one system, and for how long."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class User:
    """``roles`` maps a system's key to "read" or "journal"; a system that is not there is closed to the user."""

    name: str
    display: str
    password: str
    roles: dict[str, str] = field(default_factory=dict)


def accounts(users: dict[str, User]) -> dict[str, str]:
    """The users' names, by what they are shown as."""
    return {user.display: user.name for user in users.values()}


@dataclass
class Session:
    token: str
    user: User
    role: str
    last_seen: float
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def may_journal(self) -> bool:
        return self.role == "journal"


class Sessions:
    """The sessions of one system. One that was idle for ``minutes`` has ended."""

    def __init__(self, system: str, minutes: float) -> None:
        self.system = system
        self.minutes = minutes
        self.failed_logins = 0
        self._open: dict[str, Session] = {}

    def log_in(self, users: dict[str, User], name: str, password: str) -> Session | None:
        """None when name or password is wrong, or the user has no role in this system."""
        user = users.get(name.strip().lower())
        role = user.roles.get(self.system) if user else None
        if user is None or role is None or not secrets.compare_digest(user.password.encode(), password.encode()):
            self.failed_logins += 1
            return None
        session = Session(secrets.token_urlsafe(18), user, role, time.monotonic())
        self._open[session.token] = session
        return session

    def get(self, token: str | None) -> Session | None:
        session = self._open.get(token or "")
        if session is None:
            return None
        if time.monotonic() - session.last_seen > self.minutes * 60:
            self.end(session.token)
            return None
        session.last_seen = time.monotonic()
        return session

    def end(self, token: str) -> None:
        self._open.pop(token, None)

    def begin_anew(self, begin: Callable[[Session], None]) -> None:
        """All stay logged in, with the memory that ``begin`` gives a new session."""
        for session in self._open.values():
            session.memory.clear()
            begin(session)

    def end_all(self) -> None:
        self._open.clear()
