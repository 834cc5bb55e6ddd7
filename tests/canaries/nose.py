"""Finds canaries in bytes, however they are written there.

Both are brought to one form: the bytes are read as they are and as what they may hold in another writing (UTF-16, a web
address, HTML, JSON, base64, something packed), and of each reading only letters and digits are left, in small letters.
"""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import subprocess
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from urllib.parse import quote, quote_plus

from robots.evidence.readings import SHORTEST, bare, readings
from tests.canaries.birds import Canary

LARGE = 40_000


@dataclass(frozen=True)
class Found:
    """A canary, and the reading in which it was found."""

    canary: Canary
    reading: str


class Nose:
    """Knows the canaries. Those that are too short to be told from other text are not looked for."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._forms: dict[str, list[Canary]] = defaultdict(list)
        self.known: list[Canary] = []
        for canary in dict.fromkeys(canaries):
            forms = {form for form in _forms(canary) if len(form) >= SHORTEST}
            if forms:
                self.known.append(canary)
            for form in forms:
                self._forms[form].append(canary)
        self._list = "\n".join(self._forms).encode()

    def smell(self, content: bytes) -> set[Found]:
        return {found for name, text in readings(content) for found in self._in(bare(text), name)}

    def squint(self, content: bytes) -> set[Found]:
        """As ``smell``, of what has been read off a picture: one sign in five may be another, missing or too many."""
        text = bare(content.decode())
        parts = _parts(text)
        return self.smell(content) | {
            Found(canary, "picture")
            for form, whose in self._forms.items()
            if 2 * len(_parts(form) & parts) > len(form) - 2 and _errors(form, text) * 5 <= len(form)
            if form.rstrip("0123456789") == form or _has_number(form, text)
            for canary in whose
        }

    def _in(self, text: str, reading: str) -> Iterator[Found]:
        hits = [f for f in self._forms if f in text] if len(text) < LARGE else self._by_grep(text)
        for form in hits:
            for canary in self._forms[form]:
                yield Found(canary, reading)

    def _by_grep(self, text: str) -> list[str]:
        """As many at a time as it takes; the strings go in by a file, since everybody may read a command line."""
        with NamedTemporaryFile() as list_of_forms:
            list_of_forms.write(self._list)
            list_of_forms.flush()
            line = ["grep", "-a", "-F", "-o", "-f", list_of_forms.name]
            told = subprocess.run(line, input=text.encode("utf-8", "replace"), capture_output=True, check=False,
                                  env={"LC_ALL": "C"})  # fmt: skip
        if told.returncode > 1:
            raise RuntimeError(told.stderr.decode())
        longest = {hit.decode() for hit in told.stdout.splitlines()}
        return [form for form in self._forms if any(form in hit for hit in longest)]


def _parts(text: str) -> set[str]:
    return {text[n : n + 3] for n in range(len(text) - 2)}


def _has_number(form: str, text: str) -> bool:
    """Whether a street's number follows letters that may be its name: its neighbours differ in nothing else."""
    name = form.rstrip("0123456789abcdefgh")
    if len(name) < 3 or not name.isalpha():
        return True  # no address
    return any(
        _errors(name, text[max(0, hit.start() - len(name) - 2) : hit.start()]) * 5 <= len(name)
        for hit in re.finditer(rf"{re.escape(form[len(name) :])}(?!\d)", text)
    )


def _errors(form: str, text: str) -> int:
    """In how many signs the nearest part of the text differs from the form (Sellers)."""
    above = [0] * (len(text) + 1)
    for row, wanted in enumerate(form, 1):
        now = [row]
        for n, sign in enumerate(text):
            now.append(min(above[n] + (sign != wanted), above[n + 1] + 1, now[n] + 1))
        above = now
    return min(above)


def _forms(canary: Canary) -> set[str]:
    told = bare(canary.value)
    if canary.kind == "personal number":
        return {told, told[2:]}
    if canary.kind == "telephone" and told.startswith("0"):
        return {told, "46" + told[1:]}
    return {told}


# -- for the controls: the same value as it may be written ---------------------------------------------------------

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
WRITINGS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda v: v.encode(),
    "latin-1": lambda v: v.encode("latin-1", "replace"),
    "capitals": lambda v: v.upper().encode(),
    "web address": lambda v: quote(v, safe="").encode(),
    "web form": lambda v: quote_plus(v).encode(),
    "every sign in a web address": lambda v: "".join(f"%{b:02X}" for b in v.encode()).encode(),
    "base64": lambda v: base64.b64encode(b"anyone: " + v.encode()),
    "base64 of one more": lambda v: base64.b64encode(b"anyone:: " + v.encode()),
    "base64 of two more": lambda v: base64.b64encode(b"anyone::: " + v.encode()),
    "base64 for addresses": lambda v: base64.urlsafe_b64encode(b"user " + v.encode()),
    "hexadecimal": lambda v: v.encode().hex().encode(),
    "UTF-16 little": lambda v: v.encode("utf-16-le"),
    "UTF-16 big": lambda v: v.encode("utf-16-be"),
    "html": lambda v: "".join(f"&#{ord(c)};" for c in v).encode(),
    "html of odd letters": lambda v: v.encode("ascii", "xmlcharrefreplace"),
    "json": lambda v: json.dumps(v).encode(),
    "json of every letter": lambda v: "".join(f"\\u{ord(c):04x}" for c in v).encode(),
    **{f"dash {ord(d):04x}": lambda v, d=d: v.replace("-", d).encode() for d in _DASHES},  # type: ignore[misc]
    "line break": lambda v: (v[: len(v) // 2] + "\n   " + v[len(v) // 2 :]).encode(),
    "spaces": lambda v: " ".join(v).encode(),
    "decomposed": lambda v: unicodedata.normalize("NFD", v).encode(),
    "gzip": lambda v: gzip.compress(v.encode()),
}


def zipped(value: str) -> bytes:
    """As a workbook holds it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", f"<si><t>{html.escape(value)}</t></si>")
    return made.getvalue()
