"""``ragnhild backup`` and ``restore``: keeping what the robots have done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.errors import ConfigurationError, WrongInput

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from robots.queue.restored import Held
    from robots.retention.plan import Plan
    from robots.settings import Settings
    from robots.store import Store
    from robots.store.keeping.manifest import Backup
    from robots.workdays import Calendar

RESUME = "ragnhild resume --everything"


def register(app: typer.Typer) -> None:
    app.command("backup", help="Säkerhetskopiera databas, underlag, inställningar, uppgifter och scheman under drift.")(
        backup
    )
    app.command("restore", help="Återställ en säkerhetskopia. Inget körs förrän du har sett över det och släppt på.")(
        restore
    )


def backup(
    folder: Annotated[str, typer.Argument(metavar="[MAPP]", help="Utan den: inställningen backup_folder.")] = "",
    keep: Annotated[
        int, typer.Option("--keep", metavar="TAL", min=0, help="Spara så många hela kopior; 0 sparar alla.")
    ] = 0,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Ta med lösenord och nycklar. Kopian måste då vaktas som de.")
    ] = False,
) -> None:
    """Make a backup. Raises ``ConfigurationError`` when it cannot be made; then the older ones are as they were."""
    from robots.audit.writing import note
    from robots.retention.outside import Outside
    from robots.store.keeping.backup import make_backup
    from robots.store.keeping.manifest import SECRETS

    settings = machine.open_settings()
    target = _backup_folder(settings, folder)
    sources = _written_by_people(settings)
    if with_secrets:
        sources[SECRETS] = settings.secrets_dir
        console.tell("Kopian får med lösenord och nycklar: vakta den som dem.", "yellow")
    _warn_of_what_travels(settings)
    with machine.open_database(settings) as store:
        with store.begin() as connection:  # before, so that the copy itself tells who has made it
            note(connection, machine.person(), "backup_ordered", str(target), secrets=with_secrets)
        made = make_backup(
            store, target, evidence=settings.evidence_dir, sources=sources, secrets=with_secrets, keep=keep,
            told=console.tell,
        )  # fmt: skip
        with store.begin() as connection:
            Outside(target).bring_up_to_date(connection)
    size = sum(kept.size for kept in made.manifest.files.values())
    console.say(f"Säkerhetskopian är klar: {made.folder} ({_megabytes(size)}).")
    if made.manifest.gone:
        console.say(f"{len(made.manifest.gone)} filer gallrades medan kopian gjordes och är inte med.", "yellow")
    if not with_secrets:
        console.say(
            f"Lösenorden i {settings.secrets_dir} är inte med. Spara dem för sig: utan evidence.key där går underlaget "
            "inte att öppna."
        )


def restore(
    folder: Annotated[Path, typer.Argument(metavar="KOPIA", help="En hel kopia: …/ragnhild-ÅÅÅÅ-MM-DD-TTMMSS.")],
    into: Annotated[
        str, typer.Option("--into", metavar="DATAMAPP", help="I en annan datamapp med egen databas, som ett prov.")
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Flytta undan det som finns i datamappen. Inget tas bort.")
    ] = False,
) -> None:
    """Restore a backup. Raises ``ConfigurationError`` when it is not whole, and where something is in the way."""
    from robots.retention.restored import remove_what_is_due
    from robots.store.keeping.manifest import EVIDENCE, SECRETS, open_backup
    from robots.store.keeping.marks import HALF_RESTORED, set_mark, take_away_mark
    from robots.store.keeping.restore import put_files

    console.tell("Kontrollerar kopian …")
    found = open_backup(folder)
    settings = _settings_after(found, into)
    calendar, plan = _calendar(settings, found), _retention_plan(settings, found)
    _demand_room(settings, replace=replace)
    set_mark(settings.data_dir, HALF_RESTORED, _why_half(folder, into))
    if replace:
        _put_aside(settings)
    if not into:
        _put_what_people_wrote(settings, found)
    console.tell("Återställer databasen …")
    with _new_database(settings) as store:
        held, asked = _restore_rows(settings, store, found, calendar)
        console.tell("Återställer underlaget …")
        files = put_files(found, EVIDENCE, settings.evidence_dir)
        remove_what_is_due(settings, store, plan, machine.person())
    put_files(found, SECRETS, settings.secrets_dir)
    take_away_mark(settings.data_dir, HALF_RESTORED)
    _tell_what_now(settings, found, held, asked, files)


# -- backup ---------------------------------------------------------------------------------------------------------


def _backup_folder(settings: Settings, named: str) -> Path:
    """Where backups go. Raises ``WrongInput`` where none is said, or one that would be lost with what it is for."""
    target = Path(named) if named else settings.backup_folder
    if target is None:
        raise WrongInput("MAPP", "", "Ange en mapp, eller sätt inställningen backup_folder.")
    if target.resolve().is_relative_to(settings.data_dir.resolve()):
        raise WrongInput("MAPP", str(target), "Den ligger i datamappen och går förlorad med den. Ta en annan disk.")
    return target


def _written_by_people(settings: Settings) -> dict[str, Path]:
    return {"config": settings.config_dir, "tasks": settings.tasks_dir, "schedules": settings.schedules_dir}


def _warn_of_what_travels(settings: Settings) -> None:
    from robots.store.address import carries_password

    if not settings.database_url:
        return
    console.tell("Det här är en kopia av er egen databasserver; serverns egen säkerhetskopiering är den som gäller.")
    if carries_password(settings.database_url.get_secret_value()):
        console.tell(
            "Databasens lösenord står i database_url och kan följa med i config. Se: ragnhild doctor", "yellow"
        )


# -- restore --------------------------------------------------------------------------------------------------------


def _settings_after(found: Backup, into: str) -> Settings:
    """The settings that will hold once it is restored: on a new machine those of the backup itself."""
    from robots.settings import load_settings

    if into:
        return load_settings(data_dir=Path(into), database_url=None)
    settings = load_settings()
    if settings.config_dir.is_dir() or not (found.folder / "config").is_dir():
        return settings
    place = settings.config_dir
    return load_settings(config_dir=found.folder / "config").model_copy(update={"config_dir": place})


def _calendar(settings: Settings, found: Backup) -> Calendar:
    """The days that count, before anything is changed. Raises ``ConfigurationError``."""
    from robots.workdays import read_calendar

    place = settings.config_dir if settings.config_dir.is_dir() else found.folder / "config"
    return read_calendar(place / "calendar.toml")


def _retention_plan(settings: Settings, found: Backup) -> Plan:
    """What is decided about how long things are kept, before anything is changed. Raises ``ConfigurationError``."""
    from robots.retention.plan import FILE, read_plan

    place = settings.config_dir if settings.config_dir.is_dir() else found.folder / "config"
    return read_plan(place / FILE)


def _demand_room(settings: Settings, *, replace: bool) -> None:
    from robots.store.keeping.embedded_use import demand_at_rest
    from robots.store.keeping.restore import explained, in_the_way
    from robots.store.keeping.tables import demand_empty

    demand_at_rest(settings.data_dir)
    if settings.database_url:
        with _new_database(settings) as store, explained(store), store.begin() as connection:
            demand_empty(connection)
    for folder in _folders(settings):
        found = in_the_way(folder)
        if found and not replace:
            names = ", ".join(path.name for path in found[:3])
            raise ConfigurationError(
                f"Mappen {folder} är inte tom ({names}). Återställ i en annan mapp med --into, eller flytta undan det "
                "som finns med --replace. Inget är ändrat."
            )


def _folders(settings: Settings) -> list[Path]:
    """What must be empty: the data folder, and the folder of evidence where that is another."""
    return [settings.data_dir] + ([settings.evidence_folder] if settings.evidence_folder else [])


def _put_aside(settings: Settings) -> None:
    from datetime import UTC, datetime

    from robots.store.keeping.marks import HALF_RESTORED
    from robots.store.keeping.restore import in_the_way, put_aside

    for folder in _folders(settings):
        if found := [path for path in in_the_way(folder) if path.name != HALF_RESTORED]:
            console.say(f"Det som fanns i {folder} ligger nu i {put_aside(folder, found, datetime.now(UTC))}.")


def _why_half(folder: Path, into: str) -> str:
    where = f" --into {Path(into).absolute()}" if into else ""
    return (
        f"En återställning av {folder.absolute()} till den här datamappen blev inte klar, så den går inte att använda. "
        f"Gör om den: ragnhild restore {folder.absolute()} --replace{where}"
    )


def _put_what_people_wrote(settings: Settings, found: Backup) -> None:
    """Where it is missing. What is there may be newer, and is nobody's to write over."""
    from robots.store.keeping.restore import put_files

    for name, place in _written_by_people(settings).items():
        if not place.exists():
            put_files(found, name, place)
        elif (found.folder / name).is_dir():
            console.say(f"Mappen {place} finns och är inte ändrad. Kopians ligger i {found.folder / name}.")


