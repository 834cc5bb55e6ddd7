"""A full trace, asked for of one run by somebody who says why (robots/evidence/full_trace.py)."""

from __future__ import annotations

from sqlalchemy import Connection, update

from robots.audit.writing import note
from robots.errors import WrongInput
from robots.store.schema import runs

LONGEST_REASON = 500
WHY = "Varför spåret behövs"


def order_trace(connection: Connection, run_id: int, *, by: str, reason: str) -> None:
    """In the transaction that asks for the run, or while it waits in the queue.

    Raises ``WrongInput`` without a reason, and where the run has begun.
    """
    told = " ".join(reason.split())
    if not 0 < len(told) <= LONGEST_REASON:
        raise WrongInput(WHY, told, f"Skriv varför, med högst {LONGEST_REASON} tecken; det sparas i händelseloggen.")
    waits = (runs.c.id == run_id, runs.c.state == "queued", runs.c.attempts == 0)
    if not connection.execute(update(runs).where(*waits).values(trace_reason=told)).rowcount:
        raise WrongInput(WHY, f"K-{run_id}", "Körningen har redan börjat. Ett spår beställs med körningen.")
    note(connection, by, "trace_ordered", f"K-{run_id}", reason=told)
