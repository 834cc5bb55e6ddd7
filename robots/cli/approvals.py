"""``ragnhild approvals``, ``approve`` and ``deny``: what waits for a person to have looked at it, and the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson, RunName, run_number

if TYPE_CHECKING:
    from sqlalchemy import Row

ANSWER_WORDS = {"send": "Skicka", "stop": "Avbryt", "expired": "ingen svarade i tid"}

Reason = Annotated[str, typer.Option("--reason", metavar="SKÄL", help="Varför; det står i körningens resultat.")]


def register(app: typer.Typer) -> None:
    app.command("approvals", help="Visa vad som väntar på att någon tittar på det ifyllda och svarar.")(approvals)
    app.command("approve", help="Svara Skicka: det du har tittat på skickas, och inget annat.")(approve)
    app.command("deny", help="Svara Avbryt: inget skickas och körningen avslutas.")(deny)


def approvals(as_json: AsJson = False) -> None:
    """List the open questions, the most urgent first."""
    from robots.queue.approvals import waiting

    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        found = waiting(store)
    if as_json:
        told = [
            {"task": row.task, "case_number": row.case_number, "started_by": row.started_by,
             **document(row, settings.evidence_dir)}
            for row in found
        ]  # fmt: skip
        console.print_json({"approvals": told})
        return
    if not found:
        console.tell("Inget väntar på svar.")
        return
    rows = [
        (f"K-{row.run_id}", row.task.replace("_", "-"), row.case_number or "–", row.once, row.started_by,
         console.clock(row.expires_at))
        for row in found
    ]  # fmt: skip
    console.table(["Körning", "Uppgift", "Ärende", "Ska skickas", "Beställd av", "Svara senast"], rows)
    console.tell("Titta på det ifyllda: ragnhild show K-… Svara: ragnhild approve K-… eller ragnhild deny K-…", "dim")


def approve(
    run: RunName,
    question: Annotated[
        int | None,
        typer.Option("--question", metavar="NUMMER", help="Frågan som du tittade på, så att ingen nyare besvaras."),
    ] = None,
) -> None:
    """Let it leave. Raises ``WrongInput`` when the run asks nothing, or is answered already."""
    from robots.queue.approvals import answer
    from robots.queue.runs import worker_alive

    run_id = run_number(run)
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        answer(store, run_id, True, by=machine.person(), looked_at=question)
        alive = worker_alive(store)
    console.say(f"K-{run_id} skickar det du har tittat på. Har något ändrats sedan dess frågar den igen.")
    if not alive:
        console.tell("Ingen worker är igång; körningen väntar tills någon startar: ragnhild worker", "yellow")


def deny(run: RunName, reason: Reason = "") -> None:
    """Stop the run in front of what it asks about. Raises ``WrongInput`` as ``approve``, and when it has left."""
    from robots.queue.approvals import answer

    run_id = run_number(run)
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        ended = answer(
            store, run_id, False, by=machine.person(), reason=reason, lease_seconds=settings.lease_seconds
        )  # fmt: skip
    if ended:
        console.say(f"K-{run_id} är avbruten. Det du tittade på skickas inte; gör klart ärendet som du har bestämt.")
    else:
        console.say(f"K-{run_id} stoppas: den pågår, men inget mer sparas. Följ den med: ragnhild show K-{run_id}")


def document(row: Row[Any], evidence: Path) -> dict[str, Any]:
    """One question with its answer, as JSON. ``evidence`` is the folder of all runs' evidence."""
    return {
        "run": f"K-{row.run_id}", "question": row.id, "effect": row.once, "system": row.system,
        "mark": row.mark, "shown": row.shown, "picture": str(_picture(row, evidence) or ""),
        "asked_at": row.asked_at, "expires_at": row.expires_at,
        "answer": row.answer, "answered_by": row.answered_by, "answered_at": row.answered_at, "reason": row.reason,
    }  # fmt: skip


def print_question(row: Row[Any], *, is_open: bool) -> None:
    """One question, with the filled form where it is still to be answered."""
    if row.answer:
        who = f"{row.answered_by} " if row.answered_by else ""
        told = f"{who}{console.clock(row.answered_at)}: {ANSWER_WORDS[row.answer]}"
        console.say(f"Fråga om «{row.once}», {told}{f' ({row.reason})' if row.reason else ''}")
        return
    if not is_open:
        return
    console.say(f"Väntar på dig: titta och svara senast {console.clock(row.expires_at)}.", "bold yellow")
    console.say(f"Ska skickas: {row.once} ({row.system}{f', {page}' if (page := row.shown['page']) else ''})")
    shown = [(field["name"], field["value"]) for field in row.shown["fields"]]
    shown += row.shown["facts"].items()
    console.table(["Fält", "Värde"], [*shown, *(("Bilaga", name) for name in row.shown["files"])])
    if row.picture:
        console.say(f"Bild av det ifyllda formuläret ({row.picture}): ragnhild report K-{row.run_id} --open")
    console.say(
        f"Svara: ragnhild approve K-{row.run_id} --question {row.id} eller ragnhild deny K-{row.run_id} --reason …"
    )


def _picture(row: Row[Any], evidence: Path) -> Path | None:
    return (evidence / str(row.run_id) / row.picture).absolute() if row.picture else None
