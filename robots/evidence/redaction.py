"""Take personal data out of text before it is written anywhere.

A log redacts without the checksum: a mistyped personal number is personal data too. Dashes of every kind, spaces and
line breaks within a number are allowed for, or nothing would be found, and so is what an address on the web, HTML and
JSON write in their place.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from urllib.parse import quote, quote_plus
from weakref import WeakSet

from stdnum import luhn

from robots.errors import COVERED

_SPACE = r"[\s\u00ad\u200b-\u200d\u2060]"
# As they are, in a web address, in HTML, and in JSON.
_DASH = (
    r"(?:[-\u2010-\u2015\u2212\ufe63\uff0d+_]|%2[BbDd]|%20|%E2%80%9[0-5]|&(?:#45|#8208|#8209|#8211|#8212|ndash|mdash|minus|nbsp);"
    r"|\\u20(?:1[0-5]|[01][0-9a-f])|\\[nt])"
)
_GAP = rf"{_SPACE}{{0,12}}{_DASH}{{0,2}}{_SPACE}{{0,12}}"
# A digit before it is another number's, unless it ends a sign of a web address (%20).
_FIRST = r"(?:(?<!\d)|(?<=%[0-9A-Fa-f]\d))"
PERSONAL_NUMBER = re.compile(
    rf"{_FIRST}(?:(?:18|19|20)\d\d|\d\d){_GAP}(?:0[1-9]|1[0-2]){_GAP}(?:[06][1-9]|[1278]\d|[39][01]){_GAP}\d{{4}}(?!\d)"
)
E_MAIL = re.compile(r"[\w.+åäöéüÅÄÖÉÜ-]{1,64}(?:@|%40|&#64;)[\wåäöéüÅÄÖÉÜ-]+(?:\.[\wåäöéüÅÄÖÉÜ-]+)+")
_BETWEEN = r"(?:[\s.\u2010-\u2015/-]|%20|\+|&nbsp;){0,2}"
_ABROAD = rf"(?:\+|%2[Bb]|00)46{_BETWEEN}(?:\(0\){_BETWEEN})?"
# A fixed line has its dash, or spaces between its groups: digits in a row may be any number.
PHONE = re.compile(
    rf"{_FIRST}(?<!\d-)(?:(?:{_ABROAD}|0)7\d(?:{_BETWEEN}\d){{7}}|{_ABROAD}[1-9](?:{_BETWEEN}\d){{6,8}}"
    r"|(?=0(?:[\s\u2010-\u2015/-]{0,3}\d){7})0[1-9]\d{0,2}"
    r"(?:\s?[\u2010-\u2015/-]\s?(?:\d{5,8}|\d{2,4}(?:\s\d{2,3}){1,3})|\s\d{2,4}(?:\s\d{2,3}){1,3}))(?!\d)"
)
# The sweep over a page before a picture is taken looks for the very same: the patterns read alike in JavaScript.
PAGE_PATTERNS = [PERSONAL_NUMBER.pattern, E_MAIL.pattern, PHONE.pattern]
# Digits among hexadecimal letters (the digest of a file, a mark) look personal once in some hundred, and are not.
_NUMBERS = re.compile(
    r"(?P<plain>\bR-[0-9a-f]{12}\b|\b(?=[0-9a-f]*[a-f])[0-9a-f]{32,64}\b)"
    rf"|(?P<personnummer>{PERSONAL_NUMBER.pattern})|(?P<telefon>{PHONE.pattern})"
)
_WORDS = {"personnummer": "[personnummer]", "telefon": "[telefon]"}
# From one day to another of the same year: 20261101-1115.
_DAYS = re.compile(r"(20\d\d)(\d\d)(\d\d)[-\u2013](\d\d)(\d\d)")
_LATEST_YEARS = 5
# What stands in every writing but the plain one: of a web address, of HTML, of JSON, of letters in two parts.
_OTHER_WRITING = re.compile(r"[%&+\\\u0300-\u036f]")
_SOME_NUMBER = re.compile(r"\d\d")


def redact(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with personal numbers, e-mail addresses, telephone numbers and the ``known`` values covered.

    A known value is found in capitals too, where its words stand on two lines, and as a web address, HTML or JSON
    writes it.
    """
    text = cover(text, known)
    if "@" in text or "%40" in text or "&#64;" in text:
        text = E_MAIL.sub("[e-post]", text)
    return _NUMBERS.sub(_covered, text) if _SOME_NUMBER.search(text) else text


def cover(text: str, known: Iterable[str]) -> str:
    """``text`` with the ``known`` values alone covered, as ``redact`` finds them."""
    if not known:
        return text
    plain, in_any_writing = _finding(frozenset(known))
    return (in_any_writing if _OTHER_WRITING.search(text) else plain).sub(COVERED, text)


def _covered(hit: re.Match[str]) -> str:
    if hit["plain"] or (hit["personnummer"] and _are_days(hit[0])):
        return hit[0]
    return _WORDS[str(hit.lastgroup)]


def _are_days(text: str) -> bool:
    """Whether this is the first and the last day of a stretch of late years, and cannot be a number that is right."""
    if not (told := _DAYS.fullmatch(text)):
        return False
    year, *days = map(int, told.groups())
    try:
        first, last = date(year, days[0], days[1]), date(year, days[2], days[3])
    except ValueError:
        return False
    today = date.today().year
    return abs(today - year) <= _LATEST_YEARS and first <= last and not luhn.is_valid(re.sub(r"\D", "", text)[2:])


class Known:
    """Values met on the way that no pattern finds: ``personal`` ones, and ``secrets``, which no page is told either."""

    def __init__(self) -> None:
        self.personal: frozenset[str] = frozenset()
        self.secrets: frozenset[str] = frozenset()
        _of_all_runs_here.add(self)

    def add(self, values: Iterable[str]) -> None:
        """An address is known by its street as well: other systems, and the citizens, leave out what follows."""
        self.personal |= {way.strip() for value in values for way in (value, value.partition(",")[0])} - {""}

    def add_secrets(self, values: Iterable[str]) -> None:
        self.secrets |= {value for value in values if value}

    @property
    def all(self) -> frozenset[str]:
        return self.personal | self.secrets if self.secrets else self.personal


_of_all_runs_here: WeakSet[Known] = WeakSet()


def known_here() -> frozenset[str]:
    """What the runs here know of, for whoever writes without knowing the run: its log."""
    return frozenset().union(*(known.all for known in list(_of_all_runs_here)))


@lru_cache(maxsize=64)
def _finding(known: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds any of the values, the longest first: as they are, and as they are written within other text too.

    Those in one go: a first name that is covered as it is would leave the rest of a whole name in another writing.
    """
    values = [unicodedata.normalize("NFC", value) for value in sorted(known, key=len, reverse=True)]
    values = [value for value in values if len(value.strip()) > 2]
    plain = {value: r"\s+".join(map(re.escape, value.split())) for value in values}
    in_any_writing = dict.fromkeys(way for value in values for way in (plain[value], *map(re.escape, _within(value))))
    return _any_of(plain.values()), _any_of(in_any_writing)


def _any_of(ways: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(ways) or r"(?!)", re.IGNORECASE)


def _within(value: str) -> tuple[str, ...]:
    return (
        quote(value), quote(value, safe=""), quote_plus(value), html.escape(value), json.dumps(value)[1:-1],
        value.encode("ascii", "xmlcharrefreplace").decode(), unicodedata.normalize("NFD", value),
    )  # fmt: skip


def one_line(text: str) -> str:
    """Text from outside as one line: no line breaks, no control characters that a terminal would obey."""
    return re.sub(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+", " ", text)
