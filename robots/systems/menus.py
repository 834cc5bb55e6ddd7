"""Menus by their words: those of the right mouse button, those that fold, and those that open when pointed at."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import ElementHandle, Locator

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches
from robots.one_trip import ask
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, View

_MENUS = "[role=menu],[role=menubar],menu,nav"
# A sub-menu that opens when pointed at does so within this time; one that has not is clicked on, once.
_HOVER_SECONDS = 0.4


def context_menu(view: View, thing: Locator, *path: str, menu: str = _MENUS) -> None:
    """Click on ``thing`` with the right button and choose the entry with these words in the menu that comes.

    More than one word is a way through sub-menus. ``menu`` is the CSS selector of the menus' boxes, where they have no
    role. Raises as ``pick``, and as ``View.click``.
    """
    try:
        thing.click(button="right", timeout=view.timeout * 1000)
    except PlaywrightError as error:
        raise view.not_the_one(thing, error) from error
    pick(view, *path, menu=menu)


def pick(view: View, *path: str, menu: str = _MENUS) -> None:
    """Choose the entry at the end of a way of captions, in menus that may be folded or open when pointed at.

    Whatever is open already is left open; the last entry is clicked once. Raises ``NotSeen`` when a caption does not
    come, ``SeveralMatches`` when two entries have the same words, and ``PageNotRecognised`` when an entry cannot be
    chosen now: a page takes a click on such an entry without a word.
    """
    for place, words in enumerate(path[:-1]):
        if _entry(view, path[place + 1], menu, 0) is not None:
            continue
        caption = _demand_entry(view, words, menu)
        caption.hover(timeout=view.timeout * 1000)
        if _entry(view, path[place + 1], menu, _HOVER_SECONDS) is None:
            caption.click(timeout=view.timeout * 1000)
    try:
        _demand_entry(view, path[-1], menu).click(timeout=view.timeout * 1000)
    except PlaywrightError as error:
        raise NotSeen(f"{path[-1]} i menyn på sidan «{view.title}» försvann innan det gick att välja.") from error


def _demand_entry(view: View, words: str, menu: str) -> ElementHandle:
    found = _entry(view, words, menu, view.timeout)
    if found is None:
        told = ask(view.frame, in_page("menu"), [words, menu, 0, True])
        seen = ", ".join(told["seen"]) or "ingen meny"
        raise NotSeen(f"{words} syntes inte i menyn på sidan «{view.title}»; där finns {seen}.")
    return found


def _entry(view: View, words: str, menu: str, seconds: float) -> ElementHandle | None:
    """The entry that can be chosen; None where there is none with these words."""
    found = view.frame.evaluate_handle(in_page("menu"), [words, menu, seconds * 1000, False])
    element = found.as_element()
    if element is not None:
        return element
    told: dict[str, Any] = found.json_value()
    match told["state"]:
        case "several":
            raise SeveralMatches(f"{told['count']} val i menyn på sidan «{view.title}» heter {words}.")
        case "closed":
            raise PageNotRecognised(f"{words} i menyn på sidan «{view.title}» går inte att välja nu.")
        case _:
            return None
