"""What commands open on this machine: its settings with the log, its database, its tasks and their rights."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robots.errors import ConfigurationError

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store
    from robots.systems.card import SystemCard


def open_settings(log: str = "ragnhild", **changes: Any) -> Settings:
    """The settings, with the log ``<data_dir>/logs/<log>.log`` open. Raises ``ConfigurationError``."""
    from robots.logs import set_up_logging
    from robots.settings import load_settings

    settings = load_settings(**changes)
    set_up_logging(settings, log, quiet=True)
    return settings


def chosen_database(address: str, named: str = "--database") -> dict[str, Any]:
    """The settings for a database that is named on the command line; "" names none.

    Raises ``ConfigurationError`` when it has a password in it: everybody on the machine can read a command line.
    """
    if not address:
        return {}
    from robots.settings import load_settings
    from robots.store.address import carries_password

    if carries_password(address):
        raise ConfigurationError(
            f"{named}: adressen har ett lösenord i sig, och en kommandorad kan läsas av alla på maskinen. Ta bort "
            f"lösenordet ur adressen och lägg det i filen {load_settings().database_password_file}."
        )
    return {"database_url": address}


@contextmanager
def open_database(settings: Settings) -> Iterator[Store]:
    """The municipality's database, or this machine's own, with its tables up to date."""
    from robots.store import open_store

    url = settings.database_url.get_secret_value() if settings.database_url else None
    store = open_store(url or None, settings.data_dir, password=settings.database_password() if url else None)
    try:
        yield store
    finally:
        store.close()


def card_of(key: str) -> SystemCard | None:
    """What a system says of itself; None where the toolkit has no driver for it. Raises ``ConfigurationError``."""
    from robots.systems.card import read_card

    folder = system_folder(key)
    return read_card(folder) if folder else None


def system_folder(key: str) -> Path | None:
    """The folder of a system's driver, whether a case system's or another's."""
    from robots.systems.card import folder_of

    return folder_of(key)


def person() -> str:
    """Who sits at the keyboard, by login name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number and no name
        return "okänd"


def report_of(settings: Settings, run_id: int) -> Path:
    """Where the run's report lies once it has ended."""
    from robots.evidence.report import REPORT

    return (settings.evidence_dir / str(run_id) / REPORT).absolute()
