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
    separator = _separator(content_type)
    if separator is None:
        return body
    waiting = list(uploads)
    pieces = body.split(separator)
    rebuilt = [_filled(piece, waiting) for piece in pieces]
    if waiting:
        names = ", ".join(upload.name for upload in waiting)
        raise ApplicationException(f"Formuläret tog inte med bilagorna {names}. Inget har skickats.")
    return separator.join(rebuilt)


def without_boundary(body: bytes, content_type: str) -> bytes:
    """``body`` as it is each time the same form is sent: a browser makes up a new boundary every time."""
    separator = _separator(content_type)
    return body if separator is None else body.replace(separator, b"--")


def _separator(content_type: str) -> bytes | None:
    boundary = re.search(r'multipart/form-data;.*boundary="?([^";]+)"?', content_type)
    return None if boundary is None else b"--" + boundary[1].encode()


def _as_written(name: str) -> str:
    """A file name as browsers write it: quotes and line breaks as %22, %0D and %0A, and nothing else."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _filled(piece: bytes, waiting: list[Upload]) -> bytes:
    head, blank, content = piece.partition(b"\r\n\r\n")
    name = re.search(rb'filename="((?:[^"\\]|\\.)*)"', head)
    if not blank or name is None or not name[1]:
        return piece
    shown = name[1].decode("utf-8")
    if not waiting or _as_written(waiting[0].name) != shown:
        raise ApplicationException(f"Formuläret har en bilaga som roboten inte har valt: {shown}. Inget har skickats.")
    upload = waiting.pop(0)
    if content.removesuffix(b"\r\n") not in (b"", upload.content):
        raise ApplicationException(f"Bilagan {shown} är inte den som roboten valde. Inget har skickats.")
    return head + blank + upload.content + b"\r\n"
