"""``ragnhild systems``: the systems that the robots work in, and how well their drivers are known to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson

if TYPE_CHECKING:
    from pathlib import Path

    from robots.settings import Settings

LEVELS = {"unproven": "inte prövad", "reads": "läser", "journals": "journalför", "hardened": "härdad"}


def register(app: typer.Typer) -> None:
    app.command(
        "systems", help="Visa verksamhetssystemen: vems de är, vad robotarna får där och hur väl prövade de är."
    )(systems)


def systems(as_json: AsJson = False) -> None:
    """List the systems of ``config/systems.toml`` with what their drivers have shown."""
    settings = machine.open_settings()
    folders = {key: machine.system_folder(key) for key in settings.systems}
    documents = [_document(settings, key, folder) for key, folder in folders.items() if folder]
    if as_json:
        console.print_json({"systems": documents})
        return
    captions = ["System", "Motsvarar", "Ansvarig", "Nivå", "Samtidigt", "Öppet", "Klass", "Robotar"]
    console.table(captions, [_row(document) for document in documents])


def _document(settings: Settings, key: str, folder: Path) -> dict[str, Any]:
    from robots.systems.card import read_card
    from robots.systems.level import level_of

    card, told, proven = read_card(folder), settings.systems[key], level_of(key, folder)
    return {
        "key": key,
        "title": card.title,
        "stands_for": card.stands_for,
        "owner": card.owner,
        "level": proven.level.value,
        "tests": proven.tests,
        "sessions": card.sessions if told.most_sessions is None else told.most_sessions,
        "hours": card.hours,
        "secrecy": card.secrecy,
        "settle_seconds": told.settle_seconds,
        "robots": {name: rights[key] for name, rights in settings.access.items() if key in rights},
    }


def _row(document: dict[str, Any]) -> tuple[str, ...]:
    hours = "dygnet runt" if document["hours"] == "00:00-24:00" else document["hours"]
    levels = {"read": "läser", "journal": "ändrar"}
    robots = ", ".join(f"{name} ({levels[level]})" for name, level in document["robots"].items())
    return (
        f"{document['title']}\n{document['key']}", document["stands_for"], document["owner"],
        LEVELS[document["level"]], str(document["sessions"]), hours, document["secrecy"], robots or "–",
    )  # fmt: skip
