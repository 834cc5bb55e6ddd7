"""The tables. Times are database time, always; JSON columns hold what is shown, never what is searched."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s",
                       "uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s",
                       "ix": "ix_%(table_name)s_%(column_0_name)s"}
)  # fmt: skip

RUN_STATES = ("queued", "running", "waiting_approval", "done", "handed_over", "failed", "cancelled")
OUTCOMES = ("done", "handed_over", "failed", "cancelled")
EFFECT_STATES = ("INTENDED", "ARMED", "CONFIRMED", "REFUSED", "UNKNOWN", "DUPLICATE")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} in ({', '.join(repr(v) for v in values)})", name=f"{column}_known")


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())


batches = Table(
    "batches", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("task", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("started_by", Text, nullable=False),
    _now("created_at"),
    # The same sheet again is the same batch; a dry run changes nothing, so each one is a batch of its own.
    Index("ix_batches_sheet", "task", "file_sha256", "sheet", unique=True, postgresql_where="not dry_run"),
)  # fmt: skip

# One task with one set of inputs, its whole life. ``key`` makes the same request twice one run.
runs = Table(
    "runs", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("task", Text, nullable=False),
    Column("task_version", Text, nullable=False),
    Column("robot", Text, nullable=False),
    Column("case_number", Text),
    Column("inputs", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("job_id", BigInteger),
    _now("created_at"),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    _one_of("state", RUN_STATES),
    Index("ix_runs_state_created", "state", "created_at"),
    Index("ix_runs_case_number", "case_number"),
)  # fmt: skip

batch_rows = Table(
    "batch_rows", metadata,
    Column("batch_id", BigInteger, ForeignKey("batches.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id")),
    Column("first_row", Integer),  # the earlier row of the same file that asks for the same run
    Column("error", Text),
    CheckConstraint("(run_id is null) <> (error is null)", name="run_or_error"),
    Index("ix_batch_rows_run", "batch_id", "run_id", "row"),
)  # fmt: skip

# One try of a run, and the process that makes it: takeover needs to know that it is dead.
attempts = Table(
    "attempts", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Text, nullable=False),
    _now("started_at"),
    Column("ended_at", DateTime(timezone=True)),
    Column("ending", Text),
    Column("error", Text),
    UniqueConstraint("run_id", "number"),
    Index("ix_attempts_open", "host", postgresql_where="ended_at is null"),
)  # fmt: skip

# The ledger: one row an effect. ``mark`` is its trace in the target.
effects = Table(
    "effects", metadata,
    Column("key", Text, primary_key=True),
    Column("mark", Text, nullable=False, unique=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False),
    Column("case_number", Text),
    Column("task", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("once", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="INTENDED"),
    Column("armed_times", Integer, nullable=False, server_default="0"),
    Column("armed_at", DateTime(timezone=True)),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("receipt", Text),
    _now("created_at"),
    _one_of("state", EFFECT_STATES),
    Index("ix_effects_run_id", "run_id"),
)  # fmt: skip

# Every transition of every effect, never changed: what can be accounted for years later.
effect_history = Table(
    "effect_history", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, ForeignKey("effects.key"), nullable=False),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("why", Text, nullable=False),
    _now("at"),
    Index("ix_effect_history_key", "key"),
)  # fmt: skip

# Exactly one row a run, written in the same transaction as what follows from it.
outcomes = Table(
    "outcomes", metadata,
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("todo", Text, nullable=False, server_default=""),
    Column("in_case", Boolean, nullable=False, server_default="false"),
    _now("at"),
    _one_of("outcome", OUTCOMES),
)  # fmt: skip

# The structured step log: what a run did and saw, in order, masked.
run_events = Table(
    "run_events", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    _now("at"),
    Index("ix_run_events_run_id", "run_id", "id"),
)  # fmt: skip

# Cookies of a robot user in a system, encrypted; ``refused`` is the fingerprint of a secret the system refused.
login_sessions = Table(
    "login_sessions", metadata,
    Column("robot", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("state", LargeBinary),
    Column("refused", Text),
    Column("serial", Integer, nullable=False, server_default="0"),
    _now("renewed_at"),
)  # fmt: skip
