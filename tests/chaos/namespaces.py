"""Machines on one machine: each a network namespace and a pid namespace, on a switch that is a bridge.

All of it lives in namespaces of the experiment's own, none has a name, and they end with the process that began them,
however that ends: the first process of a pid namespace takes all others with it, and links go with their namespaces.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Literal

import psutil

UNSHARE = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
SECONDS = 10.0
NETWORK = "10.77.0"
# The same wire by addresses that count as one's own: no robot types a password where others could read it.
OWN_NETWORK = "127.77.0"
# How a machine is cut off: its own plug, which it notices, or something further on, which it does not.
Cut = Literal["plug", "further on"]


@cache
def can_be_apart() -> bool:
    """Whether this process may make such namespaces, with links between them."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    try_it = "ip link add name switch type bridge && ip link add name plug type veth peer name eth0"
    return subprocess.run([*UNSHARE, "sh", "-c", try_it], capture_output=True, check=False).returncode == 0


def run_apart(module: str, arguments: Sequence[str]) -> str:
    """What ``python -m module`` says, in namespaces of its own; it must call ``end_with_starter`` first of all.

    Raises ``RuntimeError`` when it fails.
    """
    command = [*UNSHARE, sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            said = process.stdout.read()
            code = process.wait()
        finally:
            process.kill()
    if code:
        raise RuntimeError(f"{module} ended with {code}")
    return said


def end_with_starter() -> None:
    """End this process, and with it its namespaces, as soon as whoever started it is gone."""

    def listen() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()


class Machine:
    """A process in namespaces of its own, which is the machine's first; it is killed with all that it has started."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*UNSHARE, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env=os.environ | environment, text=True,
            )  # fmt: skip
        self._plug = ""

    @property
    def first(self) -> psutil.Process:
        """The machine's first process, as it is seen from here."""
        return psutil.Process(self.process.pid).children()[0]

    def family(self) -> list[psutil.Process]:
        """All that is alive on the machine."""
        with suppress(psutil.Error, IndexError):
            first = self.first
            return [first, *first.children(recursive=True)]
        return []

    def cut(self, how: Cut) -> None:
        _ip("link", "set", self._plug, *(("down",) if how == "plug" else ("nomaster",)))

    def join(self, switch: Switch) -> None:
        """Let it reach the others (again)."""
        _ip("link", "set", self._plug, "master", switch.name, "up")

    def plug_in(self, switch: Switch) -> None:
        """Give it a link to the switch, and an address."""
        deadline = time.monotonic() + SECONDS
        while not self._stands():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("a machine did not start")
            time.sleep(0.005)  # another program makes the namespaces; it tells nobody
        number = next(switch.numbers)
        self._plug, there = f"plug{number}", str(self.process.pid)
        _ip("link", "add", "name", self._plug, "type", "veth", "peer", "name", "eth0", "netns", there)
        inside = ("nsenter", "--target", there, "--net")
        _ip("link", "set", "lo", "up", inside=inside)
        _ip("addr", "add", f"{NETWORK}.{number}/24", "dev", "eth0", inside=inside)
        _ip("link", "set", "eth0", "up", inside=inside)
        _own_address("eth0", number, inside=inside)
        self.join(switch)

    def _stands(self) -> bool:
        return bool(psutil.Process(self.process.pid).children())

    def kill(self) -> None:
        """At once, with everything on it; also when it has ended already."""
        with suppress(psutil.Error, IndexError):
            self.first.send_signal(signal.SIGKILL)
            self.process.wait(SECONDS)
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            with suppress(OSError):
                pipe.close()


class Switch:
    """What the machines are plugged in to, in this process's own network namespace.

    ``address`` is where we are; by ``own_address`` a machine reaches us as if we were itself.
    """

    name = "switch"
    address = f"{NETWORK}.1"
    own_address = f"{OWN_NETWORK}.1"

    def __init__(self) -> None:
        self.numbers = itertools.count(2)
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "name", self.name, "type", "bridge")
        _ip("addr", "add", f"{self.address}/24", "dev", self.name)
        _ip("link", "set", self.name, "up")
        _own_address(self.name, 1)


def _own_address(link: str, number: int, *, inside: Sequence[str] = ()) -> None:
    """Let the other side of the link be reached by ``OWN_NETWORK`` too, which otherwise never leaves a machine."""
    _ip("addr", "del", "127.0.0.1/8", "dev", "lo", inside=inside)
    _ip("addr", "add", "127.0.0.1/32", "dev", "lo", inside=inside)
    for where in ("all", link):
        setting = f"/proc/sys/net/ipv4/conf/{where}/route_localnet"
        subprocess.run([*inside, "tee", setting], input=b"1", check=True, capture_output=True)
    _ip("addr", "add", f"{OWN_NETWORK}.{number}/24", "dev", link, inside=inside)


def _ip(*words: str, inside: Sequence[str] = ()) -> None:
    subprocess.run([*inside, "ip", *words], check=True, capture_output=True)


class Proxy:
    """One client's connection: kept for as long as the client keeps it, as a municipality's reverse proxy does.

    What has come here arrives, whatever becomes of the sender. The server behind may end a connection that rests.
    """

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port = port
        self._reader = reader
        self._writer = writer
        self._there: asyncio.StreamWriter | None = None
        self._answering: asyncio.Task[None] | None = None
        self._asked = False

    async def pass_on(self) -> None:
        with suppress(OSError):
            while data := await self._reader.read(1 << 16):
                if self._there is None:
                    from_there, self._there = await asyncio.open_connection("127.0.0.1", self._port)
                    self._answering = asyncio.create_task(self._answer(from_there))
                self._asked = True
                self._there.write(data)
                await self._there.drain()
        if self._there:
            self._there.close()
        self._writer.close()

    async def _answer(self, from_there: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while data := await from_there.read(1 << 16):
                self._asked = False
                self._writer.write(data)
                await self._writer.drain()
        self._there = None
        if self._asked:  # the answer is lost, and whoever waits for it is told
            self._writer.close()


@contextmanager
def relay(address: str, port: int) -> Iterator[int]:
    """Let machines reach what listens on this one's loopback only, at the port that is returned."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):  # the end of it all: nobody waits for this
            await Proxy(port, reader, writer).pass_on()

    async def end_all() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(pass_on, address, 0), loop).result(SECONDS)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end_all(), loop).result(SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
