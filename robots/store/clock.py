"""Time as the database tells it: the clocks of the machines may differ, and be set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func


def span(seconds: float | ColumnElement[float]) -> ColumnElement[Any]:
    """So many seconds, as an interval that can be added to a time."""
    return func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def seconds_since(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """How long ago it was, in seconds."""
    return func.extract("epoch", func.clock_timestamp() - moment)
