"""``ragnhild run TASK …``: one run, asked for, waited for and told; the same request again is not run again."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from robots.cli import console, machine
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store
    from robots.task import Task
    from robots.task_files import LoadedTasks

INTERRUPTED = 130


class TaskCommands(TyperGroup):
    """One command for each task file; the files are read when somebody asks for them, not before."""

    @cached_property
    def loaded(self) -> LoadedTasks:
        from robots.task_files import load_tasks

        return load_tasks(machine.open_settings().tasks_dir)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the name is Typer's
        if self.loaded.problems:
            console.tell(f"{len(self.loaded.problems)} uppgiftsfiler går inte att läsa. Se: ragnhild check", "yellow")
        return [task.command for task in self.loaded.by_name.values()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        from robots.cli.run_options import command_of

        if cmd_name.startswith("-"):
            return None
        return command_of(self.loaded.find(cmd_name), carry_out)


def register(app: typer.Typer) -> None:
    app.add_typer(
        typer.Typer(
            cls=TaskCommands, no_args_is_help=True, subcommand_metavar="UPPGIFT …",
            help="Kör en uppgift. Vilka val den har står i: ragnhild run UPPGIFT --help",
        ),
        name="run",
    )  # fmt: skip


def carry_out(
    task: Task,
    typed: dict[str, Any],
    *,
    dry_run: bool,
    as_json: bool,
    wait: bool,
    again: str | None,
    ask_first: bool,
    trace: str | None,
    started_by: str | None,
) -> None:
    """Ask for the run, wait for it and tell how it went. Ends with the exit code of its outcome."""
    from robots.queue.orders import run_again_within
    from robots.queue.runs import find_run, submit_within, worker_alive
    from robots.queue.traces import order_trace
    from robots.worker.rights import robot_with_rights

    interrupted = False
    values = task.inputs.parse(typed)
    settings = machine.open_settings()
    robot = robot_with_rights(settings, task)
    with machine.open_database(settings) as store:
        by = started_by or machine.person()
        with store.begin() as connection:
            asked = submit_within(
                connection, task, values, robot=robot, source="guide", started_by=by, dry_run=dry_run,
                answer_hours=settings.answer_hours, asks_first=ask_first,
            )  # fmt: skip
            earlier = None if again is None or asked.new else asked.run_id
            if again is not None and earlier is not None:
                asked = run_again_within(
                    connection, earlier, by=by, reason=again, answer_hours=settings.answer_hours, asks_first=ask_first
                )
            if trace is not None:
                order_trace(connection, asked.run_id, by=by, reason=trace)
        if again is not None and earlier is not None:
            _tell_once_more(settings, store, earlier, task, by=by, reason=again)
        before = find_run(store, asked.run_id)
        known = not asked.new and before.outcome is not None
        if ask_first and not known and not before.asks_first:
            words = f"Körningen är redan beställd utan att fråga. Vill du titta först: ragnhild cancel K-{before.id}"
            raise WrongInput("--ask-first", f"K-{before.id}", words)
        if not known:
            words = "Provkörning" if dry_run else "Körning" if asked.new else "Redan beställd: körning"
            console.tell(f"{words} K-{asked.run_id}: {task.title} {before.case_number or ''}".rstrip(), "bold")
            if wait:
                interrupted = not _waited(settings, store, asked.run_id)
            elif not worker_alive(store):
                console.tell("Ingen worker är igång; körningen väntar tills någon startar: ragnhild worker", "yellow")
        code = _tell_outcome(settings, store, asked.run_id, task, known=known, as_json=as_json)
    raise typer.Exit(INTERRUPTED if interrupted else code)


def _tell_once_more(settings: Settings, store: Store, run_id: int, task: Task, *, by: str, reason: str) -> None:
    """What the earlier run made, and when."""
    from robots.cli.run_view import RunView

    view = RunView.read(settings, store, run_id, task)
    console.tell(f"Gjordes {view.ended} av {view.name}, beställd av {view.row.started_by}:")
    for each in view.effects:
        console.tell(f"  {each.once}, kvittens {each.receipt or '–'} (märkning {each.mark})")
    console.tell(f"Görs en gång till av {by}: {reason}")


def _waited(settings: Settings, store: Store, run_id: int) -> bool:
    """Wait for the outcome. False when the person did not want to wait any longer."""
    from robots.cli.follow import wait_for
    from robots.queue.runs import find_run

    with suppress(KeyboardInterrupt):
        wait_for(settings, store, run_id)
    if find_run(store, run_id).outcome is not None:
        return True
    console.tell(f"Körningen K-{run_id} är inte slut: den ligger kvar. Vänta på den igen med samma kommando.", "yellow")
    return False


def _tell_outcome(settings: Settings, store: Store, run_id: int, task: Task, *, known: bool, as_json: bool) -> int:
    from robots.cli.run_view import RunView

    view = RunView.read(settings, store, run_id, task)
    if known:
        console.tell(f"Redan gjort {view.ended}: körning {view.name} har samma uppgifter. Inget görs igen.", "bold")
        console.tell(_what_now(view.name, view.row.outcome), "dim")
    if as_json:
        console.print_json({**view.document(), "already_done": known})
    else:
        view.print_outcome()
    return view.exit_code


def _what_now(name: str, outcome: str) -> str:
    if outcome == "done":
        return "Ska det verkligen göras en gång till: samma kommando med --again och ett skäl."
    return f"Blev den inte klar och hindret är undanröjt: ragnhild retry {name}"
