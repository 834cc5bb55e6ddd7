"""What is asked of a page in one trip: functions that run in it, with the words that all of them share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def in_page(name: str) -> str:
    """The in-page function ``name``."""
    words = (_FOLDER / "words.js").read_text("utf-8")
    return (_FOLDER / f"{name}.js").read_text("utf-8").replace("/*words*/", words)
