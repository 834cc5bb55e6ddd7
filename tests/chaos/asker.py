"""Somebody who asks for runs while the database comes and goes, and asks again when there was no answer."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from robots.queue import runs as asking
from robots.settings import Settings
from robots.store.connect import connect
from tests.chaos.orders import Work

# So many runs are kept open: there is always one in the middle of something.
OPEN = 12
PAUSE_AFTER_ERROR = 0.1
LEAVING_SECONDS = 60.0


class Asker:
    """Asks for runs all the time, as many as keep the workers busy; asks again where the answer was lost.

    ``acknowledged``: what it was told, the run of each number; ``errors``: how often it was told nothing.
    """

    def __init__(self, settings: Settings, url: str, target: str) -> None:
        self._store = connect(url)
        self._work = Work(settings, self._store, target)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._ask_all, daemon=True)
        self.numbers = 0
        self.acknowledged: dict[int, int] = {}
        self.errors = 0

    def start(self) -> None:
        self._thread.start()

    def ask_for_more(self, how_many: int) -> None:
        """So many at once, and no more after that."""
        self._stopping.set()
        self._thread.join(LEAVING_SECONDS)
        for _ in range(how_many):
            self._ask_for_one()

    def ask_one_by_one(self, how_many: int, wait: Callable[[], None]) -> list[int]:
        """So many, each when the one before has ended; the runs."""
        asked = []
        for _ in range(how_many):
            asked.append(self._ask_for_one())
            wait()
        return asked

    def close(self) -> None:
        self._store.close()

    def _ask_all(self) -> None:
        while not self._stopping.is_set():
            if self._open() < OPEN:
                self._ask_for_one()
            else:
                self._stopping.wait(0.02)  # the runs are others' work; the database tells when asked

    def _ask_for_one(self) -> int:
        run_id = self.acknowledged[self.numbers] = self._until_answered(self.numbers)
        self.numbers += 1
        return run_id

    def _until_answered(self, number: int) -> int:
        while True:
            try:
                return self._work.ask_for(number)
            except SQLAlchemyError:
                self.errors += 1
                time.sleep(PAUSE_AFTER_ERROR)  # as a person who tries again in a moment

    def _open(self) -> int:
        try:
            with self._store.begin() as connection:
                return int(connection.execute(_OPEN).scalar_one())
        except SQLAlchemyError:
            return OPEN


_OPEN = text("select count(*) from runs where finished_at is null")


@contextmanager
def asked_without_reading() -> Iterator[None]:
    """The control: an asker without a key for its request, who takes an error for «not done» and asks anew."""
    with mock.patch.object(asking, "request_key", side_effect=lambda *_, **__: secrets.token_hex(32)):
        yield
