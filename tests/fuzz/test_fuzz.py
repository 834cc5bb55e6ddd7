"""The short form: some examples for each parser, and each control on a defect that is planted.

The long form, ``python -m tests.fuzz``, takes an hour for each.
"""

from __future__ import annotations

import pytest

from tests.fuzz.hunting import control, hunt
from tests.fuzz.parsers import PARSERS

# A workbook is unpacked in a process of its own each time.
_QUICK = [name for name in PARSERS if name != "workbooks"]


@pytest.mark.parametrize("name", _QUICK)
def test_some_examples_find_nothing(name: str) -> None:
    assert hunt(PARSERS[name], examples=10).found is None


@pytest.mark.long
@pytest.mark.parametrize("name", PARSERS)
def test_more_examples_find_nothing_and_the_planted_defect_is_found(name: str) -> None:
    assert hunt(PARSERS[name], examples=30 if name == "workbooks" else 300).found is None
    assert control(PARSERS[name], examples=3000).found is not None
