"""The result beside the file: each row with its outcome, receipts and report, and a page that sums them up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from robots.errors import WrongInput
from robots.evidence.report import OUTCOME_WORDS
from robots.workbooks import styles
from robots.workbooks.answers import EXAMPLE_STATE_WORDS, HIDDEN_WORDS, NOT_YET, WRONG_WORDS, Answer
from robots.workbooks.columns import Columns

RESULT = "Resultat"
SUMMARY = "Sammanfattning"
ADDED = ("Utfall", "Orsak", "Att göra", "Kvittens", "Körning", "Rapport", "Tid (s)", "Anmärkning")
_ADDED_WIDTHS = [29.0, 48.0, 44.0, 36.0, 10.0, 12.0, 9.0, 44.0]
# Excel opens no sheet with more than 65,530 links; after these the address stands there as text.
MOST_LINKS = 60_000


@dataclass
class Totals:
    """What the result counted while it was written: rows by state."""

    rows: dict[str, int] = field(default_factory=dict)

    def add(self, answer: Answer) -> None:
        self.rows[answer.state] = self.rows.get(answer.state, 0) + 1


def result_file(file: Path) -> Path:
    """Where the result of ``file`` lies: beside it."""
    return file.with_name(f"{file.stem}-resultat.xlsx")


def write_result(
    target: Path, columns: Columns, answers: Iterable[Answer], summary: Sequence[Any], told: dict[str, str]
) -> Totals:
    """Write the result, whole or not at all. ``told`` are the lines at the top of the summary.

    Raises ``WrongInput`` when the file cannot be written, as when somebody has it open in Excel.
    """
    workbook = Workbook(write_only=True)
    totals = _write_rows(workbook, columns, answers)
    _write_summary(workbook, summary, totals, told)
    part = target.with_name(f".{target.name}.part")
    try:
        workbook.save(part)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WrongInput(
            "Resultatfilen", str(target), f"Den går inte att skriva ({error.strerror or error}). Stäng den om den är "
            "öppen i Excel, eller välj en annan med --result. Kör sedan samma kommando igen; inget görs om.",
        ) from None  # fmt: skip
    return totals


def _write_rows(workbook: Any, columns: Columns, answers: Iterable[Answer]) -> Totals:
    sheet = workbook.create_sheet(RESULT)
    titles = ("Rad", *columns.titles, *ADDED)
    styles.set_widths(sheet, [6, *(_width(title) for title in columns.titles), *_ADDED_WIDTHS])
    sheet.freeze_panes = "B2"
    sheet.append([styles.set_header(WriteOnlyCell(sheet), title) for title in titles])
    totals, last = Totals(), 1
    for last, answer in enumerate(answers, 2):
        totals.add(answer)
        wrong = {columns.inputs[problem.name] for problem in answer.row.problems if problem.name}
        cells = [_cell(sheet, answer.row.number)]
        cells += [_said(sheet, value, index in wrong) for index, value in enumerate(answer.row.cells)]
        cells += _added(sheet, answer, last, len(cells) + 1)
        lines = max(map(_lines, cells[-len(ADDED) :], _ADDED_WIDTHS))
        if lines > 1:
            sheet.row_dimensions[last].height = styles.LINE_HEIGHT * lines
        sheet.append(cells)
        sheet.row_dimensions.pop(last, None)  # written by now; a hundred thousand of them would be kept otherwise
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(titles))}{last}"
    return totals


def _said(sheet: Any, value: Any, wrong: bool) -> Any:
    """What the person wrote; what cannot be used stands in red."""
    cell = _cell(sheet, value)
    if wrong:
        cell.font, cell.fill = styles.WRONG_FONT, styles.WRONG_FILL
    return cell


def _added(sheet: Any, answer: Answer, row: int, first_column: int) -> list[Any]:
    receipts = "\n".join(f"{effect}: {receipt}" for effect, receipt in answer.receipts)
    texts = (answer.words, answer.reason, answer.todo, receipts, answer.run)
    cells = [_cell(sheet, text, wrapped=True) for text in texts]
    if font := styles.OUTCOME_FONTS.get(answer.state):
        cells[0].font = font
    if answer.state == "wrong":
        cells[1].font = styles.WRONG_FONT
    cells.append(_link(sheet, answer.report, f"{get_column_letter(first_column + len(cells))}{row}", row))
    cells.append(_cell(sheet, answer.seconds))
    cells.append(_cell(sheet, " ".join(answer.remarks), wrapped=True))
    return cells


def _link(sheet: Any, address: str, place: str, row: int) -> Any:
    if not address.startswith("http") or row > MOST_LINKS:
        return _cell(sheet, address)
    cell = _cell(sheet, "Öppna")
    cell.hyperlink = address
    cell.hyperlink.ref = place  # a cell that is streamed does not know its own place yet
    cell.font = styles.LINK_FONT
    return cell


def _cell(sheet: Any, value: Any, *, wrapped: bool = False) -> Any:
    cell = styles.set_value(WriteOnlyCell(sheet), None if value == "" else value)
    cell.alignment = styles.TOP_WRAPPED if wrapped else styles.TOP
    return cell


def _lines(cell: Any, width: float) -> int:
    """How many lines a wrapped text takes: not every program makes a row as high as its text needs."""
    if not isinstance(cell.value, str):
        return 1
    return sum(-(-len(part) // int(width)) or 1 for part in cell.value.split("\n"))


def _width(title: str) -> float:
    return float(min(max(len(title) + 4, 18), 40))


def _write_summary(workbook: Any, summary: Sequence[Any], totals: Totals, told: dict[str, str]) -> None:
    sheet = workbook.create_sheet(SUMMARY)
    styles.set_widths(sheet, [30, 48, 12, 12, 24])
    sheet.row_dimensions[1].height = styles.LINE_HEIGHT * 2
    heading = _cell(sheet, SUMMARY)
    heading.font = styles.TITLE_FONT
    sheet.append([heading])
    for title, value in told.items():
        label = _cell(sheet, title)
        label.font = styles.BOLD
        sheet.append([label, _cell(sheet, value, wrapped=True)])
    sheet.append([])
    titles = ("Utfall", "Orsak", "Körningar", "Rader", "Sekunder per körning")
    sheet.append([styles.set_header(WriteOnlyCell(sheet), title) for title in titles])
    for line in summary_lines(summary, totals):
        cells = [_cell(sheet, value, wrapped=True) for value in line[1:]]
        cells[0].font = styles.OUTCOME_FONTS.get(line[0], styles.BOLD)
        sheet.append(cells)


def summary_lines(summary: Sequence[Any], totals: Totals) -> list[tuple[str, str, str, int | None, int, float | None]]:
    """State, its words, kind, runs, rows and seconds a run: the runs' first, then the rows that tell of none."""
    lines: list[tuple[str, str, str, int | None, int, float | None]] = [
        (line.state, OUTCOME_WORDS.get(line.state, NOT_YET), line.kind, line.runs, line.rows,
         None if line.seconds is None else round(float(line.seconds), 1))
        for line in summary
    ]  # fmt: skip
    for state, words in (("hidden", HIDDEN_WORDS), ("wrong", WRONG_WORDS), ("example", EXAMPLE_STATE_WORDS)):
        if count := totals.rows.get(state):
            lines.append((state, words, "", None, count, None))
    return lines
