"""``ragnhild move-database``: from the machine's own database to a server."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from robots.settings import Settings
    from robots.store import Store


def register(app: typer.Typer) -> None:
    app.command("move-database", help="Flytta från maskinens egen databas till en PostgreSQL-server.")(move_database)


def move_database(
    url: Annotated[str, typer.Argument(metavar="ADRESS", help="postgresql://användare@server/databas, utan lösenord.")],
    switch: Annotated[
        bool, typer.Option("--switch", help="Skriv den nya adressen i ragnhild.toml när allt är flyttat.")
    ] = False,
) -> None:
    """Move everything. Raises ``ConfigurationError`` where that cannot be done; then everything is as it was."""
    from robots.audit.writing import note
    from robots.store.address import name_of
    from robots.store.connect import connect
    from robots.store.keeping.embedded_use import others_in
    from robots.store.keeping.moving import move

    settings = machine.open_settings()
    machine.chosen_database(url, named="ADRESS")
    if settings.database_url:
        raise ConfigurationError("Databasen ligger redan på en server (inställningen database_url). Inget att flytta.")
    with machine.open_database(settings) as source:
        _demand_nobody_at_work(source, others_in(settings.data_dir))
        target = connect(url, settings.database_password())
        try:
            console.tell("Kopierar …")
            with source.begin() as connection:  # it moves along
                note(connection, machine.person(), "move_ordered", name_of(target.engine.url))
            moved = move(source, target, settings.data_dir, console.tell)
        finally:
            target.close()
    rows = sum(content.rows for content in moved.values())
    console.say(f"Flyttad: {len(moved)} tabeller med {rows} rader, lika i antal och kontrollsummor på båda sidor.")
    console.say(f"Den gamla databasen ligger kvar i {settings.data_dir / 'database'} och går inte att starta.")
    _switch(settings, url, write=switch)
    if settings.evidence_folder is None:
        console.say(f"Underlaget ligger kvar i {settings.evidence_dir}. Flera maskiner delar med: evidence_folder.")
    console.say("Kontrollera med ragnhild doctor, och starta robotarna igen.")


def _demand_nobody_at_work(source: Store, others: list[str]) -> None:
    from robots.queue.standing import workers_now
    from robots.store.processes import ProcessId

    alive = [
        row.name for row in workers_now(source) if not ProcessId(row.host, row.pid, row.pid_started).certainly_dead
    ]
    if alive:
        raise ConfigurationError(
            f"Workers är igång: {', '.join(alive)}. Töm dem först, så att inget pågår: ragnhild drain"
        )
    if others:
        raise ConfigurationError(f"Databasen används av {', '.join(others)}. Avsluta dem först (tjänsterna, up).")


def _switch(settings: Settings, url: str, *, write: bool) -> None:
    file = settings.config_dir / "ragnhild.toml"
    if not write:
        console.say(f'Skriv nu i {file}:  database_url = "{url}"', "bold")
        return
    _write_address(file, url)
    console.say(f"Adressen står nu i {file} (database_url).")


def _write_address(file: Path, url: str) -> None:
    """The line ``database_url``, before the first heading; everything else in the file stays as it is.

    Raises ``ConfigurationError`` where that makes no file that means it: then it is as it was.
    """
    before = file.read_text("utf-8") if file.is_file() else ""
    lines = [line for line in before.splitlines() if not re.match(r"\s*database_url\s*=", line)]
    heading = next((n for n, line in enumerate(lines) if re.match(r"\s*\[[\w.\" -]+\]", line)), len(lines))
    lines.insert(heading, f"database_url = {json.dumps(url, ensure_ascii=False)}")
    after = "\n".join(lines) + "\n"
    try:
        meant = tomllib.loads(after).get("database_url") == url
    except tomllib.TOMLDecodeError:
        meant = False
    if not meant:
        raise ConfigurationError(f'Allt är flyttat. Skriv själv adressen: database_url = "{url}"', str(file))
    part = file.with_name(f"{file.name}.ny")
    part.write_text(after, "utf-8")
    part.replace(file)
