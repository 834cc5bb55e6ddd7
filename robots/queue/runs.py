"""Runs: asked for, once each, and what people want to know about them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Float,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    not_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.audit.origin import origin
from robots.audit.writing import in_sql, name_of_run, noting
from robots.effects import State, effect_key
from robots.errors import WrongInput
from robots.inputs import Values
from robots.queue.engine import ANSWER_HOURS, PRIORITIES, order_in_queue, with_jobs
from robots.store import Store
from robots.store.quick import Quick
from robots.store.schema import audit_events, effects, outcomes, run_events, runs
from robots.task import Task

# An inbox is read by a schedule's run; what it asks for takes its case first.
Source = Literal["guide", "api", "schedule", "inbox", "batch"]


@dataclass(frozen=True)
class Submitted:
    """``new`` is False when the same request was made before; ``run_id`` is then the run of that time."""

    run_id: int
    new: bool


def submit(
    store: Store,
    task: Task,
    values: Values,
    *,
    robot: str,
    source: Source,
    started_by: str,
    dry_run: bool = False,
    apart: str = "",
    answer_hours: float = ANSWER_HOURS,
    asks_first: bool = False,
) -> Submitted:
    """Ask for a run: one row and one job in one statement, or the run that the same request made before.

    ``apart`` makes another request of what would be the same. ``asks_first``: a person looks at the filled form before
    the first change leaves (robots/queue/approvals.py). ``answer_hours`` is how soon the citizen is promised an
    answer: what has the nearest deadline goes first.
    """
    # A dry run changes nothing, so each one is a request of its own.
    apart = secrets.token_hex(8) if dry_run else apart
    who = {
        "robot": robot, "source": source, "started_by": started_by, "dry_run": dry_run, "asks_first": asks_first,
    }  # fmt: skip
    asked = _request(task, values, answer_hours, apart, who)
    made = store.ask_quick(_WRITE_RUN_QUICK, asked)
    if made is not None:
        return Submitted(made.id, new=True)
    newest = store.ask(_newest_of(asked["asked_request"]))
    assert newest is not None
    return Submitted(newest.id, new=False)


def submit_within(
    connection: Connection,
    task: Task,
    values: Values,
    *,
    robot: str,
    source: Source,
    started_by: str,
    dry_run: bool = False,
    apart: str = "",
    answer_hours: float = ANSWER_HOURS,
    asks_first: bool = False,
) -> Submitted:
    """As ``submit``, in a transaction that is open: the run is there when what it belongs to is."""
    apart = secrets.token_hex(8) if dry_run else apart
    who = {
        "robot": robot, "source": source, "started_by": started_by, "dry_run": dry_run, "asks_first": asks_first,
    }  # fmt: skip
    asked = _request(task, values, answer_hours, apart, who)
    made = connection.execute(WRITE_RUN, asked).first()
    if made is not None:
        return Submitted(made.id, new=True)
    return Submitted(connection.execute(_newest_of(asked["asked_request"])).scalar_one(), new=False)


def _request(task: Task, values: Values, answer_hours: float, apart: str, who: Mapping[str, Any]) -> dict[str, Any]:
    key = request_key(task, values, apart=apart)
    return asked_run(
        answer_hours, key=key, request=key, task=task.name, task_version=task.version, case_number=values.case_number,
        inputs=values.stored, team=task.owner, **who,
    )  # fmt: skip


def _newest_of(request: str) -> Select[Any]:
    return select(func.max(runs.c.id).label("id")).where(runs.c.request == request)


def request_key(task: Task, values: Values, *, apart: str = "") -> str:
    """What makes the same request twice one run, however it was asked for; ``apart`` sets a dry run apart."""
    return effect_key(task.name, values.subject, apart)


_ASKED = (
    "key", "request", "task", "task_version", "robot", "case_number", "inputs", "source", "started_by", "dry_run",
    "earlier_run", "again", "asks_first", "team",
)  # fmt: skip


def _noting_start(made: CTE) -> CTE:
    """The line in the audit that tells who has started the run."""
    detail = in_sql(**{name: made.c[name] for name in ("task", "dry_run", "robot", "source")})
    lines = select(
        made.c.started_by, literal_column("'started'"), name_of_run(made.c.id), literal_column("''"),
        literal_column("''"), detail, func.coalesce(made.c.case_number, ""),
        bindparam("from_place", type_=Text), bindparam("from_machine", type_=Text),
    )  # fmt: skip
    return noting(lines).returning(audit_events.c.id).cte("noted")


# Writes a run (``asked_run``), its job and its line in the audit. It tells of none when there is a run with this
# key already.
WRITE_RUN = with_jobs(
    upsert(runs)
    .values({name: bindparam(f"asked_{name}", type_=runs.c[name].type) for name in _ASKED if name != "inputs"})
    .values(inputs=cast(bindparam("asked_inputs", type_=Text), JSONB))
    .values(order_in_queue(bindparam("in_class", type_=Integer), bindparam("answer_seconds", type_=Float)))
    .on_conflict_do_nothing(index_elements=["key"]),
    _noting_start,
)
_WRITE_RUN_QUICK = Quick(WRITE_RUN)


def asked_run(
    answer_hours: float, *, source: Source, inputs: Mapping[str, Any], earlier_run: int | None = None, again: int = 0,
    asks_first: bool = False, team: str = "", **columns: Any,
) -> dict[str, Any]:  # fmt: skip
    """What ``WRITE_RUN`` wants to be told: the columns of the run by name."""
    told = {
        "source": source, "inputs": json.dumps(inputs), "earlier_run": earlier_run, "again": again,
        "asks_first": asks_first, "team": team, **columns,
    }  # fmt: skip
    order = {"in_class": PRIORITIES[source], "answer_seconds": answer_hours * 3600}
    came = {f"from_{name}": value for name, value in origin().items()}
    return order | came | {f"asked_{name}": told[name] for name in _ASKED}


# A run is done with changes that it has not seen made only when it has left them for later.
_UNMADE = (
    select(func.array_agg(effects.c.name.distinct()))
    .where(effects.c.run_id == runs.c.id, effects.c.state.in_([State.INTENDED, State.ARMED, State.UNKNOWN]))
    .scalar_subquery()
)
_LISTED = (
    select(
        runs, outcomes.c.outcome, outcomes.c.kind, outcomes.c.reason, outcomes.c.todo, outcomes.c.in_case,
        func.extract("epoch", runs.c.finished_at - runs.c.started_at).label("seconds"),
        case((and_(runs.c.state == "done", not_(runs.c.dry_run)), _UNMADE)).label("waits"),
    )
    .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
)  # fmt: skip


def no_such_run(run_id: int) -> WrongInput:
    return WrongInput("Körning", f"K-{run_id}", "Det finns ingen körning med det numret. Se «ragnhild runs».")


def find_run(store: Store, run_id: int) -> Row[Any]:
    """The run with its outcome. Raises ``WrongInput`` when there is none."""
    with store.begin() as connection:
        row = connection.execute(_LISTED.where(runs.c.id == run_id)).first()
    if row is None:
        raise no_such_run(run_id)
    return row


def list_runs(
    store: Store,
    *conditions: ColumnElement[bool],
    states: Sequence[str] = (),
    task: str = "",
    case_number: str = "",
    limit: int = 50,
) -> list[Row[Any]]:
    """The newest runs first; ``conditions`` are further ones on ``runs``."""
    wanted = _LISTED.where(*conditions).order_by(runs.c.id.desc()).limit(limit)
    if states:
        wanted = wanted.where(runs.c.state.in_(states))
    if task:
        wanted = wanted.where(runs.c.task == task)
    if case_number:
        wanted = wanted.where(runs.c.case_number == case_number)
    with store.begin() as connection:
        return list(connection.execute(wanted))


def runs_by_id(store: Store, ids: Sequence[int]) -> dict[int, Row[Any]]:
    with store.begin() as connection:
        return {row.id: row for row in connection.execute(_LISTED.where(runs.c.id.in_(ids)))}


def effects_of(store: Store, run_id: int) -> list[Row[Any]]:
    with store.begin() as connection:
        return list(
            connection.execute(select(effects).where(effects.c.run_id == run_id).order_by(effects.c.created_at))
        )


def events_of(store: Store, run_id: int, after: int = 0) -> list[Row[Any]]:
    """The step log from event number ``after`` on."""
    with store.begin() as connection:
        return list(
            connection.execute(
                select(run_events)
                .where(run_events.c.run_id == run_id, run_events.c.id > after)
                .order_by(run_events.c.id)
            )
        )


def worker_alive(store: Store, within_seconds: float = 5.0) -> bool:
    """Whether a worker, on any machine, has given a sign of life to the queue engine this lately."""
    seen = text(
        "select exists (select 1 from procrastinate_workers"
        " where last_heartbeat > clock_timestamp() - make_interval(secs => :seconds))"
    )
    with store.begin() as connection:
        return bool(connection.execute(seen, {"seconds": within_seconds}).scalar())


def latest_state(store: Store, run_id: int) -> tuple[str, datetime | None]:
    with store.begin() as connection:
        row = connection.execute(select(runs.c.state, runs.c.finished_at).where(runs.c.id == run_id)).one()
    return row.state, row.finished_at
