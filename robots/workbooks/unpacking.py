"""Unpacks one workbook in a process of its own, for ``bounded.py``: what a file can do to it, it does to nobody else.

Started as a script, with ``-I``: it sees no other file of ours, no setting and no secret. On its standard input comes
a line with its limits and the file's size, then the file, then a line of JSON for each question; each is answered by a
line of JSON. What a cell means is for the one who asks.
"""

from __future__ import annotations

import io
import json
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import IO, Any, cast

# The library looks for these two and is well without them; to import them takes six times as long as all the rest.
if __name__ == "__main__":
    sys.modules.update({"numpy": cast(Any, None), "PIL": cast(Any, None)})

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.functions import iterparse

# Excel's own ends: of a sheet, and of the text in a cell. What goes beyond them is not from Excel.
LAST_ROW = 1_048_576
LONGEST_TEXT = 32_767
# A sheet with more than this is a form drawn in Excel, not a list.
MOST_MERGED = 1_000
# An answer has as many rows, or as many characters.
ROWS_AT_A_TIME = 500
TEXT_AT_A_TIME = 1_000_000


class Unpacked:
    """The workbook, and the place in the sheet that is being read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._workbook = load_workbook(file, read_only=True, keep_links=False)
        self._sheets = [each for each in self._workbook.worksheets if isinstance(each, ReadOnlyWorksheet)]
        for each in self._sheets:
            each.reset_dimensions()  # some programs write a size that is too small; what stands there is read
        self._rows: Iterator[list[Any]] = iter(())

    def answer(self, asked: dict[str, Any]) -> Any:
        """What is asked: ``what`` is the name of one of the methods below."""
        known: dict[str, Callable[..., Any]] = {
            "about": self.about, "top": self.top, "shape": self.shape, "rows": self.rows, "more": self.more,
        }  # fmt: skip
        return known[asked.pop("what")](**asked)

    def about(self, name: str) -> dict[str, Any]:
        """The sheets, and the text of the hidden name that marks a template, if there is one."""
        mark = self._workbook.defined_names.get(name)
        told = [{"title": each.title, "visible": each.sheet_state == "visible"} for each in self._sheets]
        return {"mark": None if mark is None else str(mark.attr_text), "sheets": told}

    def top(self, sheet: int, rows: int, width: int) -> list[list[Any]]:
        """The values of the first rows, row by row, empty ones as well."""
        found = self._sheets[sheet].iter_rows(min_row=1, max_row=rows, max_col=width)
        return [[told(cell.value) for cell in row] for row in found]

    def shape(self, sheet: int) -> dict[str, Any]:
        """Merged ranges (top, bottom, left, right), and how many rows with something in them are hidden."""
        with cast(Any, self._sheets[sheet])._get_source() as stream:  # the library has no open way
            return shape_of(stream)

    def rows(self, sheet: int, first: int, width: int) -> list[list[Any]]:
        """The first of the rows from ``first`` on that are not empty; ``more`` gives the next."""
        self._rows = self._filled(sheet, first, width)
        return self.more()

    def more(self) -> list[list[Any]]:
        """As many rows as an answer holds: number, values and the kind of each. Empty at the end."""
        chunk: list[list[Any]] = []
        size = 0
        for row in self._rows:
            chunk.append(row)
            size += sum(len(value) for value in row[1] if isinstance(value, str))
            if len(chunk) == ROWS_AT_A_TIME or size >= TEXT_AT_A_TIME:
                break
        return chunk

    def _filled(self, sheet: int, first: int, width: int) -> Iterator[list[Any]]:
        cells = self._sheets[sheet].iter_rows(min_row=first, max_row=LAST_ROW, max_col=width)
        for number, row in enumerate(cells, first):
            values = [told(cell.value) for cell in row]
            if any(value is not None for value in values):
                yield [number, values, "".join(cell.data_type[0] for cell in row)]


def shape_of(stream: IO[bytes]) -> dict[str, Any]:
    """Streams through the sheet's own XML."""
    merged: list[list[int]] = []
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
        elif tag == "mergeCell" and len(merged) <= MOST_MERGED:
            left, top, right, bottom = range_boundaries(element.get("ref", ""))
            merged.append([top or 1, bottom or LAST_ROW, left or 1, right or 16_384])
    return {"merged": merged, "hidden": hidden, "first_hidden": first_hidden}


def told(value: Any) -> Any:
    """A cell's value as JSON takes it; ``value_of`` in ``bounded.py`` is the way back."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise ValueError("a text is longer than a cell can hold")
        return value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, timedelta):
        return {"timedelta": value.total_seconds()}
    for kind in (datetime, date, time_of_day):  # a datetime is a date as well
        if isinstance(value, kind):
            return {kind.__name__: value.isoformat()}
    return told(getattr(value, "text", None) or str(value))  # an array formula is an object with its text


def main() -> None:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    source = sys.stdin.buffer
    limits = json.loads(source.readline())
    limit_memory(limits["memory"])
    limit_time(limits["seconds"])
    warnings.simplefilter("ignore")  # the library tells what of the workbook's looks it does not keep
    with tempfile.TemporaryFile() as file:
        left = limits["size"]
        while left and (block := source.read(min(left, 1 << 20))):
            left -= len(block)
            file.write(block)
        file.seek(0)
        unpacked: Unpacked | None = None
        for line in source:
            limit_time(limits["seconds"])
            try:
                unpacked = unpacked or Unpacked(file)
                answer = {"answer": unpacked.answer(json.loads(line))}
            except Exception as error:  # whatever a damaged or hostile file makes the library raise
                answer = {"damaged": type(error.__cause__ or error).__name__}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def limit_memory(most: int) -> None:
    """No more memory than this, where the system can be asked for that; the one who asks looks as well."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits, and macOS not this one
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_time(seconds: int) -> None:
    """End by the system's hand when the next answer takes more processor time than this."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds, most))


if __name__ == "__main__":
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, "ascii", newline="\n")
    main()
