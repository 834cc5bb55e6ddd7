"""How the records come about: a file for each case of the town, and some households more, with what is special."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from robots.practice.income_support.norms import Norm, reckon
from robots.practice.income_support.state import (
    CLOSED,
    GRANTED,
    INVESTIGATION,
    INVESTIGATION_REFERENCE,
    NO_PAYMENTS,
    OFFICIALS,
    OPEN_PROPOSAL,
    PROPOSAL,
    REFUSED,
    SOURCES,
    Application,
    Calculation,
    Decision,
    Document,
    File,
    Reply,
    month_before,
)
from robots.practice.town import Case, Family, Person, Town

OTHER_HOUSEHOLDS = 40
COLLEAGUE = OFFICIALS[0]
NOON = time(12)  # what Socio's clock shows: the town has days and no hours
SOURCE_OF = {
    "Barnbidrag": "Försäkringskassan", "Aktivitetsstöd": "Försäkringskassan", "Föräldrapenning": "Försäkringskassan",
}  # fmt: skip


class Register:
    """All files, by number, and all documents, which grow while the town is open."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.today = town.today
        self.month = f"{town.today:%Y-%m}"
        self.files: dict[str, File] = {}
        self.documents: dict[str, Document] = {}
        self.locked: list[str] = []  # files that a colleague sits in
        self._numbers = iter(range(40_001, 99_999))
        errands = ("support_reapplication", "support_notice")
        for case in (c for c in town.cases.values() if c.errand in errands):
            self._of_case(case)
        for family in self._others():
            self._make(family, family.adults[0])

    def add(
        self, file: str, kind: str, month: str, *, status: str, reference: str, by: str, **more: object
    ) -> Document:
        number = f"H-{len(self.documents) + 500_001}"
        made = Document(number, file, kind, month, status, reference, by, self.today, **more)  # type: ignore[arg-type]
        self.documents[number] = made
        return made

    def documents_of(self, file: str) -> list[Document]:
        """The latest first."""
        return [d for d in reversed(self.documents.values()) if d.file == file]

    def open_proposal(self, file: str, month: str) -> Document | None:
        found = (d for d in self.documents_of(file) if (d.kind, d.month, d.status) == (PROPOSAL, month, OPEN_PROPOSAL))
        return next(found, None)

    def next_number(self, prefix: str) -> str:
        return f"{prefix}-{next(self._numbers)}"

    def decide(self, file: File, outcome: str) -> Decision:
        """As the official does, with the month's calculation: whatever was proposed is thereby closed."""
        made = Decision(self.next_number("B"), self.month, outcome, file.official, self.today)
        file.decisions.append(made)
        for document in self.documents_of(file.number):
            if document.status == OPEN_PROPOSAL:
                document.status = CLOSED
        return made

    def _others(self) -> Iterator[Family]:
        """Households that no case is about, so that lists have more than one page."""
        asked = {case.family for case in self.town.cases.values()}
        return iter([f for f in self.town.families.values() if f.number not in asked][:OTHER_HOUSEHOLDS])

    def _of_case(self, case: Case) -> None:
        file = self._make(self.town.families[case.family], case.citizen)
        application = file.applications[0]
        match case.twist:
            case "one_signature":
                del application.signatures[1:]
                application.complete = None
            case "income_differs":
                self._of(file, "Aktivitetsstöd").amount += 2060
            case "new_expense":
                application.costs["Läkarvård och medicin"] = 780
            case "household_changed":
                application.members.pop()
            case "no_activity_plan":
                file.plan_until = None
            case "first_application":
                file.calculations.clear()
                file.decisions.clear()
            case "already_this_month":
                application.earlier = self.next_number("EA")
                self.decide(file, GRANTED)
            case "locked":
                self.locked.append(file.number)
            case "normal_granted":
                self.decide(file, GRANTED)
            case "normal_refused":
                self.decide(file, REFUSED)
            case "over_20_hours":
                application.complete = self._hours_ago(21)

    def _of(self, file: File, benefit: str) -> Reply:
        return next(r for r in file.replies[self.month] if r.benefit == benefit)

    def _make(self, family: Family, citizen: str) -> File:
        """A household that gets support already, and has applied for this month as for the last one."""
        people, serial = self.town.people, len(self.files)
        other = [a for a in family.adults if a != citizen] if family.kind != "apart" else []
        adults = [people[n] for n in (citizen, *other)]
        children = [people[n] for n in family.children]
        file = File(
            f"A{20_301 + 7 * serial}", adults, children, OFFICIALS[serial % len(OFFICIALS)],
            date(self.today.year + 1, 1, 31), self.today,
        )  # fmt: skip
        self.files[file.number] = file
        costs = {"Boendekostnad": 6_450 + 115 * (serial % 17), "Hushållsel": 385 + 5 * (serial % 9),
                 "Hemförsäkring": 145}  # fmt: skip
        incomes = {"Aktivitetsstöd": (4_120 + 40 * (serial % 8), 0)}
        if children:
            incomes["Barnbidrag"] = (0, 1_250 * len(children)) if other else (1_250 * len(children), 0)
        if other:
            incomes["Föräldrapenning"] = (0, 3_280)
        members = [p.personal_number for p in file.members]
        before = month_before(self.today)
        last = Decision(self.next_number("B"), before, GRANTED, file.official, self.today - timedelta(days=30))
        sums = reckon(Norm(int(before[:4])), len(adults), file.ages, costs, incomes)
        file.decisions.append(last)
        file.calculations.append(
            Calculation(self.next_number("BR"), before, members, dict(costs), dict(incomes), sums, "Beslutad")
        )
        file.applications.append(self._application(file, members, costs, incomes))
        file.replies[self.month] = list(self._replies(adults, incomes))
        self.add(file.number, INVESTIGATION, before, status=CLOSED, reference=INVESTIGATION_REFERENCE, by=file.official)
        return file

    def _application(
        self, file: File, members: list[str], costs: dict[str, int], incomes: dict[str, tuple[int, int]]
    ) -> Application:
        received = self._hours_ago(6)
        signed = [(a.personal_number, received + timedelta(minutes=50 * n)) for n, a in enumerate(file.adults)]
        return Application(
            self.next_number("EA"), self.month, received, signed, signed[-1][1], list(members), dict(costs),
            dict(incomes),
        )  # fmt: skip

    def _replies(self, adults: list[Person], incomes: dict[str, tuple[int, int]]) -> Iterator[Reply]:
        for place, adult in enumerate(adults):
            for source in SOURCES:
                paid = [Reply(adult.personal_number, source, benefit, amounts[place])
                        for benefit, amounts in incomes.items()
                        if SOURCE_OF.get(benefit) == source and amounts[place]]  # fmt: skip
                yield from paid or [Reply(adult.personal_number, source, NO_PAYMENTS, 0)]

    def _hours_ago(self, hours: int) -> datetime:
        return datetime.combine(self.today, NOON) - timedelta(hours=hours)

    def hours_since(self, then: datetime) -> int:
        """By Socio's own clock."""
        return int((datetime.combine(self.today, NOON) - then).total_seconds() // 3600)
