"""Things that have no name of their own: the button in the row, or on the card, that says these words."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import ElementHandle

from robots.errors import NotSeen, SeveralMatches
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, View

_ROWS = "tr,[role=row],li,article,[role=listitem],fieldset,dl>div"


def press_beside(view: View, words: str, name: str, *, rows: str = _ROWS) -> None:
    """Click on what is called ``name`` in the one row or card that says ``words`` as a text of its own.

    A name is what it says, its title, or its picture's: «Öppna» may be a button, a clickable box or an icon. ``words``
    are one whole text in the row (a cell, a heading), so that «EKBACKEN 3:1» is not «EKBACKEN 3:10». ``rows`` is the
    CSS selector of the cards, where they are plain boxes. Raises ``NotSeen`` and ``SeveralMatches``.
    """
    element = _beside(view, words, name, rows)
    try:
        element.click(timeout=view.timeout * 1000)
    except PlaywrightError as error:
        raise NotSeen(f"{name} vid {words} på sidan «{view.title}» gick inte att trycka på.") from error


def _beside(view: View, words: str, name: str, rows: str) -> ElementHandle:
    found = view.frame.evaluate_handle(in_page("beside"), [words, name, rows, view.timeout * 1000])
    element = found.as_element()
    if element is not None:
        return element
    told: dict[str, Any] = found.json_value()
    where = f"på sidan «{view.title}»"
    match told["state"]:
        case "rows":
            raise SeveralMatches(f"{told['count']} rader {where} har texten {words}.")
        case "several":
            raise SeveralMatches(f"{told['count']} saker vid {words} {where} heter {name}.")
        case "row":
            raise NotSeen(f"Ingen rad {where} har texten {words}.")
        case _:
            raise NotSeen(f"Vid {words} {where} finns inget som heter {name}; där finns {', '.join(told['seen'])}.")
