"""``ragnhild new``: a working beginning of what an admin adds, with its tests."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.beginnings import demand_new, filled_in, listed, module_called, robot_called, title_of, write
from robots.cli.new_system import new_system
from robots.errors import ApplicationException

if TYPE_CHECKING:
    from robots.settings import Settings


def register(app: typer.Typer) -> None:
    new = typer.Typer(help="Börja på en ny uppgift eller ett nytt system.", no_args_is_help=True)
    new.command("task", help="Skriv början till en ny uppgift, med prov, och ge den till en robot.")(new_task)
    new.command("system", help="Skriv början till ett nytt verksamhetssystem, med prov.")(new_system)
    app.add_typer(new, name="new")


def new_task(
    name: Annotated[str, typer.Argument(metavar="NAMN", help="uppgiftens namn, som skicka-tomtkarta")],
    title: Annotated[str, typer.Option("--title", help="vad uppgiften heter för den som startar den")] = "",
    robot: Annotated[str, typer.Option("--robot", help="vilken robot som får den; utan det den första")] = "",
) -> None:
    """Write the task's file and its test, and name it among the robot's tasks. Nothing that exists is written over."""
    settings = machine.open_settings()
    module = module_called(name, "skicka-tomtkarta")
    robot = robot_called(settings, robot)
    told = {
        "name": module,
        "command": module.replace("_", "-"),
        "title": title_of(module, title),
        "owner": settings.robots[robot].owner,
    }
    files = {
        settings.tasks_dir / f"{module}.py": filled_in("task.py.txt", told),
        Path("tests/journey") / f"test_{module}.py": filled_in("test_task.py.txt", told),
    }
    demand_new(*files)
    robots_file = settings.config_dir / "robots.toml"
    robots = with_task(robots_file.read_text("utf-8"), robot, module)
    write(files)
    robots_file.write_text(robots, "utf-8")
    console.say(f"Lade till uppgiften hos roboten {robot} i {robots_file}", "green")
    _demand_rights(settings, robot)
    console.say("Skriv om filen till det uppgiften ska göra, och kör «ragnhild check».")


def with_task(robots: str, robot: str, task: str) -> str:
    """The text of ``robots.toml`` with the task among the robot's, and not a letter changed besides.

    Raises ``ApplicationException`` where the file is written in a way that this cannot be done to.
    """
    wanted: dict[str, Any] = tomllib.loads(robots)
    tasks = wanted[robot].setdefault("tasks", [])
    if task in tasks:
        return robots
    tasks.append(task)
    changed = listed(robots, rf"^\[{re.escape(robot)}\]\s*$.*?^tasks\s*=\s*", task)
    if tomllib.loads(changed) != wanted:
        words = f'Lägg själv till "{task}" i listan tasks under [{robot}] i robots.toml, och kör kommandot igen.'
        raise ApplicationException(words)
    return changed


def _demand_rights(settings: Settings, robot: str) -> None:
    """The new task reads and notes in a case: say so at once when the robot may not."""
    if settings.access.get(robot, {}).get(settings.cases) != "journal":
        console.say(
            f"Roboten {robot} får inte anteckna i {settings.cases} än: ge den «journal» i access.toml.", "yellow"
        )  # fmt: skip
