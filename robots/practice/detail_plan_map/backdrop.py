"""What lies round the properties: sea, sound, island, forest, roads and their names."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import Any

from robots.practice.detail_plan_map.geometry import (
    ISLAND_SCALE,
    STREET_COLUMNS,
    STREET_ROWS,
    Ground,
    Point,
    Quarter,
    Ring,
    bend,
    signed_area,
)

WEST, EAST, SOUTH, NORTH = -1915.0, 2632.0, -1112.0, 1898.0  # the ring of roads round the town
FAR = 12000.0

# A road through the gap between quarters: its name and its straight course before the land bends it.
MAIN_ROADS: tuple[tuple[str, tuple[Point, ...]], ...] = (
    ("Norra leden", ((WEST, NORTH), (EAST, NORTH))),
    ("Södra leden", ((WEST, SOUTH), (EAST - 20, SOUTH))),
    ("Västra leden", ((WEST, SOUTH), (WEST, NORTH))),
    ("Gruvvägen", ((-970, SOUTH), (-970, NORTH))),
    ("Storgatan", ((-70, SOUTH), (-70, NORTH))),
    ("Sundsgatan", ((830, SOUTH), (830, -165))),
    ("Skolgatan", ((830, 965), (830, NORTH))),
    ("Varvsgatan", ((1730, SOUTH), (1730, -165))),
    ("Linbanevägen", ((1730, 965), (1730, NORTH))),
    ("Järnvägsgatan", ((WEST, -100), (795, -100))),
    ("Norrtullsgatan", ((WEST, 900), (795, 900))),
    ("Östra tullen", ((1765, 905), (EAST, 905))),
    ("Strandvägen", ((EAST, -40), (EAST, NORTH))),
)
FERRY: tuple[Point, ...] = ((770, 410), (905, 410))


def backdrop(ground: Ground) -> dict[str, Any]:
    """The drawing's lower layers, as lists of numbers."""
    return {
        "water": [flat(r) for r in _water()],
        "islands": [flat(_island(q)) for q in ground.quarters if q.island],
        "woods": [flat(r) for r in _woods()],
        "parks": [flat(r) for r in ground.parks],
        "roads": [{"n": name, "p": flat(_bent(course))} for name, course in MAIN_ROADS],
        "streets": [street for q in ground.quarters for street in _streets(q)],
        "ferry": flat(_bent(FERRY)),
        "names": [
            {"n": "Tallingefjärden", "x": 2930, "y": 330},
            {"n": "Lövholmssundet", "x": 1280, "y": 897},
            {"n": "Hamnkanalen", "x": 2200, "y": -98},
            {"n": "Tallsjön", "x": -2480, "y": 1180},
        ],
        "quarters": [
            {"n": q.name.capitalize(), "x": round(q.centre[0]), "y": round(q.centre[1])} for q in ground.quarters
        ],
    }


def flat(ring: Ring) -> list[float]:
    return [round(n, 1) for point in ring for n in point]


def _bent(course: tuple[Point, ...]) -> Ring:
    points = []
    for (ax, ay), (bx, by) in pairwise(course):
        steps = max(1, round(math.dist((ax, ay), (bx, by)) / 60))
        points += [bend(ax + (bx - ax) * n / steps, ay + (by - ay) * n / steps) for n in range(steps + 1)]
    return tuple(points)


def _streets(quarter: Quarter) -> list[dict[str, Any]]:
    """A quarter's streets run between its rows; only those between houses carry the name."""
    along = [
        {"n": quarter.street, "p": flat(tuple(quarter.corner(c, row) for c in range(10)))}  # 0–9 are the boundaries
        for row in STREET_ROWS
    ]
    across = [{"n": "", "p": flat(tuple(quarter.corner(col, r) for r in range(10)))} for col in STREET_COLUMNS]
    return along + across


def _island(quarter: Quarter) -> Ring:
    middle_x, middle_y = quarter.centre
    return _shore(middle_x, middle_y, 427.5 * ISLAND_SCALE + 14, 450 * ISLAND_SCALE + 22, 7)


def _shore(x: float, y: float, half_width: float, half_height: float, seed: int) -> Ring:
    """A rounded box with a natural edge."""
    dice = random.Random(seed)
    points = []
    for n in range(72):
        turn = n / 72 * math.tau
        c, s = math.cos(turn), math.sin(turn)
        wide = math.copysign(abs(c) ** 0.17, c) * half_width
        high = math.copysign(abs(s) ** 0.17, s) * half_height
        grow = 1 + dice.uniform(-0.003, 0.012)
        points.append(bend(x + wide * grow, y + high * grow))
    return tuple(points)


def _water() -> list[Ring]:
    dice = random.Random(3)
    coast = [(2665 + 60 * math.sin(y / 260) ** 2 + dice.uniform(-9, 9), float(y)) for y in range(-1080, 2000, 40)]
    sea = [*coast, (2800.0, 2300.0), (3300.0, 3000.0), (3600.0, FAR), (FAR, FAR), (FAR, -FAR), (600.0, -FAR)]
    sea += [(700.0, -2600.0), (1200.0, -1900.0), (1650.0, -1500.0), (2200.0, -1320.0), (2560.0, -1220.0)]
    sound = [(812.0, -143.0), (1748.0, -143.0), (1748.0, 943.0), (812.0, 943.0)]
    canal = [(1700.0, -140.0), (2800.0, -140.0), (2800.0, -62.0), (1700.0, -62.0)]
    waters = [tuple(sea), _bent((*sound, sound[0])), _bent((*canal, canal[0])), _blob(-2480, 1180, 330, 420, 5)]
    # All the same way round: where two overlap, opposite ones would cancel each other when filled together.
    return [w if signed_area(w) > 0 else w[::-1] for w in waters]


def _woods() -> list[Ring]:
    places = (
        (-2500, -500, 420, 700), (-1500, 2300, 700, 280), (400, 2350, 900, 300), (1900, 2400, 500, 330),
        (-1200, -1600, 900, 330), (250, -1500, 500, 260), (-3400, 900, 600, 1500), (-900, 3300, 1800, 600),
    )  # fmt: skip
    return [_blob(x, y, rx, ry, seed) for seed, (x, y, rx, ry) in enumerate(places)]


def _blob(x: float, y: float, half_width: float, half_height: float, seed: int) -> Ring:
    dice = random.Random(seed)
    waves = [(n, dice.uniform(0.02, 0.11), dice.uniform(0, math.tau)) for n in (2, 3, 5, 7)]
    points = []
    for n in range(64):
        turn = n / 64 * math.tau
        grow = 1 + sum(size * math.sin(count * turn + start) for count, size, start in waves)
        points.append((x + half_width * grow * math.cos(turn), y + half_height * grow * math.sin(turn)))
    return tuple(points)
