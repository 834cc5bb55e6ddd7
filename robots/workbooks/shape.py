"""What a sheet hides from one who reads its cells: merged ranges, and rows that a filter does not show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any

from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.xml.functions import iterparse

from robots.errors import WrongInput

# A sheet with more than this is a form drawn in Excel, not a list.
MOST_MERGED = 1_000


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


def read_shape(stream: IO[bytes], sheet: str) -> Shape:
    """Stream through the sheet's own XML. Raises ``WrongInput`` when it has more merged ranges than a list can have."""
    merged: list[Merged] = []
    hidden = first_hidden = number = 0
    rows: Any = None
    for event, element in iterparse(stream, events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            rows = element if tag == "sheetData" else rows
        elif tag == "row":
            number = int(element.get("r", number + 1))
            if element.get("hidden") in ("1", "true") and any(len(cell) for cell in element):
                hidden += 1
                first_hidden = first_hidden or number
            rows.clear()  # read rows would otherwise stay in memory until the end
        elif tag == "mergeCell":
            left, top, right, bottom = range_boundaries(element.get("ref", ""))
            merged.append(Merged(top or 1, bottom or 1_048_576, left or 1, right or 16_384))
            if len(merged) > MOST_MERGED:
                raise WrongInput("Bladet", sheet, "Det har fler än tusen sammanfogade områden. Kopiera raderna till en "
                                 "mall.")  # fmt: skip
    return Shape(tuple(merged), hidden, first_hidden)
