"""A task as a command: its options come from its signature, by way of ``Inputs``, and are checked there alone."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from robots.cli.swedish import speak_swedish

if TYPE_CHECKING:
    from robots.inputs import Input
    from robots.task import Task

# The command line's own options of «run»; an input of a task must not take their places.
OWN_OPTIONS = ("--dry-run", "--ask-first", "--json", "--wait", "--no-wait", "--as", "--again", "--trace", "--help")
_METAVARS = {"date": "ÅÅÅÅ-MM-DD", "number": "TAL"}


def command_of(task: Task, carry_out: Callable[..., None]) -> Any:
    """The Typer command of a task. ``carry_out(task, typed, dry_run=, as_json=, wait=, again=, ask_first=,
    trace=, started_by=)`` does it.

    Every option may be left out as far as Typer knows: what is missing or wrong is told by ``Inputs``, all at once.
    """

    def command(
        *,
        ragnhild_dry_run: bool,
        ragnhild_json: bool,
        ragnhild_wait: bool,
        ragnhild_again: str | None,
        ragnhild_ask_first: bool,
        ragnhild_trace: str | None,
        ragnhild_as: str | None,
        **typed: Any,
    ) -> None:
        given = {name: value for name, value in typed.items() if value is not None}
        carry_out(
            task, given, dry_run=ragnhild_dry_run, as_json=ragnhild_json, wait=ragnhild_wait, again=ragnhild_again,
            ask_first=ragnhild_ask_first, trace=ragnhild_trace, started_by=ragnhild_as,
        )  # fmt: skip

    parameters = [_parameter(each) for each in task.inputs.all] + _own_parameters()
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(
        task.command,
        help=f"{escape(task.title)}. {escape(task.description)}",
        epilog=f"Ansvarig: {escape(task.owner)}",
        options_metavar="[VAL]",
    )(command)
    return speak_swedish(typer.main.get_command(app))


def clashes(task: Task) -> list[str]:
    """Options that two inputs share, or that the command line needs itself."""
    count = Counter(each.option for each in task.inputs.all)
    return [option for option, times in count.items() if times > 1 or option in OWN_OPTIONS]


def _parameter(each: Input) -> inspect.Parameter:
    names = f"{each.option}/--no-{each.option[2:]}" if each.kind == "flag" else each.option
    option = typer.Option(
        names, help=_help(each), metavar=None if each.kind == "flag" else _metavar(each), show_default=False,
        rich_help_panel="Uppgifter att fylla i",
    )  # fmt: skip
    kind: Any = bool | None if each.kind == "flag" else str | None
    return _keyword(each.name, Annotated[kind, option], None)


def _metavar(each: Input) -> str:
    if each.choices:
        return "|".join(each.choices)
    return _METAVARS.get(each.kind, "TEXT")


def _help(each: Input) -> str:
    told = [f"{each.title}."]
    if each.words.example:
        told.append(f"Exempel: {each.words.example}.")
    elif each.words.hint:
        told.append(each.words.hint)
    if each.required:
        told.append("Måste anges.")
    elif each.default not in (None, ""):
        told.append(f"Förvalt: {_written(each.default)}")
    else:
        told.append("Får utelämnas.")
    return escape(" ".join(told))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return str(getattr(value, "value", value))


def _own_parameters() -> list[inspect.Parameter]:
    panel = "Om körningen"
    options = {
        "dry_run": (bool, "--dry-run", False, "Provkörning: fyll i allt men spara inget, och visa de ifyllda sidorna."),
        "ask_first": (
            bool,
            "--ask-first",
            False,
            "Fyll i och vänta: inget skickas förrän du har tittat på det ifyllda och svarat Skicka.",
        ),
        "json": (bool, "--json", False, "Skriv resultatet som ett JSON-dokument."),
        "wait": (bool, "--wait/--no-wait", True, "Vänta tills körningen är slut, eller lägg den bara i kön."),
        "again": (
            str | None,
            "--again",
            None,
            "Gör det en gång till fast det redan är gjort. Skriv varför; skälet sparas med körningen.",
        ),
        "trace": (
            str | None,
            "--trace",
            None,
            "Spara ett fullständigt spår av sidorna, utan bilder, i högst en vecka. Skriv varför; skälet sparas.",
        ),
        "as": (str | None, "--as", None, "Den som beställer körningen, om det är någon annan än den inloggade."),
    }
    return [
        _keyword(
            f"ragnhild_{name}",
            Annotated[
                kind,
                typer.Option(
                    names, help=words, show_default=False, rich_help_panel=panel,
                    metavar={"as": "NAMN", "again": "SKÄL", "trace": "SKÄL"}.get(name),
                ),
            ],
            default,
        )
        for name, (kind, names, default, words) in options.items()
    ]  # fmt: skip


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
