"""Four eyes: a version of a task runs for real when one person has put it forward and another has approved it.

A version is the text of the task's file and of all that it works through; whatever changes in it makes another one. One
that nobody has approved runs as a dry run only, and its real runs wait in the queue, without a slot.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.audit.writing import note
from robots.errors import WrongInput
from robots.queue.engine import wake
from robots.queue.pauses import WAITS_FOR_EYES, task_scope
from robots.store import Store
from robots.store.schema import runs, task_versions


@dataclass(frozen=True)
class Version:
    """A task as its files are: ``files`` are their texts by name."""

    task: str
    files: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """A SHA-256 over names and texts, none of which can pass for another."""
        summed = hashlib.sha256()
        for part in (part for name in sorted(self.files) for part in (name, self.files[name])):
            summed.update(f"{len(part.encode())}:".encode() + part.encode())
        return summed.hexdigest()


@dataclass(frozen=True)
class Standing:
    """How a version stands. ``row`` is None while nobody has put it forward and no robot has met it."""

    version: Version
    row: Row[Any] | None

    @property
    def is_approved(self) -> bool:
        return self.row is not None and self.row.approved_by is not None

    @property
    def is_put_forward(self) -> bool:
        return self.row is not None and self.row.put_forward_by is not None

    def may_be_approved_by(self, person: str) -> bool:
        return self.is_put_forward and not self.is_approved and self.row.put_forward_by.lower() != person.lower()  # type: ignore[union-attr]


def standing_of(store: Store, version: Version) -> Standing:
    with store.begin() as connection:
        return Standing(version, _row(connection, version))


def why_not(connection: Connection, version: Version) -> str:
    """Why the version may not run for real, in words; "" when it may. One that is met for the first time is kept."""
    row = _row(connection, version)
    if row is None:
        _keep(connection, version)
    return "" if row is not None and row.approved_by else WAITS_FOR_EYES


def put_forward(store: Store, version: Version, *, by: str, reason: str) -> None:
    """Ask for the version to be approved. Raises ``WrongInput`` without a reason, or when it was asked for before."""
    _demand(reason)
    with store.begin() as connection:
        _keep(connection, version)
        mine = _this(version), task_versions.c.put_forward_by.is_(None)
        values = {"put_forward_by": by, "put_forward_at": func.clock_timestamp()}
        if connection.execute(update(task_versions).where(*mine).values(values)).rowcount != 1:
            row = _row(connection, version)
            raise _wrong(version, f"Den är redan framlagd av {row.put_forward_by if row else '–'}.")
        note(connection, by, "task_put_forward", task_scope(version.task), reason=reason, version=version.digest)


def approve(store: Store, version: Version, *, by: str, reason: str) -> int:
    """Let the version run for real, and what has waited for it begin. Returns how many runs were woken.

    Raises ``WrongInput`` without a reason, when nobody has put it forward, when it was the same person, and when it is
    approved already.
    """
    _demand(reason)
    with store.begin() as connection:
        row = connection.execute(select(task_versions).where(_this(version)).with_for_update()).first()
        if row is None or row.put_forward_by is None:
            raise _wrong(version, "Ingen har lagt fram den här versionen ännu. Det gör den som har ändrat uppgiften.")
        if row.approved_by:
            raise _wrong(version, f"Den är redan godkänd av {row.approved_by}.")
        if row.put_forward_by.lower() == by.lower():
            raise _wrong(version, "Du har själv lagt fram den. En annan person måste titta på den och godkänna.")
        values = {"approved_by": by, "approved_at": func.clock_timestamp()}
        connection.execute(update(task_versions).where(_this(version)).values(values))
        note(
            connection, by, "task_approved", task_scope(version.task), reason=reason, version=version.digest,
            put_forward_by=row.put_forward_by,
        )  # fmt: skip
        waits = runs.c.state == "queued", runs.c.held_for == WAITS_FOR_EYES, runs.c.task == version.task
        return wake(connection, list(connection.execute(select(runs.c.key).where(*waits)).scalars()))


def difference(store: Store, version: Version) -> str:
    """What is new since the version that was approved last, as a unified diff; all of it when none was."""
    approved = (
        select(task_versions.c.files)
        .where(task_versions.c.task == version.task, task_versions.c.approved_at.is_not(None))
        .where(task_versions.c.digest != version.digest)
        .order_by(task_versions.c.approved_at.desc())
    )
    with store.begin() as connection:
        before: Mapping[str, str] = connection.execute(approved.limit(1)).scalar() or {}
    told: list[str] = []
    for name in sorted(before.keys() | version.files.keys()):
        old, new = (files.get(name, "").splitlines() for files in (before, version.files))
        told += difflib.unified_diff(old, new, f"{name} (godkänd)", f"{name} (ny)", lineterm="")
    return "\n".join(told)


def _this(version: Version) -> Any:
    return (task_versions.c.task == version.task) & (task_versions.c.digest == version.digest)


def _row(connection: Connection, version: Version) -> Row[Any] | None:
    return connection.execute(select(task_versions).where(_this(version))).first()


def _keep(connection: Connection, version: Version) -> None:
    values = {"task": version.task, "digest": version.digest, "files": dict(version.files)}
    connection.execute(upsert(task_versions).values(values).on_conflict_do_nothing())


def _demand(reason: str) -> None:
    if not reason.strip():
        raise WrongInput("Skäl", reason, "Skriv varför; det sparas med versionen.")


def _wrong(version: Version, words: str) -> WrongInput:
    return WrongInput("Uppgift", version.task, words)
