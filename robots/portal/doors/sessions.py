"""Sessions, kept by the server: they end when they should, whatever the browser remembers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from robots.audit.writing import note
from robots.portal.rights import Role, Visitor
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import accounts, api_keys, portal_sessions

# A working day at most; and not longer than a lunch without anybody at the desk.
SESSION_HOURS = 10.0
IDLE_MINUTES = 75.0
# That somebody is there is written down this often, not for each page.
SEEN_SECONDS = 60.0
KEY_BEGINS = "rk_"


def begin_session(store: Store, account: Row[Any], *, proof: str = "") -> str:
    """Returns the token for the cookie. A new one at each login: nobody can have laid one ready.

    ``proof`` is the token of a login at the municipality's provider, which is given back at the end.
    """
    token = secrets.token_urlsafe(32)
    now = func.clock_timestamp()
    values = {
        "token_hash": _hash(token), "account_id": account.id, "csrf": secrets.token_urlsafe(24),
        "ends_at": now + span(SESSION_HOURS * 3600), "proof": proof,
    }  # fmt: skip
    with store.begin() as connection:
        connection.execute(delete(portal_sessions).where(_OVER))
        connection.execute(insert(portal_sessions).values(**values))
        note(connection, account.name, "logged_in")
    return token


def end_session(store: Store, token: str, *, by: str) -> str:
    """Returns what the session was begun with: the provider's proof, "" for a password."""
    its = delete(portal_sessions).where(portal_sessions.c.token_hash == _hash(token))
    with store.begin() as connection:
        proof = connection.execute(its.returning(portal_sessions.c.proof)).scalar()
        note(connection, by, "logged_out")
    return proof or ""


_OVER = (portal_sessions.c.ends_at < func.clock_timestamp()) | (
    portal_sessions.c.seen_at < func.clock_timestamp() - span(IDLE_MINUTES * 60)
)
_SESSION = (
    select(accounts, portal_sessions.c.csrf, portal_sessions.c.token_hash,
           (portal_sessions.c.seen_at < func.clock_timestamp() - span(SEEN_SECONDS)).label("stale"))
    .join(portal_sessions, portal_sessions.c.account_id == accounts.c.id)
    .where(accounts.c.active, ~_OVER)
)  # fmt: skip
_KEY = (
    select(accounts, api_keys.c.id.label("key_id"))
    .join(api_keys, api_keys.c.account_id == accounts.c.id)
    .where(accounts.c.active, api_keys.c.ended_at.is_(None))
)


def visitor_with_session(store: Store, token: str) -> Visitor | None:
    """Whose session it is; None when it has ended, or the account may not be used any more."""
    with store.begin() as connection:
        row = connection.execute(_SESSION.where(portal_sessions.c.token_hash == _hash(token))).first()
        if row is not None and row.stale:
            connection.execute(
                update(portal_sessions)
                .where(portal_sessions.c.token_hash == row.token_hash)
                .values(seen_at=func.clock_timestamp())
            )
    return None if row is None else _visitor(row, csrf=row.csrf)


def new_key(store: Store, account_id: int, name: str, *, by: str) -> str:
    """A key for a program that calls the API; it is shown this once."""
    key = KEY_BEGINS + secrets.token_urlsafe(32)
    with store.begin() as connection:
        connection.execute(insert(api_keys).values(account_id=account_id, name=name, key_hash=_hash(key), made_by=by))
        note(connection, by, "key_made", f"account:{account_id}", key=name)
    return key


def keys_of(store: Store, account_id: int) -> list[Row[Any]]:
    """The account's keys, the newest first, also those that have ended; what they are is nowhere."""
    wanted = select(api_keys).where(api_keys.c.account_id == account_id).order_by(api_keys.c.id.desc())
    with store.begin() as connection:
        return list(connection.execute(wanted))


def end_key(store: Store, account_id: int, key_id: int, *, by: str) -> bool:
    """Let nobody in with this key from now on. False when the account has no such key in use."""
    mine = api_keys.c.id == key_id, api_keys.c.account_id == account_id, api_keys.c.ended_at.is_(None)
    ended = update(api_keys).where(*mine).values(ended_at=func.clock_timestamp()).returning(api_keys.c.name)
    with store.begin() as connection:
        name = connection.execute(ended).scalar()
        if name is not None:
            note(connection, by, "key_ended", f"account:{account_id}", key=name)
    return name is not None


def visitor_with_key(store: Store, key: str) -> Visitor | None:
    """Whose key it is; None when it has ended, or never was."""
    with store.begin() as connection:
        row = connection.execute(_KEY.where(api_keys.c.key_hash == _hash(key))).first()
        if row is not None:
            connection.execute(
                update(api_keys).where(api_keys.c.id == row.key_id).values(used_at=func.clock_timestamp())
            )
    return None if row is None else _visitor(row)


def visitor_of_account(store: Store, number: int) -> Visitor | None:
    """Whoever has the account, with the rights that it has now; None when it may not be used any more."""
    with store.begin() as connection:
        row = connection.execute(select(accounts).where(accounts.c.id == number, accounts.c.active)).first()
    return None if row is None else _visitor(row)


def those_over(store: Store, credentials: Collection[str]) -> set[str]:
    """Those of the tokens and keys that let nobody in any more. To ask does not count as being at the desk."""
    by_hash = {_hash(each): each for each in credentials}
    with store.begin() as connection:
        tokens = connection.execute(_SESSION.where(portal_sessions.c.token_hash.in_(by_hash))).all()
        keys = connection.execute(_KEY.add_columns(api_keys.c.key_hash).where(api_keys.c.key_hash.in_(by_hash))).all()
    valid = {row.token_hash for row in tokens} | {row.key_hash for row in keys}
    return {each for hashed, each in by_hash.items() if hashed not in valid}


def _visitor(row: Row[Any], csrf: str = "") -> Visitor:
    return Visitor(
        row.id, row.name, row.shown_name, frozenset(Role(role) for role in row.roles), frozenset(row.teams),
        row.language, row.theme, csrf,
        must_change=bool(csrf) and row.must_change, has_password=row.password_hash is not None,
    )  # fmt: skip


def _hash(secret: str) -> str:
    """Enough for what has 256 random bits; a password is hashed otherwise."""
    return hashlib.sha256(secret.encode()).hexdigest()
