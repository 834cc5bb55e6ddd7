"""Letters in editors: paragraphs are written as a person writes them, and nothing is left of what stood there."""

from __future__ import annotations

from typing import Any

from robots.errors import NotSeen, ValueNotKept
from robots.one_trip import ask
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, View


def write_rich(view: View, name: str, text: str) -> None:
    """Write ``text`` in the editor ``name`` in place of all that it holds, and know that it holds exactly that.

    ``name`` is the title of the editor's frame, or the words of an editor in the page itself. Each line of the text is
    a paragraph, an empty line an empty one. It is written by keys, since an editor keeps its own copy of what it was
    told so and sends that. Raises ``NotSeen``, ``SeveralMatches``, or ``ValueNotKept`` when other words, or the bold
    type, links, pictures and tables of what was there, are left.
    """
    editor, where = _editor(view, name), f"Texten {name} på sidan «{view.title}»"
    keyboard = view.frame.page.keyboard
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    try:
        _ask(editor, name, "focus")
        keyboard.press("ControlOrMeta+a")
        keyboard.press("Delete")
        _ask(editor, name, "clear")
        for place, line in enumerate(lines):
            if place:
                keyboard.press("Enter")
            if line:
                keyboard.insert_text(line)
    except PlaywrightError as error:
        raise ValueNotKept(f"{where} gick inte att skriva: {error.message.splitlines()[0]}") from error
    told = _ask(editor, name, "leave")
    if told["lines"] != [" ".join(line.split()) for line in lines]:
        raise ValueNotKept(f"{where} behöll inte det som skrevs.")
    if told["marks"]:
        raise ValueNotKept(f"{where} har något kvar av det som stod där ({', '.join(told['marks'])}).")


def read_rich(view: View, name: str) -> str:
    """The text of the editor ``name``, a line for each paragraph."""
    return "\n".join(_ask(_editor(view, name), name, "read")["lines"])


def _editor(view: View, name: str) -> View:
    """The view that the editor is in: a frame of its own with this title, or the page itself."""
    framed = view.frame.locator(f'iframe[title="{name}"], iframe[name="{name}"]').count()
    return view.inside(name) if framed else view


def _ask(editor: View, name: str, task: str) -> dict[str, Any]:
    told: dict[str, Any] = ask(editor.frame, in_page("rich"), [name, task, editor.timeout * 1000])
    if told["state"] != "there":
        raise NotSeen(f"Texten {name} på sidan «{editor.title}» går inte att skriva i.")
    return told
