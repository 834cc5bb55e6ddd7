"""The log of look-ups, and the pages that a session may still open."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TypeVar

from robots.practice.sessions import Session

CONTACT_CENTRE = "Ärende hos kontaktcenter"
REASONS = (CONTACT_CENTRE, "Handläggning bygglov", "Handläggning skola", "Handläggning socialtjänst", "Annan")
MOST_PAGES = 400


@dataclass(frozen=True)
class Why:
    """What somebody stated before being shown anything."""

    reason: str
    case_number: str
    note: str


@dataclass(frozen=True)
class Lookup:
    """One line of the log. ``kind`` is what was asked, ``sought`` what was typed, ``result`` what was answered."""

    number: int
    at: str
    user: str
    kind: str
    sought: str
    reason: str
    case_number: str
    note: str
    result: str


@dataclass(frozen=True)
class FormPage:
    """A form that was sent out and has not come back."""


@dataclass(frozen=True)
class HitsPage:
    numbers: tuple[str, ...]
    why: Why
    page: int = 1


@dataclass(frozen=True)
class PersonPage:
    """``listed`` is set when the person was chosen out of a hit list: that look is logged when it is taken."""

    number: str
    why: Why
    revealed: bool = False
    listed: HitsPage | None = None


@dataclass(frozen=True)
class RevealPage:
    number: str
    why: Why


@dataclass(frozen=True)
class ResidentsPage:
    designation: str
    why: Why


AnyPage = FormPage | HitsPage | PersonPage | RevealPage | ResidentsPage
P = TypeVar("P", FormPage, HitsPage, PersonPage, RevealPage, ResidentsPage)


class Pages:
    """The pages of one session by opaque id. A page opens once: reloading it, or going back to it, finds it gone."""

    def __init__(self) -> None:
        self._open: dict[str, AnyPage] = {}

    @classmethod
    def of(cls, session: Session) -> Pages:
        pages = session.memory.setdefault("pages", cls())
        assert isinstance(pages, cls)
        return pages

    def issue(self, page: AnyPage) -> str:
        """The id to put in a link; the oldest is forgotten when there are many."""
        if len(self._open) >= MOST_PAGES:
            del self._open[next(iter(self._open))]
        made = secrets.token_hex(12)
        self._open[made] = page
        return made

    def take(self, page_id: str, kind: type[P]) -> P | None:
        """The page, which is thereby used up."""
        page = self._open.get(page_id)
        if not isinstance(page, kind):
            return None
        del self._open[page_id]
        return page


class LookupLog:
    """Everything anybody has asked the register since the town was made."""

    def __init__(self) -> None:
        self.all: list[Lookup] = []

    def add(self, at: str, user: str, why: Why, *, kind: str, sought: str, result: str) -> None:
        self.all.append(
            Lookup(len(self.all) + 1, at, user, kind, sought, why.reason, why.case_number, why.note, result)
        )

    def of(self, user: str) -> list[Lookup]:
        """The user's last hundred, newest first."""
        return [entry for entry in reversed(self.all) if entry.user == user][:100]


def read_why(reason: str, case_number: str, note: str) -> tuple[Why, dict[str, str]]:
    """What was stated, and what is wrong with it by field."""
    why = Why(reason.strip(), case_number.strip(), note.strip())
    errors = {}
    if why.reason not in REASONS:
        errors["orsak"] = "Du måste ange orsak till sökningen."
    if why.reason == CONTACT_CENTRE and not why.case_number:
        errors["arende"] = f"Du måste ange ärendenummer när orsaken är {CONTACT_CENTRE}."
    return why, errors
