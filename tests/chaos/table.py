"""What a chaos experiment found, as the table that ``make chaos`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

Verdict = Literal["yes", "NO", ""]


@dataclass(frozen=True)
class Row:
    """One line: what was counted, how many, what was wanted, and whether it is so ("" where nothing was wanted)."""

    what: str
    counted: str
    wanted: str = ""
    verdict: Verdict = ""

    @property
    def met(self) -> bool:
        return self.verdict != "NO"


def told(what: str, counted: object) -> Row:
    """A figure that says how much was tried."""
    return Row(what, _shown(counted))


def none(what: str, counted: int, *, among: int = 0) -> Row:
    """There must be none."""
    shown = f"{_shown(counted)} of {_shown(among)}" if among else _shown(counted)
    return Row(what, shown, "0", "NO" if counted else "yes")


def some(what: str, counted: int, *, among: int = 0) -> Row:
    """A control: there must be some, or the guard that was switched off guards nothing."""
    shown = f"{_shown(counted)} of {_shown(among)}" if among else _shown(counted)
    return Row(what, shown, "> 0", "yes" if counted else "NO")


def at_most(what: str, counted: float, limit: float, unit: str = "") -> Row:
    return Row(what, f"{counted:.2f}{unit}", f"≤ {limit:.3g}{unit}", "yes" if counted <= limit else "NO")


def at_least(what: str, counted: int, limit: int) -> Row:
    return Row(what, _shown(counted), f"≥ {_shown(limit)}", "yes" if counted >= limit else "NO")


def show(console: Console, title: str, rows: Sequence[Row]) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("what", overflow="fold")
    table.add_column("counted", justify="right")
    table.add_column("wanted", justify="right")
    table.add_column("")
    for row in rows:
        colour = {"yes": "green", "NO": "red bold", "": ""}[row.verdict]
        table.add_row(row.what, row.counted, row.wanted, f"[{colour}]{row.verdict}[/]" if colour else "")
    console.print(table)


def _shown(number: object) -> str:
    return f"{number:,}".replace(",", " ") if isinstance(number, int) else str(number)
