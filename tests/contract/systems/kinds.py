"""What the contract suite knows of a system: what can be read and changed in it, and how a naive script fails in it.

The words and addresses in the modules beside this one are the town's, written down once more on purpose: the faults
rename and strike what a person sees on the page, whatever the driver calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import CaseNumber, PersonalNumber, PropertyDesignation
from robots.systems.access import SystemAccess
from robots.systems.driver import Driver

ONCE = "prov"
UNKNOWN_MARK = "R-000000000000"
NOTHING: tuple[Any, ...] = (None, [], ())  # what a look gives where the page says that there is nothing


@dataclass(frozen=True)
class Reading:
    """A look in a system.

    ``some`` finds something, and ``told`` is the same from the town itself; ``none`` looks where there is nothing.
    ``path`` is a regular expression for the page it is on, after the system's own prefix; ``heading`` is what
    recognises it, as its source has it; ``absence`` the words with which it says that there is nothing.
    """

    name: str
    path: str
    heading: str
    some: Callable[[Any, Town], Any]
    told: Callable[[Town], Any]
    none: Callable[[Any, Town], Any]
    absence: str


@dataclass(frozen=True)
class Change:
    """An effect. ``form`` and ``commit`` are regular expressions for the page it is filled in on and the request that
    makes it, by ``method``; ``kind`` and ``about`` are how the town counts it."""

    name: str
    form: str
    commit: str
    kind: str
    about: Callable[[Town], str]
    make: Callable[[Any, Town], str]
    method: str = "POST"


@dataclass(frozen=True)
class SystemUnderTest:
    """``writer`` is None where there is nothing that a robot may change.

    ``naive`` is the control: a script as a beginner writes it for this system, given a window that is logged in, which
    returns what it believes it has read or done. ``naive_right`` is whether that is so, by the town, and the suite
    demands that it is not; it is None for a script that gets nowhere and raises. ``naive_breaks`` says what in this
    class of system is behind it.
    """

    reader: type[Driver]
    readings: tuple[Reading, ...]
    naive: Callable[[Page, Town], object]
    naive_breaks: str
    naive_right: Callable[[Any, Town], bool] | None
    writer: type[Driver] | None = None
    changes: tuple[Change, ...] = ()

    @property
    def key(self) -> str:
        return self.reader.system


@dataclass(frozen=True)
class InterfaceUnderTest:
    """The same for a system without pages: no heading, no words of a page, no naive script; all else holds for it.

    ``unguarded`` takes away what the system itself does so that the same change sent twice is one: for the controls.
    """

    reader: type[SystemAccess]
    readings: tuple[Reading, ...]
    writer: type[SystemAccess] | None = None
    changes: tuple[Change, ...] = ()
    unguarded: Callable[[Town], object] = lambda _: None

    @property
    def key(self) -> str:
        return self.reader.system


def case_of(town: Town) -> CaseNumber:
    return CaseNumber(town.cases("drawings", "normal")[0]["number"])


def citizen_of(town: Town) -> PersonalNumber:
    return PersonalNumber(town.cases("drawings", "normal")[0]["citizen"])


def home_of(town: Town, errand: str = "drawings", twist: str = "normal") -> PropertyDesignation:
    return PropertyDesignation(town.cases(errand, twist)[0]["property_id"])


def none_found(error: BusinessException) -> None:
    """A reader may also say "there is none" by asking a person, but only in these words."""
    assert "finns inte" in error.reason
