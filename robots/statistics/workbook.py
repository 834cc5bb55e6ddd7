"""The workbook of a period: what a leader shows upwards, on paper as well, with Excel's own charts."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from robots.errors import WrongInput
from robots.local_time import on_the_wall
from robots.statistics import excel_charts, tables
from robots.statistics.explained import explained, period_words
from robots.statistics.figures import Figures
from robots.statistics.tables import Table
from robots.statistics.wording import BASIS_WORDS, Kind, shown
from robots.workbooks import styles

SUMMARY, BY_TASK, MONTHS, HANDOVERS = "Sammanfattning", "Per uppgift", "Månad för månad", "Överlämningar"
TIMES, WEEK, HOW = "Tid", "Timme och veckodag", "Så räknas det"
# The row in which a table's titles stand; what the sheet is of stands above.
TOP = 4
_FORMATS: dict[Kind, str] = {
    "count": "#,##0", "share": "0 %", "minutes": "#,##0.0", "seconds": "[h]:mm:ss", "month": "yyyy-mm",
}  # fmt: skip
_UNITS: dict[Kind, str] = {"minutes": " (timmar)", "seconds": " (tim:min:s)"}
_WIDEST = 46
_TEXT_WIDTH = 100


def workbook_bytes(figures: Figures, municipality: str) -> bytes:
    """The whole file, as it is downloaded."""
    told = BytesIO()
    _made(figures, municipality).save(told)
    return told.getvalue()


def write_workbook(figures: Figures, municipality: str, file: Path) -> None:
    """Write the file. Raises ``WrongInput`` when it is there already or cannot be written."""
    content = workbook_bytes(figures, municipality)
    try:
        with file.open("xb") as target:  # somebody may have written in the one that is there
            target.write(content)
    except FileExistsError:
        raise WrongInput("Filen", str(file), "Den finns redan. Välj ett annat namn, eller ta bort den.") from None
    except OSError as error:
        raise WrongInput("Filen", str(file), f"Den går inte att skriva: {error.strerror or error}.") from None


def _made(figures: Figures, municipality: str) -> Workbook:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.title = f"Robotarna i {municipality}, {figures.period.words()}"
    workbook.properties.creator = "Ragnhild"
    told = f"{municipality}: {period_words(figures)}. Skriven {on_the_wall(figures.made_at):%Y-%m-%d %H:%M}."
    told = told.replace("..", ".")
    _summary(_sheet(workbook, SUMMARY, told), figures)
    _by_task(_sheet(workbook, BY_TASK, told), figures)
    if len(figures.period.months) > 1:
        _months(_sheet(workbook, MONTHS, told), figures)
    _handovers(_sheet(workbook, HANDOVERS, told), figures)
    _times(_sheet(workbook, TIMES, told), figures)
    _week(_sheet(workbook, WEEK, told), figures)
    _how(_sheet(workbook, HOW, told), figures)
    return workbook


def _sheet(workbook: Workbook, title: str, told: str) -> Any:
    """An empty sheet that is one page wide on paper and says what it is of."""
    sheet: Any = workbook.create_sheet(title)
    styles.set_value(sheet.cell(1, 1), title).font = styles.TITLE_FONT
    styles.set_value(sheet.cell(2, 1), told)
    sheet.row_dimensions[1].height = styles.LINE_HEIGHT * 1.5
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = told.replace("&", "&&"), "Sida &P av &N"
    sheet.sheet_view.showGridLines = False
    return sheet


def _put(sheet: Any, table: Table, *, top: int = TOP, left: int = 1, freeze: bool = True) -> int:
    """Write the table; its titles stay in sight and on every page. Returns its last row."""
    for column, each in enumerate(table.columns, left):
        cell = styles.set_header(sheet.cell(top, column), each.title + _UNITS.get(each.kind, ""))
        cell.alignment = styles.HEADER_WORDS if each.kind == "text" else styles.HEADER_RIGHT
        sheet.column_dimensions[get_column_letter(column)].width = _width(table, column - left)
    sheet.row_dimensions[top].height = styles.LINE_HEIGHT * 3
    for row, values in enumerate(table.rows, top + 1):
        for column, (value, each) in enumerate(zip(values, table.columns, strict=True), left):
            cell = styles.set_value(sheet.cell(row, column), _value(value, each.kind))
            cell.border = styles.LINED
            cell.alignment = styles.WORDS if each.kind == "text" else styles.TOP
            if each.kind != "text":
                cell.number_format = _FORMATS[each.kind]
        sheet.row_dimensions[row].height = styles.LINE_HEIGHT * _lines(table, values)
    if freeze:
        sheet.freeze_panes = sheet.cell(top + 1, left + 1)
        sheet.print_title_rows = f"{top}:{top}"
    return top + len(table.rows)


def _value(value: Any, kind: Kind) -> Any:
    """As Excel counts: days for a time, hours for minutes, since it shows no time below zero."""
    if value is None:
        return None
    return {"seconds": lambda: value / 86_400, "minutes": lambda: value / 60}.get(kind, lambda: value)()


def _width(table: Table, column: int) -> float:
    kind = table.columns[column].kind
    if kind != "text":
        return 14.0
    longest = max([len(shown(row[column], kind)) for row in table.rows], default=0)
    return float(min(max(longest + 3, len(table.columns[column].title) + 3, 14), _WIDEST))


def _lines(table: Table, values: tuple[Any, ...]) -> int:
    """How many lines the row's texts take: not every program makes a row as high as they need."""
    wide = [int(_width(table, n)) - 2 for n in range(len(values))]
    told = zip(values, table.columns, wide, strict=True)
    return max(-(-len(value) // most) or 1 for value, each, most in told if each.kind == "text")


def _summary(sheet: Any, figures: Figures) -> None:
    last = _put(sheet, tables.key_figures(figures))
    for row, each in enumerate(tables.key_rows(figures), TOP + 1):
        sheet.cell(row, 1).value = each.title + _UNITS.get(each.kind, "")
        for column, value in enumerate((each.now, each.before), 2):
            styles.set_value(sheet.cell(row, column), _value(value, each.kind)).number_format = _FORMATS[each.kind]
    for row in range(TOP, last + 1):
        for column in range(2, 5):
            sheet.cell(row, column).alignment = styles.RIGHT if row > TOP else styles.HEADER_RIGHT
    by_source = last + 3
    end = _put(sheet, tables.sources(figures), top=by_source, freeze=False)
    styles.set_widths(sheet, [_WIDEST, 20, 20, 24])
    ended = excel_charts.bars(sheet, "Hur körningarna slutade", column=2, rows=(TOP + 1, TOP + 6))
    sheet.add_chart(ended, f"F{TOP}")
    if figures.now.counts.runs:
        asked = excel_charts.bars(sheet, "Hur körningarna beställdes", column=2, rows=(by_source, end))
        sheet.add_chart(asked, f"F{TOP + 18}")


def _by_task(sheet: Any, figures: Figures) -> None:
    table, saved = tables.outcomes_by_task(figures), tables.saved_by_task(figures)
    both = Table(
        table.name, table.title, (*table.columns, *saved.columns[1:4]),
        tuple((*row, *more[1:4]) for row, more in zip(table.rows, saved.rows, strict=True)),
    )  # fmt: skip
    last = _put(sheet, both)
    ran = sum(each.now.counts.runs > 0 for each in figures.tasks)  # these come first
    if ran:
        ends = range(4, 4 + len(tables.OUTCOME_COLUMNS))
        chart = excel_charts.stacked(sheet, "Hur körningarna slutade", columns=ends, rows=(TOP, TOP + ran))
        sheet.add_chart(chart, f"A{last + 2}")
        words = f"Sparad arbetstid, timmar ({BASIS_WORDS[figures.now.saved.basis]})"
        minutes = excel_charts.bars(sheet, words, column=11, rows=(TOP, TOP + ran))
        sheet.add_chart(minutes, f"F{last + 2}")


def _months(sheet: Any, figures: Figures) -> None:
    together, apart = tables.months_together(figures), tables.months_by_task(figures)
    rows = (*(("Alla uppgifter", *row) for row in together.rows), *apart.rows)
    _put(sheet, Table(apart.name, apart.title, apart.columns, rows))
    months = (TOP, TOP + len(together.rows))
    sheet.add_chart(excel_charts.line(sheet, "Andel klara utan handläggare", column=5, rows=months), f"G{TOP}")


def _handovers(sheet: Any, figures: Figures) -> None:
    by_reason, by_team = tables.handovers_by_reason(figures), tables.handovers_by_team(figures)
    _put(sheet, tables.handovers(figures))
    _put(sheet, by_reason, left=6, freeze=False)
    _put(sheet, by_team, left=10, freeze=False)
    reasons = min(sum(row[1] > 0 for row in by_reason.rows), excel_charts.MOST_BARS)
    if reasons:
        chart = excel_charts.bars(sheet, "Vanligaste orsakerna", column=7, rows=(TOP, TOP + reasons), named=6)
        sheet.add_chart(chart, f"F{TOP + max(len(by_reason.rows), len(by_team.rows)) + 2}")


def _times(sheet: Any, figures: Figures) -> None:
    by_source, by_task = tables.times_by_source(figures), tables.times_by_task(figures)
    rows = tuple(row for row in (*by_source.rows, *by_task.rows) if row[1])
    first = Table(by_source.name, by_source.title, (by_task.columns[0], *by_source.columns[1:]), rows)
    last = _put(sheet, first)
    styles.set_value(sheet.cell(TOP, 1), "Beställt av eller uppgift")
    if rows:
        chart = excel_charts.stacked(
            sheet, "Median: tid i kö och arbete", columns=(5, 7), rows=(TOP, last), hatchings=("ltUpDiag", "solid"),
            together=False,
        )  # fmt: skip
        sheet.add_chart(chart, f"J{TOP}")


def _week(sheet: Any, figures: Figures) -> None:
    table = tables.hours_of_the_week(figures)
    days = [sum(day) for day in figures.hours]
    whole = Table(table.name, table.title, table.columns, (*table.rows, ("Alla timmar", *days, sum(days))))
    last = _put(sheet, whole)
    for column in range(1, 10):
        sheet.cell(last, column).font = styles.BOLD
    hours = excel_charts.bars(sheet, "Körningar per timme", column=9, rows=(TOP, last - 1), standing=True)
    sheet.add_chart(hours, f"K{TOP}")
    sheet.add_chart(excel_charts.across(sheet, "Körningar per veckodag", row=last, titles=TOP), f"K{TOP + 18}")


def _how(sheet: Any, figures: Figures) -> None:
    row = TOP
    for word, words in explained():
        styles.set_value(sheet.cell(row, 1), word).font = styles.BOLD
        cell = styles.set_value(sheet.cell(row, 2), words)
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=8)
        sheet.cell(row, 1).alignment = cell.alignment = styles.TOP_WRAPPED
        sheet.row_dimensions[row].height = styles.LINE_HEIGHT * -(-len(words) // _TEXT_WIDTH)
        row += 1
    _put(sheet, tables.saved_by_task(figures), top=row + 1, freeze=False)
