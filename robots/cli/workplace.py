"""A worker in this process: ended by a signal, gently the first time and at once the second."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from robots.cli import console
from robots.errors import ApplicationException

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store
    from robots.worker.supervisor import Supervisor

# Between two looks at whether the awaited run has ended; the database tells nobody.
LOOK_SECONDS = 0.1
# A slot that has no browser after this long is not slow but missing something.
READY_SECONDS = 45.0


def work(settings: Settings, store: Store, *, until: Callable[[], bool] | None = None, when_ready: str = "") -> None:
    """Carry out runs until ``until`` says that it is enough, or a signal comes.

    Raises ``ConfigurationError`` without the browser that was chosen, ``ApplicationException`` when no slot gets
    ready.
    """
    from robots.browser.launch import find_browser

    find_browser(settings.browser, watch=settings.watch)  # told at once, and not by slots that never get ready
    asyncio.run(_work(settings, store, until, when_ready))


async def _work(settings: Settings, store: Store, until: Callable[[], bool] | None, when_ready: str) -> None:
    from robots.worker.supervisor import Supervisor

    supervisor = Supervisor(settings, store)
    working = asyncio.create_task(supervisor.run())
    _listen_for_signals(supervisor)
    try:
        await _ready(supervisor, working)
        if when_ready and not working.done():
            console.tell(when_ready)
        while not working.done() and not (until and until()):
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


def _listen_for_signals(supervisor: Supervisor) -> None:
    """The first signal lets the runs at work end; a second one cuts them off, and the next worker begins them again."""
    asked = False
    ending: set[asyncio.Task[None]] = set()

    def end() -> None:
        nonlocal asked
        if asked:
            console.tell("Avbryter direkt. Körningar som pågick börjas om av nästa worker.")
            ending.add(asyncio.create_task(supervisor.end_now()))
        else:
            console.tell("Avslutar när pågående körningar är klara. Ctrl-C en gång till avbryter direkt.")
            supervisor.stop()
        asked = True

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; there the first Ctrl-C ends at once
            asyncio.get_running_loop().add_signal_handler(number, end)
