"""One invented town: the same people, properties and cases in every system.

``build_town(seed, today)`` is a pure function: the same seed and day give the same town, byte for byte.
A case's ``twist`` says what is special about it; tests and the demo read it through the control API,
the systems themselves never show it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from robots.practice import identifiers
from robots.practice.names import (
    FIRST_NAMES,
    ISLAND_QUARTERS,
    LAST_NAMES,
    POSTAL,
    QUARTERS,
    STREETS,
    TOWN,
)

PEOPLE = 2400
PROPERTIES_PER_QUARTER = 80

# Designation, quarter, the quarter's number, and the lot's number within the quarter.
Place = tuple[str, str, int, int]

# How often each errand stands in the case system, and how its twists share it. A twist of "normal" can be
# finished by a robot; so can "older_designation", "some_secret", "several_plans" and "outside_plan".
ERRANDS: dict[str, tuple[int, dict[str, int]]] = {
    "drawings": (250, {"normal": 150, "older_designation": 20, "some_secret": 20, "all_secret": 15,
                       "none_found": 20, "sensitive_building": 10, "protected": 15}),
    "detail_plan": (190, {"normal": 110, "several_plans": 20, "outside_plan": 20, "not_final": 20,
                          "protected": 20}),
    "missed_bin": (130, {"normal": 80, "household_deviation": 15, "already_booked": 15, "blocked": 10,
                         "wrong_customer": 10}),
    "extra_sludge": (120, {"normal": 70, "already_booked": 10, "blocked": 10, "wrong_customer": 10,
                           "dispens": 10, "island": 5, "protected": 5}),
    "other": (130, {"normal": 130}),
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """``protection`` is "", "sekretessmarkering" or "skyddad folkbokföring"."""

    personal_number: str
    first_name: str
    last_name: str
    property_id: str
    street: str
    postcode: str
    phone: str
    email: str
    protection: str = ""
    deceased: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Drawing:
    """One drawing in the archive. ``kind`` is in Swedish, as the archive writes it; ``pages`` is its length.

    ``registered_under`` is the designation the archive knows it by, which is the older one for some.
    """

    number: str
    registered_under: str
    title: str
    kind: str
    year: int
    case_reference: str
    pages: int
    secret: bool = False


@dataclass(frozen=True)
class Plan:
    """A detail plan (detaljplan). ``status`` is "laga kraft", "antagen", "samråd" or "granskning"."""

    number: str
    name: str
    status: str
    final_on: date | None
    has_description: bool = True

    @property
    def final(self) -> bool:
        return self.status == "laga kraft"


@dataclass(frozen=True)
class Facility:
    """A waste facility (anläggning) on a property, and who pays for it.

    ``deviation`` is what the driver noted at the last pickup, or "". ``bin_day`` is 0 (Monday) to 4.
    ``sludge_month`` is the month of the ordinary emptying, None where there is no sludge tank.
    """

    number: str
    customer_number: int
    property_id: str
    customer: str
    bin_day: int
    odd_weeks: bool
    sludge_month: int | None
    hose_metres: int
    blocked: bool = False
    dispens: str = ""
    deviation: str = ""
    booked: str = ""


@dataclass(frozen=True)
class Property:
    """``kind`` is "villa", "fritidshus", "flerbostadshus", "skola" or "bank". ``x`` and ``y`` are metres east
    and north of the town's square."""

    designation: str
    quarter: str
    older_designation: str
    street: str
    postcode: str
    owner: str
    kind: str
    x: float
    y: float
    drawings: tuple[Drawing, ...] = ()
    plans: tuple[str, ...] = ()
    facility: str = ""

    @property
    def island(self) -> bool:
        return self.quarter in ISLAND_QUARTERS


@dataclass(frozen=True)
class Case:
    """A citizen's matter as it arrived. ``inbox`` is where it waits."""

    number: str
    errand: str
    twist: str
    title: str
    description: str
    citizen: str
    property_id: str
    facility: str
    inbox: str
    channel: str
    created: date


@dataclass(frozen=True)
class Town:
    seed: int
    today: date
    people: dict[str, Person]
    properties: dict[str, Property]
    plans: dict[str, Plan]
    facilities: dict[str, Facility]
    cases: dict[str, Case]
    by_older_designation: dict[str, str] = field(default_factory=dict)


def build_town(seed: int = 1, today: date | None = None) -> Town:
    """Invent the town. Takes well under a second."""
    return _Builder(seed, today or date.today()).build()


