"""Drawings are sent to the one who asked, once, or a person gets the case. The judge is the town."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_sent_and_noted

pytestmark = pytest.mark.browser
Send = Callable[[dict[str, Any]], Finished]


@pytest.fixture
def send(carry_out: Callable[..., Finished]) -> Send:
    return lambda case: carry_out("send-drawings", case_number=case["number"], property_id=case["property_id"])


def test_sends_all_drawings_and_notes_it(town: Town, send: Send) -> None:
    case = town.cases("drawings", "normal")[0]
    drawings = town.ask(f"/properties/{case['property_id']}")["drawings"]

    done = send(case)

    message, note = assert_sent_and_noted(town, case, done)
    assert len(message["attachments"]) == len(drawings)
    assert f"{len(drawings)} ritningar" in note["text"]
    assert re.search(r"\(Ragnhild \d+\.\d+\.\d+, send_drawings [0-9a-f]+\)", note["text"])
    assert all(told in note["text"] for told in (message["receipt"], *(d["number"] for d in drawings)))


def test_finds_drawings_under_the_older_designation(town: Town, send: Send) -> None:
    case = town.cases("drawings", "older_designation")[0]
    home = town.ask(f"/properties/{case['property_id']}")
    assert {d["registered_under"] for d in home["drawings"]} == {home["older_designation"]}

    message, _ = assert_sent_and_noted(town, case, send(case))

    assert len(message["attachments"]) == len(home["drawings"])


def test_leaves_secret_drawings_out_and_says_how_many(town: Town, send: Send) -> None:
    case = town.cases("drawings", "some_secret")[0]
    drawings = town.ask(f"/properties/{case['property_id']}")["drawings"]
    secret = [d for d in drawings if d["secret"]]
    assert secret

    message, note = assert_sent_and_noted(town, case, send(case))

    assert len(message["attachments"]) == len(drawings) - len(secret)
    assert not any(d["number"] in name for d in secret for name in message["attachments"])
    assert f"{len(secret)} ritningar är sekretessmarkerade" in note["text"]
    assert [d["number"] in note["text"] for d in drawings] == [not d["secret"] for d in drawings]


@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("all_secret", "Sekretess på ritningarna"),
        ("none_found", "Inga ritningar i arkivet"),
        ("sensitive_building", "Skyddsobjekt"),
        ("protected", "Skyddade personuppgifter"),
    ],
)
def test_a_person_gets_the_case(town: Town, send: Send, twist: str, kind: str) -> None:
    case = town.cases("drawings", twist)[0]

    assert_handed_over(town, case, send(case), kind)


def test_nothing_about_a_protected_person_is_written_anywhere(town: Town, send: Send) -> None:
    case = town.cases("drawings", "protected")[0]
    person = town.ask(f"/people/{case['citizen']}")

    done = send(case)

    (handover,) = town.truth("case_management")
    told = f"{handover['facts']} {done.run.reason} {done.run.todo} {done.events}"
    for secret in (person["last_name"], person["street"], person["personal_number"], person["phone"], person["email"]):
        assert secret not in told


@pytest.mark.long
def test_the_same_request_again_sends_nothing_more(town: Town, send: Send) -> None:
    case = town.cases("drawings", "normal")[1]
    first = send(case)

    again = send(case)

    assert again.run.id == first.run.id
    assert_sent_and_noted(town, case, again)


def assert_illegible_on_disk(done: Finished, words: list[str], elsewhere: Path) -> None:
    """No file of the run's evidence says what it is or whom it is about; unsealed, each of them does."""
    plain = [b"\xff\xd8\xff\xe0\x00\x10JFIF", b"<!doctype", b"<html", *(word.encode() for word in words)]
    files = sorted(done.evidence.folder.iterdir())
    assert [file.name for file in files] == [*sorted(done.pictures), "report.html"]
    for file in files:
        (elsewhere / file.name).write_bytes(done.evidence.read(file.name))

    def legible(folder: Path) -> list[bool]:
        found = [(folder / file.name).read_bytes() for file in files]
        return [any(sign in content for sign in plain) for content in found]

    assert (any(legible(done.evidence.folder)), all(legible(elsewhere))) == (False, True)


def test_a_dry_run_fills_in_the_form_and_changes_nothing(
    town: Town, carry_out: Callable[..., Finished], tmp_path: Path
) -> None:
    case = town.cases("drawings", "normal")[2]

    done = carry_out("send-drawings", case_number=case["number"], property_id=case["property_id"], dry_run=True)

    assert done.outcome == "done"
    assert town.truth() == []
    shown = [title for kind, title in done.events if kind == "picture"]
    assert shown == ["Före: ritningar", "Före: anteckning", "Före: avslut"]
    assert all(len(done.evidence.read(name)) > 5000 for name in done.pictures)
    assert_illegible_on_disk(done, [case["number"], case["property_id"]], tmp_path)


def test_a_property_that_does_not_exist_goes_to_a_person(town: Town, carry_out: Callable[..., Finished]) -> None:
    case = town.cases("drawings", "normal")[3]

    done = carry_out("send-drawings", case_number=case["number"], property_id="EKBACKEN 99:99")

    assert_handed_over(town, case, done, "Fastigheten finns inte")


def test_a_case_locked_by_a_colleague_is_tried_again_and_then_done(
    town: Town, carry_out: Callable[..., Finished]
) -> None:
    case = town.cases("drawings", "normal")[4]
    town.act("case_management", "lock", case_number=case["number"], by="Anna Ek")

    locked = carry_out("send-drawings", case_number=case["number"], property_id=case["property_id"], most=1)
    assert (locked.run.state, town.truth()) == ("running", [])
    town.act("case_management", "unlock", case_number=case["number"])
    done = carry_out("send-drawings", case_number=case["number"], property_id=case["property_id"])

    assert_sent_and_noted(town, case, done)
    assert done.attempts == 2
