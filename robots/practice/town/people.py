"""The people: each with a number of its own, and the families they make."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from robots.practice import identifiers
from robots.practice.errands.errand import Twist
from robots.practice.names import FIRST_NAMES, LANGUAGES, LAST_NAMES, MUNICIPALITY
from robots.practice.town.model import Child, Family, Person
from robots.practice.town.schools import school_year

OLDEST, YOUNGEST = 1936, 2005  # the years in which grown-ups are born
GUARDIANS_AGE = (30, 46)
WITH_CHILDREN = ("together", "apart", "single", "siblings")


@dataclass(frozen=True)
class Address:
    """``property_id`` is "" outside the municipality."""

    property_id: str
    street: str
    postcode: str
    municipality: str = MUNICIPALITY

    @classmethod
    def of(cls, person: Person) -> Address:
        return cls(person.property_id, person.street, person.postcode, person.municipality)


class Population:
    """Makes people and families, one by one."""

    def __init__(self, dice: random.Random, today: date) -> None:
        self.random = dice
        self.today = today
        self.people: dict[str, Person] = {}
        self.children: dict[str, Child] = {}
        self.families: dict[str, Family] = {}

    @property
    def pupils(self) -> int:
        return sum(child.school_year != "" for child in self.children.values())

    def grown_up(self, at: Address, *, age: tuple[int, int] | None = None, **more: object) -> Person:
        """Somebody over 18, ``age`` years at the least and most; ``more`` are fields of ``Person``."""
        first, last = (self.today.year - age[1], self.today.year - age[0]) if age else (OLDEST, YOUNGEST)
        number = self._free_number(date(first, 1, 1), date(last, 12, 31), coordination=self.random.random() < 0.03)
        serial = len(self.people)
        return self._register(
            number, at, self.random.choice(LAST_NAMES), phone=f"070-174 {600 + serial % 100:04d}",
            email=f"medborgare{serial:04d}@post.example", **more,
        )  # fmt: skip

    def family(self, kind: str, first: Person, twist: Twist, elsewhere: Address | None = None) -> Family:
        """The household of ``first``. ``elsewhere`` is where the second guardian of one that lives apart is."""
        number = f"F{len(self.families) + 1:04d}"
        adults = [first.personal_number]
        married = kind == "married" or (kind in ("together", "siblings") and self.random.random() < 0.6)
        if kind != "single":
            at = elsewhere if kind == "apart" and elsewhere else Address.of(first)
            second = self.grown_up(at, age=_near(first, self.today), language=first.language,
                                   protection=first.protection)  # fmt: skip
            adults.append(second.personal_number)
            if kind != "apart":
                self._join(first, second, married)
        count = {"together": 1, "apart": 1, "single": 1, "siblings": 3}.get(kind, 0)
        if kind in WITH_CHILDREN and kind != "siblings":
            count = self.random.choices((1, 2, 3), (45, 40, 15))[0]
        children = self._children(first, count, twist.child_turns, all_pupils=kind == "siblings")
        due = self.today + timedelta(days=self.random.randint(30, 110)) if kind == "expecting" else None
        self.families[number] = Family(
            number, kind, tuple(adults), tuple(children), first.property_id, married, due
        )  # fmt: skip
        for one in children:
            others = tuple(c for c in children if c != one)
            year = school_year(date.fromisoformat(f"{one[:4]}-{one[4:6]}-{one[6:8]}"), self.today)
            self.children[one] = Child(one, first.property_id, tuple(adults), others, year, first.protection)
        return self.families[number]

    def _children(self, of: Person, count: int, turns: tuple[int, int], *, all_pupils: bool) -> list[str]:
        """The eldest first, two to four years between them; those of a family of pupils all go to school."""
        found = []
        age = self.random.randint(max(turns[0], 11), max(turns[1], 11)) if all_pupils else self.random.randint(*turns)
        at = Address.of(of)
        for _ in range(count):
            if age < 0 or (all_pupils and age < 7):
                break
            year = self.today.year - age
            last = min(date(year, 12, 31), self.today)
            number = self._free_number(date(year, 1, 1), last)
            self._register(number, at, of.last_name, language=of.language, protection=of.protection)
            found.append(number)
            age -= 2 if all_pupils else self.random.randint(2, 4)
        return found

    def _join(self, one: Person, other: Person, married: bool) -> None:
        for here, there in ((one.personal_number, other.personal_number), (other.personal_number, one.personal_number)):
            person = self.people[here]
            told = replace(person, spouse=there) if married else replace(person, partner=there)
            self.people[here] = told

    def _free_number(self, first: date, last: date, *, coordination: bool = False) -> str:
        while True:
            born = first + timedelta(days=self.random.randrange((last - first).days + 1))
            number = identifiers.personal_number(born, self.random.randint(980, 999), coordination=coordination)
            if number not in self.people:
                return number

    def _register(self, number: str, at: Address, last_name: str, **more: object) -> Person:
        told: dict[str, object] = {"phone": "", "email": "", "language": self._language()} | more
        person = Person(
            number, self.random.choice(FIRST_NAMES), last_name, at.property_id, at.street, at.postcode,
            municipality=at.municipality, **told,  # type: ignore[arg-type]
        )  # fmt: skip
        self.people[number] = person
        return person

    def _language(self) -> str:
        return self.random.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]


def _near(person: Person, today: date) -> tuple[int, int]:
    """The ages of somebody who might live with the person."""
    age = today.year - int(person.personal_number[:4])
    return max(20, age - 4), max(24, age + 4)
