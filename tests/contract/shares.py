"""Which of the contract's tests belong to ``make test``, and which only to ``make test-long`` and ``make levels``.

Nineteen systems times every fault is hours. The case system and one without pages go through all of it at every change.
Each of the others shows with one page and one change what its levels «reads» and «journals» stand on, and a tenth of
the tests that are its own. What the base of all drivers answers for, and a lost answer, is shown by every third of them
in turn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contract.levels import JOURNALS, READS
from tests.contract.systems import EVERY

HERE = Path(__file__).parent
WHOLE = {"case_management", "easit_go"}
OWN_SHARE = 10
# Each with the one fault that it is shown with, where its parameters give it several.
IN_TURN = {
    "test_tries_a_wrong_password_once_in_all": "", "test_refuses_another_page_than_it_asked_for": "",
    "test_a_dry_run_changes_nothing_and_shows_the_form": "", "test_a_user_without_the_right_finds_no_way_to_write": "",
    "test_an_answer_lost_after_the_change": "rst",
}  # fmt: skip
EVERY_THIRD = 3
# A page more of a system that goes through all of it, and no other kind of page than those that it has already.
NO_OTHER_KIND = "case_management-attachments_of"


def leave_to_long(items: Sequence[pytest.Item]) -> None:
    """Mark what ``make test`` leaves out as ``long``. Other folders have tests that are named after systems as well."""
    own: Counter[str] = Counter()
    for item in (each for each in items if each.path.parent == HERE):
        system = next((s for s in EVERY if s.key not in WHOLE and _about(item, s.key)), None)
        if system is None:
            if NO_OTHER_KIND in item.nodeid:
                item.add_marker(pytest.mark.long)
            continue
        if item.path.stem == f"test_{system.key}":
            own[system.key] += 1
            kept = own[system.key] % OWN_SHARE == 1
        else:
            kept = _stands_for_its_system(item, system.key)
        if not kept:
            item.add_marker(pytest.mark.long)


def _about(item: pytest.Item, key: str) -> bool:
    return item.path.stem == f"test_{key}" or re.search(rf"[\[-]{key}[\]-]", item.nodeid) is not None


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name))


def _stands_for_its_system(item: pytest.Item, key: str) -> bool:
    name = _name(item)
    system = next(s for s in EVERY if s.key == key)
    firsts = [system.readings[0].name, *(change.name for change in system.changes[:1])]
    told = item.nodeid.partition("[")[2].rstrip("]")
    of_a_first = told == key or any(_holds(told, f"{key}-{first}") for first in firsts)
    if name in IN_TURN:
        in_turn = (EVERY.index(system) + list(IN_TURN).index(name)) % EVERY_THIRD == 0
        return of_a_first and in_turn and _holds(told, IN_TURN[name])
    return of_a_first and name in READS | JOURNALS


def _holds(told: str, word: str) -> bool:
    return not word or re.search(rf"(?:^|-){word}(?:-|$)", told) is not None
