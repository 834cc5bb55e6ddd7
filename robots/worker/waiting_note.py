"""A journal note that waits: the deed is done, and the case system did not answer when it was to be told.

The note is then a run of its own, of a task of the toolkit's. It carries the effect that the first run intended, with
its key and mark, so that whichever of the two writes it, it stands in the case once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from robots.cases import Cases
from robots.effects import Ledger, effect_key
from robots.evidence import Recorder
from robots.fields import CaseNumber, LongText
from robots.inputs import Values
from robots.queue.attempts import Claimed
from robots.queue.runs import submit
from robots.settings import Settings
from robots.store import Store
from robots.systems.access import SystemAccess
from robots.task import Run, Task, task


class Origin(BaseModel):
    """The effect that is made later: its name within the run, and what the run's effects are made of."""

    once: str
    of_task: str
    subject: str


@task(title="Anteckning som väntar", owner="Ragnhild", saves_minutes=0)
def write_waiting_note(
    run: Run, case_number: CaseNumber, text: LongText, origin: Origin, *, cases: Cases.Writer
) -> None:
    """Skriver anteckningen om det som redan är gjort, när ärendesystemet svarar igen."""
    with run.step("Skriv anteckningen"):
        cases.add_note(case_number, text, once=origin.once)


WAITING_NOTE: Task = write_waiting_note.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator


def who_leaves_notes(
    kind: type[SystemAccess], settings: Settings, store: Store, claimed: Claimed, *, ledger: Ledger, recorder: Recorder
) -> Callable[[dict[str, Any], str], None] | None:
    """What is told a note that the case system did not take, for the bench of that system; None where nothing waits."""
    if kind.system != settings.cases or claimed.dry_run or claimed.task == WAITING_NOTE.name:
        return None

    def leave(note: dict[str, Any], once: str) -> None:
        """Ask for the note to be written later. Asked for again, in another attempt, it is the same run."""
        told = {"case_number": note["case_number"], "text": note["text"], "once": once}
        values = WAITING_NOTE.inputs.parse(told | {"of_task": ledger.task, "subject": ledger.subject})
        later = submit(
            store, WAITING_NOTE, values, robot=claimed.robot, source="batch", started_by=f"K-{claimed.run_id}",
            apart=effect_key(ledger.task, ledger.subject, once),
        )  # fmt: skip
        recorder.event("note_waits", f"Anteckningen skrivs av K-{later.run_id} när ärendesystemet svarar igen.")

    return leave


def whose_effects(task: str, values: Values, subject: str) -> tuple[str, str]:
    """The task and the subject that a run's effects are made of: a waiting note's are those of the run it is about."""
    if task != WAITING_NOTE.name:
        return task, subject
    origin: Origin = values.arguments["origin"]
    return origin.of_task, origin.subject
