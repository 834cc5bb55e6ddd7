"""What the town must say of a case when a run has ended."""

from __future__ import annotations

from typing import Any

from robots.cli.town import Town
from tests.conftest import Finished

Facts = dict[str, Any]


CASE_SYSTEMS = ("case_management", "easit_go", "email", "support_management")


def changes(town: Town, case: dict[str, Any], system: str = "") -> list[dict[str, Any]]:
    """What has happened in the case, whichever case system it lies in; with ``system`` what has with its facility."""
    if system:
        return [c for c in town.truth(system) if c["about"] == case["facility"]]
    return [c for c in town.truth() if c["system"] in CASE_SYSTEMS and c["about"] == case["number"]]


def assert_made(town: Town, done: Finished, *kinds: str) -> list[Facts]:
    """Exactly these changes in this order, each sure, and no other anywhere: what each of them says."""
    assert (done.outcome, done.run.reason) == ("done", "")
    made = town.truth()
    assert [change["kind"] for change in made] == list(kinds)
    assert set(done.effects.values()) == {"CONFIRMED"}
    return [change["facts"] | {"about": change["about"], "by": change["by"]} for change in made]


def assert_sent_and_noted(town: Town, case: dict[str, Any], done: Finished) -> tuple[Facts, Facts]:
    """One message and one note in the case, one mail to its citizen, and nothing else anywhere."""
    assert (done.outcome, done.run.reason) == ("done", "")
    message, note = changes(town, case)
    assert [message["kind"], note["kind"]] == ["message_sent", "note_added"]
    assert len(town.truth()) == 2
    (mail,) = town.mail()
    assert mail["recipient"] == message["facts"]["to"]
    assert [name for name, _, _ in mail["attachments"]] == message["facts"]["attachments"]
    assert set(done.effects.values()) == {"CONFIRMED"}
    return message["facts"], note["facts"]


def assert_handed_over(town: Town, case: dict[str, Any], done: Finished, kind: str) -> Facts:
    """The case lies with a person, with reason and todo, and nothing else has happened."""
    assert (done.outcome, done.run.kind, done.run.in_case) == ("handed_over", kind, True)
    (handover,) = town.truth()
    assert (handover["kind"], handover["about"]) == ("handed_over", case["number"])
    facts: Facts = handover["facts"]
    assert facts["reason"] == done.run.reason
    assert facts["todo"] == done.run.todo != ""
    assert facts["inbox"] == case["inbox"]
    assert town.mail() == []
    return facts
