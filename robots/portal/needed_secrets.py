"""Which secrets this configuration needs, and whether each is there. What they are is never told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robots.errors import ConfigurationError, RagnhildError

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.sources.secret import Secrets, Traced


@dataclass(frozen=True)
class Needed:
    """A secret: what it is ``whose`` and ``where`` it is used, in Swedish, and the names it may go by.

    ``wanted`` is false where all may be well without it.
    """

    whose: str
    where: str
    names: tuple[str, ...]
    traced: Traced
    places: tuple[str, ...]
    wanted: bool = True

    @property
    def state(self) -> str:
        """``found``, ``missing``, ``unused`` (missing, and that may be right) or ``unknown``."""
        if self.traced.problem:
            return "unknown"
        if self.traced.place:
            return "found"
        return "missing" if self.wanted else "unused"


def needed_secrets(settings: Settings) -> Iterator[Needed]:
    """Each secret that something in the configuration asks for. Raises ``ConfigurationError`` for a broken file."""
    yield from _own_of_vault(settings)
    yield from _database(settings)
    yield from _own_keys(settings)
    for robot in settings.robots:
        for system in settings.access.get(robot, {}):
            names = (f"{robot}.{system}", robot)
            wanted = not settings.is_practised(system)  # the town's opening makes them
            yield _looked_for(settings.secrets_for(system), robot, system, names, wanted=wanted)
    yield from _messages(settings)
    if settings.oidc_issuer:
        yield _looked_for(settings.secrets, "portal", "kommunens inloggning (oidc_issuer)", ("oidc",))
    yield from _mailboxes(settings)


def _looked_for(where: Secrets, whose: str, used: str, names: tuple[str, ...], *, wanted: bool = True) -> Needed:
    try:
        places = tuple(where.places(*names))
        traced = where.trace(*names)
    except RagnhildError as error:  # a name that a source cannot hold
        from robots.sources.secret import Traced

        return Needed(whose, used, names, Traced(problem=str(error)), (), wanted)
    return Needed(whose, used, names, traced, places, wanted)


def _own_of_vault(settings: Settings) -> Iterator[Needed]:
    if "vault" in settings.secret_sources:
        name = settings.name_of_vaults_own
        yield _looked_for(settings.local_secrets, "vault", "inloggningen i Vault", (name,))


def _database(settings: Settings) -> Iterator[Needed]:
    from robots.store.address import carries_password

    if settings.database_url and not carries_password(settings.database_url.get_secret_value()):
        yield _looked_for(
            settings.secrets, "database", "databasen, om den vill ha lösenord", ("database",), wanted=False
        )


def _own_keys(settings: Settings) -> Iterator[Needed]:
    from robots.sources.own_keys import EVIDENCE, MACHINE

    wanted = "files" not in settings.secret_sources  # there they are made by themselves
    for key, where, used in (
        (EVIDENCE, settings.secrets, "det som låser underlaget"),
        (MACHINE, settings.machine_secrets, "det som låser robotarnas inloggningar"),
    ):
        yield _looked_for(where, key.current, used, (key.current,), wanted=wanted)


def _messages(settings: Settings) -> Iterator[Needed]:
    from robots.telling.mail import mail_server
    from robots.telling.people import read_people

    if settings.smtp_url and mail_server(settings.smtp_url).user:
        yield _looked_for(settings.secrets, "smtp", "e-postservern (smtp_url)", ("smtp",))
    for person in read_people(settings.config_dir / "people.toml").values():
        if person.webhook:
            name = f"webhook.{person.name}"
            yield _looked_for(settings.secrets, name, "adressen dit meddelanden skickas", (name,))


def _mailboxes(settings: Settings) -> Iterator[Needed]:
    from robots.scheduler.schedule import read_schedule

    for path in sorted(settings.schedules_dir.glob("*.toml")):
        with suppress(ConfigurationError):  # «ragnhild check» tells what is wrong with it
            if wanted := read_schedule(path).messages:
                names = (f"mailbox.{path.stem}", "mailbox")
                yield _looked_for(settings.secrets, names[0], f"brevlådan {wanted.user}", names)
