"""How the records of the family law section are made from the town, and how they are found and added to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from robots.practice.family_law.state import (
    AKT_KINDS,
    APPROVED,
    BOOKED,
    CLOSED,
    DRAFT,
    FULL,
    HELD,
    HOURS,
    MISSED,
    OFFICER,
    PARENT,
    PATERNITY,
    REMINDER,
    SIMPLIFIED,
    SUMMONS,
    YES,
    Akt,
    Applicant,
    Entry,
    Letter,
    Notification,
    Party,
    Protocol,
    Visit,
)
from robots.practice.town import Case, Person, Town

ERRAND = "parenthood"
BACKGROUND = 48  # akter that belong to nobody's errand
CONTROL = "REGISTERKONTROLL"  # the reference of the yearly check, in an akt that is closed
WEEKS_AHEAD = 6
VISITING_DAYS = (1, 3)  # Tuesdays and Thursdays
LETTER_TEXT = "Välkomna till familjerätten för att bekräfta föräldraskapet. Ta med legitimation."


class Register:
    """All records. ``slots`` are the visiting times, with the akt that has taken each, or "" while it is free."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.today = town.today
        self.random = random.Random(f"family_law {town.seed}")
        self.akter: dict[str, Akt] = {}
        self.notifications: dict[str, Notification] = {}
        self.entries: list[Entry] = []
        self.slots = self._visiting_times()
        self._serials: dict[str, int] = {}
        self._background()
        for case in town.cases.values():
            if case.errand == ERRAND:
                self._notify(case)
        self.entries.sort(key=lambda e: e.day)

    # Looking

    def person(self, personal_number: str) -> Person | None:
        return self.town.people.get(personal_number)

    def open_paternity(self, personal_number: str) -> Akt | None:
        """The open akt of this kind in which somebody is a parent."""
        for akt in self.akter.values():
            if akt.open and akt.kind == PATERNITY and personal_number in [p.personal_number for p in akt.parents]:
                return akt
        return None

    def protocol(self, number: str) -> tuple[Akt, Protocol] | None:
        return next(((a, p) for a in self.akter.values() for p in a.protocols if p.number == number), None)

    # Adding

    def next_number(self, letters: str) -> str:
        self._serials[letters] = self._serials.get(letters, 0) + 1
        return f"{letters}-{31000 + self._serials[letters]}"

    def add_akt(
        self, kind: str, form: str, parents: list[Person], opened: date, *, case_number: str = "", due: str = ""
    ) -> Akt:
        number = f"FR-{opened.year}-{401 + len(self.akter):04d}"
        akt = Akt(number, kind, form, case_number, opened, OFFICER, due)
        akt.parties = [self.party(PARENT, person) for person in parents]
        self.akter[akt.number] = akt
        return akt

    def party(self, role: str, person: Person) -> Party:
        return Party(self.next_number("PA"), role, person.personal_number, person.name)

    def journal(
        self, akt: Akt, what: str, text: str, by: str, *, reference: str = "", record: str = "",
        day: date | None = None,
    ) -> Entry:  # fmt: skip
        number = self.next_number("H")
        entry = Entry(number, akt.number, day or self.today, what, text, by, reference, record or number)
        self.entries.append(entry)
        return entry

    # Made from the town

    def _visiting_times(self) -> dict[tuple[date, str], str]:
        days = [self.today + timedelta(days=n) for n in range(1, WEEKS_AHEAD * 7)]
        dice = random.Random(f"visits {self.town.seed}")
        return {
            (day, hour): "" if dice.random() < 0.7 else "annan akt"
            for day in days if day.weekday() in VISITING_DAYS for hour in HOURS
        }  # fmt: skip

    def _background(self) -> None:
        """Akter of families that have not asked for anything, finished and not, so that lists have pages."""
        asking = {case.family for case in self.town.cases.values()}
        families = [f for f in self.town.families.values() if f.number not in asking and len(f.adults) > 1]
        people = self.town.people
        open_ones = [f for f in families if not any(people[a].protection for a in f.adults)]
        for place, family in enumerate(open_ones[:BACKGROUND]):
            parents = [people[a] for a in family.adults]
            opened = self.today - timedelta(days=self.random.randint(60, 900))
            # The first of these are paternity akter on their way; of the others most are closed.
            kind = PATERNITY if place < 4 else AKT_KINDS[place % 4]
            akt = self.add_akt(kind, SIMPLIFIED if place < 4 else FULL, parents, opened)
            self.journal(akt, "Akt upplagd", f"{kind}.", OFFICER, record=akt.number, day=opened)
            if place < 4:
                self._well_on_its_way(akt, opened, approved=place < 2)
            elif place % 3:
                akt.status = CLOSED
                self.journal(akt, "Registerkontroll", "Årlig kontroll utan anmärkning.", OFFICER,
                             reference=CONTROL if place == 4 else "", day=opened + timedelta(days=50))  # fmt: skip
            elif place % 9 == 0:
                akt.marking = "Varning"

    def _well_on_its_way(self, akt: Akt, opened: date, *, approved: bool) -> None:
        status = APPROVED if approved else DRAFT
        akt.protocols.append(Protocol(self.next_number("PR"), "S-protokoll", status, opened, OFFICER))
        akt.visits.append(Visit(self.next_number("BO"), opened + timedelta(days=20), HOURS[0], HELD))

    def _notify(self, case: Case) -> None:
        family = self.town.families.get(case.family)
        citizen = self.town.people[case.citizen]
        adults = [self.town.people[a] for a in family.adults] if family else [citizen]
        first, second = Applicant(adults[0]), Applicant(adults[-1])
        due = family.due if family else None
        child = ""
        match case.twist:
            case "minor_parent":
                first, second = Applicant(self.town.people[case.children[0]]), Applicant(self._young_adult())
            case "foreign_residence":
                second = Applicant(None, "Jonas Lie, född 1994-05-12", "Norge")
            case "not_same_address":
                child = case.children[0]
        if due is None and not child:
            due = self.today + timedelta(days=self.random.randint(30, 110))
        told = Notification(self.next_number("AN"), case.number, case.created, first, second, due, child)
        self.notifications[told.number] = replace(told, doubt=YES) if case.twist == "doubt" else told
        if case.twist in ("akt_exists", "three_reminders"):
            self._earlier_akt(case, adults, str(due))

    def _young_adult(self) -> Person:
        fitting = [
            p for p in self.town.people.values()
            if p.personal_number[:4] >= "2003" and p.personal_number not in self.town.children
            and p.property_id and not (p.protection or p.deceased or p.spouse or p.partner)
        ]  # fmt: skip
        return self.random.choice(fitting)

    def _earlier_akt(self, case: Case, parents: list[Person], due: str) -> None:
        """A colleague has begun: the parents have been called and have not come."""
        weeks = 9 if case.twist == "three_reminders" else 3
        opened = self.today - timedelta(weeks=weeks)
        akt = self.add_akt(PATERNITY, SIMPLIFIED, parents, opened, case_number=case.number, due=due)
        self.journal(akt, "Akt upplagd", f"{PATERNITY}.", OFFICER, record=akt.number, day=opened)
        called = opened + timedelta(days=5)
        akt.visits.append(Visit(self.next_number("BO"), called, HOURS[1], MISSED))
        kinds = [SUMMONS] + ([REMINDER] * 3 if case.twist == "three_reminders" else [])
        for place, kind in enumerate(kinds):
            sent = opened + timedelta(days=1 + 15 * place)
            letter = Letter(self.next_number("BR"), kind, sent, LETTER_TEXT)
            akt.letters.append(letter)
            self.journal(akt, "Brev skickat", f"{kind}.", OFFICER, record=letter.number, day=sent)

    def taken_by(self, day: date, hour: str) -> str | None:
        """Who has the visiting time: "" while it is free, None where there is none."""
        return self.slots.get((day, hour))

    def has_visit_ahead(self, akt: Akt) -> bool:
        return any(v.status == BOOKED and v.day >= self.today for v in akt.visits)
