"""One self-contained HTML report for each run: what was asked, done, seen and answered, for years to come."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import select

from robots.evidence.redaction import redact
from robots.store import Store
from robots.store.schema import attempts, effects, outcomes, run_events, runs

REPORT = "report.html"
OUTCOME_WORDS = {"done": "Klar", "handed_over": "Överlämnad till handläggare", "failed": "Misslyckades",
                 "cancelled": "Avbruten"}  # fmt: skip
EFFECT_WORDS = {"CONFIRMED": "Bekräftad", "REFUSED": "Nekad av systemet", "UNKNOWN": "Oklar", "ARMED": "Oklar",
                "DUPLICATE": "Finns två gånger", "INTENDED": "Inte gjord"}  # fmt: skip
_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_report(store: Store, folder: Path, run_id: int) -> Path:
    """Write ``report.html`` in the run's evidence folder; a later one replaces it. Opens without network."""
    with store.begin() as connection:
        run = connection.execute(select(runs).where(runs.c.id == run_id)).one()
        outcome = connection.execute(select(outcomes).where(outcomes.c.run_id == run_id)).first()
        tries = connection.execute(
            select(attempts).where(attempts.c.run_id == run_id).order_by(attempts.c.number)
        ).all()
        made = connection.execute(
            select(effects).where(effects.c.run_id == run_id).order_by(effects.c.created_at)
        ).all()
        events = connection.execute(
            select(run_events).where(run_events.c.run_id == run_id).order_by(run_events.c.id)
        ).all()
    page = _pages.get_template("report.html").render(
        run=run, outcome=outcome, attempts=tries, effects=made, events=[_shown(folder, e) for e in events],
        inputs={name: redact(str(value)) for name, value in run.inputs.items() if value not in ("", None)},
        outcome_words=OUTCOME_WORDS, effect_words=EFFECT_WORDS,
    )  # fmt: skip
    path = folder / REPORT
    part = path.with_suffix(".part")
    part.write_text(page, "utf-8")
    part.replace(path)
    return path


def _shown(folder: Path, event: Any) -> dict[str, Any]:
    picture = ""
    if event.kind == "picture" and (file := folder / event.detail["file"]).is_file():
        picture = "data:image/jpeg;base64," + base64.b64encode(file.read_bytes()).decode()
    return {"at": event.at, "attempt": event.attempt, "kind": event.kind, "title": event.title,
            "detail": event.detail, "picture": picture}  # fmt: skip
