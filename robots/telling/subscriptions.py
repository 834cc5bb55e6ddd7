"""Which programs are called about runs: of those that an account starts, which it sees to itself, or of a team's, which
admins see to; an admin may pause, try and end each of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, Row, Select, func, insert, select, text, update

from robots.audit.writing import note
from robots.errors import ConfigurationError, WrongInput
from robots.errors import marked as _
from robots.loopback import is_loopback
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts, webhook_deliveries, webhooks

# Any number that nobody else on the database uses as an advisory lock. Shared by those who seal a secret; alone is who
# changes the key.
_LOCK = 7_246_244_548
LONGEST_URL = 1000
MOST = 20
TEST = "test"
_TOO_MANY = _("Det finns redan så många webhooks som det får finnas. Avsluta en av dem först.")


@dataclass(frozen=True)
class Made:
    """``secret`` is shown this once."""

    id: int
    secret: str


def demand_allowed(settings: Settings, url: str) -> None:
    """Raise ``WrongInput`` unless it is an address that may be called: https, at a host in ``webhook_hosts``.

    This machine itself is called only where the robots practise.
    """
    try:
        told = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise WrongInput("url", "…", _("Det är ingen adress.")) from None
    if told.userinfo or told.fragment or len(url) > LONGEST_URL or any(not 32 < ord(each) < 127 for each in url):
        raise WrongInput("url", "…", _("Adressen får inte ha inloggning, # eller andra tecken än ASCII."))
    if told.scheme == "http" and is_loopback(told.host) and settings.town:
        return
    if told.scheme != "https" or told.host not in settings.webhook_hosts:
        raise WrongInput(
            "url", "…", _("Adressen ska börja med https:// och leda till en värd i webhook_hosts i ragnhild.toml.")
        )


def subscribe(
    store: Store, settings: Settings, url: str, events: Sequence[str], *, by: str, account_id: int | None = None,
    team: str | None = None,
) -> Made:  # fmt: skip
    """Call this address from now on, about the runs of an account or of a team.

    Raises ``WrongInput`` as ``demand_allowed``, and when the account or the team has many.
    """
    demand_allowed(settings, url)
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    with store.begin() as connection:
        _lock(connection, alone=False)
        sealed = _seal(settings).encrypt(secret.encode())
        whose = webhooks.c.account_id == account_id if team is None else webhooks.c.team == team
        mine = whose, webhooks.c.ended_at.is_(None)
        if (connection.execute(select(func.count()).where(*mine)).scalar() or 0) >= MOST:
            raise WrongInput("url", "…", _TOO_MANY)
        values = {"account_id": account_id, "team": team, "url": url, "events": sorted(set(events)), "secret": sealed}
        number: int = connection.execute(insert(webhooks).values(**values).returning(webhooks.c.id)).scalar_one()
        note(connection, by, "webhook_made", f"webhook:{number}", host=httpx.URL(url).host)
    return Made(number, secret)


def subscriptions_of(store: Store, account_id: int) -> list[Row[Any]]:
    """The account's own in use, with what ``_shown`` tells of each."""
    with store.begin() as connection:
        return list(connection.execute(_shown().where(webhooks.c.account_id == account_id)))


def all_subscriptions(store: Store) -> list[Row[Any]]:
    """Those in use, with what ``_shown`` tells of each."""
    with store.begin() as connection:
        return list(connection.execute(_shown()))


def find_subscription(store: Store, number: int) -> Row[Any] | None:
    """One in use, with what ``_shown`` tells; None where there is none."""
    with store.begin() as connection:
        return connection.execute(_shown().where(webhooks.c.id == number)).first()


def calls_of(store: Store, number: int, limit: int) -> list[Row[Any]]:
    """The newest calls that were made or are to be made, the newest first."""
    mine = select(webhook_deliveries).where(webhook_deliveries.c.webhook_id == number)
    with store.begin() as connection:
        return list(connection.execute(mine.order_by(webhook_deliveries.c.id.desc()).limit(limit)))


def _shown() -> Select[Any]:
    """With how many calls wait and were given up, the newest error, and the ``account`` whose runs it is about."""
    calls = webhook_deliveries.c
    of_it = select(func.count()).where(calls.webhook_id == webhooks.c.id)
    error = select(calls.error).where(calls.webhook_id == webhooks.c.id, calls.error != "")
    told = select(
        webhooks.c.id, webhooks.c.url, webhooks.c.events, webhooks.c.made_at, webhooks.c.team, webhooks.c.paused_at,
        accounts.c.name.label("account"),
        of_it.where(calls.state.in_(["waiting", "sending"])).scalar_subquery().label("waiting"),
        of_it.where(calls.state == "given_up", calls.event != TEST).scalar_subquery().label("given_up"),
        func.coalesce(error.order_by(calls.id.desc()).limit(1).scalar_subquery(), "").label("error"),
    )  # fmt: skip
    of_account = webhooks.outerjoin(accounts, accounts.c.id == webhooks.c.account_id)
    return told.select_from(of_account).where(webhooks.c.ended_at.is_(None)).order_by(webhooks.c.id)


