"""A message as a mail: plain text and HTML, handed in to the municipality's mail server."""

from __future__ import annotations

import smtplib
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from robots.errors import ConfigurationError, NotTaken
from robots.loopback import is_loopback
from robots.settings import Settings
from robots.telling.letters import Letter
from robots.tls import trusted

SECONDS = 20.0
LET_IN = 235
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """``encrypted`` from the beginning; otherwise from STARTTLS on, unless it is this machine."""

    host: str
    port: int
    user: str
    encrypted: bool

    @property
    def is_here(self) -> bool:
        """Whether nothing leaves this machine on the way to it."""
        return is_loopback(self.host)


def mail_server(url: str) -> MailServer:
    """What ``smtp_url`` says. Raises ``ConfigurationError`` when it cannot be used, and never shows it."""
    try:
        told = urlsplit(url)
        port = told.port
    except ValueError:
        told, port = urlsplit(""), None
    if told.scheme not in PORTS or not told.hostname or told.path not in ("", "/") or told.query:
        raise ConfigurationError(
            "Inställningen smtp_url saknas eller går inte att läsa. Skriv den som smtp://användare@server:587 "
            "(STARTTLS) eller smtps://användare@server:465 (TLS)."
        )
    if told.password is not None:
        raise ConfigurationError("smtp_url har ett lösenord i sig. Ta bort det och lägg det i filen secrets/smtp.")
    return MailServer(told.hostname, port or PORTS[told.scheme], unquote(told.username or ""), told.scheme == "smtps")


def send_mail(settings: Settings, to: str, letter: Letter, identity: str) -> None:
    """Hand the mail in. Raises ``NotTaken`` when it is not taken, ``ConfigurationError`` for the settings."""
    server = mail_server(settings.smtp_url)
    message = mail(sender(settings), to, letter, identity)
    try:
        with _open(server) as smtp:
            if server.user:
                secret = settings.secret("smtp", what=f"Lösenordet för {server.user} på e-postservern")
                _log_in(smtp, server.user, secret.get_secret_value())
            smtp.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise NotTaken(f"E-postservern {server.host} släpper inte in {server.user}.") from None
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotTaken(f"E-postservern {server.host} tar inte emot mejl till {to} ({code} {_words(said)}).") from None
    except smtplib.SMTPResponseException as error:
        words = f"E-postservern {server.host} tog inte emot mejlet ({error.smtp_code} {_words(error.smtp_error)})."
        raise NotTaken(words) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(f"E-postservern {server.host} svarar inte som den ska ({type(error).__name__}).") from None


def sender(settings: Settings) -> str:
    return settings.mail_from or f"ragnhild@{socket.gethostname() or 'localhost'}"


def mail(from_address: str, to: str, letter: Letter, identity: str) -> EmailMessage:
    """The mail itself. It says that no person wrote it, so that no absent colleague's mailbox answers it.

    Raises ``ConfigurationError`` for a sender that is none.
    """
    message = EmailMessage(policy=SMTP_POLICY)
    try:
        message["From"] = Address("Ragnhild", addr_spec=from_address)
    except (ValueError, MessageError):
        raise ConfigurationError(f"Inställningen mail_from, «{from_address}», är ingen e-postadress.") from None
    message["To"] = to
    message["Subject"] = letter.subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


@contextmanager
def _open(server: MailServer) -> Iterator[smtplib.SMTP]:
    """The conversation, encrypted unless it stays on this machine. A goodbye that is not answered matters not."""
    if server.encrypted:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, "robot", timeout=SECONDS, context=trusted())
    else:
        smtp = smtplib.SMTP(server.host, server.port, "robot", timeout=SECONDS)
    with closing(smtp):
        if not server.encrypted and not server.is_here:
            smtp.starttls(context=trusted())
        yield smtp
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    if (user + password).isascii():
        smtp.login(user, password)
        return
    # The library's own way knows no letters beyond ASCII.
    smtp.ehlo()
    code, said = smtp.docmd("AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode())
    if code != LET_IN:
        raise smtplib.SMTPAuthenticationError(code, said)


def _words(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
