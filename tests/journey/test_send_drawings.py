"""Drawings are sent to the one who asked, once, or a person gets the case. The judge is the town."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.cli.town import Town
from tests.conftest import Finished

pytestmark = pytest.mark.browser


def test_sends_all_drawings_and_notes_it(town: Town, carry_out: Callable[..., Finished]) -> None:
    case = town.cases("drawings", "normal")[0]
    told = town.ask(f"/properties/{case['property_id']}")

    done = carry_out("send-drawings", case_number=case["number"], property_id=case["property_id"])

    assert done.outcome == "done"
    sent, note = town.truth("case_management")
    assert (sent["kind"], sent["about"], len(sent["facts"]["attachments"])) == (
        "message_sent", case["number"], len(told["drawings"]),
    )  # fmt: skip
    assert note["kind"] == "note_added"
    assert [m["recipient"] for m in town.mail()] == [sent["facts"]["to"]]
