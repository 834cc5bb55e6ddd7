"""Two ways of doing the same thing, timed in turn, and whether a requirement on their ratio is met.

They alternate, each round in another order, so that a machine that gets slower or warmer in the meantime does so for
both. What is compared is the median.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from rich.console import Console
from rich.progress import track
from rich.table import Table

Better = Literal["sooner", "costs"]


@dataclass(frozen=True)
class Pairs:
    """Ours beside the other's, in seconds, round by round.

    The ratio is the median over the rounds, each compared within itself: a machine that is slower for a while is so
    for both sides. ``better`` says which way: ``sooner`` is theirs ÷ ours and must be at least ``required``; ``costs``
    is ours ÷ theirs and must be at most ``required``. Without ``required`` the figure is told and judged by nobody.
    """

    name: str
    ours: Sequence[float]
    theirs: Sequence[float]
    better: Better
    required: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        rounds = zip(self.ours, self.theirs, strict=True)
        return median(theirs / ours if self.better == "sooner" else ours / theirs for ours, theirs in rounds)

    @property
    def met(self) -> bool:
        if self.required is None:
            return True
        return self.ratio >= self.required if self.better == "sooner" else self.ratio <= self.required

    @property
    def requirement(self) -> str:
        if self.required is None:
            return "–"
        return f"≥ {self.required:g} ×" if self.better == "sooner" else f"≤ {self.required:.2f} ×"

    def cells(self) -> tuple[str, ...]:
        return (self.name, _seconds(self.ours), _seconds(self.theirs), f"{self.ratio:.2f} ×", self.requirement)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "ratio": round(self.ratio, 3), "required": self.requirement, "met": self.met,
            "ours": _summary(self.ours), "theirs": _summary(self.theirs), "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True)
class Count:
    """A number that must not be above ``most``, such as processes left behind. ``words`` is how it is shown."""

    name: str
    value: float
    most: float | None
    words: str
    compared_to: str = ""
    limit_words: str = ""
    note: str = ""

    @property
    def met(self) -> bool:
        return self.most is None or self.value <= self.most

    def cells(self) -> tuple[str, ...]:
        limit = "–" if self.most is None else self.limit_words or f"≤ {self.most:g}"
        return (self.name, self.words, self.compared_to, "", limit)

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "value": self.value, "words": self.words, "compared_to": self.compared_to,
                "most": self.most, "met": self.met, "note": self.note}  # fmt: skip


@dataclass
class Figures:
    """What one benchmark measured. ``told`` are lines for whoever wants to know where the time goes."""

    title: str
    compared: str
    figures: list[Pairs | Count] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool:
        return all(figure.met for figure in self.figures)

    def show(self, console: Console) -> None:
        table = Table(title=self.title, caption=self.compared, title_justify="left", caption_justify="left")
        table.add_column("What", overflow="fold")
        table.add_column("Ours: median (min–max)", justify="right")
        table.add_column("Compared to", justify="right")
        table.add_column("Ratio", justify="right")
        table.add_column("Requirement", justify="right")
        table.add_column("Verdict")
        for figure in self.figures:
            judged = (figure.required if isinstance(figure, Pairs) else figure.most) is not None
            verdict = "" if not judged else "[green]met[/]" if figure.met else "[red bold]MISSED[/]"
            table.add_row(*figure.cells(), verdict)
        console.print(table)
        for line in [f"{f.name}: {f.note}" for f in self.figures if f.note] + self.told:
            console.print(f"  {line}", markup=False, highlight=False)

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "compared": self.compared, "met": self.met,
                "figures": [f.as_json() for f in self.figures], "told": self.told}  # fmt: skip


def alternate(
    *sides: Callable[[int], float], rounds: int, warm_up: int = 1, words: str = ""
) -> tuple[list[float], ...]:
    """The seconds of every side over ``rounds``, one side after the other and each round in another order.

    A side is called with the round's number and returns its own time. The rounds of the warm-up come first and are
    not counted.
    """
    kept: tuple[list[float], ...] = tuple([] for _ in sides)
    for number in _shown(range(warm_up + rounds), words):
        for turn in range(len(sides)):
            side = (number + turn) % len(sides)
            # Collected here and not in the middle of whichever side is unlucky.
            gc.collect()
            seconds = sides[side](number)
            if number >= warm_up:
                kept[side].append(seconds)
    return kept


def timed(act: Callable[[], object]) -> float:
    """How many seconds it takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _shown(numbers: Iterable[int], words: str) -> Iterable[int]:
    return track(numbers, words, console=Console(stderr=True), transient=True) if words else numbers


def _seconds(values: Sequence[float]) -> str:
    return f"{_short(median(values))} ({_short(min(values))}–{_short(max(values))})"


def _short(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _summary(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "min": min(values), "max": max(values), "count": len(values)}
