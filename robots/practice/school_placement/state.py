"""The pupils with their guardians' wishes and signatures, and everything that has happened to each."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from robots.practice.names import MUNICIPALITY
from robots.practice.school_placement.calendar import next_start, next_year, periods, stage_of
from robots.practice.town import Case, Child, Person, School, Town, nearest_school

PLACEMENT, CHOICE, NOTE = "Placering", "Skolval", "Anteckning"
REGISTERED, DECIDED, WITHDRAWN, SAVED = "Registrerat", "Beslutat", "Återtaget", "Sparad"
FINISHED = (DECIDED, WITHDRAWN)
IMPORTED_BY, E_SERVICE = "Import folkbokföring", "E-tjänsten"
DEFAULT_SCHOOL = "Ekbacksskolan"  # of those who walk to none: from the island a boat goes there
MOST_WISHES = 3


@dataclass
class Guardian:
    """``signed`` is the day of the signature in the e-service, ``wishes`` the schools, the dearest first."""

    person: Person
    signed: date | None = None
    wishes: tuple[str, ...] = ()


@dataclass
class Pupil:
    """``year`` is "" before school, ``next_year`` what begins next autumn; ``school`` is "" for who has none.

    ``version`` counts the changes, ``changed_by`` is who made the latest.
    """

    number: str
    child: Child
    person: Person
    guardians: list[Guardian]
    year: str
    next_year: str
    school: str
    version: int = 1
    changed_by: str = IMPORTED_BY

    @property
    def personal_number(self) -> str:
        return self.person.personal_number

    @property
    def protected(self) -> bool:
        return bool(self.person.protection)

    @property
    def lives_here(self) -> bool:
        return self.person.municipality == MUNICIPALITY


@dataclass
class Event:
    """What has happened to a pupil. ``facts`` are what is peculiar to its kind."""

    number: str
    kind: str
    pupil: str
    on: date
    status: str
    reference: str
    by: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        return self.status in FINISHED


class Register:
    """All pupils by number, in the order of their names, and all events, the latest last."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.dice = random.Random(f"{town.seed} school_placement")
        self.periods = periods(town.today)
        self.pupils: dict[str, Pupil] = {}
        self.events: list[Event] = []
        for pupil in sorted(map(self._pupil, town.children.values()), key=lambda p: p.person.name):
            if pupil.year or pupil.next_year:
                self.pupils[pupil.number] = pupil
                self.add(pupil, PLACEMENT, DECIDED, f"IMPORT-{pupil.number[2:]}", IMPORTED_BY,
                         skola=pupil.school or "Ingen placering")  # fmt: skip
        self.by_person = {pupil.personal_number: pupil for pupil in self.pupils.values()}
        for case in town.cases.values():
            if case.errand == "school_choice":
                self._wishes_of(case)

    @property
    def today(self) -> date:
        return self.town.today

    def add(self, pupil: Pupil, kind: str, status: str, reference: str, by: str, **facts: str) -> Event:
        event = Event(f"H-{len(self.events) + 1:06d}", kind, pupil.number, self.today, status, reference, by, facts)
        self.events.append(event)
        return event

    def events_of(self, pupil: Pupil, kind: str) -> list[Event]:
        """The latest first."""
        return [e for e in reversed(self.events) if e.pupil == pupil.number and e.kind == kind]

    def choice_at_work(self, pupil: Pupil) -> Event | None:
        """The choice that is registered and neither decided nor withdrawn."""
        return next((e for e in self.events_of(pupil, CHOICE) if not e.finished), None)

    def teaching(self, year: str) -> list[str]:
        """The schools that have a year."""
        return [school.name for school in self.town.schools.values() if year in school.years]

    def siblings_of(self, pupil: Pupil) -> list[Pupil]:
        return [self.by_person[number] for number in pupil.child.siblings if number in self.by_person]

    def find(self, sought: str) -> list[Pupil]:
        """Those whose name or personal number holds the words. Who is protected is found by the number only."""
        words = " ".join(sought.lower().split())
        return [
            p for p in self.pupils.values()
            if words in p.personal_number or (words in p.person.name.lower() and not p.protected)
        ]  # fmt: skip

    def find_events(self, sought: str, *, also_finished: bool) -> list[Event]:
        """Those with this reference or number, or of the pupil with this personal number; the latest first."""
        return [
            e for e in reversed(self.events)
            if (also_finished or not e.finished)
            and sought.lower() in (e.reference.lower(), e.number.lower(), self.pupils[e.pupil].personal_number, "")
            and not self.pupils[e.pupil].protected
        ]  # fmt: skip

    def _pupil(self, child: Child) -> Pupil:
        town = self.town
        guardians = [Guardian(town.people[number]) for number in child.guardians]
        digits = child.personal_number.replace("-", "")
        return Pupil(
            f"E-{digits[2:8]}{digits[-4:]}", child, town.people[child.personal_number], guardians,
            child.school_year, next_year(child, town.today), self._school_of(child),
        )  # fmt: skip

    def _school_of(self, child: Child) -> str:
        home = self.town.properties.get(child.property_id)
        if not child.school_year or home is None:
            return ""
        if home.island:
            return DEFAULT_SCHOOL
        nearest: School = nearest_school(home.x, home.y, child.school_year)
        return nearest.name if self.dice.random() < 0.8 else self.dice.choice(self.teaching(child.school_year))

    def _wishes_of(self, case: Case) -> None:
        """What the guardians have done in the e-service before one of them wrote to the contact centre."""
        pupil = self.by_person[case.children[0]]
        wishes = tuple(self.dice.sample(self.teaching(pupil.next_year), 2 + self.dice.randrange(2)))[:MOST_WISHES]
        days = self.dice.randrange(1, 8)
        for place, guardian in enumerate(pupil.guardians):
            if place and case.twist == "one_signature":
                continue
            guardian.signed = self.today - timedelta(days=days - place)
            guardian.wishes = tuple(reversed(wishes)) if place and case.twist == "guardians_disagree" else wishes
        if case.twist == "already_chosen":
            self.add(pupil, CHOICE, REGISTERED, f"ET-{case.number[3:]}", E_SERVICE,
                     **chosen(wishes), skal="Inget särskilt skäl")  # fmt: skip

    def period_of(self, year: str) -> str:
        """What stands in the calendar for a year: "" while it is open, else when it is."""
        period = next(p for p in self.periods if p.stage == stage_of(year))
        if period.open(self.today):
            return ""
        return f"Skolvalet för {period.stage.lower()} är stängt. Perioden är {period.opens}–{period.closes}."

    @property
    def school_year_chosen_for(self) -> str:
        first = next_start(self.today).year
        return f"{first}/{(first + 1) % 100:02d}"


def chosen(schools: tuple[str, ...]) -> dict[str, str]:
    """The facts of a choice: the three schools of the form, "" for those that are not wished for."""
    return {f"val{place}": schools[place - 1] if place <= len(schools) else "" for place in (1, 2, 3)}
