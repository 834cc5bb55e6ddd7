"""One run as people and programs read it: masked inputs, steps, effects with receipts, outcome and report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from robots.cli import console, machine
from robots.cli.approvals import document, print_question
from robots.queue.run_record import RunRecord

if TYPE_CHECKING:
    from sqlalchemy import Row

    from robots.settings import Settings
    from robots.store import Store
    from robots.task import Task

BEFORE_COMMIT = "Före: "


def row_document(row: Row[Any]) -> dict[str, Any]:
    """The line of a run in a listing, as JSON."""
    return {
        "run": f"K-{row.id}", "task": row.task, "case_number": row.case_number, "robot": row.robot,
        "state": row.state, "waits": row.waits or [], "dry_run": row.dry_run, "source": row.source,
        "started_by": row.started_by, "attempts": row.attempts, "created_at": row.created_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at, "seconds": None if row.seconds is None else float(row.seconds),
        "outcome": row.outcome, "kind": row.kind, "reason": row.reason, "todo": row.todo, "in_case": row.in_case,
    }  # fmt: skip


@dataclass(frozen=True)
class RunView(RunRecord):
    """A run's record with its folder of evidence."""

    report: Path
    pictures_on: bool

    @classmethod
    def read(cls, settings: Settings, store: Store, run_id: int, task: Task | None) -> RunView:
        """Raises ``WrongInput`` when there is no such run."""
        told = RunRecord.of(store, run_id, task)
        return cls(**vars(told), report=machine.report_of(settings, run_id), pictures_on=settings.evidence == "full")

    @property
    def ended(self) -> str:
        return console.clock(self.row.finished_at)

    @property
    def exit_code(self) -> int:
        """Of the outcome; 0 for a run that only waits."""
        return console.EXIT_CODES.get(self.row.outcome or "", 0)

    @property
    def evidence(self) -> Path:
        """The folder of all runs' evidence."""
        return self.report.parent.parent

    @property
    def filled_forms(self) -> list[Path]:
        """The pictures taken in front of each commit."""
        taken = [e for e in self.events if e.kind == "picture" and e.title.startswith(BEFORE_COMMIT)]
        return [self.report.parent / e.detail["file"] for e in taken]

    @property
    def report_found(self) -> Path | None:
        return self.report if self.report.is_file() else None

    def document(self) -> dict[str, Any]:
        """The run as JSON."""
        return {
            **row_document(self.row),
            "inputs": {each.name: each.masked for each in self.typed},
            "steps": self.steps,
            "effects": [
                {"system": e.system, "effect": e.name, "once": e.once, "state": e.state, "receipt": e.receipt,
                 "mark": e.mark, "confirmed_at": e.confirmed_at}
                for e in self.effects
            ],
            "pictures_of_filled_forms": [str(path) for path in self.filled_forms],
            "approvals": [document(row, self.evidence) for row in self.questions],
            "report": str(self.report_found) if self.report_found else None,
        }  # fmt: skip

    def print_outcome(self) -> None:
        """How it ended, in a few lines."""
        row = self.row
        state = console.state_text(row.state, row.waits)
        kind = f": {row.kind}" if row.kind and row.kind != row.reason else ""
        console.out().print(Text.assemble(f"{self.name}  ", state, f"{kind}  ({console.seconds_text(row.seconds)})"))
        if row.reason:
            console.say(f"Orsak: {row.reason}")
        if row.todo:
            console.say(f"Att göra: {row.todo}")
        for each in self.effects:
            if each.receipt:
                console.say(f"Kvittens för {each.once}: {each.receipt} (märkning {each.mark})")
        for each in self.questions:
            print_question(each, is_open=row.state == "waiting_approval")
        if row.dry_run:
            self._print_dry_run()
        if self.report_found:
            console.say(f"Rapport: ragnhild report {self.name} --open")

    def _print_dry_run(self) -> None:
        console.say("Det här var en provkörning: inget är sparat i något system.")
        for path in self.filled_forms:
            console.say(f"Bild av det ifyllda formuläret: {path.name} i rapporten")
        if not self.pictures_on:
            console.say("Inga bilder togs: inställningen evidence är «steps».")

    def print_all(self) -> None:
        """Everything that is known, for ``ragnhild show``."""
        from robots.evidence.report import EFFECT_WORDS

        row = self.row
        title = f"{self.task.title} ({row.task})" if self.task else row.task
        console.say(f"{self.name}  {title}", "bold")
        console.say(f"Robot {row.robot}, beställd av {row.started_by} {console.clock(row.created_at)}")
        console.say(f"Började {console.clock(row.started_at)}, slutade {self.ended}, {row.attempts} försök")
        console.say()
        console.table(["Uppgift att fylla i", "Värde"], [(each.title, each.masked) for each in self.typed])
        console.say()
        if self.steps:
            console.table(["Steg", "Tid", ""], [_step_row(step) for step in self.steps])
            console.say()
        if self.effects:
            made = [
                (e.once, e.system, EFFECT_WORDS.get(e.state, e.state), e.receipt or "–", e.mark) for e in self.effects
            ]
            console.table(["Åtgärd", "System", "Läge", "Kvittens", "Märkning"], made)
        else:
            console.say("Körningen har inte ändrat något i något system.")
        console.say()
        self.print_outcome()


def _step_row(step: dict[str, Any]) -> tuple[str, str, str]:
    _, _, why = step["error"].partition(": ")  # the name of the exception is for programs
    return ("✓ " if step["ended"] else "✗ ") + step["step"], console.seconds_text(step["seconds"]), why
