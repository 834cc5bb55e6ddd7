"""The norms of each year, and how a month's support is reckoned from them.

Three figures of 2021 are those of that year's ordinance; all others are made up for practice, as are later years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 2021, 2035
SINGLE, COUPLE = 3160, 5700
BANDS = (
    ("Barn under 1 år", 0, 2310), ("Barn 1–2 år", 2, 2590), ("Barn 3 år", 3, 2280), ("Barn 4–6 år", 6, 2530),
    ("Barn 7–10 år", 10, 3190), ("Barn 11–14 år", 14, 3680), ("Barn 15–18 år", 18, 4160),
)  # fmt: skip
SHARED = (1020, 1130, 1430, 1640, 1880, 2150, 2340)  # by the number of people in the household
A_YEAR = 1.03


@dataclass(frozen=True)
class Norm:
    """The monthly amounts of one year, in kronor."""

    year: int

    @property
    def single(self) -> int:
        return self._then(SINGLE)

    @property
    def couple(self) -> int:
        return self._then(COUPLE)

    def child(self, age: int) -> int:
        return next(self._then(amount) for _, most, amount in BANDS if age <= most)

    def shared(self, members: int) -> int:
        return self._then(SHARED[min(members, len(SHARED)) - 1])

    def rows(self) -> list[tuple[str, int]]:
        """As the table shows them."""
        children = [(name, self._then(amount)) for name, _, amount in BANDS]
        shared = [(f"Gemensamma kostnader, {n} {'person' if n == 1 else 'personer'}", self.shared(n))
                  for n in range(1, len(SHARED) + 1)]  # fmt: skip
        return [("Ensamstående", self.single), ("Sambor eller makar", self.couple), *children, *shared]

    def _then(self, amount: int) -> int:
        return round(amount * A_YEAR ** (self.year - FIRST_YEAR) / 10) * 10


@dataclass(frozen=True)
class Sums:
    """What a month comes to. ``result`` is below zero where the income is more than the need."""

    personal: int
    shared: int
    costs: int
    income: int

    @property
    def need(self) -> int:
        return self.personal + self.shared + self.costs

    @property
    def result(self) -> int:
        return self.need - self.income


def reckon(
    norm: Norm, adults: int, ages: Sequence[int], costs: Mapping[str, int], incomes: Mapping[str, tuple[int, int]]
) -> Sums:
    """``ages`` are the children's; ``incomes`` are the applicant's and the co-applicant's."""
    personal = (norm.couple if adults == 2 else norm.single) + sum(norm.child(age) for age in ages)
    shared = norm.shared(adults + len(ages))
    return Sums(personal, shared, sum(costs.values()), sum(map(sum, incomes.values())))


def kronor(amount: int) -> str:
    """``12 345``, with ordinary spaces."""
    return f"{amount:,}".replace(",", " ")


def whole_number(text: str) -> int | None:
    """What somebody has typed in a cell: None unless it is a whole amount of kronor. An empty cell is nought."""
    digits = "".join(text.split())
    if not digits:
        return 0
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= 6 else None
