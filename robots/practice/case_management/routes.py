"""Ärendehantering Artina: its addresses, and what tests may do to it behind its back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from fastapi import HTTPException

from robots.practice.case_management.forms import ChangingPages
from robots.practice.case_management.state import CaseFile, Lock, Register
from robots.practice.system import NewField


class CaseManagement(ChangingPages):
    """The case system, after the class of products with a slim web client beside a Windows client."""

    key = "case_management"
    title = "Ärendehantering Artina"
    path = "/arenden"
    session_minutes = 30.0
    folder = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {"Text": "Anteckningstext", "Typ": "Slag av anteckning"}
    new_field = NewField(
        "bedomning", "Sekretessbedömning", "Välj sekretessbedömning.", ("Ingen sekretess", "Kan omfattas av sekretess")
    )

    def add_pages(self) -> None:
        read: dict[str, Callable[..., Any]] = {
            "/": self.start,
            "/inkorg/{inbox}/{view}": self.inbox,
            "/inkorg/{inbox}/{view}/rows": self.inbox_rows,
            "/sok": self.search_page,
            "/sok/rows": self.search_rows,
            "/snabbsok": self.quick_search,
            "/nytt": self.new_case,
            "/arende/{number}": self.card,
            "/arende/{number}/handelser": self.events,
            "/arende/{number}/handelser/rows": self.event_rows,
            "/arende/{number}/bilagor": self.attachments,
            "/arende/{number}/bilaga/{attachment}": self.download,
            "/arende/{number}/samband": self.related,
            "/arende/{number}/anteckning": self.note_form,
            "/arende/{number}/meddelande": self.message_form,
            "/arende/{number}/fordela": self.handover_form,
            "/arende/{number}/status": self.status_form,
        }
        change: dict[str, Callable[..., Any]] = {
            "/driftinformation": self.information_read,
            "/arende/{number}/ta": self.claim,
            "/arende/{number}/anteckning": self.save_note,
            "/arende/{number}/meddelande": self.send_message,
            "/arende/{number}/fordela": self.hand_over,
            "/arende/{number}/status": self.set_status,
        }
        for address, page in read.items():
            self.router.add_api_route(address, page, methods=["GET"], response_model=None)
        for address, act in change.items():
            self.router.add_api_route(address, act, methods=["POST"], response_model=None)

    def reset(self) -> None:
        self.register = Register(self.world.town)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {"lock": self._lock, "unlock": self._unlock, "locked": self._locked, "case": self._case}

    def _lock(self, case_number: str, by: str = "Anna Ek") -> dict[str, str]:
        lock = Lock(by, f"{self.register.now():%H:%M}")
        self._known(case_number).lock = lock
        return {"words": lock.words}

    def _unlock(self, case_number: str) -> None:
        self._known(case_number).lock = None

    def _locked(self) -> list[str]:
        return sorted(number for number, case in self.register.cases.items() if case.lock)

    def _case(self, case_number: str) -> dict[str, Any]:
        case = self._known(case_number)
        return {
            "status": case.status,
            "inbox": case.inbox,
            "handler": case.handler,
            "locked_by": case.lock.by if case.lock else "",
            "events": [
                {
                    "number": event.number,
                    "type": event.kind,
                    "text": event.text,
                    "by": event.by,
                    "facts": dict(event.facts),
                    "attachments": [a.name for a in event.attachments],
                    "sha256": [hashlib.sha256(a.content).hexdigest() for a in event.attachments],
                }
                for event in case.events
            ],
        }

    def _known(self, case_number: str) -> CaseFile:
        case = self.register.cases.get(case_number)
        if case is None:
            raise HTTPException(404, f"no case {case_number}")
        return case
