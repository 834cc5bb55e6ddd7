"""What the town must say of a case when a run has ended."""

from __future__ import annotations

import re
from typing import Any

from robots.cli.town import Town
from tests.conftest import Finished

Facts = dict[str, Any]


CLOSED = "Avslutat"
CASE_SYSTEMS = ("case_management", "easit_go", "email", "support_management")


def changes(town: Town, case: dict[str, Any], system: str = "") -> list[dict[str, Any]]:
    """What has happened in the case, whichever case system it lies in; with ``system`` what has with its facility."""
    if system:
        return [c for c in town.truth(system) if c["about"] == case["facility"]]
    return [c for c in town.truth() if c["system"] in CASE_SYSTEMS and c["about"] == case["number"]]


def assert_left_as(town: Town, ending: list[dict[str, Any]], status: str) -> None:
    """What was done last in the case: its status and, unless that closes it, that it was handed on to a person."""
    assert [change["kind"] for change in ending] == ["status_set", *([] if status == CLOSED else ["handed_over"])]
    set_to, about, system = ending[0]["facts"]["status"], ending[0]["about"], ending[0]["system"]
    now = town.act(system, "case", case_number=about)
    assert (set_to, now["status"]) == (status, status)
    if status != CLOSED:
        (handed,) = ending[1:]
        assert (handed["about"], now["handler"]) == (about, "")
        assert handed["facts"]["inbox"] == now["inbox"]
        assert all(handed["facts"][told] for told in ("reason", "todo"))


def assert_made(town: Town, done: Finished, *kinds: str, status: str = CLOSED) -> list[Facts]:
    """Exactly these changes in this order and then the case's status, each sure, and no other anywhere: what each of
    them says."""
    assert (done.outcome, done.run.reason) == ("done", "")
    made, ending = town.truth()[: len(kinds)], town.truth()[len(kinds) :]
    assert [change["kind"] for change in made] == list(kinds)
    assert_left_as(town, ending, status)
    assert set(done.effects.values()) == {"CONFIRMED"}
    return [change["facts"] | {"about": change["about"], "by": change["by"]} for change in made]


def cut_short_at_the_note(town: Town) -> None:
    """The first attempt meets a form of another name; a case system that is down would only let the note wait."""
    town.fault("case_management", "label_renamed", path="/anteckning$", old="Ny anteckning", new="Anteckna", times=1)


def assert_sent_and_noted(town: Town, case: dict[str, Any], done: Finished) -> tuple[Facts, Facts]:
    """One message and one note in the case, which is closed, one mail to its citizen, and nothing else anywhere."""
    assert (done.outcome, done.run.reason) == ("done", "")
    message, note, *ending = changes(town, case)
    assert [message["kind"], note["kind"]] == ["message_sent", "note_added"]
    assert_left_as(town, ending, CLOSED)
    assert len(town.truth()) == 3
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
    # What we keep has the citizen's own address covered; the case may have it.
    assert re.fullmatch(re.escape(done.run.reason).replace("▮▮▮", ".+"), facts["reason"])
    assert facts["todo"] == done.run.todo != ""
    assert facts["inbox"] == case["inbox"]
    assert town.mail() == []
    return facts
