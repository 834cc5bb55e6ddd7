"""Which connector is used: one line in ``config/``, the name of a module in this folder."""

from __future__ import annotations

import importlib
from typing import Literal

from robots.errors import ConfigurationError
from robots.systems.access import SystemAccess


def connector(name: str, level: Literal["read", "journal"]) -> type[SystemAccess]:
    """The connector's class for an access level. Raises ``ConfigurationError`` when there is none of that name."""
    try:
        module = importlib.import_module(f"robots.cases.{name}")
        found: type[SystemAccess] = getattr(module, "Writer" if level == "journal" else "Reader")
    except (ModuleNotFoundError, AttributeError):  # what all connectors share lies in the same folder
        raise ConfigurationError(f"Ärendesystemet {name} har ingen koppling i robots/cases/.") from None
    return found
