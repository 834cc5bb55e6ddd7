"""Marks in a data folder that must not be used: each is a file, and what stands in it is what a person is told."""

from __future__ import annotations

from pathlib import Path

from robots.errors import ConfigurationError

# A restore begins with the one and ends by taking it away; a database that was moved keeps the other for good.
HALF_RESTORED = "ÅTERSTÄLLNING-PÅGÅR"
MOVED = "DATABASEN-FLYTTAD"


def demand_usable(data_dir: Path, *, embedded: bool) -> None:
    """Raise ``ConfigurationError`` where the data folder, or its ``embedded`` database, is marked as not to be used.

    An empty database begun in its place would know nothing of what has been done.
    """
    for name in (HALF_RESTORED, MOVED) if embedded else (HALF_RESTORED,):
        mark = data_dir / name
        if mark.exists():
            raise ConfigurationError(mark.read_text("utf-8").strip(), str(mark))


def set_mark(data_dir: Path, name: str, words: str) -> None:
    """From now on nobody uses it; ``words`` say why, and what to do."""
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / name).write_text(words + "\n", "utf-8")


def take_away_mark(data_dir: Path, name: str) -> None:
    (data_dir / name).unlink()
