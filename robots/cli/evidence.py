"""``ragnhild report`` and ``evidence``: a run's report as a file that any browser opens, and the keys of evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine, new_keys
from robots.cli.runs import RunName, run_number
from robots.errors import ConfigurationError, WrongInput

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from robots.evidence.sealed import RunEvidence
    from robots.settings import Settings
    from robots.store import Store

Lost = Annotated[
    bool, typer.Option("--lost", help="Gå vidare fast den förra nyckeln är borta: det den låste går inte att öppna.")
]


def register(app: typer.Typer) -> None:
    app.command("report", help="Lägg en körnings rapport i en fil som öppnas i vilken webbläsare som helst, utan nät.")(
        report
    )
    group = typer.Typer(help="Sköt nyckeln till underlaget, som ligger låst på disken.", no_args_is_help=True)
    group.command("new-key", help="Gör en ny nyckel i en fil, och lås om allt till den. Filerna rörs inte.")(new_key)
    group.command("rewrap", help="Lås om allt till nyckeln som nu ligger bland hemligheterna. Filerna rörs inte.")(
        rewrap_all
    )
    group.command("seal", help="Lås underlag från tiden innan det låstes.")(seal_old)
    app.add_typer(group, name="evidence")


def report(
    run: RunName,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FIL", help="Filen; utan den K-….html i mappen där du står.")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Öppna den i webbläsaren.")] = False,
) -> None:
    """As the run ended, or as it stands now. Raises ``WrongInput``, and ``EvidenceUnreadable`` when it is changed."""
    from robots.audit.writing import note
    from robots.evidence.keys import Keys
    from robots.evidence.sealed import RunEvidence

    run_id = run_number(run)
    target = out or Path(f"K-{run_id}.html")
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        evidence = RunEvidence.below(settings.evidence_dir, run_id, Keys.of(settings, store))
        found = _report_of(settings, store, evidence)
        write_plain(target, found)
        with store.begin() as connection:
            note(connection, machine.person(), "downloaded_report", f"K-{run_id}")
    console.say(f"Rapport: {target.absolute()}")
    console.tell("Den ligger olåst där: ta bort filen när du är klar med den.", "dim")
    if open_it:
        typer.launch(target.absolute().as_uri())


def _report_of(settings: Settings, store: Store, evidence: RunEvidence) -> bytes:
    from robots.evidence.report import REPORT, report_page
    from robots.queue.run_record import report_words
    from robots.queue.runs import find_run
    from robots.task_files import load_tasks
    from robots.worker.own_tasks import OWN_TASKS

    run = find_run(store, evidence.run_id)
    if run.finished_at and evidence.there(REPORT):
        return evidence.read(REPORT)
    task = load_tasks(settings.tasks_dir).by_name.get(run.task) or OWN_TASKS.get(run.task)
    return report_page(store, evidence, **report_words(task, run.task)).encode()


def write_plain(target: Path, content: bytes) -> None:
    """For its owner alone."""
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise WrongInput("--out", str(target), f"Filen går inte att skriva ({error.strerror}).") from None


def new_key(lost: Lost = False) -> None:
    """The key before it stays beside it. Raises ``ConfigurationError`` where keys do not lie in files."""
    from robots.evidence.keys import counting, lock_out_others
    from robots.evidence.master_key import SecretMasterKeys
    from robots.sources.own_keys import EVIDENCE

    settings = machine.open_settings()
    new_keys.demand_in_a_file(settings, EVIDENCE, "evidence")
    current, former = EVIDENCE.files(settings)
    with machine.open_database(settings) as store, store.begin() as connection:
        lock_out_others(connection)  # of two at once the second would lay the first's new key over the former one
        wrapped = new_keys.change(
            settings,
            EVIDENCE,
            is_unfinished=lambda: counting(connection) != SecretMasterKeys(settings).current(),
            seal_anew=lambda: _rewrap(connection, settings, lost=lost),
        )
    _tell_of(*wrapped)
    console.say(f"Den nya nyckeln ligger i {current}. Spara den på en säker plats, inte med säkerhetskopiorna.")
    if former.exists():
        console.say(
            f"Den förra ligger i {former}. Flytta den till den säkra platsen när alla maskiner har den nya: gamla "
            "säkerhetskopior öppnas med den."
        )


def rewrap_all(lost: Lost = False) -> None:
    """Raises ``ConfigurationError`` when something cannot be unwrapped, unless it is known to be lost."""
    settings = machine.open_settings()
    with machine.open_database(settings) as store, store.begin() as connection:
        wrapped = _rewrap(connection, settings, lost=lost)
    _tell_of(*wrapped)


def _rewrap(connection: Connection, settings: Settings, *, lost: bool) -> tuple[int, int]:
    """All of it or nothing. Returns as ``keys.rewrap``."""
    from robots.audit.writing import note
    from robots.evidence.keys import rewrap
    from robots.evidence.master_key import SecretMasterKeys

    done, left = rewrap(connection, SecretMasterKeys(settings))
    if left and not lost:
        raise ConfigurationError(
            f"{left} ärenden är låsta med en nyckel som inte finns här. Lägg den som hemligheten evidence.old och "
            "kör: ragnhild evidence rewrap. Är den borta för alltid: lägg till --lost. Inget är ändrat."
        )
    note(connection, machine.person(), "rewrapped_evidence", done=done, left=left)
    return done, left


def _tell_of(done: int, left: int) -> None:
    console.say(f"{done} ärendens nycklar är låsta med den nyckel som gäller nu.")
    if left:
        console.say(f"{left} ärenden är låsta med en nyckel som är borta. Deras underlag går inte att öppna.", "yellow")


def seal_old() -> None:
    """Runs that go on are left alone. What is cut short goes on where it was."""
    from sqlalchemy import select

    from robots.audit.writing import note
    from robots.evidence.keys import Keys
    from robots.evidence.sealed import RunEvidence
    from robots.store.schema import runs

    settings = machine.open_settings()
    files = 0
    with machine.open_database(settings) as store:
        keys = Keys.of(settings, store)
        with store.begin() as connection:
            ended = connection.execute(select(runs.c.id).where(runs.c.finished_at.is_not(None)).order_by(runs.c.id))
            known = list(ended.scalars())
        for run_id in known:
            evidence = RunEvidence.below(settings.evidence_dir, run_id, keys)
            if evidence.folder.is_dir():
                files += evidence.seal_plain()
        with store.begin() as connection:
            note(connection, machine.person(), "sealed_evidence", files=files)
    console.say(f"{files} filer är låsta.")
