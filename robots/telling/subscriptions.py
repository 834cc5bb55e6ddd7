"""Which programs are called about their own runs: made, listed and ended by the account that wants it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Row, func, insert, select, update

from robots.audit.writing import note
from robots.errors import ConfigurationError, WrongInput
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import webhook_deliveries, webhooks

LONGEST_URL = 1000
MOST = 20
_LOOPBACK = ("127.0.0.1", "localhost")


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
        raise WrongInput("url", "…", "Det är ingen adress.") from None
    if told.userinfo or told.fragment or len(url) > LONGEST_URL or any(not 32 < ord(each) < 127 for each in url):
        raise WrongInput("url", "…", "Adressen får inte ha inloggning, # eller andra tecken än ASCII.")
    if told.scheme == "http" and told.host in _LOOPBACK and settings.town:
        return
    if told.scheme != "https" or told.host not in settings.webhook_hosts:
        raise WrongInput(
            "url", "…", "Adressen ska börja med https:// och leda till en värd i webhook_hosts i ragnhild.toml."
        )


def subscribe(
    store: Store, settings: Settings, account_id: int, url: str, events: Sequence[str], *, by: str
) -> Made:  # fmt: skip
    """Call this address from now on. Raises ``WrongInput`` as ``demand_allowed``, and when the account has many."""
    demand_allowed(settings, url)
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    sealed = _seal(settings).encrypt(secret.encode())
    with store.begin() as connection:
        mine = webhooks.c.account_id == account_id, webhooks.c.ended_at.is_(None)
        if (connection.execute(select(func.count()).where(*mine)).scalar() or 0) >= MOST:
            raise WrongInput("url", "…", f"Kontot har redan {MOST} webhooks. Avsluta en av dem först.")
        values = {"account_id": account_id, "url": url, "events": sorted(set(events)), "secret": sealed}
        number: int = connection.execute(insert(webhooks).values(**values).returning(webhooks.c.id)).scalar_one()
        note(connection, by, "webhook_made", f"webhook:{number}", host=httpx.URL(url).host)
    return Made(number, secret)


def subscriptions_of(store: Store, account_id: int) -> list[Row[Any]]:
    """Those in use, with how many calls wait and were given up, and the newest error."""
    calls = webhook_deliveries.c
    of_it = select(func.count()).where(calls.webhook_id == webhooks.c.id)
    error = select(calls.error).where(calls.webhook_id == webhooks.c.id, calls.error != "")
    wanted = select(
        webhooks.c.id, webhooks.c.url, webhooks.c.events, webhooks.c.made_at,
        of_it.where(calls.state.in_(["waiting", "sending"])).scalar_subquery().label("waiting"),
        of_it.where(calls.state == "given_up").scalar_subquery().label("given_up"),
        func.coalesce(error.order_by(calls.id.desc()).limit(1).scalar_subquery(), "").label("error"),
    )  # fmt: skip
    with store.begin() as connection:
        mine = webhooks.c.account_id == account_id, webhooks.c.ended_at.is_(None)
        return list(connection.execute(wanted.where(*mine).order_by(webhooks.c.id)))


def end_subscription(store: Store, account_id: int, number: int, *, by: str) -> bool:
    """Call it no more, also not about what has happened already. False when the account has no such one."""
    mine = webhooks.c.id == number, webhooks.c.account_id == account_id, webhooks.c.ended_at.is_(None)
    with store.begin() as connection:
        ended = connection.execute(update(webhooks).where(*mine).values(ended_at=func.clock_timestamp()))
        if ended.rowcount:
            note(connection, by, "webhook_ended", f"webhook:{number}")
    return bool(ended.rowcount)


def unsealed(settings: Settings, sealed: bytes) -> bytes:
    """The secret that signs. Raises ``ConfigurationError`` where this machine has not the key that sealed it."""
    try:
        return _seal(settings).decrypt(sealed)
    except InvalidToken:
        raise ConfigurationError(
            "Webhookens hemlighet går inte att öppna på den här maskinen. Lägg samma hemlighet webhooks på alla "
            "maskiner (docs/api.md), och låt programmet anmäla sin webhook på nytt."
        ) from None


def _seal(settings: Settings) -> Fernet:
    """The secret ``webhooks``, which all machines share; without it the key of this machine alone."""
    shared = settings.secrets.ask("webhooks")
    try:
        return Fernet(shared.get_secret_value() if shared else settings.machine_key())
    except ValueError:
        raise ConfigurationError("Hemligheten webhooks ska vara 32 slumpade byte i base64 (urlsafe).") from None
