"""The stop before a protected person, below all tasks: no task can forget it, or switch it off.

A run stops where a page that it arrives at, or an answer that a system gives its task, says that somebody's identity
is protected. Nothing tells who it is: not the reason, not a picture, not what is kept of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any

from robots.errors import ProtectedPerson

if TYPE_CHECKING:
    from robots.systems.access import SystemAccess

# What every system may say, as a sentence of its own or at the end of one («Kunden har skyddade personuppgifter»). What
# a system calls it beside these stands in its system.toml.
WORDS = (
    "skyddade personuppgifter", "skyddad identitet", "skyddad person", "skyddad folkbokföring", "skyddade uppgifter",
    "skyddad adress", "sekretessmarkering", "sekretessmarkering i folkbokföringen", "sekretessmarkerad person",
)  # fmt: skip
# What an answer calls it: the driver's own dataclasses.
_SAYING = ("protected", "protection")


def demand_nobody_protected(answer: object) -> None:
    """Raise ``ProtectedPerson`` where an answer about one thing says it. A list may hold others than the run is for."""
    if is_dataclass(answer) and any(getattr(answer, name, None) for name in _SAYING):
        raise ProtectedPerson


def guard_answers(driver: type[SystemAccess]) -> None:
    """Let every method of the class be looked at when it answers a task, and not when the driver asks itself."""
    for name, method in list(vars(driver).items()):
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(driver, name, _guarded(method))


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def answering(self: SystemAccess, /, *args: Any, **kwargs: Any) -> Any:
        if self.is_asked or not self.bench.stops_at_protected:
            return method(self, *args, **kwargs)
        self.is_asked = True
        try:
            answer = method(self, *args, **kwargs)
        finally:
            self.is_asked = False
        demand_nobody_protected(answer)
        return answer

    return answering


def words_of(own: Iterable[str]) -> list[str]:
    """What is looked for on the pages of a system that has ``own`` words."""
    return [word.casefold() for word in (*WORDS, *own)]
