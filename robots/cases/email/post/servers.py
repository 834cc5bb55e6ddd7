"""The mail servers: the folders of the robot's mailbox (IMAP), and the one mail that leaves (SMTP)."""

from __future__ import annotations

import base64
import imaplib
import re
import smtplib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol
from xml.etree.ElementTree import ParseError

import httpx
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from pydantic import SecretStr

from robots.cases.email.wire import Letter
from robots.errors import BusinessException, ConfigurationError, LoginFailed, PageNotRecognised, SystemDown
from robots.loopback import is_loopback
from robots.settings import SystemSettings
from robots.systems.bench import Bench
from robots.systems.login import LoginSessions
from robots.tls import trusted

WHERE = "mail/config-v1.1.xml"
ACCEPTED, LET_IN, NOT_LET_IN = 250, 235, (530, 534, 535)
PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # a no to the hour and not to the password (RFC 5530)


@dataclass(frozen=True)
class Server:
    """``security`` is SSL, STARTTLS or plain."""

    host: str
    port: int
    security: str


@dataclass(frozen=True)
class Servers:
    imap: Server
    smtp: Server


def look_up(bench: Bench) -> Servers:
    """Where the system's address says that its mail is, in the form that mail programs look it up in.

    Raises ``ConfigurationError`` where the password would leave the machine in clear text.
    """
    bench.demand_sealed(bench.settings.url)  # what is told there is where the password goes
    try:
        address = f"{bench.settings.url.rstrip('/')}/{WHERE}"
        answer = httpx.get(address, timeout=bench.settings.timeout_seconds, trust_env=False, verify=trusted())
    except httpx.HTTPError as error:
        raise SystemDown(f"{bench.title} går inte att nå ({type(error).__name__}).") from None
    bench.demand_open(answer.status_code, answer.headers)
    try:
        told = fromstring(answer.text)
        found = Servers(_server(told, "incomingServer[@type='imap']"), _server(told, "outgoingServer[@type='smtp']"))
    except (ParseError, DefusedXmlException, AttributeError, TypeError, ValueError):
        raise PageNotRecognised(f"{bench.title} talar inte om var e-postservrarna finns.") from None
    for server in (found.imap, found.smtp):
        demand_encrypted(server, "systems.toml")
    return found


def demand_encrypted(server: Server, file: str) -> None:
    """Raise ``ConfigurationError``, of the file, where the password would leave the machine in clear text."""
    if server.security not in ("SSL", "STARTTLS") and not is_loopback(server.host):
        raise ConfigurationError(f"E-postservern {server.host} vill ha lösenordet okrypterat.", file)


def _server(told: Any, which: str) -> Server:
    here = told.find(f".//{which}")
    return Server(here.find("hostname").text, int(here.find("port").text), here.find("socketType").text)


class Holder(Protocol):
    """Whose the mailbox is: a system's bench, or what a schedule reads by itself. ``title`` names it to people."""

    @property
    def title(self) -> str: ...
    @property
    def robot_user(self) -> str: ...
    @property
    def password(self) -> SecretStr: ...
    @property
    def logins(self) -> LoginSessions: ...
    @property
    def settings(self) -> SystemSettings: ...


class Folders:
    """The mailbox, opened when first looked into. After a broken connection the next look opens it anew."""

    def __init__(self, bench: Holder, server: Server) -> None:
        self._bench = bench
        self._server = server
        self._open: imaplib.IMAP4 | None = None

    def close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            _shut(opened)

    def letters(self, folder: str, subject: str = "", *, heads: bool = False) -> list[Letter]:
        """The folder's mails as they are now, oldest first; with ``subject`` those that have it in theirs.

        ``heads`` leaves their bodies where they are. Raises ``PageNotRecognised`` when not all of them came.
        """
        part = "(UID BODY.PEEK[HEADER])" if heads else "(UID BODY.PEEK[])"
        with self._conversation() as imap:
            there = int(ok(imap.select(f'"{folder}"', readonly=True))[0])
            if subject:
                found = (ok(imap.uid("SEARCH", "HEADER", "SUBJECT", f'"{subject}"'))[0] or b"").split()
                answer = ok(imap.uid("FETCH", b",".join(found).decode(), part)) if found else []
                there = len(found)
            else:
                answer = ok(imap.fetch(f"1:{there}", part)) if there else []
        told = [each for each in answer if isinstance(each, tuple)]
        if len(told) != there:
            raise PageNotRecognised(f"{self._bench.title} har {there} mejl men visade {len(told)}.")
        told.sort(key=lambda each: int(each[0].split()[0]))
        return [Letter(content) for _, content in told]

    def file(self, folder: str, message: bytes) -> None:
        """Put a mail in a folder (APPEND)."""
        with self._conversation() as imap:
            ok(imap.append(f'"{folder}"', r"(\Seen)", "", message))

    @contextmanager
    def _conversation(self) -> Iterator[imaplib.IMAP4]:
        try:
            if self._open is None:
                with self._bench.logins.alone():  # a wrong password is tried by one of all workers
                    self._bench.logins.demand_unrefused(self._bench.password)
                    self._open = self._let_in()
            yield self._open
        except (OSError, imaplib.IMAP4.error) as error:  # its words may quote a mail
            self.close()
            raise SystemDown(f"{self._bench.title}: brevlådan går inte att läsa ({type(error).__name__}).") from None

    def _let_in(self) -> imaplib.IMAP4:
        here, timeout = self._server, self._bench.settings.timeout_seconds
        if here.security == "SSL":
            opened: imaplib.IMAP4 = imaplib.IMAP4_SSL(here.host, here.port, ssl_context=trusted(), timeout=timeout)
        else:
            opened = imaplib.IMAP4(here.host, here.port, timeout=timeout)
        try:
            if here.security == "STARTTLS":
                opened.starttls(trusted())
            self._log_in(opened)
        except BaseException:
            _shut(opened)
            raise
        return opened

    def _log_in(self, opened: imaplib.IMAP4) -> None:
        """Not by LOGIN, which knows no letters beyond ASCII; the library encodes this for itself."""
        try:
            opened.authenticate("PLAIN", lambda _: _plain(self._bench))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if any(word in str(error) for word in PASSING):
                raise
            raise _refused(self._bench) from None


