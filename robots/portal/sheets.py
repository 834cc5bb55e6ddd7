"""Sheets that people give the portal: read and told row by row before anything starts, then asked for as a batch."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

from fastapi import HTTPException
from sqlalchemy import Row, delete, func, insert, or_, select, true, update

from robots.audit.writing import note
from robots.errors import WrongInput
from robots.portal.desk import Desk
from robots.portal.request_keys import digest_of, known, remember
from robots.portal.rights import Visitor
from robots.portal.starting import demand_start
from robots.portal.wording import marked as _
from robots.queue.batch_standing import Reached
from robots.queue.batches import Batch, asked_before, enqueue, find_batch_within, open_batch_within
from robots.queue.runs import request_key
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import batch_rows, batches, outcomes, runs, sheets
from robots.task import Task
from robots.workbooks.reader import OpenSheet, open_sheet
from robots.workbooks.sheet_batch import asked_rows, write_answer
from robots.workbooks.template import write_template

EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# As many are told on the page; the cells are red in the result.
MOST_TOLD = 200
# A sheet that was never started, and one whose result people come back for. Given again it is the same batch.
UNUSED_SECONDS = 24 * 3600.0
KEPT_SECONDS = 30 * 24 * 3600.0
LONGEST_NAME = 100
# To read a large sheet takes all that Python can do at a time: the pages of the others come first.
_READING = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 30.0


def template_of(task: Task) -> bytes:
    """The Excel to fill in."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mall.xlsx"
        write_template(task, file)
        return file.read_bytes()


def take_in(desk: Desk, visitor: Visitor, task: Task, content: IO[bytes], *, name: str, sheet: str = "") -> int:
    """Read a sheet and keep it until it is started; returns its number. ``sheet`` is for a file with several.

    Raises ``WrongInput`` in words for what cannot be used: then nothing is kept. ``NotStarted`` as ``demand_start``.
    """
    demand_start(desk, visitor, task)
    clear_old(desk)
    name = _plain_name(name)
    file = _folder(desk) / f"{secrets.token_hex(16)}.part"
    try:
        _write(file, content)
        with _reading(), open_sheet(task, file, sheet.strip(), name) as opened:
            checked = _checked(desk.store, opened)
            number = _keep(desk.store, visitor, opened, checked)
        file.replace(_file(desk, number))
    finally:
        file.unlink(missing_ok=True)
    return number


def _keep(store: Store, visitor: Visitor, opened: OpenSheet, checked: dict[str, Any]) -> int:
    """A sheet that was given before, in whatever way, is the batch of that time."""
    told = {"task": opened.task.name, "file_sha256": opened.sha256, "sheet": opened.title}
    with store.begin() as connection:
        known = connection.execute(select(batches.c.id).filter_by(**told, dry_run=False)).scalar()
        number: int = connection.execute(
            insert(sheets)
            .values(**told, by=visitor.name, file_name=opened.file_name, checked=checked, batch_id=known)
            .returning(sheets.c.id)
        ).scalar_one()
        note(connection, visitor.name, "sheet_given", f"sheet:{number}", task=opened.task.name)
    return number


def _checked(store: Store, opened: OpenSheet) -> dict[str, Any]:
    """What the page tells of the sheet; personal data is covered."""
    firsts: dict[str, int] = {}
    good = bad = examples = 0
    problems: list[dict[str, Any]] = []
    doubled: list[tuple[int, int]] = []
    for row in opened.rows():
        examples += row.example
        bad += bool(row.problems)
        if row.values is not None:
            good += 1
            first = firsts.setdefault(request_key(opened.task, row.values), row.number)
            if first != row.number:
                doubled.append((row.number, first))
        problems += [
            {"row": each.row, "column": each.column, "title": each.title, "value": each.value,
             "expected": each.expected}
            for each in row.problems[: MOST_TOLD - len(problems)]
        ]  # fmt: skip
    return {
        "good": good, "bad": bad, "examples": examples, "problems": problems, "doubled": doubled[:MOST_TOLD],
        "doubled_rows": len(doubled), "asked_before": len(asked_before(store, list(firsts))),
        "unused": list(opened.columns.unused), "left_out": list(opened.columns.left_out),
    }  # fmt: skip


def own_sheet(desk: Desk, visitor: Visitor, number: int) -> Row[Any]:
    """The sheet that the visitor gave. Raises 404 for another's, and for one that is no longer kept."""
    with desk.store.begin() as connection:
        mine = select(sheets).where(sheets.c.id == number, sheets.c.by == visitor.name)
        if row := connection.execute(mine).first():
            return row
    raise HTTPException(404)


