"""Ärendehantering Artina: its addresses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from robots.practice.case_management.dealings import BehindTheirBack
from robots.practice.case_management.forms import ChangingPages
from robots.practice.case_management.state import Register
from robots.practice.system import NewField


class CaseManagement(BehindTheirBack, ChangingPages):
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
        self.register = Register(self.world.town, "Artina")
