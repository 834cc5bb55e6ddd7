"""What Bygglov Castell demands of an event before it is registered, in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from robots.practice.building_permits.state import (
    DECISION,
    DIRECTIONS,
    INCOMING,
    KINDS,
    NOTICE,
    OUTCOMES,
    START_NOTICE,
    Event,
    PermitCase,
)

LONGEST_REFERENCE, LONGEST_TITLE = 40, 80
CLOSED = "Ärendet är avslutat. Händelser kan inte registreras."
NO_OUTCOME = "Inget utfall"


@dataclass(frozen=True)
class Typed:
    """The form's fields as they were typed."""

    direction: str = ""
    type: str = ""
    kind: str = ""
    outcome: str = ""
    on: str = ""
    starts: str = ""
    title: str = ""
    secret: bool = False
    note: str = ""
    reference: str = ""
    received: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        return KINDS.get(self.type, ())

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Nothing can be chosen until the kind is."""
        return OUTCOMES.get(self.type, (NO_OUTCOME,)) if self.kind else ()

    @property
    def asks_for_start(self) -> bool:
        return self.kind == START_NOTICE

    def event(self, number: str, by: str) -> Event:
        """Raises ``ValueError`` for days that are none: ask ``errors`` first."""
        starts = date.fromisoformat(self.starts) if self.asks_for_start else None
        outcome = "" if self.outcome == NO_OUTCOME else self.outcome
        return Event(
            number, date.fromisoformat(self.on), self.direction, self.type, self.kind, outcome, self.title, by,
            self.reference, self.note, self.secret, starts,
        )  # fmt: skip


def standing_in_the_way(case: PermitCase, by: str) -> str:
    """Why nothing can be registered in the case now, whatever is typed; "" when something can. ``by`` is who asks."""
    if case.closed:
        return CLOSED
    if case.lock and case.lock != by:
        return f"Ärendet är låst av {case.lock}. Försök igen senare."
    return ""


def errors(typed: Typed, case: PermitCase, today: date) -> list[str]:
    """What is wrong with what was typed, in the order of the form."""
    found = []
    if typed.direction not in DIRECTIONS:
        found.append("Välj riktning.")
    if typed.type not in KINDS:
        found.append("Välj händelsetyp.")
    elif typed.kind not in typed.kinds:
        found.append("Välj händelseslag.")
    elif typed.outcome not in typed.outcomes:
        found.append("Välj utfall.")
    if typed.type == DECISION:
        found.append("Du saknar delegation att registrera beslut.")
    if typed.type == NOTICE and typed.direction in DIRECTIONS and typed.direction != INCOMING:
        found.append("En anmälan ska ha riktningen Inkommande.")
    on = parse_date(typed.on)
    if on is None:
        found.append("Händelsedatum ska skrivas ÅÅÅÅ-MM-DD.")
    elif on > today:
        found.append("Händelsedatum får inte ligga framåt i tiden.")
    if typed.asks_for_start:
        found += _start_errors(typed, case)
    if not typed.title:
        found.append("Skriv en rubrik.")
    elif len(typed.title) > LONGEST_TITLE:
        found.append(f"Rubriken får vara högst {LONGEST_TITLE} tecken.")
    if len(typed.reference) > LONGEST_REFERENCE:
        found.append(f"Vår referens får vara högst {LONGEST_REFERENCE} tecken.")
    return found


def _start_errors(typed: Typed, case: PermitCase) -> list[str]:
    earliest, starts = case.earliest_start, parse_date(typed.starts)
    if earliest is None:
        return ["Startbesked saknas. Byggstart kan inte anmälas."]
    if starts is None:
        return ["Datum för byggstart ska skrivas ÅÅÅÅ-MM-DD."]
    if starts >= earliest:
        return []
    if case.started and earliest > case.started:
        return [f"Byggstart får ske tidigast {earliest}, fyra veckor efter kungörelsen."]
    return [f"Byggstart får ske tidigast {earliest}, den dag startbeskedet gavs."]


def parse_date(text: str) -> date | None:
    """``ÅÅÅÅ-MM-DD`` only; None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
