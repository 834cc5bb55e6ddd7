"""The Excel files of a watched folder: which are waiting, and each on its way to its answer."""

from __future__ import annotations

from pathlib import Path

from robots.errors import WrongInput
from robots.queue.batch_standing import progress_of
from robots.queue.batches import Batch, enqueue, open_batch
from robots.workbooks.reader import OpenSheet, open_sheet
from robots.workbooks.result import result_file
from robots.workbooks.sheet_batch import asked_rows, write_answer
from robots.worker.asking_run import AskingRun
from robots.worker.read_folder import FolderErrand

EXCEL = "*.xlsx"
OPEN_IN_EXCEL = "~$"


def files_in(folder: Path, settled_seconds: float, now: float) -> list[Path]:
    """The files that are whole and have no answer yet, the oldest first. Raises ``WrongInput`` without the folder.

    ``now`` is in seconds since 1970, as the files' own times are.
    """
    if not folder.is_dir():
        raise WrongInput("Mappen", str(folder), "Den finns inte, eller är inte ansluten på den här maskinen.")
    found = [file for file in folder.glob(EXCEL) if not file.name.startswith((OPEN_IN_EXCEL, "."))]
    answers = {result_file(file) for file in found}
    waiting = [file for file in found if file not in answers and not _is_answered(file)]
    whole = [file for file in waiting if now - file.stat().st_mtime >= settled_seconds]
    return sorted(whole, key=lambda file: (file.stat().st_mtime, file.name))


def _is_answered(file: Path) -> bool:
    """A file that was changed since is another file."""
    answers = [each for each in (result_file(file), refusal_file(file)) if each.exists()]
    return any(answer.stat().st_mtime >= file.stat().st_mtime for answer in answers)


def refusal_file(file: Path) -> Path:
    """Where it stands why a file cannot be used: beside it."""
    return file.with_name(f"{file.stem}-gick-inte.txt")


def take_file(run: AskingRun, errand: FolderErrand, file: Path) -> None:
    """Ask for the file's runs, or write its answer when they have ended."""
    wanted = run.tasks.find(errand.asks_for)
    try:
        with open_sheet(wanted, file) as sheet:
            usable = any(row.values for row in asked_rows(sheet))
            batch, left = _batch_of(run, errand, sheet) if usable else (None, 0)
            if not left:
                _answer(run, sheet, batch, file)
    except WrongInput as error:
        refusal_file(file).write_text(f"{error}\n", "utf-8")
        run.tell(f"{file.name} går inte att använda: {error}")


def _batch_of(run: AskingRun, errand: FolderErrand, sheet: OpenSheet) -> tuple[Batch, int]:
    """The batch of the sheet, and how many of its runs have not ended."""
    batch = open_batch(
        run.store, sheet.task, file_name=sheet.file_name, sha256=sheet.sha256, sheet=sheet.title,
        started_by=f"schema {errand.schedule}", dry_run=False, answer_hours=run.settings.answer_hours,
    )  # fmt: skip
    told = enqueue(run.store, sheet.task, batch, asked_rows(sheet), robot=run.robot)
    left = progress_of(run.store, batch.id).left
    run.tell(f"{sheet.file_name}: bunt {batch.id}, {told.new} nya körningar, {left} kvar, {told.bad} rader har fel.")
    return batch, left


def _answer(run: AskingRun, sheet: OpenSheet, batch: Batch | None, file: Path) -> None:
    """Where somebody has the answer open in Excel it is written another time."""
    try:
        write_answer(run.store, sheet, batch, result_file(file), run.settings.portal_url)
    except WrongInput as error:
        run.tell(f"{file.name}: svaret går inte att skriva ännu. {error}")
    else:
        run.tell(f"{file.name}: svaret ligger i {result_file(file).name}.")
