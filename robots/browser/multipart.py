"""Put the files back into a multipart body.

What a browser shows of an upload to somebody who stands between it and the server has the form's fields and the heads
of its files, but not their contents. The contents are put in here, byte for byte, at the heads they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from robots.errors import ApplicationException


@dataclass(frozen=True)
class Upload:
    """A file as it was put into a form."""

    name: str
    content: bytes


def with_files(body: bytes, content_type: str, uploads: Sequence[Upload]) -> bytes:
    """``body`` with the contents of ``uploads`` in the empty file parts that carry their names, in their order.

    A body that is not multipart is given back as it is. Raises ``ApplicationException`` when the file parts and the
    uploads are not the same: then nothing may be sent.
    """
    boundary = re.search(r'multipart/form-data;.*boundary="?([^";]+)"?', content_type)
    if boundary is None:
        return body
    separator = b"--" + boundary[1].encode()
    waiting = list(uploads)
    pieces = body.split(separator)
    rebuilt = [_filled(piece, waiting) for piece in pieces]
    if waiting:
        names = ", ".join(upload.name for upload in waiting)
        raise ApplicationException(f"Formuläret tog inte med bilagorna {names}. Inget har skickats.")
    return separator.join(rebuilt)


def _filled(piece: bytes, waiting: list[Upload]) -> bytes:
    head, blank, content = piece.partition(b"\r\n\r\n")
    name = re.search(rb'filename="((?:[^"\\]|\\.)*)"', head)
    if not blank or name is None or not name[1]:
        return piece
    # Browsers write quotes and line breaks of a file name as %22, %0D and %0A.
    shown = name[1].decode("utf-8").replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
    if not waiting or waiting[0].name != shown:
        raise ApplicationException(f"Formuläret har en bilaga som roboten inte har valt: {shown}. Inget har skickats.")
    upload = waiting.pop(0)
    if content.removesuffix(b"\r\n") not in (b"", upload.content):
        raise ApplicationException(f"Bilagan {shown} är inte den som roboten valde. Inget har skickats.")
    return head + blank + upload.content + b"\r\n"
