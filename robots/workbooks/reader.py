"""A filled-in sheet, row by row: streamed, so that a hundred thousand rows take no more memory than ten."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

from robots.errors import WrongInput
from robots.inputs import Values
from robots.task import Task
from robots.workbooks.bounded import Bounded, unpacked
from robots.workbooks.cells import CellProblem, Unusable, clean, meant, plain, shown
from robots.workbooks.columns import EXAMPLE, HEADER_WITHIN, Columns, example_of, find_columns, has_columns
from robots.workbooks.refusals import refuse_unsafe
from robots.workbooks.shape import Shape, shape_of

# At ten seconds a case two slots need six days for these: a longer list is more than one batch.
MOST_ROWS = 100_000
# A list of cases has a dozen columns; what stands far to the right is not read.
MOST_COLUMNS = 100
# The hidden name by which a template is known again: the task and the version of its file.
TEMPLATE_NAME = "ragnhild_mall"
_EXAMPLE_UNMARKED = f"Raden är mallens exempel, men ordet {EXAMPLE} är borttaget. Ta bort raden."
_EXAMPLE_CHANGED = f"Raden är märkt {EXAMPLE} men har andra uppgifter. Ta bort ordet {EXAMPLE} om raden ska köras."


class _Cell(NamedTuple):
    """``kind`` is what Excel calls it: ``f`` for a formula, ``e`` for an error."""

    value: Any
    kind: str


class _Sheet(NamedTuple):
    """One sheet of a workbook; ``place`` counts the sheets from 0."""

    workbook: Bounded
    place: int
    title: str
    visible: bool

    def top(self) -> list[list[Any]]:
        return self.workbook.top(self.place, HEADER_WITHIN, MOST_COLUMNS)


@dataclass(frozen=True)
class SheetRow:
    """One row that holds something. ``cells`` are its values by column, as they may be written again.

    Exactly one of ``values`` and ``problems`` tells what to do with it, except for the ``example``, which has neither.
    """

    number: int
    cells: tuple[Any, ...]
    values: Values | None
    problems: tuple[CellProblem, ...] = ()
    example: bool = False


@dataclass
class OpenSheet:
    """The sheet that holds the cases. ``sha256`` is of the very bytes that the rows are read from."""

    task: Task
    file_name: str
    sha256: str
    title: str
    columns: Columns
    shape: Shape
    from_template: bool
    _sheet: _Sheet = field(repr=False)

    def rows(self) -> Iterator[SheetRow]:
        """Every row that holds something, from the top; may be asked for again.

        Raises ``WrongInput`` when there are more than ``MOST_ROWS``, or when the file ends in the middle of a row.
        """
        first = self.columns.header_row + 1
        width = len(self.columns.titles)
        found = 0
        for number, values, kinds in self._sheet.workbook.rows(self._sheet.place, first, width):
            cells = tuple(map(_Cell, values, kinds))
            if all(_is_blank(cells[index].value) for index in self.columns.inputs.values()):
                continue
            found += 1
            if found > MOST_ROWS:
                raise WrongInput("Filen", self.file_name, f"Bladet har fler än {MOST_ROWS} rader. Dela upp det.")
            yield self._row(number, cells)

    def _row(self, number: int, cells: tuple[_Cell, ...]) -> SheetRow:
        said = tuple(plain(cell.value) for cell in cells)
        typed: dict[str, Any] = {}
        problems: list[CellProblem] = []
        for name, index in self.columns.inputs.items():
            try:
                typed[name] = self._meant(number, name, cells[index])
            except Unusable as wrong:
                problems.append(self._problem(number, name, cells[index].value, str(wrong)))
        note = said[self.columns.note] if self.columns.note is not None else None
        if str(note or "").upper().startswith(EXAMPLE):
            return self._marked_example(number, said, typed)
        if self.from_template and self._is_example(typed):
            return SheetRow(number, said, None, (self._of_row(number, _EXAMPLE_UNMARKED),))
        if not problems:
            with suppress(WrongInput):
                return SheetRow(number, said, self.task.inputs.parse(typed))
        told = {self.task.inputs[problem.name].title for problem in problems}
        for wrong_input in self.task.inputs.problems(typed):
            if wrong_input.field not in told:
                problems.append(self._in_place(number, wrong_input, typed, cells))
        return SheetRow(number, said, None, tuple(sorted(problems, key=lambda p: self.columns.inputs.get(p.name, 0))))

    def _meant(self, number: int, name: str, cell: _Cell) -> Any:
        each = self.task.inputs[name]
        merged = self.shape.merged_at(number, self.columns.inputs[name] + 1)
        if merged:
            raise Unusable(f"Cellen är sammanfogad med andra ({merged}). Dela upp dem och fyll i varje rad.")
        value = meant(each, cell.value, cell.kind)
        if value == "" and each.required:
            raise Unusable(f"Cellen måste fyllas i, till exempel {example_of(each) or '…'}.")
        return value

    def _in_place(self, number: int, wrong: WrongInput, typed: dict[str, Any], cells: tuple[_Cell, ...]) -> CellProblem:
        """What the inputs say of a value, with the cell where it stands; of a rule between fields, the row alone."""
        named = [name for name in self.columns.inputs if self.task.inputs[name].title == wrong.field]
        if not named:
            return self._of_row(number, wrong.expected)
        name = next((n for n in named if typed.get(n) == wrong.value), named[0])
        return self._problem(number, name, cells[self.columns.inputs[name]].value, wrong.expected)

    def _problem(self, number: int, name: str, value: Any, expected: str) -> CellProblem:
        personal = self.task.inputs[name].words.personal
        title = self.columns.titles[self.columns.inputs[name]]
        return CellProblem(number, self.columns.letter(name), name, title, shown(value, personal=personal), expected)

    def _of_row(self, number: int, expected: str) -> CellProblem:
        return CellProblem(number, "", "", "", "", expected)

    def _marked_example(self, number: int, said: tuple[Any, ...], typed: dict[str, Any]) -> SheetRow:
        if self._is_example(typed):
            return SheetRow(number, said, None, example=True)
        return SheetRow(number, said, None, (self._of_row(number, _EXAMPLE_CHANGED),))

    def _is_example(self, typed: dict[str, Any]) -> bool:
        return typed.keys() == self.columns.inputs.keys() and all(
            str(value).casefold() == str(example_of(self.task.inputs[name])).casefold() for name, value in typed.items()
        )


@contextmanager
def open_sheet(task: Task, file: Path, sheet: str = "", name: str = "") -> Iterator[OpenSheet]:
    """Open the sheet of ``file`` that has the task's columns, or the one called ``sheet``.

    ``name`` is what people call the file, where it lies by another name.

    Raises ``WrongInput`` in words for the one who sent the file: not Excel, locked, dangerous, made for another task,
    columns that do not fit, rows that are hidden, or several sheets to choose between.
    """
    name = name or file.name
    with tempfile.TemporaryFile() as copy:  # what a person saves in Excel meanwhile does not mix with what was read
        sha256 = _copy(file, copy)
        refuse_unsafe(copy, name)
        with unpacked(copy, name) as workbook:
            about = workbook.about(TEMPLATE_NAME)
            sheets = [_Sheet(workbook, place, **told) for place, told in enumerate(about["sheets"])]
            version = _demand_template_of(about["mark"], task, name)
            found = _sheet(sheets, task, name, sheet)
            hint = "" if version in ("", task.version) else (
                "Mallen är gjord för en tidigare version av uppgiften. Hämta en ny i portalen under Excel, eller med: "
                f"ragnhild template {task.command}"
            )  # fmt: skip
            columns = find_columns(task, found.top(), hint)
            yield OpenSheet(task, name, sha256, found.title, columns, _demand_shown(found), bool(version), found)


def _copy(file: Path, copy: IO[bytes]) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as source:
            while block := source.read(1 << 20):
                digest.update(block)
                copy.write(block)
    except OSError as error:
        raise WrongInput("Filen", str(file), f"Den går inte att läsa: {error.strerror or error}.") from None
    return digest.hexdigest()


def _demand_template_of(mark: str | None, task: Task, name: str) -> str:
    """The version that the template was made for, "" for a sheet of the person's own."""
    if mark is None:
        return ""
    made_for, _, version = mark.strip('"').partition(" ")
    if made_for != task.name:
        other = made_for.replace("_", "-")
        raise WrongInput("Filen", name, f"Det är mallen för {other}. Välj den uppgiften, eller hämta rätt mall "
                         f"i portalen under Excel eller med: ragnhild template {task.command}")  # fmt: skip
    return version


