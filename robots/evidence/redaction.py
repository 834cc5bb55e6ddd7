"""Take personal data out of text before it is written anywhere.

A log redacts without the checksum: a mistyped personal number is personal data too. Dashes of every kind, spaces and
line breaks within a number are evened out first, or nothing would be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_DASH = r"[-‐‑‒–—−+_]"
_GAP = rf"\s?{_DASH}?\s?"
PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(?:(?:18|19|20)\d\d|\d\d){_GAP}(?:0[1-9]|1[0-2]){_GAP}(?:[06][1-9]|[1278]\d|[39][01]){_GAP}\d{{4}}(?!\d)"
)
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<!\d)(?:\+46\s?|0)7\d(?:[\s-]?\d){7}(?!\d)")
# The same patterns in the words of JavaScript, for the sweep over a page before a picture is taken.
PAGE_PATTERNS = [
    r"(^|\D)((18|19|20)?\d\d(0[1-9]|1[0-2])([06][1-9]|[1278]\d|[39][01])[-+–—‑ ]?\d{4})(?!\d)",
    r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
    r"(^|\D)((\+46 ?|0)7\d([ -]?\d){7})(?!\d)",
]


def redact(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with personal numbers, e-mail addresses, mobile numbers and the ``known`` values covered."""
    for value in sorted(known, key=len, reverse=True):
        if len(value) > 2:
            text = text.replace(value, "▮▮▮")
    text = PERSONAL_NUMBER.sub("[personnummer]", text)
    text = E_MAIL.sub("[e-post]", text)
    return PHONE.sub("[telefon]", text)


def one_line(text: str) -> str:
    """Text from outside as one line: no line breaks, no control characters that a terminal would obey."""
    return re.sub(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+", " ", text)
