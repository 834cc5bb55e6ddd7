"""The full trace of a run: what its pages asked for, did and showed, for whoever has to find out why it goes wrong.

Taken only of a run for which a person has asked for it, and says why. It is scrubbed, searched again, and kept nowhere
where the search finds anything; sealed with the key of the case, and gone after a week at the latest. Its day stands in
its name, which the seal binds it to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from robots.evidence.readings import SHORTEST, bare, readings
from robots.evidence.recorder import TRACES
from robots.evidence.redaction import Known, redact
from robots.evidence.scrubbing import scrubbed

if TYPE_CHECKING:
    from robots.evidence.keys import Keys
    from robots.evidence.sealed import RunEvidence

KEPT_DAYS = 7
NAME = re.compile(r"\d{2,4}-(\d{4}-\d\d-\d\dT\d{6}Z)\.zip")
_MOMENT = "%Y-%m-%dT%H%M%SZ"
_NUMBER = re.compile(r"(?:18|19|20)(\d{10})")
# Readings that are text again, in which a number can be told from chance.
_TEXTS = frozenset({"plain", "web address", "html", "json"})


class TraceRefused(Exception):
    """The search found what may not be kept: its words tell of what kind, and in which reading."""


def safe_trace(raw: bytes, known: Known) -> bytes:
    """The trace as it may be kept. Raises ``TraceRefused``, and ``ValueError`` for what is no trace."""
    clean = scrubbed(raw, lambda text: redact(text, known.all))
    if found := sorted(set(finds(clean, known))):
        raise TraceRefused(", ".join(found))
    return clean


def finds(content: bytes, known: Known) -> Iterator[str]:
    """What is found of the known values, and of what looks personal, in every writing that the bytes may be in."""
    forms = {form: kind for kind, values in (("personuppgift", known.personal), ("hemlighet", known.secrets))
             for value in values for form in _forms(value)}  # fmt: skip
    for name, text in readings(content):
        plain = bare(text)
        yield from (f"{kind} ({name})" for form, kind in forms.items() if form in plain)
        # Bytes that are no text have signs in their place that nobody writes.
        if name.rpartition(", ")[2] in _TEXTS and "\ufffd" not in text and redact(text) != text:
            yield f"personuppgift ({name})"


def _forms(value: str) -> Iterator[str]:
    told = bare(value)
    number = _NUMBER.fullmatch(told)
    for form in (told, number[1] if number else "", "46" + told[1:] if told.isdecimal() and told[:1] == "0" else ""):
        if len(form) >= SHORTEST:
            yield form


def traces_of(folder: Path, run_id: int, keys: Keys) -> RunEvidence:
    """Where the run's traces lie, below the folder of all evidence."""
    from robots.evidence.sealed import RunEvidence

    return RunEvidence.below(folder / TRACES, run_id, keys)


def name_of(attempt: int, now: datetime | None = None) -> str:
    return f"{attempt:02d}-{(now or datetime.now(UTC)).strftime(_MOMENT)}.zip"


def gone_at(file: str) -> datetime:
    """When the trace of that name is gone at the latest. Raises ``ValueError`` for what is none."""
    if not (told := NAME.fullmatch(file)):
        raise ValueError(file)
    return datetime.strptime(told[1], _MOMENT).replace(tzinfo=UTC) + timedelta(days=KEPT_DAYS)


def there_now(traces: RunEvidence, now: datetime | None = None) -> list[str]:
    """The files of the run's traces that may still be looked at, the oldest first."""
    found = sorted(path.name for path in traces.folder.glob("*.zip") if NAME.fullmatch(path.name))
    return [file for file in found if gone_at(file) > (now or datetime.now(UTC))]


def all_traces(folder: Path) -> Iterator[tuple[Path, datetime]]:
    """Every file below the folder of all traces, and when it was made: one that is cut short, when it was written."""
    for path in (folder / TRACES).glob("*/*"):
        if NAME.fullmatch(path.name):
            yield path, gone_at(path.name) - timedelta(days=KEPT_DAYS)
        else:
            yield path, datetime.fromtimestamp(path.stat().st_mtime, UTC)


def remove_old_traces(folder: Path, now: datetime | None = None) -> int:
    """Take away those whose week is over, whatever is decided about anything else. Returns how many."""
    old = [path for path, made in all_traces(folder) if made + timedelta(days=KEPT_DAYS) <= (now or datetime.now(UTC))]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
