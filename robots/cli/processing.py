"""``ragnhild register``: the register of processing, and the outline of an impact assessment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson

if TYPE_CHECKING:
    from robots.processing.cards import Card


def register(app: typer.Typer) -> None:
    app.command(
        "register", help="Skriv registret över vad robotarna gör med personuppgifter (dataskyddsförordningen art. 30)."
    )(processing)


def processing(
    outline: Annotated[
        bool, typer.Option("--dpia", help="Utkast till konsekvensbedömning (artikel 35) i stället för registret.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Markdown on standard output. What no board has assessed is told, and ends the command with 1."""
    from robots.processing.cards import assessments, cards
    from robots.processing.papers import kept_by, outline_of, register_of
    from robots.task_files import load_tasks

    settings = machine.open_settings()
    loaded = load_tasks(settings.tasks_dir)
    for problem in loaded.problems:
        console.complain(str(problem))
    found = cards(settings, loaded.by_name.values())
    if as_json:
        console.print_json({"register": [_document(card) for card in found]})
    else:
        write = outline_of if outline else register_of
        print(write(found, settings.municipality, kept_by(settings), date.today()), end="")
    if missing := [card.task.name for card in found if card.assessment is None]:
        console.complain(f"Ingen nämnd har bedömt {', '.join(missing)}. Skriv in det i config/processing.toml.")
    if unknown := sorted(set(assessments(settings)) - set(loaded.by_name)):
        console.complain(f"config/processing.toml bedömer {', '.join(unknown)}, som ingen uppgift heter.")
    if missing or unknown or loaded.problems:
        raise typer.Exit(1)


def _document(card: Card) -> dict[str, Any]:
    return {
        "task": card.task.name, "title": card.task.title, "version": card.task.version, "level": card.task.level,
        "purpose": card.task.description.partition("\n")[0], "owner": card.task.owner, "robot": card.robot,
        "user": card.user, "delegation": card.delegation, "inputs": [each.title for each in card.task.inputs],
        "personal_inputs": card.personal_inputs, "letters": list(card.letters), "stops": list(card.stops),
        "systems": [vars(each) for each in card.systems],
        "assessment": card.assessment.model_dump() if card.assessment else None,
    }  # fmt: skip
