"""What one installation of a case system calls things, and what a case is that is told by those names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from robots.cases.contract import NEW, Case, CaseRow
from robots.cases.stops import as_cases_are_told
from robots.errors import ConfigurationError, PageNotRecognised
from robots.fields import CaseNumber, FacilityNumber, PersonalNumber, PropertyDesignation


class Names(BaseModel):
    """What the system calls the contract's statuses; each connector adds its own.

    They stand under ``[<system>.names]`` in ``config/systems.toml``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    new: str
    ongoing: str
    waiting: str
    closed: str

    @classmethod
    def of(cls, told: Mapping[str, object]) -> Self:
        """Raises ``ConfigurationError`` with the name that is missing or unknown."""
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            wrong = ", ".join(str(each["loc"][0]) for each in error.errors())
            system = cls.__module__.split(".")[2]
            raise ConfigurationError(
                f"[{system}.names] saknar eller känner inte till: {wrong}.", "systems.toml"
            ) from None

    @property
    def statuses(self) -> dict[str, str]:
        """What the system calls each status of the contract."""
        return {
            NEW: self.new, "Pågående": self.ongoing, "Väntar på medborgaren": self.waiting, "Avslutat": self.closed,
        }  # fmt: skip

    def status_of(self, called: str) -> str:
        """The contract's word for it; what only this system has stays as it is called."""
        return next((status for status, name in self.statuses.items() if name == called), called)


class Told(Protocol):
    """A case as a system tells it, each thing by its name."""

    def text(self, name: str) -> str:
        """What stands there, "" where nothing does."""

    def version(self, name: str) -> str:
        """What stands there is another when the case is. "" where the system says nothing of that."""

    def day(self, name: str) -> date:
        """The day that stands there. Raises ``PageNotRecognised`` where none does."""


class CaseNames(Names):
    """Where each thing about a case stands, in a system that tells a case thing by thing.

    ``changed``: when it was changed last, "" where the system does not say.
    """

    number: str
    title: str
    status: str
    inbox: str
    handler: str
    account: str
    channel: str
    created: str
    applicant: str
    citizen: str
    protected: str
    yes: str
    language: str
    property_id: str
    facility: str
    locked_by: str
    changed: str = ""

    @as_cases_are_told()
    def row(self, told: Told) -> CaseRow:
        """Raises ``PageNotRecognised`` where something is left out that every case has, or is what it cannot be."""
        return CaseRow(
            CaseNumber(demanded(told, self.number)), demanded(told, self.title),
            self.status_of(demanded(told, self.status)), demanded(told, self.inbox), told.text(self.handler),
            told.day(self.created), bool(told.text(self.locked_by)),
            told.version(self.changed),
        )  # fmt: skip

    @as_cases_are_told()
    def case(self, told: Told) -> Case:
        """As ``row``. A case that does not say whether its citizen is protected is none to go by."""
        row, protected = self.row(told), demanded(told, self.protected) == self.yes
        citizen, property_id, facility = (told.text(n) for n in (self.citizen, self.property_id, self.facility))
        return Case(
            number=row.number,
            title=row.title,
            status=row.status,
            inbox=row.inbox,
            handler=row.handler,
            channel=told.text(self.channel),
            created=row.created,
            name="" if protected else told.text(self.applicant),
            citizen=PersonalNumber(citizen) if citizen else None,
            protected=protected,
            property_id=PropertyDesignation(property_id) if property_id else None,
            facility=FacilityNumber(facility) if facility else None,
            locked_by=told.text(self.locked_by),
            closed=row.status == "Avslutat",
            language=told.text(self.language) or "sv",
        )

    def is_taken_by(self, told: Told, account: str) -> bool:
        return told.text(self.account).casefold() == account.casefold()


def demanded(told: Told, name: str) -> str:
    """What stands there. Raises ``PageNotRecognised`` where nothing does."""
    if not (found := told.text(name)):
        raise PageNotRecognised(f"Ärendesystemet säger ingenting om «{name}».")
    return found
