"""A new event: the form whose lists depend on each other, and the page on which it is looked through and registered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import Response

from robots.practice.building_permits import rules
from robots.practice.building_permits.access import Posted
from robots.practice.building_permits.rules import Typed
from robots.practice.building_permits.state import DIRECTIONS, KINDS, PermitCase
from robots.practice.guarded import session_of

if TYPE_CHECKING:
    from robots.practice.building_permits.routes import BuildingPermits

GONE = "Utkastet finns inte längre. Börja om från ärendet."


@dataclass(frozen=True)
class Draft:
    """An event that has been found in order. ``version`` is the case's when the form was opened."""

    case: str
    typed: Typed
    by: str
    version: int


class NewEvent:
    """The two pages, and the drafts between them."""

    def __init__(self, system: BuildingPermits) -> None:
        self.system = system
        self.drafts: dict[str, Draft] = {}
        system.router.get("/Handelse.aspx")(self.open)
        system.router.post("/Handelse.aspx")(self.post_back)
        system.router.get("/Granska.aspx")(self.look_through)
        system.router.post("/Granska.aspx")(self.register)

    async def open(self, request: Request, arende: str = "") -> Response:
        case = self.system.records.cases.get(arende)
        if not session_of(request).may_journal:
            return self.system.refused(request)
        if case is None:
            return self.system.missing(request, "Ärendet finns inte.")
        if words := rules.standing_in_the_way(case, session_of(request).user.display):
            return self.system.show(request, "message.html", heading="Ny händelse", message=words)
        typed = Typed(on=self.system.world.today.isoformat())
        remembered = {"version": case.version}
        return self.system.opened(request, "event_form.html", remembered, **self._values(case, typed, []))

    async def post_back(self, request: Request, arende: str = "") -> Response:
        posted = await self.system.posted(request)
        case = self.system.records.cases[arende]
        typed = _typed(posted)
        if posted.clicked("btnAvbryt"):
            return self.system.go(f"/Arende.aspx?dnr={arende.replace(' ', '+')}")
        found: list[str] = []
        if posted.clicked("btnGranska"):
            found = rules.errors(typed, case, self.system.world.today)
            new = self.system.new_field_missing(typed.received)
            found += [new] if new else []
            if not found:
                return self.system.go(f"/Granska.aspx?utkast={self._draft(request, posted, arende, typed)}")
        elif posted.clicked("ddlTyp"):
            typed = replace(typed, kind="", outcome="", title="")
        elif posted.clicked("ddlSlag"):
            typed = replace(typed, title=typed.kind, outcome="")  # the heading follows what has been chosen
        values = self._values(case, typed, found)
        return self.system.sent_back(
            request, posted, "event_form.html", posted.state.values, part="_event_choices.html", **values
        )

    async def look_through(self, request: Request, utkast: str = "") -> Response:
        draft = self._find(request, utkast)
        if isinstance(draft, Response):
            return draft
        return self.system.opened(request, "review.html", {}, **self._reviewed(draft, []))

    async def register(self, request: Request, utkast: str = "") -> Response:
        """As in the real system nothing stops the same draft from being registered twice."""
        posted = await self.system.posted(request)
        draft = self._find(request, utkast)
        if isinstance(draft, Response):
            return draft
        case, user = self.system.records.cases[draft.case], session_of(request).user
        found = self._in_the_way_now(draft, case, user.display)
        if found:
            return self.system.sent_back(request, posted, "review.html", {}, **self._reviewed(draft, found))
        event = draft.typed.event(self.system.records.next_event_number(), user.display)
        case.events.append(event)
        case.version += 1
        case.changed_by = user.display
        self.system.commit(
            "event_registered", case.number, user.name, event=event.number, type=event.type, kind=event.kind,
            outcome=event.outcome, direction=event.direction, on=event.on.isoformat(), secret=event.secret,
            starts=event.starts.isoformat() if event.starts else None, reference=event.reference, note=event.note,
            received=draft.typed.received,
        )  # fmt: skip
        return self.system.go(f"/Handelsekort.aspx?nr={event.number}&ny=ja")

    def _in_the_way_now(self, draft: Draft, case: PermitCase, by: str) -> list[str]:
        words = rules.standing_in_the_way(case, by)
        if not words and case.version != draft.version and case.changed_by != by:
            words = f"Ärendet har ändrats av {case.changed_by} sedan du öppnade formuläret. Börja om från ärendet."
        return [words] if words else rules.errors(draft.typed, case, self.system.world.today)

    def _draft(self, request: Request, posted: Posted, number: str, typed: Typed) -> str:
        made = secrets.token_hex(6)
        by = session_of(request).user.name
        self.drafts[made] = Draft(number, typed, by, posted.state.values["version"])
        return made

    def _find(self, request: Request, draft_id: str) -> Draft | Response:
        if not session_of(request).may_journal:
            return self.system.refused(request)
        draft = self.drafts.get(draft_id)
        if draft is None or draft.by != session_of(request).user.name:
            return self.system.missing(request, GONE)
        return draft

    def _values(self, case: PermitCase, typed: Typed, found: list[str]) -> dict[str, Any]:
        return {"case": case, "typed": typed, "errors": found, "directions": DIRECTIONS, "types": tuple(KINDS)}

    def _reviewed(self, draft: Draft, found: list[str]) -> dict[str, Any]:
        return {"case": self.system.records.cases[draft.case], "typed": draft.typed, "errors": found}


FIELDS = {
    "direction": "rblRiktning", "type": "ddlTyp", "kind": "ddlSlag", "outcome": "ddlUtfall", "on": "txtDatum",
    "starts": "txtByggstart", "title": "txtRubrik", "note": "txtAnteckning", "reference": "txtReferens",
    "received": "ddlInkommet",
}  # fmt: skip


def _typed(posted: Posted) -> Typed:
    told = {name: posted[field] for name, field in FIELDS.items()}
    return Typed(secret=posted["chkSekretess"] == "on", **told)
