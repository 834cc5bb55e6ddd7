"""How the workbooks look, and how a text is written so that Excel never takes it for anything else."""

from __future__ import annotations

from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

TEXT_FORMAT = "@"
DATE_FORMAT = "yyyy-mm-dd"
# In points, of one line of text.
LINE_HEIGHT = 16
# What Excel, or a program that reads a copy saved as CSV, would take for the beginning of a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def _font(
    *, bold: bool = False, italic: bool = False, color: str = "000000", size: int = 11, link: bool = False
) -> Font:
    """With its name: without one each program takes a font of its own."""
    return Font(name="Calibri", size=size, bold=bold, italic=italic, color=color, underline="single" if link else None)


HEADER_FONT = _font(bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F4E5F")
OPTIONAL_FILL = PatternFill("solid", fgColor="6B8E9B")
EXAMPLE_FONT = _font(italic=True, color="595959")
EXAMPLE_FILL = PatternFill("solid", fgColor="EDEDED")
WRONG_FONT = _font(bold=True, color="C00000")
WRONG_FILL = PatternFill("solid", fgColor="FBE3E4")
LINK_FONT = _font(link=True, color="0563C1")
TITLE_FONT = _font(bold=True, size=16, color="1F4E5F")
BOLD = _font(bold=True)
# Colours that are told apart in grey as well: the words stand there in any case.
OUTCOME_FONTS = {
    "done": _font(bold=True, color="1E7B34"),
    "handed_over": _font(bold=True, color="9C5700"),
    "failed": WRONG_FONT,
    "wrong": WRONG_FONT,
}
HEADER_ALIGNMENT = Alignment(vertical="center", wrap_text=True)
HEADER_RIGHT = Alignment(horizontal="right", vertical="center", wrap_text=True)
HEADER_WORDS = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
TOP = Alignment(vertical="top")
RIGHT = Alignment(horizontal="right", vertical="top")
# Beside a number that stands to the right in its cell, words would touch it.
WORDS = Alignment(horizontal="left", vertical="top", wrap_text=True, indent=1)
TOP_WRAPPED = Alignment(vertical="top", wrap_text=True)
_THIN = Side(style="thin", color="D0D0D0")
LINED = Border(bottom=_THIN)


def set_value(cell: Any, value: Any) -> Any:
    """Put a value in a cell. A text stays a text, whatever it looks like and whoever edits the cell afterwards."""
    # A file holds no control characters; what a system has answered may.
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = TEXT_FORMAT
        if value.startswith(_FORMULA_SIGNS):
            cell.quotePrefix = True
    elif cell.is_date:
        cell.number_format = DATE_FORMAT
    return cell


def set_header(cell: Any, title: str, *, optional: bool = False) -> Any:
    set_value(cell, title)
    cell.font, cell.alignment = HEADER_FONT, HEADER_ALIGNMENT
    cell.fill = OPTIONAL_FILL if optional else HEADER_FILL
    return cell


def set_widths(sheet: Any, widths: list[float]) -> None:
    """The width of each column from A on, in characters."""
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
