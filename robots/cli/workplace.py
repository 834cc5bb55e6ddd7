"""A worker in this process: ended by a signal, gently the first time and at once the second."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from robots.cli import console
from robots.cli.ending import end_on_signal, ending_signals
from robots.errors import ApplicationException

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store
    from robots.watching.pulse import Pulse
    from robots.worker.supervisor import Supervisor

# Between two looks at whether the awaited run has ended; the database tells nobody.
LOOK_SECONDS = 0.1
# A slot that has no browser after this long is not slow but missing something.
READY_SECONDS = 45.0
# A run whose time is up is not cut off while what it has just sent is looked for, unless that takes longer than this.
LAST_CHANGE_SECONDS = 15.0


def work(
    settings: Settings,
    store: Store,
    *,
    until: Callable[[], bool] | None = None,
    when_ready: str = "",
    pulse: Pulse | None = None,
) -> None:
    """Carry out runs until ``until`` says that it is enough, or a signal comes.

    After the first signal the runs at work have ``stop_minutes`` to end. ``pulse`` is told that the worker lives.
    Raises ``ConfigurationError`` without the browser that was chosen, ``ApplicationException`` when no slot gets
    ready.
    """
    from robots.browser.launch import find_browser

    find_browser(settings.browser, watch=settings.watch)  # told at once, and not by slots that never get ready
    try:
        asyncio.run(_work(settings, store, until, when_ready, pulse))
    finally:
        end_on_signal()  # the loop has let go of the signals, and what this process has opened is not closed yet


async def _work(
    settings: Settings, store: Store, until: Callable[[], bool] | None, when_ready: str, pulse: Pulse | None
) -> None:
    from robots.worker.supervisor import Supervisor

    supervisor = Supervisor(settings, store)
    working = asyncio.create_task(supervisor.run())
    _listen_for_signals(supervisor, settings, store)
    try:
        await _ready(supervisor, working)
        if when_ready and not working.done():
            console.tell(when_ready)
        if pulse:
            pulse.is_ready()
        while not working.done() and not (until and until()):
            if pulse:
                pulse.beat("Workern")
            await asyncio.wait([working], timeout=LOOK_SECONDS)
    finally:
        supervisor.stop()
        await working


async def _ready(supervisor: Supervisor, working: asyncio.Task[None]) -> None:
    ready = asyncio.create_task(supervisor.ready.wait())
    done, _ = await asyncio.wait([ready, working], timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if not done:
        await supervisor.end_now()
        raise ApplicationException("Webbläsaren kommer inte igång. Se vad som saknas med: ragnhild doctor")


def _listen_for_signals(supervisor: Supervisor, settings: Settings, store: Store) -> None:
    """The first signal lets the runs at work end; a second one cuts them off, and the next worker begins them again."""
    asked = False
    ending: set[asyncio.Task[None]] = set()

    def end() -> None:
        nonlocal asked
        if asked:
            ending.add(asyncio.create_task(supervisor.end_now()))
            console.tell("Avbryter direkt. Körningar som pågick börjas om av nästa worker.")
        else:
            asked = True
            supervisor.stop()
            ending.add(asyncio.create_task(_end_in_time(supervisor, settings, store)))
            console.tell("Avslutar när pågående körningar är klara. Ctrl-C en gång till avbryter direkt.")

    for number in (signal.SIGINT, *ending_signals()):
        with suppress(NotImplementedError):  # Windows has no such handlers; there the first Ctrl-C ends at once
            asyncio.get_running_loop().add_signal_handler(number, end)


async def _end_in_time(supervisor: Supervisor, settings: Settings, store: Store) -> None:
    """Cut off what has not ended in time: whoever has told the worker to end would do it less gently."""
    await asyncio.sleep(settings.stop_minutes * 60)  # cancelled when the runs have ended before
    console.tell("Tiden är ute. Körningar som pågår avbryts och börjas om av nästa worker.")
    await asyncio.to_thread(_let_changes_be_seen, store)
    await supervisor.end_now()


def _let_changes_be_seen(store: Store) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from robots.queue.standing import is_changing
    from robots.store.processes import this_process

    latest = time.monotonic() + LAST_CHANGE_SECONDS
    with suppress(SQLAlchemyError):  # with a database that is away nothing new can be armed
        while time.monotonic() < latest and is_changing(store, this_process()):
            time.sleep(LOOK_SECONDS)  # the database tells nobody
