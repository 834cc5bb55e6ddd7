"""The kinds of things a guide types: their words, their pattern, their checksum, and how they are masked.

An identifier is a ``str`` that has been checked: ``CaseNumber("kc-26110042-4")`` is either right, and written in
the one way that the systems use, or raises ``ValueError`` with words for the person who typed it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from stdnum import luhn
from stdnum.exceptions import ValidationError

_SPACES = re.compile(r"[\s  ]+")
_DASHES = re.compile(r"[‐‑‒–—−_]")


@dataclass(frozen=True)
class Describe:
    """What a form says about an input that is not an identifier: ``Annotated[date, Describe("Önskat datum")]``."""

    title: str
    example: str = ""
    hint: str = ""
    long: bool = False
    personal: bool = False


class Identifier(str):
    """A checked identifier. A subclass sets the words and the pattern, and may add a checksum in ``check``."""

    words: ClassVar[Describe]
    pattern: ClassVar[re.Pattern[str]]

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        # A sheet from a Mac writes Å as two characters, a phone writes full-width digits: one way of writing it.
        even = unicodedata.normalize("NFKC", str(value))
        text = cls.tidy(_DASHES.sub("-", _SPACES.sub(" ", even)).strip())
        if not cls.pattern.fullmatch(text):
            raise ValueError(f"Skriv {cls.words.hint}, till exempel {cls.words.example}.")
        cls.check(text)
        return super().__new__(cls, text)

    @classmethod
    def tidy(cls, text: str) -> str:
        """The one way of writing it; spaces and dashes have been evened out already."""
        return text

    @classmethod
    def check(cls, text: str) -> None:
        """Raise ``ValueError`` when the checksum does not fit."""

    @property
    def masked(self) -> str:
        """What may stand in a log or a picture."""
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def _validated(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # Excel has numbers only
        try:
            return cls(str(value))
        except ValueError as error:
            raise PydanticCustomError("identifier", "{expected}", {"expected": str(error)}) from None


def _needs_luhn(digits: str, words: str) -> None:
    try:
        luhn.validate(digits)
    except ValidationError:
        raise ValueError(f"Kontrollsiffran i {words} stämmer inte. Är något felskrivet?") from None


class CaseNumber(Identifier):
    """A case in the case system: ``KC-YYMMNNNN-C``, the last digit by Luhn over the eight before it."""

    __slots__ = ()
    words = Describe("Ärendenummer", "KC-26110042-4", "KC, åtta siffror och en kontrollsiffra")
    pattern = re.compile(r"KC-[0-9]{8}-[0-9]")

    @classmethod
    def tidy(cls, text: str) -> str:
        return text.upper().replace(" ", "")

    @classmethod
    def check(cls, text: str) -> None:
        _needs_luhn(re.sub(r"\D", "", text), "ärendenumret")


class PropertyDesignation(Identifier):
    """A property (fastighet): quarter, and block and unit (``EKBACKEN 3:14``) or unit alone (``KVARNEN 14``).

    The block may be S or GA (joint properties). A municipality's name in front is left out, as the systems do.
    """

    __slots__ = ()
    words = Describe("Fastighetsbeteckning", "EKBACKEN 3:14", "trakt eller kvarter, block och enhet")
    pattern = re.compile(r"[A-ZÅÄÖÉÜ][A-ZÅÄÖÉÜ\-]*(?: [A-ZÅÄÖÉÜ\-]+)* (?:(?:[0-9]+|S|GA):)?[0-9]+")

    @classmethod
    def tidy(cls, text: str) -> str:
        return re.sub(r"\s*:\s*", ":", text.upper()).removeprefix("TALLINGE ")


class PersonalNumber(Identifier):
    """A personal number or coordination number, written ``YYYYMMDD-NNNC`` (day + 60 for the latter); Luhn.

    Ten digits are understood with ``-`` or ``+`` (from the year a person turns 100) as Skatteverket writes them.
    """

    __slots__ = ()
    words = Describe("Personnummer", "19811118-9802", "tolv siffror, ÅÅÅÅMMDD-NNNN", personal=True)
    pattern = re.compile(r"(?:18|19|20)[0-9]{6}-[0-9]{4}")

    @classmethod
    def tidy(cls, text: str) -> str:
        text = text.replace(" ", "")
        short = re.fullmatch(r"([0-9]{6})([-+]?)([0-9]{4})", text)
        if short:
            birth, sign, last = short.groups()
            return f"{_century(birth, sign)}{birth}-{last}"
        long = re.fullmatch(r"([0-9]{8})[-+]?([0-9]{4})", text)
        return f"{long[1]}-{long[2]}" if long else text

    @classmethod
    def check(cls, text: str) -> None:
        day = int(text[6:8])
        try:
            date(int(text[:4]), int(text[4:6]), day - 60 if day > 60 else day)
        except ValueError:
            raise ValueError("Personnumret börjar inte med ett riktigt datum.") from None
        _needs_luhn(text[2:8] + text[9:], "personnumret")

    @property
    def is_coordination_number(self) -> bool:
        """Whether it is a samordningsnummer."""
        return int(self[6:8]) > 60

    @property
    def masked(self) -> str:
        return f"{self[:4]}****-****"


def _century(birth: str, sign: str) -> str:
    """The first two digits of the year of a ten-digit number: the latest one that is not in the future."""
    today = date.today()
    year = today.year // 100 * 100 + int(birth[:2])
    day = int(birth[4:]) % 60  # a coordination number has 60 added
    if (year, int(birth[2:4]), day) > (today.year, today.month, today.day):
        year -= 100
    return str((year - 100 if sign == "+" else year) // 100)


class FacilityNumber(Identifier):
    """A waste facility (anläggning): ``AN`` and six digits, a check digit by Luhn."""

    __slots__ = ()
    words = Describe("Anläggningsnummer", "AN104024-5", "AN, sex siffror och en kontrollsiffra")
    pattern = re.compile(r"AN[0-9]{6}-[0-9]")

    @classmethod
    def tidy(cls, text: str) -> str:
        return text.upper().replace(" ", "")

    @classmethod
    def check(cls, text: str) -> None:
        _needs_luhn(re.sub(r"\D", "", text), "anläggningsnumret")


class Ocr(Identifier):
    """The reference number of a payment: the last digit by Luhn, the one before it the length of the whole."""

    __slots__ = ()
    words = Describe("OCR-nummer", "6200000104", "siffrorna som står vid OCR på fakturan")
    pattern = re.compile(r"[0-9]{5,25}")

    @classmethod
    def tidy(cls, text: str) -> str:
        return re.sub(r"[\s-]", "", text)

    @classmethod
    def check(cls, text: str) -> None:
        if not luhn.is_valid(text):
            raise ValueError("OCR-numret stämmer inte: kontrollsiffran är fel. Läs siffrorna en gång till.")
        if text[-2] != str(len(text) % 10):
            raise ValueError("OCR-numret stämmer inte: det är för kort eller för långt. Läs siffrorna en gång till.")


class InvoiceNumber(Identifier):
    """An invoice's own number: eight or nine digits, fewer than its OCR number has; no check digit."""

    __slots__ = ()
    words = Describe("Fakturanummer", "62000001", "åtta eller nio siffror")
    pattern = re.compile(r"[0-9]{8,9}")

    @classmethod
    def tidy(cls, text: str) -> str:
        return re.sub(r"[\s-]", "", text)


