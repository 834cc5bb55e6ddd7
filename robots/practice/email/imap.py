"""The mailbox of the robots: a real IMAP server (pymap), whose answers faults can hold up, refuse or cut."""

from __future__ import annotations

import asyncio
import secrets
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from io import BytesIO

from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, Identity, Login, Session
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.context import connection_exit, subsystem
from pymap.exceptions import InvalidAuth
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.interfaces.login import IdentityInterface
from pymap.parsing.command import Command
from pymap.parsing.message import AppendMessage
from pymap.parsing.response import Response, ResponseBye
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext
from pysasl.identity import ClearIdentity

from robots.practice.cuts import cut
from robots.practice.faults import Faults
from robots.practice.sessions import User

INBOX, SENT = "INBOX", "Skickat"


class SortingOffice:
    """Has taken every mail apart that it has once seen: of a town as new, a thousand are the same each time."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self._seen = MailboxSet()

    async def lay(self, message: bytes, folder: MailboxData) -> None:
        """Put the mail in the folder."""
        seen = await self._seen.get_mailbox(INBOX)
        if message not in self._places:
            self._places[message] = (await seen.append(AppendMessage(message))).uid
        await seen.copy(self._places[message], folder)


class Mailbox:
    """One mailbox that all robot users share. What is put in it lies there when somebody next looks."""

    def __init__(self, sorting: SortingOffice) -> None:
        self.folders = MailboxSet()
        self._sorting = sorting
        self._arriving: list[bytes] = []
        self._has_sent = False

    def put(self, message: bytes) -> None:
        self._arriving.append(message)

    async def arrive(self) -> None:
        """Lay what has come in the inbox, in the order that it came."""
        if not self._has_sent:
            self._has_sent = True
            await self.folders.add_mailbox(SENT)
        inbox = await self.folders.get_mailbox(INBOX)
        while self._arriving:
            await self._sorting.lay(self._arriving.pop(0), inbox)


class ImapServer:
    """Listens on a free port of 127.0.0.1. ``mailbox`` gives the mailbox as it is now: a new one after a reset."""

    def __init__(
        self, knows: Callable[[str, Callable[[User], bool]], User | None], mailbox: Callable[[], Mailbox],
        faults: Faults, key: str,
    ) -> None:  # fmt: skip
        self.port = 0
        self._knows = knows
        self.mailbox = mailbox
        self.faults = faults
        self.key = key
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Start listening; ``port`` is known afterwards."""
        self._config = _Config(
            Namespace(passlib_cfg=None, proxy_protocol=None), host="127.0.0.1", port=0, demo_data=False, demo_user="",
            demo_password="", tls_enabled=False, reject_dnsbl=False, hash_context=Cleartext(),
            cpu_subsystem=subsystem.get(), proxy_protocol=ProxyProtocolVersion.NOOP.value,
            admin_key=secrets.token_bytes(),
        )  # fmt: skip
        visited = ProxyProtocolReader(self._config.proxy_protocol).get_callback(self._visited)
        self._server = await asyncio.start_server(visited, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def user(self, credentials: ServerCredentials) -> User | None:
        def fits(user: User) -> bool:
            return credentials.verify(ClearIdentity(user.name, user.password))

        return self._knows(credentials.authcid, fits)

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visitor: SocketInfo) -> None:
        connection = _Connection(self, self._config, reader, writer, visitor)
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(connection))
            await connection.run(ConnectionState(_Login(self, self._config), self._config))


class _Config(Config):
    @property
    def greeting(self) -> bytes:
        """Without the machine's name, which can take seconds to find out."""
        return b"Tallinge kommun e-post"


class _Login(Login):
    def __init__(self, server: ImapServer, config: Config) -> None:
        super().__init__(config)
        self._server = server

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        user = self._server.user(credentials)
        if user is None:
            raise InvalidAuth
        return _Visitor(self._server.mailbox(), user.name, self)

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> Identity:
        if not isinstance(authenticated, _Visitor) or authzid != authenticated.name:
            raise InvalidAuth
        return authenticated


class _Visitor(Identity):
    def __init__(self, mailbox: Mailbox, name: str, login: Login) -> None:
        super().__init__(name, login, None, frozenset())
        self._mailbox = mailbox

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator[Session]:
        await self._mailbox.arrive()
        yield Session(self.name, self.config, self._mailbox.folders, FilterSet())


class _Connection(IMAPConnection):
    """Faults find it by the command's name: method ``FETCH``, no path."""

    def __init__(
        self,
        server: ImapServer,
        config: Config,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        visitor: SocketInfo,
    ) -> None:
        super().__init__(config.commands, config, reader, writer, visitor)
        self._town = server
        self._cut = ""

    async def read_command(self, state: ConnectionState) -> Command:
        command = await super().read_command(state)
        method = bytes(command.command).decode().rpartition(" ")[2]
        key, faults = self._town.key, self._town.faults
        if slow := faults.take("slow", key, method, ""):
            await asyncio.sleep(slow.seconds)
        if faults.take("down", key, method, ""):
            await self.write_response(ResponseBye(b"Stangt for underhall"))
            raise EOFError
        lost = faults.take("answer_lost", key, method, "")
        self._cut = lost.how or "fin" if lost else ""
        await self._town.mailbox().arrive()
        return command

    async def write_response(self, resp: Response) -> None:
        """In one piece: the library sends each mail in seven, and writes all of it a second time for its log."""
        held = BytesIO()
        await resp.async_write(held)
        whole = held.getvalue()
        with suppress(ConnectionError):
            self.writer.write(whole[: len(whole) // 2] if self._cut else whole)
            await self.writer.drain()
        if self._cut:
            cut(self.writer.transport, self._cut)
