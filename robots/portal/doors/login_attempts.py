"""Logins that have been begun at the municipality's provider and not come back: each is good once, in one browser."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, insert

from robots.store import Store
from robots.store.clock import span
from robots.store.schema import login_attempts

COOKIE = "ragnhild-login"
# Somebody who must find the telephone with its code first is not hurried.
GOOD_SECONDS = 600.0


@dataclass(frozen=True)
class Attempt:
    """``nonce`` is what the provider must say back, ``verifier`` what shows it that it was we who asked."""

    nonce: str
    verifier: str
    to: str


def begin_attempt(store: Store, browser: str, to: str) -> tuple[str, Attempt]:
    """Returns the state for the provider to send back. ``browser`` is what the browser's cookie holds."""
    state, attempt = secrets.token_urlsafe(32), Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(48), to)
    values = {
        "state_hash": _hash(state), "browser_hash": _hash(browser), "nonce": attempt.nonce,
        "verifier": attempt.verifier, "go_to": to,
    }  # fmt: skip
    with store.begin() as connection:
        connection.execute(delete(login_attempts).where(~_GOOD))
        connection.execute(insert(login_attempts).values(**values))
    return state, attempt


def take_attempt(store: Store, browser: str, state: str) -> Attempt | None:
    """The attempt, which is gone by that; None for what was never begun in this browser, is over, or was taken."""
    its = (login_attempts.c.state_hash == _hash(state)) & (login_attempts.c.browser_hash == _hash(browser)) & _GOOD
    wanted = delete(login_attempts).where(its)
    with store.begin() as connection:
        row = connection.execute(wanted.returning(login_attempts)).first()
    return None if row is None else Attempt(row.nonce, row.verifier, row.go_to)


_GOOD = login_attempts.c.at > func.clock_timestamp() - span(GOOD_SECONDS)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
