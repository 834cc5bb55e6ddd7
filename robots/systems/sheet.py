"""Calculation sheets and function keys: grids that are worked in by keys, cell by cell."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import ElementHandle, Locator

from robots.errors import NotSeen, SeveralMatches, ValueNotKept
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, View

_LOOK_AGAIN = 20  # milliseconds


def press(view: View, thing: Locator, *keys: str) -> None:
    """Put the focus on the one thing and press keys there ("F2", "F8", "ControlOrMeta+s"), one after the other.

    What the keys led to is for the caller to see. Raises as ``View.click``, and ``ValueNotKept`` when the thing does
    not take the focus: the keys would go to whatever has it.
    """
    try:
        thing.focus(timeout=view.timeout * 1000)
        if not thing.evaluate("e => e === document.activeElement || e.contains(document.activeElement)"):
            view.click(thing)  # what has no place among the keys' stops often takes one by a click
            if not thing.evaluate("e => e.contains(document.activeElement)"):
                raise ValueNotKept(f"Det gick inte att ställa sig i rutan på sidan «{view.title}».")
        for key in keys:
            view.frame.page.keyboard.press(key)
    except PlaywrightError as error:
        raise view.not_the_one(thing, error) from error


class Sheet:
    """A grid whose cells are filled in by keys and reckon by themselves.

    ``css`` is the grid's box. A cell is named by the words that begin its row and the caption of its column. ``edit``
    is the key that opens a focused cell, where typing alone does not; ``leave`` the key that takes what was typed.
    """

    def __init__(self, view: View, css: str, *, edit: str = "", leave: str = "Enter") -> None:
        self.view = view
        self.css = css
        self.edit = edit
        self.leave = leave

    def fill(self, values: Mapping[tuple[str, str], str]) -> None:
        """Type each value in its cell, in this order, and know that every cell shows it when all are filled in.

        A cell is read when its own value has come back, and all of them once more at the end: one may change another.
        Numbers are compared as numbers («1 234,50» is «1234,5»). Raises ``NotSeen``, ``SeveralMatches`` and
        ``ValueNotKept``.
        """
        for (row, column), value in values.items():
            self._type(row, column, value)
            self._demand(row, column, value)
        for (row, column), value in values.items():
            self._demand(row, column, value)

    def read(self, row: str, column: str) -> str:
        """What one cell shows, such as a sum."""
        words: str = self._cell(row, column).evaluate(
            "cell => { const field = cell.matches('input') ? cell : cell.querySelector('input,select,textarea');"
            " return (field ? field.value : cell.innerText).replace(/\\s+/g, ' ').trim(); }"
        )
        return words

    def press(self, row: str, column: str, *keys: str) -> None:
        """Stand in a cell and press keys there, such as F8."""
        self._stand_in(row, column)
        for key in keys:
            self.view.frame.page.keyboard.press(key)

    def _stand_in(self, row: str, column: str) -> None:
        self._cell(row, column).click(timeout=self.view.timeout * 1000)
        held = self._cell(row, column).evaluate("cell => cell.contains(document.activeElement)")
        if not held:
            raise ValueNotKept(f"Rutan {row}, {column} på sidan «{self.view.title}» går inte att ställa sig i.")

    def _type(self, row: str, column: str, value: str) -> None:
        self._stand_in(row, column)
        keyboard = self.view.frame.page.keyboard
        if self.edit:
            keyboard.press(self.edit)
        # A cell that is open shows its old value as a field's; one that is not is written over by the first key.
        if self._cell(row, column).evaluate("() => document.activeElement.matches('input,textarea,[contenteditable]')"):
            keyboard.press("ControlOrMeta+a")
        keyboard.type(value)
        keyboard.press(self.leave)

    def _demand(self, row: str, column: str, value: str) -> None:
        deadline = time.monotonic() + self.view.timeout
        while _plain(shown := self.read(row, column)) != _plain(value):
            if time.monotonic() > deadline:
                where = f"Rutan {row}, {column} på sidan «{self.view.title}»"
                raise ValueNotKept(f"{where} behöll inte {value!r} utan visar {shown!r}.")
            self.view.frame.page.wait_for_timeout(_LOOK_AGAIN)  # a cell reckons in its own time and tells nobody

    def _cell(self, row: str, column: str) -> ElementHandle:
        found = self.view.frame.evaluate_handle(
            in_page("cell"), [self.css, row, column, self.view.timeout * 1000]
        )  # fmt: skip
        element = found.as_element()
        if element is not None:
            return element
        told: dict[str, Any] = found.json_value()
        where = f"Rutan {row}, {column} på sidan «{self.view.title}»"
        if told["state"] == "several":
            raise SeveralMatches(f"{where}: flera rader eller kolumner heter så.")
        raise NotSeen(f"{where} finns inte; rader: {', '.join(told['rows'])}; kolumner: {', '.join(told['columns'])}.")


def _plain(words: str) -> str:
    """A number as a number, whatever its spaces, its decimal comma and its unit; any other words as they are."""
    told = re.fullmatch(r"([-−]?[\d\s\u00a0\u202f.]*\d(?:,\d+)?)\s*(?:kr|%)?", words.strip())
    if not told:
        return " ".join(words.split())
    digits = re.sub(r"\s", "", told[1]).replace("−", "-")
    # A full stop is a decimal sign only where it is the one sign and no thousand follows it.
    if not re.fullmatch(r"-?\d+\.\d{1,2}", digits):
        digits = digits.replace(".", "")
    return f"{float(digits.replace(',', '.')):.4f}"
