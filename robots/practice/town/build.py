"""How the town is made: properties and people for the cases that need something special, then all the others."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from robots.practice import identifiers
from robots.practice.errands import load_errands
from robots.practice.errands.errand import Errand, Twist
from robots.practice.names import NEIGHBOURS
from robots.practice.town.land import Land, Place, Traits, all_places, lies_as_wanted, middle_of
from robots.practice.town.model import Case, Family, Person, Property, Town
from robots.practice.town.people import GUARDIANS_AGE, WITH_CHILDREN, Address, Population
from robots.practice.town.schools import SCHOOLS, nearest_school, school_year, walking_metres

PEOPLE = 3000
PUPILS = 400
NO_TRAITS: Traits = frozenset()
SERIALS_SHUFFLED_WITHIN = 1200  # as many as there are properties: a case's number says nothing about its errand
CHANNELS = ("Telefon", "E-post", "E-tjänst", "Besök")
# A place is known to within eight metres each way before it is built on.
PLACE_MARGIN = 20


def build_town(seed: int = 1, today: date | None = None) -> Town:
    """The town of that seed and day; the same one is not invented twice, since nobody can change it."""
    return _invented(seed, today or date.today())


def invent(seed: int, today: date) -> Town:
    """Make it from nothing. Takes well under a second."""
    return _Builder(seed, today).build()


_invented = lru_cache(maxsize=4)(invent)


class _Builder:
    """Every case gets a property of its own, so that one case's special fact never disturbs another's."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.today = today
        self.land = Land(self.random, today)
        self.population = Population(self.random, today)
        self.cases: dict[str, Case] = {}
        self.free = all_places()
        self.random.shuffle(self.free)
        self.serials = list(range(1, SERIALS_SHUFFLED_WITHIN + 1))
        self.random.shuffle(self.serials)

    def build(self) -> Town:
        for errand in load_errands():
            for name, twist in errand.twists.items():
                for _ in range(twist.cases):
                    self._case(errand, name, twist)
        while self.free:
            self._home(self.free.pop(), NO_TRAITS, "", asked=False)
        self._other_families()
        homes = list(self.land.properties.values())
        while len(self.population.people) < PEOPLE:
            self._resident(self.random.choice(homes))
        land, population = self.land, self.population
        return Town(
            self.seed,
            self.today,
            dict(sorted(population.people.items())),
            dict(sorted(land.properties.items())),
            dict(sorted(land.plans.items())),
            dict(sorted(land.facilities.items())),
            dict(sorted(self.cases.items())),
            dict(sorted(population.children.items())),
            dict(population.families),
            {school.name: school for school in SCHOOLS},
            {p.older_designation: p.designation for p in land.properties.values() if p.older_designation},
        )

    def _case(self, errand: Errand, name: str, twist: Twist) -> None:
        turns = self._child_turns(twist)
        home = self._home(
            self._place(errand, name, twist, turns), frozenset(twist.land), twist.person, asked=True,
            age=GUARDIANS_AGE if twist.family else None,
        )  # fmt: skip
        citizen = self._citizen(home, twist)
        family: Family | None = None
        if twist.family:
            apart = Address.of(self._somebody(home)) if twist.family == "apart" else None
            family = self.population.family(twist.family, citizen, replace(twist, child_turns=turns), apart)
            citizen = self.population.people[citizen.personal_number]
        created = self.today - timedelta(days=self.random.randrange(0, 25))
        number = identifiers.case_number(created.year, created.month, self.serials.pop())
        self.cases[number] = Case(
            number, errand.name, name, self.random.choice(errand.titles), self._text(errand, home, citizen, family),
            citizen.personal_number, home.designation, home.facility if errand.about_facility else "", errand.inbox,
            self.random.choice(CHANNELS), created, citizen.language,
            family.number if family else "", family.children if family else (),
        )  # fmt: skip

    def _child_turns(self, twist: Twist) -> tuple[int, int]:
        """One age, where the way to school must be as long as is wanted: the school depends on it."""
        if not twist.to_school:
            return twist.child_turns
        age = self.random.randint(*twist.child_turns)
        return age, age

    def _place(self, errand: Errand, name: str, twist: Twist, turns: tuple[int, int]) -> Place:
        year = school_year(date(self.today.year - turns[0], 1, 1), self.today)
        for place in reversed(self.free):
            if lies_as_wanted(place, frozenset(twist.land)) and _as_far(place, year, twist.to_school):
                self.free.remove(place)
                return place
        raise ValueError(f"the town has no property left for {errand.name}, {name}")

    def _home(
        self, place: Place, traits: Traits, person: str, *, asked: bool, age: tuple[int, int] | None = None
    ) -> Property:
        protection = (
            self.random.choice(("sekretessmarkering", "skyddad folkbokföring")) if person == "protected" else ""
        )

        def owner(designation: str, street: str, postcode: str) -> Person:
            at = Address(designation, street, postcode)
            return self.population.grown_up(at, age=age, protection=protection, deceased=person == "deceased")

        return self.land.build_on(place, traits, owner, asked=asked)

    def _citizen(self, home: Property, twist: Twist) -> Person:
        if twist.person == "stranger":
            return self._resident(home, deceased=False)
        if twist.person == "elsewhere":
            at = Address("", f"Storgatan {self.random.randint(1, 90)}", "198 40", self.random.choice(NEIGHBOURS))
            return self.population.grown_up(at, age=GUARDIANS_AGE if twist.family else None)
        return self.population.people[home.owner]

    def _resident(self, home: Property, deceased: bool | None = None) -> Person:
        gone = self.random.random() < 0.02 if deceased is None else deceased
        at = Address(home.designation, home.street, home.postcode)
        return self.population.grown_up(at, deceased=gone)

    def _somebody(self, apart_from: Property) -> Person:
        """Who has an address of its own, in the open."""
        others = [p for p in self.population.people.values() if p.property_id and not p.protection]
        others = [p for p in others if p.property_id != apart_from.designation]
        return self.random.choice(others) if others else self.population.people[apart_from.owner]

    def _other_families(self) -> None:
        """Until there are as many pupils as a town of this size has."""
        owners = [self.population.people[p.owner] for p in self.land.properties.values() if not p.island]
        settled = {adult for family in self.population.families.values() for adult in family.adults}
        low, high = (self.today.year - age for age in reversed(GUARDIANS_AGE))
        fitting = [p for p in owners if low <= int(p.personal_number[:4]) <= high]
        fitting = [p for p in fitting if not (p.protection or p.deceased or p.personal_number in settled)]
        self.random.shuffle(fitting)
        while self.population.pupils < PUPILS and fitting:
            first = fitting.pop()
            kind = self.random.choices(WITH_CHILDREN, (50, 15, 15, 20))[0]
            apart = Address.of(self._somebody(self.land.properties[first.property_id])) if kind == "apart" else None
            self.population.family(kind, first, Twist(1, family=kind), apart)

    def _text(self, errand: Errand, home: Property, citizen: Person, family: Family | None) -> str:
        people = self.population.people
        child = partner = ""
        if family:
            # Who is protected is not named in a letter either.
            child = people[family.children[0]].first_name if family.children and not citizen.protection else "mitt barn"
            others = [people[number] for number in family.adults if number != citizen.personal_number]
            partner = others[0].name if others and not citizen.protection else "min partner"
        return errand.text.format(
            designation=home.designation, street=home.street, name=citizen.name, facility=home.facility,
            child=child, partner=partner,
        )  # fmt: skip


def _as_far(place: Place, year: str, wanted: tuple[int, int] | None) -> bool:
    if wanted is None:
        return True
    x, y = middle_of(place)
    metres = walking_metres(x, y, nearest_school(x, y, year))
    return wanted[0] + PLACE_MARGIN <= metres <= wanted[1] - PLACE_MARGIN
