"""``ragnhild morning-check``: look at the systems before anybody needs them, see what was seen, and accept it."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import WrongInput

if TYPE_CHECKING:
    from sqlalchemy import Row

    from robots.settings import Settings
    from robots.store import Store

STATES = {
    "first": "sedd första gången", "same": "som vanligt", "changed": "ändrad", "missing": "roboten hittar inte rätt",
    "unreachable": "gick inte att nå",
}  # fmt: skip
STYLES = {"changed": "yellow", "missing": "red", "unreachable": "red"}
# What a person has to see to is not what has failed.
NEEDS_A_PERSON = ("changed", "missing")
LOOK_SECONDS = 0.2

Systems = Annotated[
    list[str], typer.Argument(metavar="[SYSTEM …]", help="Bara dessa system; utan dem alla som robotarna använder.")
]


def register(app: typer.Typer) -> None:
    app.command("morning-check", help="Se efter om systemens sidor ser ut som vanligt, innan någon behöver dem.")(
        morning_check
    )


def morning_check(
    systems: Systems = [],  # noqa: B006 - Typer's way of saying none
    last: Annotated[bool, typer.Option("--last", help="Visa den senaste kontrollen utan att göra en ny.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Godkänn hur sidorna i systemet ser ut nu.")] = False,
    as_json: AsJson = False,
) -> None:
    """Exit code 0: all as usual. 1: something could not be reached. 3: something is otherwise, and a person must look.

    Raises ``WrongInput`` for a system that there is not, and where there is nothing to accept.
    """
    from robots.worker.mornings import latest, of_runs

    if last and accept:
        raise WrongInput("--last", "--accept", "Välj ett av dem.")
    settings = machine.open_settings()
    known = [system.replace("-", "_") for system in systems]
    _demand_known(settings, known)
    with machine.open_database(settings) as store:
        if accept:
            _accept(store, known)
            return
        asked = [] if last else _check_now(settings, store, known)
        rows = latest(store, known) if last else of_runs(store, asked)
        stopped = _stopped(store, set(asked) - {row.run_id for row in rows})
    _show(rows, stopped, settings.evidence_dir, as_json=as_json)
    raise typer.Exit(_exit_code(rows) or (1 if stopped else 0))


def _demand_known(settings: Settings, systems: list[str]) -> None:
    for system in systems:
        if system not in settings.systems or machine.system_folder(system) is None:
            raise WrongInput("SYSTEM", system, "Det finns inget sådant system. Se: ragnhild systems")


def _accept(store: Store, systems: list[str]) -> None:
    from robots.worker.mornings import accept

    if not systems:
        raise WrongInput("SYSTEM", "", "Skriv vilket system: ragnhild morning-check --accept SYSTEM")
    for system in systems:
        for page in accept(store, system, by=machine.person()):
            console.say(f"{system}: sidan {page} är godkänd som den ser ut nu.", "green")


def _check_now(settings: Settings, store: Store, systems: list[str]) -> list[int]:
    """Ask for the checks, and wait until they have ended. Returns their runs."""
    from robots.worker.morning_check import ask_for_checks, checked_systems

    with store.begin() as connection:
        asked = ask_for_checks(
            connection, settings, systems or checked_systems(settings), source="guide", by=machine.person(),
            apart=secrets.token_hex(8),
        )  # fmt: skip
    console.tell(f"Ser på sidorna i {len(asked)} system …")
    _wait_for(settings, store, list(asked.values()))
    return list(asked.values())


def _wait_for(settings: Settings, store: Store, run_ids: list[int]) -> None:
    """Where no worker is alive, this process is one until all have ended."""
    from robots.cli.workplace import work
    from robots.queue.runs import latest_state, worker_alive

    def ended() -> bool:
        return all(latest_state(store, run_id)[1] is not None for run_id in run_ids)

    while not ended():
        if not worker_alive(store):
            console.tell("Ingen worker är igång, så kontrollen görs här i stället.", "dim")
            work(settings, store, until=ended)
            return
        time.sleep(LOOK_SECONDS)  # other processes work; the database tells nobody that a run has ended


def _stopped(store: Store, run_ids: set[int]) -> list[str]:
    """Why runs have come to no page at all, such as without a password."""
    from robots.queue.runs import find_run

    return [f"K-{run.id}, {run.task}: {run.reason}" for run in (find_run(store, n) for n in sorted(run_ids))]


def _show(rows: list[Row[Any]], stopped: list[str], evidence: Path, *, as_json: bool) -> None:
    from robots.worker.mornings import picture_of, told

    documents = [
        {
            "system": row.system, "title": row.title, "page": row.page, "state": row.state, "told": told(row),
            "news": row.news, "picture": str(picture_of(row, evidence) or ""), "run": f"K-{row.run_id}", "at": row.at,
        }
        for row in rows
    ]  # fmt: skip
    if as_json:
        console.print_json({"pages": documents, "stopped": stopped})
        return
    for words in stopped:
        console.say(f"Kontrollen gick inte att göra: {words}", "red")
    if not documents and not stopped:
        console.say("Ingen morgonkontroll är gjord ännu. Gör en: ragnhild morning-check")
    if not documents:
        return
    console.table(
        ["System", "Sida", "Läge", "Sedd"],
        [
            (row.title, row.page, Text(STATES[row.state], STYLES.get(row.state, "")), console.clock(row.at))
            for row in rows
        ],
    )
    for row, document in zip(rows, documents, strict=True):
        if row.state in STYLES:
            console.say(f"\n{document['told']}", STYLES[row.state])
            if document["picture"]:
                console.say(f"  Bild i rapporten: ragnhild report {document['run']} --open")
    for system in sorted({row.system for row in rows if row.state in NEEDS_A_PERSON}):
        console.say(f"\nStämmer förarens ord ännu? Godkänn då sidorna: ragnhild morning-check --accept {system}")


def _exit_code(rows: list[Row[Any]]) -> int:
    states = {row.state for row in rows}
    return 3 if states & set(NEEDS_A_PERSON) else 1 if "unreachable" in states else 0
