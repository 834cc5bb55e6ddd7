"""One self-contained HTML report for each run: what was asked, done, seen and answered, for years to come."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import select

from robots.errors import COVERED, EvidenceUnreadable
from robots.evidence.redaction import known_here, redact
from robots.evidence.sealed import RunEvidence
from robots.local_time import on_the_wall
from robots.store import Store
from robots.store.schema import attempts, effects, outcomes, run_events, runs

REPORT = "report.html"
OUTCOME_WORDS = {"done": "Klar", "handed_over": "Överlämnad till handläggare", "failed": "Misslyckades",
                 "cancelled": "Avbruten"}  # fmt: skip
EFFECT_WORDS = {"CONFIRMED": "Bekräftad", "REFUSED": "Nekad av systemet", "UNKNOWN": "Oklar", "ARMED": "Oklar",
                "DUPLICATE": "Finns två gånger", "INTENDED": "Inte gjord"}  # fmt: skip
EVENT_WORDS = {
    "download": "Hämtade ",
    "commit": "Skickade: ",
    "effect_confirmed": "Bekräftad: ",
    "handover": "Lämnas över: ",
    "retry": "Försöker igen: ",
    "step_done": "Klart: ",
    "step_stopped": "Stannade: ",
    "letter": "Skrev brevet ",
    "form": "Klart att skickas: ",
    "refused_address": "Nådde inte, adressen hör inte till systemet: ",
    "no_picture": "Ingen bild, systemet har sekretess. ",
    "not_pictured": "Ingen bild, någon har skyddade personuppgifter. ",
    "not_traced": "Inget spår, någon har skyddade personuppgifter. ",
    "trace_kept": "Sparade det fullständiga spåret. ",
    "trace_refused": "Inget spår sparat, det gick inte att göra rent: ",
    "trace_lost": "Inget spår sparat, det gick inte att läsa: ",
}
# What of an event's details a reader of the report wants to see, and what it is called there.
DETAIL_WORDS = {"seconds": "sekunder:", "bytes": "byte", "sha256": "sha256", "system": "i", "mark": "märkning",
                "receipt": "kvittens", "sent": "skickat till", "error": "fel", "todo": "att göra", "user": "som",
                "reason": "orsak", "language": "språk", "approved": "godkänt av", "toolkit": "Ragnhild"}  # fmt: skip


@dataclass(frozen=True)
class Caption:
    """What an input is called in the form; what is typed into a ``personal`` one stands in no report."""

    words: str
    personal: bool = False


# By the input's name, in the order of the form.
Captions = Mapping[str, Caption]

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals["wall"] = on_the_wall


def write_report(store: Store, evidence: RunEvidence, *, title: str, captions: Captions) -> None:
    """Write ``report.html`` among the run's evidence, sealed; a later one replaces it. As ``report_page``."""
    evidence.write(REPORT, report_page(store, evidence, title=title, captions=captions).encode())


def report_page(store: Store, evidence: RunEvidence, *, title: str, captions: Captions) -> str:
    """The report as the run stands now, with the pictures that are among its evidence. Opens without network.

    ``title`` is the task's, ``captions`` tell of its inputs in the order of the form. A picture that cannot be opened
    has the reason in its place. Raises ``ConfigurationError`` where the master key is missing.
    """
    run_id = evidence.run_id
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
    return _pages.get_template("report.html").render(
        run=run, title=title, outcome=outcome, attempts=tries, effects=made,
        events=[_shown(evidence, e) for e in events], inputs=_typed(run.inputs, captions),
        words=EVENT_WORDS, outcome_words=OUTCOME_WORDS, effect_words=EFFECT_WORDS,
    )  # fmt: skip


def _typed(values: dict[str, Any], captions: Captions) -> dict[str, str]:
    """What was typed, in the order of the form, with personal data covered."""
    words = {True: "ja", False: "nej"}
    known = known_here()
    shown = {}
    for name in [*(each for each in captions if each in values), *(each for each in values if each not in captions)]:
        value = values[name]
        if value in ("", None):
            continue
        caption = captions.get(name, Caption(name))
        said = words[value] if isinstance(value, bool) else str(value)
        shown[caption.words] = COVERED if caption.personal else redact(said, known)
    return shown


def _shown(evidence: RunEvidence, event: Any) -> dict[str, Any]:
    picture, missing = "", ""
    if event.kind == "picture":
        try:
            picture = "data:image/jpeg;base64," + base64.b64encode(evidence.read(event.detail["file"])).decode()
        except FileNotFoundError:
            missing = "Bilden finns inte på den här maskinen."
        except EvidenceUnreadable as error:
            missing = str(error)
    detail = [f"{DETAIL_WORDS.get(k, k)} {_told(v)}" for k, v in event.detail.items() if k in DETAIL_WORDS and v]
    return {"at": event.at, "kind": event.kind, "title": event.title, "detail": " · ".join(detail),
            "page": event.detail.get("page", ""), "picture": picture, "missing": missing}  # fmt: skip


def _told(value: Any) -> str:
    if isinstance(value, list):  # what left the browser with a commit
        return ", ".join(f"{sent['path']} svar {sent['status'] or 'uteblev: ' + sent['why']}" for sent in value)
    return f"{value:.1f}".replace(".", ",") if isinstance(value, float) else str(value)
