"""One run as it is read by people and programs: what was asked, what was done with its receipts, and what is around it.

The command line prints it and the portal shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select

from robots.errors import COVERED
from robots.evidence.redaction import redact
from robots.evidence.report import Caption
from robots.queue.approvals import questions_of
from robots.queue.runs import effects_of, events_of, find_run
from robots.store import Store
from robots.store.schema import attempts, orders, outcomes, runs
from robots.task import Task

_YES_AND_NO = {True: "ja", False: "nej"}


def report_words(task: Task | None, name: str) -> dict[str, Any]:
    """What a report calls the task and its inputs; ``name`` stands for a task whose file has gone."""
    captions = {each.name: Caption(each.title, each.words.personal) for each in task.inputs} if task else {}
    return {"title": task.title if task else name, "captions": captions}


@dataclass(frozen=True)
class Typed:
    """One thing that was typed. ``masked`` is the value for those who may not see personal data."""

    name: str
    title: str
    value: str
    masked: str


@dataclass(frozen=True)
class RunRecord:
    """What the database tells of a run. ``task`` is None when its file has gone."""

    row: Row[Any]
    effects: list[Row[Any]]
    events: list[Row[Any]]
    questions: list[Row[Any]]
    task: Task | None

    @classmethod
    def of(cls, store: Store, run_id: int, task: Task | None) -> RunRecord:
        """Raises ``WrongInput`` when there is no such run."""
        return cls(
            find_run(store, run_id), effects_of(store, run_id), events_of(store, run_id), questions_of(store, run_id),
            task,
        )  # fmt: skip

    @property
    def name(self) -> str:
        return f"K-{self.row.id}"

    @property
    def typed(self) -> list[Typed]:
        """In the order of the form; what was left out is left out."""
        known = {each.name: each for each in self.task.inputs} if self.task else {}
        shown = []
        for name in [*(n for n in known if n in self.row.inputs), *(n for n in self.row.inputs if n not in known)]:
            value = self.row.inputs[name]
            if value in ("", None):
                continue
            words = _YES_AND_NO[value] if isinstance(value, bool) else str(value)
            each = known.get(name)
            masked = COVERED if each and each.words.personal else redact(words)
            shown.append(Typed(name, each.title if each else name, words, masked))
        return shown

    @property
    def steps(self) -> list[dict[str, Any]]:
        """Each step that has ended, with its seconds and how it ended."""
        return [
            {"attempt": e.attempt, "step": e.title, "seconds": e.detail["seconds"], "ended": e.kind == "step_done",
             "error": e.detail.get("error", "")}
            for e in self.events if e.kind in ("step_done", "step_stopped")
        ]  # fmt: skip


@dataclass(frozen=True)
class Around:
    """``attempts`` and ``orders`` of a run; the runs of the same request (``kin``), and those that finish what it left.

    Both in their order, with their ``outcome``, and ``kin`` holds the run itself.
    """

    attempts: list[Row[Any]]
    orders: list[Row[Any]]
    kin: list[Row[Any]]
    left: list[Row[Any]]

    @classmethod
    def of(cls, store: Store, run: Row[Any]) -> Around:
        asked_by_it = or_(runs.c.id == run.id, runs.c.id == run.earlier_run)
        about = select("K-" + runs.c.id.cast(orders.c.about.type)).where(asked_by_it)
        shown = (runs.c.id, runs.c.task, runs.c.state, runs.c.started_by, runs.c.created_at, runs.c.finished_at,
                 runs.c.again, outcomes.c.outcome)  # fmt: skip
        listed = select(*shown).outerjoin(outcomes, outcomes.c.run_id == runs.c.id).order_by(runs.c.id)
        of_its_own = runs.c.case_number == run.case_number, runs.c.started_by == f"K-{run.id}"
        with store.begin() as connection:
            return cls(
                list(
                    connection.execute(select(attempts).where(attempts.c.run_id == run.id).order_by(attempts.c.number))
                ),
                list(connection.execute(select(orders).where(orders.c.about.in_(about)).order_by(orders.c.id))),
                list(connection.execute(listed.where(runs.c.request == run.request))),
                list(connection.execute(listed.where(*of_its_own))) if run.case_number else [],
            )
