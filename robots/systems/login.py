"""Logging in as the robot user: once, in a window that is never recorded, and never twice with a refused password."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import func

from robots.errors import LoginFailed
from robots.store import Store
from robots.store.schema import login_sessions


@dataclass(frozen=True)
class LoginState:
    """What a login leaves behind: cookies, and the address where a system keeps its session in the address."""

    cookies: list[Any]
    entry: str
    serial: int = 0


class LoginSessions:
    """The login sessions of one robot user in one system, shared by all slots and encrypted in the database."""

    def __init__(self, store: Store, machine_key: bytes, robot: str, system: str) -> None:
        self._store = store
        self._key = machine_key
        self._robot = robot
        self._system = system

    def load(self) -> LoginState | None:
        """The newest session, which may have ended; None when nobody has logged in, or on another machine only."""
        with self._store.begin() as connection:
            row = connection.execute(
                select(login_sessions.c.state, login_sessions.c.serial).where(*self._mine())
            ).first()
        if row is None or row.state is None:
            return None
        try:
            told = json.loads(Fernet(self._key).decrypt(row.state))
        except InvalidToken:
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
        """Keep a new session for all; returns its serial number."""
        sealed = Fernet(self._key).encrypt(json.dumps({"cookies": cookies, "entry": entry}).encode())
        return self._put(state=sealed, refused=None)

    def demand_unrefused(self, secret: SecretStr) -> None:
        """Raise ``LoginFailed`` when the system has refused this very secret before."""
        with self._store.begin() as connection:
            refused = connection.execute(select(login_sessions.c.refused).where(*self._mine())).scalar()
        if refused and hmac.compare_digest(refused, self._fingerprint(secret)):
            raise LoginFailed(
                f"{self._system} har redan nekat roboten {self._robot} med det här lösenordet. "
                "Ett nekat lösenord provas aldrig igen; lägg in ett nytt."
            )

    def remember_refusal(self, secret: SecretStr) -> None:
        self._put(state=None, refused=self._fingerprint(secret))

    def _fingerprint(self, secret: SecretStr) -> str:
        return hmac.new(self._key, secret.get_secret_value().encode(), hashlib.sha256).hexdigest()

    def _mine(self) -> tuple[Any, ...]:
        return (login_sessions.c.robot == self._robot, login_sessions.c.system == self._system)

    def _put(self, **values: Any) -> int:
        with self._store.begin() as connection:
            serial: int = connection.execute(
                upsert(login_sessions)
                .values(robot=self._robot, system=self._system, serial=1, **values)
                .on_conflict_do_update(
                    index_elements=["robot", "system"],
                    set_={**values, "serial": login_sessions.c.serial + 1, "renewed_at": func.clock_timestamp()},
                )
                .returning(login_sessions.c.serial)
            ).scalar_one()
        return serial
