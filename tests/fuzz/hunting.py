"""Examples for one parser, until something is found, or the time or the number is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

# For one example, in processor time: far more than any needs, on any machine.
MOST_SECONDS = 5.0
_ROUND = 2_000


@dataclass(frozen=True)
class Parser:
    """``look`` reads one of the ``values`` and fails when what must hold does not.

    ``spoilt`` is the control: the name of something in the code, and what in its place must be found.
    """

    name: str
    values: st.SearchStrategy[Any]
    look: Callable[[Any], None]
    spoilt: tuple[str, Any]


@dataclass
class Hunted:
    """How much was tried, and what was found; None where nothing was."""

    examples: int = 0
    found: BaseException | None = None


def hunt(parser: Parser, *, examples: int = 0, seconds: float = 0.0, begin: int = 0) -> Hunted:
    """Either so many examples, or as many as there is time for. ``begin`` is the seed: the same finds the same."""
    hunted, until = Hunted(), time.monotonic() + seconds
    while hunted.found is None:
        _round(parser, hunted, examples or _ROUND, begin, until if seconds else None)
        begin += 1
        if not seconds or time.monotonic() >= until:
            break
    return hunted


def control(parser: Parser, *, examples: int) -> Hunted:
    """The same with the defect in its place, which must be found."""
    with patch(*parser.spoilt):
        return hunt(parser, examples=examples)


def _round(parser: Parser, hunted: Hunted, examples: int, begin: int, until: float | None) -> None:
    def each(value: Any) -> None:
        if until is not None and time.monotonic() >= until:
            return
        hunted.examples += 1
        since = time.process_time()
        parser.look(value)
        took = time.process_time() - since
        assert took < MOST_SECONDS, f"{took:.1f} s for one example"

    tried = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink), print_blob=False,
    )(seed(begin)(given(parser.values)(each)))  # fmt: skip
    try:
        tried()
    except HypothesisException:
        raise
    except Exception as found:
        hunted.found = found


@st.composite
def twisted(draw: st.DrawFn, seeds: list[bytes], words: list[bytes]) -> bytes:
    """One of the seeds with up to eight places changed, cut, doubled, or with one of the words put in."""
    told = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.sampled_from((0, 0, 1, 1, 2, 3, 5, 8)))):
        at = draw(st.integers(0, len(told)))
        to = min(len(told), at + draw(st.integers(0, 40)))
        match draw(st.sampled_from(("byte", "word", "cut", "double", "end"))):
            case "byte":
                told[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "word":
                told[at:to] = draw(st.sampled_from(words))
            case "cut":
                del told[at:to]
            case "double":
                told[to:to] = told[at:to]
            case "end":
                del told[at + 1 :]
    return bytes(told)


def in_text(of: st.SearchStrategy[bytes]) -> st.SearchStrategy[str]:
    """The same as letters, whatever the bytes are."""
    return of.map(lambda told: told.decode("utf-8", "replace"))
