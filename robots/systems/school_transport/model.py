"""What Skolskjuts tells of a pupil's way to school, and of an application."""

from __future__ import annotations

from dataclasses import dataclass

from robots.fields import PersonalNumber

# As the system writes them.
BY_DISTANCE = "Avstånd"
WHOLE_TIME, ALTERNATING = "Bor bara på folkbokföringsadressen", "Bor växelvis på två adresser"
GRANT, REJECT = "Bevilja skolskjuts", "Avslå ansökan"


@dataclass(frozen=True)
class Pupil:
    """A pupil in one school year (läsår, "2026/27").

    ``year`` is "F" or "1" to "9". ``own_school`` is the school that is not a municipal one, or "". ``metres`` is the
    way to walk or cycle to ``nearest_school`` from the registered address, None where no way can be measured;
    ``limit`` is what it must be longer than. ``guardians_apart``: they are registered at different addresses.
    ``applications`` are the numbers of those that stand for the school year.
    """

    personal_number: PersonalNumber
    school_year: str
    year: str
    own_school: str
    nearest_school: str
    metres: int | None
    limit: int
    guardians_apart: bool
    applications: tuple[str, ...]


@dataclass(frozen=True)
class Application:
    """An application as its card shows it. ``locked_by`` is the colleague who has it open, or ""."""

    number: str
    pupil: PersonalNumber
    school_year: str
    school: str
    reason: str
    residence: str
    metres: int
    limit: int
    status: str
    reference: str
    locked_by: str
