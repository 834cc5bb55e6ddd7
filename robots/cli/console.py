"""Shared printing: results on standard output, all other talk on standard error, and words for people."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from robots.errors import RagnhildError

# A table that goes to a file or another program is not squeezed into the 80 columns that nobody looks at.
WIDTH_OF_A_PIPE = 220
STATE_WORDS = {
    "queued": "I kö", "running": "Pågår", "waiting_approval": "Väntar på dig: titta och svara", "done": "Klar",
    "handed_over": "Överlämnad till handläggare", "failed": "Misslyckades", "cancelled": "Avbruten",
}  # fmt: skip
# What may be left of a run that is done, by the methods of the case system.
WAITING_WORDS = {"add_note": "anteckning", "set_status": "status", "hand_over": "fördelning"}
STATE_STYLES = {"done": "green", "handed_over": "yellow", "failed": "red", "cancelled": "dim", "running": "cyan",
                "waiting_approval": "bold yellow"}  # fmt: skip
# 0 done, 1 failed, 3 handed over; a run that a person stopped did not do what was asked.
EXIT_CODES = {"done": 0, "failed": 1, "handed_over": 3, "cancelled": 1}

# What a terminal would obey instead of showing, and what turns the order of letters around.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _Console(Console):
    """Shows what others have written as it is: only our own colours reach the terminal as commands."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(_OBEYED.sub("\ufffd", segment.text), segment.style)


@cache
def out() -> Console:
    """Standard output: what was asked for, and nothing else."""
    return _console(stderr=False)


@cache
def err() -> Console:
    """Standard error: progress, warnings and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_OF_A_PIPE
    return _Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def say(text: str = "", style: str = "") -> None:
    """A line of the result. A path in it is never broken over two lines."""
    out().print(Text(text, style), soft_wrap=True)


def tell(text: str = "", style: str = "") -> None:
    """A line for the person, beside the result. Where nobody reads any more, a terminal that is gone, it is left."""
    with suppress(OSError):
        err().print(Text(text, style), soft_wrap=True)


def complain(text: str) -> None:
    """An error, in red."""
    tell(text, "bold red")


def show_error(error: RagnhildError) -> None:
    """An error with all its notes, and what a person should do about it."""
    complain(str(error))
    for note in getattr(error, "__notes__", []):
        complain(note)
    if todo := getattr(error, "todo", ""):
        tell(f"Att göra: {todo}")


def print_json(document: Any) -> None:
    """The one JSON document of a command."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=_as_json) + "\n")
    sys.stdout.flush()


def _as_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], title: str = "") -> None:
    """A table on standard output."""
    shown = Table(*columns, title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    out().print(shown)


def state_text(state: str, waits: Collection[str] | None = None) -> Text:
    """A run's state in Swedish, in its colour. ``waits`` are the changes in its case that are left for later."""
    left = [words for name, words in WAITING_WORDS.items() if name in (waits or ())]
    listed = " och ".join(part for part in (", ".join(left[:-1]), *left[-1:]) if part)
    words = STATE_WORDS.get(state, state) + (f", {listed} väntar" if left else "")
    return Text(words, "yellow" if left else STATE_STYLES.get(state, ""))


def clock(moment: datetime | None) -> str:
    """A time as people here write it, in Swedish time, whatever the machine's own."""
    from robots.local_time import on_the_wall

    return f"{on_the_wall(moment):%Y-%m-%d %H:%M:%S}" if moment else "–"


def seconds_text(seconds: float | None) -> str:
    """A duration: ``4,2 s``."""
    return "–" if seconds is None else f"{float(seconds):.1f} s".replace(".", ",")
