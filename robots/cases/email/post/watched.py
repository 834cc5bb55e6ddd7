"""A mailbox whose messages are dealt with one by one: looked at, and moved to another folder when that is done."""

from __future__ import annotations

import base64
import imaplib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from robots.cases.email.post.servers import Folders, ok
from robots.errors import ConfigurationError

AT_A_TIME = 200
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True)
class Waiting:
    """A message that lies in the folder: its number there, its size in bytes, and of its head From and Subject."""

    uid: int
    size: int
    head: bytes


class Watched(Folders):
    """One folder of a mailbox, and the folders beside it. Raises ``SystemDown`` and ``LoginFailed``.

    A message keeps its number as long as the folder is open; where the connection has broken, all is read anew.
    """

    def open(self, folder: str) -> list[int]:
        """The numbers of the messages in it, oldest first. Raises ``ConfigurationError`` without such a folder."""
        with self._conversation() as imap:
            if imap.select(_name(folder))[0] == "NO":
                raise ConfigurationError(f"Brevlådan har ingen mapp {folder}.")
            return sorted(map(int, (ok(imap.uid("SEARCH", "UNDELETED"))[0] or b"").split()))

    def waiting(self, uids: Sequence[int]) -> Iterator[Waiting]:
        """What is needed to tell whose they are, in the same order. Those that somebody has moved are left out."""
        part = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])"
        for first in range(0, len(uids), AT_A_TIME):
            some = ",".join(map(str, uids[first : first + AT_A_TIME]))
            with self._conversation() as imap:
                answer = ok(imap.uid("FETCH", some, part))
            # Some servers tell the number before what was asked for, and some after it.
            told = [
                (each[0] + (after if isinstance(after, bytes) else b""), each[1])
                for each, after in zip(answer, [*answer[1:], b""], strict=True)
                if isinstance(each, tuple)
            ]
            found = [Waiting(_number("UID", about), _number("RFC822.SIZE", about), head) for about, head in told]
            yield from sorted(found, key=lambda each: each.uid)

    def content(self, uid: int) -> bytes | None:
        """The whole message, which stays unread; None where somebody has moved it."""
        with self._conversation() as imap:
            answer = ok(imap.uid("FETCH", str(uid), "(BODY.PEEK[])"))
        return next((each[1] for each in answer if isinstance(each, tuple)), None)

    def move(self, uid: int, folder: str) -> None:
        """Lay it in another folder, which is made where there is none."""
        name = _name(folder)
        with self._conversation() as imap:
            able = ok(imap.capability())[0].split()  # what it said before the login is less
            if imap.create(name)[0] == "OK":  # it says no where the folder is there
                imap.subscribe(name)  # so that people's mail programs show it
            if b"MOVE" in able:
                ok(imap.uid("MOVE", str(uid), name))
            else:
                _move_in_two_steps(imap, str(uid), name, able)


def _move_in_two_steps(imap: imaplib.IMAP4, uid: str, name: str, able: list[bytes]) -> None:
    """Where it ends between them the message lies in both folders, and is known by what it is."""
    ok(imap.uid("COPY", uid, name))
    ok(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
    if b"UIDPLUS" in able:  # otherwise it would take with it what others have marked; marked, it is not read again
        ok(imap.uid("EXPUNGE", uid))


def _number(what: str, told: bytes) -> int:
    found = re.search(rf"\b{re.escape(what)} (\d+)".encode(), told)
    if found is None:
        raise imaplib.IMAP4.error(f"no {what}")
    return int(found[1])


def _name(folder: str) -> str:
    """As the protocol writes it (RFC 3501, 5.1.3), within quotes."""

    def shifted(found: re.Match[str]) -> str:
        return f"&{base64.b64encode(found[0].encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"

    told = _NOT_ASCII.sub(shifted, folder.replace("&", "&-"))
    return '"' + told.replace("\\", "\\\\").replace('"', '\\"') + '"'
