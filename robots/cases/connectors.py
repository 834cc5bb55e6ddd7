"""Which connector is used: one line in ``config/``, the name of a module in this folder."""

from __future__ import annotations

import importlib
from typing import Literal

from robots.errors import ConfigurationError
from robots.systems.driver import Driver


def connector(name: str, level: Literal["read", "journal"]) -> type[Driver]:
    """The connector's class for an access level. Raises ``ConfigurationError`` when there is none of that name."""
    try:
        module = importlib.import_module(f"robots.cases.{name}")
    except ModuleNotFoundError:
        raise ConfigurationError(f"Ärendesystemet {name} har ingen koppling i robots/cases/.") from None
    found: type[Driver] = module.Writer if level == "journal" else module.Reader
    return found
