"""Reading a list: ``View.look``, whose answer travels as one string, beside the same function asked by Playwright."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from benchmarks.fill_form import AT_REST
from benchmarks.ground import own_browser
from benchmarks.pairs import Figures, Pairs, alternate, timed
from robots.systems.in_page import in_page
from robots.systems.view import View

COLUMNS = ("Ärende", "Titel", "Fastighet", "Kom in", "Handläggare", "Status")
ROUNDS = {1: 60, 20: 60, 200: 40}


def measure() -> Figures:
    """Raises ``AssertionError`` when the two do not read the same."""
    told = Figures(
        "one_trip: the rows of a list, read in one trip", "Compared to the same function by frame.evaluate()."
    )
    with own_browser() as browser:
        page = browser.new_page()
        told.figures += [_of(page, rows, rounds) for rows, rounds in ROUNDS.items()]
    return told


def _of(page: Page, rows: int, rounds: int) -> Pairs:
    page.set_content(_list(rows))
    page.evaluate(AT_REST)
    view = View(page.main_frame, 10)
    function = in_page("look").replace("/*reader*/", in_page("table").rstrip())

    def ours() -> Any:
        found = view.look("table", read="table")
        return [row.cells for row in found.said] if found else None

    def plainly() -> Any:
        told = page.main_frame.evaluate(function, ["table", "", "", 10_000])
        return [row["cells"] for row in told["told"]]

    assert ours() == plainly()
    assert len(plainly()) == rows
    mine, other = alternate(_timed(ours), _timed(plainly), rounds=rounds, warm_up=3)
    return Pairs(f"a list of {rows}", mine, other, "sooner", 1)


def _timed(act: Callable[[], object]) -> Callable[[int], float]:
    return lambda _number: timed(act)


def _list(rows: int) -> str:
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    cells = [
        "".join(f"<td><a href='/arenden/{n}'>{n}</a></td>" if i == 0 else f"<td>{COLUMNS[i]} {n}</td>"
                for i in range(len(COLUMNS)))
        for n in range(1, rows + 1)
    ]  # fmt: skip
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{c}</tr>' for c in cells)}</table>"
