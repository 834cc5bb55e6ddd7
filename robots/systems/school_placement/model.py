"""What the school placement tells of a pupil, and of when a school may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from robots.fields import PersonalNumber


@dataclass(frozen=True)
class Hit:
    """A line of the list of pupils. ``protected``: no more of the pupil is shown than the number."""

    personal_number: PersonalNumber
    name: str
    school: str
    protected: bool


@dataclass(frozen=True)
class Guardian:
    """A guardian (vårdnadshavare) with what was wished for in the e-service, the dearest school first.

    ``signed_on`` is None where the card says that the guardian has not signed.
    """

    personal_number: PersonalNumber
    name: str
    signed_on: date | None
    wishes: tuple[str, ...]


@dataclass(frozen=True)
class Sibling:
    """A sibling in the school register. ``school_year`` and ``school`` are "" where there is none yet."""

    name: str
    school_year: str
    school: str


@dataclass(frozen=True)
class Choice:
    """A school choice (skolval). ``status`` is in the system's words, ``sibling`` whether that is its reason."""

    number: str
    schools: tuple[str, ...]
    sibling: bool
    status: str
    reference: str

    @property
    def standing(self) -> bool:
        """Registered, and neither decided nor withdrawn."""
        return self.status == "Registrerat"


@dataclass(frozen=True)
class Pupil:
    """A pupil as the card shows it.

    ``municipality`` is where the pupil is registered. ``school_year`` and ``school`` are "" for one who goes to none,
    ``next_year`` is "" for one who has finished. ``choices`` are all there are, the latest first.
    """

    personal_number: PersonalNumber
    name: str
    municipality: str
    school_year: str
    next_year: str
    school: str
    guardians: tuple[Guardian, ...]
    siblings: tuple[Sibling, ...]
    choices: tuple[Choice, ...]

    @property
    def all_have_signed(self) -> bool:
        """Whether every guardian has signed; never true where the card has no guardian."""
        return bool(self.guardians) and all(g.signed_on is not None for g in self.guardians)

    @property
    def wishes(self) -> tuple[str, ...] | None:
        """What all guardians wish for together; None where they do not agree, or somebody has not signed."""
        wished = {g.wishes for g in self.guardians}
        return wished.pop() if self.all_have_signed and len(wished) == 1 else None


@dataclass(frozen=True)
class Period:
    """When a school may be chosen for some years: from ``opens`` to ``closes``, both included.

    ``open_now`` is the system's own word for it, ``remark`` says why the days are others than the ordinary, or "".
    """

    school_years: str
    opens: date
    closes: date
    open_now: bool
    remark: str
