"""A driver of the tests' own, on a real page server, with a real ledger, recorder and login sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

from pydantic import SecretStr

from robots.effects import Ledger
from robots.evidence import Recorder
from robots.settings import EffectSettings, SystemSettings
from robots.store import Store
from robots.systems.driver import Driver, Workbench
from robots.systems.login import LoginSessions
from robots.worker.warm_browser import Window
from tests.sealing import keys_in
from tests.unit.pages import Answer, Asked, page
from tests.unit.runs import new_attempt, new_run

KEY = b"4iyWLnVqp6pBTTr3G9hzR7CFxl9yqEJ4Mv2cZQ1V9dM="  # of no machine
LOGIN = (
    "<h1>Logga in</h1>{error}<form method=post><label>Användarnamn<input name=user></label>"
    "<label>Lösenord<input type=password name=secret></label><button>Logga in</button></form>"
)


class Practice(Driver):
    """A system with no pages of its own."""

    system: ClassVar[str] = "prov"


@dataclass
class Site:
    """A system behind a login: ``pages`` by path; whoever has no session gets the login page."""

    pages: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    password: str = "rätt"
    logins: int = 0
    refusals: int = 0
    session: int = 0

    def __call__(self, asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        if path == "/logga-in":
            return self._log_in(asked)
        if not self.session or f"session={self.session}" not in asked.headers.get("cookie", ""):
            return page(LOGIN.format(error=""))
        found = self.pages.get(path, Answer("", 404))
        return found(asked) if callable(found) else found

    def _log_in(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return page(LOGIN.format(error=""))
        if parse_qs(asked.body.decode())["secret"] != [self.password]:
            self.refusals += 1
            return page(LOGIN.format(error="<p>Fel användarnamn eller lösenord.</p>"))
        self.logins += 1
        self.session = self.session or 100
        return Answer("", 303, {"Location": "/", "Set-Cookie": f"session={self.session}; Path=/"})

    def log_everybody_out(self) -> None:
        self.session += 1000


# So long, in seconds, a driver waits in a test for what does not come. For what comes it waits long: under load a login
# takes more than a second.
IMPATIENT = 1.0


def bench(
    window: Window,
    store: Store,
    folder: Path,
    address: str,
    *,
    password: str = "rätt",
    run_id: int | None = None,
    settle: float = 0.2,
    timeout: float = 10.0,
    effects: dict[str, EffectSettings] | None = None,
    **more: Any,
) -> Workbench:
    """What one attempt's driver has at hand. With ``run_id`` it is a later attempt of that run."""
    run_id = run_id or new_run(store)
    attempt_id = new_attempt(store, run_id)
    return Workbench(
        settings=SystemSettings(url=address, settle_seconds=settle, timeout_seconds=timeout, effects=effects or {}),
        title="Provsystemet",
        robot_user="robot.ada",
        ask_password=lambda: SecretStr(password),
        context=window.context,
        page=window.context.new_page(),
        logins=LoginSessions(store, KEY, "ada", "prov"),
        ledger=Ledger(store, run_id=run_id, attempt_id=attempt_id, task="prov", case_number=None, subject=str(run_id)),
        recorder=Recorder(store, folder, run_id, 1, keys=keys_in(store), pictures=False),
        **more,
    )
