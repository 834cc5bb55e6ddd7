"""``ragnhild runs`` and ``show``: what has been asked for, and how it went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.task import Task

RunName = Annotated[str, typer.Argument(metavar="KÖRNING", help="Körningens nummer: K-12 eller 12.")]
State = Annotated[
    str,
    typer.Option(
        "--state", metavar="LÄGE", help=f"Bara i detta läge ({', '.join(console.STATE_WORDS)}); flera skiljs med komma."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Skriv ett JSON-dokument i stället för text.")]


def register(app: typer.Typer) -> None:
    app.command("runs", help="Visa körningar, de senaste först.")(runs)
    app.command("show", help="Visa allt om en körning: uppgifter, steg, åtgärder, kvittenser och rapport.")(show)


def runs(
    state: State = "",
    task: Annotated[str, typer.Option("--task", metavar="UPPGIFT", help="Bara denna uppgift.")] = "",
    case: Annotated[str, typer.Option("--case", metavar="ÄRENDE", help="Bara detta ärende.")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="TAL", min=1, help="Högst så många.")] = 50,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List runs. Raises ``WrongInput`` for a state or a case number that cannot be."""
    from robots.queue.runs import list_runs

    states, case_number = _states(state), _case_number(case)
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        found = list_runs(
            store, states=states, task=task.replace("-", "_"), case_number=case_number, limit=limit
        )  # fmt: skip
    if as_json:
        from robots.cli.run_view import row_document

        console.print_json({"runs": [row_document(row) for row in found]})
        return
    if not found:
        console.tell("Inga körningar.")
        return
    console.table(
        ["Körning", "Uppgift", "Ärende", "Läge", "Orsak", "Beställd", "Tid"],
        [
            (
                f"K-{row.id}" + (" (prov)" if row.dry_run else ""), row.task.replace("_", "-"), row.case_number or "–",
                console.state_text(row.state, row.waits), row.reason or row.held_for or "",
                console.clock(row.created_at), console.seconds_text(row.seconds),
            )
            for row in found
        ],
    )  # fmt: skip


def show(run: RunName, as_json: AsJson = False) -> None:
    """Everything about one run. Raises ``WrongInput`` when there is none."""
    from robots.audit.writing import note_look
    from robots.cli.run_view import RunView
    from robots.queue.runs import find_run

    run_id = run_number(run)
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        view = RunView.read(settings, store, run_id, _task_of(settings, find_run(store, run_id).task))
        note_look(store, machine.person(), run_id, "looked")
    if as_json:
        console.print_json(view.document())
    else:
        view.print_all()


def run_number(written: str) -> int:
    """The number of a run that is written ``K-12`` or ``12``. Raises ``WrongInput``."""
    found = re.fullmatch(r"(?:K-?)?(\d{1,18})", written.strip(), re.IGNORECASE | re.ASCII)
    if not found:
        raise WrongInput("Körning", written, "Skriv körningens nummer, till exempel K-12.")
    return int(found[1])


def _states(written: str) -> list[str]:
    states = [word.strip().lower() for word in written.split(",") if word.strip()]
    for word in states:
        if word not in console.STATE_WORDS:
            raise WrongInput("--state", word, f"Välj {', '.join(console.STATE_WORDS)}.")
    return states


def _case_number(written: str) -> str:
    from robots.fields import CaseNumber

    try:
        return CaseNumber(written) if written else ""
    except ValueError as error:
        raise WrongInput("--case", written, str(error)) from None


def _task_of(settings: Settings, name: str) -> Task | None:
    from robots.task_files import load_tasks

    return load_tasks(settings.tasks_dir).by_name.get(name)
