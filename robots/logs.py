"""One log line an event, redacted before it is written, whoever wrote it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from loguru import logger

from robots.evidence.redaction import one_line, redact
from robots.settings import Settings

if TYPE_CHECKING:
    from loguru import Record


def set_up_logging(settings: Settings, name: str, *, show: bool = False, quiet: bool = False) -> None:
    """Write to ``<data_dir>/logs/<name>.log``; warnings, and everything with ``show``, to standard error too.

    ``quiet``: to the file alone, where somebody at a screen is told in other words.
    """
    logger.remove()
    folder = settings.data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    logger.add(
        folder / f"{name}.log", format=_line, level="DEBUG", rotation="20 MB", retention=10, enqueue=False,
        backtrace=False, diagnose=False,
    )  # fmt: skip
    if not quiet:
        logger.add(sys.stderr, format=_line, level="INFO" if show else "WARNING", backtrace=False, diagnose=False)


def _line(record: Record) -> str:
    """The whole line, exception and all, goes through redaction: a filter of messages alone misses tracebacks."""
    error = record["exception"]
    told = f" {error.type.__name__ if error.type else ''}: {error.value} {_where(error)}" if error else ""
    extra = " ".join(f"{k}={v}" for k, v in record["extra"].items() if not k.startswith("_"))
    text = f"{record['time']:YYYY-MM-DDTHH:mm:ss.SSSZZ} {record['level']} {extra} {record['message']}{told}"
    record["extra"]["_line"] = one_line(redact(text))
    return "{extra[_line]}\n"


def _where(error: object) -> str:
    trace = getattr(error, "traceback", None)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace else ""
