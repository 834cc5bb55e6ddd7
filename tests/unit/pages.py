"""A real web server for one test: it answers as a function says, counts what it carried out, and can lose an answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Lost = Literal["", "fin", "rst", "partial"]
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire. ``reused``: the connection had carried another one before it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    reused: bool


@dataclass(frozen=True)
class Answer:
    """``lost``: how the connection ends after the request was carried out, in place of an answer."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    lost: Lost = ""


def page(inner: str, *, title: str = "Sida") -> Answer:
    """A whole HTML page round ``inner``."""
    return Answer(f"<!doctype html><html lang=sv><meta charset=utf-8><title>{title}</title><body>{inner}</body></html>")


class PageServer:
    """Listens on 127.0.0.1, a thread for each connection. ``asked`` are all requests, in order."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.asked: list[Asked] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def posts(self) -> list[Asked]:
        """What was sent to change something."""
        with self._lock:
            return [a for a in self.asked if a.method == "POST"]

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)  # a close alone does not wake the thread that reads

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed: the test is over
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        reused = False
        try:
            while (asked := _read(connection, reused)) is not None:
                with self._lock:
                    if asked.path != "/favicon.ico":
                        self.asked.append(asked)
                answer = self._answer(asked)
                if answer.lost:
                    _lose(connection, answer.lost)
                    return
                connection.sendall(_bytes_of(answer))
                if asked.headers.get("connection") == "close":
                    return
                reused = True
        except OSError:
            pass  # the browser has gone away
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


def _read(connection: socket.socket, reused: bool) -> Asked | None:
    data = b""
    while _HEAD_END not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(_HEAD_END)
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if "chunked" in headers.get("transfer-encoding", ""):
        raise AssertionError("a browser does not send chunks, and this server does not read them")
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(1 << 20)
    return Asked(method, path, headers, body, reused)


def _bytes_of(answer: Answer) -> bytes:
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    headers = {"Content-Type": "text/html; charset=utf-8", **answer.headers, "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {answer.status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + _HEAD_END + body


def _lose(connection: socket.socket, how: Lost) -> None:
    if how == "rst":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if how == "partial":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<!doctype html>")
    connection.close()


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[PageServer]:
    server = PageServer(answer)
    try:
        yield server
    finally:
        server.close()
