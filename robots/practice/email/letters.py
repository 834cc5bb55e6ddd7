"""The mails that the case system sends to the robots: what a case is like now, and the receipt of what was ordered.

Each is lines of «Uppgift: värde»; after an empty line comes free text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache

from robots.practice.case_management.state import Attachment, CaseFile, Event
from robots.practice.mailing import attach

ADDRESS = "arenden@tallinge.example"
ROBOTS = "robotar@tallinge.example"
Facts = tuple[tuple[str, str], ...]


def card(case: CaseFile, account: str) -> tuple[str, Facts, str, tuple[Attachment, ...]]:
    """The case as it stands: subject, facts, text and the files that came with it.

    ``account`` is the handler's user name, "" where it has none. A secret file is told of and not sent along.
    """
    first = case.events[0]
    told = (
        ("Ärende", case.number), ("Händelse", first.kind), ("Nummer", first.number), ("Rubrik", case.case.title),
        ("Status", case.status), ("Inkorg", case.inbox), ("Handläggare", case.handler),
        ("Handläggarens konto", account), ("Kanal", case.case.channel), ("Skapat", f"{case.created:%Y-%m-%d %H:%M}"),
        ("Sökande", case.citizen_name), ("Personnummer", case.case.citizen),
        ("Skyddade uppgifter", "Ja" if case.protected else "Nej"), ("Språk", case.case.language),
        ("Fastighet", case.case.property_id), ("Anläggning", case.case.facility),
        ("Låst av", case.lock.by if case.lock else ""),
        *(("Sekretessbilaga" if file.secret else "Bilaga", _told_of(file)) for file in case.received),
    )  # fmt: skip
    sent_along = tuple(file for file in case.received if not file.secret)
    return f"{case.number} {case.case.title}", told, case.description, sent_along


def receipt(
    number: str, answers: str, mark: str, event: Event | None, *, refused: str = "", files: Iterable[Attachment] = ()
) -> bytes:
    """What became of an order. ``answers`` is the Message-ID of the mail that it came in."""
    told = [("Kvittens", "Nekat" if refused else "Utfört"), ("Ärende", number), ("Märkning", mark), ("Skäl", refused)]
    if event:
        told += [("Händelse", event.kind), ("Nummer", event.number)]
        told += [("Meddelandekvittens", value) for label, value in event.facts if label == "Kvittens"]
    told += [("Bilaga", _told_of(file)) for file in files]
    return mail(f"{number} Kvittens", tuple(told), answers=answers)


@lru_cache(maxsize=4096)
def mail(subject: str, told: Facts, text: str = "", files: tuple[Attachment, ...] = (), *, answers: str = "") -> bytes:
    """Facts without a value are left out. Remembered: of a town as new, a thousand mails are the same each time."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = f"Ärendesystemet <{ADDRESS}>", ROBOTS, subject
    if answers:
        message["In-Reply-To"] = answers
    message.set_content("".join(f"{label}: {value}\n" for label, value in told if value) + f"\n{text}\n")
    for file in files:
        attach(message, file)
    return message.as_bytes()


def _told_of(file: Attachment) -> str:
    return f"{hashlib.sha256(file.content).hexdigest()} {len(file.content)} {file.name}"


def facts_in(body: str) -> tuple[dict[str, str], str]:
    """The facts of an ordering mail, and its text. A line that begins with a blank goes on with the one before."""
    head, _, text = body.replace("\r\n", "\n").partition("\n\n")
    told: dict[str, str] = {}
    label = ""
    for line in head.splitlines():
        if line.startswith(" ") and label:
            told[label] += "\n" + line.removeprefix(" ")
        else:
            label, _, value = line.partition(": ")
            told[label] = value
    return told, text.removesuffix("\n")
