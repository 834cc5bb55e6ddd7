"""A message as it was received, whoever sent it: who says to have sent it, what it says, and what vouches for it.

Only what is plain to see is read: text as text, one sender, letters that are what they are said to be. Attachments and
messages within the message are never opened. What can be read in two ways is not read.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message

# Alphabets of mails. The library knows others as well, some of which take hours for a megabyte.
_ALPHABETS = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|latin-1")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)")
# What the library meets a mail with that somebody has twisted.
TWISTED = (MessageError, ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError)
_IDENTITY = re.compile(r"<[^<>\s]{3,250}>")
_NESTED = 20  # parts within parts


class NotPlain(Exception):
    """Why nobody can be sure what the message says, in words for the person who gets it."""


@dataclass(frozen=True)
class Head:
    """Who says to have sent it, and about what. ``sender`` is the address, in small letters."""

    sender: str
    subject: str

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True)
class Received(Head):
    """``identity`` is what makes the message one, wherever it lies; ``said`` is the same for what says the same.

    ``vouched`` are the receiving servers' own words about it (Authentication-Results).
    """

    text: str
    identity: str
    vouched: tuple[str, ...]

    @property
    def said(self) -> str:
        return _digest("\n".join((self.sender, self.subject, self.text)).encode())

    def demand_genuine(self, server: str) -> None:
        """Raise ``NotPlain`` unless the server of that name says that the sender's domain stands by it (DMARC)."""
        told = [found for each in self.vouched if (found := _verdicts(each))[0] == server.casefold()]
        if len(told) != 1:
            raise NotPlain(f"{server} har prövat avsändaren {len(told)} gånger, och ska ha gjort det en gång.")
        verdicts = [each for each in told[0][1:] if each.startswith("dmarc=")]
        if [each.split()[0] for each in verdicts] != ["dmarc=pass"]:
            raise NotPlain(f"{server} säger inte att det kommer från {self.domain} (dmarc=pass saknas).")
        about = [word.partition("=")[2] for word in verdicts[0].split() if word.startswith("header.from=")]
        if about and about != [self.domain]:
            raise NotPlain(f"{server} har prövat en annan avsändare än {self.domain}.")


def head_of(content: bytes) -> Head:
    """Raises ``NotPlain``."""
    with _plainly():
        return _head(message_from_bytes(content))


def received(content: bytes) -> Received:
    """Raises ``NotPlain``."""
    with _plainly():
        message = message_from_bytes(content)
        head = _head(message)
        texts = [_text_of(part) for part in _plain_parts(message)]
        if not texts:
            raise NotPlain("Det har ingen vanlig text.")
        ids = [value.strip() for value in _all(message, "Message-ID")]
        known = len(ids) == 1 and _IDENTITY.fullmatch(ids[0])
        identity = ids[0] if known else f"sha256:{_digest(content)}"
        vouched = tuple(_all(message, "Authentication-Results"))
        return Received(head.sender, head.subject, "\n".join(texts), identity, vouched)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except TWISTED as error:
        raise NotPlain(f"Det är inte skrivet som mejl ska vara ({type(error).__name__}).") from None


def _all(message: Message, name: str) -> list[str]:
    """The values of the lines of that name, each on one line. The letters of mail without a MIME word are UTF-8."""
    found = [value for label, value in message.raw_items() if label.casefold() == name.casefold()]
    return [re.sub(r"\r?\n", "", str(each)).encode("ascii", "surrogateescape").decode("utf-8") for each in found]


def _head(message: Message) -> Head:
    froms, subjects = _all(message, "From"), _all(message, "Subject")
    if len(froms) != 1 or len(subjects) > 1:
        raise NotPlain(f"Det har {len(froms)} avsändare och {len(subjects)} ämnen.")
    told = policy.default.header_factory("From", froms[0])
    addresses = [each.addr_spec for each in told.addresses]
    found = _ADDRESS.fullmatch(addresses[0]) if len(addresses) == 1 else None
    if found is None:
        raise NotPlain("Det går inte att se vem som säger sig ha skickat det.")
    return Head(found[0].casefold(), subject_of(subjects[0]) if subjects else "")


def subject_of(written: str) -> str:
    """A subject in one line. Raises one of ``TWISTED``."""
    parts = [
        # What is not encoded comes from the library as bytes beside what is.
        part if isinstance(part, str) else part.decode(alphabet(charset) if charset else "latin-1")
        for part, charset in decode_header(written)
    ]
    return unicodedata.normalize("NFC", " ".join("".join(parts).split()))


def _plain_parts(part: Message, depth: int = 0) -> Iterator[Message]:
    if depth > _NESTED:
        raise NotPlain("Det har för många delar i varandra.")
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        inner: list[Message] = part.get_payload()  # type: ignore[assignment]  # what «multipart» means
        for each in inner:
            yield from _plain_parts(each, depth + 1)
    elif part.get_content_type() == "text/plain" and not _is_attached(part):
        yield part


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _text_of(part: Message) -> str:
    told = part.get_payload(decode=True)
    if not isinstance(told, bytes) or part.defects:
        raise NotPlain("Texten är skadad.")
    text = told.decode(alphabet(part.get_content_charset("utf-8"))).replace("\r\n", "\n")
    if part.get_param("format") == "flowed":  # a line that ends in a blank goes on on the next one
        text = re.sub(" \n", "" if part.get_param("delsp") == "yes" else " ", text)
    return unicodedata.normalize("NFC", text)


def alphabet(name: str) -> str:
    """Its name to the library. Raises ``LookupError`` for one that no honest mail is written in."""
    known = codecs.lookup(name).name
    if not _ALPHABETS.fullmatch(known):
        raise LookupError(name)
    return known


def _verdicts(vouched: str) -> list[str]:
    """The server's name, and each verdict with what it is about. Comments and quoted words, which the sender may have
    chosen, are left out."""
    kept, depth, quoted, escaped = [], 0, False, False
    for letter in vouched:
        if escaped:
            escaped = False
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif not quoted and letter == "(":
            depth += 1
        elif not quoted and letter == ")" and depth:
            depth -= 1
        elif not quoted and not depth:
            kept.append(letter)
    server, *verdicts = "".join(kept).casefold().split(";")
    name = server.split()  # a version may follow
    return [name[0] if name else "", *(re.sub(r"\s*=\s*", "=", " ".join(each.split())) for each in verdicts)]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
