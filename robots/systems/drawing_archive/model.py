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

    def __add__(self, other: Holdings) -> Holdings:
        """What is held under two designations of the same property, each drawing once."""
        numbers = {drawing.number for drawing in self.drawings}
        more = tuple(drawing for drawing in other.drawings if drawing.number not in numbers)
        return Holdings(
            self.designation, self.known or other.known, self.guarded or other.guarded, self.drawings + more
        )
