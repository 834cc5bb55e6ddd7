"""``ragnhild config``: every setting, its value, where that came from, and what it means."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson

if TYPE_CHECKING:
    from robots.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("config", help="Visa inställningarna: värde, varifrån det kommer och vad det betyder.")(config)


def config(as_json: AsJson = False) -> None:
    """List the settings. A secret is told as set or not, never shown."""
    listed = settings_listed(machine.open_settings())
    if as_json:
        console.print_json({"settings": listed})
        return
    columns = ["Inställning", "Värde", "Kommer från", "Betydelse"]
    console.table(columns, [(s["name"], _shown(s["value"]), s["source"], s["description"]) for s in listed])


def settings_listed(settings: Settings) -> list[dict[str, Any]]:
    """Name, value, source and description of every setting."""
    from pydantic import SecretStr

    from robots.cli.run_view import MASKED

    file = settings.config_dir / "ragnhild.toml"
    in_file = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    in_environment = {name.upper() for name in os.environ}
    listed = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        variable = f"RAGNHILD_{name.upper()}"
        source = variable if variable in in_environment else str(file) if name in in_file else "förvalt"
        plain = value if isinstance(value, bool | int | float | None) else str(value)
        shown = MASKED if isinstance(value, SecretStr) else plain
        listed.append({"name": name, "value": shown, "source": source, "description": field.description or ""})
    return listed


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return "–" if value in (None, "") else str(value)
