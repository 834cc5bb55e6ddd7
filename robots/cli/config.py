"""``ragnhild config``: every setting, its value, where that came from, and which secrets there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer
from rich.padding import Padding
from rich.text import Text

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import COVERED, RagnhildError
from robots.portal.needed_secrets import Needed, needed_secrets
from robots.portal.settings_listed import DEFAULT, settings_listed

if TYPE_CHECKING:
    from robots.settings import Settings

# How far in stands what is said of a line.
INDENT = 4
STATES = {"found": "finns", "missing": "SAKNAS", "unused": "saknas", "unknown": "går inte att se"}


def register(app: typer.Typer) -> None:
    app.command("config", help="Visa inställningarna: värde, varifrån det kommer och vad det betyder.")(config)


def config(as_json: AsJson = False) -> None:
    """List the settings, then the secrets that they need: found or missing, never shown."""
    settings = machine.open_settings()
    listed = settings_listed(settings)
    problem = ""
    try:
        secrets = list(needed_secrets(settings))
    except RagnhildError as error:  # the settings are all the more worth seeing
        secrets, problem = [], str(error)
    if as_json:
        told = {"settings": listed, "secrets": [_document(needed) for needed in secrets]}
        console.print_json(told | ({"problem": problem} if problem else {}))
        return
    _say_settings("Satta här", [s for s in listed if s["source"] != DEFAULT])
    _say_settings("Förvalda", [s for s in listed if s["source"] == DEFAULT])
    _say_secrets(settings, secrets)
    if problem:
        console.complain(problem)


def _say_settings(heading: str, listed: Iterable[dict[str, Any]]) -> None:
    console.say(heading, "bold")
    for setting in listed:
        line = f":{setting['line']}" if setting["line"] else ""
        source = f"  ({setting['source']}{line})" if setting["source"] != DEFAULT else ""
        console.say(f"{setting['name']} = {_shown(setting['value'])}{source}")
        _say_below(setting["description"])
    console.say()


def _say_secrets(settings: Settings, secrets: list[Needed]) -> None:
    console.say(f"Hemligheter (söks i {', '.join(settings.secret_sources)}; de visas aldrig)", "bold")
    alike: dict[tuple[str, str, str, bool], list[Needed]] = {}
    for needed in secrets:  # a robot's one password for all its systems is one line
        alike.setdefault((needed.whose, needed.traced.place, needed.traced.problem, needed.wanted), []).append(needed)
    for group in alike.values():
        needed = group[0]
        used = ", ".join(each.where for each in group)
        console.say(f"{needed.whose}: {STATES[needed.state]}", "red" if needed.state in ("missing", "unknown") else "")
        _say_below(f"för {used}")
        if needed.state == "found":
            _say_below(f"{COVERED} i {needed.traced.place}")
        else:
            _say_below(needed.traced.problem or _where_to_put(settings, group))
        for place in needed.traced.hidden:
            _say_below(f"Också i {place}, som inte läses. Ta bort den som inte gäller.")


def _where_to_put(settings: Settings, group: list[Needed]) -> str:
    needed = group[0]
    if settings.is_practised(needed.where):
        return "Läggs in av övningskommunen när den öppnas: ragnhild practice"
    each = len(needed.places) // len(needed.names)
    words = f"Lägg i {' eller '.join(needed.places[-each:])}"
    return words if len(needed.names) == 1 else f"{words}; eller ett eget, som {needed.places[0]}"


def _say_below(text: str) -> None:
    console.out().print(Padding(Text(text, "dim"), (0, 0, 0, INDENT), expand=False))


def _document(needed: Needed) -> dict[str, Any]:
    return {
        "for": needed.whose, "used": needed.where, "names": list(needed.names), "state": needed.state,
        "value": COVERED if needed.state == "found" else None, "source": needed.traced.source,
        "place": needed.traced.place, "also_in": list(needed.traced.hidden), "looked_in": list(needed.places),
        "problem": needed.traced.problem,
    }  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return "–" if value in (None, "") else str(value)
