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
    broken = _broken(settings)
    documents = [_document(settings, key, folder, broken) for key, folder in folders.items() if folder]
    if as_json:
        console.print_json({"systems": documents})
        return
    captions = ["System", "Motsvarar", "Ansvarig", "Nivå", "Samtidigt", "Öppet", "Klass", "Robotar"]
    console.table(captions, [_row(document) for document in documents])
    for document in documents:
        for words in document["not_now"]:
            console.say(f"{document['title']}: {words}", "bold")


def _broken(settings: Settings) -> dict[str, list[str]]:
    """Why a system is left alone just now, by its key; nothing where no robot has worked yet."""
    from robots.local_time import on_the_wall
    from robots.queue.breakers import breakers_now

    if not settings.database_url and not (settings.data_dir / "database").exists():
        return {}
    found: dict[str, list[str]] = {}
    with machine.open_database(settings) as store:
        for row in breakers_now(store):
            since = f"{on_the_wall(row.opened_at):%Y-%m-%d %H:%M}"
            found.setdefault(row.system, []).append(f"{row.why} Sedan {since}.")
    return found


def _document(settings: Settings, key: str, folder: Path, broken: dict[str, list[str]]) -> dict[str, Any]:
    from datetime import UTC, datetime

    from robots.opening_hours import OpeningHours
    from robots.systems.card import read_card
    from robots.systems.level import level_of

    card, told, proven = read_card(folder), settings.systems[key], level_of(key, folder)
    hours = OpeningHours(told.hours or card.hours, told.maintenance)
    closed = hours.closed_at(datetime.now(UTC))
    return {
        "key": key,
        "title": card.title,
        "stands_for": card.stands_for,
        "owner": card.owner,
        "level": proven.level.value,
        "tests": proven.tests,
        "sessions": card.sessions if told.most_sessions is None else told.most_sessions,
        "hours": hours.hours,
        "not_now": ([f"{closed.words[0].upper()}{closed.words[1:]}."] if closed else []) + broken.get(key, []),
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
