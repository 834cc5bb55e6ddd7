"""What a slot and a task's process say to each other, and how it is put.

To the process goes whatever Python can put in a row (pickle): it is the slot that says it. What comes back has been
made by a task, and is names and plain values (JSON), nothing that does anything when it is read.
"""

from __future__ import annotations

import builtins
import io
import json
import pickle
import struct
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import IO, Any

from pydantic import BaseModel

from robots.errors import RagnhildError
from robots.fields import Identifier
from robots.systems.documents import Document

# A letter is some thousand characters; files are named by their sum and not sent back.
MOST_ASKED = 1 << 20
LONGEST_WORDS = 4000
# How a file is named, and what kind of identifier a text is, in what would otherwise be any mapping.
FILE, IDENTIFIER = "$file", "$identifier"
IDENTIFIERS = {kind.__name__: kind for kind in Identifier.__subclasses__()}
# What an error carries that came from the slot: its number there.
NUMBER = "_number_in_slot"
_LENGTH = struct.Struct(">I")


class Rubbish(Exception):
    """What came over the channel is nothing that the toolkit's own side of it ever says."""


class Outside(Exception):
    """Something went wrong in the slot for which a task has no word."""


def send(channel: IO[bytes], content: bytes) -> None:
    channel.write(_LENGTH.pack(len(content)) + content)
    channel.flush()


def receive(channel: IO[bytes], most: int) -> bytes | None:
    """The next message; None where the other side has gone, perhaps in the middle of one. Raises ``Rubbish``."""
    head = channel.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise Rubbish("a message that is too long")
    content = channel.read(length)
    return content if len(content) == length else None


# -- from the slot --------------------------------------------------------------------------------------------------


class _Pickler(pickle.Pickler):
    """``module``: whose classes the process has under a name of its own. ``seen`` is told each file that is sent."""

    def __init__(self, file: IO[bytes], module: str, seen: Callable[[Document], None] | None) -> None:
        super().__init__(file, protocol=5)
        self._module = module
        self._seen = seen

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type) and value.__module__ == self._module:
            return _in_task, (value.__qualname__,)
        if self._seen and isinstance(value, Document):
            self._seen(value)
        return NotImplemented


# The module of the one task that this process runs; empty in every other process.
own_module: dict[str, Any] = {}


def _in_task(qualified: str) -> Any:
    """The class of that name in the task's own file, as this process has read it."""
    found: Any = None
    for name in qualified.split("."):
        found = own_module[name] if found is None else getattr(found, name)
    return found


def packed(value: Any, *, module: str = "", seen: Callable[[Document], None] | None = None) -> bytes:
    into = io.BytesIO()
    _Pickler(into, module, seen).dump(value)
    return into.getvalue()


def unpacked(content: bytes) -> Any:
    return pickle.loads(content)  # noqa: S301 - read by a task's process only, of what its slot says


def packed_error(error: Exception, number: int) -> bytes:
    """An error of the slot, to be raised in the task as what it is."""
    known = isinstance(error, RagnhildError) or type(error).__module__ == builtins.__name__
    if known:
        try:
            return packed(("raised", number, type(error), error.args, vars(error)))
        except (pickle.PicklingError, TypeError, AttributeError):  # it holds something of the slot's own
            pass
    return packed(("raised", number, Outside, (type(error).__name__,), {}))


def rebuilt(number: int, kind: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    """The error as it was raised in the slot, whatever its class wants to be made of."""
    error: Exception = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    setattr(error, NUMBER, number)
    return error


# -- from the task --------------------------------------------------------------------------------------------------


def put(**asked: Any) -> bytes:
    """Raises ``TypeError`` for what is no value, and ``ValueError`` for too much of it."""
    content = json.dumps(plain(asked), ensure_ascii=False).encode()
    if len(content) > MOST_ASKED:
        raise ValueError(f"Det är för mycket på en gång: {len(content)} byte, och högst {MOST_ASKED} går.")
    return content


def read(content: bytes) -> dict[str, Any]:
    """Raises ``Rubbish``."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        raise Rubbish("a message that is no JSON") from None
    if not isinstance(told, dict):
        raise Rubbish("a message that asks for nothing")
    return told


def plain(value: Any) -> Any:
    """A value as JSON has it. What it was stands in the annotations of the method that it is for."""
    match value:
        case Enum():
            return plain(value.value)
        case Identifier() if IDENTIFIERS.get(type(value).__name__) is type(value):
            return {IDENTIFIER: type(value).__name__, "value": str(value)}
        case None | bool() | int() | float() | str():
            return value
        case Document():
            return {FILE: value.sha256, "name": value.name, "type": value.type}
        case date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {str(plain(key)): plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(each) for each in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.init}
    raise TypeError(f"{type(value).__name__} går inte att lämna till ett system")
