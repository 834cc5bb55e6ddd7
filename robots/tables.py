"""A municipality's own figures, year by year: fees, distances, seasons, norms. Each year says where it has them from.

A table is ``config/tables/<name>.toml``, with one heading for each year::

    [2026]
    source = "Skolskjutsregler för Tallinge kommun, antagna 2025-11-12 § 87"
    kilometres = { "1-3" = 3.0, "4-6" = 4.0 }

A task declares what it wants to find there, and asks for a year with ``run.table``::

    class Limits(YearTable):
        name = "school_transport"
        kilometres: dict[str, float]

No year stands in for another: where the one that is asked for is missing, a person gets the case.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from robots.errors import BusinessException, ConfigurationError
from robots.toml_files import checked, read_toml


class YearTable(BaseModel):
    """What a table says of one year. A subclass gives the file's ``name`` and the figures' names and types."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    source: str = Field(min_length=8)


T = TypeVar("T", bound=YearTable)


class Tables:
    """The tables in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def year(self, kind: type[T], year: int) -> T:
        """What the table says of that year.

        Raises ``BusinessException`` where it says nothing of it, ``ConfigurationError`` where the file is missing or
        what it says is not what the task wants to know.
        """
        found = self.every_year(kind)
        if year not in found:
            raise BusinessException(
                f"Tabellen «{kind.name}» har inga uppgifter för {year}.",
                kind="Tabellen saknar året",
                todo=f"Handlägg ärendet för hand, och be robotägaren fylla i {year} i {self._file(kind)}.",
            )
        return found[year]

    def every_year(self, kind: type[T]) -> dict[int, T]:
        """All that the table says, by year. Raises ``ConfigurationError`` as ``year``."""
        return {_year(heading, self._file(kind)): each for heading, each in self._read(kind).items()}

    def _read(self, kind: type[T]) -> dict[str, T]:
        file = self._file(kind)
        told: dict[str, Any] = read_toml(file)
        return {heading: checked(kind, values, file, heading) for heading, values in told.items()}

    def _file(self, kind: type[YearTable]) -> Path:
        return self._folder / f"{kind.name}.toml"


def _year(heading: str, file: Path) -> int:
    if not (heading.isdecimal() and len(heading) == 4):
        raise ConfigurationError(f"[{heading}] ska vara ett år, som [2026].", str(file))
    return int(heading)
