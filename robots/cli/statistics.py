"""``ragnhild statistics``: what the robots have given in a period, as tables, as JSON or as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson

if TYPE_CHECKING:
    from robots.statistics.figures import Figures

# Hour by hour they are long; the workbook and --json have them.
NOT_ON_A_SCREEN = ("hours", "hours_of_the_week")
Month = Annotated[str, typer.Option("--month", metavar="ÅÅÅÅ-MM", help="Månaden; utan den den senaste hela.")]
First = Annotated[str, typer.Option("--from", metavar="ÅÅÅÅ-MM-DD", help="Första dagen, i stället för en månad.")]
Last = Annotated[str, typer.Option("--to", metavar="ÅÅÅÅ-MM-DD", help="Sista dagen; utan den i dag.")]
Target = Annotated[
    Path | None, typer.Option("--workbook", metavar="FIL", help="Skriv en arbetsbok med diagram, för Excel.")
]


def register(app: typer.Typer) -> None:
    app.command(
        "statistics", help="Visa vad robotarna har gjort: andel klara, överlämningar, tider, sparad arbetstid."
    )(statistics)


def statistics(
    month: Month = "", first: First = "", last: Last = "", workbook: Target = None, as_json: AsJson = False
) -> None:
    """The figures of a period beside those of the one before.

    Raises ``WrongInput`` for a period that cannot be, and for a file that is there already.
    """
    from robots.statistics.calculating import figures_of, today_of
    from robots.statistics.period import chosen_period
    from robots.statistics.workbook import write_workbook
    from robots.task_files import load_tasks

    settings = machine.open_settings()
    tasks = load_tasks(settings.tasks_dir)
    with machine.open_database(settings) as store:
        period = chosen_period(today_of(store), month=month, first=first, last=last)
        figures = figures_of(store, settings, tasks, period)
    if workbook:
        write_workbook(figures, settings.municipality, workbook)
        console.tell(f"Arbetsboken är skriven: {workbook}", "green")
    if as_json:
        console.print_json(figures.as_json())
    elif not workbook:
        _show(figures)


def _show(figures: Figures) -> None:
    from rich.text import Text

    from robots.statistics.explained import period_words
    from robots.statistics.tables import all_tables

    console.say(period_words(figures), "bold")
    for table in all_tables(figures):
        if table.name in NOT_ON_A_SCREEN or not table.rows:
            continue
        console.say(f"\n{table.title}", "bold")
        rows = [
            [
                Text(cell, justify="left" if column.kind == "text" else "right")
                for cell, column in zip(row, table.columns, strict=True)
            ]
            for row in table.words()
        ]
        console.table([column.title for column in table.columns], rows)
