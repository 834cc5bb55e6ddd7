"""A schedule's inbox: read, and one run asked for each case that waits there. It changes nothing; the runs do.

A case has one such run, however often the inbox is read: the same request is the same run, and a case that a run has
handed over lies in the inbox for a person. One that no run can be asked for is read again when it has changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.cases import Case, Cases
from robots.cases.contract import NEW, CaseRow
from robots.errors import ProtectedPerson, WrongInput
from robots.fields import LongText
from robots.queue.runs import submit_within
from robots.store.schema import runs, start_runs
from robots.task import Task, task
from robots.worker.asking_run import AskingRun
from robots.worker.left_in_inbox import LeftInInbox

LEFT = LeftInInbox()


class Errand(BaseModel):
    """What is started for each case of an inbox.

    ``titles`` are words, a line each, one of which the case's title holds. ``given`` are the task's inputs, as
    JSON, with what the case says in braces. ``most``: so many runs at a time, 0 for all; a case that none can be asked
    for stands in no other's way. ``start``: the schedule's.
    """

    schedule: str
    start: float
    inbox: str
    titles: LongText = ""
    most: float
    asks_for: str
    given: LongText


def ask_for(run: AskingRun, errand: Errand, row: CaseRow, cases: Cases.Reader) -> bool:
    """One run for the case. False where none can be asked for, which is told, and the case stays where it is."""
    number, wanted = row.number, run.tasks.find(errand.asks_for)
    try:
        case = cases.read(number)
        values = wanted.inputs.parse(filled_in(errand, case) | _case_input(wanted, case))
    except (WrongInput, LookupError, ProtectedPerson) as error:
        run.tell(f"{number} startas inte: {error}")
        LEFT.remember(row, all_asked(errand, wanted))
        return False
    with run.store.begin() as connection:
        asked = submit_within(
            connection, wanted, values, robot=run.robot, source="inbox", started_by=f"schema {errand.schedule}",
            answer_hours=run.settings.answer_hours,
        )  # fmt: skip
        belongs = {"start_id": int(errand.start), "run_id": asked.run_id}
        connection.execute(upsert(start_runs).values(**belongs).on_conflict_do_nothing())
    run.tell(f"{number}: K-{asked.run_id}")
    return True


def all_asked(errand: Errand, wanted: Task) -> tuple[str, ...]:
    """What decides whether a case can be used, beside the case."""
    return wanted.name, wanted.version, errand.given


def have_had_theirs(run: AskingRun, errand: Errand) -> set[str]:
    """The cases that have had their run out of an inbox. One that a person has laid back there is a person's."""
    mine = runs.c.task == errand.asks_for, runs.c.source == "inbox"
    with run.store.begin() as connection:
        return set(connection.execute(select(runs.c.case_number).where(*mine)).scalars())


def filled_in(errand: Errand, case: Case) -> dict[str, Any]:
    """The task's inputs, with what the case says. Raises ``LookupError`` where it does not say it."""
    known: Mapping[str, Any] = {name: value for name, value in asdict(case).items() if value not in (None, "")}
    try:
        told = json.loads(errand.given)
        return {name: v.format_map(known) if isinstance(v, str) else v for name, v in told.items()}
    except KeyError as missing:
        raise LookupError(f"Ärendet säger inget om {missing.args[0]}.") from None


def _case_input(wanted: Task, case: Case) -> dict[str, Any]:
    named = wanted.inputs.case_number
    return {named.name: case.number} if named else {}


def waits(row: CaseRow, errand: Errand) -> bool:
    """New, nobody's, not open at a colleague's, and of the right kind."""
    words = [word.casefold() for word in errand.titles.splitlines() if word.strip()]
    right = not words or any(word in row.title.casefold() for word in words)
    return row.status == NEW and not row.handler and not row.locked and right


@task(title="Läs inkorgen", owner="Ragnhild", saves_minutes=0)
def read_inbox(run: AskingRun, errand: Errand, *, cases: Cases.Reader) -> None:
    """Läser en inkorg och startar en körning för varje ärende som väntar där."""
    with run.step("Läs inkorgen"):
        had = have_had_theirs(run, errand)
        found = [row for row in reversed(cases.inbox(errand.inbox)) if waits(row, errand)]
        waiting = [row for row in found if row.number not in had]
        run.tell(
            f"{len(waiting)} ärenden väntar i {errand.inbox}, och {len(found) - len(waiting)} har haft sin körning."
        )
    with run.step("Starta körningarna"):
        asked, told = 0, all_asked(errand, run.tasks.find(errand.asks_for)) if waiting else ()
        unread = [row for row in waiting if not LEFT.is_as_it_was(row, told)]
        if len(unread) < len(waiting):
            run.tell(f"{len(waiting) - len(unread)} ärenden är som när de inte gick att starta, och läses inte igen.")
        for row in unread:
            if asked < (errand.most or len(unread)):
                asked += ask_for(run, errand, row, cases)


READ_INBOX: Task = read_inbox.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator
