"""Next year's release of a system, for whoever asks for it: ``?release=2`` on any of its pages.

A browser is in the second release of a system until it asks for ``?release=1``; a cookie of the system's own path says
so. The control action ``release`` gives it to everybody, as a supplier does overnight. All ids and classes are then
called something else, in pages, scripts and style sheets alike, by one rule and not by hand: so a page's own script
still finds what it looks for, and a robot that leaned on an id does not.

What a new release moves and demands is written in the templates, which get ``release``; what it only calls otherwise is
declared in ``PracticeSystem.reworded``.

The rule sees names where they stand as they are: in the attributes ``class``, ``id`` and those that point at ids, in
selectors, in ``getElementById``, ``classList`` and ``className``. A script's own function that is given names is
declared in ``PracticeSystem.calls_with_names``; an attribute of its own that holds ids, in ``names_in_attributes``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

FIRST, SECOND = 1, 2
PREFIX = "n-"
STATIC = "/static/"
SECOND_STATIC = (
    "/static/2/"  # addresses of their own, so that no browser takes the first release's files out of its cache
)

# The release that the request at hand is answered in; the server sets it before the system is asked.
release_of_this_request: ContextVar[int] = ContextVar("release_of_this_request", default=FIRST)

_ATTRIBUTES = ("class", "id", "for", "list", "headers", "form", "aria-labelledby", "aria-describedby", "aria-controls",
               "aria-owns", "aria-activedescendant", "aria-details", "aria-errormessage")  # fmt: skip
_CALLS = ("getElementById", "getElementsByClassName", "classList.add", "classList.remove", "classList.toggle",
          "classList.contains", "classList.replace")  # fmt: skip
_SELECTS = ("querySelector", "querySelectorAll", "closest", "matches")
_STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
_NAME = r"[A-Za-zÅÄÖåäö_][\wÅÄÖåäö-]*"
_IN_SELECTOR = re.compile(rf"\[[^\]]*\]?|([.#])({_NAME})")
_PRELUDE = re.compile(r"""(/\*.*?\*/)|([^{};/]+(?:/(?!\*)[^{};/]*)*)(?=\{)""", re.DOTALL)
_BEGINNING = re.compile(r"[A-Za-zÅÄÖåäö_]")
# The number of a record, such as H-000123, belongs to the record and not to the page.
_RECORD = re.compile(r"[A-ZÅÄÖ]+-?\d[\d-]*")


def renamed(name: str) -> str:
    """What the second release calls an id or a class."""
    return PREFIX + name if _BEGINNING.match(name) and not _RECORD.fullmatch(name) else name


def asked_for(query: bytes, cookies: str, key: str, everybodys: int = FIRST) -> tuple[int, bool]:
    """The release of a request to the system ``key``, and whether it was asked for just now."""
    told = parse_qs(query.decode("latin-1")).get("release", [""])[-1]
    if told in ("1", "2"):
        return int(told), True
    kept = SimpleCookie(cookies).get(cookie_name(key))
    return (SECOND if kept and kept.value == str(SECOND) else everybodys), False


def cookie_name(key: str) -> str:
    return f"{key}_release"


def cookie(key: str, path: str, release: int) -> str:
    """The header that keeps a browser in the second release, or lets it out of it."""
    kept = f"{cookie_name(key)}={release}; Path={path}; SameSite=lax"
    return kept if release == SECOND else f"{kept}; Max-Age=0"


@dataclass(frozen=True)
class Skin:
    """How one system's second release differs by rule. ``path`` is the system's own."""

    path: str
    reworded: Mapping[str, str]
    names_in_attributes: Collection[str] = ()
    calls_with_names: Collection[str] = ()

    def change(self, text: str, content_type: str) -> str:
        """A page, a script or a style sheet as the second release has it; anything else as it is."""
        if "html" in content_type:
            return self._page(text)
        if "javascript" in content_type:
            return self._script(text)
        return _style(text) if "css" in content_type else text

    def _page(self, text: str) -> str:
        text = re.sub(r"(<style[^>]*>)(.*?)(</style>)", lambda m: m[1] + _style(m[2]) + m[3], text, flags=re.DOTALL)
        text = self._script(text)
        text = re.sub(r"""((?:xlink:)?href=["']#)([^"'\s]+)""", lambda m: m[1] + renamed(m[2]), text)
        text = re.sub(rf"(url\(#)({_NAME})", lambda m: m[1] + renamed(m[2]), text)
        text = text.replace(self.path + STATIC, self.path + SECOND_STATIC)
        for old, new in self.reworded.items():
            text = re.sub(rf"(>\s*){re.escape(old)}(?=\s*[:*]?\s*<)", rf"\g<1>{new}", text)
        return text

    def _script(self, text: str) -> str:
        attributes = "|".join(map(re.escape, (*_ATTRIBUTES, *self.names_in_attributes)))
        text = re.sub(rf"""(?<=[\s"'`])((?:{attributes})=)(["'])([^"'<>]*)(\2)""", _attribute, text)
        calls = "|".join(map(re.escape, (*_CALLS, *self.calls_with_names)))
        text = _in_arguments(text, rf"\b(?:{calls})\(", _words)
        text = _in_arguments(text, rf"\.(?:{'|'.join(_SELECTS)})\(", _selector)
        text = re.sub(r"(\.(?:className|htmlFor|id)\s*(?:=|[!=]==)\s*)([^;\n]*)",
                      lambda m: m[1] + re.sub(_STRING, lambda s: _words(s[0]), m[2]), text)  # fmt: skip
        settable = "|".join(map(re.escape, _ATTRIBUTES))
        return re.sub(rf"""(setAttribute\(\s*["'](?:{settable})["']\s*,\s*)({_STRING})""",
                      lambda m: m[1] + _words(m[2]), text)  # fmt: skip


def _attribute(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{' '.join(map(renamed, found[3].split(' ')))}{found[4]}"


def _in_arguments(text: str, call: str, change: Callable[[str], str]) -> str:
    """``text`` with the strings changed that stand within the brackets of each ``call``."""
    pieces, place = [], 0
    for begun in re.finditer(call, text):
        if begun.start() < place:
            continue
        end = _end_of_arguments(text, begun.end())
        inside = re.sub(_STRING, lambda s: change(s[0]), text[begun.end() : end])
        pieces += [text[place : begun.end()], inside]
        place = end
    return "".join(pieces) + text[place:]


def _end_of_arguments(text: str, place: int) -> int:
    depth = 1
    for token in re.finditer(rf"{_STRING}|[()]", text[place:]):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if not depth:
            return place + token.start()
    return place


def _words(string: str) -> str:
    """A string in its quotes whose words are names. What is joined to something else begins with a whole word."""
    return string[0] + " ".join(map(renamed, string[1:-1].split(" "))) + string[-1]


def _selector(string: str) -> str:
    return _IN_SELECTOR.sub(lambda m: m[1] + renamed(m[2]) if m[1] else m[0], string)


def _style(text: str) -> str:
    return _PRELUDE.sub(lambda m: m[1] or _selector(m[2]), text)
