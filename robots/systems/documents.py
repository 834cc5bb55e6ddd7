"""Files that a robot fetches in one system and hands on in another."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from email.message import Message
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

from robots.errors import DownloadBroken, SessionLost

if TYPE_CHECKING:  # half a second for every command that opens no browser
    from playwright.sync_api import APIResponse

PDF_TYPE = "application/pdf"
UNKNOWN_TYPE = "application/octet-stream"
MOST_BYTES = 100 * 1024 * 1024
LONGEST_NAME = 120
# As many digits as a number of bytes can have: Python reads no number of thousands of them.
_LENGTH = re.compile(r"[0-9]{1,18}")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Document:
    """A whole file. ``sha256`` is what evidence remembers of it.

    Its name is what a person reads, and no robot puts it in a path: whoever named it may have meant it to be one.
    """

    name: str
    content: bytes = field(repr=False)
    type: str = PDF_TYPE

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", plain_name(self.name))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def plain_name(name: str) -> str:
    """What a file is called, without folders, line breaks, signs that turn the reading order, and names of devices."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")).strip(" .")
    if len(seen) > LONGEST_NAME:
        stem, dot, kind = seen.rpartition(".")
        kept = f"{dot}{kind}" if stem and len(kind) <= 10 else ""
        seen = seen[: LONGEST_NAME - len(kept)] + kept
    return f"_{seen}" if _DEVICES.fullmatch(seen) else seen or "fil"


def pdf_from(answer: APIResponse) -> Document:
    """The PDF in an answer, checked by its format and its length: a file that was cut says nothing of it itself.

    Raises ``SessionLost`` when a page came instead, ``DownloadBroken`` when the file is not whole.
    """
    content, name = bytes_from(answer), plain_name(_name_in(answer))
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        raise DownloadBroken(f"Filen {name} är inte en hel PDF ({len(content)} byte).")
    return Document(name, content)


def bytes_from(answer: APIResponse) -> bytes:
    """What is in the file in an answer, as long as the answer says that it is. Raises as ``pdf_from``."""
    name = plain_name(_name_in(answer))
    told = answer.headers.get("content-length", "")
    told = told if _LENGTH.fullmatch(told) else ""
    if told and int(told) > MOST_BYTES:
        raise DownloadBroken(f"Filen {name} är för stor: {int(told)} byte, och högst {MOST_BYTES} tas emot.")
    content = answer.body()
    if len(content) > MOST_BYTES:
        raise DownloadBroken(f"Filen {name} är för stor: {len(content)} byte, och högst {MOST_BYTES} tas emot.")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status != 200 or kind == "text/html":
        if answer.status in (200, 301, 302, 303, 401):
            raise SessionLost(f"I stället för filen {name} kom en sida. Roboten är nog utloggad.")
        raise DownloadBroken(f"Filen {name} gick inte att hämta: systemet svarade {answer.status}.")
    if told and int(told) != len(content):
        raise DownloadBroken(f"Filen {name} kom inte hel: {len(content)} av {told} byte.")
    return content


def type_of(content: bytes) -> str:
    """What a file is by its bytes, whatever it is called: a whole JPEG or PNG, a whole PDF, or bytes of any kind.

    A picture that was cut is no picture, nor is one that is called so.
    """
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        return PDF_TYPE
    return _picture_type(content) or UNKNOWN_TYPE


def _picture_type(content: bytes) -> str:
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.format == "PNG":
                picture.verify()  # the sum of every part, to the last one
                return "image/png"
            picture.draft("L", (1, 1))  # read to the end, and kept small: a photo of a few MB is 100 when unpacked
            picture.load()
            return "image/jpeg"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""


def _name_in(answer: APIResponse) -> str:
    return _file_name(answer.headers.get("content-disposition", "")) or answer.url.rpartition("/")[2]


def _file_name(disposition: str) -> str | None:
    """The name in UTF-8 where the header has it, else the plain one for old browsers."""
    full = re.search(r"filename\*=UTF-8''([^;]+)", disposition, re.IGNORECASE)
    if full:
        return unquote(full[1])
    message = Message()
    message["content-disposition"] = disposition
    return message.get_filename()
