"""Import handlers: each makes of what it is sent just what the municipality has set it up for.

A handler looks at nothing but the properties that it knows. It does not know what it was sent before: the same note
twice is two notes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

from robots.practice.case_management.dealings import Dealings, NotDoneError, obstacle
from robots.practice.case_management.state import INBOXES, Attachment, CaseFile, Register
from robots.practice.easit_go.names import STATUSES, status_raw
from robots.practice.sessions import User

Returned = dict[str, str]
Properties = dict[str, str]


class Handlers:
    """The import handlers of the cases' module, by identifier."""

    def __init__(self, register: Register, dealings: Dealings) -> None:
        self._register = register
        self._dealings = dealings
        self._by_name: dict[str, tuple[str, Callable[..., Awaitable[Returned]]]] = {
            "robot_anteckning": ("note", self._note),
            "robot_meddelande": ("message", self._message),
            "robot_tilldela": ("claim", self._claim),
            "robot_status": ("status", self._status),
            "robot_fordela": ("handover", self._hand_over),
        }

    def knows(self, name: str) -> bool:
        return name in self._by_name

    async def take(self, name: str, sent: dict[str, Any], user: User, *, may_import: bool) -> dict[str, Any]:
        """One item's result. What cannot be done is told in it, and not in the answer's status."""
        uid = str(sent.get("uid", ""))
        try:
            if not may_import:
                raise NotDoneError("Användaren saknar behörighet att importera.")
            returned = await self._done(name, sent, user)
        except NotDoneError as error:
            return {"result": "ERROR", "returnValues": {"returnValue": []},
                    "skippedOrExceptionMessage": error.words, "uid": uid}  # fmt: skip
        values = [{"name": each, "content": content} for each, content in returned.items()]
        return {"result": "OK", "returnValues": {"returnValue": values}, "skippedOrExceptionMessage": None, "uid": uid}

    async def _done(self, name: str, sent: dict[str, Any], user: User) -> Returned:
        told = {p["name"]: str(p.get("rawValue") or p.get("content") or "") for p in sent.get("property", [])}
        case = self._register.cases.get(told.get("Ärendenummer", ""))
        if case is None:
            raise NotDoneError(f"Det finns inget ärende med nummer {told.get('Ärendenummer', '')}.")
        kind, handler = self._by_name[name]
        if why := obstacle(case, kind):
            raise NotDoneError(why)
        return await handler(case, user, told, sent.get("attachment") or [])

    async def _note(self, case: CaseFile, user: User, told: Properties, _files: list[Any]) -> Returned:
        text = _demanded(told, "Text")
        self._dealings.note(case, user, "Journalanteckning", text, told.get("Referens", ""))
        return {"step": "Anteckning skapad"}

    async def _message(self, case: CaseFile, user: User, told: Properties, files: list[Any]) -> Returned:
        kept = [self._kept(file) for file in files]
        receipt = await self._dealings.message(
            case, user, _demanded(told, "Ämne"), _demanded(told, "Text"), reference=told.get("Referens", ""), files=kept
        )
        return {"step": "Meddelande skickat", "Kvittens": receipt}

    async def _claim(self, case: CaseFile, user: User, told: Properties, _files: list[Any]) -> Returned:
        if told.get("Handläggare") != user.name:
            raise NotDoneError("Importhanteraren tilldelar bara ärenden till den som importerar.")
        self._dealings.claim(case, user, seen="")
        return {"step": "Ärende tilldelat"}

    async def _status(self, case: CaseFile, user: User, told: Properties, _files: list[Any]) -> Returned:
        wanted = [status for status in STATUSES if told.get("Status") == status_raw(status)]
        if not wanted:
            raise NotDoneError(f"Värdet {told.get('Status')} finns inte i datakällan Status.")
        self._dealings.set_status(case, user, wanted[0])
        return {"step": "Status ändrad"}

    async def _hand_over(self, case: CaseFile, user: User, told: Properties, _files: list[Any]) -> Returned:
        if told.get("Inkorg") not in INBOXES.values():
            raise NotDoneError(f"Inkorgen {told.get('Inkorg')} finns inte.")
        self._dealings.hand_over(
            case, user, told["Inkorg"], _demanded(told, "Text"), todo=told.get("Att göra", ""),
            reference=told.get("Referens", ""),
        )  # fmt: skip
        return {"step": "Ärende fördelat"}

    def _kept(self, file: dict[str, Any]) -> Attachment:
        try:
            content = base64.b64decode(str(file.get("value", "")), validate=True)
        except binascii.Error:
            raise NotDoneError(f"Bilagan {file.get('name')} är inte kodad i base64.") from None
        name = str(file.get("name", ""))
        kind = "application/pdf" if content.startswith(b"%PDF-") else "application/octet-stream"
        return self._register.keep_file(name, kind, content)


def _demanded(told: Properties, name: str) -> str:
    if not told.get(name, "").strip():
        raise NotDoneError(f"Egenskapen {name} saknas.")
    return told[name].strip()
