"""The map's ground: what lies inside the municipality, who looks after the road at a place, and what is near it.

Places are metres north and east in SWEREF 99 TM, as the map reads them out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from robots.practice.names import MUNICIPALITY, QUARTERS, ROAD_OWNERS, STREETS
from robots.practice.town.model import Property, Town

NORTHING, EASTING = 6581000, 512000  # the square of Tallinge
WEST, EAST, SOUTH, NORTH = -2100, 2900, -1350, 2150  # the municipality, in metres from the square
OWN_ROADS = f"{MUNICIPALITY} kommun"
ROADSIDE = 150  # metres from the nearest property within which its road owner is known


@dataclass(frozen=True)
class Place:
    n: int
    e: int

    def metres_to(self, other: Place) -> float:
        return math.hypot(self.n - other.n, self.e - other.e)

    @property
    def inside(self) -> bool:
        x, y = self.e - EASTING, self.n - NORTHING
        return WEST <= x <= EAST and SOUTH <= y <= NORTH


def place_of(home: Property) -> Place:
    return Place(round(NORTHING + home.y), round(EASTING + home.x))


def road_owner(town: Town, place: Place) -> str:
    nearest = min(town.properties.values(), key=lambda p: place_of(p).metres_to(place))
    return nearest.road_owner if place_of(nearest).metres_to(place) <= ROADSIDE else OWN_ROADS


def drawn() -> dict[str, Any]:
    """What the map shows: the border, and the quarters with their streets."""
    quarters = []
    for number, (name, _) in enumerate(QUARTERS):
        x, y = (number % 5 - 2) * 900 - 50, (number // 5 - 1) * 1000 - 50
        owner = ROAD_OWNERS.get(name, OWN_ROADS)
        quarters.append({"namn": name.capitalize(), "gata": STREETS[number], "x": x, "y": y, "b": 860, "h": 900,
                         "egen": owner == OWN_ROADS})  # fmt: skip
    return {"grans": [WEST, SOUTH, EAST, NORTH], "n": NORTHING, "e": EASTING, "kvarter": quarters}
