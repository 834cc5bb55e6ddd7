"""``ragnhild new system``: a driver that reads and changes something, and a stand-in that it is tried on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.beginnings import demand_new, filled_in, listed, module_called, robot_called, title_of, write
from robots.errors import ApplicationException, ConfigurationError, WrongInput

SYSTEMS = Path("robots/systems")
LAYERS = Path("pyproject.toml")
CONTRACT = "The systems know nothing of each other"
_ADDRESS = re.compile(r"(?:https?://[^\s\"\\@]+|\{town\}/[^\s\"\\]*)")


def new_system(
    name: Annotated[str, typer.Argument(metavar="NAMN", help="systemets namn på engelska, som grit-bins")],
    title: Annotated[str, typer.Option("--title", help="vad systemet heter i kommunen")] = "",
    url: Annotated[str, typer.Option("--url", help="systemets adress; utan den en i övningskommunen")] = "",
    robot: Annotated[str, typer.Option("--robot", help="en robot som ska arbeta där; utan det den första")] = "",
) -> None:
    """Write the driver and its test, and name the system wherever it has to stand. Nothing is written over."""
    settings = machine.open_settings()
    module = module_called(name, "grit-bins")
    robot = robot_called(settings, robot)
    title = title_of(module, title)
    url = url or f"{{town}}/{module.replace('_', '-')}"
    if not _ADDRESS.fullmatch(url):
        raise WrongInput("--url", url, "Skriv adressen som https://…, utan användare och lösenord i den.")
    _demand_checkout()
    files = _files(module, title, settings.robots[robot].owner)
    systems_file, access_file = (settings.config_dir / f"{each}.toml" for each in ("systems", "access"))
    if module in settings.systems:
        raise WrongInput("NAMN", name, f"Systemet {module} finns redan i {systems_file}.")
    # A module of the base, and a case system, would answer to the same name.
    demand_new(SYSTEMS / module, SYSTEMS / f"{module}.py", SYSTEMS.parent / "cases" / module, *files)
    layers = with_system(LAYERS.read_text("utf-8"), module)
    write(files)
    LAYERS.write_text(layers, "utf-8")
    console.say(f"Lade till systemet i {LAYERS}", "green")
    with systems_file.open("a", encoding="utf-8") as more:
        more.write(f'\n[{module}]\nurl = "{url}"\n')
    console.say(f"Lade till adressen i {systems_file}", "green")
    right = f'{module} = "journal"'
    console.say(f"Roboten {robot} får inget göra där än. Lägg till i {access_file}, under [{robot}]: {right}", "yellow")
    console.say(f"Lägg dess lösenord i filen {settings.secrets_dir / f'{robot}.{module}'}.", "yellow")
    console.say("Skriv om filerna till det som står på systemets sidor, och kör «ragnhild check».")


def with_system(layers: str, module: str) -> str:
    """The text of ``pyproject.toml`` with the system in the contract that keeps the systems apart.

    Raises ``ApplicationException`` where the file is written in a way that this cannot be done to.
    """
    word = f"robots.systems.{module}"
    wanted: dict[str, Any] = tomllib.loads(layers)
    contracts = wanted.get("tool", {}).get("importlinter", {}).get("contracts", [])
    systems: list[str] = next((each["modules"] for each in contracts if each["name"] == CONTRACT), [])
    if word in systems:
        return layers
    systems.append(word)
    changed = listed(layers, rf'^name = "{CONTRACT}"$.*?^modules\s*=\s*', word)
    if changed == layers or tomllib.loads(changed) != wanted:
        raise ApplicationException(f'Lägg själv till "{word}" under «{CONTRACT}» i {LAYERS}, och kör kommandot igen.')
    return changed


def _demand_checkout() -> None:
    if not (LAYERS.is_file() and (SYSTEMS / "driver.py").is_file()):
        raise ConfigurationError(f"Stå i den mapp där {SYSTEMS}/ och {LAYERS} ligger när du skriver kommandot.")


def _files(module: str, title: str, owner: str) -> dict[Path, str]:
    # In the order that ruff wants them in, which depends on the name.
    imports = sorted((
        "from robots.systems.driver import Driver",
        "from robots.systems.once import effect",
        f"from robots.systems.{module}.model import Note",
    ))  # fmt: skip
    told = {"name": module, "title": title, "owner": owner, "imports": "\n".join(imports)}
    folder = SYSTEMS / module
    return {
        folder / "__init__.py": filled_in("system_init.py.txt", told),
        folder / "system.toml": filled_in("system.toml.txt", told),
        folder / "model.py": filled_in("system_model.py.txt", told),
        folder / "driver.py": filled_in("system_driver.py.txt", told),
        folder / "landmarks.toml": filled_in("system_landmarks.toml.txt", told),
        Path("tests/unit") / f"test_{module}.py": filled_in("test_system.py.txt", told),
    }
