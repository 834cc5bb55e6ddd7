"""``ragnhild install-service``: let the machine start Ragnhild by itself, and see what that takes before it is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console
from robots.errors import ApplicationException, ConfigurationError, WrongInput

if TYPE_CHECKING:
    from robots.cli.units import Place
    from robots.settings import Settings

UNITS = Path("/etc/systemd/system")
WATCH = "watch"

User = Annotated[str, typer.Option("--user", metavar="NAMN", help="Vem tjänsterna körs som.")]
Write = Annotated[bool, typer.Option("--write", help="Skriv filerna; utan det visas de bara.")]
Only = Annotated[
    str, typer.Option("--only", metavar="DELAR", help="Bara dessa, med komma: worker, scheduler, portal, watch.")
]
Into = Annotated[Path, typer.Option("--into", metavar="MAPP", help="Mappen som filerna skrivs i.")]
Credentials = Annotated[
    Path | None,
    typer.Option(
        "--credentials", metavar="MAPP",
        help="En mapp med hemligheter som bara root läser; systemd lämnar över dem till tjänsterna.",
    ),
]  # fmt: skip
Windows = Annotated[bool, typer.Option("--windows", help="En tjänst i Windows i stället, genom programmet WinSW.")]


def register(app: typer.Typer) -> None:
    app.command("install-service", help="Låt maskinen starta robotarna själv. Utan --write visas bara vad det vore.")(
        install_service
    )


def install_service(
    *,
    user: User = "ragnhild",
    write: Write = False,
    only: Only = "",
    into: Into = UNITS,
    credentials: Credentials = None,
    windows: Windows = False,
) -> None:
    """Show or write the files, and tell what is to be done next. Starts nothing.

    Raises ``WrongInput`` for a part that there is not, ``ApplicationException`` when a file cannot be written.
    """
    from robots.settings import load_settings

    settings = load_settings()  # without a log: this is often root, who would own the file
    parts = _parts(only, settings)
    place = _place(settings, user, credentials)
    if windows:
        files, into = _for_windows(place, parts, bool(only)), place.folder if into == UNITS else into
    else:
        files = _for_systemd(settings, place, parts)
    for name, text in files.items():
        _show(into / name, text, write=write)
    if write:
        _write(into, files)
    console.say()
    _tell_next(into, files, place, write=write, windows=windows)


def _parts(only: str, settings: Settings) -> list[str]:
    """What was asked for; without that everything, but the watch only where nobody on another machine can watch."""
    portal = ["portal"] if settings.portal_port else []
    there = ["worker", "scheduler", *portal, WATCH]
    usual = [part for part in there if part != WATCH or not settings.database_url]
    chosen = [part.strip() for part in only.split(",") if part.strip()] or usual
    for part in chosen:
        if part not in there:
            raise WrongInput("--only", part, f"Välj bland {', '.join(there)}.")
    return [part for part in there if part in chosen]


def _place(settings: Settings, user: str, credentials: Path | None) -> Place:
    from robots.cli.units import Place

    script = Path(sys.executable).with_name("ragnhild")
    program = [str(script)] if script.is_file() else [sys.executable, "-m", "robots"]
    folders = {
        "RAGNHILD_DATA_DIR": settings.data_dir, "RAGNHILD_CONFIG_DIR": settings.config_dir,
        "RAGNHILD_TASKS_DIR": settings.tasks_dir, "RAGNHILD_SCHEDULES_DIR": settings.schedules_dir,
    }  # fmt: skip
    variables = {name: str(folder.absolute()) for name, folder in folders.items()} | {"TZ": "Europe/Stockholm"}
    return Place(
        program, Path.cwd(), user, list(_written_in(settings)), variables, settings.stop_minutes,
        _files_in(credentials) if credentials else (),
    )  # fmt: skip


def _written_in(settings: Settings) -> Iterator[Path]:
    """Every folder that is written in: a schedule's answers lie beside the files that it reads."""
    from robots.scheduler.schedule import read_schedule

    yield settings.data_dir.absolute()
    if settings.evidence_folder:
        yield settings.evidence_folder.absolute()
    for file in sorted(settings.schedules_dir.glob("*.toml")):
        with suppress(ConfigurationError):  # a broken one is told by «ragnhild check»
            if rows := read_schedule(file).rows:
                yield rows.folder


def _files_in(folder: Path) -> list[Path]:
    try:
        found = sorted(file.absolute() for file in folder.iterdir() if file.is_file())
    except OSError as error:
        raise ApplicationException(f"Mappen {folder} går inte att läsa ({error.strerror}).") from None
    if not found:
        raise ApplicationException(f"Mappen {folder} är tom: lägg hemligheterna där först.")
    return found


def _for_systemd(settings: Settings, place: Place, parts: list[str]) -> dict[str, str]:
    from robots.cli.units import systemd_units

    has_its_own = not settings.database_url and parts != [WATCH]
    return systemd_units(place, ["database", *parts] if has_its_own else parts)


def _for_windows(place: Place, parts: list[str], chosen: bool) -> dict[str, str]:
    from robots.cli.units import windows_service

    if not chosen:
        return {"ragnhild.xml": windows_service(place, "up")}
    return {f"ragnhild-{part}.xml": windows_service(place, part) for part in parts}


def _show(path: Path, text: str, *, write: bool) -> None:
    with suppress(OSError, UnicodeDecodeError):
        if path.read_text("utf-8") == text:
            console.say(f"{path}: finns redan så som den ska vara", "bold")
            return
    words = "ändras" if path.exists() else "ny"
    console.say(f"{path}: {words}", "bold")
    if not write:
        console.say(text)


def _write(into: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        try:
            (into / name).write_text(text, "utf-8")
        except OSError as error:
            raise ApplicationException(
                f"{into / name} går inte att skriva ({error.strerror}). Kör kommandot som root, eller välj en mapp "
                "med --into."
            ) from None


def _tell_next(into: Path, files: dict[str, str], place: Place, *, write: bool, windows: bool) -> None:
    if not write:
        console.say("Inget är skrivet. Kör samma kommando som root med --write. Därefter:")
    else:
        console.say("Skrivet. Gör så här nu, som root:")
    if windows:
        for name in files:
            program = (into / name).with_suffix(".exe")
            console.say(f"  1. Lägg WinSW som {program}")
            console.say(f"  2. {program} install", "bold")
            console.say(f'  3. sc.exe config {program.stem} obj= "NT SERVICE\\{program.stem}"', "bold")
            console.say(f"  4. {program} start", "bold")
        return
    for line in _preparations(place):
        console.say(f"  {line}", "bold")
    for line in ("systemctl daemon-reload", "systemctl enable --now ragnhild.target", "systemctl status 'ragnhild*'"):
        console.say(f"  {line}", "bold")


def _preparations(place: Place) -> Iterator[str]:
    """What is still missing on this machine for the services to start."""
    import pwd

    data = place.writes[0]
    try:
        user = pwd.getpwnam(place.user)
    except KeyError:
        yield f"useradd --system --create-home --home-dir {data.parent} {place.user}"
        yield f"install -d -o {place.user} -m 700 {data}"
        return
    if not data.is_dir():
        yield f"install -d -o {place.user} -m 700 {data}"
    elif data.stat().st_uid != user.pw_uid:
        yield f"chown -R {place.user}: {data}"
