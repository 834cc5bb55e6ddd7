"""The rules of the two tasks about special transport that are arithmetic or reading, over all their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from robots.fields import PersonalNumber
from robots.systems.mobility_service import (
    FINAL,
    FIRST,
    REMINDER,
    Application,
    FileRecord,
    InterviewTime,
    Investigation,
    Letter,
)
from tasks import ask_for_mobility_supplement as supplement
from tasks import open_mobility_investigation as opening
from tests.unit.stops import kind_of

PERSON = PersonalNumber("19811118-9802")
APPLICATION = Application(
    "EA-26110042", date(2026, 11, 2), "Färdtjänst", "Rörelsenedsättning", "Ja", "Allmänläkare", date(2026, 10, 1),
    own_words=False, papers={}, registered_in="",
)  # fmt: skip
RECORD = FileRecord(
    "A-20001", PERSON, protected=False, deceased=False, resident=True, applications=(APPLICATION,),
    open_investigations=(),
)  # fmt: skip
INVESTIGATION = Investigation(
    "FT-2026-1001", PERSON, protected=False, status="Ofullständig ansökan", officer="Siv Malm",
    received=date(2026, 11, 2), lacks="Läkarintyg", supplement_came=None, ask_before=date(2026, 11, 16),
    decide_before=None, interview="", reference="", locked_by="",
)  # fmt: skip


# -- which letter is due --------------------------------------------------------------------------------------------


def letter(kind: str, due: str) -> Letter:
    last = date.fromisoformat(due) if due else None
    return Letter("BR-40001", kind, date(2026, 11, 2), last, "Post")


@pytest.mark.parametrize(
    ("sent", "today", "wait", "next_one"),
    [
        ([], "2026-11-20", 0, FIRST),
        ([(FIRST, "2026-11-19")], "2026-11-20", 0, REMINDER),
        ([(FIRST, "2026-11-19")], "2026-11-23", 1, REMINDER),  # the workday after is a Friday
        ([(FIRST, "2026-10-01"), (REMINDER, "2026-11-19")], "2026-11-20", 0, FINAL),
        ([(FIRST, "2026-10-01"), (FIRST, "2026-11-19")], "2026-11-20", 0, REMINDER),
    ],
)
def test_the_letter_that_follows(sent: list[tuple[str, str]], today: str, wait: int, next_one: str) -> None:
    assert supplement.next_letter([letter(*each) for each in sent], date.fromisoformat(today), wait) == next_one


@pytest.mark.parametrize(
    ("sent", "today", "wait", "kind"),
    [
        ([(FIRST, "2026-11-20")], "2026-11-20", 0, "Svarstiden har inte gått ut"),  # the last day is the citizen's
        ([(FIRST, "2026-11-21")], "2026-11-20", 0, "Svarstiden har inte gått ut"),
        ([(FIRST, "2026-11-19")], "2026-11-20", 1, "Svarstiden har inte gått ut"),
        ([(FIRST, "2026-11-19")], "2026-11-23", 2, "Svarstiden har inte gått ut"),
        ([(FIRST, "2026-10-01"), (REMINDER, "2026-11-20")], "2026-11-20", 0, "Svarstiden har inte gått ut"),
        ([(FINAL, "2026-11-20")], "2026-11-20", 0, "Svarstiden har inte gått ut"),
        ([(FINAL, "2026-11-19")], "2026-11-20", 0, "Den sista svarstiden har gått ut"),
        ([(FIRST, "")], "2026-11-20", 0, "Brevet har ingen svarsdag"),
    ],
)
def test_no_letter_is_due(sent: list[tuple[str, str]], today: str, wait: int, kind: str) -> None:
    letters = [letter(*each) for each in sent]

    assert kind_of(lambda: supplement.next_letter(letters, date.fromisoformat(today), wait)) == kind


def test_a_confirmation_asks_for_nothing() -> None:
    sent = [letter("Bekräftelse på ansökan", ""), letter(FIRST, "2026-11-19")]

    assert supplement.requests_in(sent) == sent[1:]


@pytest.mark.parametrize(
    ("wanted", "due", "kind"),
    [
        (supplement.WHICHEVER, REMINDER, ""),
        (REMINDER, REMINDER, ""),
        (FIRST, REMINDER, "Ett annat brev står på tur"),
        (FINAL, FIRST, "Ett annat brev står på tur"),
    ],
)
def test_a_letter_that_is_asked_for_by_name_is_that_or_none(wanted: str, due: str, kind: str) -> None:
    assert kind_of(lambda: supplement.stop_if_another_is_wanted(wanted, due)) == kind


@pytest.mark.parametrize(
    ("kind", "today", "told"),
    [
        (FIRST, "2026-11-16", ""),  # ten workdays after the second
        (FIRST, "2026-11-17", "Brevet skulle ha skickats senast 2026-11-16. "),
        (REMINDER, "2026-12-17", ""),
    ],
)
def test_a_first_letter_that_is_late_is_told_to_be(kind: str, today: str, told: str) -> None:
    assert supplement.told_late(INVESTIGATION, kind, date.fromisoformat(today), 10) == told


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, ""),
        ({"lacks": "", "supplement_came": date(2026, 11, 9)}, "Kompletteringen har kommit in"),
        ({"supplement_came": date(2026, 11, 9)}, "Kompletteringen har kommit in"),
        ({"lacks": ""}, "Inget saknas"),
        ({"lacks": "Foto"}, "Något annat saknas"),
    ],
)
def test_what_is_asked_for_is_missing(changed: dict[str, object], kind: str) -> None:
    investigation = replace(INVESTIGATION, **changed)  # type: ignore[arg-type]

    assert kind_of(lambda: supplement.stop_if_nothing_to_ask_for(investigation)) == kind


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [((), "Ingen öppen utredning"), (("FT-2026-1001",), ""),
     (("FT-2026-1001", "FT-2026-1002"), "Flera öppna utredningar")],
)  # fmt: skip
def test_the_letter_belongs_to_one_investigation(numbers: tuple[str, ...], kind: str) -> None:
    record = replace(RECORD, open_investigations=numbers)

    assert kind_of(lambda: supplement.only_open_investigation(record)) == kind


# -- opening an investigation ---------------------------------------------------------------------------------------

DIFFERENT = [{"protected": True}, {"deceased": True}, {"resident": False}, {"resident": None}]


@pytest.mark.parametrize("changed", DIFFERENT, ids=str)
def test_in_doubt_about_the_person_nothing_is_done(changed: dict[str, object]) -> None:
    """The population register has said that all is well; the other system says something else."""
    record = replace(RECORD, open_investigations=("FT-2026-1001",), **changed)  # type: ignore[arg-type]

    assert kind_of(lambda: opening.stop_if_not_for_a_robot(record, ["FT-2026-1001"])) == "Registren säger olika"
    assert kind_of(lambda: supplement.only_open_investigation(record)) == "Registren säger olika"


@pytest.mark.parametrize(
    ("numbers", "own", "kind"),
    [
        ((), (), ""),
        (("FT-2026-1001",), ("FT-2026-1001",), ""),
        (("FT-2026-1001",), (), "Öppen utredning finns redan"),
        (("FT-2026-1001", "FT-2026-1002"), ("FT-2026-1001",), "Öppen utredning finns redan"),
    ],
)
def test_only_the_run_s_own_investigation_may_be_open(
    numbers: tuple[str, ...], own: tuple[str, ...], kind: str
) -> None:
    record = replace(RECORD, open_investigations=numbers)

    assert kind_of(lambda: opening.stop_if_not_for_a_robot(record, own)) == kind


@pytest.mark.parametrize(
    ("registered_in", "kind"),
    [
        ([], "Ingen ny e-ansökan"),
        (["FT-2025-1009"], "Ingen ny e-ansökan"),
        (["FT-2025-1009", ""], ""),
        (["FT-2026-1001"], ""),  # the run's own
        (["", ""], "Flera e-ansökningar"),
        (["FT-2026-1001", ""], "Flera e-ansökningar"),
    ],
)
def test_one_application_is_new(registered_in: list[str], kind: str) -> None:
    applications = tuple(replace(APPLICATION, registered_in=number) for number in registered_in)
    record = replace(RECORD, applications=applications)

    assert kind_of(lambda: opening.new_application(record, ["FT-2026-1001"])) == kind


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, ""),
        ({"own_words": True}, "Fritext i ansökan"),
        ({"service": "Riksfärdtjänst"}, "Annan insats än färdtjänst"),
        ({"difficulty": "Synnedsättning"}, "Underlaget behöver granskas"),
        ({"difficulty": "Psykisk funktionsnedsättning"}, "Underlaget behöver granskas"),
        ({"difficulty": "Synnedsättning", "certificate_by": "Specialistläkare"}, ""),
        ({"difficulty": "Synnedsättning", "certificate_by": ""}, ""),  # what is missing is asked for
        ({"lasting": "Nej"}, ""),  # whether that is enough is assessed by a person, in the investigation
    ],
)
def test_what_a_robot_does_not_read(changed: dict[str, object], kind: str) -> None:
    application = replace(APPLICATION, **changed)  # type: ignore[arg-type]

    assert kind_of(lambda: opening.stop_if_a_person_must_read(application)) == kind


def test_an_incomplete_application_gets_no_interview() -> None:
    complete = replace(INVESTIGATION, lacks="", ask_before=None)

    assert kind_of(lambda: opening.stop_if_incomplete(INVESTIGATION)) == "Ansökan är inte komplett"
    assert kind_of(lambda: opening.stop_if_incomplete(complete)) == ""


class Calendar:
    """Stands for the system's list of free times, a week at a time."""

    def __init__(self, *days: str) -> None:
        self.times = [InterviewTime(date.fromisoformat(day), "10:00", "Siv Malm", "rum 2") for day in days]

    def free_times(self, _number: str, first: date) -> tuple[InterviewTime, ...]:
        return tuple(time for time in self.times if first <= time.day < first + timedelta(days=7))


RULES = opening.InterviewRules(source="påhittat", earliest_workdays=5, weeks=3)
FRIDAY = date(2026, 11, 20)  # five workdays on is the next Friday; three weeks from there end on 17 December


@pytest.mark.parametrize(
    ("free", "taken"),
    [
        (["2026-11-26", "2026-11-27", "2026-11-30"], "2026-11-27"),
        (["2026-11-26", "2026-12-17"], "2026-12-17"),
        (["2026-11-26", "2026-12-18"], ""),
        ([], ""),
    ],
)
def test_the_first_time_that_a_letter_can_tell_of(free: list[str], taken: str) -> None:
    def found() -> InterviewTime:
        return opening.first_free_time(Calendar(*free), "FT-2026-1001", FRIDAY, RULES)  # type: ignore[arg-type]

    assert kind_of(found) == ("" if taken else "Ingen ledig tid för intervju")
    if taken:
        assert str(found().day) == taken