@contextmanager
def _new_database(settings: Settings) -> Iterator[Store]:
    """The database that is to be filled, as it is: without tables."""
    from robots.store.connect import connect
    from robots.store.embedded import start_embedded

    if settings.database_url:
        store = connect(settings.database_url.get_secret_value(), settings.database_password())
    else:
        server = start_embedded(settings.data_dir / "database")
        store = connect(server.get_uri())
        store.server = server
    try:
        yield store
    finally:
        store.close()


def _restore_rows(settings: Settings, store: Store, found: Backup, calendar: Calendar) -> tuple[Held, int]:
    from robots.queue.restored import hold_unfinished
    from robots.retention.restored import remove_again
    from robots.scheduler.restored import ask_about_what_came
    from robots.store.keeping.restore import restore_rows

    made_at = found.manifest.made_at
    told = f"Återställd från säkerhetskopia {console.clock(made_at)}"
    searchable = _searchable(settings)
    held: list[Held] = []
    asked: list[int] = []
    lists = {found.folder.parent, settings.backup_folder or found.folder.parent}

    def hold(connection: Connection) -> None:
        if removed := remove_again(connection, made_at, lists):
            console.say(f"{removed} körningar och underlag som är gallrade sedan kopian gjordes är borta på nytt.")
        reason = f"{told}: se över, och återuppta med {RESUME}."
        held.append(
            hold_unfinished(connection, made_at, searchable=searchable, by=machine.person(), reason=reason)
        )  # fmt: skip
        asked.append(ask_about_what_came(connection, calendar=calendar, reason=f"{told}: kan redan vara gjord."))

    restore_rows(store, found, hold)
    return held[0], asked[0]


