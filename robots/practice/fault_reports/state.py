"""What Felanmälan keeps: the reports, each with its place, its pictures and its notes."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from robots.practice.fault_reports.ground import Place, place_of
from robots.practice.town import Town

CATEGORIES: dict[str, tuple[str, ...]] = {
    "Gata och väg": ("Hål i vägen", "Halka", "Skylt", "Träd eller annat hinder på vägen", "Brunnslock saknas"),
    "Belysning": ("Gatlampa lyser inte", "Kabel hänger ner"),
    "Park och lekplats": ("Full papperskorg", "Trasig lekutrustning", "Övrigt"),
    "Klotter och skräp": ("Klotter", "Nedskräpning", "Övrigt"),
}
DANGERS = frozenset({"Träd eller annat hinder på vägen", "Brunnslock saknas", "Kabel hänger ner"})
OF_THE_ROAD = ("Gata och väg", "Belysning")  # what the one who looks after the road mends
NEW, PLANNED, MENDED, REFERRED = "Ny", "Planerad", "Åtgärdad", "Hänvisad"
STATUSES = (NEW, PLANNED, MENDED, REFERRED)
FINISHED = (MENDED, REFERRED)
NEAR_METRES, NEAR_DAYS = 50, 14
OLD_REPORTS = 60
RECEIVED = "Mottagen"
BY_LETTER = "BREV 1"  # the reference of the one report that did not come through the e-service


@dataclass(frozen=True)
class Note:
    on: date
    by: str
    text: str


@dataclass(frozen=True)
class Picture:
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Report:
    number: str
    place: Place
    group: str
    category: str
    text: str
    reference: str
    status: str
    made: date
    made_by: str
    owner: str
    duty: str = ""  # who on duty (jour) has been told of a danger
    pictures: tuple[Picture, ...] = ()
    notes: tuple[Note, ...] = ()
    open_at: str = ""  # the colleague who works in it


class Register:
    """The reports, made anew from the town with the same seed."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.today = town.today
        self.reports: dict[str, Report] = {}
        dice = random.Random(town.seed)
        asked = {c.property_id for c in town.cases.values() if c.errand == "fault_report"}
        calm = [place_of(town.properties[name]) for name in sorted(asked)]
        places = [place_of(home) for _, home in sorted(town.properties.items())]
        free = [p for p in places if all(p.metres_to(c) > 200 for c in calm)]
        for days, place in enumerate(dice.sample(free, OLD_REPORTS)):
            self._old(place, dice, OLD_REPORTS - days, STATUSES[days % 4] if days < OLD_REPORTS - 6 else NEW)
        first = next(iter(self.reports))
        self.reports[first] = replace(self.reports[first], reference=BY_LETTER)
        self._around_the_cases(dice)

    def near(self, place: Place) -> list[Report]:
        """Those that are not finished, of the latest days, the nearest first."""
        since = self.today - timedelta(days=NEAR_DAYS)
        found = [r for r in self.reports.values() if r.made >= since and r.status not in FINISHED]
        found = [r for r in found if r.place.metres_to(place) <= NEAR_METRES]
        return sorted(found, key=lambda r: r.place.metres_to(place))

    def add(self, report: Report) -> Report:
        """With its number and its first note."""
        number = f"FA-{self.today:%y}{len(self.reports) + 1:05d}"
        received = Note(report.made, "Felanmälan", f"{RECEIVED} {report.made.isoformat()}")
        self.reports[number] = replace(report, number=number, notes=(received,))
        return self.reports[number]

    def note(self, number: str, note: Note) -> None:
        about = self.reports[number]
        self.reports[number] = replace(about, notes=(*about.notes, note))

    def search(self, *, text: str, reference: str, group: str, status: str, finished: bool) -> list[Report]:
        """The newest first; those that are finished only where they, or their status, are asked for."""
        found = [r for r in reversed(self.reports.values()) if finished or status or r.status not in FINISHED]
        found = [r for r in found if status in ("", r.status) and group in ("", r.group)]
        found = [r for r in found if reference.casefold() in r.reference.casefold()]
        wanted = text.casefold()
        return [r for r in found if wanted in f"{r.number} {r.category} {r.text}".casefold()]

    def _old(self, place: Place, dice: random.Random, days: int, status: str, group: str = "") -> None:
        group = group or dice.choice(tuple(CATEGORIES))
        category = dice.choice([c for c in CATEGORIES[group] if c not in DANGERS])
        self.add(Report(
            "", place, group, category, f"{category}, se kartan.", "E-tjänst", status,
            self.today - timedelta(days=days), "E-tjänsten", "Gatudriften",
        ))  # fmt: skip

    def _around_the_cases(self, dice: random.Random) -> None:
        """What has been reported already where a case is a duplicate; and what only looks so where it is none."""
        for case in sorted(self.town.cases.values(), key=lambda c: c.number):
            if case.errand != "fault_report":
                continue
            home = place_of(self.town.properties[case.property_id])
            if case.twist == "duplicate":
                self._old(Place(home.n + 12, home.e - 9), dice, 3, NEW, "Belysning")
            elif case.twist == "normal":
                self._old(Place(home.n + 52, home.e + 47), dice, 2, NEW)  # too far away, from every property
                self._old(home, dice, NEAR_DAYS + 1, PLANNED)  # too long ago
                self._old(home, dice, 1, MENDED)
