"""The address of a database: its password, how the way there is guarded, and what it means when nobody gets in."""

from __future__ import annotations

import re
from urllib.parse import quote

from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from robots import loopback
from robots.errors import ConfigurationError

DRIVER = "postgresql+psycopg"
# Where the password lies, in the words that a person is told.
PASSWORD_FILE = "filen secrets/database i datamappen"  # noqa: S105 - a place, not a password
# A server or a machine that vanishes without a word is noticed from both ends within ten seconds. By themselves
# they would wait for hours: the robot for an answer, the server with the lock of a login that nobody finishes.
WATCHFUL = {
    "connect_timeout": "10",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=10000",
}
VERIFIED = ("verify-ca", "verify-full")


def read_address(url: str, password: SecretStr | None = None) -> URL:
    """The address as the toolkit uses it; ``password`` stands in where it has none itself.

    Over a network the connection is watched, and encrypted unless the address says ``sslmode`` itself. Raises
    ``ConfigurationError`` when it cannot be read; what could not be read is never shown, since it may be a secret.
    """
    address = _parsed(url)
    if password and not address.password:
        address = address.set(password=password.get_secret_value())
    if not is_remote(address):
        return address
    guarded = WATCHFUL if is_loopback(address) else {**WATCHFUL, "sslmode": "require"}
    return address.update_query_dict({k: v for k, v in guarded.items() if k not in address.query})


def carries_password(url: str) -> bool:
    """Whether a password stands in the address itself. Raises ``ConfigurationError`` when it cannot be read."""
    return bool(_parsed(url).password)


def is_remote(address: URL) -> bool:
    """Reached over TCP, not through a socket in the file system."""
    host = _host(address)
    return bool(host) and not host.startswith(("/", "@"))


def is_loopback(address: URL) -> bool:
    return loopback.is_loopback(_host(address))


def is_verified(address: URL) -> bool:
    """Whether the server must show a certificate before it is told anything."""
    return address.query.get("sslmode") in VERIFIED


def name_of(address: URL) -> str:
    """The database and where it is, for people; never its password."""
    place = f"{_host(address)}:{address.port or 5432}" if is_remote(address) else _host(address) or "den här maskinen"
    return f"{address.database or address.username or 'utan namn'} på {place}"


def as_libpq_wants_it(address: URL) -> str:
    """The address for the queue engine: libpq takes a plus sign for a plus sign, and no space for anything."""
    before, _, query = address.set(drivername="postgresql").render_as_string(hide_password=False).partition("?")
    return before.replace(" ", "%20") + (f"?{query.replace('+', '%20')}" if query else "")


def _parsed(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "Adressen till databasen (database_url) går inte att läsa. "
            "Skriv den som postgresql://användare@server:5432/databas."
        ) from None
    if address.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError("Adressen till databasen (database_url) ska börja med postgresql://.")
    if "@" in (address.host or ""):  # the end of a password, taken for the name of the server
        raise ConfigurationError(
            "Adressen till databasen (database_url) har två @. Ta bort lösenordet ur den och lägg det i "
            f"{PASSWORD_FILE}."
        )
    if "password" in address.query:
        told = address.query["password"]
        address = address.set(password=told if isinstance(told, str) else told[0])
        address = address.difference_update_query(["password"])
    return address.set(drivername=DRIVER)


def _host(address: URL) -> str:
    told = address.host or address.query.get("host", "")
    return told if isinstance(told, str) else told[0]


# What the driver and the server say, and what it means. A server that speaks another language is quoted as it is.
_CAUSES = (
    (r"password authentication failed", "den tar inte emot lösenordet för {user}. Lägg rätt lösenord i {file}"),
    (r"no password supplied", "den vill ha ett lösenord för {user}. Lägg det i {file}"),
    (
        r"does not match host name",
        "serverns certifikat är inte utfärdat för {host}. Skriv i database_url det servernamn som står i certifikatet",
    ),
    (
        r"certificate verify failed|self[- ]signed certificate|signature failure",
        "serverns certifikat är inte utfärdat av den som sslrootcert anger. Kontrollera rotcertifikatet med den "
        "som sköter servern",
    ),
    (r"root certificate file", "rotcertifikatet som sslrootcert anger finns inte. Kontrollera sökvägen"),
    (
        r"server does not support SSL",
        "den tar inte emot krypterade förbindelser. Servern behöver TLS",
    ),
    (
        r"no pg_hba\.conf entry",
        "den släpper inte in {user} från den här maskinen (pg_hba.conf)",
    ),
    (r"role \".*\" does not exist", "användaren {user} finns inte där"),
    (r"database \".*\" does not exist", "databasen finns inte där. Den som sköter servern lägger upp den"),
    (r"permission denied|must be owner", "{user} får inte skapa tabeller där. Låt {user} äga databasen"),
    (r"too many connections|remaining connection slots", "den har inga lediga förbindelser (max_connections)"),
    (r"starting up|shutting down", "den startar eller stängs just nu. Försök igen om en stund"),
    (r"resolve host|could not translate host", "servernamnet är okänt. Kontrollera database_url"),
    (
        r"refused|timeout|timed out|unreachable|No such file|not open",
        "den svarar inte. Kontrollera att servern är igång och att den här maskinen når den",
    ),
)


def explain(error: BaseException, address: URL) -> str:
    """One Swedish line on why the database cannot be used; never its password."""
    words = " ".join(str(error).split())
    meant = next((told for pattern, told in _CAUSES if re.search(pattern, words)), None)
    if meant is None:
        return _without_password(f"Databasen {name_of(address)} går inte att använda: {words}", address)
    told = meant.format(user=address.username or "användaren", host=_host(address), file=PASSWORD_FILE)
    return f"Databasen {name_of(address)} går inte att använda: {told}."


def _without_password(words: str, address: URL) -> str:
    secret = str(address.password or "")
    for written in filter(None, {secret, quote(secret, safe="")}):
        words = words.replace(written, "•••")
    return words
