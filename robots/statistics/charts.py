"""The pictures of a period, each with the table of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from robots.errors import marked as _
from robots.statistics import drawing, tables
from robots.statistics.drawing import Bar
from robots.statistics.figures import Counts, Figures, Saved
from robots.statistics.tables import Table
from robots.statistics.wording import BASIS_WORDS, Say, shown, swedish

NOTHING_RAN = _("Inga körningar i perioden.")
# More bars than these are no picture; the rest are one bar, and the table has them all.
MOST_BARS = 15


@dataclass(frozen=True)
class Chart:
    """``svg`` stands in a page as it is; ``table`` says the same in numbers."""

    name: str
    title: str
    svg: str
    table: Table


def charts_of(figures: Figures, language: str = "sv", say: Say = swedish) -> tuple[Chart, ...]:
    """Every picture, in the order in which a leader looks at them; ``say`` puts its words into the ``language``."""
    made = [_months(figures, language, say)] if len(figures.period.months) > 1 else []
    makers = (_outcomes, _saved, _handovers, _weekdays, _hours)
    return (*made, *(make(figures, language, say) for make in makers))


def _months(figures: Figures, language: str, say: Say) -> Chart:
    table = tables.months_together(figures, say)
    title = say("Andel klara utan handläggare, månad för månad")
    points = [(f"{month:%Y-%m}", share, shown(share, "share", language)) for month, _, _, share in table.rows]
    known = [(share, label) for label, share, _ in points if share is not None]
    if not known:
        return Chart("months", title, drawing.nothing("months", title, say(NOTHING_RAN)), table)
    best, worst = max(known), min(known)
    words = say("Högst var den %(best)s med %(most)s, lägst %(worst)s med %(least)s.") % {
        "best": best[1], "most": shown(best[0], "share", language),
        "worst": worst[1], "least": shown(worst[0], "share", language),
    }  # fmt: skip
    return Chart("months", title, drawing.shares("months", title, words, points), table)


def _outcomes(figures: Figures, language: str, say: Say) -> Chart:
    title = say("Hur körningarna slutade, per uppgift")
    rows = [
        Bar(tables.title_of(each, say), tuple(getattr(each.now.counts, name) for name in tables.OUTCOME_COLUMNS),
            _of_all(each.now.counts, language, say))
        for each in figures.tasks if each.now.counts.runs
    ]  # fmt: skip
    words = say("Alla uppgifter: %(told)s.") % {"told": _of_all(figures.now.counts, language, say)}
    legend = [say(each) for each in tables.OUTCOME_COLUMNS.values()]
    return _bars(
        "outcomes", title, words, rows, tables.outcomes_by_task(figures, say), legend=legend, none=say(NOTHING_RAN)
    )


def _of_all(counts: Counts, language: str, say: Say) -> str:
    """«10 av 13 utan handläggare (77 %)»."""
    alone, of = (shown(count, "count", language) for count in (counts.alone, counts.runs - counts.cancelled))
    told = {"alone": alone, "of": of, "share": shown(counts.share, "share", language)}
    return say("%(alone)s av %(of)s utan handläggare (%(share)s)") % told


def _saved(figures: Figures, language: str, say: Say) -> Chart:
    title = say("Sparad arbetstid per uppgift")

    def told(saved: Saved) -> str:
        return f"{shown(saved.minutes, 'minutes', language)}, {say(BASIS_WORDS[saved.basis])}"

    rows = [
        Bar(tables.title_of(each, say), (saved.minutes,), told(saved), hatched=saved.basis != "measured")
        for each in sorted(figures.tasks, key=lambda task: -task.now.saved.minutes)
        if (saved := each.now.saved).minutes
    ]
    words = say("Tillsammans %(told)s. En fylld stapel är uppmätt, en streckad är uppskattad.")
    words %= {"told": told(figures.now.saved)}
    return _bars("saved", title, words, rows, tables.saved_by_task(figures, say), none=say(NOTHING_RAN))


def _handovers(figures: Figures, language: str, say: Say) -> Chart:
    title = say("Varför ärenden lämnades över")
    found = [each for each in figures.handovers if each.count]
    rows = [Bar(f"{each.kind} ({tables.team(each.owner, say)})", (each.count,), shown(each.count, "count", language))
            for each in found[:MOST_BARS]]  # fmt: skip
    if rest := found[MOST_BARS:]:
        left = sum(each.count for each in rest)
        told = shown(left, "count", language)
        label = say("%(count)s andra orsaker tillsammans") % {"count": len(rest)}
        rows.append(Bar(label, (left,), told, hatched=True))
    words = say("Vanligast är «%(kind)s».") % {"kind": found[0].kind} if found else ""
    none = say("Inga överlämningar i perioden.")
    return _bars("handovers", title, words, rows, tables.handovers(figures, say), none=none)


def _bars(
    name: str, title: str, words: str, rows: Sequence[Bar], table: Table, *, none: str, legend: Sequence[str] = (),
) -> Chart:  # fmt: skip
    svg = drawing.bars(name, title, words, rows, legend) if rows else drawing.nothing(name, title, none)
    return Chart(name, title, svg, table)


def _weekdays(figures: Figures, language: str, say: Say) -> Chart:
    return _columns("weekdays", say("Körningar per veckodag"), tables.weekdays(figures, say), language, say)


def _hours(figures: Figures, language: str, say: Say) -> Chart:
    return _columns("hours", say("Körningar per timme på dygnet"), tables.hours(figures, say), language, say)


def _columns(name: str, title: str, table: Table, language: str, say: Say) -> Chart:
    values = [(label, count, shown(count, "count", language)) for label, count in table.rows]
    most = max(values, key=lambda value: value[1])
    if not most[1]:
        return Chart(name, title, drawing.nothing(name, title, say(NOTHING_RAN)), table)
    words = say("Flest beställdes %(when)s: %(count)s.") % {"when": most[0].lower(), "count": most[2]}
    return Chart(name, title, drawing.columns(name, title, words, values), table)
