"""Files that admins write in TOML: read, checked against a model, and where in them something is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from robots.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T", bound="BaseModel")


def read_toml(path: Path) -> dict[str, dict[str, Any]]:
    """A file of tables, ``[name]`` each. Raises ``ConfigurationError`` when it is missing or something else."""
    try:
        read = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError("Filen saknas.", str(path)) from None
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or lists within lists within lists
        raise ConfigurationError(f"Filen går inte att läsa: {error}", str(path)) from None
    for name, table in read.items():
        if not isinstance(table, dict):
            raise ConfigurationError(f"{name} ska stå under en rubrik inom hakparenteser, som [{name}].", str(path))
    return read


def checked(model: type[T], values: Any, path: Path, name: str) -> T:
    """What stands under the heading ``name``, or in the whole file for "".

    Raises ``ConfigurationError`` with the line where it is wrong.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = [word for word in (name, *map(str, first["loc"])) if word]
        said = first["msg"].removeprefix("Value error, ")  # the library's own words before a sentence of ours
        words = f"{'.'.join(where)}: {said}" if where else said
        raise ConfigurationError(words, str(path), line_of(path, *where) or 1) from None


def line_of(path: Path, *words: str) -> int | None:
    """The line where the words come, each on or after the line of the one before it; that of the last one found."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    found = 0
    for word in words:
        found = next((n for n, line in enumerate(lines, 1) if n >= max(found, 1) and word in line), found)
    return found or None
