"""The keys of cases: one for each, wrapped by the master key in the database, and destroyed when it is decided so."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, cast, func, literal, select, text, update

from robots.errors import ConfigurationError, EvidenceUnreadable, SecretsUnavailable
from robots.evidence.master_key import MasterKeys, SecretMasterKeys, wrong_key
from robots.local_time import on_the_wall
from robots.settings import Settings
from robots.sources.own_keys import KEY_BYTES
from robots.store import Store
from robots.store.quick import Quick
from robots.store.schema import evidence_keys, runs

# Any number that nobody else on the database uses as an advisory lock. Shared by those who add a key; alone is who
# changes the master key, and who adds the first.
_LOCK = 7_246_244_547
_GREATEST = 2**63 - 1  # a number in the database; one in a changed file may be greater
# The name of the row by which all know which master key counts; nothing is sealed with its key.
MASTER = "master"
_NEWEST = (
    select(evidence_keys.c.key_id)
    .where(evidence_keys.c.wrapped.is_not(None))
    .order_by(evidence_keys.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_NAME = func.coalesce(literal("case:").concat(runs.c.case_number), literal("run:").concat(cast(runs.c.id, Text)))
_OF_RUN = Quick(
    select(
        runs.c.case_number,
        evidence_keys.c.id,
        evidence_keys.c.wrapped,
        evidence_keys.c.key_id,
        evidence_keys.c.name,
        _NEWEST.label("newest"),
    )
    .select_from(
        runs.outerjoin(evidence_keys, and_(evidence_keys.c.destroyed_at.is_(None), evidence_keys.c.name == _NAME))
    )
    .where(runs.c.id == bindparam("run_id"))
)
_IS_OLD = text(
    "select min(started_at) < coalesce((select min(created_at) from evidence_keys), 'infinity') as old"
    " from attempts where run_id = :run_id"
)
_WRITE = text(
    "insert into evidence_keys (name, wrapped, provider, key_id) values (:name, :wrapped, :provider, :key_id)"
    " on conflict (name) where destroyed_at is null do nothing"
)


@dataclass(frozen=True)
class DataKey:
    """What evidence is sealed with. ``id`` is its row's."""

    id: int
    secret: bytes = field(repr=False)


class Keys:
    """The keys of cases, unwrapped as they are asked for; for one attempt, or one look at what a run has left."""

    def __init__(self, store: Store, master: MasterKeys) -> None:
        self._store = store
        self._master = master
        self._by_id: dict[int, DataKey] = {}
        self._by_run: dict[int, DataKey] = {}

    @classmethod
    def of(cls, settings: Settings, store: Store) -> Keys:
        """With the master key that the settings lead to."""
        return cls(store, SecretMasterKeys(settings))

    def for_run(self, run_id: int) -> DataKey:
        """What the run's evidence is sealed with. It is made with the first run of a case.

        Raises ``LookupError`` where there is no such run, and ``ConfigurationError`` or ``SecretsUnavailable`` where
        the master key is missing, cannot be read or is not the one that all others use.
        """
        if run_id not in self._by_run:
            row = self._store.ask_quick(_OF_RUN, {"run_id": run_id})
            if row is not None and row.id is None:
                self._make(name_of(run_id, row.case_number), is_first=not row.newest)
                row = self._store.ask_quick(_OF_RUN, {"run_id": run_id})
            if row is None:
                raise LookupError(f"run {run_id}")
            self._by_run[run_id] = self._unwrapped(row)
        return self._by_run[run_id]

    def why_none(self, run_id: int) -> str:
        """Why a run's evidence cannot be sealed, in words for people; "" when it can."""
        try:
            self.for_run(run_id)
        except LookupError:  # nothing is to be sealed
            return ""
        except (ConfigurationError, SecretsUnavailable) as error:
            return str(error)
        return ""

    def why_unusable(self) -> str:
        """Why nobody's evidence can be sealed or opened, in words for people; "" when it can, or nothing is yet."""
        try:
            row = self._store.ask(select(_NEWEST))
            current = self._master.current()
        except (ConfigurationError, SecretsUnavailable) as error:
            return str(error)
        wanted = row and row[0]
        return wrong_key(current, wanted) if wanted and wanted != current else ""

    def by_id(self, key_id: int) -> DataKey:
        """The key that a file names. Raises ``EvidenceUnreadable`` when it is destroyed, and as ``for_run``."""
        if key_id not in self._by_id:
            asked = select(evidence_keys).where(evidence_keys.c.id == key_id)
            row = self._store.ask(asked) if key_id <= _GREATEST else None
            if row is None:
                raise EvidenceUnreadable(
                    "Nyckeln till underlaget finns inte i databasen: filen är ändrad, eller hör till en annan."
                )
            if row.wrapped is None:
                when = f"{on_the_wall(row.destroyed_at):%Y-%m-%d}"
                raise EvidenceUnreadable(f"Underlaget är gallrat {when} enligt {row.decision}.")
            self._unwrapped(row)
        return self._by_id[key_id]

    def may_be_plain(self, run_id: int) -> bool:
        """Whether the run began before there were keys, so that its evidence may lie unsealed."""
        row = self._store.ask(_IS_OLD.bindparams(run_id=run_id))
        return row is not None and bool(row.old)

    def _unwrapped(self, row: Any) -> DataKey:
        key = DataKey(row.id, self._master.unwrap(row.wrapped, row.key_id, row.name))
        return self._by_id.setdefault(key.id, key)

    def _make(self, name: str, *, is_first: bool) -> None:
        with self._store.begin() as connection:
            _lock(connection, alone=is_first)
            wanted, current = counting(connection), self._master.current()
            if not wanted and not current:
                current = self._master.make()
            elif wanted not in ("", current):
                raise ConfigurationError(wrong_key(current, wanted))
            _add(connection, self._master, current, name)


