"""What web applications build themselves: a box that suggests while one types, and cards in the place of tables.

Verbs for any ``View``. Like its own they raise instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import ElementHandle

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches, ValueNotKept
from robots.systems.in_page import in_page
from robots.systems.view import View


@dataclass(frozen=True)
class Suggestions:
    """What a box suggests for a text, and its other words, such as how many more there are."""

    words: tuple[str, ...]
    remark: str


@dataclass(frozen=True)
class Card:
    """A card: its name for a screen reader, its lines as a person reads them, and addresses by the words of links."""

    name: str
    lines: tuple[str, ...]
    links: dict[str, str]


def suggestions(view: View, label: str, text: str, *, absent: str, box: str = "") -> Suggestions:
    """Type ``text`` in the field ``label`` and wait for what the page suggests for exactly that text.

    No suggestions only where the box says ``absent``. A suggestion that does not contain the text belongs to an older
    text and is waited out, as is a box that says that it is busy. ``box`` is the CSS selector of the list, where
    neither the field nor the list says by ARIA that they belong together. Raises ``NotSeen`` when the box stays
    silent or says that something is wrong, ``ValueNotKept`` when the field does not take the text.
    """
    field = _typed(view, label, text)
    told: dict[str, Any] = field.evaluate(in_page("suggested"), [text, absent, box, view.timeout * 1000, None])
    if told["state"] in ("suggests", "nothing"):
        return Suggestions(tuple(told["words"]), told["rest"])
    where = f"Fältet {label} på sidan «{view.title}»"
    if told["state"] == "alert":
        raise NotSeen(f"{where} säger «{told['rest']}» i stället för att föreslå något.")
    shown = f"{len(told['words'])} andra förslag" if told["words"] else f"«{told['rest']}»" if told["rest"] else "inget"
    raise NotSeen(f"{where} visade {shown} inom {view.timeout:g} s, men inget svar på det som skrevs.")


def suggest(
    view: View, label: str, text: str, *, absent: str, choose: str | re.Pattern[str] = "", box: str = ""
) -> str | None:
    """Type ``text`` and pick the one suggestion that says exactly ``choose`` (the text itself, unless told otherwise).

    Returns the words that were picked, or None where the page says ``absent``. What the choice led to is for the
    caller to see: nothing is known yet but that it was clicked. Raises ``NotSeen`` when none of the suggestions is
    the right one (which is no proof that there is none: a list may be cut), ``SeveralMatches`` when two are, and as
    ``suggestions``.
    """
    found = suggestions(view, label, text, absent=absent, box=box)
    if not found.words:
        return None
    wanted = choose if isinstance(choose, re.Pattern) else re.compile(re.escape(choose or text), re.IGNORECASE)
    fitting = [words for words in found.words if wanted.fullmatch(words)]
    where = f"Fältet {label} på sidan «{view.title}»"
    if not fitting:
        raise NotSeen(
            f"{where} har {len(found.words)} förslag, men inget är exakt det som söks. {found.remark}".strip()
        )
    if len(fitting) > 1:
        raise SeveralMatches(f"{where} har {len(fitting)} förslag som alla är det som söks.")
    # The list may have been drawn anew since it was read: the suggestion is found again by its words, not its place.
    told = [text, absent, box, view.timeout * 1000, fitting[0]]
    one = view._control(label, None).evaluate_handle(in_page("suggested"), told).as_element()
    if one is None:
        raise NotSeen(f"{where} ändrade sina förslag medan ett av dem skulle väljas.")
    one.click(timeout=view.timeout * 1000)
    return fitting[0]


def cards(view: View, css: str) -> list[Card]:
    """All cards that are there now, read in one trip. None there is none seen: look for that in words first."""
    return [Card(c["name"], tuple(c["lines"]), c["links"]) for c in view.ask_page(in_page("cards"), css)]


def fact(view: View, pairs: Mapping[str, str | list[str]], caption: str) -> str:
    """The one value beside a caption, of what ``View.pairs`` has read. Never tells the values: they may be personal.

    Raises ``NotSeen`` where the caption is not there, ``SeveralMatches`` where it stands with different values.
    """
    value = pairs.get(caption)
    if value is None:
        raise NotSeen(f"{caption} finns inte på sidan «{view.title}»; där finns {', '.join(pairs)}.")
    if not isinstance(value, str):
        raise SeveralMatches(f"{caption} står {len(value)} gånger med olika uppgifter på sidan «{view.title}».")
    return value


def told(shown: Mapping[str, str], caption: str, pattern: str, *, absent: str) -> str:
    """What stands at a caption (the pattern's group, or all of it), "" where the page says ``absent``.

    Raises ``PageNotRecognised`` for anything else: words that are not known are not understood.
    """
    if shown[caption] == absent:
        return ""
    found = re.fullmatch(pattern, shown[caption])
    if found is None:
        raise PageNotRecognised(f"Sidan visar {caption} «{shown[caption]}», som roboten inte förstår.")
    return found[found.lastindex or 0]


def _typed(view: View, label: str, text: str) -> ElementHandle:
    """The field, with the text in it: at once, since every pause would ask the page about half a text."""
    field, patience = view._control(label, None), view.timeout * 1000
    if field.input_value():
        field.fill("", timeout=patience)  # whatever is suggested for an older text goes away with it
    field.fill(text, timeout=patience)
    field.press("End", timeout=patience)  # for a page that waits for a key to be let go
    if field.input_value() != text:
        field.click(timeout=patience)
        field.press("ControlOrMeta+a")
        field.type(text)
        if field.input_value() != text:
            raise ValueNotKept(f"Fältet {label} på sidan «{view.title}» behöll inte det som skrevs.")
    return field
