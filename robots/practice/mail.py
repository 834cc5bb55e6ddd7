"""The town's mail server: a real SMTP conversation, and an inbox that tests can read."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Mail:
    """A delivered message. ``attachments`` are (file name, bytes, sha256)."""

    recipient: str
    subject: str
    text: str
    attachments: tuple[tuple[str, int, str], ...]


class MailServer:
    """Listens on a free port of 127.0.0.1; ``delivered`` holds what has arrived, oldest first."""

    def __init__(self) -> None:
        self.delivered: list[Mail] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Start listening; ``port`` is known afterwards."""
        loop = asyncio.get_running_loop()
        inbox = _Inbox(self.delivered)
        self._server = await loop.create_server(lambda: SMTP(inbox, hostname="tallinge.example"), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server:
            self._server.close()


class _Inbox:
    def __init__(self, delivered: list[Mail]) -> None:
        self._delivered = delivered

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_in(envelope)
        body = message.get_body(("plain",))
        attachments = tuple(_attachment(part) for part in message.iter_attachments())
        for recipient in envelope.rcpt_tos:
            self._delivered.append(
                Mail(recipient, str(message["Subject"]), body.get_content() if body else "", attachments)
            )
        return "250 OK"


def message_in(envelope: Envelope) -> EmailMessage:
    """The mail that was handed in."""
    message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _attachment(part: Any) -> tuple[str, int, str]:
    content = part.get_payload(decode=True) or b""
    return part.get_filename() or "", len(content), hashlib.sha256(content).hexdigest()
