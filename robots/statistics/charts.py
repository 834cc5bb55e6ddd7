"""The pictures of a period, each with the table of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from robots.statistics import drawing, tables
from robots.statistics.drawing import Bar
from robots.statistics.figures import Counts, Figures, Saved
from robots.statistics.tables import Table
from robots.statistics.wording import BASIS_WORDS, shown

NOTHING_RAN = "Inga körningar i perioden."
# More bars than these are no picture; the rest are one bar, and the table has them all.
MOST_BARS = 15


@dataclass(frozen=True)
class Chart:
    """``svg`` stands in a page as it is; ``table`` says the same in numbers."""

    name: str
    title: str
    svg: str
    table: Table


def charts_of(figures: Figures, language: str = "sv") -> tuple[Chart, ...]:
    """Every picture, in the order in which a leader looks at them; numbers are written as in ``language``."""
    made = [_months(figures, language)] if len(figures.period.months) > 1 else []
    return (*made, _outcomes(figures, language), _saved(figures, language), _handovers(figures, language),
            _weekdays(figures, language), _hours(figures, language))  # fmt: skip


def _months(figures: Figures, language: str) -> Chart:
    table = tables.months_together(figures)
    title = "Andel klara utan handläggare, månad för månad"
    points = [(f"{month:%Y-%m}", share, shown(share, "share", language)) for month, _, _, share in table.rows]
    known = [(share, label) for label, share, _ in points if share is not None]
    if not known:
        return Chart("months", title, drawing.nothing("months", title, NOTHING_RAN), table)
    best, worst = max(known), min(known)
    words = (f"Högst var den {best[1]} med {shown(best[0], 'share', language)}, lägst {worst[1]} med "
             f"{shown(worst[0], 'share', language)}.")  # fmt: skip
    return Chart("months", title, drawing.shares("months", title, words, points), table)


def _outcomes(figures: Figures, language: str) -> Chart:
    title = "Hur körningarna slutade, per uppgift"
    rows = [
        Bar(tables.title_of(each), tuple(getattr(each.now.counts, name) for name in tables.OUTCOME_COLUMNS),
            _of_all(each.now.counts, language))
        for each in figures.tasks if each.now.counts.runs
    ]  # fmt: skip
    words = f"Alla uppgifter: {_of_all(figures.now.counts, language)}."
    legend = list(tables.OUTCOME_COLUMNS.values())
    return _bars("outcomes", title, words, rows, tables.outcomes_by_task(figures), legend=legend)


def _of_all(counts: Counts, language: str) -> str:
    """«10 av 13 utan handläggare (77 %)»."""
    alone, of = (shown(count, "count", language) for count in (counts.alone, counts.runs - counts.cancelled))
    return f"{alone} av {of} utan handläggare ({shown(counts.share, 'share', language)})"


def _saved(figures: Figures, language: str) -> Chart:
    title = "Sparad arbetstid per uppgift"

    def told(saved: Saved) -> str:
        return f"{shown(saved.minutes, 'minutes', language)}, {BASIS_WORDS[saved.basis]}"

    rows = [
        Bar(tables.title_of(each), (saved.minutes,), told(saved), hatched=saved.basis != "measured")
        for each in sorted(figures.tasks, key=lambda task: -task.now.saved.minutes)
        if (saved := each.now.saved).minutes
    ]
    words = f"Tillsammans {told(figures.now.saved)}. En fylld stapel är uppmätt, en streckad är uppskattad."
    return _bars("saved", title, words, rows, tables.saved_by_task(figures))


def _handovers(figures: Figures, language: str) -> Chart:
    title = "Varför ärenden lämnades över"
    found = [each for each in figures.handovers if each.count]
    rows = [Bar(f"{each.kind} ({tables.team(each.owner)})", (each.count,), shown(each.count, "count", language))
            for each in found[:MOST_BARS]]  # fmt: skip
    if rest := found[MOST_BARS:]:
        left = sum(each.count for each in rest)
        told = shown(left, "count", language)
        rows.append(Bar(f"{len(rest)} andra orsaker tillsammans", (left,), told, hatched=True))
    words = f"Vanligast är «{found[0].kind}»." if found else ""
    return _bars("handovers", title, words, rows, tables.handovers(figures), none="Inga överlämningar i perioden.")


def _bars(
    name: str, title: str, words: str, rows: Sequence[Bar], table: Table, *, legend: Sequence[str] = (),
    none: str = NOTHING_RAN,
) -> Chart:  # fmt: skip
    svg = drawing.bars(name, title, words, rows, legend) if rows else drawing.nothing(name, title, none)
    return Chart(name, title, svg, table)


def _weekdays(figures: Figures, language: str) -> Chart:
    return _columns("weekdays", "Körningar per veckodag", tables.weekdays(figures), language)


def _hours(figures: Figures, language: str) -> Chart:
    return _columns("hours", "Körningar per timme på dygnet", tables.hours(figures), language)


def _columns(name: str, title: str, table: Table, language: str) -> Chart:
    values = [(label, count, shown(count, "count", language)) for label, count in table.rows]
    most = max(values, key=lambda value: value[1])
    if not most[1]:
        return Chart(name, title, drawing.nothing(name, title, NOTHING_RAN), table)
    return Chart(
        name, title, drawing.columns(name, title, f"Flest beställdes {most[0].lower()}: {most[2]}.", values), table
    )
