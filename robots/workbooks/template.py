"""The Excel to fill in: made from a task's inputs, with what a person needs to know beside every column."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from robots.errors import WrongInput
from robots.inputs import Input
from robots.task import Task
from robots.workbooks import styles
from robots.workbooks.columns import EXAMPLE, EXAMPLE_WORDS, NOTE_TITLE, example_of, titles_of
from robots.workbooks.reader import MOST_ROWS, TEMPLATE_NAME

FILL_IN = "Fyll i här"
GUIDE = "Så här gör du"
LISTS = "Listor"
# What Excel takes in the yellow note beside a chosen cell, and in its title.
MOST_PROMPT = 255
MOST_PROMPT_TITLE = 32
_GUIDE_WIDTH = 46
_LAST_ROW = MOST_ROWS + 2
_FIRST_DAY = 36526  # 2000-01-01 as Excel counts days: what is earlier is a slip of the keyboard


def write_template(task: Task, file: Path) -> None:
    """Write the task's template. Raises ``WrongInput`` when ``file`` is there already or cannot be written."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = FILL_IN
    guide, lists = workbook.create_sheet(GUIDE), workbook.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    styles.set_header(sheet.cell(1, 1), NOTE_TITLE, optional=True)
    _example(sheet.cell(2, 1), EXAMPLE_WORDS)
    sheet.column_dimensions["A"].number_format = styles.TEXT_FORMAT
    widths = [len(EXAMPLE_WORDS) + 2.0]
    for column, (name, title) in enumerate(titles_of(task).items(), 2):
        each = task.inputs[name]
        _column(sheet, lists, column, each, title)
        widths.append(_width(each, title))
    styles.set_widths(sheet, widths)
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
    _write_guide(guide, task)
    workbook.defined_names[TEMPLATE_NAME] = DefinedName(
        TEMPLATE_NAME, attr_text=f'"{task.name} {task.version}"', hidden=True
    )
    try:
        with file.open("xb") as target:  # a template that somebody has filled in is never written over
            workbook.save(target)
    except FileExistsError:
        raise WrongInput(
            "Filen", str(file), "Den finns redan. Välj ett annat namn med -o, eller ta bort den."
        ) from None
    except OSError as error:
        raise WrongInput("Filen", str(file), f"Den går inte att skriva: {error.strerror or error}.") from None


def _column(sheet: Worksheet, lists: Worksheet, column: int, each: Input, title: str) -> None:
    header = styles.set_header(sheet.cell(1, column), title, optional=not each.required)
    header.comment = Comment("\n".join(_told(each)), "Ragnhild", height=110, width=320)
    _example(sheet.cell(2, column), example_of(each))
    letter = get_column_letter(column)
    if each.kind == "date":
        sheet.column_dimensions[letter].number_format = styles.DATE_FORMAT
        sheet.cell(2, column).number_format = styles.DATE_FORMAT
    elif each.kind != "number":
        sheet.column_dimensions[letter].number_format = styles.TEXT_FORMAT
    rule = _rule(lists, column, each)
    rule.promptTitle = title[:MOST_PROMPT_TITLE]
    rule.prompt = " ".join(_told(each))[:MOST_PROMPT]
    rule.showInputMessage = True
    rule.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(rule)


def _rule(lists: Worksheet, column: int, each: Input) -> DataValidation:
    """What Excel lets through in the column. An identifier's checksum is beyond it and is checked when it is read."""
    choices = ("ja", "nej") if each.kind == "flag" else each.choices
    if choices:
        letter = get_column_letter(column)
        for row, choice in enumerate(choices, 1):
            styles.set_value(lists.cell(row, column), choice)
        rule = DataValidation("list", f"{LISTS}!${letter}$1:${letter}${len(choices)}", allow_blank=not each.required)
        wrong = f"Välj {' eller '.join(choices)} i listan."
    elif each.kind == "date":
        rule = DataValidation("date", str(_FIRST_DAY), operator="greaterThanOrEqual", allow_blank=not each.required)
        wrong = "Skriv datumet som ÅÅÅÅ-MM-DD."
    else:
        return DataValidation(None, allow_blank=True)
    rule.showErrorMessage, rule.errorTitle, rule.error = True, "Det går inte att använda", wrong[:MOST_PROMPT]
    return rule


