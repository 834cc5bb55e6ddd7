"""The desk that the demo ends with: people who can log in to the portal and see what the robots have done."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from robots.cli import console

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store

PASSWORD_BYTES = 12


def seat_people(settings: Settings, store: Store) -> dict[str, tuple[str, Path]]:
    """Give the demo's people their accounts. Returns each one's name with who it is and the file with the password."""
    from robots.portal.doors.accounts import add_account
    from robots.portal.rights import ALL_TEAMS, Role
    from robots.settings import write_secret

    seated = {}
    people = {"vera": ("vägledare", Role.GUIDE), "linn": ("teamledare", Role.LEADER), "ada": ("admin", Role.ADMIN)}
    for name, (title, role) in people.items():
        file, password = settings.secrets_dir / f"desk-{name}", secrets.token_urlsafe(PASSWORD_BYTES)
        add_account(store, name, name.capitalize(), roles=[role], teams=[ALL_TEAMS], by="demo", password=password)
        write_secret(file, password)
        seated[name] = (title, file)
    return seated


def tell_desk(settings: Settings, address: str, seated: dict[str, tuple[str, Path]]) -> None:
    """Where the desk is, or how it is opened when it is not: ``address`` is "" then."""
    console.say()
    if address:
        console.say(f"Skrivbordet är öppet på {address}/ med alla körningar.", "bold")
    else:
        console.say(f"Skrivbordet med alla körningar öppnas på http://127.0.0.1:{settings.portal_port}/ med:", "bold")
        console.say(f"RAGNHILD_DATA_DIR={settings.data_dir} {own_command()} portal")
    console.table(
        ["Logga in som", "Du är", "Lösenordet ligger i filen"],
        [(name, title, str(file.absolute())) for name, (title, file) in seated.items()],
    )


def own_command() -> str:
    """As a person in this folder would write it."""
    return ".venv/bin/ragnhild" if Path(".venv/bin/ragnhild").is_file() else "ragnhild"
