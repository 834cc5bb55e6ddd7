"""What a task may ask of the case system, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from robots.fields import CaseNumber, FacilityNumber, PersonalNumber, PropertyDesignation
from robots.systems.documents import Document

# What a robot may set, in the words of every case system's contract; a connector knows what its own system calls them.
Status = Literal["Pågående", "Väntar på medborgaren", "Avslutat"]
NEW = "Nytt"  # what nobody has begun with; no robot makes a case new again


@dataclass(frozen=True)
class Case:
    """A citizen's matter as the case system shows it.

    ``citizen`` is None where the case has no known citizen, ``protected`` is true where the case system itself says
    that the citizen's identity is protected; ``name`` is then empty. ``handler`` is who has taken it, "" where nobody
    has, and ``locked_by`` the colleague who works in it just now. ``status`` is ``NEW``, one of ``Status``, or a word
    that only this case system has. ``language`` is the citizen's own, as an ISO 639-1 code: "sv" where the case says
    nothing.
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


@dataclass(frozen=True)
class CaseRow:
    """A case in a list: enough to choose it by, and nothing about the citizen. ``handler`` and ``status`` as in
    ``Case``; ``locked`` is true while a colleague works in it. ``version`` is what the list itself says that becomes
    another when the case does, "" where it says no such thing."""

    number: CaseNumber
    title: str
    status: str
    inbox: str
    handler: str
    created: date
    locked: bool
    version: str = field(default="", compare=False)


@dataclass(frozen=True)
class Attachment:
    """A file that came with a case, as the case system tells of it before anybody has fetched it.

    ``key`` is what the case system itself knows it by. ``type`` is what it is said to be, "" where nobody says: only
    its bytes prove it. ``size`` is in bytes, 0 for a ``secret`` one that the system keeps to itself.
    """

    key: str
    name: str
    type: str
    size: int
    secret: bool


def newest_first(rows: Iterable[CaseRow]) -> tuple[CaseRow, ...]:
    """The order of every list of cases, whatever the case system's own."""
    return tuple(sorted(rows, key=lambda row: (row.created, row.number), reverse=True))


class Cases:
    """The two access levels of a case system. A connector's own classes have the same methods.

    Every method raises ``BusinessException`` where there is no case with that number, and every change does where the
    case is closed to it or a colleague has it; ``RecordLocked``, which is tried again, while a colleague works in it.
    """

    class Reader(Protocol):
        """What a robot may look at."""

        def read(self, case_number: CaseNumber) -> Case:
            """The case as it stands now."""

        def find(
            self, *, citizen: PersonalNumber | None = None, words: str = "", also_closed: bool = False
        ) -> tuple[CaseRow, ...]:
            """Just that citizen's cases, or the cases that hold every word, or both: newest first, all of them.

            Empty where the case system says that there are none. Raises ``ValueError`` when nothing is asked for.
            """

        def inbox(self, name: str) -> tuple[CaseRow, ...]:
            """All open cases of an inbox, taken or not: newest first. Empty where the case system says so.

            Raises ``BusinessException`` when there is no inbox of that name.
            """

        def attachments_of(self, case_number: CaseNumber) -> tuple[Attachment, ...]:
            """The files that came with the case, in the order that they came; not those that were sent from it.

            Empty where the case system says that there are none.
            """

        def download_attachment(self, case_number: CaseNumber, attachment: Attachment) -> Document:
            """The file, byte for byte. Its ``type`` is what its bytes say, and not its name (``documents.type_of``).

            Raises ``BusinessException`` for a secret one and for one that is no longer there, ``DownloadBroken``,
            which is tried again, where it did not come whole.
            """

    class Writer(Reader, Protocol):
        """What a robot may change. Every change is made once and returns its receipt."""

        def claim(self, case_number: CaseNumber, *, once: str) -> str:
            """Take the case as the robot user. A case that it has already is taken; a colleague's is not touched."""

        def add_note(self, case_number: CaseNumber, text: str, *, once: str) -> str:
            """Write a journal note; a closed case takes it as well. The receipt is the note's number."""

        def send_message(
            self, case_number: CaseNumber, subject: str, text: str, documents: list[Document], *, once: str
        ) -> str:
            """Send the citizen a message with attachments. The receipt is the message's number."""

        def set_status(self, case_number: CaseNumber, status: Status, *, once: str) -> str:
            """See to it that the case has this status; one that has it already is left as it is."""

        def hand_over(self, case_number: CaseNumber, reason: str, todo: str, *, once: str) -> str:
            """Give the case to a person, in the inbox it belongs to, with the reason and what to do."""