def _sheet(sheets: list[_Sheet], task: Task, name: str, wanted: str) -> _Sheet:
    if wanted:
        if named := [each for each in sheets if each.title == wanted]:
            return named[0]
        raise WrongInput("Bladet", wanted, f"Filen har bladen {_listed(sheets)}.")
    shown_sheets = [each for each in sheets if each.visible]
    fitting = [each for each in shown_sheets if has_columns(task, each.top())]
    if len(fitting) > 1:
        raise WrongInput(
            "Filen",
            name,
            f"Flera blad har uppgiftens kolumner: {_listed(fitting)}. Ange vilket: fältet Blad i "
            "portalen, --sheet på kommandoraden.",
        )
    if not shown_sheets:
        raise WrongInput("Filen", name, "Den har inget synligt blad.")
    return fitting[0] if fitting else shown_sheets[0]


def _demand_shown(sheet: _Sheet) -> Shape:
    """A person who has filtered a list may mean only what is left; a robot asks rather than guesses."""
    shape = shape_of(sheet.workbook.shape(sheet.place), sheet.title)
    if shape.hidden:
        raise WrongInput(
            "Bladet", sheet.title,
            (f"En rad är dold (rad {shape.first_hidden})" if shape.hidden == 1
             else f"{shape.hidden} rader är dolda (den första är rad {shape.first_hidden})")
            + ", kanske av ett filter. Visa alla rader, eller kopiera de rader som ska köras till en ny mall.",
        )  # fmt: skip
    return shape


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and clean(value) == "")


def _listed(sheets: Sequence[_Sheet]) -> str:
    return ", ".join(f"«{each.title}»" for each in sheets)
