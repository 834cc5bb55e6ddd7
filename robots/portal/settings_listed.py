"""Every setting with its value and where that came from, as the command line and the desk tell it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from robots.errors import COVERED

if TYPE_CHECKING:
    from robots.settings import Settings

# The source of what nobody has set.
DEFAULT = "förvalt"
_USER_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]*@")


def settings_listed(settings: Settings) -> list[dict[str, Any]]:
    """Name, value, source (with the line in the file) and description of every setting."""
    from robots.settings import origins
    from robots.sources.chosen import SecretSettings

    known, fields = origins(), type(settings).model_fields
    listed = []
    for name in sorted(fields, key=lambda name: name in SecretSettings.model_fields):  # those about secrets last
        field, origin = fields[name], known.of(name)
        listed.append(
            {
                "name": name, "value": _plain(getattr(settings, name)), "line": origin.line,
                "source": origin.variable or origin.file or DEFAULT, "description": field.description or "",
            }
        )  # fmt: skip
    return listed


def _plain(value: Any) -> Any:
    """As JSON has it; what may let somebody in is masked."""
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return COVERED
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool | int | float | None):
        return value
    return _USER_IN_ADDRESS.sub(f"{COVERED}@", str(value))
