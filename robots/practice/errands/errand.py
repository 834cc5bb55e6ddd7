"""How an errand is declared: what citizens ask for, how often, and what is special about some of those who ask.

A twist says what it needs of the person and of the property. What only concerns one system's own records (a contract
that has run out, a customer in arrears) is that system's affair: its ``reset`` looks at the town's cases of its errand
and makes the record to fit.
"""

from __future__ import annotations

from dataclasses import dataclass

PERSONS = ("", "stranger", "protected", "deceased", "elsewhere")
LAND = frozenset({
    "drawings", "older_designation", "some_secret", "all_secret", "none_found",  # the archive's
    "sensitive_building", "villa", "fritidshus", "flerbostadshus",  # what stands on it
    "several_plans", "outside_plan", "not_final",  # the plans'
    "tank", "no_tank", "blocked", "dispens", "household_deviation", "bin_booked", "sludge_booked",  # the facility's
    "island", "private_road", "state_road", "municipal_road",  # where it lies
})  # fmt: skip
FAMILIES = ("", "together", "apart", "single", "siblings", "expecting", "couple", "married")


@dataclass(frozen=True)
class Twist:
    """What is special about some of an errand's cases.

    ``person`` is who asks: the owner of the property (""), somebody else who lives there ("stranger"), an owner who is
    "protected" or "deceased", or somebody registered in another municipality ("elsewhere").
    ``land`` are the traits that the property must have; a property that is unfit for the errand is one with the trait
    that makes it so.
    ``family`` is the household of the one who asks: two guardians at one address ("together") or at two ("apart"),
    one guardian ("single"), two with several children of school age ("siblings"), cohabitants who expect a child
    ("expecting"), an unmarried "couple", or a "married" one. With a protected person the whole family is.
    ``child_turns`` is the age, lowest and highest, that the eldest child turns this calendar year.
    ``to_school`` is how far that child walks to the nearest municipal school of its year, in metres from and to.
    """

    cases: int
    person: str = ""
    land: tuple[str, ...] = ()
    family: str = ""
    child_turns: tuple[int, int] = (7, 15)
    to_school: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        unknown = {self.person} - set(PERSONS) | {self.family} - set(FAMILIES) | set(self.land) - LAND
        if unknown:
            raise ValueError(f"the town cannot make {', '.join(sorted(unknown))}")
        if self.to_school and not self.family:
            raise ValueError("only a family has a child with a way to school")


@dataclass(frozen=True)
class Errand:
    """One thing that citizens ask for.

    ``titles`` are what such cases are called, one is drawn. ``text`` may hold ``{designation} {street} {name}
    {facility} {child} {partner}``. ``inbox`` is one of the case system's. ``about_facility`` says that the case names
    the waste facility of the property.
    """

    name: str
    titles: tuple[str, ...]
    text: str
    inbox: str
    twists: dict[str, Twist]
    about_facility: bool = False
