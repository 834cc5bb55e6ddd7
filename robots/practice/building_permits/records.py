"""The committee's cases as the town's errands need them, with the finished ones of ten years behind them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from robots.practice.building_permits.state import (
    ARRIVAL,
    DOCUMENTS,
    FINAL_CLEARANCE,
    INCOMING,
    KINDS,
    NEW_RULES,
    OUTGOING,
    START_CLEARANCE,
    SUPPORT,
    Condition,
    Document,
    Event,
    Party,
    PermitCase,
    Supplement,
)
from robots.practice.town import Case, Person, Property, Town

WORKS = (
    "Nybyggnad av enbostadshus", "Tillbyggnad av enbostadshus", "Nybyggnad av garage", "Fasadändring",
    "Nybyggnad av komplementbyggnad", "Ändrad användning av lokal", "Glasning av balkonger",
)  # fmt: skip
OFFICIALS = ("Karin Wester", "Amir Daneshvar", "Solveig Lindroth")
CONTROLLER = Party("Kontrollansvarig", firm="Byggkontroll i Tallinge AB")
MISSING = ("Fasadritningar i skala 1:100", "Situationsplan på kommunens karta", "Teknisk beskrivning")
MET, OPEN = Condition("Kontrollplan är fastställd", True), Condition("Utstakning ska vara utförd", False)
ERRANDS = ("start_of_construction", "permit_status", "building_checklist")
FIRST_EVENT, FIRST_NEW_EVENT = 400_001, 410_001
LONGEST_LIST = 11
REJECTED = 5  # which of those who ask how far it has come has got a no; that one has been decided and no more


def unknown_number(town: Town, case: Case) -> str:
    """What a citizen has got wrong: a number that no case has."""
    return f"BYGG {town.today.year}-009{int(case.number[7:11]) % 1000:03d}"


class Records:
    """All cases by diarienummer, and the one that each of the town's own cases is about."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.today = town.today
        self.random = random.Random(f"bygglov {town.seed}")
        self.asked: dict[str, PermitCase] = {}
        self._made: list[PermitCase] = []
        self._next_event = FIRST_EVENT
        self._for_errands()
        self._finished_ones()
        self._numbered()
        self._next_event = max(self._next_event, FIRST_NEW_EVENT)
        self.cases = {case.number: case for case in self._made}

    def next_event_number(self) -> str:
        self._next_event += 1
        return f"H{self._next_event - 1}"

    def of_property(self, designation: str) -> list[PermitCase]:
        return [case for case in self.cases.values() if case.home.designation == designation]

    # -- making them --------------------------------------------------------------------------------------------

    def _for_errands(self) -> None:
        taken = {case.property_id for case in self.town.cases.values()}
        untaken = (p for p in self.town.properties.values() if p.designation not in taken and p.kind == "villa")
        places: Counter[tuple[str, str]] = Counter()
        for case in self.town.cases.values():
            if case.errand not in ERRANDS or case.twist == "unknown_number":
                continue
            home, applicant = self.town.properties[case.property_id], self.town.people[case.citizen]
            if case.errand == "building_checklist" and case.twist != "old_application":
                continue
            if case.twist == "wrong_property":
                home = next(untaken)
            if case.twist in ("wrong_property", "not_a_party"):
                applicant = self.town.people[home.owner]
            self.asked[case.number] = self._case_for(case, home, applicant, places[case.errand, case.twist])
            places[case.errand, case.twist] += 1

    def _case_for(self, asked: Case, home: Property, applicant: Person, place: int) -> PermitCase:
        if asked.errand == "start_of_construction":
            return self._decided(asked.twist, home, applicant, place)
        if asked.errand == "building_checklist":
            return self._begun(home, applicant, min(self.today - timedelta(days=20), NEW_RULES - timedelta(days=25)))
        if asked.twist == "supplement_open":
            made = self._begun(home, applicant, self.today - timedelta(days=30))
            self._ask_for_supplement(made)
            return made
        made = self._begun(home, applicant, self._after_new_rules(self.random.randint(80, 160)))
        steps = (self._decide, self._clear_start, self._finish)
        for step in steps[: place % 4]:
            step(made)
        if place == REJECTED:
            self._reject(made)
        return made

    def _decided(self, twist: str, home: Property, applicant: Person, place: int) -> PermitCase:
        """A permit with what the twist says is wrong with beginning the work."""
        old = twist == "within_four_weeks" or (twist == "normal" and place % 2 == 1)
        made = self._begun(
            home,
            applicant,
            NEW_RULES - timedelta(days=30) if old else self._after_new_rules(self.random.randint(80, 160)),
        )
        decided = self.today - timedelta(days=12 if twist == "within_four_weeks" else 45)
        self._decide(made, max(decided, made.arrived))
        made.needs_consultation = place % 3 != 0
        if twist == "no_startbesked":
            return made
        made.consultation = self.today - timedelta(days=11) if made.needs_consultation else None
        made.conditions = (MET, OPEN) if twist == "conditions_open" else (MET,) if place % 2 else ()
        self._clear_start(made, self.today - timedelta(days=9))
        return made

    def _after_new_rules(self, days: int) -> date:
        return max(NEW_RULES, self.today - timedelta(days=days))

    def _begun(self, home: Property, applicant: Person, arrived: date) -> PermitCase:
        made = PermitCase(
            "LOV", "BL", self.random.choice(WORKS[:5]), home, arrived,
            (Party("Sökande", applicant), CONTROLLER), self.random.choice(OFFICIALS),
        )  # fmt: skip
        self._add_event(made, arrived, INCOMING, "Ansökan inkommen", reference=ARRIVAL)
        self._add_documents(made, arrived, ("ANSO", "ARIT", "SITU"))
        self._made.append(made)
        return made

    def _decide(self, case: PermitCase, on: date | None = None) -> None:
        on = on or case.arrived + (self.today - case.arrived) / 2
        case.decided, case.granted = on, True
        told = min(on + timedelta(days=2), self.today)
        case.announced, case.posted = (told, None) if case.old_rules else (None, told)
        self._add_event(case, on, OUTGOING, "Bygglov", outcome="Beviljat")
        self._add_documents(case, on, ("BESL",))

    def _reject(self, case: PermitCase) -> None:
        case.granted = False
        case.events[-1] = replace(case.events[-1], outcome="Avslag")

    def _clear_start(self, case: PermitCase, on: date | None = None) -> None:
        on = on or self.today - timedelta(days=5)
        case.started = on
        self._add_event(case, on, OUTGOING, START_CLEARANCE, outcome="Beviljat")
        self._add_documents(case, on, ("STAB",))

    def _finish(self, case: PermitCase, on: date | None = None) -> None:
        on = on or self.today - timedelta(days=1)
        case.finished = on
        self._add_event(case, on, OUTGOING, FINAL_CLEARANCE, outcome="Beviljat")
        self._add_documents(case, on, ("SBES",))

    def _ask_for_supplement(self, case: PermitCase) -> None:
        asked = self.today - timedelta(days=6)
        case.supplement = Supplement(self.random.choice(MISSING), asked, self.today + timedelta(days=15))
        self._add_event(case, asked, OUTGOING, "Begäran om komplettering")

    def _finished_ones(self) -> None:
        """What has been built in the last ten years, on every other property that the archive has drawings of."""
        for home in self.town.properties.values():
            if not home.drawings or home.kind in ("skola", "bank") or self.random.random() < 0.5:
                continue
            many = home.kind == "flerbostadshus" and self.random.random() < 0.4
            for _ in range(LONGEST_LIST if many else self.random.randint(1, 2)):
                arrived = self.today - timedelta(days=self.random.randint(400, 3500))
                made = self._begun(home, self.town.people[home.owner], arrived)
                self._decide(made, arrived + timedelta(days=40))
                self._clear_start(made, arrived + timedelta(days=60))
                self._finish(made, arrived + timedelta(days=300))
                made.closed = True
                if all(d.secret for d in home.drawings):
                    made.documents = [replace(d, secret=True) for d in made.documents]

    def _numbered(self) -> None:
        """In the order in which they came in, from one each year; documents are numbered within their case."""
        serials: dict[int, int] = {}
        self._made.sort(key=lambda c: (c.arrived, c.home.designation))
        for made in self._made:
            year = made.arrived.year
            serials[year] = serials.get(year, 10) + self.random.randint(1, 3)
            made.number = f"BYGG {year}-{serials[year]:06d}"
            made.events = [replace(e, number=self.next_event_number()) for e in made.events]
            made.documents = [
                replace(d, number=f"{year % 100}{serials[year]:06d}-{n:02d}") for n, d in enumerate(made.documents, 1)
            ]

    def _add_event(
        self, case: PermitCase, on: date, direction: str, kind: str, *, outcome: str = "", reference: str = ""
    ) -> None:
        type_of = next(name for name, kinds in KINDS.items() if kind in kinds)
        case.events.append(Event("", on, direction, type_of, kind, outcome, kind, SUPPORT, reference))

    def _add_documents(self, case: PermitCase, on: date, codes: Iterable[str]) -> None:
        case.documents += [Document("", code, DOCUMENTS[code], on) for code in codes]
