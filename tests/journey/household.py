"""What of a household's economy must never leave Socio, and whether it has."""

from __future__ import annotations

import json
import re
from typing import Any

from robots.cli.town import Town
from robots.practice.income_support.state import COSTS, INCOMES
from tests.conftest import Finished

KEY = "income_support"
LEAST = 1_000  # a smaller amount may be a number of seconds, a status or a page


def record_of(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    """The file of the case's household, as the town has it."""
    told: dict[str, Any] = town.act(KEY, "file", citizen=case["citizen"])
    return told


def economy_in(text: str, record: dict[str, Any]) -> list[str]:
    """The amounts, the names of costs and incomes, and the personal numbers of the household that stand in a text."""
    amounts = {n for n in _numbers_in({key: record[key] for key in _WITH_AMOUNTS}) if abs(n) >= LEAST}
    written = {f"{n}" for n in amounts} | {f"{n:,}".replace(",", " ") for n in amounts}
    words = written | {*COSTS, *INCOMES} | {*record["adults"], *record["children"]}
    return sorted(word for word in words if re.search(rf"(?<![\w.,-]){re.escape(word)}(?![\w-])", text))


def assert_economy_untold(town: Town, case: dict[str, Any], done: Finished) -> None:
    """Neither the log, the report, the case nor a mail says anything of it."""
    told = [
        *(f"{title}" for _, title in done.events),
        done.run.reason or "", done.run.todo or "",
        re.sub(r"data:[^\"]+", "", done.report),
        *(f"{c['facts']}" for c in town.truth("case_management")),
        json.dumps(town.mail(), ensure_ascii=False),
    ]  # fmt: skip
    assert economy_in("\n".join(told), record_of(town, case)) == []


_WITH_AMOUNTS = ("applications", "replies", "calculations", "documents")


def _numbers_in(told: Any) -> set[int]:
    if isinstance(told, dict | list):
        return set().union(*map(_numbers_in, told.values() if isinstance(told, dict) else told))
    return {told} if isinstance(told, int) and not isinstance(told, bool) else set()
