"""What is explained of mutants that no test notices is about code that is there."""

from __future__ import annotations

import tomllib

from tests.architecture.source import ROOT
from tests.mutants.explained import Explained, explained, gone


def test_every_explanation_is_about_words_that_are_there() -> None:
    told = explained()
    assert gone(told) == []
    stale = Explained(file="robots/effects.py", was="MOST_ARMINGS = 4711", why="a control, and nothing more than that")
    assert gone([*told, stale]) == [stale]


def test_what_is_spoilt_and_what_tries_it_are_there() -> None:
    modules = tomllib.loads((ROOT / "tests/mutants/modules.toml").read_text("utf-8"))
    told = [item for each in modules.values() for item in each.items()]
    named = {path for place, tests in told for path in (place.partition("#")[0], *tests)}
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []
    assert {each.file for each in explained()} <= named
