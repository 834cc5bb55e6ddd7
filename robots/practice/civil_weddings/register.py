"""The applications, what is booked, and everything that has happened; made from the town."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from robots.practice.civil_weddings import roster
from robots.practice.civil_weddings.roster import Slot
from robots.practice.town import Case, Person, Town

NEW, RESERVED, BOOKED, MARRIED, CANCELLED = "Ny", "Reserverad", "Bokad", "Vigd", "Avbokad"
STATUSES = (NEW, RESERVED, BOOKED, MARRIED, CANCELLED)
FINISHED = (MARRIED, CANCELLED)
HELD_MINUTES = 10
OFFICE = "Marianne Ek"  # the colleague who is quicker than everybody else
ARRIVED, E_SERVICE = "Ansökan inkommen", "E-TJÄNST"
HIDDEN_NAME = "Skyddade personuppgifter"
OWN_PLACES = ("Egen plats: Badklippan vid Tallsjön", "Egen plats: hemma i trädgården")
OTHER_COUPLES = 40


@dataclass
class Application:
    """A couple's application. ``examined`` is the day of the hindersprövning, None until its certificate has come."""

    number: str
    couple: tuple[Person, Person]
    wish_day: date
    wish_time: str
    wish_place: str
    examined: date | None
    status: str = NEW
    slot: Slot | None = None
    held_until: datetime | None = None
    witnesses: tuple[str, ...] = ()
    officiant: str = ""
    locked_by: str = ""
    notes: list[tuple[date, str, str, str]] = field(default_factory=list)

    @property
    def protected(self) -> bool:
        return any(p.protection for p in self.couple)

    @property
    def names(self) -> tuple[str, ...]:
        return (HIDDEN_NAME,) * 2 if self.protected else tuple(p.name for p in self.couple)

    @property
    def residents(self) -> int:
        return sum(bool(p.property_id) for p in self.couple)

    @property
    def fee(self) -> int:
        return list(roster.FEES.values())[0 if self.residents else 1]

    @property
    def certificate(self) -> date | None:
        """The last day of the certificate; None until it has come in."""
        return roster.valid_to(self.examined) if self.examined else None

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def outside(self) -> bool:
        return self.wish_place not in roster.PLACES

    def as_json(self) -> dict[str, Any]:
        slot = (
            {"day": self.slot.day.isoformat(), "time": self.slot.time, "place": self.slot.place} if self.slot else None
        )
        return {
            "number": self.number, "status": self.status, "couple": [p.personal_number for p in self.couple],
            "wish": {"day": self.wish_day.isoformat(), "time": self.wish_time, "place": self.wish_place},
            "certificate": self.certificate.isoformat() if self.certificate else None, "fee": self.fee,
            "slot": slot, "witnesses": self.witnesses, "officiant": self.officiant,
        }  # fmt: skip


@dataclass(frozen=True)
class Happening:
    number: str
    at: datetime
    application: str
    what: str
    where: str
    reference: str
    by: str


class Register:
    """``now`` runs with the clock on the wall, ahead of it by as much as tests have let pass."""

    def __init__(self, town: Town) -> None:
        self.today = town.today
        self.ahead = timedelta()
        self.applications: dict[str, Application] = {}
        self.happenings: list[Happening] = []
        self.of_case: dict[str, str] = {}
        self.coveted: set[Slot] = set()
        self.taken: dict[Slot, str] = {}
        self._dice = random.Random(f"vigsel {town.seed}")
        wishes = self._wishes()
        settled: set[str] = set()
        for case in (c for c in town.cases.values() if c.errand == "wedding_booking"):
            settled |= {case.citizen}
            self._of_case(case, town, next(wishes))
        unmarried = [f for f in town.families.values() if len(f.adults) == 2 and not f.married]
        for family in [f for f in unmarried if f.adults[0] not in settled][:OTHER_COUPLES]:
            first, second = (town.people[number] for number in family.adults)
            if not (first.deceased or second.deceased or first.protection):
                self._another((first, second), next(wishes))

    @property
    def now(self) -> datetime:
        clock = datetime.now()
        return datetime.combine(self.today, clock.time()) + self.ahead

    def sweep(self) -> None:
        """Let go of every time that was held for too long."""
        for one in self.applications.values():
            if one.status == RESERVED and one.held_until and one.held_until <= self.now:
                where, one.status, one.slot, one.held_until = str(one.slot), NEW, None, None
                self.happened(one, "Reservationen gick ut", where, "", "Systemet")

    def who_has(self, slot: Slot) -> str:
        """The number of the application that has the time, a colleague's name, or "" when it is free."""
        for one in self.applications.values():
            if one.slot == slot and one.status != CANCELLED:
                return one.number
        return self.taken.get(slot, "")

    def happened(self, one: Application, what: str, where: str, reference: str, by: str) -> Happening:
        made = Happening(f"H-{len(self.happenings) + 1:06d}", self.now, one.number, what, where, reference, by)
        self.happenings.append(made)
        return made

    def hold(self, one: Application, slot: Slot) -> None:
        one.status, one.slot = RESERVED, slot
        one.held_until = self.now + timedelta(minutes=HELD_MINUTES)

    def _wishes(self) -> Iterator[Slot]:
        """Times from a month ahead, each once, the two places in turn."""
        day = roster.monday_of(self.today) + timedelta(days=21)
        while True:
            for weekday in (roster.FRIDAY, roster.SATURDAY):
                for place, time in zip(
                    roster.PLACES * 2, roster.times_of(day + timedelta(weekday))[1::2], strict=False
                ):
                    yield Slot(day + timedelta(days=weekday), time, place)
            day += timedelta(days=7)

    def _add(self, couple: tuple[Person, Person], wish: Slot, place: str, examined: date | None) -> Application:
        number = f"V-{self.today.year}-{len(self.applications) + 101:04d}"
        made = Application(number, couple, wish.day, wish.time, place, examined)
        self.applications[number] = made
        self.happened(made, ARRIVED, "", E_SERVICE, "E-tjänsten")
        return made

    def _of_case(self, case: Case, town: Town, wish: Slot) -> None:
        family = town.families[case.family]
        other = next(number for number in family.adults if number != case.citizen)
        examined = self.today - timedelta(days=self._dice.randrange(5, 20))
        if case.twist == "certificate_expires":
            # Still good today, and no longer so on the day that they wish for.
            examined = self.today - timedelta(days=118)
            while roster.valid_to(examined) < self.today:
                examined += timedelta(days=1)
        place = self._dice.choice(OWN_PLACES) if case.twist == "outside_premises" else wish.place
        made = self._add((town.people[case.citizen], town.people[other]), wish, place, examined)
        self.of_case[case.number] = made.number
        if case.twist == "slot_taken":
            self.coveted.add(wish)

    def _another(self, couple: tuple[Person, Person], wish: Slot) -> None:
        """Somebody else's application: waiting, booked, or over since long."""
        status = self._dice.choices(STATUSES, (30, 0, 50, 15, 5))[0]
        examined = None if status == NEW and self._dice.random() < 0.5 else self.today - timedelta(days=12)
        made = self._add(couple, wish, wish.place, examined)
        made.status = status
        if status in (BOOKED, MARRIED):
            day = wish.day if status == BOOKED else wish.day - timedelta(weeks=20)
            made.slot = Slot(day, wish.time, wish.place)
            made.witnesses, made.officiant = ("Vera Tall", "Ivar Strand"), roster.officiants_on(day)[0]
            self.happened(made, "Bokningen bekräftad", str(made.slot), "TELEFON", OFFICE)
