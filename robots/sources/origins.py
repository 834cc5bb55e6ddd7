"""What a setting's value was taken from, and what is wrong with it there, in words for whoever wrote it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from robots.errors import ConfigurationError

PREFIX = "RAGNHILD_"
# Where the file itself lies, so that it cannot stand in it.
FOLDER = "config_dir"
# What the toolkit's own tests tell the programs that they start.
FOR_TESTS = tuple(
    PREFIX + word for word in ("TEST_", "CHAOS_", "KILL_", "ODD_", "ORDER_", "STILL_", "VISIT_", "WRITE_")
)
_LINE_IN_ERROR = re.compile(r"at line (\d+)")
_COMPARED = {
    "greater_than": ("större än", "gt"),
    "greater_than_equal": ("minst", "ge"),
    "less_than": ("mindre än", "lt"),
    "less_than_equal": ("högst", "le"),
}
_KINDS = {
    "int": "ett heltal",
    "float": "ett tal",
    "bool": "true eller false",
    "string": "text inom citattecken",
    "path": "en sökväg inom citattecken",
    "tuple": 'en lista, som ["a", "b"]',
    "time": "ett klockslag, som 06:00",
}
_NOT_SO = ("type", "parsing", "from_float", "parsing_size")


@dataclass(frozen=True)
class Origin:
    """Where a value comes from: a ``variable``, a ``line`` of a ``file``, or neither: the default."""

    variable: str = ""
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        return self.variable or (f"{self.file}:{self.line}" if self.line else self.file) or "förvalt"


class Origins:
    """The environment and the file of this machine. Raises ``ConfigurationError`` when the file cannot be read."""

    def __init__(self, file: Path, environment: Mapping[str, str]) -> None:
        self._file = file
        self._variables = {
            variable.upper().removeprefix(PREFIX).lower(): variable
            for variable in environment
            if variable.upper().startswith(PREFIX) and not variable.upper().startswith(FOR_TESTS)
        }
        self._text, self._values = _read(file)

    def of(self, name: str) -> Origin:
        """The environment wins over the file."""
        if variable := self._variables.get(name):
            return Origin(variable=variable)
        if name in self._values:
            return Origin(file=str(self._file), line=self._line(name))
        return Origin()

    def demand_known(self, names: Collection[str]) -> None:
        """Raise ``ConfigurationError`` for a name that no setting has, with the one that may have been meant."""
        for name in self._values:
            if name not in names:
                words = f"Inställningen {name} finns inte.{_guess(name, names)}"
                raise ConfigurationError(words, str(self._file), self._line(name))
            if name == FOLDER:
                words = f"{FOLDER} säger var den här filen ligger, och sätts med {PREFIX}{FOLDER.upper()}."
                raise ConfigurationError(words, str(self._file), self._line(name))
        for name, variable in self._variables.items():
            if name not in names:
                raise ConfigurationError(
                    f"Miljövariabeln {variable} är ingen inställning."
                    f"{_guess(name, names, lambda meant: PREFIX + meant.upper())}"
                )

    def wrong(self, error: Mapping[str, Any], given: Collection[str] = ()) -> ConfigurationError:
        """What pydantic found wrong with a value, with its place; ``given`` are names that the program itself gave.

        The value is not shown: it may be a secret.
        """
        name = str(error["loc"][0]) if error["loc"] else ""
        words = f"Inställningen {name} {_in_swedish(error)}."
        origin = Origin() if name in given else self.of(name)
        if origin.variable:
            return ConfigurationError(f"{words} Den kommer från miljövariabeln {origin.variable}.")
        return ConfigurationError(words, origin.file, origin.line)

    def _line(self, name: str) -> int | None:
        key = re.compile(rf"""\s*(["']?){re.escape(name)}\1\s*[=.\]]|\s*\[+\s*{re.escape(name)}\b""")
        return next((n for n, line in enumerate(self._text.splitlines(), 1) if key.match(line)), None)


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    if not file.is_file():
        return "", {}
    try:
        text = file.read_text("utf-8")
        return text, tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:  # not readable, not UTF-8, or not TOML
        line = _LINE_IN_ERROR.search(str(error))
        raise ConfigurationError(
            f"Filen {file.name} går inte att läsa: {error}", str(file), int(line[1]) if line else None
        ) from None


def _guess(name: str, names: Collection[str], written: Any = str) -> str:
    meant = get_close_matches(name, names, n=1)
    return f" Menade du {written(meant[0])}?" if meant else " De som finns visas av: ragnhild config"


def _in_swedish(error: Mapping[str, Any]) -> str:
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind in _COMPARED:
        word, bound = _COMPARED[kind]
        return f"ska vara {word} {context[bound]:g}"
    if kind == "literal_error":
        return f"ska vara {str(context['expected']).replace(' or ', ' eller ')}"
    if kind == "too_short":
        return "får inte vara tom"
    what, _, how = kind.partition("_")
    if what in _KINDS and how in _NOT_SO:
        return f"ska vara {_KINDS[what]}"
    return f"är inte skriven som den ska: {str(error['msg']).removeprefix('Value error, ')}"
