"""Where what is done comes from: a page of the portal, its API, the command line, or a service that nobody sits at."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Literal

Place = Literal["portal", "api", "cli", "service"]

_place: ContextVar[Place] = ContextVar("place", default="service")


@contextmanager
def coming_from(place: Place) -> Iterator[None]:
    """What this thread, or this request, notes comes from there."""
    token = _place.set(place)
    try:
        yield
    finally:
        _place.reset(token)


def origin() -> dict[str, str]:
    """The columns ``place`` and ``machine`` of what is noted now."""
    return {"place": _place.get(), "machine": _machine()}


@cache
def _machine() -> str:
    return socket.gethostname()
