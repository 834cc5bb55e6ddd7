"""How a case is told in mails: lines of «Uppgift: värde», and after an empty line the text.

What the municipality's case system calls things is configuration; see ``[email.names]`` in ``config/systems.toml``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import formatdate, parseaddr
from functools import cached_property

from robots.cases.contract import Attachment
from robots.cases.email.post.received import TWISTED, alphabet, subject_of
from robots.cases.named import CaseNames
from robots.errors import DownloadBroken, PageNotRecognised
from robots.fields import CaseNumber
from robots.systems.documents import Document

Facts = Mapping[str, str]


class Names(CaseNames):
    """``address`` is the case system's, ``sender`` the mailbox's own; ``inboxes`` all that there are, with commas
    between. ``sent`` is the folder of what has left: the robot puts it there, and a server that did so as well would
    make one mail look like two."""

    address: str
    sender: str
    sent: str
    inboxes: str

    note: str
    message: str
    claim: str
    set_status: str
    hand_over: str

    registered: str
    refused: str

    command: str
    subject: str
    todo: str
    mark: str

    receipt: str
    reason: str
    event: str
    event_number: str
    message_receipt: str
    attachment: str
    secret_attachment: str


class Letter:
    """A mail as it lies in a folder. What it says is read when it is asked for: anybody may have sent it."""

    def __init__(self, content: bytes) -> None:
        self._head = BytesHeaderParser().parsebytes(content)
        self.id = str(self._head["Message-ID"] or "").strip()
        self.sender = parseaddr(str(self._head["From"] or ""))[1].casefold()
        self._content = content

    def all(self, name: str) -> list[str]:
        return [value.strip() for label, value in self._facts if label == name]

    def text(self, name: str) -> str:
        """ "" where the mail does not say. Raises ``PageNotRecognised`` where it says several things."""
        found = self.all(name)
        if len(found) > 1:
            raise PageNotRecognised(f"Ett mejl från ärendesystemet säger {len(found)} gånger «{name}».")
        return found[0] if found else ""

    def version(self, name: str) -> str:  # noqa: ARG002 - a case that has changed is told in a mail of its own
        return hashlib.sha256(self._content).hexdigest()

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.text(name)[:10])
        except ValueError:
            raise PageNotRecognised(f"Ett mejl från ärendesystemet har inget datum i «{name}».") from None

    def told_files(self, names: Names) -> tuple[Attachment, ...]:
        """The files that the mail tells of, each by its sum. Raises ``PageNotRecognised`` where it does not add up."""
        carried = dict(self._files)
        found = []
        for told, secret in [(each, False) for each in self.all(names.attachment)] + [
            (each, True) for each in self.all(names.secret_attachment)
        ]:
            said = re.fullmatch(r"([0-9a-f]{64}) ([0-9]{1,18}) (.+)", told)
            if said is None:
                raise PageNotRecognised(f"Ett mejl från ärendesystemet berättar inte om bilagan «{told}» som väntat.")
            kind = carried[said[1]].get_content_type() if said[1] in carried else ""
            found.append(Attachment(said[1], said[3], kind, int(said[2]), secret))
        return tuple(found)

    def file(self, attachment: Attachment) -> bytes:
        """What is in the file that the mail carries. Raises ``DownloadBroken`` where none of its sum came along."""
        for known, part in self._files:
            if known == attachment.key:
                return _content(part)
        raise DownloadBroken(f"Filen {attachment.name} kom inte hel med mejlet.")

    @cached_property
    def _files(self) -> list[tuple[str, Message]]:
        with _readable():
            parts = [part for part in message_from_bytes(self._content).walk() if part.get_filename()]
            return [(hashlib.sha256(_content(part)).hexdigest(), part) for part in parts]

    @cached_property
    def everything(self) -> str:
        """Its subject and its text."""
        with _readable():
            subject = subject_of(str(self._head["Subject"] or ""))
        return f"{subject}\n{self._words}"

    @cached_property
    def _facts(self) -> list[list[str]]:
        head = self._words.partition("\n\n")[0]
        return [line.split(": ", 1) for line in head.splitlines() if ": " in line]

    @cached_property
    def _words(self) -> str:
        """Raises ``PageNotRecognised`` where nobody can read it. The library's newer way is eight times as slow."""
        with _readable():
            parts = message_from_bytes(self._content).walk()
            plain = next((part for part in parts if part.get_content_type() == "text/plain"), None)
            told = plain.get_payload(decode=True) if plain else b""
            assert isinstance(told, bytes)
            return told.decode(alphabet(plain.get_content_charset("utf-8") if plain else "utf-8")).replace("\r\n", "\n")


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except TWISTED:
        raise PageNotRecognised("Ett mejl från ärendesystemet går inte att läsa.") from None


def _content(part: Message) -> bytes:
    told = part.get_payload(decode=True)
    return told if isinstance(told, bytes) else b""


def message_id(names: Names, mark: str) -> str:
    """The same for the same change, however often its mail is sent."""
    return f"<{mark}@{names.sender.partition('@')[2]}>"


def order(
    names: Names,
    case_number: CaseNumber,
    command: str,
    mark: str,
    *,
    facts: Facts,
    text: str,
    documents: Sequence[Document],
) -> EmailMessage:
    """A mail that asks the case system for one change. A fact in several lines goes on after a blank."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = names.sender, names.address
    message["Subject"] = f"{case_number} {command} [{mark}]"
    message["Date"], message["Message-ID"] = formatdate(), message_id(names, mark)
    told = {names.command: command, names.number: case_number, names.mark: mark} | dict(facts)
    head = "".join(f"{name}: {_one_after_another(value)}\n" for name, value in told.items())
    message.set_content(f"{head}\n{text}\n", cte="quoted-printable")
    for document in documents:
        main, _, sub = document.type.partition("/")
        if not sub or main in ("text", "message", "multipart"):  # as bytes it arrives as it was
            main, sub = "application", "octet-stream"
        message.add_attachment(document.content, maintype=main, subtype=sub, filename=document.name)
    return message


def told_of(document: Document) -> str:
    """How a receipt speaks of an attachment that has arrived whole."""
    return f"{document.sha256} {len(document.content)} {document.name}"


def _one_after_another(value: str) -> str:
    return "\n ".join(value.splitlines())
