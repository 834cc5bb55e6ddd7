"""``ragnhild export``: everything about one case, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.disclosure.gathering import Document
    from robots.disclosure.writing import Summed
    from robots.evidence.sealed import RunEvidence


def register(app: typer.Typer) -> None:
    app.command("export", help="Ta ut allt om ett ärende: körningar, underlag, kvittenser, svar och händelser.")(export)


def export(
    case: Annotated[str, typer.Option("--case", metavar="ÄRENDE", help="Ärendenumret.")],
    out: Annotated[Path, typer.Option("--out", metavar="MAPP", help="En ny mapp, eller en ny fil som slutar på .zip.")],
    reason: Annotated[str, typer.Option("--reason", metavar="SKÄL", help="Varför; det sparas tillsammans med vem.")],
) -> None:
    """Write the files. Raises ``WrongInput`` without a reason, for a case without runs, and where there is a file."""
    from robots.audit.writing import note
    from robots.disclosure.gathering import gathered, runs_of
    from robots.disclosure.writing import target_at, write_overview
    from robots.evidence.keys import Keys
    from robots.evidence.sealed import RunEvidence
    from robots.fields import CaseNumber
    from robots.scheduler.scheduler import database_time

    if not reason.strip():
        raise WrongInput("--reason", reason, "Skriv varför ärendet tas ut; det sparas i händelseloggen.")
    case_number = CaseNumber.tidy(case)
    settings = machine.open_settings()
    with machine.open_database(settings) as store, target_at(out) as target:
        with store.begin() as connection:
            run_ids = runs_of(connection, case_number)
            if not run_ids:
                raise WrongInput("--case", case, "Ingen körning har det ärendenumret, eller så är de gallrade.")
            note(connection, machine.person(), "case_exported", f"K-{run_ids[-1]}", reason=reason, runs=len(run_ids))
        with store.begin() as connection:
            told, at = gathered(connection, case_number, run_ids), database_time(connection)
        keys = Keys.of(settings, store)
        for run in told["runs"]:
            _put_evidence(RunEvidence.below(settings.evidence_dir, run["id"], keys), target, run)
        write_overview(target, told, reason=reason, by=machine.person(), at=at, municipality=settings.municipality)
    pictures = sum(len(run["files"]) for run in told["runs"])
    console.say(f"Allt om {case_number} ligger i {out}: {len(run_ids)} körningar och {pictures} filer med underlag.")
    console.say(
        "Där finns personuppgifter i klartext. Bara du kan läsa filerna: vakta dem, och ta bort dem sedan.", "yellow"
    )
    for run in told["runs"]:
        for words in run["missing"]:
            console.say(words, "yellow")


def _put_evidence(evidence: RunEvidence, target: Summed, run: Document) -> None:
    """The run's report and pictures, opened; ``run`` is told which, and what could not be had."""
    from robots.errors import ConfigurationError, EvidenceUnreadable, SecretsUnavailable

    run["files"], run["missing"] = [], []
    names = sorted(path.name for path in evidence.folder.iterdir()) if evidence.folder.is_dir() else []
    if run["attempts"] and not names:
        run["missing"].append(f"Underlaget till {run['name']} finns inte på den här maskinen, eller är gallrat.")
    for name in names:
        try:
            content = evidence.read(name)
        except (EvidenceUnreadable, SecretsUnavailable, ConfigurationError, OSError) as error:
            run["missing"].append(f"{run['name']}: {error}")
            if not isinstance(error, OSError):
                break  # what ails one ails all of them
        else:
            place = f"korningar/{run['name']}/{name}"
            target.put(place, content)
            run["files"].append(place)
