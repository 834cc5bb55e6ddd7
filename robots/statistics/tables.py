"""The figures as tables: the same rows on the page, beside the pictures, at the command line and in the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from robots.statistics.figures import WEEKDAYS, Figures, HandoverFigures, TaskFigures, Times, Totals
from robots.statistics.wording import BASIS_WORDS, NOTHING, SOURCE_WORDS, Kind, alphabetical, shown

NO_TEAM = "Uppgiften finns inte längre"


@dataclass(frozen=True)
class Column:
    """What stands at its top, and what its cells hold."""

    title: str
    kind: Kind = "count"


@dataclass(frozen=True)
class Table:
    """``name`` is for programs, ``title`` for people; the first column says what each row is of."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    def words(self, language: str = "sv") -> list[tuple[str, ...]]:
        """The rows as they are read."""
        kinds = [column.kind for column in self.columns]
        return [
            tuple(shown(value, kind, language) for value, kind in zip(row, kinds, strict=True)) for row in self.rows
        ]


def _words(title: str) -> Column:
    return Column(title, "text")


# What an outcome is called in a column, and which of ``Counts`` it is.
OUTCOME_COLUMNS = {
    "alone": "Klara utan handläggare", "helped": "Klara efter ny beställning", "handed_over": "Överlämnade",
    "failed": "Misslyckade", "cancelled": "Avbrutna",
}  # fmt: skip
_TIME_COLUMNS = tuple(
    Column(f"{what}, {which}", "seconds")
    for what in ("Till klart", "I kö", "Arbete")
    for which in ("median", "9 av 10 inom")
)


@dataclass(frozen=True)
class KeyFigure:
    """One of the figures that a leader is asked for first, beside that of the period before."""

    title: str
    kind: Kind
    now: float | None
    before: float | None


def key_rows(figures: Figures) -> tuple[KeyFigure, ...]:
    """The key figures as numbers."""
    basis = BASIS_WORDS[figures.now.saved.basis]
    told: tuple[tuple[str, Kind, Callable[[Totals], float | None]], ...] = (
        ("Körningar", "count", lambda of: of.counts.runs),
        ("Klara utan handläggare", "count", lambda of: of.counts.alone),
        ("Klara efter ny beställning", "count", lambda of: of.counts.helped),
        ("Överlämnade till handläggare", "count", lambda of: of.counts.handed_over),
        ("Misslyckade", "count", lambda of: of.counts.failed),
        ("Avbrutna", "count", lambda of: of.counts.cancelled),
        ("Andel klara utan handläggare", "share", lambda of: of.counts.share),
        ("Tid till klart, median", "seconds", lambda of: of.times.whole.median),
        ("Tid till klart, 9 av 10 inom", "seconds", lambda of: of.times.whole.p90),
        (f"Sparad arbetstid ({basis})", "minutes", lambda of: of.saved.minutes),
    )
    return tuple(KeyFigure(title, kind, of(figures.now), of(figures.before)) for title, kind, of in told)


def key_figures(figures: Figures) -> Table:
    """The key figures in words, and how each has changed."""
    rows = tuple(
        (
            each.title,
            shown(each.now, each.kind),
            shown(each.before, each.kind),
            change(each.now, each.before, each.kind),
        )
        for each in key_rows(figures)
    )
    columns = (_words("Nyckeltal"), _words("Perioden"), _words("Före"), _words("Ändring"))
    return Table("key_figures", "Nyckeltal", columns, rows)


def change(now: float | None, before: float | None, kind: Kind) -> str:
    """How a figure has changed: «+12», «−3 procentenheter», «oförändrat»; «–» where one of them is not known."""
    if now is None or before is None:
        return NOTHING
    difference = now - before
    if kind == "share":
        points = round(now * 100) - round(before * 100)
        words = f"{abs(points)} {'procentenhet' if abs(points) == 1 else 'procentenheter'}"
        return _signed(points, words)
    words = shown(abs(difference), kind)
    return _signed(0 if words == shown(0, kind) else difference, words)


