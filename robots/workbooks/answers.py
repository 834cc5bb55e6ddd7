"""What has become of each row of a sheet: the sheet and the database side by side, a thousand rows at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from robots.evidence.report import OUTCOME_WORDS
from robots.queue.batch_standing import ENDED, Reached, rows_of
from robots.store import Store
from robots.workbooks.reader import OpenSheet, SheetRow

AT_A_TIME = 1000
NOT_YET = "Inte klar än"
WRONG_WORDS = "Fel i raden"
HIDDEN_WORDS = "Beställd av någon annan"
EXAMPLE_STATE_WORDS = "Exempel, körs inte"


@dataclass(frozen=True)
class Answer:
    """One row of the sheet and what became of it. ``state`` is its run's; ``wrong`` or ``example`` without one,
    and ``hidden`` for one that whoever asks does not reach.

    ``report`` is its address, or the command that shows it; empty where there is neither yet;
    ``first_row`` an earlier row that asked for the same; ``joined`` tells that the run is older than the batch;
    ``other_text`` that the run was asked for with another free text than the row's.
    """

    row: SheetRow
    state: str
    words: str
    kind: str = ""
    reason: str = ""
    todo: str = ""
    run_id: int | None = None
    receipts: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    first_row: int | None = None
    joined: bool = False
    other_text: bool = False
    report: str = ""

    @property
    def run(self) -> str:
        """The run's number as people write it."""
        return f"K-{self.run_id}" if self.run_id else ""

    @property
    def remarks(self) -> list[str]:
        """What a reader would otherwise wonder about."""
        told = []
        if self.first_row:
            told.append(f"Samma ärende som rad {self.first_row}; gjordes en gång.")
        elif self.joined:
            told.append(f"Var redan beställt ({self.run}); gjordes inte om.")
        if self.other_text:
            told.append(f"Radens egen text användes inte: {self.run} var beställd med en annan text.")
        return told

    def document(self) -> dict[str, Any]:
        """The row as JSON: personal data covered."""
        return {
            "row": self.row.number,
            "inputs": self.row.values.shown if self.row.values else None,
            "state": self.state,
            "outcome": self.words,
            "kind": self.kind,
            "reason": self.reason,
            "todo": self.todo,
            "run": self.run or None,
            "receipts": [{"effect": effect, "receipt": receipt} for effect, receipt in self.receipts],
            "seconds": self.seconds,
            "first_row": self.first_row,
            "joined": self.joined,
            "remarks": self.remarks,
            "report": self.report or None,
            "problems": [
                {"column": p.column, "title": p.title, "value": p.value, "expected": p.expected}
                for p in self.row.problems
            ],
        }


def answers(
    store: Store | None, sheet: OpenSheet, batch_id: int | None, portal: str, reached: Reached = None
) -> Iterator[Answer]:  # fmt: skip
    """Every row of the sheet with its answer, from the top. Without a batch no row has a run.

    ``portal`` is the address of one that shows the runs; "" where there is none. Of runs that are not ``reached``
    nothing is told.
    """
    rows = sheet.rows()
    while chunk := list(itertools.islice(rows, AT_A_TIME)):
        known = rows_of(store, batch_id, [row.number for row in chunk], reached) if store and batch_id else {}
        for row in chunk:
            yield _answer(row, known.get(row.number), portal)


def _answer(row: SheetRow, found: Any, portal: str) -> Answer:
    if row.example:
        return Answer(row, "example", EXAMPLE_STATE_WORDS)
    if found is None or found.run_id is None:
        expected = "\n".join(problem.said_beside for problem in row.problems)
        return Answer(row, "wrong", WRONG_WORDS, reason=expected, todo="Rätta raden och kör filen igen.")
    if not found.reached:
        return Answer(
            row, "hidden", HIDDEN_WORDS, reason="Körningen är en som du inte når.", first_row=found.first_row
        )  # fmt: skip
    other_text = row.values is not None and found.inputs != row.values.stored
    return Answer(
        row, found.state, OUTCOME_WORDS.get(found.state, NOT_YET), found.kind or "", found.reason or "",
        found.todo or "", found.run_id, tuple((effect, receipt) for effect, receipt in found.receipts or ()),
        None if found.seconds is None else round(float(found.seconds), 1), found.first_row, bool(found.joined),
        other_text, _report(portal, found.run_id, found.state),
    )  # fmt: skip


def _report(portal: str, run_id: int, state: str) -> str:
    if portal:
        return f"{portal.rstrip('/')}/runs/{run_id}"
    return f"ragnhild report K-{run_id}" if state in ENDED else ""
