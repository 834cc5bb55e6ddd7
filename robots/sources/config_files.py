"""What stands in ``config/robots.toml`` and ``config/systems.toml``."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from robots.opening_hours import Hours, Maintenance


class Delegation(BaseModel):
    """The board's decision that lets a robot decide in one task: its ``number``, and the last day it holds."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=3)
    until: date


class Robot(BaseModel):
    """A named robot user (``config/robots.toml``): its account in the systems and the tasks it carries out.

    ``delegations`` are by task; without one a robot decides nothing. ``password_until`` is the last day that its
    password holds, by system, or under ``all``.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    title: str
    owner: str
    user: str
    tasks: list[str]
    delegations: dict[str, Delegation] = {}
    password_until: dict[str, date] = {}


class EffectSettings(BaseModel):
    """What this municipality knows of one kind of change in a system; without a value the driver's own counts."""

    model_config = ConfigDict(extra="forbid")

    settle_seconds: float | None = Field(None, description="how late the system may commit just this", ge=0)
    rearms: int | None = Field(None, description="how often it may be sent anew once it is certainly absent", ge=0)


def _of_a_web_server(address: str) -> str:
    if not re.fullmatch(r"https?://[^/?#@\\\s]+/?", address):
        raise ValueError("Skriv hela adressen utan sökväg: https://inloggning.kommunen.se")
    return address


class SystemSettings(BaseModel):
    """Where a system is and how this municipality uses it (``config/systems.toml``)."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="the address it is reached at; {town} stands for the practice municipality")
    also: tuple[Annotated[str, AfterValidator(_of_a_web_server)], ...] = Field(
        (), description="other addresses that its pages lead to or fetch from: a common login, a host of files"
    )
    settle_seconds: float = Field(3.0, description="how late the system may commit what it was sent", ge=0)
    effects: dict[str, EffectSettings] = Field({}, description="the same for one kind of change, by its name")
    timeout_seconds: float = Field(15.0, description="how long a page or a thing on it may take", gt=0)
    most_sessions: int | None = Field(
        None,
        description="robots in the system at once, over all workers; 0 is no limit; without it as its card says",
        ge=0,
    )
    most_sessions_per_robot: int = Field(0, description="the same for each robot's account; 0 is no limit", ge=0)
    starts_per_minute: int = Field(0, description="runs that may begin in a minute; 0 is no limit", ge=0)
    hours: Hours = Field("", description="when it can be used: mon-fri 06:00-20:00; without it as its card says")
    maintenance: tuple[Maintenance, ...] = Field((), description="when it is away on purpose")
    failures_to_open: int = Field(
        3, description="technical errors in a row after which it is left alone for a while; 0 is never", ge=0
    )
    names: dict[str, str] = Field({}, description="what its views, fields and values are called in this installation")
