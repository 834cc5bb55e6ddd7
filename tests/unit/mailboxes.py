"""A mailbox on a real IMAP server (pymap), which a test lays messages in and looks into."""

from __future__ import annotations

import asyncio
import imaplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from robots.practice.email.imap import ImapServer, Mailbox, SortingOffice
from robots.practice.faults import Faults
from robots.practice.sessions import User

USER, PASSWORD = "robot.post@tallinge.example", "hemligt-i-prov"


class Post:
    """``box`` is the mailbox, at ``port`` of 127.0.0.1."""

    def __init__(self) -> None:
        self.box = Mailbox(SortingOffice())
        self._server = ImapServer(self._knows, lambda: self.box, Faults(), "post")

    async def close(self) -> None:
        """Nobody is let in any more, and who is there is shown out."""
        assert self._server._server
        self._server._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    @property
    def port(self) -> int:
        return self._server.port

    def _knows(self, name: str, fits: Callable[[User], bool]) -> User | None:
        user: Any = type("Known", (), {"name": USER, "password": PASSWORD})()
        return user if name == USER and fits(user) else None

    def lay(self, *messages: bytes) -> None:
        for message in messages:
            self.box.put(message)

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        """As a person's mail program."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=20) as imap:
            imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield imap

    def lying_in(self, folder: str) -> list[bytes]:
        """The messages of a folder, oldest first; ``folder`` as the protocol writes it."""
        with self.opened() as imap:
            if imap.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            _, told = imap.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")
        return [each[1] for each in told if isinstance(each, tuple) and b"Deleted" not in each[0]]


@contextmanager
def serving_mail() -> Iterator[Post]:
    """Until the end of the block, in a thread of its own."""
    post, loop = Post(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(post._server.start(), loop).result(20)
    try:
        yield post
    finally:
        asyncio.run_coroutine_threadsafe(post.close(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
