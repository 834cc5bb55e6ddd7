"""``ragnhild systems``: the systems that the robots work in, and how well their drivers are known to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.worker.known_systems import KnownSystem

LEVELS = {"unproven": "inte prövad", "reads": "läser", "journals": "journalför", "hardened": "härdad"}
OLDER_BASE = "äldre grund"


def register(app: typer.Typer) -> None:
    app.command(
        "systems", help="Visa verksamhetssystemen: vems de är, vad robotarna får där och hur väl prövade de är."
    )(systems)


def systems(as_json: AsJson = False) -> None:
    """List the systems of ``config/systems.toml`` with what their drivers have shown."""
    from datetime import UTC, datetime

    from robots.worker.known_systems import known_systems

    settings = machine.open_settings()
    broken = _broken(settings)
    documents = [_document(system, broken) for system in known_systems(settings, datetime.now(UTC))]
    if as_json:
        console.print_json({"systems": documents})
        return
    captions = ["System", "Motsvarar", "Ansvarig", "Nivå", "Samtidigt", "Öppet", "Klass", "Robotar"]
    console.table(captions, [_row(document) for document in documents])
    if any(document["on_older_base"] for document in documents):
        console.tell(f"{OLDER_BASE}: det som alla drivrutiner står på har ändrats sedan de prövades.", "dim")
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


def _document(system: KnownSystem, broken: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "key": system.key,
        "title": system.title,
        "stands_for": system.stands_for,
        "owner": system.owner,
        "level": system.proven.level.value,
        "tests": system.proven.tests,
        "on_older_base": system.proven.on_older_base,
        "sessions": system.sessions,
        "hours": system.hours,
        "not_now": ([system.closed] if system.closed else []) + broken.get(system.key, []),
        "secrecy": system.secrecy,
        "settle_seconds": system.settle_seconds,
        "robots": dict(system.robots),
    }


def _level(document: dict[str, Any]) -> str:
    return LEVELS[document["level"]] + (f" ({OLDER_BASE})" if document["on_older_base"] else "")


def _row(document: dict[str, Any]) -> tuple[str, ...]:
    hours = "dygnet runt" if document["hours"] == "00:00-24:00" else document["hours"]
    levels = {"read": "läser", "journal": "ändrar"}
    robots = ", ".join(f"{name} ({levels[level]})" for name, level in document["robots"].items())
    return (
        f"{document['title']}\n{document['key']}", document["stands_for"], document["owner"],
        _level(document), str(document["sessions"]), hours, document["secrecy"], robots or "–",
    )  # fmt: skip
