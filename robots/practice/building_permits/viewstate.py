"""The hidden field in which a page remembers itself, and the rule that only its newest copy is taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from robots.practice.sessions import Session

MOST_PAGES = 200  # of one session; the page that was opened first is then too old
SIGNATURE_BYTES = 16


class StaleViewState(Exception):
    """The page is not the one that was sent out last, not this user's, or no page of ours at all."""


@dataclass(frozen=True)
class PageState:
    """One page that somebody has opened: what it remembers, and how often it has been sent out."""

    page: str
    serial: int
    address: str
    values: dict[str, Any]


class ViewStates:
    """Writes and reads ``__VIEWSTATE``. Which copy of a page is the newest is kept with the session."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def first(self, session: Session, address: str, values: dict[str, Any]) -> str:
        """For a page that is opened."""
        return self._sent_out(session, PageState(secrets.token_hex(6), 1, address, values))

    def next(self, session: Session, before: PageState, values: dict[str, Any]) -> str:
        """For a page that answers a postback; copies from before it are stale from now on."""
        return self._sent_out(session, PageState(before.page, before.serial + 1, before.address, values))

    def read(self, session: Session, address: str, text: str) -> PageState:
        """Raises ``StaleViewState``."""
        try:
            told = base64.b64decode(text, validate=True)
        except ValueError:
            raise StaleViewState from None
        signature, written = told[:SIGNATURE_BYTES], told[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(session, written)):
            raise StaleViewState
        state = PageState(**json.loads(written))
        if state.address != address or _newest(session).get(state.page) != state.serial:
            raise StaleViewState
        return state

    def _sent_out(self, session: Session, state: PageState) -> str:
        newest = _newest(session)
        newest[state.page] = state.serial
        while len(newest) > MOST_PAGES:
            newest.pop(next(iter(newest)))
        written = json.dumps(state.__dict__).encode()
        return base64.b64encode(self._signature(session, written) + written).decode()

    def _signature(self, session: Session, written: bytes) -> bytes:
        return hmac.new(self._key + session.token.encode(), written, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _newest(session: Session) -> dict[str, int]:
    found: dict[str, int] = session.memory.setdefault("sidor", {})
    return found
