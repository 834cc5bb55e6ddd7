"""The properties, with what the systems know of each: drawings, plans and a waste facility."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from robots.practice import identifiers
from robots.practice.names import ISLAND_QUARTERS, MUNICIPALITY, POSTAL, QUARTERS, ROAD_OWNERS, STREETS
from robots.practice.town.model import Drawing, Facility, Person, Plan, Property

PROPERTIES_PER_QUARTER = 80

# Designation, quarter, the quarter's number, and the lot's number within the quarter.
Place = tuple[str, str, int, int]
Traits = frozenset[str]
BUILDINGS = ("villa", "fritidshus", "flerbostadshus")


def all_places() -> list[Place]:
    found = []
    for number, (quarter, with_block) in enumerate(QUARTERS):
        for serial in range(1, PROPERTIES_PER_QUARTER + 1):
            lot = f"{(serial - 1) // 20 + 1}:{(serial - 1) % 20 + 1}" if with_block else str(serial)
            found.append((f"{quarter} {lot}", quarter, number, serial - 1))
    return found


def middle_of(place: Place) -> tuple[float, float]:
    """Where it lies, to within eight metres each way."""
    _, _, number, lot = place
    return (number % 5 - 2) * 900 + lot % 9 * 95, (number // 5 - 1) * 1000 + lot // 9 * 100


def road_owner(place: Place) -> str:
    return ROAD_OWNERS.get(place[1], f"{MUNICIPALITY} kommun")


def lies_as_wanted(place: Place, traits: Traits) -> bool:
    """On the island only where that is wanted, and along the kind of road that is."""
    owner = road_owner(place)
    if (place[1] in ISLAND_QUARTERS) != ("island" in traits):
        return False
    if "state_road" in traits:
        return owner == "Trafikverket"
    if "municipal_road" in traits:
        return owner == f"{MUNICIPALITY} kommun"
    return "private_road" not in traits or owner not in ("Trafikverket", f"{MUNICIPALITY} kommun")


class Land:
    """Makes properties, one by one, with the traits that are asked for."""

    def __init__(self, dice: random.Random, today: date) -> None:
        self.random = dice
        self.today = today
        self.properties: dict[str, Property] = {}
        self.plans: dict[str, Plan] = {}
        self.facilities: dict[str, Facility] = {}

    def build_on(
        self, place: Place, traits: Traits, owner_of: Callable[[str, str, str], Person], *, asked: bool
    ) -> Property:
        """``owner_of`` makes the owner, who lives there, of designation, street and postcode. ``asked`` is whether a
        case is about the property."""
        designation, quarter, number, lot = place
        index = number * PROPERTIES_PER_QUARTER + lot
        street, postcode = f"{STREETS[number]} {_street_number(lot)}", POSTAL[number]
        owner = owner_of(designation, street, postcode)
        older = f"STG {1000 + index}" if "older_designation" in traits or self.random.random() < 0.08 else ""
        x, y = middle_of(place)
        self.properties[designation] = home = Property(
            designation, quarter, older, street, postcode, owner.personal_number, self._kind(traits),
            x=round(x + self.random.uniform(-8, 8), 1),
            y=round(y + self.random.uniform(-8, 8), 1),
            drawings=self._drawings(older if "older_designation" in traits else designation, index, traits),
            plans=self._plans(quarter, number, index, traits, asked),
            facility=self._facility(designation, index, owner, traits),
            road_owner=road_owner(place),
        )  # fmt: skip
        return home

    def _kind(self, traits: Traits) -> str:
        if "sensitive_building" in traits:
            return self.random.choice(("skola", "bank"))
        wanted = [kind for kind in BUILDINGS if kind in traits]
        return wanted[0] if wanted else self.random.choices(BUILDINGS, (70, 20, 10))[0]

    def _drawings(self, registered_under: str, index: int, traits: Traits) -> tuple[Drawing, ...]:
        if "none_found" in traits or ("drawings" not in traits and self.random.random() < 0.1):
            return ()
        kinds = (
            ("Fasadritning mot norr", "Fasadritning"), ("Fasadritning mot söder", "Fasadritning"),
            ("Planritning entréplan", "Planritning"), ("Planritning övre plan", "Planritning"),
            ("Sektion A-A", "Sektionsritning"), ("Situationsplan", "Situationsplan"),
            ("Grundritning", "Konstruktionsritning"), ("VA-ritning", "Installationsritning"),
        )  # fmt: skip
        count = self.random.randint(3, 8)
        year = self.random.randint(1932, self.today.year - 11)
        secret_count = count if "all_secret" in traits else self.random.randint(1, 2) if "some_secret" in traits else 0
        return tuple(
            Drawing(
                f"R{index + 1:04d}-{place + 1:02d}", registered_under, title, kind, year,
                f"BN {year}-{self.random.randint(1, 999):03d}", self.random.randint(1, 3), place < secret_count,
            )
            for place, (title, kind) in enumerate(kinds[:count])
        )  # fmt: skip

    def _plans(self, quarter: str, number: int, index: int, traits: Traits, asked: bool) -> tuple[str, ...]:
        if "outside_plan" in traits or (not asked and self.random.random() < 0.1):
            return ()
        name = f"Detaljplan för {quarter.capitalize()}, del {index % 80 // 20 + 1}"
        first = self._plan(f"0199-P{1960 + number * 3 + index % 80 // 20}/{number + 1}", name, "laga kraft")
        if "several_plans" in traits:
            second = self._plan(f"0199-P{2005 + index % 15}/{100 + index}",
                                f"Ändring av detaljplan för del av {quarter.capitalize()}", "laga kraft")  # fmt: skip
            return (first, second)
        if "not_final" in traits:
            status = self.random.choice(("samråd", "granskning", "antagen"))
            return (first, self._plan(f"0199-P{self.today.year}/{100 + index}",
                                      f"Ny detaljplan för {quarter.capitalize()}", status))  # fmt: skip
        return (first,)

    def _plan(self, number: str, name: str, status: str) -> str:
        year = int(number.removeprefix("0199-P").partition("/")[0])
        final_on = date(year, self.random.randint(1, 9), self.random.randint(1, 28))
        if number not in self.plans:
            self.plans[number] = Plan(number, name, status, final_on if status == "laga kraft" else None)
        return number

    def _facility(self, designation: str, index: int, owner: Person, traits: Traits) -> str:
        number = identifiers.facility_number(104000 + index)
        sludge = "tank" in traits or ("no_tank" not in traits and self.random.random() < 0.3)
        booked = {"bin_booked": "Hämtning av missat kärl", "sludge_booked": "Extra slamtömning"}
        deviations = ("Kärlet inte framställt", "Överfullt kärl", "Hinder framför kärlet", "För tungt kärl")
        self.facilities[number] = Facility(
            number, 40000 + index, designation, owner.personal_number, index % 5, index % 2 == 1,
            self.random.randint(3, 11) if sludge else None, self.random.choice((10, 15, 20, 25, 30)),
            blocked="blocked" in traits,
            dispens="Uppehåll i hämtning" if "dispens" in traits else "",
            deviation=self.random.choice(deviations) if "household_deviation" in traits else "",
            booked=next((words for trait, words in booked.items() if trait in traits), ""),
        )  # fmt: skip
        return number


def _street_number(lot: int) -> int:
    """Odd numbers up one side of the street, even ones down the other."""
    half = PROPERTIES_PER_QUARTER // 2
    return 2 * lot + 1 if lot < half else 2 * (PROPERTIES_PER_QUARTER - lot)
