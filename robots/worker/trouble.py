"""What a technical error says of the system that it was met in."""

from __future__ import annotations

from loguru import logger
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy.exc import SQLAlchemyError

from robots.errors import (
    ApplicationException,
    LoginFailed,
    PageNotRecognised,
    SessionLost,
    SeveralMatches,
    SystemDown,
    ValueNotKept,
)
from robots.queue.attempts import Claimed
from robots.queue.breakers import note_failure, note_refusal
from robots.store import Store
from robots.systems.access import SystemAccess
from robots.worker.task_process.serving import TaskFault

# What says nothing of the system: what was filled in, or which of two things was meant.
OF_THE_TASK = (SeveralMatches, ValueNotKept)


def note_trouble(store: Store, claimed: Claimed, where: SystemAccess, error: Exception, *, waits: bool) -> str:
    """Count the error against the system, or against the robot's password there.

    ``waits``: the run waits for another password, and its case is not given to a person instead. Returns why the system
    is left alone from now on, so that the run waits; "" when the run is to go its usual way.
    """
    if isinstance(error, LoginFailed) and is_refused(where):
        words = note_refused(store, where, claimed.robot)
        return words if waits else ""
    if not _is_ill(error, claimed):
        return ""
    kind = getattr(error, "kind", ApplicationException.kind).lower()
    words = f"{where.bench.title} används inte just nu ({kind}). Körningarna väntar tills det fungerar igen."
    return note_failure(store, where.system, claimed.robot, words, limit=where.bench.settings.failures_to_open)


def note_refused(store: Store, where: SystemAccess, robot: str) -> str:
    """The robot's password is refused there: its runs wait for another. Returns why, in words for people."""
    words = f"{where.bench.title} har nekat lösenordet för roboten {robot}. Körningarna väntar på ett nytt."
    note_refusal(store, where.system, robot, words)
    return words


def is_refused(where: SystemAccess) -> bool:
    """Whether it was the password that the system would not have, and not its login page that is broken."""
    return where.bench.logins.has_refused(where.bench.password)


def _is_ill(error: Exception, claimed: Claimed) -> bool:
    """Whether the error tells that nobody can work there. A page that looks odd is counted once a run: it may be it."""
    if isinstance(error, (SystemDown, SessionLost, LoginFailed)):
        return True
    odd = isinstance(error, (PageNotRecognised, PlaywrightError)) and not isinstance(error, OF_THE_TASK)
    return odd and claimed.tried == 1


def log_fault(claimed: Claimed, error: Exception) -> None:
    """For the admin: a fault in a task's code, or in the toolkit's own, with its line."""
    if isinstance(error, TaskFault):
        logger.error("run {} stopped: {} ({})", claimed.run_id, error, error.where)
    else:
        logger.opt(exception=error).error("run {} stopped", claimed.run_id)


def words_of(error: Exception) -> str:
    """What went wrong, as it may be told."""
    if isinstance(error, SQLAlchemyError):  # its own words hold the values that were on their way to the database
        return f"Databasen svarade inte ({type(error).__name__})."
    return error.message.splitlines()[0] if isinstance(error, PlaywrightError) else str(error)
