"""What Skolskjuts keeps: the pupils, the applications and the proposals."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from robots.practice.school_transport import rules
from robots.practice.town import Town

REGISTERED, PROPOSED, DECIDED, WITHDRAWN = "Registrerad", "Förslag lämnat", "Beslutad", "Återkallad"
FINISHED = (DECIDED, WITHDRAWN)
# The record that the supplier put in when the system was set up, which every search for its reference finds.
START_REFERENCE = "STARTPOST"
SPECIAL_SCHOOLS = ("Anpassade grundskolan Linden (Granvik)", "Fria skolan Smedjan")
OLD_APPLICATIONS = 46


@dataclass(frozen=True)
class Application:
    """``pupil`` and ``applicant`` are personal numbers, ``metres`` the way that was measured for it."""

    number: str
    pupil: str
    term: str
    year: str
    school: str
    applicant: str
    reason: str
    residence: str
    message: str
    reference: str
    metres: int
    limit: int
    status: str
    registered: date
    registered_by: str
    locked_by: str = ""


@dataclass(frozen=True)
class Proposal:
    number: str
    application: str
    outcome: str
    motivation: str
    reference: str
    made: date
    made_by: str


class Register:
    """All of it, made anew from the town with the same seed."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.today = town.today
        self.applications: dict[str, Application] = {}
        self.proposals: dict[str, Proposal] = {}
        self.special: dict[str, str] = {}  # the pupils that go to a school of their own choice
        dice = random.Random(town.seed)
        self._found_system()
        asked = {c.children[0]: c.twist for c in sorted(town.cases.values(), key=lambda c: c.number)
                 if c.errand == "school_transport"}  # fmt: skip
        others = [n for n, c in sorted(town.children.items()) if c.school_year and n not in asked and self._walks(n)]
        for place, pupil in enumerate(dice.sample(others, min(OLD_APPLICATIONS, len(others)))):
            days = 2 * (OLD_APPLICATIONS - place) + 3
            self._old(pupil, days, (DECIDED, REGISTERED, WITHDRAWN, DECIDED)[place % 4])
        for pupil, twist in asked.items():
            if twist == "special_school":
                self.special[pupil] = dice.choice(SPECIAL_SCHOOLS)
            elif twist == "already_applied":
                self._old(pupil, 2, REGISTERED)

    def of(self, pupil: str, term: str) -> list[Application]:
        """Those that stand, decided or not."""
        found = [a for a in self.applications.values() if (a.pupil, a.term) == (pupil, term)]
        return [a for a in found if a.status != WITHDRAWN]

    def register(self, application: Application) -> Application:
        made = replace(application, number=f"SKJ-{self.today.year}-{len(self.applications) + 1:04d}")
        self.applications[made.number] = made
        return made

    def propose(self, proposal: Proposal) -> Proposal:
        made = replace(proposal, number=f"FÖR-{len(self.proposals) + 1:05d}")
        self.proposals[made.number] = made
        about = self.applications[made.application]
        self.applications[about.number] = replace(about, status=PROPOSED)
        return made

    def _walks(self, pupil: str) -> bool:
        home = self.town.properties.get(self.town.children[pupil].property_id)
        return home is not None and not home.island and not self.town.children[pupil].protection

    def _old(self, pupil: str, days: int, status: str) -> None:
        child = self.town.children[pupil]
        home, term = self.town.properties[child.property_id], rules.terms(self.today)[0]
        school = rules.nearest(home, child.school_year)
        on = self.today - timedelta(days=days)
        self.register(Application(
            "", pupil, term, child.school_year, school.name, child.guardians[0], rules.BY_DISTANCE, rules.WHOLE_TIME,
            "", "E-tjänst", rules.way(home, school).walking, rules.limit(child.school_year), status, on, "E-tjänsten",
        ))  # fmt: skip

    def _found_system(self) -> None:
        """The first application and the first proposal, about nobody."""
        term, on = rules.terms(self.today)[0], date(self.today.year - 1, 1, 2)
        first = self.register(Application(
            "", "", term, "1", "Ekbacksskolan", "", rules.BY_DISTANCE, rules.WHOLE_TIME, "", START_REFERENCE, 0, 3000,
            WITHDRAWN, on, "Leverantören",
        ))  # fmt: skip
        self.propose(Proposal("", first.number, rules.REJECT, "Startpost.", START_REFERENCE, on, "Leverantören"))
        self.applications[first.number] = first
