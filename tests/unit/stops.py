"""Under which name a task's rule stops, for tests of rules as ordinary functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from robots.errors import BusinessException


def kind_of(rule: Callable[..., object], *arguments: Any, **more: Any) -> str:
    """The kind of the stop, "" where the rule lets through. A stop that leaves nothing to do is none of a rule's."""
    try:
        rule(*arguments, **more)
    except BusinessException as stop:
        return stop.kind if stop.todo else "nothing for a person to do"
    return ""
