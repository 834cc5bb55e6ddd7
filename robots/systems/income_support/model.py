"""What Socio tells of a household, and what a robot may propose for it. All amounts are whole kronor a month."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from robots.errors import PageNotRecognised
from robots.fields import PersonalNumber

# As the system writes them.
SMS = "Sms"  # the channel that tells nothing but that there is something to read
GRANTED, PARTLY, REFUSED = OUTCOMES = ("Bifall", "Delvis bifall", "Avslag")
SUMS = ("Riksnorm, personliga kostnader", "Riksnorm, gemensamma kostnader", "Summa behov", "Summa inkomster", "Bistånd")
ROLES = ("Sökande", "Medsökande", "Barn")
Amounts = Mapping[str, int]
Incomes = Mapping[str, tuple[int, int]]  # the applicant's and the co-applicant's


@dataclass(frozen=True)
class File:
    """A household's file (akt). ``plan_until`` is the last day of the activity plan, None where there is none.

    ``children`` are in the order of the file; ``co_applicant`` is None for somebody who applies alone.
    """

    number: str
    applicant: PersonalNumber
    co_applicant: PersonalNumber | None
    children: tuple[PersonalNumber, ...]
    official: str
    plan_until: date | None

    @property
    def adults(self) -> tuple[PersonalNumber, ...]:
        """One or two."""
        return (self.applicant, self.co_applicant) if self.co_applicant else (self.applicant,)

    @property
    def members(self) -> frozenset[PersonalNumber]:
        """Everybody in the household."""
        return frozenset((*self.adults, *self.children))

    def turning(self, year: int) -> list[int]:
        """How old the children become in a year, which is how the norms count."""
        return [year - int(child[:4]) for child in self.children]


@dataclass(frozen=True)
class Application:
    """An e-application for one month (``YYYY-MM``).

    ``unsigned`` are the applicants whose signature is missing. ``complete_at`` and ``hours_since_complete`` (whole
    hours, by the system's own clock) are None while one is. ``earlier`` is the number of another application for the
    same month, ``message`` what the applicant writes; both are "" where the page says that there is none.
    """

    number: str
    month: str
    received_at: datetime
    complete_at: datetime | None
    hours_since_complete: int | None
    unsigned: tuple[PersonalNumber, ...]
    members: frozenset[PersonalNumber]
    costs: Amounts
    incomes: Incomes
    earlier: str
    message: str


@dataclass(frozen=True)
class Reply:
    """What one source in SSBTEK answers of one person. ``benefit`` is "" where nothing has been paid."""

    person: PersonalNumber
    source: str
    benefit: str
    amount: int


@dataclass(frozen=True)
class Calculation:
    """The latest calculation. ``result`` is need less income."""

    number: str
    month: str
    status: str
    members: frozenset[PersonalNumber]
    costs: Amounts
    incomes: Incomes
    need: int
    result: int


@dataclass(frozen=True)
class Decision:
    """What an official has decided for a month. It has no amount, so that none can come into a message."""

    number: str
    outcome: str
    official: str
    on: date


@dataclass(frozen=True)
class Norms:
    """The system's norms (riksnorm) of a year."""

    year: int
    amounts: Amounts

    def personal(self, adults: int, turns: Sequence[int]) -> int:
        """The personal costs of one or two adults, and of children who turn so many years this year."""
        grown = self.amounts["Sambor eller makar" if adults == 2 else "Ensamstående"]
        return grown + sum(self.amounts[_band(age)] for age in turns)

    def shared(self, members: int) -> int:
        """The shared costs of the household; more than seven count as seven."""
        many = min(members, 7)
        return self.amounts[f"Gemensamma kostnader, {many} {'person' if many == 1 else 'personer'}"]


def _band(age: int) -> str:
    if not 0 <= age <= 18:
        raise ValueError(f"riksnormen har inget belopp för ett barn på {age} år")
    for most, name in ((0, "under 1 år"), (2, "1–2 år"), (3, "3 år"), (6, "4–6 år"), (10, "7–10 år"), (14, "11–14 år")):
        if age <= most:
            return f"Barn {name}"
    return "Barn 15–18 år"


@dataclass(frozen=True)
class Proposal:
    """What a robot proposes to the official: the approved costs, the incomes, and what they must come to.

    ``result`` is the support that the task has reckoned for itself; a sheet that comes to anything else is not used.
    ``code`` can be nothing but an approval: whoever is to be refused is refused by a person from the beginning.
    """

    costs: Amounts
    incomes: Incomes
    result: int
    reasons: str
    code: Literal["Bifall"] = "Bifall"

    @property
    def cost_cells(self) -> dict[tuple[str, str], str]:
        """What is typed in the sheet of costs, by row and column."""
        return {(row, "Godkänt"): str(amount) for row, amount in self.costs.items() if amount}

    @property
    def income_cells(self) -> dict[tuple[str, str], str]:
        """What is typed in the sheet of incomes."""
        return {(row, who): str(amount) for row, both in self.incomes.items()
                for who, amount in zip(ROLES, both, strict=False) if amount}  # fmt: skip

    @property
    def lines(self) -> dict[str, int]:
        """As the system repeats it before it is laid: every amount that is not nought, income below it."""
        costs = {row: amount for row, amount in self.costs.items() if amount}
        first = {f"{row}, sökande": -amounts[0] for row, amounts in self.incomes.items() if amounts[0]}
        second = {f"{row}, medsökande": -amounts[1] for row, amounts in self.incomes.items() if amounts[1]}
        return costs | first | second


# What the pages say, as values. Anything that is not understood is an error.


def kronor_in(words: str) -> int:
    """``7 350`` or ``−7 350``; a dash is nought."""
    digits = re.sub(r"\s", "", words).replace("−", "-")
    if digits == "–":
        return 0
    if not re.fullmatch(r"-?\d+", digits):
        raise PageNotRecognised("Där ett belopp skulle stå står något annat.")
    return int(digits)


def moment_in(words: str) -> datetime:
    """``2026-11-22 06.50``."""
    try:
        return datetime.strptime(words, "%Y-%m-%d %H.%M")  # the system's own clock, as it says it
    except ValueError:
        raise PageNotRecognised("Där en tidpunkt skulle stå står något annat.") from None


def reply_in(cells: Mapping[str, str]) -> Reply:
    """A row of the answers from SSBTEK."""
    paid = cells["Förmån"] != "Inga utbetalningar"
    amount = kronor_in(cells["Belopp"])
    if paid != (amount > 0):
        raise PageNotRecognised("Ett svar från SSBTEK går inte att tolka.")
    return Reply(PersonalNumber(cells["Personnummer"]), cells["Källa"], cells["Förmån"] if paid else "", amount)


def unanswered(rows: Sequence[Mapping[str, str]], file: File) -> str:
    """Which sources have not answered of whom, in words for a person; "" where all have."""
    asked = {PersonalNumber(row["Personnummer"]) for row in rows}
    if asked != set(file.adults):
        return "svar finns inte för just de sökande"
    return ", ".join(sorted({row["Källa"] for row in rows if row["Förmån"] == "Svar saknas"}))


def file_in(
    number: str, applicant: PersonalNumber, shown: Mapping[str, str], people: Sequence[Mapping[str, str]]
) -> File:
    """A file as its first tab shows it: captions and values, and the rows of the household."""
    roles = [(row["Roll"], PersonalNumber(row["Personnummer"])) for row in people]
    first, second, children = (tuple(who for role, who in roles if role == one) for one in ROLES)
    if len(first) != 1 or len(second) > 1 or len(first + second + children) != len(roles):
        raise PageNotRecognised(f"Akt {number} visar ett hushåll som roboten inte förstår.")
    if applicant not in first + second:
        raise PageNotRecognised(f"Akt {number} är inte den sökandes.")
    until = re.fullmatch(r"Gäller till (\d{4}-\d\d-\d\d)", shown["Planering"])
    if until is None and shown["Planering"] != "Ingen aktuell planering":
        raise PageNotRecognised(f"Akt {number} visar en planering som roboten inte förstår.")
    plan = date.fromisoformat(until[1]) if until else None
    return File(number, first[0], second[0] if second else None, children, shown["Handläggare"], plan)


def application_in(
    month: str,
    shown: Mapping[str, str],
    unsigned: tuple[PersonalNumber, ...],
    *,
    members: frozenset[PersonalNumber],
    costs: Amounts,
    incomes: Incomes,
) -> Application:
    """An application as its tab shows it."""
    lacking = shown["Komplett"].startswith("Inte komplett")
    if bool(unsigned) != lacking:
        raise PageNotRecognised("Ansökans underskrifter stämmer inte med vad som står om att den är komplett.")
    return Application(
        number=shown["E-ansökan"],
        month=month,
        received_at=moment_in(shown["Inkom"]),
        complete_at=None if lacking else moment_in(shown["Komplett"]),
        hours_since_complete=None if lacking else int(shown["Timmar sedan komplett"]),
        unsigned=unsigned,
        members=members,
        costs=costs,
        incomes=incomes,
        earlier=_unless(shown["Tidigare ansökan samma månad"], "Ingen"),
        message=_unless(shown["Meddelande"], "Inget meddelande"),
    )


def calculation_in(
    shown: Mapping[str, str], members: frozenset[PersonalNumber], costs: Amounts, incomes: Incomes
) -> Calculation:
    """A calculation as its tab shows it."""
    return Calculation(
        number=shown["Senaste beräkning"],
        month=shown["Månad"],
        status=shown["Status"],
        members=members,
        costs=costs,
        incomes=incomes,
        need=kronor_in(shown["Summa behov"]),
        result=kronor_in(shown["Bistånd"]),
    )


def _unless(words: str, absent: str) -> str:
    return "" if words == absent else words
