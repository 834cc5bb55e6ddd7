"""What is at hand in a system during one attempt, and the change that is in the middle of being made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from robots.browser.multipart import Upload
from robots.effects import Effect, Ledger
from robots.errors import SystemDown
from robots.evidence import Recorder
from robots.settings import SystemSettings
from robots.systems.asking import Asking
from robots.systems.login import LoginSessions

if TYPE_CHECKING:  # as in documents.py
    from playwright.sync_api import BrowserContext, Page


@dataclass(kw_only=True)
class Bench:
    """What is at hand in one system during one attempt. ``title`` is what the municipality calls the system.

    ``pictured``: pictures may be taken there; never in a system of the class *sekretess*. ``leave_for_later`` is told
    which change may wait, its arguments, and its name; None where nothing may. ``asking`` knows which changes a person
    looks at before they leave; None in a run that asks for nothing. ``signature`` says which toolkit and which version
    of the task is at work; "" before a task is.
    """

    settings: SystemSettings
    title: str
    robot_user: str
    password: SecretStr
    logins: LoginSessions
    ledger: Ledger
    recorder: Recorder
    dry_run: bool = False
    case_number: str | None = None
    pictured: bool = True
    leave_for_later: Callable[[str, dict[str, Any], str], None] | None = None
    asking: Asking | None = None
    signature: str = ""

    def signed(self, text: str) -> str:
        """``text`` with what wrote it, so that a note tells years later which version of the robot that was."""
        return f"{text} ({self.signature})" if self.signature else text

    def demand_open(self, status: int, headers: Mapping[str, str]) -> None:
        """Raise ``SystemDown``, with the pause that it asks for, when the system answers that it is closed."""
        if status >= 500 or status == 429:
            pause = headers.get("retry-after", "")
            raise SystemDown(f"{self.title} svarar {status}.", float(pause) if pause.isdigit() else None)


@dataclass(kw_only=True)
class Workbench(Bench):
    """The same for a driver, which has a window for the system's pages."""

    context: BrowserContext
    page: Page


@dataclass
class Committing:
    """The effect that a method is carrying out: whether its click was made, and whether the system answered it.

    ``arguments`` are what the method was told, by name.
    """

    effect: Effect
    arguments: Mapping[str, Any] = field(default_factory=dict)
    clicked: bool = False
    answered: bool = False
    uploads: list[Upload] = field(default_factory=list)
