"""Accounts: who has one, with which roles and teams, and whether a password is theirs."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Any

from pwdlib import PasswordHash
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from robots.audit.writing import note
from robots.errors import COVERED, TooManyFailures, WrongInput
from robots.portal.rights import Role
from robots.portal.wording import marked as _
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import accounts, api_keys, failed_logins, portal_sessions

# As NIST SP 800-63B has it: long rather than odd.
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
# Somebody who guesses is held up; somebody who has forgotten may try again after a quarter of an hour.
MOST_FAILURES = 5
FAILURES_COUNT_SECONDS = 900.0
_NAME = re.compile(r"[a-z][a-z0-9._-]{1,63}")


@cache
def _hashes() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    """What a password is compared with where there is no account: how long an answer takes tells nothing."""
    return _hashes().hash("nobody has this password")


def add_account(
    store: Store, name: str, shown_name: str, *, roles: Collection[Role], teams: Collection[str], by: str,
    password: str | None = None, subject: str | None = None, must_change: bool = False,
) -> int:  # fmt: skip
    """Returns its number. ``must_change``: whoever has the account chooses another password before anything else.

    Raises ``WrongInput`` for a name that is taken or no name, no role, or a short password."""
    name = checked_name(name)
    if not roles:
        raise WrongInput("Roll", "", f"Ange minst en av {', '.join(Role)}.")
    values = {
        "name": name, "shown_name": shown_name.strip() or name, "subject": subject, "roles": sorted(roles),
        "teams": sorted(teams), "must_change": must_change,
        "password_hash": None if password is None else _hashes().hash(checked(password)),
    }  # fmt: skip
    try:
        with store.begin() as connection:
            made: int = connection.execute(insert(accounts).values(**values).returning(accounts.c.id)).scalar_one()
            note(connection, by, "account_added", f"account:{name}", roles=sorted(roles), teams=sorted(teams))
    except IntegrityError:
        raise WrongInput("Användarnamn", name, "Det finns redan ett konto med det namnet.") from None
    return made


def checked_name(name: str) -> str:
    """In the one way of writing it. Raises ``WrongInput``."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise WrongInput(
            "Användarnamn", name, "Skriv 2 till 64 tecken: små bokstäver a till z, siffror, punkt, - och _."
        )
    return name


def checked(password: str) -> str:
    """Raises ``WrongInput``, which does not hold the password, when it is too short or too long."""
    if len(password) < SHORTEST_PASSWORD:
        raise WrongInput("Lösenord", COVERED, f"Välj minst {SHORTEST_PASSWORD} tecken, gärna flera ord.")
    if len(password) > LONGEST_PASSWORD:
        raise WrongInput("Lösenord", COVERED, f"Välj högst {LONGEST_PASSWORD} tecken.")
    return password


def account_with(store: Store, name: str, password: str) -> Row[Any] | None:
    """The active account whose password it is; None for anything else.

    Raises ``TooManyFailures`` after five wrong passwords in a quarter of an hour, right or wrong. Equally slow always.
    """
    name = name.strip().lower()[:64]
    with store.begin() as connection:
        if _failures(connection, name) >= MOST_FAILURES:
            raise TooManyFailures(
                "Användarnamn", name, _("Fel lösenord för många gånger. Vänta en kvart och försök igen.")
            )
        row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
    known = row is not None and row.active and row.password_hash is not None
    kept = row.password_hash if row is not None and known else _nobodys_hash()
    fits, newer = _hashes().verify_and_update(password[:LONGEST_PASSWORD], kept)
    if not (fits and known):
        with store.begin() as connection:
            connection.execute(insert(failed_logins).values(name=name))
            note(connection, name, "login_refused")
        return None
    with store.begin() as connection:
        connection.execute(delete(failed_logins).where(failed_logins.c.name == name))
        if newer:
            connection.execute(update(accounts).where(accounts.c.name == name).values(password_hash=newer))
    return row


def _failures(connection: Connection, name: str) -> int:
    since = func.clock_timestamp() - span(FAILURES_COUNT_SECONDS)
    wanted = select(func.count()).where(failed_logins.c.name == name, failed_logins.c.at > since)
    return int(connection.execute(wanted).scalar_one())


def set_password(store: Store, name: str, password: str, *, by: str, must_change: bool = False) -> None:
    """Every session of the account ends; ``must_change`` as for ``add_account``.

    Raises ``WrongInput`` for no such account or a short password.

    Who comes by the municipality's login gets none: it would let them in when their groups no longer do.
    """
    kept = _hashes().hash(checked(password))
    with store.begin() as connection:
        if connection.execute(select(accounts.c.subject).where(accounts.c.name == name)).scalar():
            raise WrongInput(
                "Lösenord", COVERED, _("Kontot loggar in med kommunens inloggning och har inget lösenord.")
            )
        values = {"password_hash": kept, "password_set_at": func.clock_timestamp(), "must_change": must_change}
        _change(connection, name, by, "password_set", values)


def change_account(store: Store, name: str, *, by: str, **values: Any) -> None:
    """Roles, teams, ``shown_name``, ``active`` or ``subject``; every session of the account ends: the next has the new.

    Raises ``WrongInput`` for no such account, for one who has an account, or when nobody would be left who may change
    accounts.
    """
    with store.begin() as connection:
        theirs = select(accounts.c.name).where(accounts.c.subject == values.get("subject"), accounts.c.name != name)
        if values.get("subject") and (other := connection.execute(theirs).scalar()):
            raise WrongInput("Vem", values["subject"], f"Den personen har redan kontot {other}.")
        _change(connection, name, by, "account_changed", values, **values)
        if not connection.execute(select(accounts.c.id).where(_IS_ADMIN).limit(1)).first():
            raise WrongInput("Roll", name, "Minst ett aktivt konto måste ha rollen admin.")


_IS_ADMIN = accounts.c.active & accounts.c.roles.contains([Role.ADMIN])


def _change(connection: Connection, name: str, by: str, did: str, values: dict[str, Any], **noted: Any) -> None:
    changed = connection.execute(
        update(accounts).where(accounts.c.name == name).values(**values).returning(accounts.c.id)
    ).scalar()
    if changed is None:
        raise WrongInput("Användarnamn", name, "Det finns inget sådant konto.")
    connection.execute(delete(portal_sessions).where(portal_sessions.c.account_id == changed))
    if values.get("active") is False:
        connection.execute(
            update(api_keys)
            .where(api_keys.c.account_id == changed, api_keys.c.ended_at.is_(None))
            .values(ended_at=func.clock_timestamp())
        )
    note(connection, by, did, f"account:{name}", **noted)


def prefer(store: Store, account_id: int, *, language: str, theme: str) -> None:
    """What the person chose for their own pages."""
    with store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(language=language, theme=theme))


def all_accounts(store: Store) -> list[Row[Any]]:
    """By name."""
    with store.begin() as connection:
        return list(connection.execute(select(accounts).order_by(accounts.c.name)))
