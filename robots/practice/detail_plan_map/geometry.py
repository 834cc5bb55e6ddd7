"""The town's properties and plans as shapes in metres.

The town only knows a point for each property. Here every point becomes a parcel in a grid of streets, gently bent so
that it looks surveyed rather than printed. Points that lie in the same cell share it, side by side.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from robots.practice.town import Property, Town

Point = tuple[float, float]
Ring = tuple[Point, ...]
Slot = tuple[float, float, float, float]  # west, south, east, north, as parts of a cell

CELL_WIDTH, CELL_HEIGHT = 95.0, 100.0
LAST_COLUMN = LAST_ROW = 8
STREET_COLUMNS = (0, 5, 9)  # the cell boundaries along which a street runs
STREET_ROWS = (0, 2, 4, 6, 8)
HALF_STREET = 7.5
ISLAND_SCALE = 0.95  # the island's parcels leave room for a shore
BUILDINGS = {
    "villa": (13.0, 9.0),
    "fritidshus": (9.0, 7.0),
    "flerbostadshus": (46.0, 12.0),
    "skola": (52.0, 22.0),
    "bank": (26.0, 20.0),
}  # metres along the street, metres deep


@dataclass(frozen=True)
class Quarter:
    """``west`` and ``south`` is the middle of its first cell."""

    name: str
    west: float
    south: float
    island: bool
    street: str

    @property
    def centre(self) -> Point:
        return self.west + LAST_COLUMN / 2 * CELL_WIDTH, self.south + LAST_ROW / 2 * CELL_HEIGHT

    def corner(self, column: int, row: int) -> Point:
        """The south-west corner of a cell."""
        x, y = self.west + (column - 0.5) * CELL_WIDTH, self.south + (row - 0.5) * CELL_HEIGHT
        if self.island:
            middle_x, middle_y = self.centre
            x, y = middle_x + (x - middle_x) * ISLAND_SCALE, middle_y + (y - middle_y) * ISLAND_SCALE
        return bend(x, y)

    def within(self, column: int, row: int, u: float, v: float) -> Point:
        """A point in a cell, ``u`` of the way east and ``v`` of the way north."""
        (ax, ay), (bx, by) = self.corner(column, row), self.corner(column + 1, row)
        (cx, cy), (dx, dy) = self.corner(column, row + 1), self.corner(column + 1, row + 1)
        south = ax + (bx - ax) * u, ay + (by - ay) * u
        north = cx + (dx - cx) * u, cy + (dy - cy) * u
        return round(south[0] + (north[0] - south[0]) * v, 1), round(south[1] + (north[1] - south[1]) * v, 1)


@dataclass(frozen=True)
class Parcel:
    """One property on the ground. ``ground`` is the parcel with its half of the street, which is what a
    plan covers, walked round in small steps; ``corners`` are the steps at which it turns."""

    home: Property
    ring: Ring
    ground: Ring
    corners: Ring
    buildings: tuple[Ring, ...]

    @property
    def square_metres(self) -> int:
        return round(abs(signed_area(self.ring)))


@dataclass(frozen=True)
class Ground:
    quarters: tuple[Quarter, ...]
    parcels: dict[str, Parcel]
    parks: tuple[Ring, ...]
    plan_borders: dict[str, tuple[Ring, ...]]


def bend(x: float, y: float) -> Point:
    """Where a point of the straight grid lies in the bent one; at most some ten metres away."""
    return x + 9 * math.sin(y / 190 + 0.6) + 3 * math.sin(x / 310), y + 9 * math.sin(x / 230 + 1.9)


def signed_area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def survey(town: Town) -> Ground:
    """Measure the whole town."""
    by_quarter: dict[str, list[Property]] = defaultdict(list)
    for home in town.properties.values():
        by_quarter[home.quarter].append(home)
    quarters, parcels, parks = [], {}, []
    for homes in by_quarter.values():
        quarter, cells = _cells(homes)
        quarters.append(quarter)
        for (column, row), living in cells.items():
            for home, slot in zip(living, _slots(len(living)), strict=True):
                parcels[home.designation] = _parcel(quarter, column, row, slot, home)
        parks += _parks(quarter, set(cells))
    return Ground(tuple(quarters), parcels, tuple(parks), _plan_borders(parcels.values()))


def _cells(homes: list[Property]) -> tuple[Quarter, dict[tuple[int, int], list[Property]]]:
    first = homes[0]
    west, south = min(h.x for h in homes), min(h.y for h in homes)
    cells: dict[tuple[int, int], list[Property]] = defaultdict(list)
    for home in sorted(homes, key=lambda h: (h.x, h.designation)):
        cells[round((home.x - west) / CELL_WIDTH), round((home.y - south) / CELL_HEIGHT)].append(home)
    # The points are shaken, so the grid's own origin is their mean.
    off_x = sum(h.x - c * CELL_WIDTH for (c, _), living in cells.items() for h in living) / len(homes)
    off_y = sum(h.y - r * CELL_HEIGHT for (_, r), living in cells.items() for h in living) / len(homes)
    street = first.street.rpartition(" ")[0]
    return Quarter(first.quarter, round(off_x, 1), round(off_y, 1), first.island, street), cells


def _slots(count: int) -> list[Slot]:
    """Up to three parcels lie side by side, more of them in two rows."""
    rows = [count] if count <= 3 else [math.ceil(count / 2), count // 2]
    return [
        (place / across, level / len(rows), (place + 1) / across, (level + 1) / len(rows))
        for level, across in enumerate(rows)
        for place in range(across)
    ]


def _parcel(quarter: Quarter, column: int, row: int, slot: Slot, home: Property) -> Parcel:
    u0, v0, u1, v1 = slot
    beside, along = HALF_STREET / CELL_WIDTH, HALF_STREET / CELL_HEIGHT
    ring = _box(
        quarter, column, row,
        (u0 + beside * (u0 == 0 and column in STREET_COLUMNS), v0 + along * (v0 == 0 and row in STREET_ROWS),
         u1 - beside * (u1 == 1 and column + 1 in STREET_COLUMNS), v1 - along * (v1 == 1 and row + 1 in STREET_ROWS)),
    )  # fmt: skip
    ground = tuple(quarter.within(column, row, u, v) for u, v in _walk_round(slot))
    return Parcel(home, ring, ground, _box(quarter, column, row, slot), _buildings(quarter, column, row, slot, home))


def _box(quarter: Quarter, column: int, row: int, slot: Slot) -> Ring:
    u0, v0, u1, v1 = slot
    return tuple(quarter.within(column, row, u, v) for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1)))


def _walk_round(slot: Slot) -> list[Point]:
    """A slot's border in small steps, the same for neighbours that divide their cells differently."""
    u0, v0, u1, v1 = slot
    east = [u0 + n / 12 for n in range(round((u1 - u0) * 12))]
    north = [v0 + n / 2 for n in range(round((v1 - v0) * 2))]
    west = [u1 - n / 12 for n in range(round((u1 - u0) * 12))]
    south = [v1 - n / 2 for n in range(round((v1 - v0) * 2))]
    return [(u, v0) for u in east] + [(u1, v) for v in north] + [(u, v1) for u in west] + [(u0, v) for v in south]


