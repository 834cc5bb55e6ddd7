"""The mail server that the robots hand their mails in to: it knows its users, and takes mails to the case system only.

Faults find a mail by its command: method ``DATA``, path ``/anteckning``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from robots.practice.cuts import cut
from robots.practice.email.letters import ADDRESS
from robots.practice.email.orders import Order, read_order
from robots.practice.faults import Faults
from robots.practice.mail import message_in
from robots.practice.sessions import User

MOST_BYTES = 10_000_000


class SubmissionServer:
    """Listens on a free port of 127.0.0.1. ``deliver`` gives a mail to the case system, which does as it says."""

    def __init__(
        self,
        knows: Callable[[str, Callable[[User], bool]], User | None],
        deliver: Callable[[Order, User], Awaitable[None]],
        faults: Faults,
        key: str,
    ) -> None:
        self.port = 0
        self._knows = knows
        self._deliver = deliver
        self._faults = faults
        self._key = key
        self._late: set[asyncio.Task[None]] = set()
        self._hurry = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Start listening; ``port`` is known afterwards."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library warns of itself at every login
        self._server = await asyncio.get_running_loop().create_server(self._conversation, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def hurry(self) -> None:
        """What is late by a fault is delivered now."""
        self._hurry.set()

    def forget_late(self) -> None:
        """What was taken and has not been delivered belongs to a town that is no more."""
        self._hurry = asyncio.Event()
        for task in self._late:
            task.cancel()

    def _conversation(self) -> SMTP:
        return SMTP(
            self, hostname="post.tallinge.example", authenticator=self._authenticated, auth_require_tls=False,
            data_size_limit=MOST_BYTES,
        )  # fmt: skip

    def _authenticated(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, told: LoginPassword
    ) -> AuthResult:
        name, password = told.login.decode("utf-8", "replace"), told.password.decode("utf-8", "replace")
        user = self._knows(name, lambda user: user.password == password)
        return AuthResult(success=user is not None, handled=False, auth_data=user)

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address != ADDRESS:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        order = read_order(message_in(envelope))
        user = cast("User", session.auth_data)  # nobody else comes past ``handle_MAIL``
        if self._faults.take("down", self._key, "DATA", order.path):
            return "451 4.3.2 System not accepting messages"
        lost = self._faults.peek("answer_lost", self._key, "DATA", order.path)
        if lost and lost.before_commit:
            lost.hits += 1
            return await self._lose(server, lost.how)
        if late := self._faults.take("slow", self._key, "DATA", order.path):
            task = asyncio.create_task(self._deliver_late(order, user, late.seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        else:
            await self._deliver(order, user)
        if lost:
            lost.hits += 1
            return await self._lose(server, lost.how)
        return "250 2.0.0 OK"

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        if self._faults.take("down", self._key, "QUIT", ""):
            return "421 4.3.2 System not accepting messages"
        if lost := self._faults.take("answer_lost", self._key, "QUIT", ""):
            return await self._lose(server, lost.how)
        return "221 2.0.0 Bye"

    async def _deliver_late(self, order: Order, user: User, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)
        await self._deliver(order, user)

    async def _lose(self, server: SMTP, how: str) -> str:
        """The mail may have been taken; whoever sent it never learns."""
        if how == "408":
            return "451 4.4.2 Timeout"
        assert isinstance(server.transport, asyncio.WriteTransport)
        if how == "partial":
            server.transport.write(b"25")
        cut(server.transport, how)
        await asyncio.Event().wait()  # ends with the conversation
        raise AssertionError