def _shut(opened: imaplib.IMAP4) -> None:
    with suppress(OSError, imaplib.IMAP4.error):
        opened.shutdown()


@contextmanager
def handing_in(bench: Bench, server: Server, sender: str, to: str, size: int) -> Iterator[smtplib.SMTP]:
    """The conversation with the mail server up to the mail itself: ``data`` is what remains to be said.

    Raises ``BusinessException`` for a mail that is larger than the server takes, ``LoginFailed``, ``SystemDown``.
    """
    try:
        with _leaving(_reached(server, bench.settings.timeout_seconds)) as smtp:
            if server.security == "STARTTLS":
                smtp.starttls(context=trusted())
            smtp.ehlo()
            _demand_room(smtp, size)
            _log_in(bench, smtp)
            _agreed(smtp.mail(sender))
            _agreed(smtp.rcpt(to))
            yield smtp
    except (OSError, smtplib.SMTPException) as error:
        raise SystemDown(f"{bench.title}: e-postservern svarar inte som den ska ({type(error).__name__}).") from None


@contextmanager
def _leaving(smtp: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    """Say goodbye in the end; a server that does not answer that has taken the mail all the same."""
    try:
        yield smtp
    finally:
        with closing(smtp), suppress(OSError, smtplib.SMTPException):
            smtp.quit()


def _reached(server: Server, timeout: float) -> smtplib.SMTP:
    """Its host name is told as «robot», because looking it up can take seconds."""
    if server.security == "SSL":
        return smtplib.SMTP_SSL(server.host, server.port, "robot", timeout=timeout, context=trusted())
    return smtplib.SMTP(server.host, server.port, "robot", timeout=timeout)


def _log_in(bench: Bench, smtp: smtplib.SMTP) -> None:
    with bench.logins.alone():
        bench.logins.demand_unrefused(bench.password)
        code, _ = smtp.docmd("AUTH", "PLAIN " + base64.b64encode(_plain(bench)).decode())
        if code in NOT_LET_IN:
            raise _refused(bench)
    _agreed((code, b""), LET_IN)


def _demand_room(smtp: smtplib.SMTP, size: int) -> None:
    most = smtp.esmtp_features.get("size", "")
    if re.fullmatch("[0-9]{1,18}", most) and 0 < int(most) < size:
        raise BusinessException(
            f"Mejlet blir {size / 1e6:.1f} MB, och e-postservern tar inte emot mer än {int(most) / 1e6:.1f} MB.",
            kind="För stora bilagor",
            todo="Skicka bilagorna på annat sätt och anteckna det i ärendet.",
        )


def _plain(bench: Holder) -> bytes:
    return b"\0" + bench.robot_user.encode() + b"\0" + bench.password.get_secret_value().encode()


def _refused(bench: Holder) -> LoginFailed:
    bench.logins.remember_refusal(bench.password)
    return LoginFailed(f"{bench.title} nekade roboten {bench.robot_user}.")


def _agreed(answer: tuple[int, bytes], wanted: int = ACCEPTED) -> None:
    if answer[0] != wanted:
        raise smtplib.SMTPResponseException(answer[0], b"")


def ok(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, told = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(re.sub(r"\W+", " ", kind))
    return told