def _example(cell: Any, value: Any) -> None:
    styles.set_value(cell, value)
    cell.font, cell.fill, cell.alignment = styles.EXAMPLE_FONT, styles.EXAMPLE_FILL, styles.TOP_WRAPPED


def _width(each: Input, title: str) -> float:
    if each.kind == "long_text":
        return 50.0
    longest = max([len(title), len(_written(example_of(each))), *(len(choice) for choice in each.choices)])
    return float(min(max(longest + 4, 14), 50))


def _told(each: Input) -> list[str]:
    """What the column wants, in sentences."""
    told = []
    if each.words.hint:
        told.append(f"Skriv {each.words.hint}." if each.kind == "identifier" else each.words.hint)
    if each.choices:
        told.append(f"Välj {' eller '.join(each.choices)}.")
    elif each.kind == "flag":
        told.append("Svara ja eller nej.")
    elif each.words.example:
        told.append(f"Exempel: {each.words.example}.")
    told.append("Måste fyllas i." if each.required else _when_empty(each))
    return told


def _when_empty(each: Input) -> str:
    if each.default in (None, ""):
        return "Får lämnas tom."
    return f"Får lämnas tom, då används «{_written(each.default)}»."


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return value.isoformat() if isinstance(value, date) else str(getattr(value, "value", value))


def _write_guide(sheet: Worksheet, task: Task) -> None:
    styles.set_widths(sheet, [34, 16, _GUIDE_WIDTH + 6, _GUIDE_WIDTH + 6])
    styles.set_value(sheet.cell(1, 1), task.title).font = styles.TITLE_FONT
    styles.set_value(sheet.cell(2, 1), task.description)
    steps = [
        f"1. Gå till bladet «{FILL_IN}». Skriv ett ärende per rad, under exemplet.",
        f"2. Exemplet i rad 2 körs aldrig. Du kan ta bort hela raden. Ta inte bort bara ordet {EXAMPLE}.",
        "3. Mörka rubriker måste fyllas i. Ljusa får lämnas tomma.",
        "4. Håll musen över en rubrik, så står det vad som ska vara i kolumnen.",
        f"5. Kolumnen «{NOTE_TITLE}» är din egen. Roboten läser den inte.",
        "6. Skriv värden, inga formler. Slå inte ihop celler. Göm inga rader med filter.",
        "7. Du får byta ordning på kolumnerna, men inte ändra rubrikerna.",
        f"8. Spara filen. Lämna den i portalen under Excel, eller starta med: ragnhild batch {task.command} FIL.xlsx",
        "9. När allt är klart hämtar du resultatet i portalen; startade du själv ligger det bredvid din fil "
        "och heter som den, med -resultat.xlsx sist.",
        "Står samma ärende två gånger görs det en gång. Startar du samma fil igen görs inget om.",
    ]
    for row, step in enumerate(steps, 4):
        styles.set_value(sheet.cell(row, 1), step)
    top = len(steps) + 5
    for column, title in enumerate(("Kolumn", "Måste fyllas i", "Vad som ska stå", "Exempel"), 1):
        styles.set_header(sheet.cell(top, column), title)
    for row, (name, title) in enumerate(titles_of(task).items(), top + 1):
        each = task.inputs[name]
        values = (title, "Ja" if each.required else "Nej", " ".join(_told(each)), _written(example_of(each)))
        for column, value in enumerate(values, 1):
            cell = styles.set_value(sheet.cell(row, column), value)
            cell.alignment, cell.border = styles.TOP_WRAPPED, styles.LINED
        longest = max(len(str(values[2])), len(str(values[3])))
        sheet.row_dimensions[row].height = styles.LINE_HEIGHT * -(-longest // _GUIDE_WIDTH)
    last = top + len(titles_of(task)) + 2
    styles.set_value(sheet.cell(last, 1), f"Frågor om uppgiften: {task.owner}. Mallens version: {task.version}.")
