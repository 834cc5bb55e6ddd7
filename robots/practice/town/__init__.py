"""One invented town: the same people, properties and cases in every system.

``build_town(seed, today)`` is a pure function: the same seed and day give the same town, byte for byte.
A case's ``twist`` says what is special about it; tests and the demo read it through the control API,
the systems themselves never show it. What citizens ask for is declared in ``robots/practice/errands``.
"""

from robots.practice.names import TOWN
from robots.practice.town.build import build_town
from robots.practice.town.model import Case, Child, Drawing, Facility, Family, Person, Plan, Property, Town
from robots.practice.town.schools import SCHOOLS, School, nearest_school, school_year, walking_metres

__all__ = [
    "SCHOOLS",
    "TOWN",
    "Case",
    "Child",
    "Drawing",
    "Facility",
    "Family",
    "Person",
    "Plan",
    "Property",
    "School",
    "Town",
    "build_town",
    "nearest_school",
    "school_year",
    "walking_metres",
]
