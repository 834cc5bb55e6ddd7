"""How often anybody may ask: enough for all that people do, and not for guessing or for standing in others' way.

Counted in this process: where several portals stand side by side each counts its own, so that together they let
through as many times more. Wrong passwords are counted by name in the database, over all of them (doors/accounts.py).
"""

from __future__ import annotations

import math
import time

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from robots.portal.rights import Visitor

# A guide's open pages ask once or twice a second each, while she types four times: twenty a second is a program that
# should follow runs instead of asking how they go.
OF_VISITOR = RateLimitItemPerMinute(1200)
# A whole contact centre may come from one address and open the door at eight; each of them needs three of these.
OF_STRANGERS = RateLimitItemPerMinute(300)
# To check a password takes the processor a twentieth of a second on purpose: more than this would keep it from others.
OF_LOGINS = RateLimitItemPerMinute(60)


class TooMany(Exception):
    """There is room again in ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"room again in {seconds} s")
        self.seconds = seconds


class Rates:
    """What one portal has counted."""

    def __init__(self) -> None:
        self._counted = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, visitor: Visitor) -> None:
        """Raises ``TooMany`` for a visitor who has asked too often."""
        self._demand(OF_VISITOR, "visitor", str(visitor.account_id))

    def count_stranger(self, request: Request, *, tries: bool) -> None:
        """Whoever is at the door, by their address; ``tries`` is to log in. Raises ``TooMany``.

        The address is the one that the municipality's own web server tells of, where that stands before the portal.
        """
        address = request.client.host if request.client else ""
        self._demand(OF_STRANGERS, "stranger", address)
        if tries:
            self._demand(OF_LOGINS, "login", address)

    def _demand(self, most: RateLimitItem, *whose: str) -> None:
        if not self._counted.hit(most, *whose):
            ends = self._counted.get_window_stats(most, *whose).reset_time
            raise TooMany(max(1, math.ceil(ends - time.time())))


def rates_of(request: Request) -> Rates:
    rates: Rates = request.app.state.rates
    return rates
