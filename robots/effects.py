"""The once-only state machine: what a run changes in a system, remembered before and after it happens.

::

    INTENDED ──arm──> ARMED ──seen──> CONFIRMED
        ^               ├──said no──> REFUSED
        │               ├──seen twice> DUPLICATE
        │               └──not seen──> UNKNOWN ──seen──> CONFIRMED
        └───────────── re-arm, at most twice ──┘

ARMED is committed before the click. A row that says ARMED means: the change may have happened. Only a look in the
system tells, never a guess, and only for a process that knows that the former owner is dead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Row, Select, case, exists, insert, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import func

from robots.audit.writing import in_sql, noting, robots_line
from robots.errors import CommitsStopped, EffectLost, EffectUncertain, RunCancelled
from robots.store import Store
from robots.store.clock import seconds_since
from robots.store.processes import ProcessId
from robots.store.schema import attempts, audit_events, effect_history, effects, past_effects, pauses, runs

# Armed once and re-armed at most twice: after that a person is asked.
MOST_ARMINGS = 3
# What the audit calls it when the robot has changed something, or nobody knows.
DEEDS = {"CONFIRMED": "changed", "DUPLICATE": "changed", "UNKNOWN": "unclear"}
# The row of ``pauses`` that is the emergency stop.
STOPPED_COMMITS = "commits"


class State(StrEnum):
    INTENDED = "INTENDED"
    ARMED = "ARMED"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"
    DUPLICATE = "DUPLICATE"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.INTENDED: frozenset({State.ARMED, State.CONFIRMED, State.DUPLICATE}),
    State.ARMED: frozenset({State.CONFIRMED, State.REFUSED, State.UNKNOWN, State.DUPLICATE}),
    State.UNKNOWN: frozenset({State.ARMED, State.CONFIRMED, State.DUPLICATE}),
    State.CONFIRMED: frozenset(),
    State.REFUSED: frozenset({State.ARMED}),
    State.DUPLICATE: frozenset(),
}


@dataclass(frozen=True)
class Effect:
    """One row of the ledger as it stood when it was read. ``age`` is seconds since it may last have been sent."""

    key: str
    mark: str
    system: str
    name: str
    once: str
    state: State
    armed_times: int
    age: float | None
    receipt: str | None
    mine: bool
    run_id: int

    @property
    def may_have_happened(self) -> bool:
        return self.state in (State.ARMED, State.UNKNOWN)


def effect_key(*parts: str) -> str:
    """The key of an effect: a SHA-256 over its parts, which no part can imitate by containing a separator."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()


def mark_of(key: str) -> str:
    """The trace in the target: ``R-`` and twelve hexadecimal digits of the key."""
    return f"R-{key[:12]}"


