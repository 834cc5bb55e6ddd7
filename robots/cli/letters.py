"""``ragnhild letters``: the texts that robots send to citizens, in which languages, and who answers for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson

if TYPE_CHECKING:
    from robots.letters import LetterFile


def register(app: typer.Typer) -> None:
    words = "Visa breven till medborgarna: språk, vem som har godkänt dem och vad som är svårt att läsa."
    app.command("letters", help=words)(letters)


def letters(as_json: AsJson = False) -> None:
    """List the letters. A draft is never sent."""
    from robots.letters import Letters

    settings = machine.open_settings()
    documents = [_document(text) for text in Letters(settings.config_dir / "letters").all()]
    if as_json:
        console.print_json({"letters": documents})
        return
    console.table(["Brev", "Språk", "Ämne", "Godkänt av", "Klarspråk"], [_row(document) for document in documents])


def _document(text: LetterFile) -> dict[str, Any]:
    from robots.letters import SWEDISH
    from robots.plain_swedish import remarks

    return {
        "name": text.name,
        "language": text.language,
        "subject": text.subject,
        "approved": text.approved,
        "draft": not text.approved,
        "remarks": remarks(text.body) if text.language == SWEDISH else [],
    }


def _row(document: dict[str, Any]) -> tuple[str, ...]:
    approved = document["approved"] or "utkast, skickas inte"
    return (
        document["name"], document["language"], document["subject"], approved, "\n".join(document["remarks"]) or "–"
    )  # fmt: skip
