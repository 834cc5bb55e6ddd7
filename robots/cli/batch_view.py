"""A batch on the screen: how far it has come while one waits, and how it ended."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from robots.cli import console

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store

# The count goes over all the batch's runs; once a second is nothing to the database and soon enough for a person.
LOOK_SECONDS = 1.0
WORKER_LOOK_SECONDS = 5.0


class BatchBar:
    """The progress bar of one batch, on standard error."""

    def __init__(self, store: Store, batch_id: int) -> None:
        self._store = store
        self._batch_id = batch_id
        self._looked = 0.0
        self._left = True
        self._bar = Bar(
            TextColumn("Bunt {task.fields[batch]}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"), TimeElapsedColumn(), console=console.err(),
        )  # fmt: skip
        self._line = self._bar.add_task("", total=None, batch=batch_id, told="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def ended(self) -> bool:
        """True when every run has its outcome. Looks at most once in ``LOOK_SECONDS``."""
        from robots.queue.batch_standing import progress_of

        if time.monotonic() - self._looked < LOOK_SECONDS:
            return not self._left
        self._looked = time.monotonic()
        progress = progress_of(self._store, self._batch_id)
        self._left = progress.left > 0
        told = [
            f"klara {progress.of('done')}",
            f"överlämnade {progress.of('handed_over')}",
            f"misslyckade {progress.of('failed', 'cancelled')}",
            f"kvar {progress.left}",
        ]
        if progress.of("waiting_approval"):
            told.append(f"varav {progress.of('waiting_approval')} väntar på dig: ragnhild approvals")
        if progress.seconds is not None:
            told.append(f"{console.seconds_text(progress.seconds)} per körning")
        self._bar.update(
            self._line, total=progress.total, completed=progress.total - progress.left, told=" · ".join(told)
        )
        return not self._left


def wait_for_batch(settings: Settings, store: Store, batch_id: int) -> None:
    """Wait until every run of the batch has its outcome. Where no worker is alive, this process is one until then.

    Returns with runs left only when a signal has ended the worker in this process.
    """
    from robots.queue.runs import worker_alive

    with BatchBar(store, batch_id) as bar:
        looked = 0.0
        while not bar.ended():
            if time.monotonic() - looked > WORKER_LOOK_SECONDS:
                looked = time.monotonic()
                if not worker_alive(store):
                    _carry_out_here(settings, store, bar)
                    return
            time.sleep(LOOK_SECONDS)  # other processes work; the database tells nobody that a run has ended


def _carry_out_here(settings: Settings, store: Store, bar: BatchBar) -> None:
    from robots.cli.workplace import work

    console.tell("Ingen worker är igång, så körningarna görs här i stället. Ctrl-C avslutar efter pågående körning.")
    work(settings, store, until=bar.ended)


def print_summary(lines: Iterable[tuple[str, str, str, int | None, int, float | None]]) -> None:
    """The outcomes with their reasons, as a table on standard output."""
    console.table(["Utfall", "Orsak", "Körningar", "Rader", "Per körning"], [_row(line) for line in lines])


def _row(line: tuple[Any, ...]) -> tuple[str | Text, ...]:
    state, words, kind, runs, rows, seconds = line
    shown = Text(words, console.STATE_STYLES.get(state, "red" if state == "wrong" else ""))
    return shown, kind or "–", "–" if runs is None else str(runs), str(rows), console.seconds_text(seconds)


def print_document(head: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
    """``head`` and then ``rows`` as one JSON document on standard output; the rows are never all in memory."""
    opened = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    sys.stdout.write(f'{opened},\n  "rows": [')
    between = "\n    "
    for row in rows:
        sys.stdout.write(between + json.dumps(row, ensure_ascii=False, default=str))
        between = ",\n    "
    sys.stdout.write("\n  ]\n}\n")
    sys.stdout.flush()
