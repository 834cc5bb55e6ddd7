"""The figures as tables: the same rows on the page, beside the pictures, at the command line and in the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from robots.errors import marked as _
from robots.statistics.figures import Figures, HandoverFigures, TaskFigures, Times, Totals
from robots.statistics.wording import BASIS_WORDS, NOTHING, SOURCE_WORDS, Kind, Say, alphabetical, shown, swedish

SAVED = _("Sparad arbetstid")
NO_TEAM = _("Uppgiften finns inte längre")
WEEKDAYS = (_("Måndag"), _("Tisdag"), _("Onsdag"), _("Torsdag"), _("Fredag"), _("Lördag"), _("Söndag"))


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
    "alone": _("Klara utan handläggare"), "helped": _("Klara efter ny beställning"), "handed_over": _("Överlämnade"),
    "failed": _("Misslyckade"), "cancelled": _("Avbrutna"),
}  # fmt: skip


def _time_columns(say: Say) -> Iterable[Column]:
    for what in (say("Till klart"), say("I kö"), say("Arbete")):
        yield from (Column(f"{what}, {which}", "seconds") for which in (say("median"), say("9 av 10 inom")))


@dataclass(frozen=True)
class KeyFigure:
    """One of the figures that a leader is asked for first, beside that of the period before."""

    title: str
    kind: Kind
    now: float | None
    before: float | None


def key_rows(figures: Figures, say: Say = swedish) -> tuple[KeyFigure, ...]:
    """The key figures as numbers."""
    saved = f"{say(SAVED)} ({say(BASIS_WORDS[figures.now.saved.basis])})"
    told: tuple[tuple[str, Kind, Callable[[Totals], float | None]], ...] = (
        (say("Körningar"), "count", lambda of: of.counts.runs),
        (say("Klara utan handläggare"), "count", lambda of: of.counts.alone),
        (say("Klara efter ny beställning"), "count", lambda of: of.counts.helped),
        (say("Överlämnade till handläggare"), "count", lambda of: of.counts.handed_over),
        (say("Misslyckade"), "count", lambda of: of.counts.failed),
        (say("Avbrutna"), "count", lambda of: of.counts.cancelled),
        (say("Andel klara utan handläggare"), "share", lambda of: of.counts.share),
        (say("Tid till klart, median"), "seconds", lambda of: of.times.whole.median),
        (say("Tid till klart, 9 av 10 inom"), "seconds", lambda of: of.times.whole.p90),
        (saved, "minutes", lambda of: of.saved.minutes),
    )
    return tuple(KeyFigure(title, kind, of(figures.now), of(figures.before)) for title, kind, of in told)


def key_figures(figures: Figures, say: Say = swedish) -> Table:
    """The key figures in words, and how each has changed."""
    rows = tuple(
        (
            each.title,
            shown(each.now, each.kind),
            shown(each.before, each.kind),
            change(each.now, each.before, each.kind),
        )
        for each in key_rows(figures, say)
    )
    columns = (_words(say("Nyckeltal")), _words(say("Perioden")), _words(say("Före")), _words(say("Ändring")))
    return Table("key_figures", say("Nyckeltal"), columns, rows)


def change(
    now: float | None, before: float | None, kind: Kind, language: str = "sv", say: Say = swedish
) -> str:  # fmt: skip
    """How a figure has changed: «+12», «−3 procentenheter», «oförändrat»; «–» where one of them is not known."""
    if now is None or before is None:
        return NOTHING
    difference = now - before
    if kind == "share":
        points = round(now * 100) - round(before * 100)
        unit = say("procentenhet") if abs(points) == 1 else say("procentenheter")
        return _signed(points, f"{abs(points)} {unit}", say)
    words = shown(abs(difference), kind, language)
    return _signed(0 if words == shown(0, kind, language) else difference, words, say)


def _signed(difference: float, words: str, say: Say) -> str:
    return say("oförändrat") if not difference else f"{'+' if difference > 0 else '−'}{words}"


def outcomes_by_task(figures: Figures, say: Say = swedish) -> Table:
    """How each task's requests ended."""
    columns = (
        _words(say("Uppgift")), _words(say("Team")), Column(say("Körningar")),
        *(Column(say(title)) for title in OUTCOME_COLUMNS.values()),
        Column(say("Andel utan handläggare"), "share"), Column(say("Andelen före"), "share"),
    )  # fmt: skip
    rows = []
    for each in figures.tasks:
        counts = each.now.counts
        ends = (getattr(counts, name) for name in OUTCOME_COLUMNS)
        rows.append(
            (title_of(each, say), team(each.owner, say), counts.runs, *ends, counts.share, each.before.counts.share)
        )
    return Table("outcomes_by_task", say("Utfall per uppgift"), columns, tuple(rows))


