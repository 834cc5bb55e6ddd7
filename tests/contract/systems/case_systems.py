"""What every case system's connector is tried with: the reads and changes of the contract, each judged by the town.

A connector joins the suite by one module that says how its own system puts things (``SystemUnderTest`` for one that is
worked in by its pages, ``InterfaceUnderTest`` for one without).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from robots.cases import Cases
from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import CaseNumber
from robots.systems.documents import Document
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, case_of, citizen_of, none_found

NO_CASE = CaseNumber("KC-99120001-5")
INBOX = "Omsorg"  # more than one page of them, and few enough to lose the login at each
PDF = Document("plan.pdf", b"%PDF-1.7\n" + b"0" * 20_000 + b"\n%%EOF\n")
Page = tuple[str, str, str]
Make = Callable[[Any, CaseNumber], str]

# Every change of the contract, how the town counts it, and how it is asked for in a case.
MAKE: dict[str, tuple[str, Make]] = {
    "add_note": ("note_added", lambda cases, number: cases.add_note(number, "Prov av anteckning.", once=ONCE)),
    "send_message": (
        "message_sent", lambda cases, number: cases.send_message(number, "Prov", "Ett prov.", [PDF], once=ONCE)
    ),
    "hand_over": ("handed_over", lambda cases, number: cases.hand_over(number, "Ett prov.", "Gör klart.", once=ONCE)),
    "claim": ("claimed", lambda cases, number: cases.claim(number, once=ONCE)),
    "set_status": ("status_set", lambda cases, number: cases.set_status(number, "Väntar på medborgaren", once=ONCE)),
}  # fmt: skip
NOT_WHEN_CLOSED = ("send_message", "hand_over", "claim")


def with_photo(town: Town) -> CaseNumber:
    return CaseNumber(town.cases("fault_report", "normal")[0]["number"])


def changes(
    forms: Mapping[str, str], commits: Mapping[str, str], methods: Mapping[str, str] | None = None
) -> tuple[Change, ...]:
    """``forms`` and ``commits`` are regular expressions, by the change's name, as in ``Change``;
    ``methods`` are those that are not POST."""
    return tuple(
        Change(name, forms[name], commits[name], kind, case_of, _in_the_case(make), (methods or {}).get(name, "POST"))
        for name, (kind, make) in MAKE.items()
    )


def _in_the_case(make: Make) -> Callable[[Any, Town], str]:
    return lambda cases, town: make(cases, case_of(town))


def readings(key: str, pages: Mapping[str, Page]) -> tuple[Reading, ...]:
    """The looks of the contract in the system ``key``. ``pages`` is path, heading and words of absence of each."""

    def numbers(town: Town, **asked: object) -> list[str]:
        found: list[str] = town.act(key, "numbers", **asked)
        return found

    def first_event(town: Town) -> str:
        events = town.act(key, "case", case_number=case_of(town))["events"]
        return str(next(e["number"] for e in events if e["type"] == "Ärendet registrerades"))

    def in_emptied_inbox(cases: Cases.Reader, town: Town) -> object:
        town.act(key, "empty", inbox=INBOX)
        return cases.inbox(INBOX)

    def files_of(town: Town) -> list[str]:
        events = town.act(key, "case", case_number=with_photo(town))["events"]
        return [name for event in events for name in event["attachments"]]

    looks: dict[str, tuple[Any, Any, Any]] = {
        "read": (
            lambda cases, town: cases.read(case_of(town)).property_id,
            lambda town: town.cases("drawings", "normal")[0]["property_id"],
            lambda cases, _: _read_missing_case(cases),
        ),
        "find_event": (
            lambda cases, town: cases.find_event(case_of(town), "Ärendet registrerades"),
            first_event,
            lambda cases, town: cases.find_event(case_of(town), UNKNOWN_MARK),
        ),
        "find": (
            lambda cases, town: sorted(row.number for row in cases.find(citizen=citizen_of(town))),
            lambda town: numbers(town, citizen=citizen_of(town)),
            lambda cases, _: cases.find(words="finns inte alls"),
        ),
        "inbox": (
            lambda cases, _: sorted(row.number for row in cases.inbox(INBOX)),
            lambda town: numbers(town, inbox=INBOX),
            in_emptied_inbox,
        ),
        "attachments_of": (
            lambda cases, town: [each.name for each in cases.attachments_of(with_photo(town))],
            files_of,
            lambda cases, town: cases.attachments_of(case_of(town)),
        ),
    }
    return tuple(
        Reading(name, path, heading, *looks[name], absence) for name, (path, heading, absence) in pages.items()
    )


def _read_missing_case(cases: Cases.Reader) -> None:
    try:
        cases.read(NO_CASE)
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("read a case that nobody has registered")