def _searchable(settings: Settings) -> set[str]:
    """The tasks all of whose changes can be looked for afterwards; one whose file is broken is not known to be so."""
    from robots.cases.connectors import connector
    from robots.systems.once import effects_of
    from robots.task_files import load_tasks
    from robots.worker.own_tasks import OWN_TASKS

    return {
        task.name
        for task in (*load_tasks(settings.tasks_dir).by_name.values(), *OWN_TASKS.values())
        for drivers in [[each.driver or connector(settings.cases, each.level) for each in task.systems]]
        if all(declared.found_by for driver in drivers for declared in effects_of(driver).values())
    }


def _tell_what_now(settings: Settings, found: Backup, held: Held, asked: int, files: int) -> None:
    rows = sum(table.rows for table in found.manifest.tables.values())
    made = console.clock(found.manifest.made_at)
    console.say(f"Återställt i {settings.data_dir}: {rows} rader och {files} filer, som det var {made}.", "bold")
    console.say("Det som gjordes efter det står i systemen men inte här. Gör så här, i den här ordningen:")
    console.say(f"1. Se över de {held.waiting} körningar som väntar: ragnhild runs. Avbryt dem som inte ska göras.")
    if held.given_to_person:
        names = ", ".join(f"K-{run_id}" for run_id in held.given_to_person)
        console.say(f"   De här kan inte leta efter det de gör, och väntar på en person: {names}.", "yellow")
    console.say(f"2. Svara på de {asked} starter av scheman som kan vara gjorda: ragnhild schedules")
    console.say(f"3. Undersök maskinen: ragnhild doctor. Släpp sedan på: {RESUME}")
    if not found.manifest.secrets:
        console.say(
            f"Lösenorden följde inte med kopian. De ska ligga i {settings.secrets_dir}, med evidence.key som öppnar "
            "underlaget.", "yellow",
        )  # fmt: skip


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB".replace(".", ",")
