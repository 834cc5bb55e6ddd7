"""The database: whether it answers, its clock, tables, password and the way to it; and the work that it tells of.

It is looked at as it is: a doctor brings no tables up to date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from robots.cli.examined.finding import Finding, readable, safely
from robots.cli.examined.work import work_findings

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store

MOST_SECONDS_WRONG = 5.0


def database_findings(settings: Settings) -> Iterator[Finding]:
    """Of the database, and of the work where it can tell of that."""
    from robots.store import open_store

    todo = "Kontrollera inställningen database_url, eller datamappen."
    url = settings.database_url.get_secret_value() if settings.database_url else None
    opened: list[Store] = []

    def look() -> Finding:
        password = settings.database_password() if url else None
        opened.append(open_store(url or None, settings.data_dir, password=password, upgrade=False))
        return _database(settings, opened[0])

    found = safely("Databas", look, todo)
    yield found
    if settings.database_url:
        todo = "Kontrollera inställningen database_url."
        yield safely("Databasens lösenord", lambda: _database_password(settings), todo)
        yield safely("Vägen till databasen", lambda: _way_to_database(settings), todo)
    for store in opened:
        try:
            if found.ok:
                yield from _tables_and_work(settings, store)
        finally:
            store.close()


def _database(settings: Settings, store: Store) -> Finding:
    from sqlalchemy import text

    from robots.store.keeping.restore import explained

    with explained(store), store.begin() as connection:
        version = str(connection.execute(text("show server_version")).scalar())
        theirs = connection.execute(text("select clock_timestamp()")).scalar_one()
    wrong = abs((theirs - datetime.now(UTC)).total_seconds())
    whose = "kommunens server" if settings.database_url else "maskinens egen"
    if wrong > MOST_SECONDS_WRONG:
        told = f"PostgreSQL {version}; klockorna skiljer {wrong:.0f} s"
        return Finding("Databas", ok=False, told=told, todo="Ställ maskinens klocka efter en tidsserver (NTP).")
    return Finding("Databas", ok=True, told=f"PostgreSQL {version}, {whose}, klockan stämmer")


def _tables_and_work(settings: Settings, store: Store) -> Iterator[Finding]:
    from robots.store.migrate import newest_version, version_of

    todo = "Visa det här för robotägaren."
    there, ours = version_of(store.engine), newest_version()
    if there == ours:
        yield Finding("Tabeller", ok=True, told=f"version {there}, som programmet vill ha dem")
        yield _evidence_key(settings, store)
        yield from work_findings(store)
    elif there is None:
        yield safely("Tabeller", lambda: _none_yet(store), todo)
    elif there > ours:
        told = f"version {there}, men programmet känner bara till {ours}"
        yield Finding("Tabeller", ok=False, told=told, todo="Uppgradera Ragnhild på den här maskinen.")
    else:
        told = f"version {there}; de blir {ours} när något av programmet startar"
        yield Finding("Tabeller", ok=True, told=told)


def _evidence_key(settings: Settings, store: Store) -> Finding:
    from robots.evidence.keys import Keys

    why = Keys.of(settings, store).why_unusable()
    told = why or "det som låser underlaget är det som gäller"
    return Finding("Underlagets nyckel", not why, told, "Lägg rätt nyckel på plats. Se docs/evidence.md.")


def _none_yet(store: Store) -> Finding:
    from sqlalchemy import text

    with store.begin() as connection:
        may = connection.execute(text("select has_schema_privilege(current_schema(), 'create')")).scalar_one()
    told = "finns inte än; de läggs upp när något startar" if may else "finns inte, och användaren får inte skapa dem"
    user = store.engine.url.username or "robotarnas användare"
    return Finding("Tabeller", bool(may), told, "" if may else f"Låt {user} äga databasen (docs/operations.md).")


def _database_password(settings: Settings) -> Finding:
    """A password in an address is copied, shown and logged together with it; in a file of its own it is not."""
    from robots.store.address import carries_password

    assert settings.database_url is not None
    name, file = "Databasens lösenord", settings.database_password_file
    if carries_password(settings.database_url.get_secret_value()):
        todo = f"Ta bort det ur adressen och lägg det i filen {file}, läsbar bara för den som kör robotarna."
        return Finding(name, ok=False, told="står i adressen (database_url)", todo=todo)
    if not file.is_file():
        return Finding(name, ok=True, told=f"inget, vare sig i adressen eller i {file}")
    if readable(file):
        return Finding(name, ok=False, told=f"andra kan läsa {file}", todo=f"Kör: chmod 600 {file}")
    return Finding(name, ok=True, told=f"ligger i {file}")


def _way_to_database(settings: Settings) -> Finding:
    """Case numbers and inputs travel on it. Encryption alone does not tell that it is the right server."""
    from robots.store.address import is_loopback, is_remote, is_verified, read_address

    assert settings.database_url is not None
    address = read_address(settings.database_url.get_secret_value())
    name = "Vägen till databasen"
    todo = "Lägg till i database_url: sslmode=verify-full och sslrootcert=<filen med serverns rotcertifikat>."
    if is_verified(address):
        return Finding(name, ok=True, told="krypterad, och serverns certifikat kontrolleras")
    if not is_remote(address) or is_loopback(address):
        return Finding(name, ok=True, told="lämnar inte maskinen")
    if address.query.get("sslmode") == "require":
        return Finding(name, ok=False, told="krypterad, men serverns certifikat kontrolleras inte", todo=todo)
    return Finding(name, ok=False, told="kan vara okrypterad (sslmode i database_url)", todo=todo)