def saved_by_task(figures: Figures, say: Say = swedish) -> Table:
    """Working time that each task saves, what it is counted with, and where that is from."""
    columns = (
        _words(say("Uppgift")), Column(say(SAVED), "minutes"), Column(say("Före"), "minutes"),
        _words(say("Underlag")), Column(say("Minuter per ärende för hand")), Column(say("Minuter per överlämning")),
        Column(say("Minuter per misslyckad")), _words(say("Varifrån minuterna kommer")),
    )  # fmt: skip
    rows = []
    for each in figures.tasks:
        base = each.baseline
        where = say(base.case.source)
        if base.case.measured:
            where = say("%(source)s, mätt %(day)s") % {"source": where, "day": base.case.measured}
        rows.append((
            title_of(each, say), each.now.saved.minutes, each.before.saved.minutes, say(BASIS_WORDS[base.basis]),
            base.case.minutes, base.handover.minutes, base.failure.minutes, where,
        ))  # fmt: skip
    return Table("saved_by_task", say("Sparad arbetstid per uppgift"), columns, tuple(rows))


def months_together(figures: Figures, say: Say = swedish) -> Table:
    """All tasks, month by month."""
    columns = (Column(say("Månad"), "month"), Column(say("Körningar")), Column(say("Klara utan handläggare")),
               Column(say("Andel utan handläggare"), "share"))  # fmt: skip
    rows = [(m.month, m.counts.runs, m.counts.alone, m.counts.share) for m in figures.months if not m.task]
    return Table("months_together", say("Månad för månad"), columns, tuple(rows))


def months_by_task(figures: Figures, say: Say = swedish) -> Table:
    """Each task, month by month."""
    columns = (
        _words(say("Uppgift")), Column(say("Månad"), "month"), Column(say("Körningar")),
        Column(say("Klara utan handläggare")), Column(say("Andel utan handläggare"), "share"),
    )  # fmt: skip
    rows = [(m.title, m.month, m.counts.runs, m.counts.alone, m.counts.share) for m in figures.months if m.task]
    return Table("months_by_task", say("Uppgifterna månad för månad"), columns, tuple(rows))


def handovers(figures: Figures, say: Say = swedish) -> Table:
    """Why cases were handed over, and to which team."""
    columns = (_words(say("Orsak")), _words(say("Team")), Column(say("Överlämningar")), Column(say("Före")))
    rows = [(each.kind, team(each.owner, say), each.count, each.before) for each in figures.handovers]
    return Table("handovers", say("Överlämningar efter orsak och team"), columns, tuple(rows))


def handovers_by_reason(figures: Figures, say: Say = swedish) -> Table:
    """Why cases were handed over, whoever got them."""
    columns = _handover_columns(say("Orsak"), say)
    rows = _handovers_by(figures, lambda each: each.kind)
    return Table("handovers_by_reason", say("Överlämningar per orsak"), columns, rows)


def handovers_by_team(figures: Figures, say: Say = swedish) -> Table:
    """How many cases each team was handed."""
    columns = _handover_columns(say("Team"), say)
    rows = _handovers_by(figures, lambda each: team(each.owner, say))
    return Table("handovers_by_team", say("Överlämningar per team"), columns, rows)


def _handover_columns(top: str, say: Say) -> tuple[Column, ...]:
    return _words(top), Column(say("Överlämningar")), Column(say("Före"))


def _handovers_by(figures: Figures, key: Callable[[HandoverFigures], str]) -> tuple[tuple[Any, ...], ...]:
    found: dict[str, tuple[int, int]] = {}
    for each in figures.handovers:
        count, before = found.get(key(each), (0, 0))
        found[key(each)] = count + each.count, before + each.before
    rows = sorted(((word, *counts) for word, counts in found.items()), key=lambda row: (-row[1], alphabetical(row[0])))
    return tuple(rows)