def start_sheet(desk: Desk, visitor: Visitor, row: Row[Any], *, dry_run: bool, key: str = "") -> int:
    """Ask for the runs of the good rows; returns the batch. Once more it is the same batch, and goes on where it broke.

    Raises ``WrongInput`` when the sheet or the task has changed so that it cannot be used any more, or has no good row,
    and for a ``key`` as ``request_keys.known``.
    """
    task = desk.tasks.find(row.task)
    robot = demand_start(desk, visitor, task)
    if not row.checked["good"]:
        raise WrongInput("Filen", row.file_name, _("Ingen rad går att köra. Rätta dem i Excel och lämna filen igen."))
    with _reading(), open_sheet(task, _demand_file(desk, row), row.sheet, row.file_name) as opened:
        batch = _batch_of(desk, visitor, opened, row.id, dry_run=dry_run, key=key)
        enqueue(desk.store, task, batch, asked_rows(opened), robot=robot)
    return batch.id


def _batch_of(desk: Desk, visitor: Visitor, opened: OpenSheet, number: int, *, dry_run: bool, key: str) -> Batch:
    """The sheet's row is locked: a double click is one batch, also of dry runs, which are a batch of their own each."""
    column = sheets.c.trial_id if dry_run else sheets.c.batch_id
    digest = digest_of("sheet", number, dry_run)
    with desk.store.begin() as connection:
        is_new_key = key and known(connection, visitor, key, digest) is None
        before = connection.execute(select(column).where(sheets.c.id == number).with_for_update()).scalar()
        if before is None:
            batch = open_batch_within(
                connection, opened.task, file_name=opened.file_name, sha256=opened.sha256, sheet=opened.title,
                started_by=visitor.name, dry_run=dry_run, answer_hours=desk.settings.answer_hours,
            )  # fmt: skip
            connection.execute(update(sheets).where(sheets.c.id == number).values({column: batch.id}))
        else:
            batch = find_batch_within(connection, before, desk.settings.answer_hours)
        if is_new_key:
            remember(connection, visitor, key, digest, batch_id=batch.id)
        return batch


def find_batch(desk: Desk, visitor: Visitor, number: int) -> Row[Any] | None:
    """The batch, with ``asked_rows`` so far; None when the visitor neither reaches its task nor gave its sheet."""
    rows = select(func.count()).where(batch_rows.c.batch_id == number).scalar_subquery().label("asked_rows")
    with desk.store.begin() as connection:
        batch = connection.execute(select(batches, rows).where(batches.c.id == number)).first()
    if batch is None or not (visitor.reaches(batch, desk.tasks.by_name) or sheet_of(desk.store, number, visitor.name)):
        return None
    return batch


def reached_batch(desk: Desk, visitor: Visitor, number: int) -> Row[Any]:
    """As ``find_batch``. Raises 404 where it finds none."""
    if found := find_batch(desk, visitor, number):
        return found
    raise HTTPException(404)


def sheet_of(store: Store, batch: int, by: str = "") -> Row[Any] | None:
    """The newest kept sheet of a batch; ``by`` is who gave it, "" anybody."""
    wanted = select(sheets).where(or_(sheets.c.batch_id == batch, sheets.c.trial_id == batch))
    if by:
        wanted = wanted.where(sheets.c.by == by)
    with store.begin() as connection:
        return connection.execute(wanted.order_by(sheets.c.id.desc()).limit(1)).first()


def batches_of(desk: Desk, visitor: Visitor, *, limit: int = 20) -> list[Row[Any]]:
    """The newest that the visitor reaches."""
    wanted = select(batches).order_by(batches.c.id.desc()).limit(limit)
    if not visitor.sees_all:
        teams = [name for name, task in desk.tasks.by_name.items() if visitor.is_of_team(task)]
        given = select(sheets.c.id).where(
            sheets.c.by == visitor.name, or_(sheets.c.batch_id == batches.c.id, sheets.c.trial_id == batches.c.id)
        )
        wanted = wanted.where(or_(batches.c.started_by == visitor.name, batches.c.task.in_(teams), given.exists()))
    with desk.store.begin() as connection:
        return list(connection.execute(wanted))


