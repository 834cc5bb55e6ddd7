"""What a sheet hides from one who reads its cells: merged ranges, and rows that a filter does not show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from robots.errors import WrongInput
from robots.workbooks.unpacking import MOST_MERGED


@dataclass(frozen=True)
class Merged:
    """A merged range, rows and columns counted from 1."""

    top: int
    bottom: int
    left: int
    right: int

    def __str__(self) -> str:
        return f"{get_column_letter(self.left)}{self.top}:{get_column_letter(self.right)}{self.bottom}"


@dataclass(frozen=True)
class Shape:
    """``hidden`` counts the rows that hold something and are not shown; ``first_hidden`` is the first one's number."""

    merged: tuple[Merged, ...]
    hidden: int
    first_hidden: int

    def merged_at(self, row: int, column: int) -> Merged | None:
        """The merged range that covers a cell."""
        return next((m for m in self.merged if m.top <= row <= m.bottom and m.left <= column <= m.right), None)


def shape_of(told: dict[str, Any], sheet: str) -> Shape:
    """What was found in the sheet. Raises ``WrongInput`` when it has more merged ranges than a list can have."""
    merged = tuple(Merged(*edges) for edges in told["merged"])
    if len(merged) > MOST_MERGED:
        raise WrongInput("Bladet", sheet, "Det har fler än tusen sammanfogade områden. Kopiera raderna till en mall.")
    return Shape(merged, told["hidden"], told["first_hidden"])
