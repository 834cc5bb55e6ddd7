"""``ragnhild demo``: robots work through cases in live web systems, two things go wrong, and the town counts.

Three robots, sixty cases and five systems; with ``--all`` every task, and all the systems that they need.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.errors import ApplicationException

if TYPE_CHECKING:
    from robots.cli.demo_account import Account
    from robots.cli.town import Town
    from robots.queue.batches import Batch
    from robots.settings import Settings
    from robots.store import Store
    from robots.task import Task

# What goes wrong on the way, when so many cases have ended.
LOSE_AN_ANSWER_AFTER, LOSE_THE_LOGINS_AFTER = 6, 20
LOOK_SECONDS = 0.2
LONGEST_SECONDS = 900


def register(app: typer.Typer) -> None:
    app.command("demo", help="Se tre robotar arbeta igenom sextio ärenden i övningskommunen, och räkna efter.")(demo)


def demo(
    seed: Annotated[int, typer.Option("--seed", metavar="TAL", help="Vilken påhittad kommun.")] = 1,
    slots: Annotated[int, typer.Option("--slots", metavar="TAL", min=0, help="Körningar på en gång.")] = 0,
    everything: Annotated[
        bool, typer.Option("--all", help="Alla uppgifter, med några ärenden var, utöver de sextio.")
    ] = False,
    stay: Annotated[
        bool | None,
        typer.Option(
            "--stay/--no-stay",
            help="Låt kommun, worker och skrivbord vara igång efteråt, tills du avslutar; som i ett terminalfönster.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Skriv utfallet som ett JSON-dokument.")] = False,
) -> None:
    """The demo has a data folder of its own, made anew each time."""
    from robots.cli.demo_account import draw_up
    from robots.cli.demo_cases import choose_cases, write_workbook
    from robots.cli.demo_desk import seat_people, tell_desk
    from robots.cli.demo_tasks import FIRST, OTHERS
    from robots.cli.town import start_town
    from robots.task_files import load_tasks

    settings = _settings_of_demo(slots)
    loaded = load_tasks(settings.tasks_dir)
    for problem in loaded.problems:
        raise ApplicationException(f"En uppgift går inte att ladda: {problem}")
    wanted = FIRST | OTHERS if everything else FIRST
    started = time.monotonic()
    console.tell("Öppnar Tallinge kommun: sexton verksamhetssystem, en e-postserver och 3 000 invånare …")
    with start_town(settings, seed=seed) as town, machine.open_database(settings) as store:
        cases = choose_cases(town, wanted)
        tasks = {name: loaded.find(name) for name in cases}
        workbook = settings.data_dir / "demo.xlsx"
        write_workbook(workbook, tasks, cases, {name: told.listed_twice for name, told in wanted.items()})
        console.tell(f"Ärendena står i {workbook}")
        batches = {name: _ask(settings, store, task, workbook) for name, task in tasks.items()}
        with _worker(settings):
            _watch(store, town, batches, tasks)
            titles = {name: task.title for name, task in tasks.items()}
            account = draw_up(store, town, cases, titles, settings.cases)
            _tell(settings, account, town, time.monotonic() - started, as_json=as_json)
            seated = seat_people(settings, store)
            if sys.stdin.isatty() and not as_json if stay is None else stay:
                _stay(settings, store, town, seated)
            elif not as_json:
                tell_desk(settings, "", seated)
    if not account.agree:
        raise typer.Exit(1)


def _settings_of_demo(slots: int) -> Settings:
    """The machine's own settings, in a folder that holds nothing of an earlier demo."""
    folder = machine.open_settings().data_dir / "demo"
    if (folder / "database").exists():
        _end_what_runs_in(folder)
        shutil.rmtree(folder)
    return machine.open_settings(
        "demo", data_dir=folder, town="", database_url=None, **({"slots": slots} if slots else {})
    )


def _end_what_runs_in(folder: Path) -> None:
    """An earlier demo that was cut off may have left its database running."""
    import psutil

    pid_file = folder / "database" / "postmaster.pid"
    if pid_file.exists():
        number = int(pid_file.read_text().splitlines()[0])
        if psutil.pid_exists(number) and psutil.Process(number).name().startswith("postgres"):
            os.kill(number, signal.SIGINT)
            psutil.wait_procs([psutil.Process(number)], timeout=10)


