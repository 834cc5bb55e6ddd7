"""Sends a message to the citizen as a real e-mail, through the town's mail server."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol


class Attachment(Protocol):
    """A file that a message carries."""

    @property
    def name(self) -> str: ...

    @property
    def content_type(self) -> str: ...

    @property
    def content(self) -> bytes: ...


SENDER = "Tallinge kontaktcenter <kontaktcenter@tallinge.example>"


def send(port: int, to: str, subject: str, text: str, attachments: Iterable[Attachment]) -> None:
    """Blocks until the mail server has taken the message; raises ``OSError`` or ``SMTPException`` if it does not."""
    message = EmailMessage(policy=SMTP)
    message["From"] = SENDER
    message["To"] = to
    message["Subject"] = subject
    message.set_content(text)
    for attachment in attachments:
        attach(message, attachment)
    # The host name is given because looking it up can take seconds.
    with smtplib.SMTP("127.0.0.1", port, local_hostname="artina.tallinge.example", timeout=30) as server:
        server.send_message(message)


def attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = attachment.content_type.partition("/")
    if not sub or main in ("text", "message", "multipart"):
        # The mail library would re-encode text; as a plain stream of bytes it arrives as it was.
        main, sub = "application", "octet-stream"
    message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
