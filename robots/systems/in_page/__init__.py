"""What is asked of a page in one trip: functions that run in it, with the words that all of them share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def in_page(name: str) -> str:
    """The in-page function ``name``, without its comments: its text goes to the page on every trip."""
    words = (_FOLDER / "words.js").read_text("utf-8")
    text = (_FOLDER / f"{name}.js").read_text("utf-8").replace("/*words*/", words)
    text = text.replace("/*protection*/", (_FOLDER / "protection.js").read_text("utf-8"))
    return "\n".join(line for line in map(str.strip, text.splitlines()) if not line.startswith("//"))
