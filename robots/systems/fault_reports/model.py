"""What Felanmälan tells of a place and of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

PHOTO_TYPES = ("image/jpeg", "image/png")
LARGEST_PHOTO = 5_000_000  # bytes
MOST_PHOTOS = 3


class Category(NamedTuple):
    """A kind of fault, as the system's tree has it: the branch and the leaf on it."""

    group: str
    leaf: str


@dataclass(frozen=True)
class Place:
    """Metres in SWEREF 99 TM, as the map reads them out."""

    north: int
    east: int


@dataclass(frozen=True)
class Nearby:
    """A report that is not finished, within 50 m and 14 days. ``metres`` is how far off it is."""

    number: str
    category: str
    status: str
    metres: int
    made: date


@dataclass(frozen=True)
class Surroundings:
    """``place`` is where the pin stands; ``own_road``: the municipality itself is ``road_owner`` (väghållare)."""

    place: Place
    road_owner: str
    own_road: bool
    nearby: tuple[Nearby, ...]


@dataclass(frozen=True)
class Report:
    """A report as its card shows it. ``open_at`` is the colleague who works in it right now, or ""."""

    number: str
    status: str
    category: Category
    place: Place
    description: str
    pictures: tuple[str, ...]
    duty_told: str
    reference: str
    made: date
    open_at: str