def rows_for_people(store: Store, batch: int, reached: Reached) -> list[Row[Any]]:
    """What is reached and waits for a person, who has not closed it: ``row``, ``run_id``, ``state`` and ``kind``."""
    wanted = (
        select(batch_rows.c.row, batch_rows.c.run_id, runs.c.state, outcomes.c.kind)
        .join(runs, runs.c.id == batch_rows.c.run_id)
        .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
        .where(batch_rows.c.batch_id == batch, batch_rows.c.first_row.is_(None))
        .where(true() if reached is None else reached)
        .where(runs.c.state.in_(["handed_over", "failed", "waiting_approval"]))
        .where(or_(outcomes.c.settled.is_(None), ~outcomes.c.settled))
        .order_by(batch_rows.c.row)
        .limit(MOST_TOLD)
    )
    with store.begin() as connection:
        return list(connection.execute(wanted))


def result_of(desk: Desk, visitor: Visitor, batch: Row[Any], address: str) -> tuple[str, bytes]:
    """A file name and the sheet with what became of each row whose run the visitor reaches.

    ``address`` is the portal's, for links to the runs. Raises ``WrongInput`` when the sheet is not kept here.
    """
    row = sheet_of(desk.store, batch.id)
    if not batch.sheet:
        raise WrongInput("Filen", batch.file_name, _NO_FILE)
    if row is None:
        raise WrongInput("Filen", batch.file_name, _GONE)
    task = desk.tasks.find(row.task)
    reached = visitor.reached(desk.tasks.by_name.values())
    told = Batch(batch.id, batch.started_by, batch.created_at, batch.dry_run, False)
    with TemporaryDirectory() as folder, _reading():
        target = Path(folder) / "resultat.xlsx"
        with open_sheet(task, _demand_file(desk, row), row.sheet, row.file_name) as opened:
            write_answer(desk.store, opened, told, target, address, reached=reached)
        content = target.read_bytes()
    with desk.store.begin() as connection:
        note(connection, visitor.name, "result_taken", f"batch:{batch.id}")
    return f"{PurePosixPath(batch.file_name).stem}-resultat.xlsx", content


def clear_old(desk: Desk) -> None:
    """Take away the sheets that nobody needs any more; the batches and their runs stay."""
    unused = sheets.c.batch_id.is_(None) & sheets.c.trial_id.is_(None)
    now = func.clock_timestamp()
    with desk.store.begin() as connection:
        old = (sheets.c.at < now - span(KEPT_SECONDS)) | (unused & (sheets.c.at < now - span(UNUSED_SECONDS)))
        gone = list(connection.execute(delete(sheets).where(old).returning(sheets.c.id)).scalars())
    for number in gone:
        _file(desk, number).unlink(missing_ok=True)
    # What another portal's row stood for, or a process that died in the middle of reading, has left behind.
    for file in _folder(desk).iterdir():
        age = time.time() - file.stat().st_mtime
        if age > (UNUSED_SECONDS if file.suffix == ".part" else KEPT_SECONDS):
            file.unlink(missing_ok=True)


_GONE = _("Den sparas inte längre här. Lämna samma fil igen, så får du resultatet; inget görs om.")


_NO_FILE = _("Bunten kom rad för rad från ett program, och har inget Excelark.")


def _demand_file(desk: Desk, row: Row[Any]) -> Path:
    file = _file(desk, row.id)
    if not file.is_file():
        raise WrongInput("Filen", row.file_name, _GONE)
    return file


def _folder(desk: Desk) -> Path:
    """In the machine's data folder, for nobody else's eyes."""
    folder = desk.settings.data_dir / "sheets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _file(desk: Desk, number: int) -> Path:
    return _folder(desk) / f"{number}.xlsx"


def _write(file: Path, content: IO[bytes]) -> None:
    with file.open("xb") as kept:
        file.chmod(0o600)
        while block := content.read(1 << 20):
            kept.write(block)


def _plain_name(name: str) -> str:
    """What the sender's computer called the file: only to be shown, and never a place."""
    last = "".join(each for each in name.replace("\\", "/").rpartition("/")[2] if each.isprintable()).strip()
    return last[-LONGEST_NAME:] or "ark.xlsx"


@contextmanager
def _reading() -> Iterator[None]:
    """A place among those who read a workbook. Raises ``WrongInput`` when none is free in time."""
    if not _READING.acquire(timeout=_WAIT_SECONDS):
        raise WrongInput("Filen", "", _("Flera stora filer läses just nu. Försök igen om en stund."))
    try:
        yield
    finally:
        _READING.release()
