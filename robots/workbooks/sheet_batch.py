"""A sheet as a batch, whoever has given it: its rows asked for, and the answer written when they have ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from robots.local_time import on_the_wall
from robots.queue.batch_standing import Reached, summary_of
from robots.queue.batches import AskedRow, Batch
from robots.store import Store
from robots.workbooks.answers import answers
from robots.workbooks.reader import OpenSheet
from robots.workbooks.result import Totals, write_result


def asked_rows(sheet: OpenSheet) -> Iterator[AskedRow]:
    """Every row that asks for a run, or for one that cannot be made; the example asks for none."""
    for row in sheet.rows():
        if not row.example:
            yield AskedRow(row.number, row.values, " ".join(str(problem) for problem in row.problems))


def write_answer(
    store: Store | None, sheet: OpenSheet, batch: Batch | None, target: Path, portal: str, *, reached: Reached = None
) -> tuple[list[Row[Any]], Totals]:
    """The sheet once more, with what became of each row. Without a batch every row is wrong.

    ``portal`` is the address of one that shows the runs; "" where there is none. Of runs that are not ``reached`` it
    tells nothing. Returns what is reached of the batch by state and kind, and how many rows have which state. Raises
    ``WrongInput`` when the file cannot be written.
    """
    summary = summary_of(store, batch.id, reached) if store and batch else []
    told = answers(store, sheet, batch.id if batch else None, portal, reached)
    return summary, write_result(target, sheet.columns, told, summary, _top_lines(sheet, batch))


def _top_lines(sheet: OpenSheet, batch: Batch | None) -> dict[str, str]:
    told = {"Uppgift": sheet.task.title, "Fil": f"{sheet.file_name}, bladet «{sheet.title}»"}
    if batch is None:
        return told | {"Bunt": "Ingen: alla rader har fel."}
    number = f"{batch.id} (provkörning, inget är sparat)" if batch.dry_run else str(batch.id)
    return told | {
        "Bunt": number,
        "Beställd": f"{on_the_wall(batch.created_at):%Y-%m-%d %H:%M:%S} av {batch.started_by}",
    }