class Ledger:
    """The effects of one attempt. Every method is one transaction.

    ``subject`` is what makes the run's request unique beside the task: its case and business key.
    """

    def __init__(
        self, store: Store, *, run_id: int, attempt_id: int, task: str, case_number: str | None, subject: str
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._attempt_id = attempt_id
        self.task = task
        self._case_number = case_number
        self.subject = subject

    def intend(self, system: str, name: str, once: str) -> Effect:
        """The effect's row, made now if this is the first time that anybody intends it."""
        key = effect_key(self.subject, self.task, system, name, once)
        made = (
            upsert(effects)
            .values(
                key=key, mark=mark_of(key), run_id=self._run_id, attempt_id=self._attempt_id,
                case_number=self._case_number, task=self.task, system=system, name=name, once=once,
            )
            .on_conflict_do_nothing()  # of two at the same moment one may meet the other's mark before its key
            .returning(effects.c.key)
        ).cte("made")  # fmt: skip
        line = self._line(made.c.key, null(), State.INTENDED, "körningen vill göra den")
        if self._store.ask(select(made.c.key).add_cte(line)):
            return Effect(key, mark_of(key), system, name, once, State.INTENDED, 0, None, None, True, self._run_id)
        known = self._find(key)
        if known is None:
            # Twelve digits that two changes share: looked for by them, one would pass for the other.
            raise EffectUncertain(
                f"Märkningen {mark_of(key)} bärs redan av en annan åtgärd.",
                kind="Märkningen är upptagen", todo=f"Gör «{once}» för hand och meddela robotägaren.",
            )  # fmt: skip
        return known

    def read(self, key: str) -> Effect:
        known = self._find(key)
        if known is None:
            raise LookupError(f"there is no effect {key}")
        return known

    def is_own(self, mark: str) -> bool:
        """Whether the mark is one of this run's, or of an earlier one that it tries anew."""
        earlier, mine = runs.alias("earlier"), runs.alias("mine")
        found = (
            select(effects.c.key)
            .join(earlier, earlier.c.id == effects.c.run_id)
            .join(mine, (mine.c.request == earlier.c.request) & (mine.c.again == earlier.c.again))
            .where(effects.c.mark == mark, mine.c.id == self._run_id)
        )
        return self._store.ask(found) is not None

    def has_made_something(self, besides: Effect) -> bool:
        """Whether this run has made a change that is confirmed, other than this one. To take a case is no deed."""
        made = select(effects.c.key).where(
            effects.c.run_id == self._run_id, effects.c.state == State.CONFIRMED, effects.c.key != besides.key,
            effects.c.name != "claim",
        )  # fmt: skip
        return self._store.ask(made.limit(1)) is not None

    def demand_owner_gone(self, effect: Effect) -> None:
        """Raise ``EffectLost`` while the attempt that armed the effect may still be at work."""
        if effect.mine:
            return
        owner = select(attempts).join(effects, effects.c.attempt_id == attempts.c.id).where(effects.c.key == effect.key)
        with self._store.begin() as connection:
            row = connection.execute(owner).one()
        if row.ended_at is None and not ProcessId(row.host, row.pid, row.pid_started).certainly_dead:
            raise EffectLost(f"Ett annat försök kan fortfarande hålla på med {effect.once}.")

    def arm(self, effect: Effect, why: str, gate: Callable[[Connection], None] | None = None) -> None:
        """Commit that the change may happen from now on.

        Refused (``RunCancelled``, ``CommitsStopped``, ``EffectLost``) unless this attempt is the run's newest, the run
        still runs, and the effect's own state allows it: this is the fence that a forgotten process meets. ``gate`` is
        asked in the same transaction, with the run's row locked: what it raises leaves the effect as it was.
        """
        with self._store.begin() as connection:
            # Locked first, as whoever cancels or takes over does, and read after that: what the caller holds, and
            # what a read that waited for the lock saw, may be older.
            connection.execute(select(runs.c.id).where(runs.c.id == self._run_id).with_for_update())
            row = connection.execute(self._standing(effect)).first()
            self._demand_standing(effect, row)
            if gate:
                gate(connection)
            before = connection.execute(
                self._changed(
                    effect, State.ARMED, why, effects.c.armed_times < MOST_ARMINGS, attempt_id=self._attempt_id,
                    run_id=self._run_id, armed_times=effects.c.armed_times + 1, armed_at=func.clock_timestamp(),
                )
            ).one()  # fmt: skip
            if not before.changed:
                raise EffectLost(f"Åtgärden {effect.once} är {before.state} och får inte göras en gång till.")

    def demand_still_armed(self, effect: Effect) -> None:
        """The last look before the change leaves: between arming and sending this process may have been paused.

        Raises as ``arm`` does when the effect has been taken over, or a person has stopped it.
        """
        row = self._store.ask(self._standing(effect))
        self._demand_standing(effect, row)
        if row is None or row.effect != State.ARMED or row.owner != self._attempt_id:
            raise EffectLost(f"Åtgärden {effect.once} har tagits över av ett annat försök.")

    def _standing(self, effect: Effect) -> Select[Any]:
        """What decides whether this attempt may change anything for the effect, in one row."""
        return (
            select(
                runs.c.state.label("run"), runs.c.attempts.label("newest"), attempts.c.number, attempts.c.ended_at,
                effects.c.state.label("effect"), effects.c.attempt_id.label("owner"),
                exists().where(pauses.c.scope == STOPPED_COMMITS).label("stopped"),
                exists().where(past_effects.c.key == effect.key).label("past"),
            )
            .select_from(runs)
            .join(attempts, attempts.c.run_id == runs.c.id)
            .join(effects, effects.c.key == effect.key)
            .where(runs.c.id == self._run_id, attempts.c.id == self._attempt_id)
        )  # fmt: skip

    def _demand_standing(self, effect: Effect, row: Row[Any] | None) -> None:
        if row is not None and row.run == "cancelled":
            raise RunCancelled("Körningen är avbruten.")
        if row is not None and row.stopped:
            raise CommitsStopped("Alla ändringar är stoppade av en person.")
        if row is not None and row.past:
            raise EffectUncertain(
                f"{effect.once} är redan gjort, av en körning som är gallrad.", kind="Redan gjort, och gallrat",
                todo="Kontrollera i systemet. Ska det göras en gång till: ragnhild retry --again på körningen.",
            )  # fmt: skip
        if row is None or row.run != "running" or row.ended_at is not None or row.number != row.newest:
            raise EffectLost(f"Åtgärden {effect.once} får inte göras av det här försöket längre.")

    def confirm(self, effect: Effect, receipt: str, why: str) -> None:
        self._move(effect, State.CONFIRMED, why, receipt)

    def refuse(self, effect: Effect, why: str) -> None:
        self._move(effect, State.REFUSED, why)

    def doubt(self, effect: Effect, why: str) -> None:
        """ARMED becomes UNKNOWN; what is unknown already stays so."""
        if self.read(effect.key).state is State.ARMED:
            self._move(effect, State.UNKNOWN, why)

    def duplicate(self, effect: Effect, why: str) -> None:
        self._move(effect, State.DUPLICATE, why)

    def _move(self, effect: Effect, to: State, why: str, receipt: str | None = None) -> None:
        seen = {"receipt": receipt, "confirmed_at": func.clock_timestamp()} if to is State.CONFIRMED else {}
        before = self._store.ask(self._changed(effect, to, why, **seen))
        if before is None or not before.changed:
            state = before.state if before else "okänd"
            raise EffectLost(f"Åtgärden {effect.once} är {state} och kan inte bli {to}.")

    def _changed(
        self, effect: Effect, to: State, why: str, *only_if: ColumnElement[bool], **values: Any
    ) -> Select[Any]:
        """The statement that moves the effect, with its line in the history, if its state allows it.

        It tells the ``state`` before and whether that ``changed``.
        """
        allowed = [state for state, reached in TRANSITIONS.items() if to in reached]
        before = (
            select(effects.c.key, effects.c.state).where(effects.c.key == effect.key).with_for_update().cte("before")
        )
        changed = (
            update(effects)
            .where(effects.c.key == before.c.key, before.c.state.in_(allowed), *only_if)
            .values(state=to, **values)
            .returning(before.c.key, before.c.state)
        ).cte("changed")
        lines = [self._line(changed.c.key, changed.c.state, to, why)]
        lines += [self._noted(changed, DEEDS[to])] if to in DEEDS else []
        return select(before.c.state, exists().select_from(changed).label("changed")).add_cte(*lines)

    def _line(self, key: ColumnElement[str], before: ColumnElement[Any], to: State, why: str) -> CTE:
        """A line in the history for what another part of the same statement has changed."""
        told = select(key, literal(self._attempt_id), before, literal(to.value), literal(why))
        columns = ["key", "attempt_id", "from_state", "to_state", "why"]
        return insert(effect_history).from_select(columns, told).returning(effect_history.c.id).cte("line")

    def _noted(self, changed: CTE, did: str) -> CTE:
        """The line in the audit: what the robot has changed, or may have."""
        detail = in_sql(**{name: effects.c[name] for name in ("system", "name", "once", "mark")})
        of_it = changed.join(effects, effects.c.key == changed.c.key).join(runs, runs.c.id == self._run_id)
        told = robots_line(literal(did), detail, literal("")).select_from(of_it)
        return noting(told).returning(audit_events.c.id).cte("noted")

    def _find(self, key: str) -> Effect | None:
        # A click may leave long after it was armed; of an owner that died the time counts from when that was known.
        since = func.greatest(effects.c.armed_at, attempts.c.ended_at)
        sent_at = case((effects.c.armed_at.is_not(None), since))
        age = seconds_since(sent_at).label("age")
        found = select(effects, age).join(attempts, attempts.c.id == effects.c.attempt_id).where(effects.c.key == key)
        row = self._store.ask(found.with_for_update(of=effects))
        if row is None:
            return None
        return Effect(
            row.key, row.mark, row.system, row.name, row.once, State(row.state), row.armed_times,
            None if row.age is None else float(row.age), row.receipt, row.attempt_id == self._attempt_id, row.run_id,
        )  # fmt: skip
