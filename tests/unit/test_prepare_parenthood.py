"""Who can confirm parenthood in the simplified way, when, and who is reminded: every edge of the rules, no browser."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from stdnum import luhn

from robots.errors import BusinessException
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.family_law import Akt, Letter, Notification, Parent, Protocol, Visit
from robots.tables import Tables
from tasks import prepare_parenthood as rules
from tests.conftest import ROOT
from tests.unit.stops import kind_of

TODAY = date(2026, 11, 24)
CASE = CaseNumber("KC-26110042-4")
ROUTINE = Tables(ROOT / "config" / "tables").year(rules.Routine, 2026)


def number(born: date) -> PersonalNumber:
    nine = f"{born:%y%m%d}980"
    return PersonalNumber(f"{born:%Y%m%d}-980{luhn.calc_check_digit(nine)}")


BEARING, OTHER = number(date(1996, 3, 1)), number(date(1995, 4, 2))


def parent(who: PersonalNumber | None, **other: Any) -> Parent:
    usual: dict[str, Any] = {
        "name": "Ida Prov",
        "age": 30,
        "married": False,
        "address": "Provgatan 1",
        "country": "Sverige",
    }
    return Parent(personal_number=who, **(usual | other))


def told(second: Parent | None = None, **other: Any) -> Notification:
    parents = (parent(BEARING), second or parent(OTHER))
    usual: dict[str, Any] = {"protected": False, "parents": parents, "due": TODAY + timedelta(days=60)}
    return Notification("AN-31001", CASE, **(usual | other))


@pytest.mark.parametrize(
    ("notification", "kind"),
    [
        (told(), ""),
        (told(parent(OTHER, age=18)), ""),
        (told(parent(OTHER, age=17)), "Minderårig förälder"),
        (told(parent(OTHER, married=True)), "Gift förälder"),
        (told(parent(None, age=None, address="", country="Norge")), "Förälder bosatt utomlands"),
        (told(parent(OTHER, address="Provgatan 2")), "Inte samma adress"),
        (told(doubt=True), "Tvekan om föräldraskapet"),
        (told(assisted=True), "Assisterad befruktning"),
    ],
    ids=["fit", "just 18", "17", "married", "abroad", "two addresses", "doubt", "assisted"],
)
def test_who_can_confirm_in_the_simplified_way(notification: Notification, kind: str) -> None:
    assert kind_of(rules.stop_if_not_simplified, notification) == kind


@pytest.mark.parametrize("sensitive", [{"doubt": True}, {"assisted": True}], ids=str)
def test_what_is_most_private_stands_in_the_notification_only(sensitive: dict[str, Any]) -> None:
    with pytest.raises(BusinessException) as stop:
        rules.stop_if_not_simplified(told(**sensitive))

    assert stop.value.reason == "Anmälan AN-31001 kan inte handläggas förenklat."


@pytest.mark.parametrize(
    ("days_left", "week", "kind"),
    [(-3, 41, ""), (60, 32, ""), (125, 23, ""), (126, 22, "För tidigt i graviditeten"), (200, 12, "För tidigt i")],
)
def test_from_the_week_of_the_table(days_left: int, week: int, kind: str) -> None:
    assert ROUTINE.pregnancy_weeks - days_left // 7 == week, "the weeks are counted as the system does"

    found = kind_of(rules.stop_if_not_now, told(due=TODAY + timedelta(days=days_left)), ROUTINE, TODAY)

    assert (found.startswith(kind), bool(found)) == (True, bool(kind))


@pytest.mark.parametrize(
    ("days_old", "kind"), [(0, "Kan bekräftas hos Skatteverket"), (14, "Kan bekräftas hos Skatteverket"), (15, "")]
)
def test_a_newborn_is_skatteverkets_for_so_many_days(days_old: int, kind: str) -> None:
    child = told(due=None, child=number(TODAY - timedelta(days=days_old)))

    assert kind_of(rules.stop_if_not_now, child, ROUTINE, TODAY) == kind


def test_reads_the_birthday_of_a_coordination_number() -> None:
    assert rules.born(PersonalNumber("19701063-9800")) == date(1970, 10, 3)


@pytest.mark.parametrize(
    ("notification", "kind"),
    [
        (told(), ""),
        (None, "Anmälan saknas"),
        (Notification("AN-31001", CASE, protected=True), "Skyddade personuppgifter"),
    ],
    ids=["notified", "nothing notified", "protected"],
)
def test_what_is_not_notified_and_who_is_protected_are_a_person_s(notification: Notification | None, kind: str) -> None:
    law = SimpleNamespace(notification=lambda _number: notification)

    assert kind_of(rules.notification_in, law, SimpleNamespace(number=CASE)) == kind


@pytest.mark.parametrize(
    ("citizen", "kind"),
    [(BEARING, ""), (OTHER, ""), (number(date(1990, 5, 5)), "Den sökande är inte förälder i anmälan")],
    ids=["first parent", "second parent", "stranger"],
)
def test_only_a_parent_asks_for_it(citizen: PersonalNumber, kind: str) -> None:
    assert kind_of(rules.stop_if_stranger, told(), SimpleNamespace(citizen=citizen)) == kind


@dataclass
class TimesAhead:
    """Free times, as the list of them: it shows twenty at most, so nobody may ask for many weeks at once."""

    free: list[datetime]
    asked: list[tuple[date, date]] = field(default_factory=list)

    def free_times(self, first: date, last: date) -> tuple[datetime, ...]:
        self.asked.append((first, last))
        return tuple(at for at in self.free if first <= at.date() <= last)


def in_days(days: int) -> datetime:
    return datetime(2026, 11, 24, 10, 30) + timedelta(days=days)


@pytest.mark.parametrize(
    ("free", "chosen"),
    [([6, 7, 8], 7), ([6, 9, 8], 8), ([14], 14), ([13, 20], 13), ([6, 42], 42), ([6, 43], None), ([], None)],
    ids=str,
)
def test_the_first_time_that_the_summons_reaches_them_before(free: list[int], chosen: int | None) -> None:
    law = TimesAhead([in_days(days) for days in free])

    if chosen is None:
        assert kind_of(rules.first_free_time, law, ROUTINE, TODAY) == "Ingen ledig besökstid"
    else:
        assert rules.first_free_time(law, ROUTINE, TODAY) == in_days(chosen)  # type: ignore[arg-type]

    assert all(last - first < timedelta(days=7) for first, last in law.asked)


def letters(*days_ago: int) -> list[Letter]:
    """A summons, and then reminders."""
    kinds = ["Kallelse"] + ["Påminnelse"] * 3
    sent = [TODAY - timedelta(days=days) for days in days_ago]
    return [Letter(f"BR-{place}", kind, on) for place, (kind, on) in enumerate(zip(kinds, sent, strict=False))]


AKT = Akt("FR-2026-0401", "Faderskap/föräldraskap", "Förenklad", CASE, "Öppen", (), (), (), ())
MISSED = Visit("BO-1", in_days(-9), "Uteblivet")
DRAFT = Protocol("PR-1", "S-protokoll", TODAY, "Utkast", None)


@pytest.mark.parametrize(
    ("sent", "reminder", "kind"),
    [
        (letters(14), 1, ""),
        (letters(13), 1, "För tidigt att påminna"),
        (letters(28, 14), 2, ""),
        (letters(28, 13), 2, "För tidigt att påminna"),
        (letters(42, 28, 14), 3, ""),
        (letters(56, 42, 28, 14), 4, "Ingen kontakt efter tre påminnelser"),
        (letters(46, 32, 18, 4), 3, "Ingen kontakt efter tre påminnelser"),
        (letters(28, 14), 1, "Fel nummer på påminnelsen"),
        (letters(28, 14), 3, "Fel nummer på påminnelsen"),
        (letters(), 1, "Ingen kallelse att påminna om"),
    ],
)
def test_when_parents_are_reminded(sent: list[Letter], reminder: int, kind: str) -> None:
    akt = replace(AKT, visits=(MISSED,), protocols=(DRAFT,))

    assert kind_of(rules.stop_if_not_to_remind, akt, sent, reminder, ROUTINE, TODAY) == kind


@pytest.mark.parametrize(
    "akt",
    [
        replace(AKT, visits=(MISSED, replace(MISSED, status="Genomfört"))),
        replace(AKT, protocols=(replace(DRAFT, status="Godkänt"),)),
    ],
    ids=["visit held", "protocol approved"],
)
def test_parents_who_have_come_are_not_reminded(akt: Akt) -> None:
    kind = kind_of(rules.stop_if_not_to_remind, akt, letters(14), 1, ROUTINE, TODAY)

    assert kind == "Föräldrarna har redan varit på besök"