def _buildings(quarter: Quarter, column: int, row: int, slot: Slot, home: Property) -> tuple[Ring, ...]:
    dice = random.Random(home.designation)
    u0, v0, u1, v1 = slot
    wide, deep = BUILDINGS[home.kind]
    half_u = min(wide * dice.uniform(0.85, 1.25) / CELL_WIDTH, (u1 - u0) * 0.7) / 2
    half_v = min(deep * dice.uniform(0.9, 1.2) / CELL_HEIGHT, (v1 - v0) * 0.6) / 2
    u = (u0 + u1) / 2 + (u1 - u0) * dice.uniform(-0.08, 0.08)
    v = v0 + (v1 - v0) * dice.uniform(0.42, 0.58)
    houses = [_box(quarter, column, row, (u - half_u, v - half_v, u + half_u, v + half_v))]
    if home.kind == "villa":  # and its garage
        v += (half_v + 0.1) * dice.choice((-1, 1))
        houses.append(_box(quarter, column, row, (u - 0.03, v - 0.02, u + 0.03, v + 0.02)))
    if home.kind == "skola":  # and its gymnasium
        houses.append(_box(quarter, column, row, (u - half_u, v + half_v, u - half_u / 3, v + half_v + 0.2)))
    return tuple(houses)


def _parks(quarter: Quarter, taken: set[tuple[int, int]]) -> list[Ring]:
    dice = random.Random(quarter.name)
    empty = [(c, r) for c in range(LAST_COLUMN + 1) for r in range(LAST_ROW + 1) if (c, r) not in taken]
    return [_box(quarter, c, r, (0.08, 0.09, 0.92, 0.91)) for c, r in empty if dice.random() < 0.6]


def _plan_borders(parcels: Iterable[Parcel]) -> dict[str, tuple[Ring, ...]]:
    """The outer border of the ground that each plan covers, as closed rings."""
    steps: dict[str, set[tuple[Point, Point]]] = defaultdict(set)
    corners: set[Point] = set()
    for parcel in parcels:
        corners.update(parcel.corners)
        walk = list(zip(parcel.ground, parcel.ground[1:] + parcel.ground[:1], strict=True))
        for number in parcel.home.plans:
            for start, end in walk:
                # A step that a neighbour walks the other way lies inside the plan.
                if (end, start) in steps[number]:
                    steps[number].remove((end, start))
                else:
                    steps[number].add((start, end))
    return {number: tuple(_rings(of_plan, corners)) for number, of_plan in sorted(steps.items())}


def _rings(steps: set[tuple[Point, Point]], corners: set[Point]) -> Iterable[Ring]:
    """Joins the steps to rings, and leaves out the points along straight sides."""
    onward: dict[Point, list[Point]] = defaultdict(list)
    for start, end in sorted(steps):
        onward[start].append(end)
    while onward:
        first = here = next(iter(onward))
        ring = []
        while True:
            ring.append(here)
            there = onward[here].pop()
            if not onward[here]:
                del onward[here]
            here = there
            if here == first or here not in onward:
                break
        yield tuple(point for point in ring if point in corners)
