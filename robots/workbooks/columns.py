"""Which column is which input: the titles of the template, found again whatever their order in a filled-in sheet."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl.utils import get_column_letter

from robots.errors import WrongInput
from robots.inputs import Input
from robots.task import Task

# The first column of a template: free for the person who fills it in, and where the example is marked.
NOTE_TITLE = "Egen anteckning"
EXAMPLE = "EXEMPEL"
EXAMPLE_WORDS = f"{EXAMPLE} – den här raden körs aldrig"
# A person may write a heading of her own above the titles, but not a whole page.
HEADER_WITHIN = 10
# A title this like a missing one is a misspelling, not a column of the person's own.
ALIKE = 0.75
# The example is known again by its values, so they must be the same tomorrow.
_SOME_DAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Columns:
    """Where things stand in one sheet, counted from 0: each input by name, the note, and every column's title.

    ``unused`` are the titles of the person's own columns; ``left_out`` those of inputs that the sheet does not have and
    that take the task's own default.
    """

    header_row: int
    titles: tuple[str, ...]
    inputs: dict[str, int]
    note: int | None
    unused: tuple[str, ...]
    left_out: tuple[str, ...]

    def letter(self, name: str) -> str:
        """The column as Excel writes it."""
        return get_column_letter(self.inputs[name] + 1)


def titles_of(task: Task) -> dict[str, str]:
    """Input name -> column title. Two inputs with the same words are told apart by their names."""
    times = Counter(each.title for each in task.inputs)
    return {each.name: each.title if times[each.title] == 1 else f"{each.title} ({each.name})" for each in task.inputs}


def example_of(each: Input) -> Any:
    """What the template's example row has in this input's column."""
    match each.kind:
        case "choice":
            return each.default or each.choices[0]
        case "flag":
            return "ja" if each.default else "nej"
        case "date":
            try:
                return date.fromisoformat(each.words.example)
            except ValueError:
                return _SOME_DAY
        case "number":
            return int(each.words.example) if each.words.example.isdecimal() else each.default or 1
    return each.words.example or each.default or ""


def find_columns(task: Task, rows: Sequence[Sequence[Any]], hint: str = "") -> Columns:
    """The columns of a sheet that begins with ``rows``. ``hint`` is added to what is said when they do not fit.

    Raises ``WrongInput`` that names every title that is missing, stands twice or seems to be misspelt.
    """
    wanted = {_plain(title): name for name, title in titles_of(task).items()}
    for number, row in enumerate(rows, 1):
        titles = tuple(_shown(value) for value in row)
        if any(_plain(title) in wanted for title in titles):
            return _columns(task, number, titles, wanted, hint)
    found = next((_listed(t) for r in rows if (t := [_shown(v) for v in r if _shown(v)])), "ingenting")
    raise WrongInput(
        "Kolumnerna", found, f"Rubrikraden ska ha {_listed(titles_of(task).values())}. "
        f"{hint or f'Hämta en mall i portalen under Excel, eller med: ragnhild template {task.command}'}",
    )  # fmt: skip


def has_columns(task: Task, rows: Sequence[Sequence[Any]]) -> bool:
    """Whether the sheet has any of the task's titles."""
    wanted = {_plain(title) for title in titles_of(task).values()}
    return any(_plain(_shown(value)) in wanted for row in rows for value in row)


def _columns(task: Task, header_row: int, titles: tuple[str, ...], wanted: dict[str, str], hint: str) -> Columns:
    places: dict[str, list[int]] = {}
    note, unused = None, []
    for index, title in enumerate(titles):
        if name := wanted.get(_plain(title)):
            places.setdefault(name, []).append(index)
        elif _plain(title) == _plain(NOTE_TITLE):
            note = index
        elif title:
            unused.append(title)
    said = titles_of(task)
    missing = {name: title for name, title in said.items() if name not in places}
    problems = [
        f"Kolumnen «{said[name]}» finns två gånger ({' och '.join(get_column_letter(i + 1) for i in found)}). "
        "Ta bort den ena."
        for name, found in places.items()
        if len(found) > 1
    ]
    for name, title in missing.items():
        near = difflib.get_close_matches(_plain(title), [_plain(u) for u in unused], 1, ALIKE)
        if near:
            written = next(u for u in unused if _plain(u) == near[0])
            problems.append(f"Kolumnen heter «{written}»; ska den heta «{title}»?")
        elif task.inputs[name].required:
            problems.append(f"Kolumnen «{title}» saknas.")
    if problems:
        raise WrongInput("Kolumnerna", _listed(t for t in titles if t), " ".join([*problems, hint]).strip())
    width = max((i + 1 for i, title in enumerate(titles) if title), default=0)
    inputs = {name: found[0] for name, found in places.items()}
    return Columns(header_row, titles[:width], inputs, note, tuple(unused), tuple(missing.values()))


def _shown(value: Any) -> str:
    return " ".join(unicodedata.normalize("NFKC", str(value)).split()) if value is not None else ""


def _plain(title: str) -> str:
    """A title as it is compared: a person's capitals, spaces and the star of a required field do not count."""
    return _shown(title).casefold().removesuffix("*").strip().removesuffix(":").strip()


def _listed(titles: Any) -> str:
    return ", ".join(f"«{title}»" for title in titles)