def times_by_source(figures: Figures, say: Say = swedish) -> Table:
    """How long it took until done, by how it was asked for."""
    rows = [(say("Alla"), *_times(figures.now.times))]
    rows += [(source_words(each.source, say), *_times(each.times)) for each in figures.sources]
    columns = (_words(say("Beställt av")), Column(say("Klara")), *_time_columns(say))
    return Table("times_by_source", say("Tid till klart efter hur körningen beställdes"), columns, tuple(rows))


def times_by_task(figures: Figures, say: Say = swedish) -> Table:
    """How long it took until done, by task."""
    rows = [(title_of(each, say), *_times(each.now.times)) for each in figures.tasks]
    columns = (_words(say("Uppgift")), Column(say("Klara")), *_time_columns(say))
    return Table("times_by_task", say("Tid till klart per uppgift"), columns, tuple(rows))


def sources(figures: Figures, say: Say = swedish) -> Table:
    """How the runs were asked for."""
    columns = (_words(say("Beställt av")), Column(say("Körningar")), Column(say("Andel utan handläggare"), "share"),
               Column(say("Före")))  # fmt: skip
    rows = [
        (source_words(each.source, say), each.now.runs, each.now.share, each.before.runs) for each in figures.sources
    ]
    return Table("sources", say("Hur körningarna beställdes"), columns, tuple(rows))


def hours_of_the_week(figures: Figures, say: Say = swedish) -> Table:
    """How many were asked for in each hour of each weekday."""
    columns = (_words(say("Timme")), *(Column(say(day)) for day in WEEKDAYS), Column(say("Alla dagar")))
    rows = []
    for hour in range(24):
        counts = [day[hour] for day in figures.hours]
        rows.append((f"{hour:02}–{hour + 1:02}", *counts, sum(counts)))
    return Table("hours_of_the_week", say("När körningarna beställdes"), columns, tuple(rows))


def weekdays(figures: Figures, say: Say = swedish) -> Table:
    """How many were asked for on each weekday."""
    rows = tuple((say(name), sum(counts)) for name, counts in zip(WEEKDAYS, figures.hours, strict=True))
    return Table("weekdays", say("Körningar per veckodag"), (_words(say("Veckodag")), Column(say("Körningar"))), rows)


def hours(figures: Figures, say: Say = swedish) -> Table:
    """How many were asked for in each hour, whatever the day."""
    rows = tuple((f"{hour:02}", sum(day[hour] for day in figures.hours)) for hour in range(24))
    return Table("hours", say("Körningar per timme"), (_words(say("Timme")), Column(say("Körningar"))), rows)


def all_tables(figures: Figures, say: Say = swedish) -> tuple[Table, ...]:
    """Every table, in the order in which a leader reads them; by month only where there are several."""
    makers: Iterable[Callable[[Figures, Say], Table]] = (
        key_figures, months_together, outcomes_by_task, saved_by_task, months_by_task, handovers, handovers_by_reason,
        handovers_by_team,
        times_by_source, times_by_task, sources, weekdays, hours, hours_of_the_week,
    )  # fmt: skip
    months = () if len(figures.period.months) > 1 else (months_together, months_by_task)
    return tuple(make(figures, say) for make in makers if make not in months)


def title_of(each: TaskFigures, say: Say = swedish) -> str:
    """The task's title; of one that has gone its name, and that it has."""
    return each.title if each.known else say("%(task)s (finns inte längre)") % {"task": each.title}


def team(owner: str, say: Say = swedish) -> str:
    """Who answers for the task, in words."""
    return owner or say(NO_TEAM)


def source_words(source: str, say: Say = swedish) -> str:
    """How something was asked for, in words."""
    return say(SOURCE_WORDS[source]) if source in SOURCE_WORDS else source


def _times(times: Times) -> tuple[Any, ...]:
    spreads = (times.whole, times.queue, times.work)
    return (times.count, *(value for spread in spreads for value in (spread.median, spread.p90)))
