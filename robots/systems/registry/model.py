"""What the registry tells of an ärende and its documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# As the registry writes them.
NO_SECRECY = "Ingen sekretess"
CLOSED = "Avslutat"


@dataclass(frozen=True)
class Hit:
    """A document in a list. ``checked_out_by`` is "" where nobody has it."""

    number: str
    title: str
    secrecy: str
    checked_out_by: str

    @property
    def secret(self) -> bool:
        return self.secrecy != NO_SECRECY


@dataclass(frozen=True)
class CaseFile:
    """An ärende as its card shows it. ``dnr`` is in the series of its board: ``KS-2026/0918``."""

    dnr: str
    title: str
    board: str
    status: str
    officer: str
    documents: tuple[Hit, ...]

    @property
    def closed(self) -> bool:
        return self.status == CLOSED


@dataclass(frozen=True)
class Handling:
    """A document as its card shows it.

    ``case_closed``: its ärende is closed, and nothing in it can be changed. ``file`` is the address of the file that
    was checked in last, "" where the card says that none is shown (secrecy) or that there is paper only.
    """

    number: str
    case: str
    title: str
    direction: str
    on: date
    secrecy: str
    checked_out_by: str
    case_closed: bool
    file: str

    @property
    def secret(self) -> bool:
        return self.secrecy != NO_SECRECY
