"""What is at hand in a system during one attempt, and the change that is in the middle of being made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from robots.browser.multipart import Upload
from robots.browser.origins import Origins, is_sealed, shown
from robots.effects import Effect, Ledger
from robots.errors import AddressRefused, LoginFailed, SystemDown
from robots.evidence import Recorder
from robots.settings import SystemSettings
from robots.systems.asking import Asking
from robots.systems.login import LoginSessions

if TYPE_CHECKING:  # as in documents.py
    from playwright.sync_api import BrowserContext, Page

A_PAUSE = re.compile("[0-9]{1,5}")  # seconds, up to a day: who asks for more is not waited for


@dataclass(kw_only=True)
class Bench:
    """What is at hand in one system during one attempt. ``title`` is what the municipality calls the system.

    ``pictured``: pictures may be taken there; never in a system of the class *sekretess*. ``leave_for_later`` is told
    which change may wait, its arguments, and its name; None where nothing may. ``asking`` knows which changes a person
    looks at before they leave; None in a run that asks for nothing. ``mask`` are the elements (CSS) that every picture
    has covered. ``protected`` are the words by which the system's pages say that somebody's identity is protected, and
    ``stops_at_protected`` that a run ends there. ``held`` are the sums of the files that the attempt has fetched
    itself, the only ones that it may hand on; None where nobody keeps count. ``signature`` says
    which toolkit and which version of the task is at work; "" before a task is.
    """

    settings: SystemSettings
    title: str
    robot_user: str
    ask_password: Callable[[], SecretStr]
    logins: LoginSessions
    ledger: Ledger
    recorder: Recorder
    dry_run: bool = False
    case_number: str | None = None
    pictured: bool = True
    leave_for_later: Callable[[str, dict[str, Any], str], None] | None = None
    asking: Asking | None = None
    held: set[str] | None = None
    mask: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    stops_at_protected: bool = False
    signature: str = ""
    _password: SecretStr | None = field(default=None, repr=False)

    @property
    def password(self) -> SecretStr:
        """Read from its source when it is first wanted, and the same until it is let go of. Raises as its source."""
        if self._password is None:
            self._password = self.ask_password()
            self.recorder.hide_secret(self._password.get_secret_value())
        return self._password

    def let_go_of_password(self) -> None:
        self._password = None

    @property
    def origins(self) -> Origins:
        """The system's own addresses."""
        return Origins.of([self.settings.url, *self.settings.also])

    def demand_own(self, address: str) -> None:
        """Raise ``AddressRefused`` for an address that is not the system's: nothing is sent there."""
        if not self.origins.hold(address):
            raise self.astray(address)

    def astray(self, address: str) -> AddressRefused:
        """To be raised, in words for people."""
        return AddressRefused(f"{self.title} ledde till {shown(address)}, som inte är en av systemets adresser.")

    def demand_sealed(self, address: str) -> None:
        """Raise ``LoginFailed`` where a password could be read on its way."""
        if not is_sealed(address):
            raise LoginFailed(f"{self.title}: lösenordet skickas inte till {shown(address)}, som inte är https.")

    def signed(self, text: str) -> str:
        """``text`` with what wrote it, so that a note tells years later which version of the robot that was."""
        return f"{text} ({self.signature})" if self.signature else text

    def demand_open(self, status: int, headers: Mapping[str, str]) -> None:
        """Raise ``SystemDown``, with the pause that it asks for, when the system answers that it is closed."""
        if status >= 500 or status == 429:
            pause = headers.get("retry-after", "")
            asked = float(pause) if A_PAUSE.fullmatch(pause) else None
            raise SystemDown(f"{self.title} svarar {status}.", asked)


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
