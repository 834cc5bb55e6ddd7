"""What waits in a case: the deed is done, and the case cannot be told of it just now.

The case system does not answer, or a colleague works in the case. The note, the status or the handing on that is left
is then a run of its own, of a task of the toolkit's. It carries the effect that the first run intended, with its key
and mark, so that whichever of the two makes it, it stands in the case once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel

from robots.cases import Cases
from robots.effects import Ledger, effect_key
from robots.errors import BusinessException, RagnhildError
from robots.evidence import Recorder
from robots.fields import CaseNumber, LongText
from robots.inputs import Values
from robots.queue.attempts import Claimed
from robots.queue.runs import submit
from robots.settings import Settings
from robots.store import Store
from robots.systems.access import SystemAccess
from robots.task import Run, Task, task

CLOSED = "Avslutat"


class Left(BaseModel):
    """The effect that is made later: the case's verb with what it is ``given``, as JSON, the effect's name within the
    run, and what the run's effects are made of."""

    change: Literal["add_note", "set_status", "hand_over"]
    given: LongText
    once: str
    of_task: str
    subject: str


@task(title="Det som väntar i ärendet", owner="Ragnhild", saves_minutes=0)
def finish_in_case(run: Run, case_number: CaseNumber, left: Left, *, cases: Cases.Writer) -> None:
    """Gör det som är kvar i ärendet när resten är gjort och ärendet går att ändra igen."""
    given = json.loads(left.given)
    with run.step("Gör klart i ärendet"):
        try:
            if left.change != "add_note" and given.get("status") != CLOSED:
                stop_if_closed_since(cases, case_number)
            getattr(cases, left.change)(case_number, **given, once=left.once)
        except RagnhildError as error:
            error.left = left.once
            raise


def stop_if_closed_since(cases: Cases.Reader, case_number: CaseNumber) -> None:
    """What a person has closed is not opened again, or given to somebody."""
    if cases.read(case_number).closed:
        raise BusinessException(
            f"Någon har avslutat ärendet {case_number} sedan dess.",
            kind="Ärendet är redan avslutat",
            todo="Läs i ärendet om något är kvar att göra.",
        )


FINISH_IN_CASE: Task = finish_in_case.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator


def who_leaves(
    kind: type[SystemAccess], settings: Settings, store: Store, claimed: Claimed, *, ledger: Ledger, recorder: Recorder
) -> Callable[[str, dict[str, Any], str], None] | None:
    """What is told a change that the case did not take, for the bench of that system; None where nothing waits."""
    if kind.system != settings.cases or claimed.dry_run or claimed.task == FINISH_IN_CASE.name:
        return None

    def leave(change: str, arguments: dict[str, Any], once: str) -> None:
        """Ask for the change to be made later. Asked for again, in another attempt, it is the same run."""
        given = {name: value for name, value in arguments.items() if name != "case_number"}
        values = FINISH_IN_CASE.inputs.parse(
            {
                "case_number": arguments["case_number"], "change": change, "once": once, "of_task": ledger.task,
                "given": json.dumps(given, ensure_ascii=False), "subject": ledger.subject,
            }
        )  # fmt: skip
        later = submit(
            store, FINISH_IN_CASE, values, robot=claimed.robot, source="batch", started_by=f"K-{claimed.run_id}",
            apart=effect_key(ledger.task, ledger.subject, change, once),
        )  # fmt: skip
        recorder.event("left", f"«{once}» görs av K-{later.run_id} när ärendet går att ändra igen.")

    return leave


def ledger_of(store: Store, claimed: Claimed, task: str, values: Values) -> Ledger:
    """What a run's effects are written in: what is left is made as the run it is left by.

    A run whose changes a person wants once more has marks of its own.
    """
    subject = f"{values.subject} en gång till ({claimed.again})" if claimed.again else values.subject
    if task == FINISH_IN_CASE.name:
        left: Left = values.arguments["left"]
        task, subject = left.of_task, left.subject
    return Ledger(
        store, run_id=claimed.run_id, attempt_id=claimed.attempt_id, task=task, case_number=values.case_number,
        subject=subject,
    )  # fmt: skip