def name_of(run_id: int, case_number: str | None) -> str:
    """What the key of the run's evidence is called: that of its case, or its own."""
    return f"case:{case_number}" if case_number else f"run:{run_id}"


def destroy(connection: Connection, names: Collection[str], decision: str) -> int:
    """Forget the keys under these names: what is sealed with them can be opened by nobody from then on.

    Returns how many there were. The rows stay, and say by which decision. A backup from before still has the keys.
    """
    gone = update(evidence_keys).where(evidence_keys.c.name.in_(names), evidence_keys.c.destroyed_at.is_(None))
    return connection.execute(
        gone.values(wrapped=None, destroyed_at=func.clock_timestamp(), decision=decision)
    ).rowcount


def rewrap(connection: Connection, master: MasterKeys) -> tuple[int, int]:
    """From now on the current master key counts, and every key that can be unwrapped is wrapped with it.

    Returns how many were wrapped anew, and how many cannot be since their master key is not here; those stay as they
    are. Raises ``ConfigurationError`` where there is no current master key.
    """
    lock_out_others(connection)
    table, done, left = evidence_keys.c, 0, 0
    current = master.current()
    if not current:
        raise ConfigurationError("Hemligheten evidence.key saknas: det finns ingen nyckel att låsa om till.")
    others = select(table.id, table.name, table.wrapped, table.key_id).where(
        table.key_id != current, table.wrapped.is_not(None), table.name != MASTER
    )
    for row in connection.execute(others).all():
        try:
            wrapped = master.wrap(master.unwrap(row.wrapped, row.key_id, row.name), row.name)
        except ConfigurationError:
            left += 1
            continue
        told = {"wrapped": wrapped, "key_id": current, "provider": master.provider}
        connection.execute(update(evidence_keys).where(table.id == row.id).values(told))
        done += 1
    connection.execute(evidence_keys.delete().where(table.name == MASTER))
    _add(connection, master, current, MASTER)
    return done, left


def counting(connection: Connection) -> str:
    """What the master key that counts is known by; "" while nothing is sealed."""
    return connection.execute(select(_NEWEST)).scalar() or ""


def _add(connection: Connection, master: MasterKeys, key_id: str, name: str) -> None:
    wrapped = master.wrap(os.urandom(KEY_BYTES), name)
    told = {"name": name, "wrapped": wrapped, "provider": master.provider, "key_id": key_id}
    connection.execute(_WRITE, told)


def lock_out_others(connection: Connection) -> None:
    """Until the transaction ends nobody else adds a key or changes the master key."""
    _lock(connection, alone=True)


def _lock(connection: Connection, *, alone: bool) -> None:
    connection.execute(text(f"select pg_advisory_xact_lock{'' if alone else '_shared'}({_LOCK})"))