def _signed(difference: float, words: str) -> str:
    return "oförändrat" if not difference else f"{'+' if difference > 0 else '−'}{words}"


def outcomes_by_task(figures: Figures) -> Table:
    """How each task's requests ended."""
    columns = (
        _words("Uppgift"), _words("Team"), Column("Körningar"), *map(Column, OUTCOME_COLUMNS.values()),
        Column("Andel utan handläggare", "share"), Column("Andelen före", "share"),
    )  # fmt: skip
    rows = []
    for each in figures.tasks:
        counts = each.now.counts
        ends = (getattr(counts, name) for name in OUTCOME_COLUMNS)
        rows.append((title_of(each), team(each.owner), counts.runs, *ends, counts.share, each.before.counts.share))
    return Table("outcomes_by_task", "Utfall per uppgift", columns, tuple(rows))


def saved_by_task(figures: Figures) -> Table:
    """Working time that each task saves, what it is counted with, and where that is from."""
    columns = (
        _words("Uppgift"), Column("Sparad arbetstid", "minutes"), Column("Före", "minutes"),
        _words("Underlag"), Column("Minuter per ärende för hand"), Column("Minuter per överlämning"),
        Column("Minuter per misslyckad"), _words("Varifrån minuterna kommer"),
    )  # fmt: skip
    rows = []
    for each in figures.tasks:
        base = each.baseline
        where = f"{base.case.source}, mätt {base.case.measured}" if base.case.measured else base.case.source
        rows.append((
            title_of(each), each.now.saved.minutes, each.before.saved.minutes, BASIS_WORDS[base.basis],
            base.case.minutes, base.handover.minutes, base.failure.minutes, where,
        ))  # fmt: skip
    return Table("saved_by_task", "Sparad arbetstid per uppgift", columns, tuple(rows))


def months_together(figures: Figures) -> Table:
    """All tasks, month by month."""
    columns = (Column("Månad", "month"), Column("Körningar"), Column("Klara utan handläggare"),
               Column("Andel utan handläggare", "share"))  # fmt: skip
    rows = [(m.month, m.counts.runs, m.counts.alone, m.counts.share) for m in figures.months if not m.task]
    return Table("months_together", "Månad för månad", columns, tuple(rows))


def months_by_task(figures: Figures) -> Table:
    """Each task, month by month."""
    columns = (
        _words("Uppgift"), Column("Månad", "month"), Column("Körningar"), Column("Klara utan handläggare"),
        Column("Andel utan handläggare", "share"),
    )  # fmt: skip
    rows = [(m.title, m.month, m.counts.runs, m.counts.alone, m.counts.share) for m in figures.months if m.task]
    return Table("months_by_task", "Uppgifterna månad för månad", columns, tuple(rows))


def handovers(figures: Figures) -> Table:
    """Why cases were handed over, and to which team."""
    columns = (_words("Orsak"), _words("Team"), Column("Överlämningar"), Column("Före"))
    rows = [(each.kind, team(each.owner), each.count, each.before) for each in figures.handovers]
    return Table("handovers", "Överlämningar efter orsak och team", columns, tuple(rows))


def handovers_by_reason(figures: Figures) -> Table:
    """Why cases were handed over, whoever got them."""
    return _handovers_by("reason", "Orsak", figures, lambda each: each.kind)


def handovers_by_team(figures: Figures) -> Table:
    """How many cases each team was handed."""
    return _handovers_by("team", "Team", figures, lambda each: team(each.owner))


