"""Logging in as the robot user: once, in a window that is never recorded, and never twice with a refused password."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr
from sqlalchemy import ColumnElement, Connection, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import func

from robots.errors import LoginFailed
from robots.store import Store
from robots.store.schema import login_sessions, refused_secrets


@dataclass(frozen=True)
class LoginState:
    """What a login leaves behind: cookies, and the address where a system keeps its session in the address."""

    cookies: list[Any]
    entry: str
    serial: int = 0


class LoginSessions:
    """The login sessions of one robot user in one system, shared by all slots and encrypted in the database.

    Machines that have the same key share one session; others have one each. What was refused is known to all.
    """

    def __init__(
        self,
        store: Store,
        machine_key: bytes,
        robot: str,
        system: str,
        *,
        former: Callable[[], bytes | None] = lambda: None,
    ) -> None:
        """``former`` tells the key before this one, where there is one; it is asked where nothing is kept with this."""
        self._store = store
        self._key = machine_key
        self._former = former
        self._robot = robot
        self._system = system
        self._whose = f"{robot}@{system}"
        self._machine = machine_of(machine_key)

    def load(self) -> LoginState | None:
        """The newest session, which may have ended; None when nobody has logged in, or on another machine only."""
        asked = select(login_sessions.c.state, login_sessions.c.serial).where(*self._mine())
        row = self._store.ask(asked)
        if row is None and (former := self._former()):
            with self._store.begin() as connection:
                mine = login_sessions.c.robot == self._robot, login_sessions.c.system == self._system
                reseal_sessions(connection, former, self._key, *mine)
            row = self._store.ask(asked)
        if row is None or row.state is None:
            return None
        try:
            told = json.loads(Fernet(self._key).decrypt(row.state))
        except InvalidToken:
            return None
        if told.get("whose") != self._whose:  # a row that somebody has moved; or one from before they were bound
            return None
        return LoginState(told["cookies"], told["entry"], row.serial)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one process on all machines logs this robot user in to the system at a time.

        Without it a wrong password would be typed once by every slot that is at work, and the account locked.
        """
        with self._store.begin() as connection:
            name = f"login {self._robot}@{self._system}"
            connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
            yield

    def save(self, cookies: list[Any], entry: str) -> int:
        """Keep a new session for all slots of this machine; returns its serial number.

        What was refused before stays so: another machine may still have the wrong password in its file.
        """
        told = {"cookies": cookies, "entry": entry, "whose": self._whose}
        values = {"state": Fernet(self._key).encrypt(json.dumps(told).encode())}
        with self._store.begin() as connection:
            serial: int = connection.execute(
                upsert(login_sessions)
                .values(robot=self._robot, system=self._system, machine=self._machine, serial=1, **values)
                .on_conflict_do_update(
                    index_elements=["robot", "system", "machine"],
                    set_={**values, "serial": login_sessions.c.serial + 1, "renewed_at": func.clock_timestamp()},
                )
                .returning(login_sessions.c.serial)
            ).scalar_one()
        return serial

    def demand_unrefused(self, secret: SecretStr) -> None:
        """Raise ``LoginFailed`` when the system has refused this very secret before, on whichever machine."""
        if self.has_refused(secret):
            raise LoginFailed(
                f"{self._system} har redan nekat roboten {self._robot} med det här lösenordet. "
                "Ett nekat lösenord provas aldrig igen; lägg in ett nytt."
            )

    def has_refused(self, secret: SecretStr) -> bool:
        """Whether the system has said no to this very secret, to whichever machine."""
        table = refused_secrets
        with self._store.begin() as connection:
            refused = connection.execute(
                select(table.c.fingerprint).where(table.c.robot == self._robot, table.c.system == self._system)
            ).scalars()
            known = set(refused)
        return bool(known) and self._fingerprint(secret) in known

    def remember_refusal(self, secret: SecretStr) -> None:
        """Never to be typed again, by any machine; the session that is kept has ended as well."""
        with self._store.begin() as connection:
            connection.execute(
                upsert(refused_secrets)
                .values(robot=self._robot, system=self._system, fingerprint=self._fingerprint(secret))
                .on_conflict_do_nothing()
            )
            connection.execute(update(login_sessions).where(*self._mine()).values(state=None))

    def _fingerprint(self, secret: SecretStr) -> str:
        """The same on every machine, so without a key; slow to make, so that nobody guesses from it what was typed."""
        salt = f"{self._robot}@{self._system}".encode()
        return hashlib.scrypt(secret.get_secret_value().encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()

    def _mine(self) -> tuple[Any, ...]:
        mine = login_sessions.c
        return (mine.robot == self._robot, mine.system == self._system, mine.machine == self._machine)


def machine_of(key: bytes) -> str:
    """What all machines that have the key are known by, beside each session that is sealed with it."""
    return hashlib.sha256(b"login sessions " + key).hexdigest()[:16]


def sessions_of(connection: Connection, key: bytes) -> int:
    """How many are sealed with the key."""
    mine = select(func.count()).select_from(login_sessions).where(login_sessions.c.machine == machine_of(key))
    return int(connection.execute(mine).scalar_one())


def reseal_sessions(connection: Connection, former: bytes, current: bytes, *which: ColumnElement[bool]) -> int:
    """Seal with the current key what is sealed with the former; a session that there is with both is the newer one's.

    Returns how many there were.
    """
    if former == current:
        return 0
    keys = MultiFernet([Fernet(current), Fernet(former)])
    sealed = delete(login_sessions).where(login_sessions.c.machine == machine_of(former), *which)
    rows = connection.execute(sealed.returning(login_sessions)).mappings().all()
    for row in rows:
        try:
            state = row["state"] and keys.rotate(row["state"])
        except InvalidToken:  # changed by somebody: it opened nowhere
            state = None
        told = {**row, "machine": machine_of(current), "state": state}
        connection.execute(upsert(login_sessions).values(told).on_conflict_do_nothing())
    return len(rows)
