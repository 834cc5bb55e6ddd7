"""What is done to a case, in whichever product the municipality has its cases: the rules, the history and the truth.

The pages of Artina and the interface of Easit GO are two ways to the same dealings. What a product refuses on its own
account (a field left empty, a text too long) is its own affair and lies there.
"""

from __future__ import annotations

import asyncio
import smtplib
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from fastapi import HTTPException

from robots.practice import mailing
from robots.practice.case_management.state import (
    CITIZEN,
    CLOSED,
    INBOXES,
    NEW,
    ONGOING,
    SENT,
    STATUSES,
    Attachment,
    CaseFile,
    Lock,
    Register,
    described,
)
from robots.practice.sessions import User

PROTECTED = "Meddelande kan inte skickas: medborgaren har skyddade personuppgifter."
REFUSED_WHEN_CLOSED = {
    "claim": "Ärendet kan inte tas: ärendet är avslutat.",
    "message": "Meddelande kan inte skickas: ärendet är avslutat.",
    "handover": "Ärendet kan inte fördelas: ärendet är avslutat.",
}
NO_MAIL = "Meddelandet kunde inte skickas: e-postservern svarar inte."


class NotDoneError(Exception):
    """The case system says no; ``words`` are its own."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def obstacle(case: CaseFile, name: str) -> str:
    """Why the case cannot be changed in this way (claim, note, message, handover, status), or ""."""
    if case.lock:
        return case.lock.words
    if name == "message" and case.protected:
        return PROTECTED
    return REFUSED_WHEN_CLOSED.get(name, "") if case.closed else ""


class Commits(Protocol):
    """``PracticeSystem.commit``: the change stands, and is the town's truth."""

    def __call__(self, kind: str, about: str, by: str, /, **facts: Any) -> None: ...


class Dealings:
    """The changes of cases. Nobody has looked for an obstacle yet when one of them is asked for from outside."""

    def __init__(self, register: Callable[[], Register], commit: Commits, smtp_port: int) -> None:
        self._register = register
        self._commit = commit
        self._smtp_port = smtp_port

    def claim(self, case: CaseFile, user: User, seen: str) -> None:
        """``seen`` is who had the case when the user saw it; somebody else may have taken it since."""
        if case.handler not in ("", seen, user.display):
            raise NotDoneError(f"Ärendet kan inte tas: {case.handler} har redan tagit det.")
        case.handler = user.display
        self._register().record(case, "Ärendet togs", user.display, f"Handläggare: {user.display}.")
        self._commit("claimed", case.number, user.name)

    def note(self, case: CaseFile, user: User, kind: str, text: str, reference: str = "") -> None:
        self._register().record(case, kind, user.display, text, facts=(("Referens", reference),))
        told = {"reference": reference} if reference else {}
        self._commit("note_added", case.number, user.name, note_kind=kind, text=text, **told)

    async def message(
        self, case: CaseFile, user: User, subject: str, text: str, *, reference: str, files: Sequence[Attachment]
    ) -> str:
        """Sends it as an e-mail, and gives its receipt. Nothing is recorded where it could not be sent."""
        to = case.email
        try:
            await asyncio.to_thread(mailing.send, self._smtp_port, to, subject, text, files)
        except (OSError, smtplib.SMTPException):
            raise NotDoneError(NO_MAIL) from None
        receipt = self._register().receipt()
        facts = (("Till", to), ("Ämne", subject), ("Referens", reference), ("Kvittens", receipt))
        self._register().record(case, SENT, user.display, text, facts=facts, attachments=files)
        self._commit(
            "message_sent", case.number, user.name, subject=subject, to=to, reference=reference, receipt=receipt,
            attachments=[a.name for a in files], text=text,
        )  # fmt: skip
        return receipt

    def hand_over(self, case: CaseFile, user: User, inbox: str, reason: str, *, todo: str, reference: str) -> None:
        case.inbox, case.handler = inbox, ""
        facts = (("Att göra", todo), ("Referens", reference))
        self._register().record(case, f"Fördelat till {inbox}", user.display, reason, facts=facts)
        self._commit("handed_over", case.number, user.name, inbox=inbox, reason=reason, todo=todo,
                     reference=reference)  # fmt: skip

    def set_status(self, case: CaseFile, user: User, status: str) -> None:
        former, case.status = case.status, status
        self._register().record(case, "Status ändrad", user.display, f"Från {former} till {status}.")
        self._commit("status_set", case.number, user.name, status=status)


class BehindTheirBack:
    """What tests may do to a case system's cases as a colleague would, whichever product it is."""

    register: Register

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {"lock": self._lock, "unlock": self._unlock, "locked": self._locked, "case": self._case,
                "take": self._take, "put": self._put, "reopen": self._reopen, "numbers": self._numbers,
                "empty": self._empty, "attach": self._attach, "without_files": self._without_files}  # fmt: skip

    def _lock(self, case_number: str, by: str = "Anna Ek") -> dict[str, str]:
        lock = Lock(by, f"{self.register.now():%H:%M}")
        self._known(case_number).lock = lock
        return {"words": lock.words}

    def _unlock(self, case_number: str) -> None:
        self._known(case_number).lock = None

    def _locked(self) -> list[str]:
        return sorted(number for number, case in self.register.cases.items() if case.lock)

    def _case(self, case_number: str) -> dict[str, Any]:
        return described(self._known(case_number))

    def _take(self, case_number: str, by: str = "Anna Ek") -> None:
        """A colleague takes the case."""
        case = self._known(case_number)
        case.handler, case.status = by, ONGOING

    def _put(self, case_number: str, status: str = CLOSED) -> None:
        """A colleague sets the case's status."""
        if status not in STATUSES:
            raise HTTPException(422, f"no status {status!r}; there are {', '.join(STATUSES)}")
        self._known(case_number).status = status

    def _reopen(self, case_number: str) -> None:
        """The citizen writes again: the case lies in its inbox as a new one, and is nobody's."""
        case = self._known(case_number)
        case.handler, case.status = "", NEW

    def _attach(
        self, case_number: str, name: str, content: str, content_type: str = "image/jpeg", secret: bool = False
    ) -> None:
        """The citizen sends one more file, told in base64; ``content_type`` is what it is said to be."""
        file = self.register.keep_file(name, content_type, b64decode(content), secret=secret)
        self.register.record(self._known(case_number), "Bilaga inkom", CITIZEN, attachments=[file])

    def _without_files(self, case_number: str) -> None:
        """As if the citizen had never sent any."""
        case = self._known(case_number)
        case.events = [replace(event, attachments=()) for event in case.events]

    def _empty(self, inbox: str) -> None:
        """Everything in the inbox is dealt with."""
        for number in self._numbers(inbox):
            self.register.cases[number].status = CLOSED

    def _numbers(self, inbox: str = "", closed: bool = False, citizen: str = "") -> list[str]:
        """The numbers of the cases that stand so, in order."""
        if inbox and inbox not in INBOXES.values():
            raise HTTPException(422, f"no inbox {inbox!r}; there are {', '.join(INBOXES.values())}")
        return sorted(
            c.number
            for c in self.register.cases.values()
            if inbox in ("", c.inbox) and citizen in ("", c.case.citizen) and (closed or not c.closed)
        )

    def _known(self, case_number: str) -> CaseFile:
        case = self.register.cases.get(case_number)
        if case is None:
            raise HTTPException(404, f"no case {case_number}")
        return case
