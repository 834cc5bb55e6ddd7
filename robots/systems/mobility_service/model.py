"""What Alfrida tells of a person, an investigation, its letters, and the times for an interview."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Self

from robots.errors import BusinessException, EffectRefused, PageNotRecognised
from robots.fields import PersonalNumber
from robots.systems.documents import Document

# As the system writes them.
LetterKind = Literal["Begäran om komplettering", "Påminnelse", "Sista påminnelse"]
FIRST: LetterKind = "Begäran om komplettering"
REMINDER: LetterKind = "Påminnelse"
FINAL: LetterKind = "Sista påminnelse"
LETTER_KINDS: tuple[LetterKind, ...] = (FIRST, REMINDER, FINAL)
MeetingForm = Literal["Besök", "Telefon"]
Papers = Mapping[str, Document]  # by their titles
SPECIALIST = "Specialistläkare"
# For these a certificate from any doctor is not enough.
SPECIALIST_FOR = frozenset({"Synnedsättning", "Psykisk funktionsnedsättning"})


@dataclass(frozen=True)
class Application:
    """What a citizen has sent in the e-service.

    ``difficulty`` and ``lasting`` (at least three months) are the citizen's own answers in the form's words.
    ``certificate_by`` is who has written the medical certificate, "" where none is attached. ``own_words`` tells that
    the citizen has written freely about the own health: what it says is for a person to read, and is not told here.
    ``papers`` are the addresses of the attached documents by their titles. ``registered_in`` is the investigation
    that the application has led to, "" as long as there is none.
    """

    number: str
    received: date
    service: str
    difficulty: str = field(repr=False)
    lasting: str = field(repr=False)
    certificate_by: str
    certificate_date: date | None
    own_words: bool
    papers: dict[str, str] = field(repr=False)
    registered_in: str

    @classmethod
    def shown(cls, number: str, facts: Mapping[str, str], papers: dict[str, str]) -> Self:
        """As its card in the file shows it."""
        certificate = re.fullmatch(r"(.+), (\d{4}-\d{2}-\d{2})|Inget intyg bifogat", facts["Läkarintyg"])
        if certificate is None:
            raise PageNotRecognised(f"E-ansökan {number} säger något om läkarintyget som roboten inte förstår.")
        return cls(
            number=number,
            received=date.fromisoformat(facts["Inkom"]),
            service=facts["Söker"],
            difficulty=facts["Slag av svårighet"],
            lasting=facts["Varar minst tre månader"],
            certificate_by=certificate[1] or "",
            certificate_date=date.fromisoformat(certificate[2]) if certificate[2] else None,
            own_words=facts["Egna ord om hälsan"] != "Inget skrivet",
            papers=papers,
            registered_in=_unless(facts["Registrerad i"], "Inte registrerad"),
        )

    @property
    def needs_specialist(self) -> bool:
        """Whether the certificate must be a specialist's and is not."""
        return self.difficulty in SPECIALIST_FOR and self.certificate_by not in ("", SPECIALIST)

    def answers(self, interpreter: bool | None) -> tuple[dict[str, str], ...]:
        """What the wizard asks, step by step, as the application says it; ``interpreter`` None: nobody has said."""
        dated = self.certificate_date
        return (
            {
                "Ansökan inkom": self.received.isoformat(),
                "Ansökan gjord via": "E-tjänst",
                "Sökt insats": self.service,
                "Behov av tolk": "Framgår inte" if interpreter is None else "Ja" if interpreter else "Nej",
            },
            {
                "Varar minst tre månader": self.lasting,
                "Hjälpmedel": "",  # the e-service does not ask
                "Slag av svårighet": self.difficulty,
            },
            {
                "Läkarintyg": "Bifogas" if self.certificate_by else "Saknas",
                "Intyget daterat": dated.isoformat() if dated else "",
                "Utfärdat av": self.certificate_by or "Inget intyg",
            },
        )


@dataclass(frozen=True)
class FileRecord:
    """A person's file (akt). ``open_investigations`` are the numbers of those that are not concluded.

    ``resident`` is None where the system does not show where a protected person is registered. Who the person is
    never shows when the object is printed.
    """

    number: str
    personal_number: PersonalNumber = field(repr=False)
    protected: bool
    deceased: bool
    resident: bool | None
    applications: tuple[Application, ...]
    open_investigations: tuple[str, ...]

    @property
    def obstacle(self) -> str:
        """Why a person has to look at it before an investigation is opened, or ""."""
        stops = {
            "Skyddade personuppgifter": self.protected,
            "Den sökande är avliden": self.deceased,
            "Inte folkbokförd i kommunen": self.resident is not True,
            "Öppen utredning finns redan": bool(self.open_investigations),
        }
        return next((words for words, stop in stops.items() if stop), "")


