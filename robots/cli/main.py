"""``ragnhild``: the command line. One module for each group of commands, and here what they have in common.

Each module exposes ``register(app)``. It imports nothing heavy at its top (no database, no browser, no pydantic): its
commands do that when they are carried out, so that ``ragnhild --help`` answers at once.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from robots.audit.origin import coming_from
from robots.cli import console
from robots.cli.ending import end_on_signal
from robots.cli.swedish import speak_swedish, swedish_usage_error
from robots.errors import RagnhildError

MODULES = (
    "demo", "services", "run", "batch", "runs", "approvals", "orders", "schedules", "tasks", "systems", "letters",
    "new", "check", "doctor", "config", "morning", "keeping", "move_database", "install_service", "telling",
    "portal", "statistics", "audit", "evidence", "trace", "machine_key", "retention", "export", "processing",
)  # fmt: skip
ORDER = (
    "demo", "practice", "up", "worker", "scheduler", "portal", "accounts", "run", "template", "batch", "runs",
    "show", "report", "trace", "approvals", "approve", "deny", "cancel", "retry", "pause", "resume", "stop",
    "schedules", "run-now", "let-go", "workers", "drain", "statistics", "tasks", "systems", "morning-check", "letters",
    "messages", "tell", "watch", "audit", "register", "retention", "export", "new", "check", "doctor", "config",
    "evidence", "machine", "backup", "restore", "move-database", "install-service", "database",
)  # fmt: skip
INTERRUPTED = 130


class InOrder(TyperGroup):
    """Shows the commands in the order in which a person needs them."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def _show_version(wanted: bool) -> None:
    if wanted:
        from robots.version import toolkit_version

        console.say(f"ragnhild {toolkit_version()}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Visa versionen.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Options that stand before any command."""


def build() -> typer.Typer:
    """The whole command line; a module that is not there yet adds nothing."""
    app = typer.Typer(
        name="ragnhild", cls=InOrder, subcommand_metavar="KOMMANDO …", add_completion=False,
        pretty_exceptions_enable=False, no_args_is_help=True,
        help="Programvarurobotar för kontaktcenter: gör de återkommande stegen, en gång, och redovisar dem.",
        epilog="Slutkoder: 0 klar, 1 misslyckades, 2 felaktig uppgift, 3 överlämnad till handläggare.",
    )  # fmt: skip

    app.callback()(_options)
    for name in MODULES:
        if importlib.util.find_spec(f"robots.cli.{name}"):
            importlib.import_module(f"robots.cli.{name}").register(app)
    return app


def carry_out(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code. No traceback ever reaches the person at the screen."""
    try:
        command = speak_swedish(typer.main.get_command(build()))
        with coming_from("cli"):
            answered = command.main(list(arguments), prog_name="ragnhild", standalone_mode=False)
    except RagnhildError as error:
        console.show_error(error)
        return error.exit_code
    except typer.TyperException as error:
        if words := swedish_usage_error(error):
            console.complain(words)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        console.tell("Avbrutet.")
        return INTERRUPTED
    except Exception as error:  # the last station: logged with its place, told without it
        _tell_unexpected(error)
        return 1
    return answered if isinstance(answered, int) else 0


def _tell_unexpected(error: Exception) -> None:
    from loguru import logger

    from robots.logs import set_up_logging
    from robots.settings import load_settings

    where = ""
    with suppress(Exception):  # what broke may be just what the log needs
        settings = load_settings()
        set_up_logging(settings, "ragnhild", quiet=True)
        logger.opt(exception=error).error("the command ended unexpectedly")
        where = f" Vad som hände står i {settings.data_dir / 'logs' / 'ragnhild.log'}; visa den för robotägaren."
    console.complain(f"Ett oväntat fel: {type(error).__name__}.{where or ' Visa det för robotägaren.'}")


def main() -> None:
    """The entry point: carries out ``sys.argv`` and ends the process with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an old terminal without «–» must not end a command
    end_on_signal()
    sys.exit(carry_out(sys.argv[1:]))
