"""What the archive tells of a property."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Drawing:
    """``secret``: not given out without an examination of secrecy. ``address`` is empty then."""

    number: str
    title: str
    kind: str
    year: int
    secret: bool
    address: str


@dataclass(frozen=True)
class Holdings:
    """All drawings under one designation. ``guarded`` is what kind of guarded object it is ("Skola"), or ""."""

    designation: str
    known: bool
    guarded: str
    drawings: tuple[Drawing, ...]
