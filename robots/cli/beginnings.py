"""What all that ``ragnhild new`` writes begins with: a name, a title, an owner, and files that nobody has written."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from typing import TYPE_CHECKING

from robots.cli import console
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.settings import Settings

SKELETONS = Path(__file__).parent / "skeletons"
# What is written is to keep within its lines, and a person reads a short title sooner.
LONGEST = 50
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def module_called(name: str, example: str) -> str:
    """The name as a Python file has it. Raises ``WrongInput`` for one that cannot be a file's."""
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(module) or len(name) > LONGEST:
        raise WrongInput("NAMN", name, f"Använd små bokstäver a–z, siffror och bindestreck, som {example}.")
    return module


def title_of(module: str, title: str) -> str:
    """The title as it was given, or the name in plain words. Raises ``WrongInput`` for one that breaks the files."""
    if set(title) & set('"\\') or not title.isprintable():
        raise WrongInput("--title", title, "Skriv titeln utan citattecken.")
    if len(title) > LONGEST:
        raise WrongInput("--title", title, f"Skriv en kortare titel, högst {LONGEST} tecken.")
    return title or module.replace("_", " ").capitalize()


def robot_called(settings: Settings, robot: str) -> str:
    """The robot, or the first one where none is named. Raises ``WrongInput`` for one that there is not."""
    robot = robot or next(iter(settings.robots))
    if robot not in settings.robots:
        raise WrongInput("--robot", robot, f"Det finns {', '.join(settings.robots)}.")
    return robot


def filled_in(skeleton: str, told: dict[str, str]) -> str:
    """The text of a skeleton with these words in it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    texts = Environment(loader=FileSystemLoader(SKELETONS), undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701 - Python, and not a page  # nosec B701
    return texts.get_template(skeleton).render(told)


def listed(text: str, before: str, word: str) -> str:
    """``text`` with one more word in the list that opens where the pattern ``before`` ends, laid out as it is.

    The same text where there is no such list, or comments stand in it.
    """

    def more(told: re.Match[str]) -> str:
        if "#" in told[2]:  # where a comment ends, and whose comma is whose, is for a person
            return told[0]
        inside = told[2].rstrip().rstrip(",")
        if own_lines := re.match(r"\n[ \t]*(?=\S)", inside):
            return f'{told[1]}{inside},{own_lines[0]}"{word}",\n{told[3]}'
        return f'{told[1]}{inside}{", " if inside.strip() else ""}"{word}"{told[3]}'

    return re.sub(rf"({before}\[)([^\]]*)(\])", more, text, count=1, flags=re.MULTILINE | re.DOTALL)


def demand_new(*paths: Path) -> None:
    """Raises ``WrongInput`` where something is there already."""
    for path in paths:
        if path.exists():
            raise WrongInput("NAMN", str(path), "Filen finns redan. Välj ett annat namn.")


def write(files: dict[Path, str]) -> None:
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        console.say(f"Skrev {file}", "green")
