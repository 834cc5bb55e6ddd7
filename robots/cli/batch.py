"""``ragnhild template`` and ``ragnhild batch``: a task for every row of an Excel file, and the result beside it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.queue.batch_standing import Progress
    from robots.queue.batches import Batch, Enqueued
    from robots.settings import Settings
    from robots.store import Store
    from robots.task import Task
    from robots.workbooks.reader import OpenSheet

# The rest stands in the result, where the cells are marked.
MOST_TOLD = 20
NOTHING_USABLE = 2
INTERRUPTED = 130

TaskName = Annotated[str, typer.Argument(metavar="UPPGIFT", help="Uppgiftens namn. De visas av: ragnhild tasks")]


def register(app: typer.Typer) -> None:
    app.command("template", help="Gör en Excelmall att fylla i: en kolumn för varje uppgift, med listor och exempel.")(
        template
    )
    app.command(
        "batch", help="Kör en uppgift för varje rad i en Excelfil och skriv resultatet i en fil bredvid.",
        epilog="Slutkoder: 0 allt är klart, 1 någon rad misslyckades, 2 inget i filen gick att använda, "
        "3 någon rad är överlämnad eller har fel i sig, 130 avbruten.",
    )(batch)  # fmt: skip


def template(
    task_name: TaskName,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FIL.xlsx", help="Var mallen läggs; annars i mappen här.")
    ] = None,
) -> None:
    """Write the template and say where it lies."""
    from robots.workbooks.template import write_template

    task = _find_task(machine.open_settings(), task_name)
    target = file or Path(f"{task.command}.xlsx")
    write_template(task, target)
    console.say(str(target.absolute()))
    console.tell(f"Fyll i mallen och starta med: ragnhild batch {task.command} {target.name}")


def batch(
    task_name: TaskName,
    file: Annotated[Path, typer.Argument(metavar="FIL.xlsx", help="Den ifyllda filen.")],
    *,
    sheet: Annotated[
        str, typer.Option("--sheet", metavar="BLAD", help="Bladet med ärendena, om flera kan vara det.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Provkörning: fyll i allt men spara inget i systemen.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Skriv resultatet som ett JSON-dokument.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Vänta tills allt är klart, eller lägg det bara i kön.")
    ] = True,
    result: Annotated[
        Path | None, typer.Option("--result", metavar="FIL.xlsx", help="Resultatfilen; annars <filen>-resultat.xlsx.")
    ] = None,
    started_by: Annotated[
        str | None,
        typer.Option("--as", metavar="NAMN", help="Den som beställer, om det är någon annan än den inloggade."),
    ] = None,
) -> None:
    """Check every row, ask for the runs of the good ones, wait and write the result."""
    from robots.workbooks.reader import open_sheet
    from robots.workbooks.result import result_file
    from robots.worker.rights import robot_with_rights

    settings = machine.open_settings()
    task = _find_task(settings, task_name)
    robot = robot_with_rights(settings, task)
    target = result or result_file(file)
    if target.absolute() == file.absolute():
        raise WrongInput("--result", str(target), "Resultatet skulle skrivas över filen. Välj ett annat namn.")
    with ExitStack() as until_told:
        with console.err().status("Öppnar filen …"):
            opened = until_told.enter_context(open_sheet(task, file, sheet))
        checked = _check(opened)
        _tell_checked(opened, checked)
        work = _Work(settings, task, opened, checked, target, robot, as_json)
        if checked.good == 0:
            work.finish(None, None)
            raise typer.Exit(NOTHING_USABLE)
        with machine.open_database(settings) as store:
            code = work.carry_out(store, started_by or machine.person(), dry_run=dry_run, wait=wait)
    raise typer.Exit(code)


def _find_task(settings: Settings, name: str) -> Task:
    from robots.task_files import load_tasks

    return load_tasks(settings.tasks_dir).find(name)


@dataclass
class _Checked:
    """A first look through the whole sheet, before anything is asked for."""

    good: int = 0
    bad: int = 0
    examples: int = 0
    problems: list[str] = field(default_factory=list)


def _check(sheet: OpenSheet) -> _Checked:
    checked = _Checked()
    with console.err().status("Läser filen …") as status:
        for row in sheet.rows():
            checked.examples += row.example
            checked.good += row.values is not None
            checked.bad += bool(row.problems)
            room = MOST_TOLD - len(checked.problems)
            checked.problems += [str(problem) for problem in row.problems[:room]]
            if row.number % 1000 == 0:
                status.update(f"Läser filen … rad {row.number}")
    return checked


def _tell_checked(sheet: OpenSheet, checked: _Checked) -> None:
    console.tell(f"{sheet.file_name}, bladet «{sheet.title}»: {_rows(checked.good)} kan köras.", "bold")
    if sheet.columns.unused:
        console.tell(f"Kolumner som inte används: {', '.join(sheet.columns.unused)}")
    if sheet.columns.left_out:
        console.tell(f"Kolumner som saknas och får uppgiftens eget värde: {', '.join(sheet.columns.left_out)}")
    if checked.examples:
        console.tell("Exempelraden körs inte.")
    if checked.bad:
        console.complain(f"{_rows(checked.bad)} har fel och körs inte:")
        for problem in checked.problems:
            console.tell(f"  {problem}", "red")
        if len(checked.problems) == MOST_TOLD:
            console.tell("  Alla fel står i resultatfilen.")


def _rows(count: int) -> str:
    return "1 rad" if count == 1 else f"{count} rader"


@dataclass
class _Work:
    """One file on its way through: its rows asked for, waited for, and told."""

    settings: Settings
    task: Task
    sheet: OpenSheet
    checked: _Checked
    target: Path
    robot: str
    as_json: bool

    def carry_out(self, store: Store, started_by: str, *, dry_run: bool, wait: bool) -> int:
        """Returns the exit code."""
        from robots.queue.batch_standing import progress_of
        from robots.queue.batches import open_batch
        from robots.queue.runs import worker_alive

        asked = open_batch(
            store, self.task, file_name=self.sheet.file_name, sha256=self.sheet.sha256, sheet=self.sheet.title,
            started_by=started_by, dry_run=dry_run,
        )  # fmt: skip
        try:
            self._enqueue(store, asked)
            if wait:
                self._wait(store, asked)
        except KeyboardInterrupt:
            self._tell_how_to_follow(asked)
            return INTERRUPTED
        progress = progress_of(store, asked.id)
        if progress.left and wait:  # a signal has ended the worker in this process
            self._tell_how_to_follow(asked)
            return INTERRUPTED
        if progress.left:
            if not worker_alive(store):
                console.tell("Ingen worker är igång; bunten väntar tills någon startar: ragnhild worker", "yellow")
            self._tell_how_to_follow(asked)
            self.print_json(store, asked, progress, result=None)
        else:
            self.finish(store, asked)
        return _exit_code(progress, self.checked)

    def _enqueue(self, store: Store, asked: Batch) -> None:
        from robots.queue.batches import enqueue
        from robots.workbooks.sheet_batch import asked_rows

        if not asked.new:
            console.tell(
                f"Den här filen startades {console.clock(asked.created_at)} av {asked.started_by}: bunt {asked.id}. "
                "Inget startas en gång till."
            )
        with console.err().status("Lägger raderna i kön …"):
            told = enqueue(store, self.task, asked, asked_rows(self.sheet), robot=self.robot)
        self._tell_enqueued(asked, told)

    def _tell_enqueued(self, asked: Batch, told: Enqueued) -> None:
        words = "Provkörning, bunt" if asked.dry_run else "Bunt"
        parts = [f"{told.new} nya körningar"]
        if told.joined:
            parts.append(f"{told.joined} som redan var beställda")
        if told.doubled:
            parts.append(f"{_rows(told.doubled)} som upprepar en tidigare rad")
        console.tell(f"{words} {asked.id}: {', '.join(parts)}.")

    def _wait(self, store: Store, asked: Batch) -> None:
        from robots.cli.batch_view import wait_for_batch

        wait_for_batch(self.settings, store, asked.id)

    def _tell_how_to_follow(self, asked: Batch) -> None:
        if asked.dry_run:
            console.tell(f"Provkörningarna ligger kvar i kön. Se dem med: ragnhild runs --task {self.task.command}")
            return
        console.tell(
            "Körningarna ligger kvar i kön. Följ dem, och få resultatet, med samma kommando igen: "
            f"ragnhild batch {self.task.command} {self.sheet.file_name}"
        )

    def finish(self, store: Store | None, asked: Batch | None) -> None:
        """Write the result workbook, and tell how it went. Without a batch every row is wrong."""
        from robots.cli.batch_view import print_summary
        from robots.queue.batch_standing import progress_of
        from robots.workbooks.result import summary_lines
        from robots.workbooks.sheet_batch import write_answer

        with console.err().status("Skriver resultatet …"):
            summary, totals = write_answer(store, self.sheet, asked, self.target, self.settings.portal_url)
        if self.as_json:
            self.print_json(store, asked, progress_of(store, asked.id) if store and asked else None, self.target)
        else:
            print_summary(summary_lines(summary, totals))
            console.say(f"Resultat: {self.target.absolute()}")

    def _answers(self, store: Store | None, asked: Batch | None) -> Any:
        from robots.workbooks.answers import answers

        return answers(store, self.sheet, asked.id if asked else None, self.settings.portal_url)

    def print_json(
        self, store: Store | None, asked: Batch | None, progress: Progress | None, result: Path | None
    ) -> None:
        """One JSON document, a row at a time; nothing unless ``--json`` was given."""
        from robots.cli.batch_view import print_document

        if not self.as_json:
            return
        print_document(
            {
                "batch": asked.id if asked else None, "task": self.task.command, "file": self.sheet.file_name,
                "sheet": self.sheet.title, "dry_run": bool(asked and asked.dry_run), "new": bool(asked and asked.new),
                "runs": progress.states if progress else {}, "good_rows": self.checked.good,
                "bad_rows": self.checked.bad, "unused_columns": list(self.sheet.columns.unused),
                "result": str(result.absolute()) if result else None,
            },
            (answer.document() for answer in self._answers(store, asked)),
        )  # fmt: skip


def _exit_code(progress: Progress, checked: _Checked) -> int:
    if progress.of("failed", "cancelled"):
        return 1
    return 3 if progress.of("handed_over") or checked.bad else 0
