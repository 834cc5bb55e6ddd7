"""Which Ragnhild this is, as notes, reports and the command line say it."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def toolkit_version() -> str:
    """«0.1.0», or «inte installerad» out of a checkout that nobody has installed."""
    try:
        return version("ragnhild")
    except PackageNotFoundError:
        return "inte installerad"
