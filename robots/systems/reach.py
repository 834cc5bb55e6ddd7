"""What must be brought into sight first: a branch of a tree that is fetched when it is opened, a thing further down."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import ElementHandle, Locator

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, View


def scroll_to(view: View, thing: Locator) -> None:
    """Roll the page, and every box that the thing lies in, until it is in view: pages fetch more when rolled to.

    Raises as ``View.click``. For lists that hold only what is in view, see ``VirtualList.find``.
    """
    try:
        thing.scroll_into_view_if_needed(timeout=view.timeout * 1000)
    except PlaywrightError as error:
        raise view.not_the_one(thing, error) from error


def expand(view: View, *path: str, css: str = "[role=tree]") -> Locator:
    """Open a tree branch by branch along the captions, and give the caption at the end of the way, to be clicked.

    Each caption is looked for among the children of the one before it only: trees have many branches called «Övrigt».
    A branch that is open is left open; children that are fetched when their branch is opened are waited for. ``css``
    is the tree's box, where it has no role. Raises ``NotSeen`` when a caption does not come, with those that do, and
    ``SeveralMatches`` when two of the same branch's children have it.
    """
    for place in range(1, len(path)):
        branch = list(path[:place])
        told = _ask(view, css, branch, "opener")
        if isinstance(told, ElementHandle):
            told.click(timeout=view.timeout * 1000)
        told = _ask(view, css, branch, "opened")
        if told["state"] != "open":
            raise NotSeen(f"Grenen {' › '.join(branch)} på sidan «{view.title}» öppnades inte.")
    told = _ask(view, css, list(path), "caption")
    if not isinstance(told, ElementHandle):
        raise PageNotRecognised(f"Trädet på sidan «{view.title}» ändrades medan det öppnades.")
    # By its place and not by its words: these are the words that several branches share.
    return view.frame.locator(css).locator("xpath=.//*").nth(int(told.evaluate(_PLACE, css)))


_PLACE = "(e, css) => [...document.querySelector(css).querySelectorAll('*')].indexOf(e)"


def _ask(view: View, css: str, path: list[str], what: str) -> Any:
    """The element, where there is one to give; else what the tree says."""
    found = view.frame.evaluate_handle(in_page("tree"), [css, path, what, view.timeout * 1000])
    element = found.as_element()
    if element is not None:
        return element
    told: dict[str, Any] = found.json_value()
    match told["state"]:
        case "several":
            raise SeveralMatches(f"{told['count']} grenar i trädet på sidan «{view.title}» heter {told['words']}.")
        case "missing":
            seen = ", ".join(told["seen"]) or "ingenting"
            raise NotSeen(f"{told['words']} syntes inte i trädet på sidan «{view.title}»; där finns {seen}.")
        case _:
            return told
