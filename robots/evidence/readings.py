"""Every text that some bytes may be: as they are, and as what they may hold in another writing.

What is looked for in them is looked for in one form: letters and digits alone, in small letters.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress

_NOT_WORD = re.compile(r"[\W_]+")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]{4}){4,}[A-Za-z0-9+/_=-]{0,4}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){7,}")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\[nrt]")
_PACKED = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_DEEPEST = 3
# What is shorter cannot be told from other text.
SHORTEST = 7


def bare(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def readings(content: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text that the bytes may be."""
    yield from _as_text("plain", content)
    if b"\0" in content:
        yield "utf-16", content.replace(b"\0", b"").decode("latin-1")
    if depth == _DEEPEST:
        return
    for name, inner in _within(content):
        for deeper, text in readings(inner, depth + 1):
            yield f"{name}, {deeper}", text


def _as_text(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    text = content.decode("utf-8", "replace")
    yield name, text
    if b"\xff" in content or "\ufffd" in text:
        yield "latin-1", content.decode("latin-1")
    if "%" in text:
        decoded = _PERCENT.sub(lambda hit: bytes([int(hit[1], 16)]), content).decode("utf-8", "replace")
        yield "web address", decoded
    if "&" in text:
        yield "html", html.unescape(text)
    if "\\" in text:
        yield "json", _ESCAPED.sub(lambda hit: chr(int(hit[1] or hit[2], 16)) if hit[1] or hit[2] else " ", text)


def _within(content: bytes) -> Iterator[tuple[str, bytes]]:
    for run in _BASE64.finditer(content):
        told = run[0].translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        for shift in range(4):
            part = told[shift:]
            with suppress(ValueError):
                yield "base64", base64.b64decode(part[: len(part) // 4 * 4 + (len(part) % 4 > 1) * (len(part) % 4)]
                                                 + b"=" * (-len(part) % 4 if len(part) % 4 > 1 else 0))  # fmt: skip
    for run in _HEX.finditer(content):
        yield "hex", bytes.fromhex(run[0].decode())
    if content.startswith(b"PK\x03\x04"):
        with suppress(zipfile.BadZipFile, OSError, RuntimeError), zipfile.ZipFile(io.BytesIO(content)) as packed:
            for each in packed.namelist():
                yield f"zip {each}", packed.read(each)
    if content.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield "gzip", gzip.decompress(content)
    if content.startswith(b"%PDF"):
        for stream in _PACKED.finditer(content):
            with suppress(zlib.error):
                yield "pdf", zlib.decompress(stream[1])
    for magic, unpack in ((b"BZh", bz2.decompress), (b"\xfd7zXZ", lzma.decompress)):
        if content.startswith(magic):
            with suppress(OSError, EOFError, ValueError, lzma.LZMAError):
                yield "packed", unpack(content)
