"""What holds for every case system's connector: it tells the same of the same case, and stops where a person has it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from typing import Any, cast

import pytest
from PIL import Image

from robots.cases import Cases, support_management
from robots.cli.town import LOOKER, Town
from robots.effects import Ledger
from robots.errors import BusinessException, DownloadBroken, RecordLocked
from robots.fields import CaseNumber, PersonalNumber
from tests.contract.changes import AnySystem, assert_made_once, make
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems import EVERY, ONCE, Change
from tests.contract.systems.case_systems import MAKE, NO_CASE, NOT_WHEN_CLOSED, with_photo
from tests.contract.systems.kinds import case_of

pytestmark = pytest.mark.browser
CASE_SYSTEMS = [system for system in EVERY if system.reader.__module__.startswith("robots.cases.")]
each_case_system = pytest.mark.parametrize("system", CASE_SYSTEMS, ids=lambda s: s.key)
each_change = pytest.mark.parametrize(
    ("system", "change"),
    [pytest.param(s, change, id=f"{s.key}-{change.name}") for s in CASE_SYSTEMS for change in s.changes],
)


def reader(system: AnySystem, bench_for: Benches) -> Cases.Reader:
    return cast("Cases.Reader", bench_for(system.reader, robot=LOOKER))


def anna_takes(town: Town, system: AnySystem, case_number: CaseNumber) -> None:
    town.act(system.key, "take", case_number=case_number, by="Anna Ek")


def picture(kind: str) -> bytes:
    drawn = BytesIO()
    Image.effect_noise((60, 40), 80).convert("RGB").save(drawn, kind)
    return drawn.getvalue()


def handler(town: Town, system: AnySystem) -> str:
    return str(town.act(system.key, "case", case_number=case_of(town))["handler"])


# -- the contract ---------------------------------------------------------------------------------------------------


@each_case_system
def test_has_just_what_the_contract_has(system: AnySystem) -> None:
    def methods(kind: Any) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    writes = methods(Cases.Writer)
    assert methods(Cases.Reader) <= set(dir(system.reader))
    assert {change.name for change in system.changes} == writes == set(MAKE)


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errand", "twist"),
    [("drawings", "normal"), ("drawings", "protected"), ("missed_bin", "normal"), ("other", "normal")],
)
def test_all_of_them_tell_the_same_of_a_case(errand: str, twist: str, bench_for: Benches, town: Town) -> None:
    known = town.cases(errand, twist)[0]

    told = [reader(system, bench_for).read(CaseNumber(known["number"])) for system in CASE_SYSTEMS]

    assert len(told) > 1
    assert all(case == told[0] for case in told)
    assert told[0].citizen == known["citizen"]
    assert (told[0].protected, bool(told[0].name)) == (twist == "protected", twist != "protected")
    assert (told[0].language, told[0].facility or "") == (known["language"], known["facility"])


@each_case_system
def test_a_list_is_read_whole_over_all_its_pages(system: AnySystem, bench_for: Benches, town: Town) -> None:
    numbers = town.act(system.key, "numbers", inbox="Kontaktcenter")
    assert len(numbers) > 50  # more than one page in each of them

    rows = reader(system, bench_for).inbox("Kontaktcenter")

    assert sorted(row.number for row in rows) == numbers
    assert [row.created for row in rows] == sorted((row.created for row in rows), reverse=True)
    assert {row.inbox for row in rows} == {"Kontaktcenter"}


@each_case_system
def test_rows_say_who_has_the_case_and_whether_it_is_locked(system: AnySystem, bench_for: Benches, town: Town) -> None:
    number = case_of(town)
    anna_takes(town, system, number)
    town.act(system.key, "lock", case_number=number, by="Anna Ek")

    (row,) = reader(system, bench_for).find(words=number)

    assert (row.number, row.handler, row.locked, row.status) == (number, "Anna Ek", True, "Pågående")
    assert row.title == town.cases("drawings", "normal")[0]["title"]


@each_case_system
def test_a_closed_case_is_found_only_when_asked_for(system: AnySystem, bench_for: Benches, town: Town) -> None:
    number, citizen = case_of(town), PersonalNumber(town.cases("drawings", "normal")[0]["citizen"])
    town.act(system.key, "put", case_number=number)
    cases = reader(system, bench_for)

    assert number not in [row.number for row in cases.find(citizen=citizen)]
    assert number in [row.number for row in cases.find(citizen=citizen, also_closed=True)]
    assert cases.read(number).closed


@each_case_system
def test_what_nobody_asked_for_is_not_searched(system: AnySystem, bench_for: Benches, town: Town) -> None:
    cases = reader(system, bench_for)

    with pytest.raises(ValueError, match="citizen or words"):
        cases.find(words=" ")
    with pytest.raises(BusinessException, match="Inkorgen «Hittegods» finns inte"):
        cases.inbox("Hittegods")


# -- the files that came with a case -------------------------------------------------------------------------------


def attach(town: Town, system: AnySystem, case: CaseNumber, name: str, content: bytes, **more: Any) -> None:
    told = b64encode(content).decode()
    town.act(system.key, "attach", case_number=case, name=name, content=told, **more)


def test_all_of_them_tell_the_same_of_a_case_s_files_and_fetch_them_whole(bench_for: Benches, town: Town) -> None:
    case, png = with_photo(town), picture("PNG")
    told, fetched = [], []
    for system in CASE_SYSTEMS:
        attach(town, system, case, "kvitto – åäö.png", png, content_type="image/png")
        attach(town, system, case, "hemlig.jpg", picture("JPEG"), secret=True)
        cases = reader(system, bench_for)
        files = cases.attachments_of(case)
        told.append([(file.name, file.secret, 0 if file.secret else file.size) for file in files])
        fetched.append([cases.download_attachment(case, file) for file in files if not file.secret])
        with pytest.raises(BusinessException) as stop:
            cases.download_attachment(case, files[-1])
        assert stop.value.kind == "Sekretess på bilagan"

        known = [sha for event in town.act(system.key, "case", case_number=case)["events"] for sha in event["sha256"]]
        assert [document.sha256 for document in fetched[-1]] == known[:2]

    photo, second = fetched[0]
    assert (
        told == [[(photo.name, False, len(photo.content)), (second.name, False, len(png)), ("hemlig.jpg", True, 0)]] * 4
    )
    assert fetched == [[photo, second]] * 4
    assert ([photo.type, second.type], second.content) == (["image/jpeg", "image/png"], png)


@each_case_system
def test_a_file_is_what_its_bytes_say(system: AnySystem, bench_for: Benches, town: Town) -> None:
    """Whatever it is called, and whatever the one who sent it says that it is."""
    case, jpeg = case_of(town), picture("JPEG")
    for name, content in (("foto.jpg", b"MZ\x90\x00" + bytes(400)), ("halvt.jpg", jpeg[:-200]), ("brev.exe", jpeg)):
        attach(town, system, case, name, content)
    run = bench_for.new_run(LOOKER)
    cases = cast("Cases.Reader", run.driver(cast("Any", system.reader)))

    found = {f.name: cases.download_attachment(case, f).type for f in cases.attachments_of(case)}

    unknown = "application/octet-stream"
    assert found == {"foto.jpg": unknown, "halvt.jpg": unknown, "brev.exe": "image/jpeg"}
    assert [event.detail["bytes"] for event in run.events() if event.kind == "download"] == [
        404, len(jpeg) - 200, len(jpeg),
    ]  # fmt: skip


@each_case_system
def test_what_was_sent_from_a_case_did_not_come_with_it(system: AnySystem, run: RunAtWork, town: Town) -> None:
    cases: Cases.Writer = run.driver(cast("Any", system.writer))
    MAKE["send_message"][1](cases, case_of(town))
    attach(town, system, case_of(town), "kvar.jpg", picture("JPEG"))

    assert [file.name for file in cases.attachments_of(case_of(town))] == ["kvar.jpg"]


@each_case_system
def test_a_file_that_has_been_taken_away_goes_to_a_person(system: AnySystem, bench_for: Benches, town: Town) -> None:
    case, cases = with_photo(town), reader(system, bench_for)
    (file,) = cases.attachments_of(case)
    town.act(system.key, "without_files", case_number=case)

    with pytest.raises(BusinessException) as stop:
        cases.download_attachment(case, file)

    assert stop.value.kind == "Bilagan finns inte"


def test_a_file_of_another_length_than_was_told_did_not_come_whole(bench_for: Benches, town: Town) -> None:
    cases = bench_for(support_management.Reader, robot=LOOKER)
    (file,) = cases.attachments_of(with_photo(town))

    with pytest.raises(DownloadBroken, match=f"{file.size} av {file.size + 1} byte"):
        cases.download_attachment(with_photo(town), replace(file, size=file.size + 1))


# -- where a change stops -------------------------------------------------------------------------------------------


@each_change
def test_a_locked_case_is_waited_for(system: AnySystem, change: Change, run: RunAtWork, town: Town) -> None:
    town.act(system.key, "lock", case_number=case_of(town), by="Anna Ek")
    with pytest.raises(RecordLocked, match="Anna Ek"):
        make(run, system, change, town)
    assert (town.truth(), run.effect_states()) == ([], {ONCE: "INTENDED"})

    town.act(system.key, "unlock", case_number=case_of(town))
    run.try_again()

    assert_made_once(town, system, change, run, make(run, system, change, town))


@each_change
def test_a_case_that_is_not_there_goes_to_a_person(
    system: AnySystem, change: Change, run: RunAtWork, town: Town
) -> None:
    assert system.writer is not None

    with pytest.raises(BusinessException) as stop:
        MAKE[change.name][1](run.driver(system.writer), NO_CASE)

    assert (stop.value.kind, town.truth()) == ("Ärendet finns inte", [])


@each_change
def test_a_closed_case_takes_notes_and_another_status_only(
    system: AnySystem, change: Change, run: RunAtWork, town: Town
) -> None:
    town.act(system.key, "put", case_number=case_of(town))

    if change.name in NOT_WHEN_CLOSED:
        with pytest.raises(BusinessException, match="avslutat"):
            make(run, system, change, town)
        assert town.truth() == []
    else:
        assert_made_once(town, system, change, run, make(run, system, change, town))


@each_case_system
def test_a_colleague_s_case_is_not_claimed(system: AnySystem, run: RunAtWork, town: Town) -> None:
    anna_takes(town, system, case_of(town))

    with pytest.raises(BusinessException, match="redan en handläggare: Anna Ek"):
        run.driver(cast("Any", system.writer)).claim(case_of(town), once=ONCE)

    assert (town.truth(), handler(town, system)) == ([], "Anna Ek")


@each_case_system
def test_a_colleague_who_is_quicker_keeps_the_case(
    system: AnySystem, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = Ledger.arm

    def arm_too_late(self: Ledger, *told: Any) -> None:
        arm(self, *told)
        anna_takes(town, system, case_of(town))

    monkeypatch.setattr(Ledger, "arm", arm_too_late)

    with pytest.raises(BusinessException, match="Anna Ek"):
        run.driver(cast("Any", system.writer)).claim(case_of(town), once=ONCE)

    assert (town.truth(), handler(town, system)) == ([], "Anna Ek")


@each_case_system
def test_what_is_so_already_is_left_as_it_is(system: AnySystem, run: RunAtWork, town: Town) -> None:
    cases: Cases.Writer = run.driver(cast("Any", system.writer))
    number = case_of(town)
    cases.claim(number, once="ta ärendet")
    town.act(system.key, "put", case_number=number, status="Väntar på medborgaren")

    assert cases.claim(number, once="ta ärendet en gång till") == handler(town, system)
    assert cases.set_status(number, "Väntar på medborgaren", once="status") == "Väntar på medborgaren"

    assert [c["kind"] for c in town.truth(system.key)] == ["claimed"]
    assert set(run.effect_states().values()) == {"CONFIRMED"}


@pytest.mark.long
@pytest.mark.parametrize("system", [s for s in CASE_SYSTEMS if s.key != "case_management"], ids=lambda s: s.key)
def test_a_list_shows_another_version_of_a_case_that_has_changed(
    system: AnySystem, run: RunAtWork, bench_for: Benches, town: Town
) -> None:
    """The one with pages tells none in its lists."""
    number = case_of(town)

    def version() -> str:
        (row,) = reader(system, bench_for).find(words=number)
        return row.version

    before = version()
    assert before == version() != ""
    make(run, system, next(change for change in system.changes if change.name == "set_status"), town)
    assert version() != before
