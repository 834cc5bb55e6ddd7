"""What Alfrida says of a case's person, and what nobody may say of it elsewhere."""

from __future__ import annotations

import json
from typing import Any

from robots.cli.town import Town
from tests.conftest import Finished

KEY = "mobility_service"
# An application's answers about health, and the doctor whose certificate they call for.
HEALTH = ("nedsättning", "värk", "specialist", "allmänläkare")


def written_in(case: dict[str, Any]) -> str:
    """The language that the citizen's letter is written in: the texts in the other languages are drafts."""
    return "en" if case["language"] == "en" else "sv"


def investigations(town: Town, case: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the case's citizen, the latest first."""
    found: list[dict[str, Any]] = town.act(KEY, "investigations", person=case["citizen"])
    return found


def assert_health_untold(town: Town, done: Finished) -> None:
    """Neither the log, the report, the outcome, the case nor a mail says anything of it."""
    cases = [f"{change['facts']}" for change in town.truth("case_management")]
    told = [*(title for _, title in done.events), done.run.reason or "", done.run.todo or "", done.report, *cases,
            json.dumps(town.mail(), ensure_ascii=False)]  # fmt: skip
    assert [word for words in told for word in HEALTH if word in words.lower()] == []
    assert not any("intyg" in words for words in cases)
