"""What happens in runs, told as it happens to those who look on.

However many they are, one thread asks the database for all of them at once, and only while there are any. Nothing is
lost between two looks, and nothing told twice: each run's events are numbered, and each listener knows the last that
it has heard.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fastapi import Request
from loguru import logger
from sqlalchemy import ARRAY, BigInteger, Row, and_, bindparam, column, func, select

from robots.portal.doors.sessions import those_over
from robots.store import Store
from robots.store.schema import run_events, runs

LOOK_SECONDS = 0.1
# Whoever has logged out, or is shut out, sees nothing more within this time.
LET_IN_SECONDS = 1.0
# A database that is away is asked less often until it is back.
AWAY_SECONDS = 1.0


@dataclass(frozen=True)
class News:
    """What is new in one run: the events since the last news, and how it stands."""

    run_id: int
    state: str
    held_for: str | None
    ended: bool
    events: Sequence[Row[Any]]

    @property
    def standing(self) -> tuple[str, str | None, bool]:
        return self.state, self.held_for, self.ended


class Listener:
    """Somebody who looks on at some runs; made and iterated in the event loop, told from the reader's thread."""

    def __init__(self, after: Mapping[int, int], credential: str) -> None:
        self.after = dict(after)
        self.credential = credential
        self._standing: dict[int, tuple[str, str | None, bool]] = {}
        self._news: asyncio.Queue[News | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def hear(self, news: News) -> None:
        """Pass on what this listener does not know yet."""
        known = self.after[news.run_id]
        fresh = [event for event in news.events if event.id > known]
        if not fresh and self._standing.get(news.run_id) == news.standing:
            return
        self._standing[news.run_id] = news.standing
        self.after[news.run_id] = fresh[-1].id if fresh else known
        self._put(News(news.run_id, *news.standing, fresh))

    def end(self) -> None:
        self._put(None)

    def _put(self, news: News | None) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody listens
            self._loop.call_soon_threadsafe(self._news.put_nowait, news)

    async def __aiter__(self) -> AsyncGenerator[News]:
        """Until nothing more will be told: the portal closes, or the listener may not listen any longer."""
        while (news := await self._news.get()) is not None:
            yield news


class Live:
    """The one reader of a portal. ``is_ending`` says when the portal closes."""

    def __init__(self, store: Store, is_ending: Callable[[], bool]) -> None:
        self.looks = 0
        self._store = store
        self._is_ending = is_ending
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None
        self._pause = threading.Event()
        self._let_in_at = 0.0

    @contextmanager
    def listening(self, after: Mapping[int, int], credential: str) -> Iterator[Listener]:
        """To the events of these runs that come after the one with that number. ``credential`` is what lets one in."""
        listener = Listener(after, credential)
        with self._lock:
            self._listeners.add(listener)
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, name="live", daemon=True)
                self._reader.start()
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _read(self) -> None:
        while listeners := self._still_listening():
            began = time.monotonic()
            pause = LOOK_SECONDS
            try:
                self._turn_out(listeners)
                self._tell(listeners)
            except Exception as error:  # those who listen are told when the database is back, and not that it was away
                logger.warning("what happens in runs cannot be read: {}", type(error).__name__)
                pause = AWAY_SECONDS
            self._pause.wait(max(0.0, pause - (time.monotonic() - began)))

    def _still_listening(self) -> list[Listener]:
        """Nobody where the portal closes. The reader ends when there is nobody."""
        with self._lock:
            if self._is_ending():
                for listener in self._listeners:
                    listener.end()
                self._listeners.clear()
            if not self._listeners:
                self._reader = None
            return list(self._listeners)

    def _turn_out(self, listeners: list[Listener]) -> None:
        """End what is told to those whose session or key has ended."""
        if time.monotonic() - self._let_in_at < LET_IN_SECONDS:
            return
        over = those_over(self._store, {listener.credential for listener in listeners})
        for listener in [each for each in listeners if each.credential in over]:
            listener.end()
            listeners.remove(listener)
            with self._lock:
                self._listeners.discard(listener)
        self._let_in_at = time.monotonic()

    def _tell(self, listeners: list[Listener]) -> None:
        wanted: dict[int, int] = {}
        for listener in listeners:
            for run_id, after in listener.after.items():
                wanted[run_id] = min(after, wanted.get(run_id, after))
        if not wanted:
            return
        self.looks += 1
        with self._store.begin() as connection:
            found = connection.execute(_NEWS, {"of": list(wanted), "after": list(wanted.values())}).all()
        for run_id, rows in groupby(found, key=lambda row: row.about):
            together = list(rows)
            first, events = together[0], [row for row in together if row.id is not None]
            news = News(run_id, first.state, first.held_for, first.finished_at is not None, events)
            for listener in listeners:
                if run_id in listener.after:
                    listener.hear(news)


_numbers = ARRAY(BigInteger)
_wanted = (
    func.unnest(bindparam("of", type_=_numbers), bindparam("after", type_=_numbers))
    .table_valued(column("of", BigInteger), column("after", BigInteger), name="wanted")
    .render_derived()
)
_of_it = and_(run_events.c.run_id == _wanted.c.of, run_events.c.id > _wanted.c.after)
# All runs and what is new in them, in one answer.
_NEWS = (
    select(_wanted.c.of.label("about"), runs.c.state, runs.c.held_for, runs.c.finished_at, run_events)
    .select_from(_wanted)
    .join(runs, runs.c.id == _wanted.c.of)
    .outerjoin(run_events, _of_it)
    .order_by(_wanted.c.of, run_events.c.id)
)


def live_of(request: Request) -> Live:
    live: Live = request.app.state.live
    return live
