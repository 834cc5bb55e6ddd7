"""``ragnhild tasks``: what the robots can do here, with what, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.task import Task

LEVELS = {"read": "läsa", "journal": "läsa och ändra"}


def register(app: typer.Typer) -> None:
    app.command("tasks", help="Visa uppgifterna: vad som fylls i, vilka system de använder och vem som ansvarar.")(
        tasks
    )


def tasks(
    as_json: AsJson = False,
    described: Annotated[
        bool, typer.Option("--describe", help="Skriv allt om dem som Markdown: regler, brev, tabeller, vad som skrivs.")
    ] = False,
) -> None:
    """List the tasks. Those whose files are broken are told on standard error."""
    from robots.task_files import load_tasks

    settings = machine.open_settings()
    loaded = load_tasks(settings.tasks_dir)
    for problem in loaded.problems:
        console.complain(str(problem))
    if described:
        from robots.cli.task_document import document

        print(document(settings, loaded.by_name.values()), end="")
        return
    documents = [_document(settings, task) for task in loaded.by_name.values()]
    if as_json:
        console.print_json({"tasks": documents, "problems": [str(problem) for problem in loaded.problems]})
        return
    console.table(
        ["Uppgift", "Vad den gör", "Nivå", "Fylls i", "System", "Robot", "Ansvarig"], [_row(d) for d in documents]
    )


def _document(settings: Settings, task: Task) -> dict[str, Any]:
    from robots.worker.rights import system_key

    return {
        "name": task.command,
        "title": task.title,
        "description": task.description,
        "owner": task.owner,
        "level": task.level,
        "saves_minutes": task.saves_minutes,
        "robot": next((name for name, robot in settings.robots.items() if task.name in robot.tasks), None),
        "inputs": [
            {"name": i.name, "option": i.option, "title": i.title, "kind": i.kind, "required": i.required,
             "default": None if i.default is None else str(i.default), "choices": list(i.choices),
             "example": i.words.example}
            for i in task.inputs
        ],
        "systems": [{"system": system_key(settings, a), "level": a.level} for a in task.systems],
    }  # fmt: skip


def _row(document: dict[str, Any]) -> tuple[str, ...]:
    inputs = ", ".join(i["title"] + ("" if i["required"] else " (valfritt)") for i in document["inputs"])
    systems = ", ".join(f"{s['system']} ({LEVELS[s['level']]})" for s in document["systems"])
    return (
        document["name"],
        document["title"],
        document["level"],
        inputs,
        systems,
        document["robot"] or "–",
        document["owner"],
    )
