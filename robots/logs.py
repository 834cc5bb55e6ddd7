"""One log line an event, redacted before it is written, whoever wrote it: for people, or one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from loguru import logger

from robots.evidence.redaction import known_here, one_line, redact
from robots.settings import Settings
from robots.store.processes import host_name

if TYPE_CHECKING:
    from loguru import FormatFunction, Record

# What every line of a run carries in JSON; kept out of the lines for people by its first letter.
_ABOUT_RUN = ("_run", "_case", "_robot")


def set_up_logging(settings: Settings, name: str, *, show: bool = False, quiet: bool = False) -> None:
    """Write to ``<data_dir>/logs/<name>.log``; warnings, and everything with ``show``, to standard error too.

    ``quiet``: to the file alone, where somebody at a screen is told in other words.
    """
    logger.remove()
    line: FormatFunction = _line
    if settings.log_format == "json":
        line = _json_line({"program": name, "worker": settings.worker_name or host_name()})
    folder = settings.data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    logger.add(
        folder / f"{name}.log", format=line, level="DEBUG", rotation="20 MB", retention=10, enqueue=False,
        backtrace=False, diagnose=False,
    )  # fmt: skip
    if not quiet:
        logger.add(sys.stderr, format=line, level="INFO" if show else "WARNING", backtrace=False, diagnose=False)

    _let_nobody_print_past_us()


def _let_nobody_print_past_us() -> None:
    """What libraries log, warnings, and errors that nobody caught would be printed as they are, values and all."""
    root = logging.getLogger()
    if not any(isinstance(handler, _FromLibraries) for handler in root.handlers):
        root.addHandler(_FromLibraries(logging.WARNING))
    logging.captureWarnings(capture=True)
    if sys.excepthook is sys.__excepthook__:  # else somebody else sees to it
        sys.excepthook = _tell_uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda told: _tell_uncaught(told.exc_type, told.exc_value, told.exc_traceback)


class _FromLibraries(logging.Handler):
    """What speaks to Python's own logging, in a line of ours, without the trace of an error."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        told = f" {type(error).__name__}: {error}" if error else ""
        known = record.levelname in ("WARNING", "ERROR", "CRITICAL")
        logger.log(record.levelname if known else record.levelno, "{}{}", record.getMessage(), told)


def _tell_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit) or error is None:
        return
    logger.opt(exception=(kind, error, trace)).critical("ended by an error that nobody caught")
    print(one_line(redact(f"{kind.__name__}: {error} {_where(_Trace(trace))}", known_here())), file=sys.stderr)


@dataclass(frozen=True)
class _Trace:
    traceback: TracebackType | None


@contextmanager
def about_run(run_id: int, *, robot: str, case_number: str | None) -> Iterator[None]:
    """What is logged within the block, by whomever, is about this run. Of the case its last four signs are told."""
    case = f"…{case_number[-4:]}" if case_number else ""
    with logger.contextualize(_run=run_id, _case=case, _robot=robot):
        yield


def _line(record: Record) -> str:
    """The whole line, exception and all, goes through redaction: a filter of messages alone misses tracebacks."""
    error = record["exception"]
    told = f" {error.type.__name__ if error.type else ''}: {error.value} {_where(error)}" if error else ""
    extra = " ".join(f"{k}={v}" for k, v in record["extra"].items() if not k.startswith("_"))
    text = f"{record['time']:YYYY-MM-DDTHH:mm:ss.SSSZZ} {record['level']} {extra} {record['message']}{told}"
    record["extra"]["_line"] = one_line(redact(text, known_here()))
    return "{extra[_line]}\n"


def _json_line(always: dict[str, str]) -> FormatFunction:
    """The same as one JSON object: ``time``, ``level``, ``message``, what is ``always`` told, and what it is about.

    Each value is redacted before it becomes JSON, whose own signs may stand between the parts of a number.
    """

    def line(record: Record) -> str:
        told: dict[str, Any] = {
            "time": f"{record['time']:YYYY-MM-DDTHH:mm:ss.SSSZZ}",
            "level": record["level"].name,
            "message": record["message"],
        } | always
        told |= {key[1:]: record["extra"][key] for key in _ABOUT_RUN if record["extra"].get(key)}
        told |= {key: value for key, value in record["extra"].items() if not key.startswith("_")}
        if error := record["exception"]:
            told |= {"error": error.type.__name__ if error.type else "", "why": str(error.value), "at": _where(error)}
        record["extra"]["_line"] = json.dumps({key: _clean(value) for key, value in told.items()}, ensure_ascii=False)
        return "{extra[_line]}\n"

    return line


def _clean(value: Any) -> Any:
    """A number stays one, unless it is such as only a person has."""
    text = redact(one_line(str(value)), known_here())
    return value if isinstance(value, bool | int | float) and text == str(value) else text


def _where(error: object) -> str:
    trace = getattr(error, "traceback", None)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace else ""
