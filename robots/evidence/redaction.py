"""Take personal data out of text before it is written anywhere.

A log redacts without the checksum: a mistyped personal number is personal data too. Dashes of every kind, spaces and
line breaks within a number are allowed for, or nothing would be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_DASH = r"[-‐‑‒–—−+_]"
_GAP = rf"\s?{_DASH}?\s?"
PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(?:(?:18|19|20)\d\d|\d\d){_GAP}(?:0[1-9]|1[0-2]){_GAP}(?:[06][1-9]|[1278]\d|[39][01]){_GAP}\d{{4}}(?!\d)"
)
E_MAIL = re.compile(r"[\w.+åäöéüÅÄÖÉÜ-]+@[\wåäöéüÅÄÖÉÜ-]+(?:\.[\wåäöéüÅÄÖÉÜ-]+)+")
PHONE = re.compile(r"(?<!\d)(?:\+46\s?|0)7\d(?:[\s-]?\d){7}(?!\d)")
# The sweep over a page before a picture is taken looks for the very same: the patterns read alike in JavaScript.
PAGE_PATTERNS = [PERSONAL_NUMBER.pattern, E_MAIL.pattern, PHONE.pattern]
# Digits among hexadecimal letters (the digest of a file, a mark) look personal once in some hundred, and are not.
_COVERED = re.compile(
    r"(?P<plain>\bR-[0-9a-f]{12}\b|\b(?=[0-9a-f]*[a-f])[0-9a-f]{32,64}\b)"
    rf"|(?P<personnummer>{PERSONAL_NUMBER.pattern})|(?P<epost>{E_MAIL.pattern})|(?P<telefon>{PHONE.pattern})"
)
_WORDS = {"personnummer": "[personnummer]", "epost": "[e-post]", "telefon": "[telefon]"}


def redact(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with personal numbers, e-mail addresses, mobile numbers and the ``known`` values covered.

    A known value is found in capitals too, and where its words stand on two lines.
    """
    for value in sorted(known, key=len, reverse=True):
        if len(value.strip()) > 2:
            text = re.sub(r"\s+".join(map(re.escape, value.split())), "▮▮▮", text, flags=re.IGNORECASE)
    return _COVERED.sub(lambda hit: hit["plain"] or _WORDS[str(hit.lastgroup)], text)


def one_line(text: str) -> str:
    """Text from outside as one line: no line breaks, no control characters that a terminal would obey."""
    return re.sub(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+", " ", text)
