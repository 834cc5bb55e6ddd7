"""Typer's own words in Swedish: the titles of its help, and what it says of a command line it cannot read."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer import rich_utils

_PHRASES = (
    (r"No such option: (\S+)(?: \(Possible options: (.*)\))?", r"Valet \1 finns inte.", r" Menar du \2?"),
    (r"No such command '(.*)'\.(?: Did you mean (.*)\?)?", r"Kommandot \1 finns inte.", r" Menar du \2?"),
    (r"Missing argument '(.*)'\..*", r"\1 måste anges.", ""),
    (r"Missing option '(.*)'\..*", r"Valet \1 måste anges.", ""),
    (r"Missing command\.", r"Ange ett kommando.", ""),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", r"«\1» är för mycket. Saknas citattecken?", ""),
    (r"Option '(.*)' requires an argument\.", r"Valet \1 behöver ett värde.", ""),
    (r"Option '(.*)' does not take a value\.", r"Valet \1 tar inget värde.", ""),
    (r"Invalid value for '(.*?)': Input should be a valid (?:integer|number).*", r"\1: skriv ett tal.", ""),
    (r"Invalid value for '(.*?)': Input should be (?:greater|less) than or equal to (.*)", r"\1: gränsen är \2.", ""),
    (r"Invalid value for '(.*?)': '(.*)' is not .*", r"\1: \2 går inte att använda.", ""),
    (r"Invalid value for '(.*?)': (.*)", r"\1: \2", ""),
)  # fmt: skip


def speak_swedish(command: Any) -> Any:
    """The command, and those within it, with their help pages in Swedish."""
    rich_utils.ARGUMENTS_PANEL_TITLE = "Anges"
    rich_utils.OPTIONS_PANEL_TITLE = "Val"
    rich_utils.COMMANDS_PANEL_TITLE = "Kommandon"
    rich_utils.REQUIRED_LONG_STRING = "[måste anges]"
    rich_utils.DEFAULT_STRING = "[förvalt: {}]"
    command.options_metavar = command.options_metavar and "[VAL]"
    option = command.get_help_option(typer.Context(command))
    if option is not None:
        option.help, option.metavar = "Visa den här hjälpen.", " "
    for param in command.params:
        if getattr(param, "is_flag", False):
            param.metavar = param.metavar or " "  # the help says <bool> of every switch otherwise
    for inner in getattr(command, "commands", {}).values():
        speak_swedish(inner)
    return command


def swedish_usage_error(error: typer.TyperException) -> str:
    """What was wrong with the command line, and how to see what it can be."""
    words = error.format_message()
    for pattern, swedish, suggestion in _PHRASES:
        found = re.fullmatch(pattern, words, re.DOTALL)
        if found:
            words = found.expand(swedish + (suggestion if found.lastindex == 2 or not suggestion else ""))
            break
    if not words:
        return ""  # no command at all: the help has been shown
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "ragnhild"
    return f"{words} Se «{path} --help»."
