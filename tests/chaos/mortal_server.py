"""A PostgreSQL that is killed and started again, and the way there, on which an answer to COMMIT can be lost.

The clients know the way only: a socket of the experiment's own, which passes everything on and reads along. It knows
when a transaction is about to be committed and what it has changed, and kills the server right before or right after.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil
import psycopg

from robots.store.embedded import leave_embedded, start_embedded

SECONDS = 60.0
SOCKET = ".s.PGSQL.5432"
# What a transaction has changed, by the words of its statements.
CHANGES = {
    "a request": r"insert into runs",
    "the taking from the queue": r"procrastinate_fetch_job",
    "a claim": r"insert into attempts",
    "an intention": r"insert into effects",
    "an arming or a confirmation": r"update effects set",
    "an outcome": r"insert into outcomes",
    "the giving back to the queue": r"procrastinate_(finish|retry)_job",
    "a worker's sign of life": r"update workers set",
    "an engine's sign of life": r"procrastinate_update_heartbeat",
}
Side = Literal["before", "after"]
READY = b"Z\0\0\0\5"  # the server's last word, with the state of the transaction behind it


class MortalServer:
    """The server itself: the toolkit's own, but started and killed by hand. ``environment`` is what it gets besides."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        made = start_embedded(folder / "database")  # makes the files; the package's own keeper must not mind the rest
        self._programs, self._user = made.bin_path, made.system_user
        self.sockets = Path(psycopg.conninfo.conninfo_to_dict(made.get_uri())["host"])  # type: ignore[arg-type]
        leave_embedded(made)
        self._data = made.pgdata
        self._environment = environment or {}
        self._process: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres:@/postgres?host={self.sockets}"

    def start(self) -> None:
        """Start it, and wait until it lets somebody in."""
        with (self._data.parent / "server.log").open("ab") as log:
            self._process = psutil.Popen(
                [self._programs / "postgres", "-D", self._data, "-h", "", "-k", self.sockets],
                stdout=log, stderr=log, cwd=self._data.parent, env=os.environ | self._environment, user=self._user,
            )  # fmt: skip
        deadline = time.monotonic() + SECONDS
        while not self._lets_in():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._data.parent / "server.log").read_text("utf-8", "replace")[-2000:])
            time.sleep(0.02)  # it tells nobody when it is ready

    def kill(self) -> None:
        """At once and with all that it has started, as when the machine loses its power."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            self._process.suspend()  # so that it starts nobody meanwhile
            family = self._process.children(recursive=True)
            for each in (self._process, *family):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(family, SECONDS)
        self._process.wait(SECONDS)
        self._process = None

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """By the direct way, which nobody reads along on."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(question.encode()).fetchall()

    def _lets_in(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def mortal_server(folder: Path, environment: dict[str, str] | None = None) -> Iterator[MortalServer]:
    """One that runs, in a folder that must not be deep: a socket's name is short."""
    server = MortalServer(folder, environment)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@dataclass
class Strike:
    """The next commit of such a ``change`` (a key of ``CHANGES``; "" is any) is to be the server's end.

    ``side``: "before" it has landed, or "after" it has and nobody has been told. ``done`` when it has happened.
    """

    change: str
    side: Side
    done: threading.Event = field(default_factory=threading.Event)


class Way:
    """The socket that the clients know. ``strike`` is what it waits for, if anything."""

    def __init__(self, server: MortalServer, folder: Path) -> None:
        self.folder = folder
        self.strike: Strike | None = None
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"postgresql://postgres:@/postgres?host={self.folder}"

    def open(self) -> None:
        self.folder.mkdir()
        self._thread.start()
        serving = asyncio.start_unix_server(self._serve, self.folder / SOCKET, backlog=500)
        self._serving = asyncio.run_coroutine_threadsafe(serving, self._loop).result(SECONDS)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS)
        self._loop.close()

    async def _end(self) -> None:
        self._serving.close()
        at_work = asyncio.all_tasks() - {asyncio.current_task()}
        for each in at_work:
            each.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)

    def wants(self, changes: set[str]) -> Strike | None:
        strike = self.strike
        return strike if strike and changes and (strike.change in changes or not strike.change) else None

    def hit(self, strike: Strike) -> None:
        self.strike = None
        self._server.kill()
        strike.done.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client. When the server cannot be reached its connection ends, as on a server that is being started."""
        try:
            there, to_server = await asyncio.open_unix_connection(self._server.sockets / SOCKET)
        except OSError:
            writer.close()
            return
        passage = Passage(self)
        both = [
            asyncio.create_task(passage.carry(reader, to_server, passage.from_client)),
            asyncio.create_task(passage.carry(there, writer, passage.from_server)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
            for each_writer in (writer, to_server):
                each_writer.close()


class Passage:
    """One connection, with what is known of the transaction that it is in."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._begun = False  # the client's first message has no kind
        self._prepared: dict[bytes, str] = {}
        self._in_transaction = False
        self._changes: set[str] = set()
        self._landing: Strike | None = None

    @staticmethod
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Any) -> None:
        with suppress(OSError):
            while (data := await reader.read(1 << 20)) and seen(data):
                writer.write(data)
                await writer.drain()

    def from_client(self, data: bytes) -> bool:
        """Whether it is to be passed on."""
        if not self._begun:
            self._begun = True
            return True
        words, carried_out = "", False
        for kind, body in _messages(data):
            words += self._words(kind, body)
            carried_out |= kind in b"QE"
        self._changes |= {name for name, pattern in CHANGES.items() if re.search(pattern, words, re.IGNORECASE)}
        commits = words.strip("\0 ;").upper() == "COMMIT" if self._in_transaction else carried_out
        if not commits or not (strike := self._way.wants(self._changes)):
            return True
        if strike.side == "before":
            self._way.hit(strike)
            return False
        self._landing = strike
        return True

    def from_server(self, data: bytes) -> bool:
        """Whether it is to be passed on."""
        if data[-6:-1] == READY:
            if self._landing:
                if self._way.strike is self._landing:
                    self._way.hit(self._landing)
                return False
            self._in_transaction = data[-1:] != b"I"
            if not self._in_transaction:
                self._changes = set()
        return True

    def _words(self, kind: bytes, body: bytes) -> str:
        """The statement that a message is about: said outright, prepared now, or prepared before."""
        if kind == b"Q":
            return body.decode(errors="replace")
        if kind == b"P":
            name, statement, *_ = body.split(b"\0")
            self._prepared[name] = statement.decode(errors="replace")
            return "" if name else self._prepared[name]
        if kind == b"B":
            name = body.split(b"\0", 2)[1]
            return self._prepared.get(name, "") if name else ""
        return ""


def _messages(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 5 <= len(data):
        length = int.from_bytes(data[at + 1 : at + 5])
        yield data[at : at + 1], data[at + 5 : at + 1 + length]
        at += 1 + length


@contextmanager
def way_to(server: MortalServer, folder: Path) -> Iterator[Way]:
    way = Way(server, folder)
    way.open()
    try:
        yield way
    finally:
        way.close()
