"""``ragnhild machine``: the key that robots' logins are sealed with on this machine, and secrets of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from robots.cli import console, machine, new_keys
from robots.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from robots.settings import Settings


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Sköt maskinens nyckel, som låser robotarnas inloggningar och webhookarnas hemligheter.",
        no_args_is_help=True,
    )
    group.command("new-key", help="Gör en ny nyckel i en fil, och lås om allt till den.")(new_key)
    group.command("rewrap", help="Lås om allt till nyckeln som nu ligger bland hemligheterna.")(rewrap_all)
    app.add_typer(group, name="machine")


def new_key() -> None:
    """The key before it stays beside it. Raises ``ConfigurationError`` where keys do not lie in files."""
    from robots.sources.own_keys import MACHINE
    from robots.telling.subscriptions import lock_out_others

    settings = machine.open_settings()
    new_keys.demand_in_a_file(settings, MACHINE, "machine")
    current, former = MACHINE.files(settings)
    with machine.open_database(settings) as store, store.begin() as connection:
        lock_out_others(connection)
        done = new_keys.change(
            settings,
            MACHINE,
            is_unfinished=lambda: _is_something_left(connection, settings),
            seal_anew=lambda: _rewrap(connection, settings),
        )
    _tell_of(*done)
    console.say(f"Den nya nyckeln ligger i {current}.")
    if former.exists():
        console.say(f"Den förra ligger i {former}. Ta bort den när alla maskiner som har samma nyckel har den nya.")


def rewrap_all() -> None:
    """Raises ``ConfigurationError`` where the key before it is not here."""
    from robots.sources.own_keys import MACHINE
    from robots.telling.subscriptions import lock_out_others

    settings = machine.open_settings()
    if settings.former_machine_key() is None:
        raise ConfigurationError(f"Den förra nyckeln saknas. Lägg den som hemligheten {MACHINE.former}.")
    with machine.open_database(settings) as store, store.begin() as connection:
        lock_out_others(connection)
        done = _rewrap(connection, settings)
    _tell_of(*done)


def _is_something_left(connection: Connection, settings: Settings) -> bool:
    from robots.systems.login import sessions_of
    from robots.telling.subscriptions import secrets_of

    former = settings.former_machine_key()
    return bool(former and (sessions_of(connection, former) or secrets_of(connection, former)))


def _rewrap(connection: Connection, settings: Settings) -> tuple[int, int]:
    """How many logins, and how many secrets of webhooks."""
    from robots.audit.writing import note
    from robots.systems.login import reseal_sessions
    from robots.telling.subscriptions import reseal_secrets

    former, current = settings.former_machine_key(), settings.machine_key()
    logins = reseal_sessions(connection, former, current) if former else 0
    hooks = reseal_secrets(connection, settings, former) if former else 0
    note(connection, machine.person(), "machine_key_changed", logins=logins, webhooks=hooks)
    return logins, hooks


def _tell_of(logins: int, hooks: int) -> None:
    console.say(f"{logins} inloggningar och {hooks} webhookar är låsta med den nyckel som gäller nu.")
