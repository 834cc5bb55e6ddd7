"""Whoever is told to end closes what it has opened, however it is told."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress


def ending_signals() -> list[signal.Signals]:
    """SIGTERM, and SIGHUP when the terminal goes: but not of a command that ``nohup`` has let stay."""
    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    return [each for each in known if signal.getsignal(each) is not signal.SIG_IGN]


def end_on_signal() -> None:
    """From now on they are as Ctrl-C: what is told to end while it begins ends as well."""
    for each in ending_signals():
        signal.signal(each, _as_interrupt)


def until_told() -> None:
    """Wait for Ctrl-C, or for what is as that."""
    end_on_signal()
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt
