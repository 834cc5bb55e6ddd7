"""Letters and messages to citizens: the municipality's own texts, one file for each language, sent only when approved.

A letter is ``config/letters/<name>.<language>.txt``, where the language is an ISO 639-1 code::

    Ämne: Ritningar för {{ property_id }}
    Godkänd: Karin Ek, kommunikatör, 2026-10-01

    Hej!

    {{ message or "Här kommer ritningarna som du bad om." }}

What stands in double braces is given by the task (Jinja). Without the line ``Godkänd`` it is a draft, and no draft is
ever sent. A citizen whose language has no approved text gets the Swedish one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from robots.errors import BusinessException, ConfigurationError

SWEDISH = "sv"
_APPROVED = re.compile(r"(?P<who>.+), (?P<on>\d{4}-\d{2}-\d{2})")
_FILE = re.compile(r"(?P<name>[a-z_]+)\.(?P<language>[a-z]{2})\.txt")
_TEXTS = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True)
class Letter:
    """A letter as it is to be sent. ``approved`` is who answers for the text, and since when."""

    name: str
    language: str
    subject: str
    text: str
    approved: str


@dataclass(frozen=True)
class LetterFile:
    """One text as the municipality has written it; ``approved`` is "" for a draft."""

    file: Path
    name: str
    language: str
    subject: str
    body: str
    approved: str


def read_letter(file: Path) -> LetterFile:
    """Raises ``ConfigurationError`` with file and line when the text is not a letter."""
    told = _FILE.fullmatch(file.name)
    if told is None:
        raise ConfigurationError("Ett brev heter som ritningar.sv.txt: namn, språk (två bokstäver) och txt.", str(file))
    lines = file.read_text("utf-8").splitlines()
    head: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            break
        caption, colon, words = line.partition(":")
        if not colon or caption not in ("Ämne", "Godkänd") or caption in head or not words.strip():
            raise ConfigurationError(
                "Överst står «Ämne: …» och «Godkänd: namn, datum», sedan en tom rad.", str(file), number
            )
        head[caption] = words.strip()
    if "Ämne" not in head:
        raise ConfigurationError("Brevet har inget ämne. Skriv «Ämne: …» på första raden.", str(file), 1)
    approved, body = head.get("Godkänd", ""), "\n".join(lines[len(head) + 1 :]).strip()
    if approved and not _is_approval(approved):
        words = "Raden «Godkänd» ska ha namn och datum: «Godkänd: Karin Ek, kommunikatör, 2026-10-01»."
        raise ConfigurationError(words, str(file), list(head).index("Godkänd") + 1)
    for text, first in ((head["Ämne"], 1), (body, len(head) + 2)):
        try:
            _TEXTS.parse(text)
        except TemplateSyntaxError as error:
            raise ConfigurationError(
                f"Texten går inte att fylla i: {error.message}", str(file), first + error.lineno - 1
            ) from None
    return LetterFile(file, told["name"], told["language"], head["Ämne"], body, approved)


def _is_approval(words: str) -> bool:
    told = _APPROVED.fullmatch(words)
    try:
        return told is not None and bool(date.fromisoformat(told["on"]))
    except ValueError:
        return False


class Letters:
    """The letters in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> list[Path]:
        return sorted(self._folder.glob("*")) if self._folder.is_dir() else []

    def all(self) -> Iterator[LetterFile]:
        """Every letter in every language. Raises ``ConfigurationError`` at the first that is none."""
        return (read_letter(file) for file in self.files())

    def write(self, name: str, language: str, **values: object) -> Letter:
        """The letter in the citizen's language, or in Swedish where there is no approved text in theirs.

        Raises ``BusinessException`` where the Swedish text is a draft, ``ConfigurationError`` where there is none, or
        where it wants to be told something that the task does not give it.
        """
        for code in dict.fromkeys((language, SWEDISH)):
            file = self._folder / f"{name}.{code}.txt"
            if file.is_file() and (text := read_letter(file)).approved:
                return _filled_in(text, values)
        if not (self._folder / f"{name}.{SWEDISH}.txt").is_file():
            raise ConfigurationError(
                f"Brevet {name} finns inte på svenska.", str(self._folder / f"{name}.{SWEDISH}.txt")
            )
        raise BusinessException(
            f"Brevet «{name}» är inte godkänt av någon.",
            kind="Texten är inte godkänd",
            todo="Svara den sökande för hand, och låt någon godkänna brevets text.",
        )


def _filled_in(text: LetterFile, values: dict[str, object]) -> Letter:
    try:
        subject, body = (_template(part).render(values).strip() for part in (text.subject, text.body))
    except TemplateError as error:
        raise ConfigurationError(
            f"Brevet vill fylla i något som uppgiften inte lämnar, eller inte får: {error.message}", str(text.file)
        ) from None
    return Letter(text.name, text.language, " ".join(subject.split()), body, text.approved)


@cache
def _template(text: str) -> Template:
    return _TEXTS.from_string(text)


def letters_in(source: str) -> list[tuple[int, str]]:
    """The letters that a task's file writes with ``run.letter("name", …)``, each with its line."""
    return [
        (node.lineno, node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "letter"
        and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    ]  # fmt: skip