class _Builder:
    """Properties first, then the cases that need something special of them, then the people."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.today = today
        self.people: dict[str, Person] = {}
        self.properties: dict[str, Property] = {}
        self.plans: dict[str, Plan] = {}
        self.facilities: dict[str, Facility] = {}
        self.cases: dict[str, Case] = {}

    def build(self) -> Town:
        wanted = [(errand, twist) for errand, (_, twists) in ERRANDS.items() for twist, n in twists.items()
                  for _ in range(n)]  # fmt: skip
        self.random.shuffle(wanted)
        designations = self._designations()
        # Every case gets a property of its own, so that one case's special fact never disturbs another's.
        on_island = [d for d in designations if d[1] in ISLAND_QUARTERS]
        on_land = [d for d in designations if d[1] not in ISLAND_QUARTERS]
        self.random.shuffle(on_island)
        self.random.shuffle(on_land)
        for serial, (errand, twist) in enumerate(wanted, start=1):
            place = on_island.pop() if twist == "island" else on_land.pop()
            self._case(serial, errand, twist, place)
        for place in on_island + on_land:
            self._property(place, "", "")
        while len(self.people) < PEOPLE:
            self._person(self.random.choice(list(self.properties.values())).designation)
        return Town(
            self.seed,
            self.today,
            dict(sorted(self.people.items())),
            dict(sorted(self.properties.items())),
            dict(sorted(self.plans.items())),
            dict(sorted(self.facilities.items())),
            dict(sorted(self.cases.items())),
            {p.older_designation: p.designation for p in self.properties.values() if p.older_designation},
        )

    def _designations(self) -> list[Place]:
        found = []
        for number, (quarter, with_block) in enumerate(QUARTERS):
            for serial in range(1, PROPERTIES_PER_QUARTER + 1):
                place = f"{(serial - 1) // 20 + 1}:{(serial - 1) % 20 + 1}" if with_block else str(serial)
                found.append((f"{quarter} {place}", quarter, number, serial - 1))
        return found

    def _case(self, serial: int, errand: str, twist: str, place: Place) -> None:
        home = self._property(place, errand, twist)
        if twist == "wrong_customer":
            citizen = self._person(home.designation)
        else:
            citizen = self.people[home.owner]
        created = self.today - timedelta(days=self.random.randrange(0, 25))
        number = identifiers.case_number(created.year, created.month, serial)
        street = home.street
        title, text, inbox = {
            "drawings": ("Begäran om ritningar", f"Hej! Jag vill ha ritningarna för {home.designation}, "
                         f"{street}. Hälsningar {citizen.name}", "Samhällsbyggnad"),
            "detail_plan": ("Fråga om detaljplan", f"Vilken detaljplan gäller för {home.designation}? "
                            "Jag vill gärna ha plankartan.", "Samhällsbyggnad"),
            "missed_bin": ("Soptunnan är inte tömd", f"Vårt kärl på {street} blev inte tömt. "
                           f"Anläggning {home.facility}.", "Renhållning"),
            "extra_sludge": ("Extra slamtömning", f"Brunnen på {street} är snart full. Vi behöver en extra "
                             f"tömning. Anläggning {home.facility}.", "Renhållning"),
            "other": (self.random.choice(("Fråga om öppettider", "Trasig gatlampa", "Fråga om förskolekö",
                                          "Synpunkt på snöröjning", "Fråga om bygglov för altan")),
                      "Hej, jag undrar över detta. Ring mig gärna.", "Kontaktcenter"),
        }[errand]  # fmt: skip
        self.cases[number] = Case(
            number, errand, twist, title, text, citizen.personal_number, home.designation,
            home.facility if errand in ("missed_bin", "extra_sludge") else "", inbox,
            self.random.choice(("Telefon", "E-post", "E-tjänst", "Besök")), created,
        )  # fmt: skip

    def _property(self, place: Place, errand: str, twist: str) -> Property:
        designation, quarter, number, lot = place
        index = number * PROPERTIES_PER_QUARTER + lot
        street = f"{STREETS[number]} {_street_number(lot)}"
        postcode = POSTAL[number]
        kind = self.random.choice(("skola", "bank")) if twist == "sensitive_building" else self.random.choices(
            ("villa", "fritidshus", "flerbostadshus"), (70, 20, 10))[0]  # fmt: skip
        protection = self.random.choice(("sekretessmarkering", "skyddad folkbokföring")) \
            if twist == "protected" else ""  # fmt: skip
        owner = self._person(designation, street, postcode, protection)
        older = f"STG {1000 + index}" if twist == "older_designation" or self.random.random() < 0.08 else ""
        home = Property(
            designation, quarter, older, street, postcode, owner.personal_number, kind,
            x=round((number % 5 - 2) * 900 + lot % 9 * 95 + self.random.uniform(-8, 8), 1),
            y=round((number // 5 - 1) * 1000 + lot // 9 * 100 + self.random.uniform(-8, 8), 1),
            drawings=self._drawings(older if twist == "older_designation" else designation, index, errand, twist),
            plans=self._plans(quarter, number, index, twist),
            facility=self._facility(designation, index, owner, errand, twist),
        )  # fmt: skip
        self.properties[designation] = home
        return home

    def _drawings(self, registered_under: str, index: int, errand: str, twist: str) -> tuple[Drawing, ...]:
        if twist == "none_found" or (errand != "drawings" and self.random.random() < 0.1):
            return ()
        kinds = (
            ("Fasadritning mot norr", "Fasadritning"), ("Fasadritning mot söder", "Fasadritning"),
            ("Planritning entréplan", "Planritning"), ("Planritning övre plan", "Planritning"),
            ("Sektion A-A", "Sektionsritning"), ("Situationsplan", "Situationsplan"),
            ("Grundritning", "Konstruktionsritning"), ("VA-ritning", "Installationsritning"),
        )  # fmt: skip
        count = self.random.randint(3, 8)
        year = self.random.randint(1932, self.today.year - 11)
        secret_count = {"all_secret": count, "some_secret": self.random.randint(1, 2)}.get(twist, 0)
        return tuple(
            Drawing(
                f"R{index + 1:04d}-{place + 1:02d}", registered_under, title, kind, year,
                f"BN {year}-{self.random.randint(1, 999):03d}", self.random.randint(1, 3), place < secret_count,
            )
            for place, (title, kind) in enumerate(kinds[:count])
        )  # fmt: skip

    def _plans(self, quarter: str, number: int, index: int, twist: str) -> tuple[str, ...]:
        if twist == "outside_plan" or (not twist and self.random.random() < 0.1):
            return ()
        name = f"Detaljplan för {quarter.capitalize()}, del {index % 80 // 20 + 1}"
        first = self._plan(f"0199-P{1960 + number * 3 + index % 80 // 20}/{number + 1}", name, "laga kraft")
        if twist == "several_plans":
            second = self._plan(f"0199-P{2005 + index % 15}/{100 + index}",
                                f"Ändring av detaljplan för del av {quarter.capitalize()}", "laga kraft")  # fmt: skip
            return (first, second)
        if twist == "not_final":
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

    def _facility(self, designation: str, index: int, owner: Person, errand: str, twist: str) -> str:
        number = identifiers.facility_number(104000 + index)
        sludge = errand == "extra_sludge" or (errand != "missed_bin" and self.random.random() < 0.3)
        booked = {"missed_bin": "Hämtning av missat kärl", "extra_sludge": "Extra slamtömning"}[errand] \
            if twist == "already_booked" else ""  # fmt: skip
        deviations = ("Kärlet inte framställt", "Överfullt kärl", "Hinder framför kärlet", "För tungt kärl")
        self.facilities[number] = Facility(
            number, 40000 + index, designation, owner.personal_number, index % 5, index % 2 == 1,
            self.random.randint(3, 11) if sludge else None, self.random.choice((10, 15, 20, 25, 30)),
            blocked=twist == "blocked",
            dispens="Uppehåll i hämtning" if twist == "dispens" else "",
            deviation=self.random.choice(deviations) if twist == "household_deviation" else "",
            booked=booked,
        )  # fmt: skip
        return number

    def _person(self, property_id: str, street: str = "", postcode: str = "", protection: str = "") -> Person:
        home = self.properties.get(property_id)
        while True:
            born = date(1936, 1, 1) + timedelta(days=self.random.randrange(70 * 365))
            number = identifiers.personal_number(
                born, self.random.randint(980, 999), coordination=self.random.random() < 0.03
            )
            if number not in self.people:
                break
        first, last = self.random.choice(FIRST_NAMES), self.random.choice(LAST_NAMES)
        serial = len(self.people)
        person = Person(
            number, first, last, property_id,
            street or (home.street if home else ""), postcode or (home.postcode if home else ""),
            f"070-174 {600 + serial % 100:04d}", f"medborgare{serial:04d}@post.example", protection,
            deceased=not protection and not street and self.random.random() < 0.02,
        )  # fmt: skip
        self.people[number] = person
        return person


def _street_number(lot: int) -> int:
    """Odd numbers up one side of the street, even ones down the other."""
    half = PROPERTIES_PER_QUARTER // 2
    return 2 * lot + 1 if lot < half else 2 * (PROPERTIES_PER_QUARTER - lot)


__all__ = ["TOWN", "Case", "Drawing", "Facility", "Person", "Plan", "Property", "Town", "build_town"]