@dataclass(frozen=True)
class Letter:
    """``due`` is the day an answer is wanted at the latest, None for a letter that asks for nothing."""

    number: str
    kind: str
    sent: date
    due: date | None
    reference: str

    @classmethod
    def shown(cls, row: Mapping[str, str]) -> Self:
        """As the list of letters shows it."""
        sent = date.fromisoformat(row["Skickat"])
        return cls(row["Brev"], row["Brevtyp"], sent, _day(row["Svar senast"], "–"), row["Referens"])


@dataclass(frozen=True)
class Investigation:
    """An investigation (utredning) as its page shows it.

    ``lacks`` is what is missing, "" where the page says that nothing is. ``supplement_came`` is the day on which what
    was missing arrived, ``ask_before`` the latest day for the first letter about it, ``decide_before`` the target for
    the decision; None where the page says that there is none. ``interview`` is the booked time in the system's words,
    "" where none is. ``reference`` is the mark of whoever opened it, or "". ``locked_by`` is the colleague who works
    in it right now, or "".
    """

    number: str
    personal_number: PersonalNumber = field(repr=False)
    protected: bool
    status: str
    officer: str
    received: date
    lacks: str
    supplement_came: date | None
    ask_before: date | None
    decide_before: date | None
    interview: str
    reference: str
    locked_by: str

    @classmethod
    def shown(cls, number: str, facts: Mapping[str, str], banners: Sequence[str]) -> Self:
        """As its page shows it; ``banners`` are the bars over the facts."""
        locked = re.search(r"redigeras av (.+?)\.", " ".join(banners))
        return cls(
            number=number,
            personal_number=PersonalNumber(facts["Personnummer"]),
            protected="SKYDDADE PERSONUPPGIFTER" in " ".join(banners),
            status=facts["Status"],
            officer=facts["Handläggare"],
            received=date.fromisoformat(facts["Ansökan inkom"]),
            lacks=_unless(facts["Saknas"], "Inget saknas"),
            supplement_came=_day(facts["Komplettering inkom"], "–"),
            ask_before=_day(facts["Begär komplettering senast"], "–"),
            decide_before=_day(facts["Beslut senast"], "Räknas när ansökan är komplett"),
            interview=_unless(facts["Intervju"], "Ingen bokad tid"),
            reference=_unless(facts["Referens"], "–"),
            locked_by=locked[1] if locked else "",
        )

    @property
    def concluded(self) -> bool:
        """Whether somebody has decided it, or it has ended otherwise."""
        return self.status.startswith("Avslutad")


@dataclass(frozen=True)
class InterviewTime:
    """A time that is free. ``words`` is how the system's list writes it."""

    day: date
    clock: str
    officer: str
    place: str

    @classmethod
    def shown(cls, words: str) -> Self:
        """As the list of free times writes it."""
        told = re.fullmatch(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}), ([^,]+), ([^,]+)", words)
        if told is None:
            raise PageNotRecognised(f"Listan med lediga tider visar «{words}», som roboten inte förstår.")
        return cls(date.fromisoformat(told[1]), told[2], told[3], told[4])

    @property
    def words(self) -> str:
        return f"{self.day.isoformat()} {self.clock}, {self.officer}, {self.place}"


def _unless(words: str, absent: str) -> str:
    """What stands there, or "" where the page says that there is nothing."""
    return "" if words == absent else words


def _day(words: str, absent: str) -> date | None:
    """The day that stands there, or None where the page says that there is none."""
    return None if words == absent else date.fromisoformat(words)


def refusal(words: str) -> EffectRefused:
    """What the system says when it does not take something, as the error that tells it."""
    said, todo = words.removeprefix("Rätta det här: "), "Läs vad systemet säger och avgör för hand."
    return EffectRefused(said, kind="Färdtjänstsystemet säger nej", todo=todo)


def time_was_taken(stop: BusinessException) -> bool:
    """Whether a time was not booked because somebody was quicker to it."""
    return "inte längre ledig" in stop.reason
