"""The full trace of one attempt, where a person has asked for it: a browser of its own, and what becomes of the file.

Playwright writes what it traces in the slot's own folder, which goes with the slot however that ends; it is taken away
as soon as the attempt is over. Logins are made in windows of their own, which nobody traces.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from playwright.sync_api import Error as PlaywrightError

from robots.evidence import Recorder
from robots.evidence.full_trace import TraceRefused
from robots.evidence.readings import SHORTEST
from robots.worker.warm_browser import WarmBrowser, Window


class Traced:
    """``take_window`` once, and ``end`` whatever has happened."""

    def __init__(self, browser: WarmBrowser, recorder: Recorder) -> None:
        self._browser = browser
        self._recorder = recorder
        self._folder = Path(mkdtemp(prefix="trace-"))
        self._window: Window | None = None

    def take_window(self) -> Window:
        """The window whose pages are traced; closed by ``end``."""
        if self._window is None:
            self._window = self._browser.take_traced_window(self._folder)
            self._window.context.tracing.start(snapshots=True, screenshots=False, sources=False)
        return self._window

    def end(self) -> None:
        """Keep the trace, or nothing of it, and put on record which."""
        try:
            if self._window is not None:
                self._keep(self._window)
        finally:
            if self._window is not None:
                with suppress(PlaywrightError):
                    self._window.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _keep(self, window: Window) -> None:
        written = self._folder / "trace.zip"
        try:
            cookies = [str(each.get("value", "")) for each in window.context.cookies()]
            self._recorder.hide_secret(*(value for value in cookies if len(value) >= SHORTEST))
            window.context.tracing.stop(path=written)
            file, size = self._recorder.keep_trace(written.read_bytes())
        except TraceRefused as why:
            self._recorder.event("trace_refused", str(why))
        except (PlaywrightError, OSError, ValueError) as error:
            self._recorder.event("trace_lost", type(error).__name__)
        else:
            if file:
                self._recorder.event("trace_kept", "", file=file, bytes=size)
