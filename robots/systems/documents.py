"""Files that a robot fetches in one system and hands on in another."""

from __future__ import annotations

import hashlib
import re
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


@dataclass(frozen=True)
class Document:
    """A whole file. ``sha256`` is what evidence remembers of it."""

    name: str
    content: bytes = field(repr=False)
    type: str = PDF_TYPE

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def pdf_from(answer: APIResponse) -> Document:
    """The PDF in an answer, checked by its format and its length: a file that was cut says nothing of it itself.

    Raises ``SessionLost`` when a page came instead, ``DownloadBroken`` when the file is not whole.
    """
    content, name = bytes_from(answer), _name_in(answer)
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        raise DownloadBroken(f"Filen {name} är inte en hel PDF ({len(content)} byte).")
    return Document(name, content)


def bytes_from(answer: APIResponse) -> bytes:
    """What is in the file in an answer, as long as the answer says that it is. Raises as ``pdf_from``."""
    content, name = answer.body(), _name_in(answer)
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status != 200 or kind == "text/html":
        if answer.status in (200, 301, 302, 303, 401):
            raise SessionLost(f"I stället för filen {name} kom en sida. Roboten är nog utloggad.")
        raise DownloadBroken(f"Filen {name} gick inte att hämta: systemet svarade {answer.status}.")
    told = answer.headers.get("content-length")
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