class OrganisationNumber(Identifier):
    """A company's number, written ``NNNNNN-NNNC``: its third digit is at least 2, the last one by Luhn.

    Twelve digits are understood with 16 or 00 in front, as some systems write them.
    """

    __slots__ = ()
    words = Describe("Organisationsnummer", "559990-1237", "tio siffror, NNNNNN-NNNN")
    pattern = re.compile(r"[0-9]{2}[2-9][0-9]{3}-[0-9]{4}")

    @classmethod
    def tidy(cls, text: str) -> str:
        told = re.fullmatch(r"(?:16|00)?([0-9]{6})-?([0-9]{4})", text.replace(" ", ""))
        return f"{told[1]}-{told[2]}" if told else text

    @classmethod
    def check(cls, text: str) -> None:
        _needs_luhn(text.replace("-", ""), "organisationsnumret")


class StreetAddress(Identifier):
    """A street with its number, and a letter where there are several entrances: ``Ekbacksvägen 3 B``."""

    __slots__ = ()
    words = Describe("Gatuadress", "Ekbacksvägen 3", "gata och nummer")
    pattern = re.compile(r"[A-ZÅÄÖÉÜ][A-Za-zÅÄÖÉÜåäöéü.:\-]*(?: [A-Za-zÅÄÖÉÜåäöéü.:\-]+)* [0-9]+(?: [A-Z])?")

    @classmethod
    def tidy(cls, text: str) -> str:
        told = re.fullmatch(r"(.+ [0-9]+) ?([A-Za-z])?", text)
        street, entrance = (told[1], told[2]) if told else (text, None)
        return f"{street[:1].upper()}{street[1:]}" + (f" {entrance.upper()}" if entrance else "")


class PermitNumber(Identifier):
    """A building permit case (its diarienummer): ``BYGG``, the year and a number of six digits; no check digit.

    Whoever reads it out leaves the zeros out; it is understood all the same.
    """

    __slots__ = ()
    words = Describe("Diarienummer för bygglov", "BYGG 2026-000123", "BYGG, årtal, bindestreck och sex siffror")
    pattern = re.compile(r"BYGG (?:19|20)[0-9]{2}-[0-9]{6}")

    @classmethod
    def tidy(cls, text: str) -> str:
        told = re.fullmatch(r"BYGG([0-9]{4})-([0-9]{1,6})", text.upper().replace(" ", ""))
        return f"BYGG {told[1]}-{told[2]:0>6}" if told else text


LongText = Annotated[str, Describe("Meddelande", long=True)]
ShortText = Annotated[str, Describe("Text")]
Date = Annotated[date, Describe("Datum", example="2026-11-24", hint="Skriv datumet som ÅÅÅÅ-MM-DD.")]
