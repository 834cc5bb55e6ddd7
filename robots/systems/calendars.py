"""Dates that are chosen and not typed: a calendar that pops up, month by month, and a board of times to book."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from playwright.sync_api import ElementHandle, Locator

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches, ValueNotKept
from robots.one_trip import ask
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, View

_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_OF_MONTH = {name: n for n, name in enumerate(_MONTHS, 1)} | {"may": 5, "oct": 10}
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./ ](?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})\.? (?P<name>[a-zåäö]{3})[a-zåäö]*\.?,? (?P<y>\d{4})", re.IGNORECASE),
)
# A calendar without a year jump is gone through month by month; nobody's date lies further away than this.
_MOST_MONTHS = 12 * 110
_LOOK_AGAIN = 20  # milliseconds


@dataclass(frozen=True)
class BoardCell:
    """A cell of a board: the words over its column, the words before its row, and its own."""

    column: str
    row: str
    words: str


def set_date(view: View, label: str, day: date, *, opener: Locator | None = None) -> None:
    """Choose a day in the calendar that opens from the field ``label`` and know that the field shows exactly that day.

    ``opener`` is what opens the calendar, where a click in the field does not. The calendar is known by what it shows:
    a month with its year, and the month's days. Raises ``NotSeen`` when no calendar opens or an arrow leads nowhere,
    ``PageNotRecognised`` when the day cannot be chosen, ``ValueNotKept`` when the field shows something else.
    """
    _open(view, label, opener)
    _pick(view, label, day)
    _demand_dates(view, label, [day])


def set_range(view: View, label: str, first: date, last: date, *, opener: Locator | None = None) -> None:
    """As ``set_date`` for a field that takes two days in one calendar: first the one, then the other."""
    _open(view, label, opener)
    _pick(view, label, first)
    _pick(view, label, last)
    _demand_dates(view, label, [first, last])


def dates_in(words: str) -> list[date]:
    """The dates that a text names, in the ways Swedish systems write them (2026-03-05, 5/3 2026, 5 mars 2026)."""
    found: dict[int, date] = {}
    for pattern in _DATES:
        for told in pattern.finditer(words):
            parts = told.groupdict()
            month = int(parts["m"]) if parts.get("m") else _OF_MONTH.get(parts["name"].lower(), 0)
            try:
                found.setdefault(told.start(), date(int(parts["y"]), month, int(parts["d"])))
            except ValueError:
                continue  # such as a case number that looks like a date
    return [found[place] for place in sorted(found)]


def board(view: View, *, cells: str, columns: str, rows: str) -> list[BoardCell]:
    """A booking calendar's cells as a person reads them: what is over each, what is before it, and what it says.

    ``cells``, ``columns`` and ``rows`` are the CSS selectors of the cells and of the words along the two edges: such
    calendars are boxes that only their places bind together. A cell without words is one with "". Raises ``NotSeen``
    where there are no cells or a cell has no words over or before it.
    """
    return [BoardCell(**told) for told in _board(view, cells, columns, rows)]


def board_cell(view: View, column: str, row: str, *, cells: str, columns: str, rows: str) -> Locator:
    """The one cell under ``column`` and beside ``row``. Raises ``NotSeen``, ``SeveralMatches`` and as ``board``."""
    told = _board(view, cells, columns, rows)
    fitting = [n for n, cell in enumerate(told) if (cell["column"], cell["row"]) == (column, row)]
    if not fitting:
        raise NotSeen(f"Kalendern på sidan «{view.title}» har ingen ruta för {column} {row}.")
    if len(fitting) > 1:
        raise SeveralMatches(f"Kalendern på sidan «{view.title}» har {len(fitting)} rutor för {column} {row}.")
    return view.frame.locator(cells).filter(visible=True).nth(fitting[0])


def _board(view: View, cells: str, columns: str, rows: str) -> list[dict[str, Any]]:
    try:
        view.frame.locator(cells).filter(visible=True).first.wait_for(timeout=view.timeout * 1000)
    except PlaywrightError:
        raise NotSeen(f"Kalendern på sidan «{view.title}» visade inga rutor inom {view.timeout:g} s.") from None
    told: list[dict[str, Any]] = ask(view.frame, in_page("board"), [cells, columns, rows])
    if any(cell["column"] is None or cell["row"] is None for cell in told):
        raise NotSeen(f"Kalendern på sidan «{view.title}» har rutor som saknar dag eller tid.")
    return told


def _open(view: View, label: str, opener: Locator | None) -> None:
    if opener is not None:
        view.click(opener)
    else:
        view._control(label, None).click(timeout=view.timeout * 1000)


def _pick(view: View, label: str, day: date) -> None:
    where = f"Kalendern för {label} på sidan «{view.title}»"
    wanted = day.year * 12 + day.month - 1
    shown = _calendar(view, where, None)
    for _ in range(_MOST_MONTHS):
        away = wanted - shown["month"]
        if not away:
            break
        step = 1 if away > 0 else -1
        _click(view, "on" if step > 0 else "back", 0, where)
        # One click, and its effect is waited for: a second click too early skips a month.
        after = _calendar(view, where, shown["month"])
        if after["month"] != shown["month"] + step:
            raise PageNotRecognised(f"{where} bläddrade till {after['title']} från {shown['title']}.")
        shown = after
    days = [d for d in shown["days"] if d["day"] == day.day]
    if len(days) != 1:
        raise PageNotRecognised(f"{where} visar {shown['title']} men inte dag {day.day}.")
    if days[0]["closed"]:
        raise PageNotRecognised(f"{where}: {day.isoformat()} går inte att välja.")
    _click(view, "day", day.day, where)


def _calendar(view: View, where: str, left: int | None) -> dict[str, Any]:
    """What the calendar shows, once it shows a month other than ``left``."""
    told: dict[str, Any] = ask(view.frame, in_page("calendar"), ["look", 0, left, view.timeout * 1000])
    match told["state"]:
        case "shown":
            return told
        case "several":
            raise SeveralMatches(f"{where}: {told['count']} kalendrar är öppna.")
        case _:
            raise NotSeen(f"{where} {'bläddrade inte' if left is not None else 'öppnades inte'}.")


def _click(view: View, what: str, day: int, where: str) -> None:
    found = view.frame.evaluate_handle(in_page("calendar"), [what, day, None, view.timeout * 1000])
    element: ElementHandle | None = found.as_element()
    if element is None:
        names = {"on": "pil framåt", "back": "pil bakåt", "day": f"dag {day}"}
        raise NotSeen(f"{where} har ingen {names[what]}.")
    element.click(timeout=view.timeout * 1000)


def _demand_dates(view: View, label: str, days: list[date]) -> None:
    """The field shows the days as soon as the page has taken them."""
    field = view._control(label, None)
    deadline = time.monotonic() + view.timeout
    while True:
        words = str(field.evaluate("field => field.value ?? field.innerText"))
        if dates_in(words) == days:
            return
        if time.monotonic() > deadline:
            break
        view.frame.page.wait_for_timeout(_LOOK_AGAIN)  # nothing on the page tells when it has taken a day
    wanted = " – ".join(day.isoformat() for day in days)
    raise ValueNotKept(f"Fältet {label} på sidan «{view.title}» visar {words!r} och inte {wanted}.")
