"""A fault is reported once, at its place; what is reported, dangerous or somebody else's is not."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from robots.cli.town import Town
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_made, assert_sent_and_noted

pytestmark = pytest.mark.browser
KEY, ERRAND = "fault_reports", "fault_report"
LAMP = "Gatlampa lyser inte"
Report = Callable[..., Finished]


@pytest.fixture
def report(carry_out: Callable[..., Finished], town: Town) -> Report:
    def reporting(case: dict[str, Any], kind: str = LAMP, **typed: Any) -> Finished:
        street = town.ask(f"/properties/{case['property_id']}")["street"]
        told = {"case_number": case["number"], "kind": kind, "address": street, "photo": "Bild utan personer"}
        return carry_out("report-fault", **(told | typed))

    return reporting


def in_swedish(town: Town, twist: str = "normal") -> dict[str, Any]:
    return next(case for case in town.cases(ERRAND, twist) if case["language"] == "sv")


def attach(town: Town, case: dict[str, Any], name: str, content: bytes, **more: Any) -> None:
    told = b64encode(content).decode()
    town.act("case_management", "attach", case_number=case["number"], name=name, content=told, **more)


def sums_of_files(town: Town, case: dict[str, Any]) -> list[str]:
    events = town.act("case_management", "case", case_number=case["number"])["events"]
    return [each for event in events for each in event["sha256"]]


def png() -> bytes:
    drawn = BytesIO()
    Image.effect_noise((80, 60), 90).save(drawn, "PNG")
    return drawn.getvalue()


def near(town: Town, case: dict[str, Any]) -> list[str]:
    place = town.act(KEY, "place", property_id=case["property_id"])
    found: list[str] = town.act(KEY, "near", **place)
    return found


def test_reports_the_fault_at_its_place_and_tells_the_number(town: Town, report: Report) -> None:
    case = in_swedish(town)
    place = town.act(KEY, "place", property_id=case["property_id"])

    made, message, note = assert_made(
        town, report(case, description="Den blinkar."), "fault_reported", "message_sent", "note_added"
    )

    (photo,) = sums_of_files(town, case)
    assert (made["group"], made["about"], made["pictures"]) == ("Belysning", LAMP, [photo])
    assert "1 bild skickad med anmälan." in note["text"]
    assert abs(made["n"] - place["n"]) + abs(made["e"] - place["e"]) <= 8
    assert made["text"].endswith("Den blinkar.")
    assert all(made["number"] in told["text"] for told in (message, note))
    assert message["about"] == note["about"] == case["number"]
    assert [mail["recipient"] for mail in town.mail()] == [message["to"]]


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "Brunnslock saknas"},
        pytest.param({"kind": "Skylt", "danger": "ja"}, marks=pytest.mark.long),
        pytest.param({"kind": "Kabel hänger ner", "address": ""}, marks=pytest.mark.long),
    ],
)
def test_a_danger_goes_to_a_person_before_anything_is_looked_up(
    town: Town, report: Report, typed: dict[str, Any]
) -> None:
    case = in_swedish(town, "danger")

    done = report(case, **typed)

    handover = assert_handed_over(town, case, done, "Fara")
    assert handover["todo"].startswith("Ring jouren nu.")
    assert [words for kind, words in done.events if kind == "step"] == ["Kontrollera om felet är farligt {}"]


@pytest.mark.long
@pytest.mark.parametrize("owner", ["Trafikverket", "Stockhagens samfällighetsförening"])
def test_a_road_that_is_somebody_elses_is_referred_in_words(town: Town, report: Report, owner: str) -> None:
    case = next(c for c in town.cases() if c["property_id"] and _road_owner(town, c) == owner and not _is_special(c))

    message, note = assert_sent_and_noted(town, case, report(case))

    assert owner in note["text"]
    if case["language"] in ("sv", "en"):
        assert owner in message["text"]
    assert town.truth(KEY) == []


def _road_owner(town: Town, case: dict[str, Any]) -> str:
    return str(town.ask(f"/properties/{case['property_id']}")["road_owner"])


def _is_special(case: dict[str, Any]) -> bool:
    return case["twist"] in ("protected", "deceased", "outside_map", "stranger") or case["errand"] != "other"


@pytest.mark.long
def test_graffiti_is_the_municipality_s_whoever_looks_after_the_road(town: Town, report: Report) -> None:
    case = town.cases(ERRAND, "other_road_owner")[0]

    made, *_ = assert_made(town, report(case, "Klotter"), "fault_reported", "message_sent", "note_added")

    assert made["group"] == "Klotter och skräp"


@pytest.mark.long
def test_what_is_reported_already_is_told_and_not_reported_again(town: Town, report: Report) -> None:
    case = in_swedish(town, "duplicate")
    (known,) = near(town, case)

    message, note = assert_sent_and_noted(town, case, report(case))

    assert known in message["text"]
    assert known in note["text"]
    assert "ligger kvar i ärendet" in note["text"]
    assert near(town, case) == [known]


@pytest.mark.long
def test_another_fault_at_the_same_place_is_reported(town: Town, report: Report) -> None:
    case = town.cases(ERRAND, "duplicate")[0]

    assert_made(town, report(case, "Klotter"), "fault_reported", "message_sent", "note_added")

    assert len(near(town, case)) == 2


@pytest.mark.long
def test_its_own_report_of_an_attempt_cut_short_is_not_taken_for_another_s(town: Town, report: Report) -> None:
    case = in_swedish(town)
    town.act("case_management", "lock", case_number=case["number"], by="Anna Ek")
    report(case, most=1)
    assert [change["kind"] for change in town.truth()] == ["fault_reported"]
    town.act("case_management", "unlock", case_number=case["number"])

    made, message, _ = assert_made(town, report(case), "fault_reported", "message_sent", "note_added")

    assert f"Anmälan har nummer {made['number']}" in message["text"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("twist", "typed", "kind"),
    [
        ("outside_map", {"address": "Storgatan 1"}, "Platsen är okänd"),
        ("no_place", {"address": ""}, "Platsen är okänd"),
        ("normal", {"photo": "Bild där personer syns"}, "Personer på bilden"),
        ("normal", {"kind": "Något annat"}, "Kategorin är oklar"),
    ],
)
def test_a_person_gets_the_case(town: Town, report: Report, twist: str, typed: dict[str, Any], kind: str) -> None:
    case = town.cases(ERRAND, twist)[0]

    assert_handed_over(town, case, report(case, **typed), kind)


@pytest.mark.long
def test_one_who_is_protected_is_answered_by_a_person(town: Town, report: Report) -> None:
    case = town.cases("consumer_advice", "protected")[0]

    assert_handed_over(town, case, report(case), "Skyddade personuppgifter")


@pytest.mark.long
def test_several_photos_come_whole_and_in_their_order(town: Town, report: Report) -> None:
    case = town.cases(ERRAND, "normal")[0]
    attach(town, case, "Anna Ek på gatan.png", png(), content_type="image/png")
    attach(town, case, "utan ändelse", png())

    made, _, note = assert_made(town, report(case), "fault_reported", "message_sent", "note_added")

    assert made["pictures"] == sums_of_files(town, case)
    assert len(made["pictures"]) == 3
    shown = next(each for each in town.act(KEY, "reports") if each["nr"] == made["number"])
    assert shown["bilder"] == "bild 1.jpg, bild 2.png, bild 3.png"
    assert "3 bilder skickade med anmälan." in note["text"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("photo", "attached", "left"), [("Ingen bild", False, ""), ("Bild som inte ska med", True, "ligger kvar i ärendet")]
)
def test_without_photos_the_fault_is_reported_all_the_same(
    town: Town, report: Report, photo: str, attached: bool, left: str
) -> None:
    case = town.cases(ERRAND, "normal")[0]
    if not attached:
        town.act("case_management", "without_files", case_number=case["number"])

    made, _, note = assert_made(town, report(case, photo=photo), "fault_reported", "message_sent", "note_added")

    assert (made["pictures"], left in note["text"], "skickad med" in note["text"]) == ([], True, False)


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ({"name": "lampa.jpg", "content": b"MZ\x90\x00" + bytes(4000)}, "Bilagan är ingen bild"),
        ({"name": "lampa.jpg", "content": png()[:-40]}, "Bilagan är ingen bild"),
        ({"name": "stor.jpg", "content": b"\xff\xd8\xff" + bytes(5_000_000)}, "För stor bild"),
        ({"name": "lampa.png", "content": png(), "secret": True}, "Sekretess på bilagan"),
    ],
    ids=["a program", "half a picture", "too large", "secret"],
)
def test_a_file_that_is_no_photo_to_send_on_stops_everything(
    town: Town, report: Report, file: dict[str, Any], kind: str
) -> None:
    case = town.cases(ERRAND, "normal")[0]
    attach(town, case, **file)

    assert_handed_over(town, case, report(case), kind)


@pytest.mark.long
@pytest.mark.parametrize(
    ("photo", "files", "kind"),
    [("Ingen bild", 1, "Bilden är inte granskad"), ("Bild utan personer", 0, "Bilden saknas"),
     ("Bild utan personer", 4, "För många bilder")],
)  # fmt: skip
def test_photos_that_nobody_has_looked_at_or_chosen_from(
    town: Town, report: Report, photo: str, files: int, kind: str
) -> None:
    case = town.cases(ERRAND, "normal")[0]
    if not files:
        town.act("case_management", "without_files", case_number=case["number"])
    for number in range(files - 1):
        attach(town, case, f"{number}.png", png())

    assert_handed_over(town, case, report(case, photo=photo), kind)


@pytest.mark.long
def test_asked_for_twice_it_is_reported_once(town: Town, report: Report) -> None:
    case = town.cases(ERRAND, "normal")[0]
    first = report(case)

    again = report(case)

    assert again.run.id == first.run.id
    assert_made(town, again, "fault_reported", "message_sent", "note_added")


@pytest.mark.long
def test_a_dry_run_changes_nothing(town: Town, report: Report) -> None:
    done = report(town.cases(ERRAND, "normal")[0], dry_run=True)

    assert (done.outcome, town.truth(), town.mail()) == ("done", [], [])
