"""``ragnhild trace``: the full traces of a run, as files that Playwright's viewer opens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robots.cli import console, machine
from robots.cli.evidence import write_plain
from robots.cli.runs import RunName, run_number
from robots.errors import WrongInput


def register(app: typer.Typer) -> None:
    app.command("trace", help="Lägg en körnings fullständiga spår i filer. De finns i högst en vecka.")(trace)


def trace(
    run: RunName,
    out: Annotated[Path, typer.Option("--out", metavar="MAPP", help="Mappen; utan den där du står.")] = Path(),
) -> None:
    """Raises ``WrongInput`` where there is none, and ``EvidenceUnreadable`` when it is changed."""
    from robots.audit.writing import note
    from robots.evidence.full_trace import there_now, traces_of
    from robots.evidence.keys import Keys

    run_id, settings = run_number(run), machine.open_settings()
    with machine.open_database(settings) as store:
        traces = traces_of(settings.evidence_dir, run_id, Keys.of(settings, store))
        found = {out / f"K-{run_id}-{file}": traces.read(file) for file in there_now(traces)}
        if not found:
            words = (
                "Det finns inget fullständigt spår på den här maskinen. Det beställs med: ragnhild run … --trace SKÄL"
            )
            raise WrongInput("Körning", f"K-{run_id}", words)
        with store.begin() as connection:
            note(connection, machine.person(), "downloaded_trace", f"K-{run_id}")
    for target, content in found.items():
        write_plain(target, content)
        console.say(f"Spår: {target.absolute()}")
    console.tell("Öppnas med: playwright show-trace FIL. Det ligger olåst där: ta bort det när du är klar.", "dim")
