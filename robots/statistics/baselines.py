"""How long a person takes for what the robots do: ``config/baselines.toml``, as the municipality has measured it.

A heading is a task and the day of the measurement; ``[all.<day>]`` is of all tasks that say nothing else::

    [send_drawings.2026-09-14]
    minutes = 14.5
    handover_minutes = 6
    source = "Tidtagning på 40 ärenden i kontaktcenter, vecka 37 och 38"

    [all.2026-09-14]
    handover_minutes = 5
    failure_minutes = 8
    source = "Samma tidtagning: att läsa en överlämning och ta ärendet"

A period is counted with the latest measurement that was made no later than its last day, so that a figure that has been
shown is the same tomorrow. What nobody has measured is estimated, and said to be: ``saves_minutes`` of the task, and
``ASSUMED_MINUTES`` for a case that comes back to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from robots.errors import ConfigurationError
from robots.errors import marked as _
from robots.task import Task
from robots.toml_files import checked, line_of, read_toml

ALL = "all"
# To read why a case was handed over, and to find it, where nobody has measured how long that takes.
ASSUMED_MINUTES = 5.0
_LONGEST = 24 * 60

Basis = Literal["measured", "partly", "estimated"]


class Measured(BaseModel):
    """One measurement: minutes a case by hand, and what a handover or failure costs beside the case itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: float | None = Field(None, ge=0, le=_LONGEST)
    handover_minutes: float | None = Field(None, ge=0, le=_LONGEST)
    failure_minutes: float | None = Field(None, ge=0, le=_LONGEST)
    source: str = Field(min_length=8)


@dataclass(frozen=True)
class Figure:
    """Minutes, and where they come from; ``measured`` is None for an estimate."""

    minutes: float
    measured: date | None
    source: str


@dataclass(frozen=True)
class Baseline:
    """What a task's saved minutes are counted with: a case by hand, a handover, a failure."""

    case: Figure
    handover: Figure
    failure: Figure

    @property
    def basis(self) -> Basis:
        """Whether it is measured, all of it or some."""
        measured = [figure.measured is not None for figure in (self.case, self.handover, self.failure)]
        return "measured" if all(measured) else "partly" if any(measured) else "estimated"


class Baselines:
    """The measurements by task (or ``all``), each task's by day."""

    def __init__(self, measured: Mapping[str, Mapping[date, Measured]]) -> None:
        self._measured = measured

    def of(self, task: Task | None, name: str, day: date) -> Baseline:
        """What holds for the task in a period whose last day this is; ``task`` is None where its file has gone."""
        claim = Figure(task.saves_minutes, None, _("uppgiftens eget värde")) if task else Figure(0, None, _("okänt"))
        assumed = Figure(ASSUMED_MINUTES, None, _("antagande"))
        return Baseline(
            self._latest("minutes", [name], day) or claim,
            self._latest("handover_minutes", [name, ALL], day) or assumed,
            self._latest("failure_minutes", [name, ALL], day) or assumed,
        )

    def _latest(self, figure: str, names: list[str], day: date) -> Figure | None:
        for name in names:
            for measured, told in sorted(self._measured.get(name, {}).items(), reverse=True):
                if measured <= day and (minutes := getattr(told, figure)) is not None:
                    return Figure(float(minutes), measured, told.source)
        return None


def read_baselines(file: Path) -> Baselines:
    """What has been measured; nothing where the file is missing.

    Raises ``ConfigurationError`` with the line where the file cannot be used.
    """
    if not file.is_file():
        return Baselines({})
    found: dict[str, dict[date, Measured]] = {}
    for name, by_day in read_toml(file).items():
        mine = found.setdefault(name.replace("-", "_"), {})
        for day, values in by_day.items():
            measured = _day(file, name, day, values)
            mine[measured] = _measured(file, name, day, values)
    return Baselines(found)


def _day(file: Path, name: str, day: str, values: Any) -> date:
    try:
        if isinstance(values, dict):
            return date.fromisoformat(day)
    except ValueError:
        pass
    words = f"{name}.{day}: skriv uppgiften och mätdagen i rubriken, som [{name}.2026-09-14]."
    raise ConfigurationError(words, str(file), line_of(file, f"[{name}", day))


def _measured(file: Path, name: str, day: str, values: Any) -> Measured:
    told = checked(Measured, values, file, f"{name}.{day}")
    if name == ALL and told.minutes is not None:
        words = f"{ALL}.{day}: minutes är olika för varje uppgift. Skriv det under uppgiftens egen rubrik."
        raise ConfigurationError(words, str(file), line_of(file, f"[{ALL}.{day}", "minutes"))
    return told
