"""How long each class of record is kept, and who has decided that: ``config/retention.toml``.

A heading is a class::

    ["körningar"]
    sparas = "2 år"
    beslut = "Dokumenthanteringsplan KS 2026/0114, punkt 7.3"
    beslutat = 2026-03-17

A class that has no heading is never removed, and so is everything where there is no such file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from robots.errors import ConfigurationError
from robots.evidence.full_trace import KEPT_DAYS
from robots.retention.classes import CLASSES, EVIDENCE, RUNS, TRACES
from robots.settings import Settings
from robots.toml_files import checked, line_of, read_toml

FILE = "retention.toml"
_PERIOD = re.compile(r"([1-9]\d{0,3}) (dag|dagar|månad|månader|år)")
_DAYS_OF_MONTH = 30.44
_LONGEST = 200


@dataclass(frozen=True, order=True)
class Period:
    """A time as the calendar counts it: a month later is the same day of the next month."""

    about_days: float
    months: int = field(compare=False)
    days: int = field(compare=False)
    words: str = field(compare=False)


def _period(told: object) -> Period:
    found = _PERIOD.fullmatch(told) if isinstance(told, str) else None
    if not found:
        raise ValueError(f"«{told}» är ingen tid. Skriv till exempel 30 dagar, 6 månader eller 2 år.")
    number, unit = int(found[1]), found[2]
    days = number if unit.startswith("dag") else 0
    months = 0 if days else number * (12 if unit == "år" else 1)
    return Period(days + months * _DAYS_OF_MONTH, months, days, found[0])


def _decision(told: object) -> str:
    if not isinstance(told, str) or not 3 <= len(told.strip()) <= _LONGEST:
        raise ValueError(f"Skriv beslutets nummer inom citattecken, högst {_LONGEST} tecken.")
    return told.strip()


def _decided(told: object) -> date:
    if not isinstance(told, date):
        raise ValueError("Skriv dagen för beslutet som 2026-03-17, utan citattecken.")  # noqa: TRY004 - pydantic's way
    return told


class Rule(BaseModel):
    """What is decided about one class."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    kept: Annotated[Period, BeforeValidator(_period)] = Field(alias="sparas")
    decision: Annotated[str, BeforeValidator(_decision)] = Field(alias="beslut")
    decided: Annotated[date, BeforeValidator(_decided)] = Field(alias="beslutat")


FIELDS = {field.alias or "" for field in Rule.model_fields.values()}


@dataclass(frozen=True)
class Plan:
    """The rules by class, in the order in which they are carried out."""

    rules: Mapping[str, Rule]

    @property
    def undecided(self) -> list[str]:
        """The classes of which nothing is ever removed; full traces go by themselves."""
        return [name for name in CLASSES if name not in self.rules and name != TRACES]


def plan_of(settings: Settings) -> Plan:
    """As ``read_plan``, of this machine's configuration."""
    return read_plan(settings.config_dir / FILE)


def read_plan(path: Path) -> Plan:
    """Raises ``ConfigurationError`` with the line where the file is wrong."""
    if not path.is_file():
        return Plan({})
    read = read_toml(path)
    for name in read:
        if name not in CLASSES:
            words = f"Det finns inget slag som heter {name}. Det finns {', '.join(CLASSES)}."
            raise ConfigurationError(words, str(path), line_of(path, name))
        for wrong in sorted(read[name].keys() ^ FIELDS):
            words = f"{name}.{wrong} saknas." if wrong in FIELDS else f"{name}.{wrong} är inget som går att ställa in."
            raise ConfigurationError(words, str(path), line_of(path, name, *({wrong} - FIELDS)))
    found = {name: checked(Rule, read[name], path, name) for name in CLASSES if name in read}
    _demand_evidence_goes_first(found, path)
    if (traces := found.get(TRACES)) and traces.kept.about_days > KEPT_DAYS:
        raise ConfigurationError(f"{TRACES} sparas i högst {KEPT_DAYS} dagar.", str(path), line_of(path, TRACES))
    return Plan(found)


def _demand_evidence_goes_first(found: Mapping[str, Rule], path: Path) -> None:
    """Evidence without its run would be pictures of nobody knows what, which nothing finds again."""
    runs, evidence = found.get(RUNS), found.get(EVIDENCE)
    if runs and (evidence is None or evidence.kept > runs.kept):
        words = f"{RUNS} kan inte gallras före sitt {EVIDENCE}: ge {EVIDENCE} en tid som inte är längre."
        raise ConfigurationError(words, str(path), line_of(path, RUNS))
