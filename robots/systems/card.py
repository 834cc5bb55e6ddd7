"""What a system says of itself: the ``system.toml`` in its folder."""

from __future__ import annotations

import inspect
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from robots.errors import ConfigurationError
from robots.opening_hours import ALWAYS, Hours
from robots.systems.access import SystemAccess


class SystemCard(BaseModel):
    """``stands_for`` is the class of products; ``sessions`` how many robot sessions it bears at once.

    ``protected`` is what its pages say of somebody whose identity is protected, beside the words that are common.
    ``mask`` are the elements (CSS) that are covered in every picture.
    """

    model_config = ConfigDict(extra="forbid")

    title: str
    stands_for: str
    owner: str
    sessions: int = Field(ge=1)
    hours: Hours = ALWAYS
    secrecy: Literal["öppen", "sekretess"] = "öppen"
    protected: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()


def folder_of(key: str) -> Path | None:
    """The folder of a system's driver, whether a case system's or another's; None where there is no driver."""
    for parent in ("systems", "cases"):
        folder = Path(__file__).parent.parent / parent / key
        if (folder / "driver.py").is_file():
            return folder
    return None


@cache
def read_card(folder: Path) -> SystemCard:
    """Raises ``ConfigurationError`` with the file's name when it is missing or wrong."""
    path = folder / "system.toml"
    try:
        return SystemCard.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise ConfigurationError("Filen saknas.", str(path)) from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(str(error), str(path)) from None


def card_of(driver: type[SystemAccess]) -> SystemCard:
    """The card of the system that a driver drives."""
    return read_card(Path(inspect.getfile(driver)).parent)
