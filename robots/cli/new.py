"""``ragnhild new``: a working beginning of what an admin adds, with its tests."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.errors import ApplicationException, WrongInput

if TYPE_CHECKING:
    from robots.settings import Settings

SKELETONS = Path(__file__).parent / "skeletons"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def register(app: typer.Typer) -> None:
    new = typer.Typer(help="Börja på en ny uppgift.", no_args_is_help=True)
    new.command("task", help="Skriv början till en ny uppgift, med prov, och ge den till en robot.")(new_task)
    app.add_typer(new, name="new")


def new_task(
    name: Annotated[str, typer.Argument(metavar="NAMN", help="uppgiftens namn, som skicka-tomtkarta")],
    title: Annotated[str, typer.Option("--title", help="vad uppgiften heter för den som startar den")] = "",
    robot: Annotated[str, typer.Option("--robot", help="vilken robot som får den; utan det den första")] = "",
) -> None:
    """Write the task's file and its test, and name it among the robot's tasks. Nothing that exists is written over."""
    settings = machine.open_settings()
    if not _NAME.fullmatch(name):
        raise WrongInput("NAMN", name, "Använd små bokstäver a–z, siffror och bindestreck, som skicka-tomtkarta.")
    robot = robot or next(iter(settings.robots))
    if robot not in settings.robots:
        raise WrongInput("--robot", robot, f"Det finns {', '.join(settings.robots)}.")
    if set(title) & set('"\\\n'):
        raise WrongInput("--title", title, "Skriv titeln utan citattecken.")
    module = name.replace("-", "_")
    words = title or module.replace("_", " ").capitalize()
    told = {"name": module, "command": module.replace("_", "-"), "title": words, "owner": settings.robots[robot].owner}
    files = {
        settings.tasks_dir / f"{module}.py": _filled_in("task.py.txt", told),
        Path("tests/journey") / f"test_{module}.py": _filled_in("test_task.py.txt", told),
    }
    _demand_new(files)
    robots_file = settings.config_dir / "robots.toml"
    listed = with_task(robots_file.read_text("utf-8"), robot, module)
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        console.say(f"Skrev {file}", "green")
    robots_file.write_text(listed, "utf-8")
    console.say(f"Lade till uppgiften hos roboten {robot} i {robots_file}", "green")
    _demand_rights(settings, robot)
    console.say("Skriv om filen till det uppgiften ska göra, och kör «ragnhild check».")


def with_task(robots: str, robot: str, task: str) -> str:
    """The text of ``robots.toml`` with one more task for the robot, and not a letter changed besides.

    Raises ``ApplicationException`` where the file is written in a way that this cannot be done to.
    """
    table = re.compile(rf"(^\[{re.escape(robot)}\]\s*$.*?^tasks\s*=\s*\[)([^\]]*)(\])", re.MULTILINE | re.DOTALL)

    def more(told: re.Match[str]) -> str:
        inside = told[2].rstrip().rstrip(",")
        return f'{told[1]}{inside}{", " if inside.strip() else ""}"{task}"{told[3]}'

    changed = table.sub(more, robots, count=1)
    wanted: dict[str, Any] = tomllib.loads(robots)
    wanted[robot].setdefault("tasks", []).append(task)
    if tomllib.loads(changed) != wanted:
        raise ApplicationException(f'Lägg själv till "{task}" i listan tasks under [{robot}] i robots.toml.')
    return changed


def _filled_in(skeleton: str, told: dict[str, str]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    texts = Environment(loader=FileSystemLoader(SKELETONS), undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701  # what is written is Python, and not a page
    return texts.get_template(skeleton).render(told)


def _demand_new(files: dict[Path, str]) -> None:
    for file in files:
        if file.exists():
            raise WrongInput("NAMN", str(file), "Filen finns redan. Välj ett annat namn.")


def _demand_rights(settings: Settings, robot: str) -> None:
    """The new task reads and notes in a case: say so at once when the robot may not."""
    if settings.access.get(robot, {}).get(settings.cases) != "journal":
        console.say(
            f"Roboten {robot} får inte anteckna i {settings.cases} än: ge den «journal» i access.toml.", "yellow"
        )  # fmt: skip
