"""Lays the rows of sheets in the queue, beside the requests: one sheet at a time, in a thread of the portal's.

The others who read a workbook have a place of their own, however many sheets wait here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from loguru import logger
from sqlalchemy import select

from robots.errors import NotStarted, RagnhildError, WrongInput
from robots.portal.desk import Desk
from robots.portal.doors.sessions import visitor_of_account
from robots.portal.sheet_files import READING, demand_file, file_of
from robots.portal.sheet_work import MOST_TRIES, Hold, Lost, Work, end_within, give_back, holding, take
from robots.portal.starting import demand_start
from robots.portal.wording import marked as _
from robots.queue.batches import enqueue, find_batch_within
from robots.store.schema import sheets
from robots.workbooks.reader import open_sheet
from robots.workbooks.sheet_batch import asked_rows

# How often a portal looks for what another has left.
LOOK_SECONDS = 5.0
NOBODY = _("Kontot som startade arket används inte längre.")
BROKE = _("Det avbröts flera gånger. Försök igen, eller säg till den som sköter Ragnhild.")


class Layer:
    """Whoever lays the sheets of one portal. ``is_ending`` says when the portal closes."""

    def __init__(self, desk: Desk, is_ending: Callable[[], bool]) -> None:
        self._desk = desk
        self._is_ending = is_ending
        self._lock = threading.Lock()
        self._is_wanted = False
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Lay what waits. The thread ends when nothing does."""
        with self._lock:
            self._is_wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sheets", daemon=True)
                self._thread.start()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Until the end of the block also what other portals have left."""
        over = threading.Event()

        def look() -> None:
            self.begin()
            while not over.wait(LOOK_SECONDS):
                self.begin()

        thread = threading.Thread(target=look, name="sheets left", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _work(self) -> None:
        while self._is_still_wanted():
            try:
                while not self._is_ending() and (work := take(self._desk.store, self._has)):
                    self._lay(work)
                    self._desk.bell.ring()
            except Exception as error:  # the database is away: what waits is looked for again
                logger.warning("the sheets that wait cannot be laid: {}", type(error).__name__)

    def _is_still_wanted(self) -> bool:
        with self._lock:
            if not self._is_wanted or self._is_ending():
                self._thread = None
                return False
            self._is_wanted = False
            return True

    def _has(self, sheet: int) -> bool:
        return file_of(self._desk, sheet).is_file()

    def _lay(self, work: Work) -> None:
        store = self._desk.store
        try:
            with holding(store, work, self._is_ending) as hold:
                fault = self._fault_of(work, hold)
                with store.begin() as connection:
                    end_within(connection, work, fault)
        except Lost:
            if self._is_ending():
                with suppress(Exception):  # then it is followed when its time is out
                    give_back(store, work)
        except Exception as error:  # it is tried again when its time is out
            logger.opt(exception=error).error("sheet {} could not be laid in batch {}", work.sheet_id, work.batch_id)

    def _fault_of(self, work: Work, hold: Hold) -> str:
        """Lay the sheet's rows; "" when it is done, and why it cannot be done otherwise."""
        if work.tries > MOST_TRIES:
            return BROKE
        try:
            self._enqueue(work, hold)
        except WrongInput as error:
            return error.expected
        except RagnhildError as error:
            return str(error)
        return ""

    def _enqueue(self, work: Work, hold: Hold) -> None:
        """What was demanded when it was ordered is demanded again: it may be a while since."""
        desk = self._desk
        visitor = visitor_of_account(desk.store, work.account_id)
        if visitor is None:
            raise NotStarted(NOBODY)
        with desk.store.begin() as connection:
            row = connection.execute(select(sheets).where(sheets.c.id == work.sheet_id)).one()
            batch = find_batch_within(connection, work.batch_id, desk.settings.answer_hours)
        task = desk.tasks.find(row.task)
        robot = demand_start(desk, visitor, task)
        file = demand_file(desk, row.id, row.file_name)
        with READING, open_sheet(task, file, row.sheet, row.file_name) as opened:
            enqueue(desk.store, task, batch, hold.watching(asked_rows(opened)), robot=robot)