def end_subscription(
    store: Store, number: int, *, by: str, account_id: int | None = None, reason: str = ""
) -> bool:  # fmt: skip
    """Call it no more, also not about what has happened already. False when there, or the account, has no such one."""
    mine = [webhooks.c.id == number, webhooks.c.ended_at.is_(None)]
    mine += [] if account_id is None else [webhooks.c.account_id == account_id]
    with store.begin() as connection:
        ended = connection.execute(update(webhooks).where(*mine).values(ended_at=func.clock_timestamp()))
        if ended.rowcount:
            note(connection, by, "webhook_ended", f"webhook:{number}", reason=reason)
    return bool(ended.rowcount)


def pause_subscription(store: Store, number: int, *, by: str, reason: str, paused: bool = True) -> None:
    """Its calls wait from now on, but for the one that is just being made; not ``paused``, they are made now."""
    mine = webhooks.c.id == number, webhooks.c.ended_at.is_(None), webhooks.c.paused_at.is_(None) == paused
    since = func.clock_timestamp() if paused else None
    with store.begin() as connection:
        if connection.execute(update(webhooks).where(*mine).values(paused_at=since)).rowcount:
            if paused:
                note(connection, by, "webhook_paused", f"webhook:{number}", reason=reason)
            else:
                note(connection, by, "webhook_resumed", f"webhook:{number}", reason=reason)


def ask_for_test(store: Store, number: int, *, by: str) -> None:
    """Call it once about nothing, also while it is paused. Asked for twice before it is made it is one call."""
    calls = webhook_deliveries.c
    unmade = calls.webhook_id == number, calls.event == TEST, calls.state.in_(["waiting", "sending"])
    with store.begin() as connection:
        # Its row is locked: of a double click the second sees the first.
        mine = webhooks.c.id == number, webhooks.c.ended_at.is_(None)
        there = connection.execute(select(webhooks.c.id).where(*mine).with_for_update()).first()
        if there and not connection.execute(select(calls.id).where(*unmade)).first():
            values = {"webhook_id": number, "run_id": 0, "event": TEST}
            connection.execute(insert(webhook_deliveries).values(**values))
            note(connection, by, "webhook_tested", f"webhook:{number}")


def unsealed(settings: Settings, sealed: bytes) -> bytes:
    """The secret that signs. Raises ``ConfigurationError`` where this machine has not the key that sealed it."""
    opened = _opened(_seal(settings), sealed)
    if opened is None and (former := settings.former_machine_key()):
        opened = _opened(Fernet(former), sealed)
    if opened is None:
        raise ConfigurationError(
            "Webhookens hemlighet går inte att öppna på den här maskinen. Lägg samma hemlighet webhooks på alla "
            "maskiner (docs/api.md), och låt programmet anmäla sin webhook på nytt."
        )
    return opened


def lock_out_others(connection: Connection) -> None:
    """Until the transaction ends nobody else seals a webhook's secret or changes the machine's key."""
    _lock(connection, alone=True)


def secrets_of(connection: Connection, machine_key: bytes) -> dict[int, bytes]:
    """The secrets that are sealed with the machine's key, opened, by the webhook's number."""
    rows = connection.execute(select(webhooks.c.id, webhooks.c.secret)).all()
    opened = {row.id: _opened(Fernet(machine_key), row.secret) for row in rows}
    return {number: secret for number, secret in opened.items() if secret is not None}


def reseal_secrets(connection: Connection, settings: Settings, former: bytes) -> int:
    """Seal what a former machine's key opens as a new one is sealed. Returns how many there were."""
    found = secrets_of(connection, former)
    for number, secret in found.items():
        values = {"secret": _seal(settings).encrypt(secret)}
        connection.execute(update(webhooks).where(webhooks.c.id == number).values(values))
    return len(found)


def _lock(connection: Connection, *, alone: bool) -> None:
    connection.execute(text(f"select pg_advisory_xact_lock{'' if alone else '_shared'}({_LOCK})"))


def _opened(seal: Fernet, sealed: bytes) -> bytes | None:
    try:
        return seal.decrypt(sealed)
    except InvalidToken:
        return None


def _seal(settings: Settings) -> Fernet:
    """The secret ``webhooks``, which all machines share; without it the key of this machine alone."""
    shared = settings.secrets.ask("webhooks")
    try:
        return Fernet(shared.get_secret_value() if shared else settings.machine_key())
    except ValueError:
        raise ConfigurationError("Hemligheten webhooks ska vara 32 slumpade byte i base64 (urlsafe).") from None
