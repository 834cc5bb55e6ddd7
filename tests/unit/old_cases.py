"""Cases that robots worked in long ago, with a row in everything that hangs on a run."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, text

from robots.effects import effect_key, mark_of
from robots.retention.carrying_out import CarryingOut
from robots.retention.classes import CLASSES, TRACES
from robots.retention.outside import Outside
from robots.retention.plan import FILE, read_plan
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import (
    accepted_pages,
    approvals,
    attempts,
    batch_rows,
    batches,
    effect_history,
    effects,
    handover_work,
    letters,
    mornings,
    outcomes,
    run_events,
    runs,
    schedules,
    seats,
    start_runs,
    starts,
)
from tests.unit.told_people import new_run

_numbers = itertools.count(1)
YEARS = 365
# What hangs on a run, and tells of it.
HANG_ON_RUNS = (
    "attempts", "seats", "run_events", "outcomes", "effects", "effect_history", "approvals", "handover_work",
    "mornings", "letters", "start_runs", "batch_rows", "procrastinate_jobs", "procrastinate_events",
)  # fmt: skip


def plan_text(**kept: str) -> str:
    """A plan with these times by class."""
    return "\n".join(
        f'["{name}"]\nsparas = "{time}"\nbeslut = "Dnr 2026/{number}"\nbeslutat = 2026-03-17\n'
        for number, (name, time) in enumerate(kept.items(), 1)
    )


ALL_A_YEAR = plan_text(**(dict.fromkeys(CLASSES, "1 år") | {TRACES: "7 dagar"}))


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@dataclass
class Archive:
    """A machine whose database, evidence and backups hold old things."""

    settings: Settings
    store: Store

    @classmethod
    def laid(cls, machine: Settings, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
        """Commands work on it. Everything is kept for a year, until a test writes another plan."""
        for name in ("config", "tasks", "schedules", "backups"):
            (folder / name).mkdir()
        places = {f"{name}_dir": folder / name for name in ("config", "tasks", "schedules", "data")}
        places["backup_folder"] = folder / "backups"
        for name, value in (places | {"database_url": store.url}).items():
            monkeypatch.setenv(f"RAGNHILD_{name.upper()}", str(value))
        values = machine.model_dump() | places | {"database_url": SecretStr(store.url)}
        made = cls(Settings(**values), store)
        made.plan(ALL_A_YEAR)
        return made

    def plan(self, words: str) -> None:
        (self.settings.config_dir / FILE).write_text(words, "utf-8")

    def carrying_out(self, *, outside: bool = True) -> CarryingOut:
        assert self.settings.backup_folder
        kept = Outside(self.settings.backup_folder) if outside else None
        return CarryingOut(self.store, read_plan(self.settings.config_dir / FILE), "prov", kept)

    def case(self, number: str | None, days: float, *, state: str = "done", **columns: Any) -> int:
        """A run of the case that ended so many days ago, with a confirmed change and all that hangs on a run."""
        end = ago(days)
        given = {"case_number": number, "state": state, "started_at": end, "finished_at": end}
        with self.store.begin() as connection:

            def add(table: Any, **values: Any) -> Any:
                return connection.execute(insert(table).values(values).returning(table)).first()

            run_id = new_run(connection, end, **(given | columns))
            attempt = add(attempts, run_id=run_id, number=1, host="h", pid=1, pid_started="1", ended_at=end)
            key = effect_key(number or str(run_id), str(run_id))
            add(effects, key=key, mark=mark_of(key), run_id=run_id, attempt_id=attempt.id, case_number=number,
                task="count", system="s", name="send", once="brev", state="CONFIRMED", armed_times=1,
                receipt=f"kvittens till {number}")  # fmt: skip
            add(effect_history, key=key, attempt_id=attempt.id, to_state="CONFIRMED", why="")
            add(approvals, run_id=run_id, effect_key=key, system="s", once="brev", mark=mark_of(key), digest="",
                shown={"Till": f"fråga om {number}"}, attempt=1, expires_at=end, answer="send")  # fmt: skip
            add(seats, system="s", number=next(_numbers), account="a", attempt_id=attempt.id, given_back_at=end)
            add(run_events, run_id=run_id, attempt=1, kind="step", title=f"steg i {number}", at=end)
            add(outcomes, run_id=run_id, outcome=state, kind="", reason=f"utfall i {number}", settled=True, at=end)
            add(handover_work, run_id=run_id, closed_by="anna", closed_at=end, way="by_hand", done=f"ord i {number}")
            add(mornings, run_id=run_id, system="s", title="S", page=f"p{run_id}", place=1, state="same")
            add(letters, schedule="post", identity=f"m{run_id}", said="", run_id=run_id)
            if not connection.execute(text("select 1 from schedules")).first():
                add(schedules, name="natt", written="", looked_until=end)
            start = add(starts, schedule="natt", local_time=end.replace(tzinfo=None), due_at=end, state="started",
                        by="klockan", noted_at=end)  # fmt: skip
            add(start_runs, start_id=start.id, run_id=run_id)
            batch = add(batches, task="count", file_name="a.xlsx", file_sha256=f"{run_id}", sheet="A", dry_run=False,
                        started_by="anna", created_at=end)  # fmt: skip
            add(batch_rows, batch_id=batch.id, row=1, run_id=run_id)
            self._job(connection, run_id, end)
        folder = self.settings.evidence_dir / str(run_id)
        folder.mkdir(parents=True)
        (folder / "01-001.jpg").write_bytes(b"bild")
        return run_id

    @staticmethod
    def _job(connection: Any, run_id: int, end: datetime) -> None:
        made = text(
            "insert into procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
            " select 'runs.count', 'ragnhild.run', case_number, key, cast(:args as jsonb) from runs"
            " where id = :id returning id"
        )
        job = connection.execute(made, {"id": run_id, "args": json.dumps({"run_id": run_id})}).scalar_one()
        for state in ("doing", "succeeded"):
            connection.execute(text(f"update procrastinate_jobs set status = '{state}' where id = {job}"))
        told = text("update procrastinate_events set at = :at where job_id = :job")
        connection.execute(told, {"at": end, "job": job})

    def open_page(self, run_id: int) -> None:
        """The run's morning is what the coming ones are compared with."""
        with self.store.begin() as connection:
            morning = connection.execute(mornings.select().where(mornings.c.run_id == run_id)).one()
            values = {"system": "s", "page": morning.page, "seen": {}, "by": "anna", "morning_id": morning.id}
            connection.execute(insert(accepted_pages).values(values))

    def change(self, statement: str, **values: Any) -> None:
        with self.store.begin() as connection:
            connection.execute(text(statement), values)

    def count(self, table: str, which: str = "true") -> int:
        with self.store.begin() as connection:
            return int(connection.execute(text(f"select count(*) from {table} where {which}")).scalar_one())

    def runs(self) -> set[int]:
        with self.store.begin() as connection:
            return set(connection.execute(runs.select().with_only_columns(runs.c.id)).scalars())

    def evidence(self) -> set[int]:
        return {int(path.name) for path in self.settings.evidence_dir.iterdir()}
