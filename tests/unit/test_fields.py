"""What a guide types is either right, and written in one way, or refused in words."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from stdnum import luhn

from robots import fields
from robots.fields import (
    CaseNumber,
    FacilityNumber,
    Identifier,
    InvoiceNumber,
    Ocr,
    OrganisationNumber,
    PermitNumber,
    PersonalNumber,
    PropertyDesignation,
    StreetAddress,
)

KINDS: list[type[Identifier]] = [
    CaseNumber, PropertyDesignation, PersonalNumber, FacilityNumber, Ocr, OrganisationNumber, StreetAddress,
    PermitNumber, InvoiceNumber,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_in_the_form_is_right(kind: type[Identifier]) -> None:
    assert kind(kind.words.example) == kind.words.example


@pytest.mark.parametrize(
    ("kind", "typed", "written"),
    [
        (CaseNumber, "kc-26110042-4", "KC-26110042-4"),
        (CaseNumber, " KC\u201126110042 \u2013 4 ", "KC-26110042-4"),
        (CaseNumber, "KC-２６１１００４２-4", "KC-26110042-4"),
        (PropertyDesignation, "ekbacken  3 : 14", "EKBACKEN 3:14"),
        (PropertyDesignation, "Tallinge Ekbacken 3:14", "EKBACKEN 3:14"),
        (PropertyDesignation, "kvarnen\u00a014", "KVARNEN 14"),
        (PropertyDesignation, "Norra Ängen S:3", "NORRA ÄNGEN S:3"),
        (PropertyDesignation, "Ö-Berga GA:1", "Ö-BERGA GA:1"),
        (PropertyDesignation, unicodedata.normalize("NFD", "Åkern 2:7"), "ÅKERN 2:7"),
        (PersonalNumber, "198111189802", "19811118-9802"),
        (PersonalNumber, "811118-9802", "19811118-9802"),
        (PersonalNumber, "811118\u22129802", "19811118-9802"),
        (PersonalNumber, "8111189802", "19811118-9802"),
        (PersonalNumber, "811118+9802", "18811118-9802"),
        (FacilityNumber, "an 104024-5", "AN104024-5"),
        (Ocr, "6200 214309", "6200214309"),
        (InvoiceNumber, "6200 0001", "62000001"),
        (OrganisationNumber, "5599901237", "559990-1237"),
        (OrganisationNumber, "16559990\u20131237", "559990-1237"),
        (OrganisationNumber, "00559990-1237", "559990-1237"),
        (PermitNumber, "bygg 2026-000123", "BYGG 2026-000123"),
        (PermitNumber, "Bygg2026 \u2013 123", "BYGG 2026-000123"),
        (StreetAddress, "ekbacksvägen  3", "Ekbacksvägen 3"),
        (StreetAddress, "Norra S:t Olofs gata 12b", "Norra S:t Olofs gata 12 B"),
    ],
)
def test_one_way_of_writing(kind: type[Identifier], typed: str, written: str) -> None:
    assert kind(typed) == written
    assert kind(kind(typed)) == written


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (CaseNumber, ""), (CaseNumber, "KC-26110042"), (CaseNumber, "KC-2611004٢-3"), (CaseNumber, "KC-26110042-43"),
        (PropertyDesignation, "3:14"), (PropertyDesignation, "EKBACKEN"), (PropertyDesignation, "EKBACKEN 3:14; DROP"),
        (PropertyDesignation, "EKBACKEN 3:"), (PersonalNumber, "1981-11-18"), (PersonalNumber, "17811118-9802"),
        (PermitNumber, "2026-000123"), (PermitNumber, "BYGG 2026-0001234"), (PermitNumber, "BYGG 1826-000123"),
        (PermitNumber, "BYGG 2026-"), (PermitNumber, "BYGG 26-000123"), (PermitNumber, "KS 2026-000123"),
        (FacilityNumber, "104024-5"), (Ocr, "1234"), (Ocr, "62O0000104"),
        (InvoiceNumber, "6200000"), (InvoiceNumber, "6200000104"),
        (OrganisationNumber, "551990-1237"), (OrganisationNumber, "17559990-1237"),
        (StreetAddress, "Ekbacksvägen"), (StreetAddress, "3"), (StreetAddress, "Ekbacksvägen 3; DROP"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_told_with_an_example(kind: type[Identifier], typed: str) -> None:
    with pytest.raises(ValueError, match="till exempel") as told:
        kind(typed)
    assert kind.words.example in str(told.value)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [(CaseNumber, "KC-26110042-5"), (PersonalNumber, "19811118-9803"), (FacilityNumber, "AN104024-6"),
     (OrganisationNumber, "559990-1238")],
)  # fmt: skip
def test_a_mistyped_digit_is_seen(kind: type[Identifier], typed: str) -> None:
    with pytest.raises(ValueError, match="Kontrollsiffran"):
        kind(typed)


@pytest.mark.parametrize(("wrong", "words"), [("6200214308", "kontrollsiffran"), ("6200214317", "för kort")])
def test_an_ocr_number_is_checked_by_its_last_two_digits(wrong: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Ocr(wrong)


@given(serial=st.integers(0, 9999), place=st.integers(0, 8), other=st.integers(1, 9))
def test_any_one_wrong_digit_of_a_case_number_is_seen(serial: int, place: int, other: int) -> None:
    digits = f"2611{serial:04d}"
    digits += luhn.calc_check_digit(digits)
    right = f"KC-{digits[:8]}-{digits[8]}"
    wrong = digits[:place] + str((int(digits[place]) + other) % 10) + digits[place + 1 :]
    assert CaseNumber(right) == right
    with pytest.raises(ValueError, match="Kontrollsiffran"):
        CaseNumber(f"KC-{wrong[:8]}-{wrong[8]}")


@pytest.mark.parametrize("typed", ["19811318-9802", "19810230-9802", "19811100-9802", "19811160-9802"])
def test_a_personal_number_begins_with_a_real_date(typed: str) -> None:
    with pytest.raises(ValueError, match="datum"):
        PersonalNumber(typed)


def test_a_coordination_number_has_sixty_added_to_its_day() -> None:
    digits = "811178980"
    number = PersonalNumber(f"19{digits[:6]}-{digits[6:]}{luhn.calc_check_digit(digits)}")
    assert number.is_coordination_number
    assert not PersonalNumber("19811118-9802").is_coordination_number


@pytest.mark.parametrize(
    ("short", "today", "year"),
    [("261124", date(2026, 11, 24), "2026"), ("261124", date(2026, 11, 23), "1926"),
     ("261184", date(2026, 11, 24), "2026"), ("261184", date(2026, 11, 23), "1926"),
     ("270101", date(2026, 11, 24), "1927")],
)  # fmt: skip
def test_ten_digits_are_of_somebody_who_has_been_born(
    monkeypatch: pytest.MonkeyPatch, short: str, today: date, year: str
) -> None:
    class Today(date):
        @classmethod
        def today(cls) -> date:  # type: ignore[override]  # the day is what the test is about
            return today

    monkeypatch.setattr(fields, "date", Today)
    digits = f"{short}980"
    assert PersonalNumber(f"{short}-980{luhn.calc_check_digit(digits)}")[:4] == year


def test_only_the_year_of_a_personal_number_is_shown() -> None:
    assert PersonalNumber("19811118-9802").masked == "1981****-****"
    assert CaseNumber("KC-26110042-4").masked == "KC-26110042-4"


def test_pydantic_knows_them_in_and_out() -> None:
    known = TypeAdapter(CaseNumber)
    value = known.validate_python("kc-26110042-4")
    assert isinstance(value, CaseNumber)
    assert known.dump_python(value, mode="json") == "KC-26110042-4"
    with pytest.raises(ValidationError, match="till exempel KC-26110042-4"):
        known.validate_python("KC-1")


def test_a_number_out_of_excel_is_the_same_number() -> None:
    assert TypeAdapter(PersonalNumber).validate_python(198111189802.0) == "19811118-9802"
