"""What a task may ask of the case system, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from robots.fields import CaseNumber, FacilityNumber, PersonalNumber, PropertyDesignation
from robots.systems.documents import Document


@dataclass(frozen=True)
class Case:
    """A citizen's matter as the case system shows it.

    ``citizen`` is None where the case has no known citizen, ``protected`` is true where the case system itself says
    that the citizen's identity is protected; ``name`` is then empty. ``locked_by`` is the colleague who works in it.
    ``language`` is the citizen's own, as an ISO 639-1 code: "sv" where the case says nothing.
    """

    number: CaseNumber
    title: str
    status: str
    inbox: str
    handler: str
    channel: str
    created: date
    name: str
    citizen: PersonalNumber | None
    protected: bool
    property_id: PropertyDesignation | None
    facility: FacilityNumber | None
    locked_by: str
    closed: bool
    language: str = "sv"


class Cases:
    """The two access levels of a case system. A connector's own classes have the same methods."""

    class Reader(Protocol):
        """What a robot may look at."""

        def read(self, case_number: CaseNumber) -> Case:
            """The case. Raises ``BusinessException`` when there is no case with that number."""

    class Writer(Reader, Protocol):
        """What a robot may change. Every change is made once and returns its receipt."""

        def add_note(self, case_number: CaseNumber, text: str, *, once: str) -> str:
            """Write a journal note. The receipt is the note's number."""

        def send_message(
            self, case_number: CaseNumber, subject: str, text: str, documents: list[Document], *, once: str
        ) -> str:
            """Send the citizen a message with attachments. The receipt is the message's number."""

        def hand_over(self, case_number: CaseNumber, reason: str, todo: str, *, once: str) -> str:
            """Give the case to a person, in the inbox it belongs to, with the reason and what to do."""
