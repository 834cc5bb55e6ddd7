"""Sheets that people give the portal: read and told row by row before anything starts, then asked for as a batch."""

from __future__ import annotations

import secrets
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

from fastapi import HTTPException
from sqlalchemy import Row, func, insert, or_, select, true, update

from robots.audit.writing import note
from robots.errors import WrongInput
from robots.portal.desk import Desk
from robots.portal.request_keys import digest_of, known, remember
from robots.portal.rights import Visitor
from robots.portal.sheet_files import GONE, clear_old, demand_file, file_of, folder_of, place_to_read, write
from robots.portal.sheet_work import order_laying, wait_for
from robots.portal.starting import demand_start
from robots.portal.wording import marked as _
from robots.queue.batch_standing import Reached
from robots.queue.batches import Batch, asked_before, open_batch_within
from robots.queue.runs import request_key
from robots.store import Store
from robots.store.schema import batch_rows, batches, outcomes, runs, sheets
from robots.task import Task
from robots.workbooks.reader import OpenSheet, open_sheet
from robots.workbooks.sheet_batch import write_answer
from robots.workbooks.template import write_template

EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# As many are told on the page; the cells are red in the result.
MOST_TOLD = 200
LONGEST_NAME = 100
_NO_FILE = _("Bunten kom rad för rad från ett program, och har inget Excelark.")


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
    file = folder_of(desk) / f"{secrets.token_hex(16)}.part"
    try:
        write(file, content)
        with place_to_read(), open_sheet(task, file, sheet.strip(), name) as opened:
            checked = _checked(desk.store, opened)
            number = _keep(desk.store, visitor, opened, checked)
        file.replace(file_of(desk, number))
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

    Those of a large sheet are laid when this has returned: ``sheet_work.laying_of`` tells. Raises ``WrongInput`` when
    the sheet or the task has changed so that it cannot be used any more, or has no good row, and for a ``key`` as
    ``request_keys.known``.
    """
    task = desk.tasks.find(row.task)
    demand_start(desk, visitor, task)
    if not row.checked["good"]:
        raise WrongInput("Filen", row.file_name, _("Ingen rad går att köra. Rätta dem i Excel och lämna filen igen."))
    demand_file(desk, row.id, row.file_name)
    batch, work = _ordered(desk, visitor, task, row, dry_run=dry_run, key=key)
    if fault := wait_for(desk, work):
        raise WrongInput("Filen", row.file_name, fault)
    return batch


def _ordered(
    desk: Desk, visitor: Visitor, task: Task, row: Row[Any], *, dry_run: bool, key: str
) -> tuple[int, int]:  # fmt: skip
    """The batch, and the work of laying it, in one transaction: neither is there without the other.

    The sheet's row is locked: a double click is one batch, also of dry runs, which are a batch of their own each.
    """
    column = sheets.c.trial_id if dry_run else sheets.c.batch_id
    digest = digest_of("sheet", row.id, dry_run)
    with desk.store.begin() as connection:
        is_new_key = key and known(connection, visitor, key, digest) is None
        batch = connection.execute(select(column).where(sheets.c.id == row.id).with_for_update()).scalar()
        if batch is None:
            batch = open_batch_within(
                connection, task, file_name=row.file_name, sha256=row.file_sha256, sheet=row.sheet,
                started_by=visitor.name, dry_run=dry_run,
            ).id  # fmt: skip
            connection.execute(update(sheets).where(sheets.c.id == row.id).values({column: batch}))
        if is_new_key:
            remember(connection, visitor, key, digest, batch_id=batch)
        return batch, order_laying(connection, visitor, row.id, batch)


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
        raise WrongInput("Filen", batch.file_name, GONE)
    task = desk.tasks.find(row.task)
    reached = visitor.reached(desk.tasks.by_name.values())
    told = Batch(batch.id, batch.started_by, batch.created_at, batch.dry_run, False)
    with TemporaryDirectory() as folder, place_to_read():
        target = Path(folder) / "resultat.xlsx"
        with open_sheet(task, demand_file(desk, row.id, row.file_name), row.sheet, row.file_name) as opened:
            write_answer(desk.store, opened, told, target, address, reached=reached)
        content = target.read_bytes()
    with desk.store.begin() as connection:
        note(connection, visitor.name, "result_taken", f"batch:{batch.id}")
    return f"{PurePosixPath(batch.file_name).stem}-resultat.xlsx", content


def _plain_name(name: str) -> str:
    """What the sender's computer called the file: only to be shown, and never a place."""
    last = "".join(each for each in name.replace("\\", "/").rpartition("/")[2] if each.isprintable()).strip()
    return last[-LONGEST_NAME:] or "ark.xlsx"
