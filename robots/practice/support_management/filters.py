"""The filter language of errands: ``status:'NEW' and (title~'*sopor*' or not category:'OMSORG')``.

``:`` is equal, ``~`` like (``*`` is anything, upper case does not count), ``>`` and ``<`` compare as texts. A field
that has several values fits when one of them does. ``and`` binds harder than ``or``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Fits = Callable[[dict[str, Any]], bool]
TOKEN = re.compile(r"\s*(?:('(?:\\.|[^'\\])*')|([()~:<>])|([A-Za-z][\w.]*))")
# As the errand is stored; it is told with two of them inside "classification".
FIELDS = {
    "errandNumber": "errandNumber", "title": "title", "description": "description", "status": "status",
    "category": "classification.category", "type": "classification.type", "channel": "channel", "created": "created",
    "assignedUserId": "assignedUserId", "parameters.key": "parameters.key", "parameters.values": "parameters.values",
    "stakeholders.firstName": "stakeholders.firstName", "stakeholders.lastName": "stakeholders.lastName",
    "stakeholders.parameters.values": "stakeholders.parameters.values",
}  # fmt: skip


class WrongFilterError(Exception):
    """Nobody can read this filter; ``words`` say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def read_filter(text: str) -> Fits:
    """Whether an errand, as it is told, fits. Raises ``WrongFilterError``."""
    if not text.strip():
        return lambda _: True
    reader = _Reader(text)
    fits = reader.either()
    if reader.next:
        raise WrongFilterError(f"Unexpected {reader.next!r} in filter.")
    return fits


def values_at(told: Any, path: str) -> Iterator[str]:
    """All values there are at the path, whatever lists it leads through."""
    if isinstance(told, list):
        for each in told:
            yield from values_at(each, path)
    elif not path:
        yield str(told)
    elif isinstance(told, dict):
        first, _, rest = path.partition(".")
        if told.get(first) is not None:
            yield from values_at(told[first], rest)


class _Reader:
    """Reads a filter from left to right; ``next`` is what comes, "" at the end."""

    def __init__(self, text: str) -> None:
        self._tokens = self._split(text)
        self.next = next(self._tokens, "")

    def _split(self, text: str) -> Iterator[str]:
        place = 0
        while text[place:].strip():
            found = TOKEN.match(text, place)
            if not found:
                raise WrongFilterError(f"Cannot read the filter at {text[place : place + 10]!r}.")
            place = found.end()
            yield found[0].strip()

    def _take(self) -> str:
        taken, self.next = self.next, next(self._tokens, "")
        return taken

    def either(self) -> Fits:
        parts = [self._both()]
        while self.next == "or":
            self._take()
            parts.append(self._both())
        return lambda told: any(part(told) for part in parts)

    def _both(self) -> Fits:
        parts = [self._one()]
        while self.next == "and":
            self._take()
            parts.append(self._one())
        return lambda told: all(part(told) for part in parts)

    def _one(self) -> Fits:
        first = self._take()
        if first == "not":
            denied = self._one()
            return lambda told: not denied(told)
        if first == "(":
            inner = self.either()
            if self._take() != ")":
                raise WrongFilterError("A parenthesis is not closed.")
            return inner
        return self._comparison(first)

    def _comparison(self, field: str) -> Fits:
        if field not in FIELDS:
            raise WrongFilterError(f"Could not resolve attribute '{field}'.")
        sign, text = self._take(), self._take()
        if sign not in COMPARISONS or not text.startswith("'"):
            raise WrongFilterError(f"Cannot read what is asked of '{field}'.")
        wanted, fits = re.sub(r"\\(.)", r"\1", text[1:-1]), COMPARISONS[sign]
        return lambda told: any(fits(value, wanted) for value in values_at(told, FIELDS[field]))


def _like(value: str, wanted: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in wanted.casefold().split("*"))
    return re.fullmatch(pattern, value.casefold(), re.DOTALL) is not None


COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    ":": lambda value, wanted: value == wanted,
    "~": _like,
    ">": lambda value, wanted: value > wanted,
    "<": lambda value, wanted: value < wanted,
}
