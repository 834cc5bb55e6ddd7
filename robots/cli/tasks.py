"""``ragnhild tasks``: what the robots can do here, with what, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.queue.task_versions import Standing, Version
    from robots.settings import Settings
    from robots.task import Task

LEVELS = {"read": "läsa", "journal": "läsa och ändra"}


Reason = Annotated[str, typer.Option("--reason", metavar="SKÄL", help="Varför; det sparas med versionen.")]
TaskName = Annotated[str, typer.Argument(metavar="UPPGIFT", help="Uppgiftens namn, eller «alla».")]
ALL = "alla"


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Visa uppgifterna: vad som fylls i, vilka system de använder och vem som ansvarar.",
        invoke_without_command=True, no_args_is_help=False, subcommand_metavar="[KOMMANDO] …",
    )  # fmt: skip
    group.callback()(tasks)
    group.command("versions", help="Visa vilka versioner som är godkända, och vad som är nytt i de andra.")(versions)
    group.command("put-forward", help="Lägg fram en ändrad uppgift, så att en annan person kan godkänna den.")(
        put_forward
    )
    group.command("approve", help="Godkänn en framlagd uppgift, så att den körs på riktigt.")(approve)
    app.add_typer(group, name="tasks")


def tasks(
    ctx: typer.Context,
    as_json: AsJson = False,
    described: Annotated[
        bool, typer.Option("--describe", help="Skriv allt om dem som Markdown: regler, brev, tabeller, vad som skrivs.")
    ] = False,
) -> None:
    """List the tasks. Those whose files are broken are told on standard error."""
    if ctx.invoked_subcommand:
        return
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
    from robots.worker.rights import given, system_key

    robot = settings.robot_of(task.name)
    return {
        "name": task.command,
        "title": task.title,
        "description": task.description,
        "owner": task.owner,
        "level": task.level,
        "saves_minutes": task.saves_minutes,
        "robot": robot or None,
        "inputs": [
            {"name": i.name, "option": i.option, "title": i.title, "kind": i.kind, "required": i.required,
             "default": None if i.default is None else str(i.default), "choices": list(i.choices),
             "example": i.words.example}
            for i in task.inputs
        ],
        "systems": [{"system": system_key(settings, a), "level": a.level} for a in given(settings, task, robot)],
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


# -- four eyes --------------------------------------------------------------------------------------------------------


def versions(
    name: Annotated[str, typer.Argument(metavar="[UPPGIFT]", help="Visa också vad som är nytt i den.")] = "",
    as_json: AsJson = False,
) -> None:
    """How the tasks' files stand, as they are on this machine."""
    from robots.queue.task_versions import difference, standing_of

    settings = machine.open_settings()
    found = _versions(settings, name or ALL)
    with machine.open_database(settings) as store:
        stand = [standing_of(store, version) for version in found]
        new = difference(store, found[0]) if name and not stand[0].is_approved else ""
    if as_json:
        told = [
            {"task": each.version.task, "version": each.version.digest, "approved": each.is_approved,
             "put_forward_by": each.row and each.row.put_forward_by, "approved_by": each.row and each.row.approved_by}
            for each in stand
        ]  # fmt: skip
        console.print_json({"four_eyes": settings.four_eyes, "versions": told, "new": new})
        return
    console.table(
        ["Uppgift", "Version", "Läge"],
        [(each.version.task.replace("_", "-"), each.version.digest[:12], _stands(each)) for each in stand],
    )
    if new:
        console.say(new)
    if not settings.four_eyes:
        console.tell("Fyra ögon är av (inställningen four_eyes): allt körs på riktigt utan att godkännas.", "yellow")


def put_forward(name: TaskName, reason: Reason = "") -> None:
    """Raises ``WrongInput`` without a reason, and when somebody has put this version forward."""
    from robots.queue import task_versions

    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        for version in _versions(settings, name):
            if name != ALL or not task_versions.standing_of(store, version).is_put_forward:
                task_versions.put_forward(store, version, by=machine.person(), reason=reason)
                console.say(f"{version.task} {version.digest[:12]} är framlagd. En annan person godkänner den.")


def approve(
    name: TaskName,
    reason: Reason = "",
    version: Annotated[
        str,
        typer.Option("--version", metavar="SUMMA", help="Den som du tittade på, så att ingen nyare godkänns."),
    ] = "",
) -> None:
    """Raises ``WrongInput`` without a reason, and when this person may not approve it."""
    from robots.queue import task_versions

    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        for found in _versions(settings, name):
            if name == ALL and not task_versions.standing_of(store, found).may_be_approved_by(machine.person()):
                continue
            if not found.digest.startswith(version):
                raise WrongInput("--version", version, "Uppgiften är ändrad sedan du tittade. Titta en gång till.")
            woken = task_versions.approve(store, found, by=machine.person(), reason=reason)
            console.say(f"{found.task} {found.digest[:12]} är godkänd. {woken} körningar som väntade får börja.")


def _versions(settings: Settings, name: str) -> list[Version]:
    from robots.task_files import load_tasks
    from robots.worker.versions import version_of

    loaded = load_tasks(settings.tasks_dir)
    found = loaded.by_name.values() if name == ALL else [loaded.find(name)]
    return [version_of(settings, task) for task in found]


def _stands(each: Standing) -> str:
    if each.row is None or each.row.put_forward_by is None:
        return "inte framlagd"
    if each.row.approved_by is None:
        return f"framlagd av {each.row.put_forward_by}, väntar på en annan person"
    when = console.clock(each.row.approved_at)
    return f"framlagd av {each.row.put_forward_by}, godkänd av {each.row.approved_by} {when}"