def _handovers_by(name: str, title: str, figures: Figures, key: Callable[[HandoverFigures], str]) -> Table:
    found: dict[str, tuple[int, int]] = {}
    for each in figures.handovers:
        count, before = found.get(key(each), (0, 0))
        found[key(each)] = count + each.count, before + each.before
    rows = sorted(((word, *counts) for word, counts in found.items()), key=lambda row: (-row[1], alphabetical(row[0])))
    columns = (_words(title), Column("Överlämningar"), Column("Före"))
    return Table(f"handovers_by_{name}", f"Överlämningar per {title.lower()}", columns, tuple(rows))


def times_by_source(figures: Figures) -> Table:
    """How long it took until done, by how it was asked for."""
    rows = [("Alla", *_times(figures.now.times))]
    rows += [(source_words(each.source), *_times(each.times)) for each in figures.sources]
    columns = (_words("Beställt av"), Column("Klara"), *_TIME_COLUMNS)
    return Table("times_by_source", "Tid till klart efter hur körningen beställdes", columns, tuple(rows))


def times_by_task(figures: Figures) -> Table:
    """How long it took until done, by task."""
    rows = [(title_of(each), *_times(each.now.times)) for each in figures.tasks]
    columns = (_words("Uppgift"), Column("Klara"), *_TIME_COLUMNS)
    return Table("times_by_task", "Tid till klart per uppgift", columns, tuple(rows))


def sources(figures: Figures) -> Table:
    """How the runs were asked for."""
    columns = (_words("Beställt av"), Column("Körningar"), Column("Andel utan handläggare", "share"),
               Column("Före"))  # fmt: skip
    rows = [(source_words(each.source), each.now.runs, each.now.share, each.before.runs) for each in figures.sources]
    return Table("sources", "Hur körningarna beställdes", columns, tuple(rows))


def hours_of_the_week(figures: Figures) -> Table:
    """How many were asked for in each hour of each weekday."""
    columns = (_words("Timme"), *(Column(day.capitalize()) for day in WEEKDAYS), Column("Alla dagar"))
    rows = []
    for hour in range(24):
        counts = [day[hour] for day in figures.hours]
        rows.append((f"{hour:02}–{hour + 1:02}", *counts, sum(counts)))
    return Table("hours_of_the_week", "När körningarna beställdes", columns, tuple(rows))


def weekdays(figures: Figures) -> Table:
    """How many were asked for on each weekday."""
    rows = tuple((name.capitalize(), sum(counts)) for name, counts in zip(WEEKDAYS, figures.hours, strict=True))
    return Table("weekdays", "Körningar per veckodag", (_words("Veckodag"), Column("Körningar")), rows)


def hours(figures: Figures) -> Table:
    """How many were asked for in each hour, whatever the day."""
    rows = tuple((f"{hour:02}", sum(day[hour] for day in figures.hours)) for hour in range(24))
    return Table("hours", "Körningar per timme", (_words("Timme"), Column("Körningar")), rows)


def all_tables(figures: Figures) -> tuple[Table, ...]:
    """Every table, in the order in which a leader reads them; by month only where there are several."""
    makers: Iterable[Callable[[Figures], Table]] = (
        key_figures, months_together, outcomes_by_task, saved_by_task, months_by_task, handovers, handovers_by_reason,
        handovers_by_team,
        times_by_source, times_by_task, sources, weekdays, hours, hours_of_the_week,
    )  # fmt: skip
    months = () if len(figures.period.months) > 1 else (months_together, months_by_task)
    return tuple(make(figures) for make in makers if make not in months)


def title_of(each: TaskFigures) -> str:
    """The task's title; of one that has gone its name, and that it has."""
    return each.title if each.known else f"{each.title} (finns inte längre)"


def team(owner: str) -> str:
    """Who answers for the task, in words."""
    return owner or NO_TEAM


def source_words(source: str) -> str:
    """How something was asked for, in words."""
    return SOURCE_WORDS.get(source, source)


def _times(times: Times) -> tuple[Any, ...]:
    spreads = (times.whole, times.queue, times.work)
    return (times.count, *(value for spread in spreads for value in (spread.median, spread.p90)))