def _ask(settings: Settings, store: Store, task: Task, workbook: Path) -> Batch:
    """Enqueue the sheet of one task, as ``ragnhild batch`` does."""
    from robots.queue.batches import AskedRow, enqueue, open_batch
    from robots.workbooks.reader import open_sheet
    from robots.worker.rights import robot_with_rights

    robot = robot_with_rights(settings, task)
    with open_sheet(task, workbook, task.title) as sheet:
        batch = open_batch(
            store, task, file_name=workbook.name, sha256=sheet.sha256, sheet=sheet.title,
            started_by=machine.person(), dry_run=False,
        )  # fmt: skip
        rows = [AskedRow(row.number, row.values, "; ".join(map(str, row.problems))) for row in sheet.rows()]
        told = enqueue(store, task, batch, rows, robot=robot)
    title = settings.robots[robot].title
    doubled = f", {told.doubled} av dem står två gånger" if told.doubled else ""
    console.tell(f"{title} får {told.new} ärenden: {task.title} ({len(rows)} rader{doubled})")
    return batch


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    """A worker as a process of its own, as an operator would start it."""
    told = {"RAGNHILD_DATA_DIR": str(settings.data_dir), "RAGNHILD_SLOTS": str(settings.slot_count)}
    process = subprocess.Popen([sys.executable, "-m", "robots", "worker"], env=os.environ | told,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _watch(store: Store, town: Town, batches: dict[str, Batch], tasks: dict[str, Task]) -> None:
    """Show how it goes until every case has ended, and let two things go wrong on the way."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from robots.queue.batch_standing import progress_of

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[told]}"), TimeElapsedColumn())  # fmt: skip
    faults = {LOSE_AN_ANSWER_AFTER: _lose_an_answer, LOSE_THE_LOGINS_AFTER: _lose_the_logins}
    deadline = time.monotonic() + LONGEST_SECONDS
    with Progress(*columns, console=console.err()) as shown:
        bars = {name: shown.add_task(tasks[name].title, total=None, told="") for name in batches}
        while True:
            now = {name: progress_of(store, batch.id) for name, batch in batches.items()}
            for name, told in now.items():
                words = f"{told.of('done')} klara, {told.of('handed_over')} överlämnade"
                shown.update(bars[name], total=told.total, completed=told.total - told.left, told=words)
            ended = sum(told.total - told.left for told in now.values())
            for after in [n for n in faults if ended >= n]:
                shown.console.print(faults.pop(after)(town))
            if not any(told.left for told in now.values()):
                return
            if time.monotonic() > deadline:
                raise ApplicationException("Demon blev inte klar i tid. Se vad som är fel med: ragnhild doctor")
            time.sleep(LOOK_SECONDS)  # another process does the work; the database is asked how far it has come


def _lose_an_answer(town: Town) -> str:
    town.fault("case_management", "answer_lost", how="rst", method="POST", path="meddelande")
    return "  Störning: nästa meddelande sparas i ärendesystemet, men svaret till roboten försvinner."


def _lose_the_logins(town: Town) -> str:
    town.fault("case_management", "logged_out")
    return "  Störning: ärendesystemet loggar ut alla robotar mitt i arbetet."


def _tell(settings: Settings, account: Account, town: Town, seconds: float, *, as_json: bool) -> None:
    hits = {fault["kind"]: fault["hits"] for fault in town.ask("/faults")["set"]}
    if as_json:
        console.print_json(account.as_json() | {"faults": hits, "seconds": round(seconds, 1),
                                                "reports": str(settings.evidence_dir.absolute())})  # fmt: skip
        return
    from robots.cli.demo_desk import own_command

    told = account.tasks.values()
    console.say()
    console.table(
        ["Uppgift", "Rader", "Ärenden", "Klara", "Överlämnade", "Misslyckade", "Tid per ärende"],
        [(t.title, str(t.rows), str(t.cases), str(t.done), str(t.handed_over), str(t.failed),
          console.seconds_text(t.seconds)) for t in told],
    )  # fmt: skip
    console.say()
    console.table(
        ["Lämnat till en person, därför att", "Uppgift", "Antal"],
        [(kind, t.title, str(count)) for t in told for kind, count in t.reasons.items()],
    )
    console.say()
    console.table(
        ["Vad som har ändrats", "Enligt robotarna", "Enligt kommunen", "Dubbelt"],
        [(c.title, str(c.robots), str(c.town), ", ".join(c.doubled) or "inget") for c in account.counts],
    )
    console.say()
    console.say(
        f"Störningar på vägen: {hits.get('answer_lost', 0)} tappat svar, {hits.get('logged_out', 0)} utloggning."
    )
    console.say("Varje körning har en rapport med bilder, låst på disken. Öppna den i skrivbordet, eller så här:")
    console.say(f"RAGNHILD_DATA_DIR={settings.data_dir} {own_command()} report K-1 --open")
    for wrong in account.wrong:
        console.complain(wrong)
    if account.agree:
        console.say(f"Räkningarna stämmer: allt är gjort precis en gång. {seconds:.0f} sekunder.", "bold green")
    else:
        console.complain("Räkningarna stämmer inte.")


def _stay(settings: Settings, store: Store, town: Town, seated: dict[str, tuple[str, Path]]) -> None:
    from robots.cli.demo_desk import tell_desk
    from robots.cli.portal import open_portal

    with open_portal(settings, store) as address:
        tell_desk(settings, address, seated)
        console.say()
        at_a_terminal = sys.stdin.isatty()
        how = "Retur" if at_a_terminal else "Ctrl-C"
        console.say(f"Kommunen är öppen på {town.address}/ och workern väntar på arbete. {how} avslutar.", "bold")
        console.say(
            f"I ett annat fönster: export RAGNHILD_DATA_DIR={settings.data_dir}   och sedan till exempel: ragnhild runs"
        )
        with suppress(KeyboardInterrupt, EOFError):
            # A key that is pressed ends this alone; Ctrl-C ends «make» as well, which then says that it failed.
            input() if at_a_terminal else signal.pause()
        console.tell("Avslutar.")
