"""What a driver has at hand during one attempt, and the change that it is in the middle of."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Page, Response
from pydantic import SecretStr

from robots.browser.multipart import Upload
from robots.effects import Effect, Ledger
from robots.errors import SystemDown
from robots.evidence import Recorder
from robots.settings import SystemSettings
from robots.systems.login import LoginSessions


@dataclass
class Workbench:
    """What a driver has at hand during one attempt. ``title`` is what the municipality calls the system."""

    settings: SystemSettings
    title: str
    robot_user: str
    password: SecretStr
    context: BrowserContext
    page: Page
    logins: LoginSessions
    ledger: Ledger
    recorder: Recorder
    dry_run: bool = False
    case_number: str | None = None

    def demand_open(self, answer: Response | None) -> None:
        """Raise ``SystemDown``, with the pause that it asks for, when the system answers that it is closed."""
        if answer is not None and (answer.status >= 500 or answer.status == 429):
            pause = answer.headers.get("retry-after", "")
            raise SystemDown(f"{self.title} svarar {answer.status}.", float(pause) if pause.isdigit() else None)


@dataclass
class Committing:
    """The effect that a method is carrying out: whether its click was made, and whether the system answered it."""

    effect: Effect
    clicked: bool = False
    answered: bool = False
    uploads: list[Upload] = field(default_factory=list)
