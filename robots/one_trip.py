"""Asking a page something in one trip, in a way that does not cost more than the looking.

What a function in the page is told and answers travels as JSON in one string. As a tree of values it is taken apart,
checked and put together at each stop between the robot and the page (``benchmarks/one_trip.py`` shows what that costs).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Frame

# Some old script libraries teach lists another JSON (``Array.prototype.toJSON``); an answer without a prototype has not
# been taught. It is the function's own and not the page's, so that nobody else notices.
_AS_JSON = """answer => {
  const untaught = value => {
    if (!value || typeof value !== 'object') return;
    Object.values(value).forEach(untaught);
    Object.setPrototypeOf(value, null);
  };
  if ([].toJSON || {}.toJSON) untaught(answer);
  return JSON.stringify(answer) ?? 'null';
}"""
# Half a character, as where a page has cut its text in the middle of an emoji: nothing could write it down.
_HALF = re.compile(r"(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def ask(frame: Frame, function: str, told: Any = None) -> Any:
    """What a function in the page answers when it is told something; both are what JSON can say.

    A key without a value is not in the answer, and half a character is U+FFFD. Raises Playwright's error, as its
    ``evaluate`` does.
    """
    answer = frame.evaluate(f"async told => ({_AS_JSON})(await ({function}\n)(JSON.parse(told)))", json.dumps(told))
    return read_answer(answer)


def answering(function: str) -> str:
    """The function of one thing in the page, as one that answers in JSON: for ``read_answer``."""
    return f"async thing => ({_AS_JSON})(await ({function}\n)(thing))"


def read_answer(answer: str) -> Any:
    """What an ``answering`` function has answered."""
    return json.loads(_HALF.sub(r"\1\\ufffd", answer) if "\\ud" in answer else answer)
